/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Parsers take paths; a file in memory keeps thousands of inputs off the disk. */

#include "fuzz-target.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

void
fuzz_add_text (GPtrArray *seeds, const char *text)
{
  fuzz_add_bytes (seeds, text, strlen (text));
}

void
fuzz_add_bytes (GPtrArray *seeds, gconstpointer bytes, gsize n)
{
  g_ptr_array_add (seeds, g_bytes_new (bytes, n));
}

const char *
fuzz_file (const uint8_t *data, size_t size)
{
  static char path[64];
  static int fd = -1;

  if (fd >= 0)
    close (fd);
  fd = memfd_create ("fuzz", 0);
  g_assert_cmpint (fd, >=, 0);
  for (size_t at = 0; at < size;) {
    ssize_t n = write (fd, data + at, size - at);

    g_assert_cmpint (n, >, 0);
    at += (size_t) n;
  }
  g_snprintf (path, sizeof path, "/proc/self/fd/%d", fd);
  return path;
}

void
fuzz_check (gboolean succeeded, GError *error)
{
  g_assert_true (succeeded == (error == NULL));
  if (error == NULL)
    return;
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
  g_assert_null (strchr (error->message, '\n'));
  g_error_free (error);
}
