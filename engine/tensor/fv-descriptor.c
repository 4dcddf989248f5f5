/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A write may take a part, or be interrupted. */

#include "fv-descriptor.h"

#include <errno.h>
#include <unistd.h>

gboolean
fv_descriptor_write (int fd, const void *data, gsize n)
{
  const char *bytes = data;

  while (n > 0) {
    gssize written = write (fd, bytes, n);

    if (written < 0 && errno == EINTR)
      continue;
    if (written <= 0)
      return FALSE;
    bytes += written;
    n -= (gsize) written;
  }
  return TRUE;
}
