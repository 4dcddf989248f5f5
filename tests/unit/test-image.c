/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Photos: pixels, orientation, and everything that may call itself one. */

#include "fv-data-error.h"
#include "fv-image.h"

#include <gdk-pixbuf/gdk-pixbuf.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct {
  char *folder;
  char *path;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = g_dir_make_tmp ("fovea-image-XXXXXX", NULL);
  fixture->path = g_build_filename (fixture->folder, "photo.jpg", NULL);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_remove (fixture->path);
  g_assert_cmpint (g_rmdir (fixture->folder), ==, 0);
  g_free (fixture->path);
  g_free (fixture->folder);
}

/* A picture whose left half is red and right half blue, with some noise in green. */
static GdkPixbuf *
make_picture (int width, int height, gboolean has_alpha)
{
  GdkPixbuf *pixbuf = gdk_pixbuf_new (GDK_COLORSPACE_RGB, has_alpha, 8, width, height);
  int n = gdk_pixbuf_get_n_channels (pixbuf);

  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++) {
      guint8 *pixel
          = gdk_pixbuf_get_pixels (pixbuf) + y * gdk_pixbuf_get_rowstride (pixbuf) + x * n;

      pixel[0] = x < width / 2 ? 250 : 5;
      pixel[1] = (guint8) ((x * 7 + y * 13) % 60);
      pixel[2] = x < width / 2 ? 5 : 250;
      if (has_alpha)
        pixel[3] = y == 0 ? 0 : y == 1 ? 128 : 255;
    }
  return pixbuf;
}

static GByteArray *
encode (GdkPixbuf *pixbuf, const char *format)
{
  char *bytes = NULL;
  gsize n;

  g_assert_true (gdk_pixbuf_save_to_buffer (pixbuf, &bytes, &n, format, NULL, NULL));
  return g_byte_array_new_take ((guint8 *) bytes, n);
}

static void
write_bytes (Fixture *fixture, const void *bytes, gsize n)
{
  g_unlink (fixture->path); /* a fresh file: nothing waits for the disk */
  g_assert_true (g_file_set_contents_full (fixture->path, bytes, (gssize) n,
                                           G_FILE_SET_CONTENTS_NONE, 0644, NULL));
}

/* Both loaders must refuse the file with a sentence that names it and has @word. */
static void
assert_refused (Fixture *fixture, FvDataError code, const char *word)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) thumbnail_error = NULL;

  g_assert_null (fv_image_load (fixture->path, &error));
  g_assert_true (g_error_matches (error, FV_DATA_ERROR, code));
  g_assert_nonnull (strstr (error->message, fixture->path));
  g_assert_nonnull (strstr (error->message, word));
  g_assert_null (fv_image_load_at_size (fixture->path, 16, &thumbnail_error));
  g_assert_cmpstr (thumbnail_error->message, ==, error->message);
}

static gboolean
is_red (const FvImage *image, int x, int y)
{
  const guint8 *pixel = fv_image_peek (image) + 3 * (y * fv_image_get_width (image) + x);

  return pixel[0] > 150 && pixel[2] < 100;
}

static void
test_png_exact (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvImage) image = fv_image_new (9, 11);
  g_autoptr (FvImage) read = NULL;

  for (int i = 0; i < 9 * 11 * 3; i++)
    fv_image_get_data (image)[i] = (guint8) (i * 37);
  g_assert_true (fv_image_save_png (image, fixture->path, NULL));
  read = fv_image_load (fixture->path, NULL);
  g_assert_nonnull (read);
  g_assert_cmpint (fv_image_get_width (read), ==, 9);
  g_assert_cmpint (fv_image_get_height (read), ==, 11);
  g_assert_cmpmem (fv_image_peek (read), 297, fv_image_peek (image), 297);
}

static void
test_alpha_on_white (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (GdkPixbuf) pixbuf = make_picture (8, 8, TRUE);
  g_autoptr (GByteArray) bytes = encode (pixbuf, "png");
  g_autoptr (FvImage) image = NULL;
  const guint8 *pixels;

  write_bytes (fixture, bytes->data, bytes->len);
  image = fv_image_load (fixture->path, NULL);
  g_assert_nonnull (image);
  pixels = fv_image_peek (image);
  g_assert_cmpint (pixels[0], ==, 255);
  g_assert_cmpint (pixels[3 * 8 + 0], ==, 252); /* (250·128 + 255·127) / 255 = 252.5, down */
  g_assert_cmpint (pixels[3 * 8 + 2], ==, 130); /* (5·128 + 255·127) / 255 = 129.5, up */
  g_assert_cmpint (pixels[3 * 16 + 0], ==, 250);
}

static void
test_grey (Fixture *fixture, gconstpointer unused)
{
  /* GdkPixbuf writes no grey files: a PGM tells, but is not a format that is read. A BMP of a grey
   * palette is. */
  guint8 bmp[54 + 1024 + 64] = { 'B', 'M' };
  g_autoptr (FvImage) image = NULL;

  bmp[2] = sizeof bmp & 0xff;
  bmp[3] = sizeof bmp >> 8;
  bmp[10] = (54 + 1024) & 0xff;
  bmp[11] = (54 + 1024) >> 8;
  bmp[14] = 40;
  bmp[18] = bmp[22] = 8;
  bmp[26] = 1;
  bmp[28] = 8;
  for (int i = 0; i < 256; i++)
    memset (bmp + 54 + 4 * i, i, 3);
  memset (bmp + 54 + 1024, 77, 64);
  write_bytes (fixture, bmp, sizeof bmp);
  image = fv_image_load (fixture->path, NULL);
  g_assert_nonnull (image);
  for (int i = 0; i < 8 * 8 * 3; i++)
    g_assert_cmpint (fv_image_peek (image)[i], ==, 77);

  write_bytes (fixture, bmp, sizeof bmp - 1);
  assert_refused (fixture, FV_DATA_ERROR_FORMAT, "truncated");
}

/* A JPEG with an EXIF block that says @orientation. */
static GByteArray *
make_oriented_jpeg (guint8 orientation, int width, int height)
{
  const guint8 exif[]
      = { 0xff, 0xe1, 0, 34,   'E', 'x', 'i', 'f', 0, 0, 'M', 'M',         0, 42, 0, 0, 0, 8,
          0,    1,    1, 0x12, 0,   3,   0,   0,   0, 1, 0,   orientation, 0, 0,  0, 0, 0, 0 };
  g_autoptr (GdkPixbuf) pixbuf = make_picture (width, height, FALSE);
  g_autoptr (GByteArray) plain = encode (pixbuf, "jpeg");
  GByteArray *bytes = g_byte_array_new ();

  g_byte_array_append (bytes, plain->data, 2);
  g_byte_array_append (bytes, exif, sizeof exif);
  g_byte_array_append (bytes, plain->data + 2, plain->len - 2);
  return bytes;
}

/* Orientation 6: the camera was turned; red moves from the left to the top. Exactly once. */
static void
test_orientation (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (GByteArray) bytes = make_oriented_jpeg (6, 64, 32);
  g_autoptr (FvImage) image = NULL;
  g_autoptr (FvImage) thumbnail = NULL;

  write_bytes (fixture, bytes->data, bytes->len);
  image = fv_image_load (fixture->path, NULL);
  thumbnail = fv_image_load_at_size (fixture->path, 16, NULL);
  g_assert_nonnull (image);
  g_assert_nonnull (thumbnail);
  g_assert_cmpint (fv_image_get_width (image), ==, 32);
  g_assert_cmpint (fv_image_get_height (image), ==, 64);
  g_assert_true (is_red (image, 16, 8));
  g_assert_false (is_red (image, 16, 56));
  g_assert_cmpint (fv_image_get_width (thumbnail), ==, 8);
  g_assert_cmpint (fv_image_get_height (thumbnail), ==, 16);
  g_assert_true (is_red (thumbnail, 4, 2));
  g_assert_false (is_red (thumbnail, 4, 13));
}

static void
test_at_size (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (GdkPixbuf) pixbuf = make_picture (400, 8, FALSE);
  g_autoptr (GByteArray) bytes = encode (pixbuf, "png");
  g_autoptr (FvImage) same = NULL;
  g_autoptr (FvImage) small = NULL;

  write_bytes (fixture, bytes->data, bytes->len);
  same = fv_image_load_at_size (fixture->path, 1000, NULL);
  small = fv_image_load_at_size (fixture->path, 20, NULL);
  g_assert_cmpint (fv_image_get_width (same), ==, 400);
  g_assert_cmpint (fv_image_get_width (small), ==, 20);
  g_assert_cmpint (fv_image_get_height (small), ==, 1);
}

static void
test_no_file (Fixture *fixture, gconstpointer unused)
{
  assert_refused (fixture, FV_DATA_ERROR_IO, "does not exist");
}

static void
test_text (Fixture *fixture, gconstpointer unused)
{
  write_bytes (fixture, "This is a letter.\n", 18);
  assert_refused (fixture, FV_DATA_ERROR_FORMAT, "is not a JPEG");
}

static void
test_empty (Fixture *fixture, gconstpointer unused)
{
  write_bytes (fixture, "", 0);
  assert_refused (fixture, FV_DATA_ERROR_FORMAT, "empty");
}

static void
test_folder (Fixture *fixture, gconstpointer unused)
{
  g_assert_cmpint (g_mkdir (fixture->path, 0700), ==, 0);
  assert_refused (fixture, FV_DATA_ERROR_IO, "folder");
}

static void
test_pipe (Fixture *fixture, gconstpointer unused)
{
  g_assert_cmpint (mkfifo (fixture->path, 0600), ==, 0);
  assert_refused (fixture, FV_DATA_ERROR_IO, "pipe");
}

static void
test_symlink_loop (Fixture *fixture, gconstpointer unused)
{
  g_assert_cmpint (symlink ("photo.jpg", fixture->path), ==, 0);
  assert_refused (fixture, FV_DATA_ERROR_IO, "cannot be opened");
}

/* Formats that GdkPixbuf knows but Fovea does not open, such as programs that draw. */
static void
test_other_format (Fixture *fixture, gconstpointer unused)
{
  const char ppm[] = "P6 8 8 255\n";
  guint8 bytes[sizeof ppm - 1 + 192] = { 0 };

  memcpy (bytes, ppm, sizeof ppm - 1);
  write_bytes (fixture, bytes, sizeof bytes);
  assert_refused (fixture, FV_DATA_ERROR_FORMAT, "is not a JPEG");
}

static void
test_sizes (Fixture *fixture, gconstpointer unused)
{
  const struct {
    int width, height;
    const char *word;
  } cases[]
      = { { 30000, 1, "at least 8" }, { 7, 100, "at least 8" }, { 20001, 8, "at most 20000" } };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GdkPixbuf) pixbuf = make_picture (cases[i].width, cases[i].height, FALSE);
    g_autoptr (GByteArray) bytes = encode (pixbuf, "png");

    write_bytes (fixture, bytes->data, bytes->len);
    assert_refused (fixture, FV_DATA_ERROR_SIZE, cases[i].word);
  }
}

/* A BMP header alone may claim anything: it is refused before it is decoded. */
static void
test_too_many_pixels (Fixture *fixture, gconstpointer unused)
{
  guint8 bmp[1024] = { 'B', 'M' };

  bmp[10] = 54;
  bmp[14] = 40;
  bmp[18] = bmp[22] = 0x20;
  bmp[19] = bmp[23] = 0x4e; /* 20,000 */
  bmp[26] = 1;
  bmp[28] = 24;
  write_bytes (fixture, bmp, sizeof bmp);
  assert_refused (fixture, FV_DATA_ERROR_SIZE, "200 megapixels");
}

/* Every format, cut anywhere: never a picture that is half grey. */
static void
test_truncated_anywhere (Fixture *fixture, gconstpointer format)
{
  g_autoptr (GdkPixbuf) pixbuf = make_picture (24, 16, FALSE);
  g_autoptr (GByteArray) bytes = encode (pixbuf, format);
  g_autoptr (FvImage) whole = NULL;

  write_bytes (fixture, bytes->data, bytes->len);
  whole = fv_image_load (fixture->path, NULL);
  g_assert_nonnull (whole);
  for (guint n = 0; n < bytes->len; n++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (FvImage) image = NULL;

    write_bytes (fixture, bytes->data, n);
    image = fv_image_load (fixture->path, &error);
    g_assert_null (image);
    g_assert_nonnull (strstr (error->message, "photo.jpg"));
    g_assert_null (fv_image_load_at_size (fixture->path, 12, NULL));
  }
}

/* A GIF of 8 × 8 pixels of colour 1, uncompressed in GIF's way (a clear code before each pixel). */
static void
test_gif (Fixture *fixture, gconstpointer unused)
{
  const guint8 head[] = { 'G', 'I', 'F', '8',  '9', 'a', 8, 0, 8, 0, 0x80, 0, 0, 0, 0, 0,
                          10,  20,  30,  0x2c, 0,   0,   0, 0, 8, 0, 8,    0, 0, 2, 49 };
  guint8 gif[sizeof head + 49 + 2];
  g_autoptr (FvImage) image = NULL;

  memcpy (gif, head, sizeof head);
  memset (gif + sizeof head, 0, 51);
  /* Codes of 3 bits: 4 is "clear", 1 the pixel, 5 the end. */
  for (int code = 0; code < 129; code++) {
    int value = code == 128 ? 5 : code % 2 == 0 ? 4 : 1;

    for (int bit = 0; bit < 3; bit++)
      if ((value >> bit & 1) != 0)
        gif[sizeof head + (3 * code + bit) / 8] |= (guint8) (1 << (3 * code + bit) % 8);
  }
  gif[sizeof gif - 1] = 0x3b;
  write_bytes (fixture, gif, sizeof gif);
  image = fv_image_load (fixture->path, NULL);
  g_assert_nonnull (image);
  g_assert_cmpmem (fv_image_peek (image) + 63 * 3, 3, ((guint8[]){ 10, 20, 30 }), 3);
  for (gsize n = 0; n < sizeof gif - 2; n++) {
    write_bytes (fixture, gif, n);
    g_assert_null (fv_image_load (fixture->path, NULL));
  }
}

static void
test_random_damage (Fixture *fixture, gconstpointer format)
{
  g_autoptr (GdkPixbuf) pixbuf = make_picture (24, 16, FALSE);
  g_autoptr (GByteArray) bytes = encode (pixbuf, format);
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);

  for (int i = 0; i < 300; i++) {
    g_autofree guint8 *damaged = g_memdup2 (bytes->data, bytes->len);
    g_autoptr (GError) error = NULL;
    g_autoptr (FvImage) image = NULL;

    for (int flips = g_rand_int_range (rand, 1, 6); flips > 0; flips--)
      damaged[g_rand_int_range (rand, 0, (int) bytes->len)] = (guint8) g_rand_int (rand);
    write_bytes (fixture, damaged, bytes->len);
    image = fv_image_load (fixture->path, &error);
    g_assert_true ((image == NULL) == (error != NULL));
  }
}

/* The photos that Fovea is developed with must all pass the checks. */
static void
test_shared_photos (Fixture *fixture, gconstpointer unused)
{
  const char *shared = g_getenv ("FOVEA_SHARED_DATA");
  g_autofree char *folder
      = g_build_filename (shared != NULL ? shared : "", "imagenet-samples", NULL);
  g_autoptr (GDir) listing = g_dir_open (folder, 0, NULL);
  const char *name;

  if (shared == NULL || listing == NULL) {
    g_test_skip ("no shared data");
    return;
  }
  while ((name = g_dir_read_name (listing)) != NULL) {
    g_autofree char *path = g_build_filename (folder, name, NULL);
    g_autoptr (GError) error = NULL;
    g_autoptr (FvImage) image = NULL;

    if (!g_str_has_suffix (name, ".jpg"))
      continue;
    image = fv_image_load_at_size (path, 64, &error);
    g_assert_no_error (error);
    g_assert_cmpint (MAX (fv_image_get_width (image), fv_image_get_height (image)), ==, 64);
  }
}

int
main (int argc, char *argv[])
{
  static const struct {
    const char *name;
    void (*test) (Fixture *fixture, gconstpointer data);
    const char *format;
  } tests[] = {
    { "/image/png-exact", test_png_exact, NULL },
    { "/image/alpha-on-white", test_alpha_on_white, NULL },
    { "/image/grey", test_grey, NULL },
    { "/image/orientation", test_orientation, NULL },
    { "/image/at-size", test_at_size, NULL },
    { "/image/no-file", test_no_file, NULL },
    { "/image/text", test_text, NULL },
    { "/image/empty", test_empty, NULL },
    { "/image/folder", test_folder, NULL },
    { "/image/pipe", test_pipe, NULL },
    { "/image/symlink-loop", test_symlink_loop, NULL },
    { "/image/other-format", test_other_format, NULL },
    { "/image/sizes", test_sizes, NULL },
    { "/image/too-many-pixels", test_too_many_pixels, NULL },
    { "/image/gif", test_gif, NULL },
    { "/image/truncated/jpeg", test_truncated_anywhere, "jpeg" },
    { "/image/truncated/png", test_truncated_anywhere, "png" },
    { "/image/truncated/bmp", test_truncated_anywhere, "bmp" },
    { "/image/truncated/tiff", test_truncated_anywhere, "tiff" },
    { "/image/damage/jpeg", test_random_damage, "jpeg" },
    { "/image/damage/png", test_random_damage, "png" },
    { "/image/damage/bmp", test_random_damage, "bmp" },
    { "/image/damage/tiff", test_random_damage, "tiff" },
    { "/image/shared-photos", test_shared_photos, NULL },
  };

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].name, Fixture, tests[i].format, set_up, tests[i].test, tear_down);
  return g_test_run ();
}
