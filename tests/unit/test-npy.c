/* SPDX-License-Identifier: GPL-3.0-or-later */

/* .npy files: bytes as NumPy writes them, and a reader that believes nothing. */

#include "fv-data-error.h"
#include "fv-npy.h"

#include <glib/gstdio.h>
#include <string.h>

typedef struct {
  char *folder;
  char *path;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = g_dir_make_tmp ("fovea-npy-XXXXXX", NULL);
  fixture->path = g_build_filename (fixture->folder, "a.npy", NULL);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_unlink (fixture->path);
  g_assert_cmpint (g_rmdir (fixture->folder), ==, 0);
  g_free (fixture->path);
  g_free (fixture->folder);
}

/* A version 1.0 file with @header and @n_data bytes of zeros. */
static GByteArray *
make_file (const char *header, gsize n_data)
{
  GByteArray *bytes = g_byte_array_new ();
  guint16 length = (guint16) strlen (header);
  guint8 prefix[] = { 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, length & 0xff, length >> 8 };

  g_byte_array_append (bytes, prefix, sizeof prefix);
  g_byte_array_append (bytes, (const guint8 *) header, length);
  g_byte_array_set_size (bytes, bytes->len + (guint) n_data);
  memset (bytes->data + bytes->len - n_data, 0, n_data);
  return bytes;
}

/* Loads what is in the file. Returns: whether it was accepted; a refusal names the file. */
static gboolean
loads (Fixture *fixture, const void *bytes, gsize n)
{
  g_autoptr (GError) error = NULL;
  gint64 shape[FV_NPY_MAX_DIMS];
  int n_dims;
  gsize n_elements;
  g_autofree float *data = NULL;

  g_unlink (fixture->path); /* a fresh file: nothing waits for the disk */
  g_assert_true (g_file_set_contents_full (fixture->path, bytes, (gssize) n,
                                           G_FILE_SET_CONTENTS_NONE, 0644, NULL));
  data = fv_npy_load (fixture->path, shape, &n_dims, &n_elements, &error);
  g_assert_true ((data == NULL) == (error != NULL));
  if (error != NULL)
    g_assert_nonnull (strstr (error->message, "a.npy"));
  return data != NULL;
}

static void
test_bytes (Fixture *fixture, gconstpointer unused)
{
  const float data[] = { 1.0f, -2.0f };
  const gint64 shape[] = { 2 };
  const char header[] = "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }";
  g_autofree char *bytes = NULL;
  gsize n;

  g_assert_true (fv_npy_save (fixture->path, data, shape, 1, NULL));
  g_assert_true (g_file_get_contents (fixture->path, &bytes, &n, NULL));
  g_assert_cmpuint (n, ==, 128 + 8);
  g_assert_cmpmem (bytes, 10, "\x93NUMPY\x01\0\x76\0", 10);
  g_assert_cmpmem (bytes + 10, strlen (header), header, strlen (header));
  g_assert_cmpint (bytes[127], ==, '\n');
  g_assert_cmpmem (bytes + 128, 8, data, 8);
}

static void
test_round_trip (Fixture *fixture, gconstpointer unused)
{
  const gint64 shapes[][4] = { { 24, 0, 0, 0 }, { 4, 6, 0, 0 }, { 2, 3, 4, 0 }, { 1, 2, 3, 4 } };
  float data[24];

  for (int i = 0; i < 24; i++)
    data[i] = (float) i / 7.0f;
  for (int n_dims = 0; n_dims <= 4; n_dims++) {
    gint64 shape[FV_NPY_MAX_DIMS];
    int n_read;
    gsize n;
    g_autofree float *read = NULL;

    g_assert_true (
        fv_npy_save (fixture->path, data, n_dims > 0 ? shapes[n_dims - 1] : NULL, n_dims, NULL));
    read = fv_npy_load (fixture->path, shape, &n_read, &n, NULL);
    g_assert_nonnull (read);
    g_assert_cmpint (n_read, ==, n_dims);
    g_assert_cmpuint (n, ==, n_dims > 0 ? 24 : 1);
    g_assert_cmpmem (read, n * sizeof (float), data, n * sizeof (float));
    if (n_dims > 0)
      g_assert_cmpmem (shape, n_dims * sizeof *shape, shapes[n_dims - 1], n_dims * sizeof *shape);
  }
}

static void
test_no_elements (Fixture *fixture, gconstpointer unused)
{
  const gint64 shape[] = { 3, 0, G_MAXINT64 };
  const float nothing = 0.0f;
  gint64 read_shape[FV_NPY_MAX_DIMS];
  int n_dims;
  gsize n;
  g_autofree float *read = NULL;

  g_assert_true (fv_npy_save (fixture->path, &nothing, shape, 2, NULL));
  read = fv_npy_load (fixture->path, read_shape, &n_dims, &n, NULL);
  g_assert_nonnull (read);
  g_assert_cmpuint (n, ==, 0);
}

static void
test_headers (Fixture *fixture, gconstpointer unused)
{
  static const struct {
    const char *header;
    gsize n_data;
    gboolean is_good;
  } cases[] = {
    { "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1), }\n", 8, TRUE },
    { "{\"shape\":(2,),\"descr\":\"<f4\",\"fortran_order\":False}", 8, TRUE },
    { "{'descr': '<f4', 'fortran_order': False, 'shape': (), }\n", 4, TRUE },
    { "{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }\n", 8, FALSE },
    { "{'descr': '>f4', 'fortran_order': False, 'shape': (2,), }\n", 8, FALSE },
    { "{'descr': '<f4', 'fortran_order': True, 'shape': (2,), }\n", 8, FALSE },
    { "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }\n", 4, FALSE },
    { "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }\n", 12, FALSE },
    { "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }\n", 9, FALSE },
    { "{'descr': '<f4', 'fortran_order': False, 'shape': (2), }\n", 8, FALSE },
    { "{'descr': '<f4', 'fortran_order': False, 'shape': (-2,), }\n", 8, FALSE },
    { "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), } x", 8, FALSE },
    { "{'descr': '<f4', 'fortran_order': False}", 4, FALSE },
    { "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (1,)}", 4, FALSE },
    { "{'descr': '<f4', 'fortran_order': False, 'shape': (1,1,1,1,1,1,1,1,1)}", 4, FALSE },
    { "{'descr': '<f4', 'fortran_order': False, 'shape': (9223372036854775807, 4)}", 16, FALSE },
    { "{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904, 4)}", 0, FALSE },
    { "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}", 8, FALSE },
    { "{", 0, FALSE },
    { "", 0, FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GByteArray) bytes = make_file (cases[i].header, cases[i].n_data);

    g_assert_cmpint (loads (fixture, bytes->data, bytes->len), ==, cases[i].is_good);
  }
}

static void
test_truncated_anywhere (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (GByteArray) bytes
      = make_file ("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }\n", 24);

  g_assert_true (loads (fixture, bytes->data, bytes->len));
  for (guint n = 0; n < bytes->len; n++)
    g_assert_false (loads (fixture, bytes->data, n));
}

static void
test_random_damage (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (GByteArray) bytes
      = make_file ("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }\n", 24);
  g_autoptr (GRand) rand = g_rand_new_with_seed (5);

  for (int i = 0; i < 2000; i++) {
    g_autofree guint8 *damaged = g_memdup2 (bytes->data, bytes->len);

    for (int flips = g_rand_int_range (rand, 1, 4); flips > 0; flips--)
      damaged[g_rand_int_range (rand, 0, (int) bytes->len - 24)] = (guint8) g_rand_int (rand);
    loads (fixture, damaged, bytes->len);
  }
}

static void
test_cannot_write (Fixture *fixture, gconstpointer unused)
{
  const float value = 1.0f;
  g_autoptr (GError) error = NULL;

  g_assert_false (fv_npy_save ("/nonexistent-folder/x.npy", &value, NULL, 0, &error));
  g_assert_error (error, FV_DATA_ERROR, FV_DATA_ERROR_IO);
  g_assert_nonnull (strstr (error->message, "/nonexistent-folder/x.npy"));
}

int
main (int argc, char *argv[])
{
  static const struct {
    const char *name;
    void (*test) (Fixture *fixture, gconstpointer data);
  } tests[] = {
    { "/npy/bytes", test_bytes },
    { "/npy/round-trip", test_round_trip },
    { "/npy/no-elements", test_no_elements },
    { "/npy/headers", test_headers },
    { "/npy/truncated-anywhere", test_truncated_anywhere },
    { "/npy/random-damage", test_random_damage },
    { "/npy/cannot-write", test_cannot_write },
  };

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].name, Fixture, NULL, set_up, tests[i].test, tear_down);
  return g_test_run ();
}
