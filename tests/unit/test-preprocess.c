/* SPDX-License-Identifier: GPL-3.0-or-later */

/* From pixels to a network's input: arithmetic, order of the channels, geometry of the crop. The
 * filters themselves are compared with PyTorch in tests/parity. */

#include "fv-input.h"
#include "fv-npy.h"
#include "fv-preprocess.h"
#include "fv-runtime.h"
#include "temporary-folder.h"
#include "tensor-fixture.h"

#define SIDE 8

static FvCard *
new_card (void)
{
  FvCard *card = fv_card_new ("resnet18");

  card->width = card->height = SIDE;
  return card;
}

/* Red is the column, green the row, blue 7. */
static FvImage *
new_ramp (int width, int height)
{
  FvImage *image = fv_image_new (width, height);
  guint8 *rgb = fv_image_get_data (image);

  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++, rgb += 3) {
      rgb[0] = (guint8) x;
      rgb[1] = (guint8) y;
      rgb[2] = 7;
    }
  return image;
}

static guint8 *
resized (const FvCard *card, const FvImage *image, gboolean crop)
{
  g_autoptr (FvScope) scope = fv_scope_new ();
  gsize n = 3 * (gsize) card->width * (gsize) card->height;
  guint8 *bytes = g_malloc (n);
  FvTensor *picture
      = fv_preprocess_resize (scope, card, fv_image_peek (image), fv_image_get_width (image),
                              fv_image_get_height (image), crop);

  assert_scope_sound (scope);
  g_assert_cmpint (fv_tensor_get_dtype (picture), ==, FV_DTYPE_UINT8);
  g_assert_cmpint (fv_tensor_get_size (picture, 2), ==, card->height);
  g_assert_true (fv_tensor_read (picture, FV_DTYPE_UINT8, bytes, n, NULL));
  return bytes;
}

/* A picture of the input's size is not resampled at all. */
static void
test_own_size_is_untouched (void)
{
  g_autoptr (FvCard) card = new_card ();
  g_autoptr (FvImage) image = new_ramp (SIDE, SIDE);

  for (int bicubic = 0; bicubic < 2; bicubic++) {
    g_autofree guint8 *bytes = NULL;

    card->bicubic = bicubic;
    bytes = resized (card, image, FALSE);
    for (int y = 0; y < SIDE; y++)
      for (int x = 0; x < SIDE; x++) {
        g_assert_cmpint (bytes[y * SIDE + x], ==, x);
        g_assert_cmpint (bytes[SIDE * SIDE + y * SIDE + x], ==, y);
        g_assert_cmpint (bytes[2 * SIDE * SIDE + y * SIDE + x], ==, 7);
      }
  }
}

/* crop_pct 0.5 of a 32 × 16 picture: resized to 32 × 16, then columns 12 … 19, rows 4 … 11. */
static void
test_crop_geometry (void)
{
  g_autoptr (FvCard) card = new_card ();
  g_autoptr (FvImage) image = new_ramp (32, 16);
  g_autofree guint8 *bytes = NULL;

  card->crop_pct = 0.5;
  bytes = resized (card, image, TRUE);
  g_assert_cmpint (bytes[0], ==, 12);
  g_assert_cmpint (bytes[SIDE - 1], ==, 19);
  g_assert_cmpint (bytes[SIDE * SIDE], ==, 4);
  g_assert_cmpint (bytes[2 * SIDE * SIDE - 1], ==, 11);
}

/* (pixel / 255 · scale − mean) / std, in the order of the card's channels. */
static void
test_normalisation (void)
{
  g_autoptr (FvCard) card = new_card ();
  g_autoptr (FvScope) scope = fv_scope_new ();
  const guint8 pixel[] = { 51, 102, 255 };
  const gint64 shape[] = { 1, 3, 1, 1 };
  FvTensor *picture
      = fv_scope_take (scope, fv_tensor_new (FV_DTYPE_UINT8, shape, 4, pixel, 3, NULL));

  memcpy (card->mean, (const double[]){ 0.1, 0.2, 0.3 }, sizeof card->mean);
  memcpy (card->std, (const double[]){ 0.5, 0.25, 2 }, sizeof card->std);
  assert_near (fv_preprocess_normalise (scope, card, picture),
               (const double[]){ (0.2 - 0.1) / 0.5, (0.4 - 0.2) / 0.25, (1 - 0.3) / 2 }, 3, 1e-6);
  card->bgr = TRUE;
  assert_near (fv_preprocess_normalise (scope, card, picture),
               (const double[]){ (1 - 0.1) / 0.5, (0.4 - 0.2) / 0.25, (0.2 - 0.3) / 2 }, 3, 1e-6);
  card->scale = 255;
  memcpy (card->mean, (const double[]){ 104, 117, 123 }, sizeof card->mean);
  memcpy (card->std, (const double[]){ 1, 1, 1 }, sizeof card->std);
  assert_near (fv_preprocess_normalise (scope, card, picture),
               (const double[]){ 255 - 104, 102 - 117, 51 - 123 }, 3, 1e-4);
  assert_scope_sound (scope);
}

/* One pixel in either direction is stretched; a ribbon that a crop would blow up is refused. */
static void
test_extreme_shapes (void)
{
  g_autoptr (FvCard) card = new_card ();
  g_autoptr (FvImage) flat = new_ramp (200, 1);
  g_autoptr (FvImage) thin = new_ramp (1, 200);
  g_autoptr (FvImage) dot = new_ramp (1, 1);
  g_autofree guint8 *a = resized (card, flat, FALSE);
  g_autofree guint8 *b = resized (card, thin, FALSE);
  g_autofree guint8 *c = resized (card, dot, FALSE);
  g_autofree guint8 *d = resized (card, dot, TRUE);
  g_autoptr (FvImage) ribbon = new_ramp (20000, 1);
  g_autoptr (FvScope) scope = fv_scope_new ();
  g_autoptr (GError) error = NULL;

  for (int i = 0; i < SIDE; i++) {
    g_assert_cmpint (a[i], ==, a[SIDE + i]);
    g_assert_cmpint (b[SIDE * SIDE + SIDE * i], ==, b[SIDE * SIDE + SIDE * i + 5]);
  }
  g_assert_cmpint (a[0], <, a[SIDE - 1]);
  g_assert_cmpint (c[0], ==, 0);
  g_assert_cmpmem (c, 3 * SIDE * SIDE, d, 3 * SIDE * SIDE);
  card->width = card->height = 224;
  g_assert_null (fv_preprocess_resize (scope, card, fv_image_peek (ribbon), 20000, 1, TRUE));
  g_assert_false (fv_scope_check (scope, &error));
  assert_says (error, "20000 × 1");
}

static void
assert_array (const char *folder, const gint64 *shape, int n_dims, const char *expected)
{
  g_autofree char *path = g_build_filename (folder, "input.npy", NULL);
  g_autofree float *zeros = g_new0 (float, 4096);
  g_autoptr (FvCard) card = new_card ();
  g_autoptr (FvScope) scope = fv_scope_new ();
  g_autofree char *description = NULL;
  g_autoptr (GError) error = NULL;
  FvTensor *input;

  g_assert_true (fv_npy_save (path, zeros, shape, n_dims, NULL));
  input = fv_input_load (scope, card, path, FALSE);
  if (expected == NULL) {
    g_assert_null (input);
    g_assert_false (fv_scope_check (scope, &error));
    assert_says (error, path);
    return;
  }
  assert_scope_sound (scope);
  description = fv_tensor_describe (input);
  g_assert_cmpstr (description, ==, expected);
}

static void
test_arrays (void)
{
  g_autofree char *folder = temporary_folder_new ();

  assert_array (folder, (const gint64[]){ 3, 5, 4 }, 3, "float32 [1, 3, 5, 4]");
  assert_array (folder, (const gint64[]){ 2, 3, 5, 4 }, 4, "float32 [2, 3, 5, 4]");
  assert_array (folder, (const gint64[]){ 1, 5, 4 }, 3, NULL);
  assert_array (folder, (const gint64[]){ 3, 5 }, 2, NULL);
  assert_array (folder, (const gint64[]){ 2, 4, 5, 4 }, 4, NULL);
  assert_array (folder, (const gint64[]){ 0, 3, 5, 4 }, 4, NULL);
  assert_array (folder, (const gint64[]){ 1, 1, 3, 5, 4 }, 5, NULL);
  assert_array (folder, NULL, 0, NULL);
  temporary_folder_remove (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  fv_runtime_start (1);
  g_test_add_func ("/preprocess/own-size-is-untouched", test_own_size_is_untouched);
  g_test_add_func ("/preprocess/crop-geometry", test_crop_geometry);
  g_test_add_func ("/preprocess/normalisation", test_normalisation);
  g_test_add_func ("/preprocess/extreme-shapes", test_extreme_shapes);
  g_test_add_func ("/preprocess/arrays", test_arrays);
  return g_test_run ();
}
