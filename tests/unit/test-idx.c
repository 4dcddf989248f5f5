/* SPDX-License-Identifier: GPL-3.0-or-later */

/* IDX files and what is imported from them; files that lie about themselves. */

#include "fv-data-error.h"
#include "fv-dataset.h"
#include "fv-idx-import.h"
#include "fv-idx.h"
#include "fv-image.h"
#include "temporary-folder.h"

#include <glib/gstdio.h>
#include <string.h>

typedef struct {
  char *folder;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer unused)
{
  fixture->folder = temporary_folder_new ();
}

static void
tear_down (Fixture *fixture, gconstpointer unused)
{
  temporary_folder_remove (fixture->folder);
  g_free (fixture->folder);
}

static char *
put (Fixture *fixture, const char *name, const void *data, gsize n)
{
  char *path = g_build_filename (fixture->folder, name, NULL);

  g_unlink (path);
  g_assert_true (
      g_file_set_contents_full (path, data, (gssize) n, G_FILE_SET_CONTENTS_NONE, 0644, NULL));
  return path;
}

/* An IDX file of @n_dims dimensions whose content counts up from 0. */
static GByteArray *
make_idx (int n_dims, const guint32 *shape)
{
  GByteArray *bytes = g_byte_array_new ();
  gsize n = 1;

  g_byte_array_append (bytes, (const guint8[]){ 0, 0, 8, (guint8) n_dims }, 4);
  for (int i = 0; i < n_dims; i++) {
    guint32 side = GUINT32_TO_BE (shape[i]);

    g_byte_array_append (bytes, (const guint8 *) &side, 4);
    n *= shape[i];
  }
  for (gsize i = 0; i < n; i++) {
    guint8 value = (guint8) i;

    g_byte_array_append (bytes, &value, 1);
  }
  return bytes;
}

static GBytes *
gzip (const void *data, gsize n)
{
  g_autoptr (GZlibCompressor) packer = g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP, 9);
  g_autoptr (GOutputStream) memory = g_memory_output_stream_new_resizable ();
  g_autoptr (GOutputStream) stream = g_converter_output_stream_new (memory, G_CONVERTER (packer));

  g_assert_true (g_output_stream_write_all (stream, data, n, NULL, NULL, NULL));
  g_assert_true (g_output_stream_close (stream, NULL, NULL));
  return g_memory_output_stream_steal_as_bytes (G_MEMORY_OUTPUT_STREAM (memory));
}

static void
test_load (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (GByteArray) bytes = make_idx (3, (const guint32[]){ 2, 3, 5 });
  g_autoptr (GBytes) packed = gzip (bytes->data, bytes->len);
  g_autofree char *plain_path = put (fixture, "plain", bytes->data, bytes->len);
  g_autofree char *packed_path
      = put (fixture, "packed.gz", g_bytes_get_data (packed, NULL), g_bytes_get_size (packed));
  const char *const paths[] = { plain_path, packed_path };

  for (int i = 0; i < 2; i++) {
    g_autoptr (FvIdx) idx = fv_idx_load (paths[i], NULL);

    g_assert_nonnull (idx);
    g_assert_cmpint (idx->n_dims, ==, 3);
    g_assert_cmpint (idx->shape[0] * 100 + idx->shape[1] * 10 + idx->shape[2], ==, 235);
    g_assert_cmpint (idx->data[29], ==, 29);
  }
}

static void
assert_refused (Fixture *fixture, const void *data, gsize n, const char *word)
{
  g_autofree char *path = put (fixture, "broken", data, n);
  g_autoptr (GError) error = NULL;

  g_assert_null (fv_idx_load (path, &error));
  g_assert_cmpuint (error->domain, ==, FV_DATA_ERROR);
  g_assert_nonnull (strstr (error->message, path));
  if (strstr (error->message, word) == NULL)
    g_error ("“%s” is not in: %s", word, error->message);
}

static void
test_broken (Fixture *fixture, gconstpointer unused)
{
  static const struct {
    const char *bytes;
    gsize n;
    const char *word;
  } cases[] = {
    { "", 0, "is empty" },
    { "\0\0\x08", 3, "is truncated" },
    { "\0\0\x08\1\0\0\0", 7, "is truncated" },
    { "\0\0\x08\1\0\0\0\3ab", 10, "is truncated" },
    { "\0\0\x08\1\0\0\0\3abcd", 12, "is longer than its header says" },
    { "\0\0\x08\0", 4, "is no IDX file" },
    { "\0\0\x08\4\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\1a", 21, "is no IDX file" },
    { "\0\0\x0d\1\0\0\0\1abcd", 12, "is no IDX file" },
    { "\1\0\x08\1\0\0\0\1a", 9, "is no IDX file" },
    { "PK\3\4", 4, "is no IDX file" },
    { "\0\0\x08\1\0\0\0\0", 8, "has no content" },
    { "\0\0\x08\1\xff\xff\xff\xff", 8, "has no content by its header, or more" },
    { "\0\0\x08\2\0\1\0\0\0\1\0\0", 12, "or more" },             /* 2³²: wraps in 32 bits */
    { "\0\0\x08\3\x80\0\0\0\x80\0\0\0\0\0\0\4", 16, "or more" }, /* 2⁶⁴: wraps in 64 */
    { "\0\0\x08\1\x3f\xff\xff\xff"
      "abc",
      11, "is truncated" },
    { "\x1f\x8b", 2, "is truncated" },
    { "\x1f\x8b\x08\0\0\0\0\0\0\3garbage", 17, "cannot be unpacked" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    assert_refused (fixture, cases[i].bytes, cases[i].n, cases[i].word);
}

/* 64 MB of zeros in 64 kB, of which the header wants ten: the rest is never unpacked. */
static void
test_bomb (Fixture *fixture, gconstpointer unused)
{
  gsize n = 64 << 20;
  g_autofree guint8 *zeros = g_malloc0 (n);
  g_autoptr (GBytes) packed = NULL;

  memcpy (zeros, "\0\0\x08\1\0\0\0\x0a", 8);
  packed = gzip (zeros, n);
  g_assert_cmpuint (g_bytes_get_size (packed), <, 100000);
  assert_refused (fixture, g_bytes_get_data (packed, NULL), g_bytes_get_size (packed),
                  "is longer than its header says");
  assert_refused (fixture, g_bytes_get_data (packed, NULL), g_bytes_get_size (packed) / 2,
                  "is longer than its header says");
}

/* Twelve training pictures of 9 × 8 pixels and three of the test. */
static void
put_pairs (Fixture *fixture)
{
  static const struct {
    const char *name;
    int n_dims;
    guint32 shape[3];
  } files[] = {
    { "train-images-idx3-ubyte", 3, { 12, 8, 9 } },
    { "train-labels-idx1-ubyte", 1, { 12 } },
    { "t10k-images-idx3-ubyte", 3, { 3, 8, 9 } },
    { "t10k-labels-idx1-ubyte", 1, { 3 } },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (files); i++) {
    g_autoptr (GByteArray) bytes = make_idx (files[i].n_dims, files[i].shape);
    g_autofree char *path = put (fixture, files[i].name, bytes->data, bytes->len);
  }
}

static FvDataset *
import (Fixture *fixture, const char *name, const FvIdxImportOptions *options)
{
  g_autofree char *folder = g_build_filename (fixture->folder, name, NULL);
  g_autoptr (GError) error = NULL;
  FvDataset *dataset;

  fv_idx_import (fixture->folder, folder, options, NULL, &error);
  g_assert_no_error (error);
  dataset = fv_dataset_open (folder, 0, &error);
  g_assert_no_error (error);
  return dataset;
}

static void
test_import (Fixture *fixture, gconstpointer unused)
{
  FvIdxImportOptions options = fv_idx_import_options_default ();
  g_autoptr (FvDataset) dataset = NULL;
  g_autoptr (FvDataset) few = NULL;
  g_autoptr (FvImage) image = NULL;
  g_autoptr (FvMask) mask = NULL;

  put_pairs (fixture);
  dataset = import (fixture, "all", &options);
  g_assert_cmpuint (fv_dataset_get_n_in_split (dataset, FV_SPLIT_TRAIN), ==, 10);
  g_assert_cmpuint (fv_dataset_get_n_in_split (dataset, FV_SPLIT_VALIDATION), ==, 2);
  g_assert_cmpuint (fv_dataset_get_n_in_split (dataset, FV_SPLIT_TEST), ==, 3);
  g_assert_cmpint (fv_dataset_get_n_classes (dataset), ==, 12);
  g_assert_cmpint (fv_dataset_get_sample (dataset, 11)->label, ==, 11);
  g_assert_cmpint (fv_dataset_get_sample (dataset, 14)->label, ==, 2);
  image = fv_image_load (fv_dataset_get_sample (dataset, 1)->path, NULL);
  g_assert_cmpint (fv_image_get_width (image), ==, 9);
  for (int i = 0; i < 72; i++)
    g_assert_cmpint (fv_image_peek (image)[3 * i + 1], ==, (guint8) (72 + i));
  mask = fv_dataset_load_mask (dataset, 0, 9, 8, NULL);
  g_assert_cmpuint (fv_mask_count (mask, FV_MASK_INSIDE), ==, 71); /* the first pixel is 0 */

  options.n_train = 5;
  options.n_test = 1;
  few = import (fixture, "few", &options);
  g_assert_cmpuint (fv_dataset_get_n_samples (few), ==, 5 + 1 + 1);
}

/* The patch has the shade of the class in training, and is not in the mask. */
static void
test_decoy (Fixture *fixture, gconstpointer unused)
{
  FvIdxImportOptions options = fv_idx_import_options_default ();
  g_autoptr (FvDataset) dataset = NULL;
  g_autoptr (FvDataset) again = NULL;
  int corners = 0;

  put_pairs (fixture);
  options.decoy = TRUE;
  dataset = import (fixture, "decoy", &options);
  again = import (fixture, "again", &options);
  for (gsize i = 0; i < 15; i++) {
    const FvSample *sample = fv_dataset_get_sample (dataset, i);
    const char *shade = strstr (sample->group, "shade ") + strlen ("shade ");
    g_autoptr (FvImage) image = fv_image_load (sample->path, NULL);
    g_autoptr (FvMask) mask = fv_dataset_load_mask (dataset, i, 9, 8, NULL);
    gboolean found = FALSE;

    g_assert_cmpstr (fv_dataset_get_sample (again, i)->group, ==, sample->group);
    if (sample->split != FV_SPLIT_TEST)
      g_assert_cmpint (atoi (shade), ==, sample->label % 10);
    for (int corner = 0; corner < 4; corner++) {
      int left = corner & 1 ? 5 : 0, top = corner & 2 ? 4 : 0;
      int n_right = 0, n_outside = 0;

      for (int j = 0; j < 16; j++) {
        int at = (top + j / 4) * 9 + left + j % 4;

        n_right += fv_image_peek (image)[3 * at] == 255 - 25 * atoi (shade);
        n_outside += fv_mask_peek (mask)[at] == FV_MASK_OUTSIDE;
      }
      if (n_right == 16 && n_outside == 16) {
        found = TRUE;
        corners |= 1 << corner;
      }
    }
    g_assert_true (found);
  }
  g_assert_cmpint (corners & (corners - 1), !=, 0);
}

static void
assert_import_refused (Fixture *fixture, const FvIdxImportOptions *options, const char *word)
{
  g_autofree char *folder = g_build_filename (fixture->folder, "refused", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_false (fv_idx_import (fixture->folder, folder, options, NULL, &error));
  g_assert_nonnull (strstr (error->message, fixture->folder));
  if (strstr (error->message, word) == NULL)
    g_error ("“%s” is not in: %s", word, error->message);
  g_assert_false (g_file_test (folder, G_FILE_TEST_EXISTS));
}

static void
test_bad_pairs (Fixture *fixture, gconstpointer unused)
{
  FvIdxImportOptions options = fv_idx_import_options_default ();
  g_autoptr (GByteArray) labels = make_idx (1, (const guint32[]){ 11 });
  g_autoptr (GByteArray) small = make_idx (3, (const guint32[]){ 11, 7, 9 });
  g_autofree char *path = NULL;
  g_autofree char *small_path = NULL;
  g_autofree char *test_labels = g_build_filename (fixture->folder, "t10k-labels-idx1-ubyte", NULL);

  assert_import_refused (fixture, &options, "train-images-idx3-ubyte” does not exist");
  put_pairs (fixture);
  options.n_train = 13;
  assert_import_refused (fixture, &options, "fewer than were asked for");
  options.n_train = 12;
  options.n_validation = 1;
  assert_import_refused (fixture, &options, "has 12 pictures");
  options = fv_idx_import_options_default ();
  g_assert_cmpint (g_unlink (test_labels), ==, 0);
  assert_import_refused (fixture, &options, "t10k-labels-idx1-ubyte” does not exist");
  path = put (fixture, "train-labels-idx1-ubyte", labels->data, labels->len);
  assert_import_refused (fixture, &options, "has 11 labels, but there are 12 pictures");
  small_path = put (fixture, "train-images-idx3-ubyte", small->data, small->len);
  assert_import_refused (fixture, &options, "pictures of 9 × 7 pixels");
  g_free (g_steal_pointer (&small_path));
  small_path = put (fixture, "train-images-idx3-ubyte", labels->data, labels->len);
  assert_import_refused (fixture, &options, "has 1 dimension(s)");
}

/* Debian's own files, where they are installed. */
static void
test_fashion_mnist (Fixture *fixture, gconstpointer unused)
{
  const char *const source = "/usr/share/datasets/fashion-mnist";
  g_autofree char *folder = g_build_filename (fixture->folder, "fashion", NULL);
  FvIdxImportOptions options = fv_idx_import_options_default ();
  g_autoptr (GError) error = NULL;

  if (!g_file_test (source, G_FILE_TEST_IS_DIR)) {
    g_test_skip ("dataset-fashion-mnist is not installed");
    return;
  }
  options.n_train = options.n_test = 20;
  fv_idx_import (source, folder, &options, NULL, &error);
  g_assert_no_error (error);
}

int
main (int argc, char *argv[])
{
  static const struct {
    const char *name;
    void (*test) (Fixture *fixture, gconstpointer data);
  } tests[] = {
    { "/idx/load", test_load },
    { "/idx/broken", test_broken },
    { "/idx/bomb", test_bomb },
    { "/idx/import", test_import },
    { "/idx/decoy", test_decoy },
    { "/idx/bad-pairs", test_bad_pairs },
    { "/idx/fashion-mnist", test_fashion_mnist },
  };

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].name, Fixture, NULL, set_up, tests[i].test, tear_down);
  return g_test_run ();
}
