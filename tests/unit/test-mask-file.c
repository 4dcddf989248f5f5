/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Mask files of every kind of PNG, damaged ones, and disks that refuse. */

#include "fv-data-error.h"
#include "fv-mask-file.h"

#include <glib/gstdio.h>
#include <png.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>

typedef struct {
  char *folder;
  char *path;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = g_dir_make_tmp ("fovea-mask-XXXXXX", NULL);
  fixture->path = g_build_filename (fixture->folder, "m.png", NULL);
}

/* The folder must be empty but for m.png: no temporary file is ever left. */
static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_unlink (fixture->path);
  g_assert_cmpint (g_rmdir (fixture->folder), ==, 0);
  g_free (fixture->path);
  g_free (fixture->folder);
}

static FvMask *
random_mask (guint32 seed, int width, int height)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (seed);
  FvMask *mask = fv_mask_new (width, height);

  for (int i = 0; i < width * height; i++)
    fv_mask_get_data (mask)[i] = (guint8) g_rand_int_range (rand, 0, 3);
  return mask;
}

static void
assert_equal (const FvMask *a, const FvMask *b)
{
  gsize n = (gsize) fv_mask_get_width (a) * fv_mask_get_height (a);

  g_assert_cmpint (fv_mask_get_width (a), ==, fv_mask_get_width (b));
  g_assert_cmpint (fv_mask_get_height (a), ==, fv_mask_get_height (b));
  g_assert_cmpmem (fv_mask_peek (a), n, fv_mask_peek (b), n);
}

static void
test_round_trip (Fixture *fixture, gconstpointer unused)
{
  const int sizes[][2] = { { 1, 1 }, { 3, 7 }, { 129, 64 } };

  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++) {
    g_autoptr (FvMask) mask = random_mask (1, sizes[i][0], sizes[i][1]);
    g_autoptr (FvMask) read = NULL;

    g_assert_true (fv_mask_file_save (mask, fixture->path, NULL));
    read = fv_mask_file_load (fixture->path, NULL);
    assert_equal (mask, read);
  }
}

/* The indices in the file are 0, 1, 255, for programs other than ours. */
static void
test_indices (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvMask) mask = fv_mask_new (3, 1);
  png_structp png = png_create_read_struct (PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
  png_infop info = png_create_info_struct (png);
  const guint8 expected[] = { 0, 1, 255 };
  guint8 row[3];
  FILE *file;

  for (int i = 0; i < 3; i++)
    fv_mask_get_data (mask)[i] = (guint8) i;
  g_assert_true (fv_mask_file_save (mask, fixture->path, NULL));
  file = g_fopen (fixture->path, "rb");
  png_init_io (png, file);
  png_read_info (png, info);
  g_assert_cmpint (png_get_color_type (png, info), ==, PNG_COLOR_TYPE_PALETTE);
  g_assert_cmpint (png_get_bit_depth (png, info), ==, 8);
  png_read_row (png, row, NULL);
  g_assert_cmpmem (row, 3, expected, 3);
  png_destroy_read_struct (&png, &info, NULL);
  fclose (file);
}

/* Writes a PNG of two rows of three pixels from its raw rows. */
static void
write_png (const char *path, int color_type, int depth, int interlace, guint8 *rows[2])
{
  png_structp png = png_create_write_struct (PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
  png_infop info = png_create_info_struct (png);
  png_color palette[256] = { { 0, 0, 0 } };
  FILE *file = g_fopen (path, "wb");

  png_init_io (png, file);
  png_set_IHDR (png, info, 3, 2, depth, color_type, interlace, PNG_COMPRESSION_TYPE_DEFAULT,
                PNG_FILTER_TYPE_DEFAULT);
  if (color_type == PNG_COLOR_TYPE_PALETTE)
    png_set_PLTE (png, info, palette, 1 << depth);
  png_set_rows (png, info, rows);
  png_write_png (png, info, PNG_TRANSFORM_IDENTITY, NULL);
  png_destroy_write_struct (&png, &info);
  fclose (file);
}

typedef struct {
  int color_type, depth;
  guint8 rows[2][24];
  guint8 expected[6];
} Kind;

static const Kind kinds[] = {
  { PNG_COLOR_TYPE_PALETTE, 8, { { 0, 1, 20 }, { 254, 255, 0 } }, { 0, 1, 1, 1, 2, 0 } },
  { PNG_COLOR_TYPE_PALETTE, 4, { { 0x0f, 0x10 }, { 0x20, 0x00 } }, { 0, 1, 1, 1, 0, 0 } },
  { PNG_COLOR_TYPE_PALETTE, 1, { { 0xa0 }, { 0x40 } }, { 1, 0, 1, 0, 1, 0 } },
  { PNG_COLOR_TYPE_GRAY, 8, { { 0, 127, 128 }, { 255, 1, 200 } }, { 0, 0, 1, 1, 0, 1 } },
  { PNG_COLOR_TYPE_GRAY, 1, { { 0xa0 }, { 0x40 } }, { 1, 0, 1, 0, 1, 0 } },
  { PNG_COLOR_TYPE_GRAY, 2, { { 0x1b }, { 0xe4 } }, { 0, 0, 1, 1, 1, 0 } },
  { PNG_COLOR_TYPE_GRAY,
    16,
    { { 0x7f, 0xff, 0x80, 0x00, 0, 0 }, { 0xff, 0xff, 0, 0xff, 0x80, 0 } },
    { 0, 1, 0, 1, 0, 1 } },
  { PNG_COLOR_TYPE_GRAY_ALPHA, 8, { { 255, 0, 0, 255 }, { 127, 9, 128 } }, { 1, 0, 0, 0, 1, 0 } },
  { PNG_COLOR_TYPE_RGB,
    8,
    { { 0, 0, 0, 128, 0, 0, 127, 127, 127 }, { 0, 255, 0, 0, 0, 128, 1, 2, 3 } },
    { 0, 1, 0, 1, 1, 0 } },
  { PNG_COLOR_TYPE_RGB_ALPHA,
    16,
    { { 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff }, { 0 } },
    { 1, 0, 0, 0, 0, 0 } },
};

static void
test_kinds (Fixture *fixture, gconstpointer unused)
{
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    for (int interlace = PNG_INTERLACE_NONE; interlace <= PNG_INTERLACE_ADAM7; interlace++) {
      guint8 first[24], second[24];
      guint8 *rows[2] = { first, second };
      g_autoptr (FvMask) mask = NULL;

      memcpy (first, kinds[i].rows[0], sizeof first);
      memcpy (second, kinds[i].rows[1], sizeof second);
      write_png (fixture->path, kinds[i].color_type, kinds[i].depth, interlace, rows);
      mask = fv_mask_file_load (fixture->path, NULL);
      g_assert_nonnull (mask);
      g_assert_cmpmem (fv_mask_peek (mask), 6, kinds[i].expected, 6);
    }
}

static void
test_other_size (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvMask) mask = fv_mask_new (5, 4);
  g_autoptr (FvMask) right = NULL;
  g_autoptr (FvMask) wrong = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (fv_mask_file_save (mask, fixture->path, NULL));
  right = fv_mask_file_load_for (fixture->path, 5, 4, NULL);
  g_assert_nonnull (right);
  wrong = fv_mask_file_load_for (fixture->path, 4, 5, &error);
  g_assert_null (wrong);
  g_assert_error (error, FV_DATA_ERROR, FV_DATA_ERROR_SIZE);
  g_assert_nonnull (strstr (error->message, "m.png"));
  g_assert_nonnull (strstr (error->message, "5 × 4"));
  g_assert_nonnull (strstr (error->message, "4 × 5"));
}

/* Writes the bytes and loads them. Returns: whether they were accepted; a refusal names the file.
 */
static gboolean
loads (Fixture *fixture, const void *bytes, gsize n)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FvMask) mask = NULL;

  g_unlink (fixture->path); /* a fresh file: nothing waits for the disk */
  g_assert_true (g_file_set_contents_full (fixture->path, bytes, (gssize) n,
                                           G_FILE_SET_CONTENTS_NONE, 0644, NULL));
  mask = fv_mask_file_load (fixture->path, &error);
  g_assert_true ((mask == NULL) == (error != NULL));
  if (error != NULL)
    g_assert_nonnull (strstr (error->message, "m.png"));
  return mask != NULL;
}

static void
test_truncated_anywhere (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvMask) mask = random_mask (2, 17, 9);
  g_autofree char *bytes = NULL;
  gsize n;

  g_assert_true (fv_mask_file_save (mask, fixture->path, NULL));
  g_assert_true (g_file_get_contents (fixture->path, &bytes, &n, NULL));
  g_assert_true (loads (fixture, bytes, n));
  for (gsize i = 0; i < n; i++)
    g_assert_false (loads (fixture, bytes, i));
}

static void
test_random_damage (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvMask) mask = random_mask (3, 17, 9);
  g_autoptr (GRand) rand = g_rand_new_with_seed (6);
  g_autofree guint8 *bytes = NULL;
  gsize n;

  g_assert_true (fv_mask_file_save (mask, fixture->path, NULL));
  g_assert_true (g_file_get_contents (fixture->path, (char **) &bytes, &n, NULL));
  for (int i = 0; i < 2000; i++) {
    g_autofree guint8 *damaged = g_memdup2 (bytes, n);

    for (int flips = g_rand_int_range (rand, 1, 4); flips > 0; flips--)
      damaged[g_rand_int_range (rand, 0, (int) n)] ^= (guint8) g_rand_int_range (rand, 1, 256);
    loads (fixture, damaged, n);
  }
}

static guint32
crc32_of (const guint8 *bytes, gsize n)
{
  guint32 crc = 0xffffffff;

  for (gsize i = 0; i < n; i++) {
    crc ^= bytes[i];
    for (int bit = 0; bit < 8; bit++)
      crc = crc >> 1 ^ ((crc & 1) != 0 ? 0xedb88320u : 0);
  }
  return ~crc;
}

/* A header with a correct check sum that claims a huge picture: refused before memory is taken. */
static void
test_lying_size (Fixture *fixture, gconstpointer unused)
{
  const guint32 sizes[][2]
      = { { 30000, 1 }, { 20000, 20000 }, { 0x7fffffff, 0x7fffffff }, { 0, 5 } };
  g_autoptr (FvMask) mask = fv_mask_new (8, 8);
  g_autofree guint8 *bytes = NULL;
  gsize n;

  g_assert_true (fv_mask_file_save (mask, fixture->path, NULL));
  g_assert_true (g_file_get_contents (fixture->path, (char **) &bytes, &n, NULL));
  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++) {
    guint32 width = GUINT32_TO_BE (sizes[i][0]), height = GUINT32_TO_BE (sizes[i][1]), crc;

    memcpy (bytes + 16, &width, 4);
    memcpy (bytes + 20, &height, 4);
    crc = GUINT32_TO_BE (crc32_of (bytes + 12, 17));
    memcpy (bytes + 29, &crc, 4);
    g_assert_false (loads (fixture, bytes, n));
  }
}

static void
test_not_a_png (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (loads (fixture, "hello, I am a text", 18));
  g_assert_false (loads (fixture, "", 0));
  g_assert_null (fv_mask_file_load (fixture->folder, &error));
  g_assert_error (error, FV_DATA_ERROR, FV_DATA_ERROR_IO);
  g_clear_error (&error);
  g_assert_null (fv_mask_file_load ("/nonexistent-folder/x.png", &error));
  g_assert_error (error, FV_DATA_ERROR, FV_DATA_ERROR_IO);
}

/* Saving over @old must fail, and leave the file and the folder as they are. */
static void
assert_save_fails (Fixture *fixture, const FvMask *mask, const FvMask *old)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FvMask) kept = NULL;
  g_autoptr (GDir) listing = NULL;

  g_assert_false (fv_mask_file_save (mask, fixture->path, &error));
  g_assert_error (error, FV_DATA_ERROR, FV_DATA_ERROR_IO);
  g_assert_nonnull (strstr (error->message, "m.png"));
  kept = fv_mask_file_load (fixture->path, NULL);
  g_assert_nonnull (kept);
  assert_equal (kept, old);
  listing = g_dir_open (fixture->folder, 0, NULL);
  g_assert_cmpstr (g_dir_read_name (listing), ==, "m.png");
  g_assert_null (g_dir_read_name (listing));
}

/* A file may not grow beyond 4000 bytes: the write fails half-way, as on a full disk. */
static void
test_short_write (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvMask) old = random_mask (4, 20, 20);
  g_autoptr (FvMask) large = random_mask (5, 400, 300);
  struct rlimit limit = { 4000, 4000 };

  if (!g_test_subprocess ()) {
    g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
    g_test_trap_assert_passed ();
    return;
  }
  g_assert_true (fv_mask_file_save (old, fixture->path, NULL));
  signal (SIGXFSZ, SIG_IGN);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
  assert_save_fails (fixture, large, old);
}

/* The real thing, where the test may mount a file system of 64 KiB for itself. */
static void
test_full_disk (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvMask) old = random_mask (4, 20, 20);
  g_autoptr (FvMask) large = random_mask (5, 1000, 800);

  if (unshare (CLONE_NEWNS) != 0 || mount (NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0
      || mount ("tmpfs", fixture->folder, "tmpfs", 0, "size=64k") != 0) {
    g_test_skip ("mounting a small file system is not permitted here");
    return;
  }
  g_assert_true (fv_mask_file_save (old, fixture->path, NULL));
  assert_save_fails (fixture, large, old);
  g_assert_cmpint (umount2 (fixture->folder, MNT_DETACH), ==, 0);
}

static void
test_no_folder (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvMask) mask = fv_mask_new (4, 4);
  g_autofree char *inside_file = g_build_filename (fixture->path, "x.png", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_false (fv_mask_file_save (mask, "/nonexistent-folder/x.png", &error));
  g_assert_error (error, FV_DATA_ERROR, FV_DATA_ERROR_IO);
  g_clear_error (&error);
  g_assert_true (fv_mask_file_save (mask, fixture->path, NULL));
  g_assert_false (fv_mask_file_save (mask, inside_file, &error));
  g_assert_error (error, FV_DATA_ERROR, FV_DATA_ERROR_IO);
}

/* A folder stands where the file should go: nothing of the attempt remains. */
static void
test_target_is_a_folder (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvMask) mask = fv_mask_new (4, 4);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir (fixture->path, 0700), ==, 0);
  g_assert_false (fv_mask_file_save (mask, fixture->path, &error));
  g_assert_error (error, FV_DATA_ERROR, FV_DATA_ERROR_IO);
  g_assert_cmpint (g_rmdir (fixture->path), ==, 0);
}

static void
test_read_only_folder (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvMask) old = random_mask (4, 20, 20);
  g_autoptr (FvMask) mask = random_mask (5, 20, 20);
  g_autofree char *probe = g_build_filename (fixture->folder, "probe", NULL);

  g_assert_true (fv_mask_file_save (old, fixture->path, NULL));
  g_assert_cmpint (g_chmod (fixture->folder, 0500), ==, 0);
  if (g_file_set_contents (probe, "", 0, NULL)) {
    g_test_skip ("permissions do not stop this user");
    g_unlink (probe);
  } else {
    assert_save_fails (fixture, mask, old);
  }
  g_assert_cmpint (g_chmod (fixture->folder, 0700), ==, 0);
}

static void
test_speed (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvMask) mask = fv_mask_new (3840, 2160);
  double milliseconds;

  memset (fv_mask_get_data (mask) + 1000000, FV_MASK_INSIDE, 2000000);
  g_test_timer_start ();
  g_assert_true (fv_mask_file_save (mask, fixture->path, NULL));
  milliseconds = g_test_timer_elapsed () * 1e3;
  g_test_minimized_result (milliseconds, "saving a 4K mask: %.1f ms", milliseconds);
}

int
main (int argc, char *argv[])
{
  static const struct {
    const char *name;
    void (*test) (Fixture *fixture, gconstpointer data);
  } tests[] = {
    { "/mask-file/round-trip", test_round_trip },
    { "/mask-file/indices", test_indices },
    { "/mask-file/kinds", test_kinds },
    { "/mask-file/other-size", test_other_size },
    { "/mask-file/truncated-anywhere", test_truncated_anywhere },
    { "/mask-file/random-damage", test_random_damage },
    { "/mask-file/lying-size", test_lying_size },
    { "/mask-file/not-a-png", test_not_a_png },
    { "/mask-file/short-write", test_short_write },
    { "/mask-file/full-disk", test_full_disk },
    { "/mask-file/no-folder", test_no_folder },
    { "/mask-file/target-is-a-folder", test_target_is_a_folder },
    { "/mask-file/read-only-folder", test_read_only_folder },
    { "/mask-file/speed", test_speed },
  };

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].name, Fixture, NULL, set_up, tests[i].test, tear_down);
  return g_test_run ();
}
