/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Masks: counting, sampling, pooling and outlines against values worked out by hand or by a slow,
 * obvious second way. */

#include "fv-mask-outline.h"
#include "fv-mask.h"
#include "fv-rect.h"

#include <string.h>

/* A mask from rows of '.', '#' and '?' (OUTSIDE, INSIDE, NO_OPINION). */
static FvMask *
mask_from_rows (int height, const char *const *rows)
{
  int width = (int) strlen (rows[0]);
  FvMask *mask = fv_mask_new (width, height);

  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++)
      fv_mask_get_data (mask)[y * width + x] = rows[y][x] == '#'   ? FV_MASK_INSIDE
                                               : rows[y][x] == '?' ? FV_MASK_NO_OPINION
                                                                   : FV_MASK_OUTSIDE;
  return mask;
}

static FvMask *
random_mask (GRand *rand, int width, int height)
{
  FvMask *mask = fv_mask_new (width, height);

  for (int i = 0; i < width * height; i++)
    fv_mask_get_data (mask)[i] = (guint8) g_rand_int_range (rand, 0, 3);
  return mask;
}

static void
test_new_is_outside (void)
{
  g_autoptr (FvMask) mask = fv_mask_new (3, 2);

  g_assert_cmpint (fv_mask_get_width (mask), ==, 3);
  g_assert_cmpint (fv_mask_get_height (mask), ==, 2);
  g_assert_cmpuint (fv_mask_count (mask, FV_MASK_OUTSIDE), ==, 6);
  g_assert_true (fv_mask_is_empty (mask));
}

static void
test_count_and_empty (void)
{
  g_autoptr (FvMask) mask = mask_from_rows (2, (const char *[]){ "?.?", "#.." });

  g_assert_cmpuint (fv_mask_count (mask, FV_MASK_OUTSIDE), ==, 3);
  g_assert_cmpuint (fv_mask_count (mask, FV_MASK_INSIDE), ==, 1);
  g_assert_cmpuint (fv_mask_count (mask, FV_MASK_NO_OPINION), ==, 2);
  g_assert_false (fv_mask_is_empty (mask));
  fv_mask_get_data (mask)[3] = FV_MASK_NO_OPINION;
  g_assert_true (fv_mask_is_empty (mask));
}

static void
test_copy_is_independent (void)
{
  g_autoptr (FvMask) mask = mask_from_rows (1, (const char *[]){ "#.?" });
  g_autoptr (FvMask) copy = fv_mask_copy (mask);
  g_autoptr (FvMask) reference = fv_mask_ref (mask);

  g_assert_true (reference == mask);
  g_assert_cmpmem (fv_mask_peek (copy), 3, fv_mask_peek (mask), 3);
  fv_mask_get_data (mask)[0] = FV_MASK_OUTSIDE;
  g_assert_cmpint (fv_mask_peek (copy)[0], ==, FV_MASK_INSIDE);
}

static void
test_resize_nearest (void)
{
  g_autoptr (FvMask) mask = mask_from_rows (1, (const char *[]){ ".#?.#" });
  g_autoptr (FvMask) down = fv_mask_resize_nearest (mask, 2, 1);
  g_autoptr (FvMask) up = fv_mask_resize_nearest (mask, 10, 3);
  const guint8 down_states[] = { 1, 0 }; /* floor (1.25) = 1, floor (3.75) = 3 */
  const guint8 up_states[] = { 0, 0, 1, 1, 2, 2, 0, 0, 1, 1 };

  g_assert_cmpmem (fv_mask_peek (down), 2, down_states, 2);
  for (int y = 0; y < 3; y++)
    g_assert_cmpmem (fv_mask_peek (up) + 10 * y, 10, up_states, 10);
}

static void
test_pool_exact_cells (void)
{
  g_autoptr (FvMask) mask = mask_from_rows (2, (const char *[]){ "##?.", "#.??" });
  float inside[2], opinion[2];

  fv_mask_pool (mask, 2, 1, inside, opinion);
  g_assert_cmpfloat (opinion[0], ==, 1.0f);
  g_assert_cmpfloat (inside[0], ==, 0.75f);
  g_assert_cmpfloat (opinion[1], ==, 0.25f);
  g_assert_cmpfloat (inside[1], ==, 0.0f);
}

/* Three pixels on two cells: the middle one is cut in halves. */
static void
test_pool_cuts_pixels (void)
{
  g_autoptr (FvMask) mask = mask_from_rows (1, (const char *[]){ "#.?" });
  float inside[2], opinion[2];

  fv_mask_pool (mask, 2, 1, inside, opinion);
  g_assert_cmpfloat (opinion[0], ==, 1.0f);
  g_assert_cmpfloat (inside[0], ==, (float) (2.0 / 3.0));
  g_assert_cmpfloat (opinion[1], ==, (float) (1.0 / 3.0));
  g_assert_cmpfloat (inside[1], ==, 0.0f);
}

static void
test_pool_no_opinion_is_zero (void)
{
  g_autoptr (FvMask) mask = mask_from_rows (1, (const char *[]){ "?" });
  float inside[4], opinion[4];

  fv_mask_pool (mask, 2, 2, inside, opinion);
  for (int i = 0; i < 4; i++) {
    g_assert_cmpfloat (opinion[i], ==, 0.0f);
    g_assert_cmpfloat (inside[i], ==, 0.0f);
  }
}

static double
overlap (double a0, double a1, double b0, double b1)
{
  return MAX (0.0, MIN (a1, b1) - MAX (a0, b0));
}

/* The definition of one cell, in floating point and over all pixels. */
static void
pool_slowly (const FvMask *mask, int w, int h, int x, int y, double *inside, double *opinion)
{
  double cell_width = (double) fv_mask_get_width (mask) / w;
  double cell_height = (double) fv_mask_get_height (mask) / h;
  double in = 0.0, op = 0.0;

  for (int j = 0; j < fv_mask_get_height (mask); j++)
    for (int i = 0; i < fv_mask_get_width (mask); i++) {
      double area = overlap (x * cell_width, (x + 1) * cell_width, i, i + 1)
                    * overlap (y * cell_height, (y + 1) * cell_height, j, j + 1);
      guint8 state = fv_mask_peek (mask)[j * fv_mask_get_width (mask) + i];

      in += state == FV_MASK_INSIDE ? area : 0.0;
      op += state != FV_MASK_NO_OPINION ? area : 0.0;
    }
  *opinion = op / (cell_width * cell_height);
  *inside = op > 1e-9 ? in / op : 0.0;
}

static void
test_pool_any_size (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);

  for (int round = 0; round < 200; round++) {
    g_autoptr (FvMask) mask
        = random_mask (rand, g_rand_int_range (rand, 1, 20), g_rand_int_range (rand, 1, 20));
    int w = g_rand_int_range (rand, 1, 30), h = g_rand_int_range (rand, 1, 30);
    g_autofree float *inside = g_new (float, w *h);
    g_autofree float *opinion = g_new (float, w *h);

    fv_mask_pool (mask, w, h, inside, opinion);
    for (int y = 0; y < h; y++)
      for (int x = 0; x < w; x++) {
        double in, op;

        pool_slowly (mask, w, h, x, y, &in, &op);
        g_assert_cmpfloat_with_epsilon (inside[y * w + x], in, 1e-6);
        g_assert_cmpfloat_with_epsilon (opinion[y * w + x], op, 1e-6);
      }
  }
}

static void
test_rect (void)
{
  FvRect a = { 0, 0, 4, 4 }, b = { 2, 3, 10, 10 }, far = { 50, 50, 1, 1 };
  FvRect both = fv_rect_intersect (a, b);
  FvRect around = fv_rect_union (a, b);

  g_assert_cmpint (both.x, ==, 2);
  g_assert_cmpint (both.y, ==, 3);
  g_assert_cmpint (both.width, ==, 2);
  g_assert_cmpint (both.height, ==, 1);
  g_assert_cmpint (around.width, ==, 12);
  g_assert_cmpint (around.height, ==, 13);
  g_assert_true (fv_rect_is_empty (fv_rect_intersect (a, far)));
  around = fv_rect_union ((FvRect){ 9, 9, 0, 0 }, a);
  g_assert_cmpmem (&around, sizeof around, &a, sizeof a);
}

static void
test_rect_never_overflows (void)
{
  FvRect huge = { G_MAXINT - 1, G_MAXINT - 1, G_MAXINT, G_MAXINT };
  FvRect low = { G_MININT, G_MININT, 1, 1 };

  g_assert_true (fv_rect_is_empty (fv_rect_intersect (huge, low)));
  g_assert_cmpint (fv_rect_intersect (huge, huge).width, ==, G_MAXINT);
  g_assert_cmpint (fv_rect_union (huge, low).width, ==, G_MAXINT);
}

/* Marks every unit edge of the segments in @horizontal and @vertical, [h + 1][w + 1] counters. */
static void
mark_segments (GArray *segments, int w, guint8 *horizontal, guint8 *vertical)
{
  for (guint i = 0; i < segments->len; i++) {
    FvSegment s = g_array_index (segments, FvSegment, i);

    g_assert_true ((s.x0 == s.x1) != (s.y0 == s.y1));
    for (int x = s.x0; x < s.x1; x++)
      horizontal[s.y0 * (w + 1) + x]++;
    for (int y = s.y0; y < s.y1; y++)
      vertical[y * (w + 1) + s.x0]++;
  }
}

static gboolean
is_inside (const FvMask *mask, int x, int y)
{
  int w = fv_mask_get_width (mask);

  return x >= 0 && y >= 0 && x < w && y < fv_mask_get_height (mask)
         && fv_mask_peek (mask)[y * w + x] == FV_MASK_INSIDE;
}

/* Each edge once, and no other, however the mask is cut into two regions. */
static void
test_outline_has_every_edge_once (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (2);

  for (int round = 0; round < 300; round++) {
    int w = g_rand_int_range (rand, 1, 40), h = g_rand_int_range (rand, 1, 12);
    int cut = g_rand_int_range (rand, 0, w + 1), cut_y = g_rand_int_range (rand, 0, h + 1);
    g_autoptr (FvMask) mask = random_mask (rand, w, h);
    gsize n = (gsize) (w + 1) * (h + 1);
    g_autofree guint8 *horizontal = g_malloc0 (n);
    g_autofree guint8 *vertical = g_malloc0 (n);
    FvRect quarters[] = { { -5, -5, cut + 5, cut_y + 5 },
                          { cut, 0, w, cut_y },
                          { 0, cut_y, cut, h },
                          { cut, cut_y, w, h } };

    for (gsize i = 0; i < G_N_ELEMENTS (quarters); i++) {
      g_autoptr (GArray) segments = fv_mask_outline (mask, quarters[i]);

      mark_segments (segments, w, horizontal, vertical);
    }
    for (int y = 0; y <= h; y++)
      for (int x = 0; x <= w; x++) {
        if (x < w)
          g_assert_cmpint (horizontal[y * (w + 1) + x], ==,
                           is_inside (mask, x, y) != is_inside (mask, x, y - 1));
        if (y < h)
          g_assert_cmpint (vertical[y * (w + 1) + x], ==,
                           is_inside (mask, x, y) != is_inside (mask, x - 1, y));
      }
  }
}

static void
test_outline_is_merged (void)
{
  g_autoptr (FvMask) mask = fv_mask_new (30, 30);
  g_autoptr (GArray) segments = NULL;

  for (int y = 10; y < 20; y++)
    memset (fv_mask_get_data (mask) + y * 30 + 5, FV_MASK_INSIDE, 20);
  segments = fv_mask_outline (mask, (FvRect){ 0, 0, 30, 30 });
  g_assert_cmpuint (segments->len, ==, 4);
}

static void
test_outline_full_and_empty (void)
{
  g_autoptr (FvMask) mask = fv_mask_new (9, 7);
  g_autoptr (GArray) none = fv_mask_outline (mask, (FvRect){ 0, 0, 9, 7 });
  g_autoptr (GArray) frame = NULL;

  memset (fv_mask_get_data (mask), FV_MASK_INSIDE, 63);
  frame = fv_mask_outline (mask, (FvRect){ 0, 0, 9, 7 });
  g_assert_cmpuint (none->len, ==, 0);
  g_assert_cmpuint (frame->len, ==, 4);
}

static void
test_outline_speed (void)
{
  g_autoptr (FvMask) mask = fv_mask_new (3840, 2160);
  g_autoptr (GArray) segments = NULL;
  double milliseconds;

  for (int y = 0; y < 2160; y++)
    for (int x = 0; x < 3840; x++)
      fv_mask_get_data (mask)[y * 3840 + x]
          = (x - 1900) * (x - 1900) + (y - 1000) * (y - 1000) < 640000;
  g_test_timer_start ();
  segments = fv_mask_outline (mask, (FvRect){ 0, 0, 3840, 2160 });
  milliseconds = g_test_timer_elapsed () * 1e3;
  g_test_minimized_result (milliseconds, "outline of a 4K mask: %.2f ms", milliseconds);
  g_assert_cmpuint (segments->len, >, 1000);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/mask/new-is-outside", test_new_is_outside);
  g_test_add_func ("/mask/count-and-empty", test_count_and_empty);
  g_test_add_func ("/mask/copy-is-independent", test_copy_is_independent);
  g_test_add_func ("/mask/resize-nearest", test_resize_nearest);
  g_test_add_func ("/mask/pool/exact-cells", test_pool_exact_cells);
  g_test_add_func ("/mask/pool/cuts-pixels", test_pool_cuts_pixels);
  g_test_add_func ("/mask/pool/no-opinion-is-zero", test_pool_no_opinion_is_zero);
  g_test_add_func ("/mask/pool/any-size", test_pool_any_size);
  g_test_add_func ("/rect/intersect-and-union", test_rect);
  g_test_add_func ("/rect/never-overflows", test_rect_never_overflows);
  g_test_add_func ("/mask/outline/every-edge-once", test_outline_has_every_edge_once);
  g_test_add_func ("/mask/outline/merged", test_outline_is_merged);
  g_test_add_func ("/mask/outline/full-and-empty", test_outline_full_and_empty);
  g_test_add_func ("/mask/outline/speed", test_outline_speed);
  return g_test_run ();
}
