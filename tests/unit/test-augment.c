/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What augmenting draws, and that photo and mask follow it together. */

#include "fv-augment.h"

#include <math.h>
#include <string.h>

#define WIDTH 60
#define HEIGHT 40

static const FvAugmentation nothing
    = { .width = 1, .height = 1, .brightness = 1, .contrast = 1, .saturation = 1 };

/* Red is 255 × inside, green and blue are a ramp. */
static FvImage *
make_photo (const FvMask *mask)
{
  FvImage *image = fv_image_new (WIDTH, HEIGHT);

  for (int i = 0; i < WIDTH * HEIGHT; i++) {
    guint8 *pixel = fv_image_get_data (image) + 3 * i;

    pixel[0] = fv_mask_peek (mask)[i] == FV_MASK_INSIDE ? 255 : 0;
    pixel[1] = (guint8) (4 * (i % WIDTH));
    pixel[2] = (guint8) (6 * (i / WIDTH));
  }
  return image;
}

static FvMask *
make_mask (void)
{
  FvMask *mask = fv_mask_new (WIDTH, HEIGHT);

  for (int y = 10; y < 30; y++)
    memset (fv_mask_get_data (mask) + y * WIDTH + 20, FV_MASK_INSIDE, 25);
  return mask;
}

static void
test_names (void)
{
  const char *const lists[] = { "none", "flip", "flip,crop", "flip,crop,rotate,colour,grey" };
  const char *const wrong[] = { "", ",", "flip,", "flip,none", "Flip", "flip, crop", "mirror" };
  guint augment;

  for (gsize i = 0; i < G_N_ELEMENTS (lists); i++) {
    g_autofree char *text = NULL;

    g_assert_true (fv_augment_parse (lists[i], &augment));
    text = fv_augment_to_text (augment);
    g_assert_cmpstr (text, ==, lists[i]);
  }
  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    g_assert_false (fv_augment_parse (wrong[i], &augment));
}

/* One kind more does not change what the others draw. */
static void
test_draws (void)
{
  int n_mirrored = 0, n_grey = 0;

  for (guint32 seed = 0; seed < 400; seed++) {
    g_autoptr (GRand) a = g_rand_new_with_seed (seed);
    g_autoptr (GRand) b = g_rand_new_with_seed (seed);
    FvAugmentation all = fv_augmentation_draw (31, a);
    FvAugmentation some = fv_augmentation_draw (FV_AUGMENT_FLIP | FV_AUGMENT_ROTATE, b);

    g_assert_cmpint (all.mirrored, ==, some.mirrored);
    g_assert_cmpfloat (all.angle, ==, some.angle);
    g_assert_cmpfloat (some.width, ==, 1);
    g_assert_cmpfloat (some.brightness, ==, 1);
    g_assert_false (some.grey);
    g_assert_cmpuint (g_rand_int (a), ==, g_rand_int (b));
    g_assert_cmpfloat (fabs (all.angle), <=, 15 * G_PI / 180);
    g_assert_cmpfloat (all.width * all.height, >=, 0.349);
    g_assert_cmpfloat (all.x + all.width, <=, 1 + 1e-12);
    g_assert_cmpfloat (all.y + all.height, <=, 1 + 1e-12);
    g_assert_cmpfloat (fabs (all.contrast - 1), <=, 0.4);
    n_mirrored += all.mirrored;
    n_grey += all.grey;
  }
  g_assert_cmpint (ABS (n_mirrored - 200), <, 40);
  g_assert_cmpint (ABS (n_grey - 80), <, 30);
}

static void
test_nothing (void)
{
  g_autoptr (FvMask) mask = make_mask ();
  g_autoptr (FvImage) image = make_photo (mask);
  g_autoptr (FvImage) same
      = fv_augmentation_apply (&nothing, image, FV_RESIZE_BILINEAR, WIDTH, HEIGHT);
  g_autoptr (FvMask) same_mask = fv_augmentation_apply_to_mask (&nothing, mask, WIDTH, HEIGHT);

  g_assert_cmpmem (fv_image_peek (same), WIDTH * HEIGHT * 3, fv_image_peek (image),
                   WIDTH * HEIGHT * 3);
  g_assert_cmpmem (fv_mask_peek (same_mask), WIDTH * HEIGHT, fv_mask_peek (mask), WIDTH * HEIGHT);
}

/* The middle half of both sides: pixel (0, 0) is the old (15, 10). */
static void
test_crop (void)
{
  FvAugmentation crop = nothing;
  g_autoptr (FvMask) mask = make_mask ();
  g_autoptr (FvImage) image = make_photo (mask);
  g_autoptr (FvImage) cut = NULL;
  g_autoptr (FvMask) cut_mask = NULL;

  crop.x = crop.y = 0.25;
  crop.width = crop.height = 0.5;
  cut = fv_augmentation_apply (&crop, image, FV_RESIZE_BILINEAR, 30, 20);
  cut_mask = fv_augmentation_apply_to_mask (&crop, mask, 30, 20);
  for (int y = 0; y < 20; y++)
    for (int x = 0; x < 30; x++) {
      const guint8 *pixel = fv_image_peek (cut) + 3 * (y * 30 + x);

      g_assert_cmpint (pixel[1], ==, 4 * (x + 15));
      g_assert_cmpint (pixel[2], ==, 6 * (y + 10));
      g_assert_cmpint (fv_mask_peek (cut_mask)[y * 30 + x] == FV_MASK_INSIDE, ==, pixel[0] == 255);
    }
}

/* A quarter turn counter-clockwise of a square, exactly: what was on the right is on top. */
static void
test_quarter_turn (void)
{
  FvAugmentation turn = nothing;
  g_autoptr (FvMask) mask = fv_mask_new (4, 4);
  g_autoptr (FvImage) image = fv_image_new (4, 4);
  g_autoptr (FvImage) turned = NULL;
  g_autoptr (FvMask) turned_mask = NULL;

  fv_mask_get_data (mask)[1 * 4 + 3] = FV_MASK_INSIDE; /* x 3, y 1 */
  fv_image_get_data (image)[3 * (1 * 4 + 3)] = 255;
  turn.angle = G_PI / 2;
  turned = fv_augmentation_apply (&turn, image, FV_RESIZE_BILINEAR, 4, 4);
  turned_mask = fv_augmentation_apply_to_mask (&turn, mask, 4, 4);
  g_assert_cmpuint (fv_mask_count (turned_mask, FV_MASK_INSIDE), ==, 1);
  g_assert_cmpint (fv_mask_peek (turned_mask)[0 * 4 + 1], ==, FV_MASK_INSIDE);
  g_assert_cmpint (fv_image_peek (turned)[3 * 1], ==, 255);
}

/* Everything at once: where the mask is sure over three pixels, red agrees. */
static void
test_together (void)
{
  g_autoptr (FvMask) mask = make_mask ();
  g_autoptr (FvImage) image = make_photo (mask);
  int n_checked = 0, n_unknown = 0;

  for (guint32 seed = 0; seed < 50; seed++) {
    g_autoptr (GRand) rand = g_rand_new_with_seed (seed);
    FvAugmentation both = fv_augmentation_draw (FV_AUGMENT_CROP | FV_AUGMENT_ROTATE, rand);
    g_autoptr (FvImage) moved
        = fv_augmentation_apply (&both, image, FV_RESIZE_BILINEAR, WIDTH, HEIGHT);
    g_autoptr (FvMask) moved_mask = fv_augmentation_apply_to_mask (&both, mask, WIDTH, HEIGHT);

    for (int y = 2; y < HEIGHT - 2; y++)
      for (int x = 2; x < WIDTH - 2; x++) {
        gboolean even = TRUE;
        int state = fv_mask_peek (moved_mask)[y * WIDTH + x];

        for (int v = -2; v <= 2; v++)
          for (int u = -2; u <= 2; u++)
            even &= fv_mask_peek (moved_mask)[(y + v) * WIDTH + x + u] == state;
        n_unknown += state == FV_MASK_NO_OPINION;
        if (!even || state == FV_MASK_NO_OPINION)
          continue;
        g_assert_cmpint (fv_image_peek (moved)[3 * (y * WIDTH + x)], ==,
                         state == FV_MASK_INSIDE ? 255 : 0);
        n_checked++;
      }
  }
  g_assert_cmpint (n_checked, >, 50 * WIDTH * HEIGHT / 3);
  g_assert_cmpint (n_unknown, >, 0);
}

static void
test_colours (void)
{
  FvAugmentation change = nothing;
  g_autoptr (FvImage) image = fv_image_new (2, 1);
  const guint8 pixels[] = { 100, 50, 200, 20, 20, 20 };
  g_autoptr (FvImage) bright = NULL;
  g_autoptr (FvImage) grey = NULL;

  memcpy (fv_image_get_data (image), pixels, sizeof pixels);
  change.brightness = 1.4;
  bright = fv_augmentation_apply (&change, image, FV_RESIZE_BILINEAR, 2, 1);
  g_assert_cmpmem (fv_image_peek (bright), 6, ((guint8[]){ 140, 70, 255, 28, 28, 28 }), 6);
  change.brightness = 1;
  change.grey = TRUE;
  grey = fv_augmentation_apply (&change, image, FV_RESIZE_BILINEAR, 2, 1);
  g_assert_cmpmem (fv_image_peek (grey), 6, ((guint8[]){ 82, 82, 82, 20, 20, 20 }), 6);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/augment/names", test_names);
  g_test_add_func ("/augment/draws", test_draws);
  g_test_add_func ("/augment/nothing", test_nothing);
  g_test_add_func ("/augment/crop", test_crop);
  g_test_add_func ("/augment/quarter-turn", test_quarter_turn);
  g_test_add_func ("/augment/together", test_together);
  g_test_add_func ("/augment/colours", test_colours);
  return g_test_run ();
}
