/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A folder with one weights file in it, and the two questions that the tests of every reader ask:
 * is this refused by one sentence that names the file, and does any damage at all crash it? */

#pragma once

#include "fv-weights.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define WEIGHTS_FILE_NAME "some-weights.bin"
#define N_FLIPS 20000

typedef FvStateDict *(*WeightsLoader) (const char *path, GError **error);

typedef struct {
  char *folder;
  char *path;
} WeightsFixture;

static inline void
weights_fixture_set_up (WeightsFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  self->folder = g_dir_make_tmp ("fovea-weights-XXXXXX", &error);
  g_assert_no_error (error);
  self->path = g_build_filename (self->folder, WEIGHTS_FILE_NAME, NULL);
}

/* Also proves that nothing, such as a temporary file, is left beside the weights. */
static inline void
weights_fixture_tear_down (WeightsFixture *self, gconstpointer data)
{
  g_remove (self->path);
  g_assert_cmpint (g_rmdir (self->folder), ==, 0);
  g_free (self->path);
  g_free (self->folder);
}

/* Truncates last: a file that is emptied and filled again is flushed to the disk by ext4, which
 * takes a thousand times longer. */
static inline void
weights_fixture_write (const WeightsFixture *self, gconstpointer bytes, gsize n_bytes)
{
  int fd = g_open (self->path, O_WRONLY | O_CREAT, 0600);

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (write (fd, bytes, n_bytes), ==, (gssize) n_bytes);
  g_assert_cmpint (ftruncate (fd, (off_t) n_bytes), ==, 0);
  g_assert_cmpint (close (fd), ==, 0);
}

static inline void
weights_assert_sentence (const GError *error)
{
  g_assert_nonnull (strstr (error->message, WEIGHTS_FILE_NAME));
  g_assert_null (strchr (error->message, '\n'));
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
}

/* The file must be refused as not being what it claims, with @phrase in the sentence. */
static inline void
weights_fixture_assert_refused (const WeightsFixture *self, WeightsLoader load, const char *phrase)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FvStateDict) dict = load (self->path, &error);

  g_assert_null (dict);
  g_assert_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_FILE);
  weights_assert_sentence (error);
  if (strstr (error->message, phrase) == NULL)
    g_error ("“%s” is not in: %s", phrase, error->message);
}

/* Loads what may be valid or not; either a dictionary or a good sentence must come of it. */
static inline void
weights_fixture_try (const WeightsFixture *self, WeightsLoader load)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FvStateDict) dict = load (self->path, &error);

  g_assert_true ((dict != NULL) != (error != NULL));
  if (error != NULL)
    weights_assert_sentence (error);
}

/* Every truncation of the valid file @bytes, then flips of one to three bytes of it. */
static inline void
weights_fixture_damage (const WeightsFixture *self, WeightsLoader load, GBytes *bytes)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);
  gsize n_bytes;
  const guint8 *original = g_bytes_get_data (bytes, &n_bytes);
  g_autofree guint8 *damaged = g_memdup2 (original, n_bytes);

  for (gsize n = 0; n < n_bytes; n++) {
    weights_fixture_write (self, original, n);
    weights_fixture_try (self, load);
  }
  for (int i = 0; i < N_FLIPS; i++) {
    for (int j = g_rand_int_range (rand, 1, 4); j > 0; j--)
      damaged[g_rand_int_range (rand, 0, (gint32) n_bytes)] = (guint8) g_rand_int (rand);
    weights_fixture_write (self, damaged, n_bytes);
    weights_fixture_try (self, load);
    memcpy (damaged, original, n_bytes);
  }
}

static inline GBytes *
weights_fixture_read (const WeightsFixture *self)
{
  g_autoptr (GError) error = NULL;
  char *contents;
  gsize n_bytes;

  g_file_get_contents (self->path, &contents, &n_bytes, &error);
  g_assert_no_error (error);
  return g_bytes_new_take (contents, n_bytes);
}

/* Replaces every occurrence of @from in the file by @to; both have @n_bytes. */
static inline void
weights_fixture_patch (const WeightsFixture *self, gconstpointer from, gconstpointer to,
                       gsize n_bytes)
{
  GBytes *bytes = weights_fixture_read (self);
  gsize n_file;
  g_autofree guint8 *file = g_bytes_unref_to_data (bytes, &n_file);
  guint8 *at = memmem (file, n_file, from, n_bytes);

  g_assert_nonnull (at);
  for (; at != NULL; at = memmem (at + 1, n_file - (gsize) (at + 1 - file), from, n_bytes))
    memcpy (at, to, n_bytes);
  weights_fixture_write (self, file, n_file);
}

/* The most memory, in bytes, that this process has ever had mapped. */
static inline guint64
get_peak_memory (void)
{
  g_autofree char *status = NULL;
  const char *line;

  g_assert_true (g_file_get_contents ("/proc/self/status", &status, NULL, NULL));
  line = strstr (status, "VmPeak:");
  g_assert_nonnull (line);
  return g_ascii_strtoull (line + strlen ("VmPeak:"), NULL, 10) * 1024;
}

/* The file claims a gigabyte: it must be refused before anything of that size is allocated. */
static inline void
weights_fixture_assert_refused_flat (const WeightsFixture *self, WeightsLoader load,
                                     const char *phrase)
{
  const guint64 slack = 64 * 1024 * 1024;
  guint64 before = get_peak_memory ();

  weights_fixture_assert_refused (self, load, phrase);
  g_assert_cmpuint (get_peak_memory (), <, before + slack);
}

static inline void
weights_assert_bytes (const FvTensor *tensor, FvDtype dtype, gconstpointer expected, gsize n_bytes)
{
  g_autofree guint8 *actual = g_malloc (n_bytes + 1);
  g_autoptr (GError) error = NULL;

  g_assert_nonnull (tensor);
  g_assert_cmpint (fv_tensor_get_dtype (tensor), ==, dtype);
  fv_tensor_read (tensor, dtype, actual, n_bytes, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (actual, n_bytes, expected, n_bytes);
}
