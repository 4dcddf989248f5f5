/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The contrast term: values worked out by hand, gradients against finite differences in float64,
 * every degenerate mask, and who the rivals are. */

#include "fv-contrast.h"
#include "fv-runtime.h"
#include "loss-fixture.h"

static const double all[2 * CELLS] = { 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1 };
static const double none[2 * CELLS] = { 0 };
static const double one[2] = { 1, 1 };
/* The upper left 2x2 cells, twice. */
static const double block[2 * CELLS] = { 1, 1, 0, 1, 1, 0, 0, 0, 0, 1, 1, 0, 1, 1, 0, 0, 0, 0 };

/* Two classes. D of the first is half their difference: 1, 2, 3, −1, 0, 1 | 0, 2, 0; E is |D|
 * twice. Inside the block lie 1 + 2 + 1 + 0 of 10. */
static const double maps[2 * CELLS] = { 2, 4, 6, 1, 5, 2, 1, 4, 7, 0, 0, 0, 3, 5, 0, 1, 0, 7 };

static FvTensor *
contrast (FvScope *scope, FvTensor *class_maps, FvTensor *inside, FvTensor *opinion,
          FvTensor *weight, gconstpointer unused)
{
  return fv_contrast (scope, class_maps, inside, opinion, weight);
}

static double
value_of (const double *values, const double *inside, const double *opinion)
{
  return evaluate (&(LossCase){ values, inside, opinion, one, 1, 2 }, contrast, NULL, NULL);
}

static void
test_by_hand (void)
{
  g_assert_cmpfloat_with_epsilon (value_of (maps, block, all), 1 - 4.0 / 10, 1e-15);
}

/* What all classes share is nobody's evidence, and scale does not matter. */
static void
test_common_part_and_scale_do_not_count (void)
{
  double moved[2 * CELLS];

  for (int i = 0; i < 2 * CELLS; i++)
    moved[i] = 7 * (maps[i] + 3 * (i % CELLS));
  g_assert_cmpfloat_with_epsilon (value_of (moved, block, all), 1 - 4.0 / 10, 1e-14);
}

static void
test_limits (void)
{
  double inside[2 * CELLS], outside[2 * CELLS];

  for (int i = 0; i < 2 * CELLS; i++) {
    inside[i] = block[i] > 0 ? maps[i] : 1;
    outside[i] = block[i] > 0 ? -2 : maps[i];
  }
  g_assert_cmpfloat (value_of (inside, block, all), ==, 0);
  g_assert_cmpfloat (value_of (outside, block, all), ==, 1);
}

/* The third cell, where 3 of the 10 lie, has no opinion. */
static void
test_no_opinion_never_counts (void)
{
  static const double opinion[CELLS] = { 1, 1, 0, 1, 1, 1, 1, 1, 1 };
  double gradient[2 * CELLS];

  g_assert_cmpfloat_with_epsilon (
      evaluate (&(LossCase){ maps, block, opinion, one, 1, 2 }, contrast, NULL, gradient),
      1 - 4.0 / 7, 1e-15);
  g_assert_cmpfloat (gradient[2], ==, 0);
  g_assert_cmpfloat (gradient[CELLS + 2], ==, 0);
}

static void
test_masks_without_a_say (void)
{
  static const double zero[1] = { 0 };

  assert_silent (&(LossCase){ maps, none, all, one, 1, 2 }, contrast, NULL);
  assert_silent (&(LossCase){ maps, block, none, one, 1, 2 }, contrast, NULL);
  assert_silent (&(LossCase){ maps, block, all, zero, 1, 2 }, contrast, NULL);
  g_assert_cmpfloat (value_of (maps, all, all), ==, 0);
}

/* Classes that agree everywhere: 1, and nothing that is not finite. */
static void
test_no_evidence (void)
{
  double gradient[2 * CELLS];

  g_assert_cmpfloat (evaluate (&(LossCase){ all, block, all, one, 1, 2 }, contrast, NULL, gradient),
                     ==, 1);
  for (int i = 0; i < 2 * CELLS; i++)
    g_assert_cmpfloat (gradient[i], ==, 0);
}

/* Three classes, soft masks, and a picture in the middle that has none. */
static void
test_gradient (void)
{
  double values[3 * 3 * CELLS], inside[3 * CELLS], opinion[3 * CELLS];
  static const double weight[3] = { 1, 0, 1 };

  for (int i = 0; i < 3 * 3 * CELLS; i++)
    values[i] = 3 * sin (1 + 1.7 * i);
  for (int i = 0; i < 3 * CELLS; i++) {
    inside[i] = (i * 7 % 5) / 4.0;
    opinion[i] = (i * 3 % 4) / 3.0;
  }
  assert_gradient (&(LossCase){ values, inside, opinion, weight, 3, 3 }, contrast, NULL);
}

static void
test_rivals (void)
{
  g_autoptr (FvScope) scope = fv_scope_new ();
  const double five[] = { 1, 5, 3, 4, 2, 9, 1, 2, 4, 3 }, two[] = { 1, 5 };
  const gint64 labels[] = { 2, 0 }, n = 2, one_picture = 1;
  FvTensor *label
      = fv_scope_take (scope, fv_tensor_new (FV_DTYPE_INT64, &n, 1, labels, sizeof labels, NULL));
  FvTensor *first = fv_scope_take (
      scope, fv_tensor_new (FV_DTYPE_INT64, &one_picture, 1, &labels[1], sizeof (gint64), NULL));

  assert_values (
      fv_contrast_rivals (scope, new_doubles (scope, five, (const gint64[]){ 2, 5 }, 2), label), 2,
      1, 3, 4, 0, 3, 4, 2);
  assert_values (
      fv_contrast_rivals (scope, new_doubles (scope, two, (const gint64[]){ 1, 2 }, 2), first), 0,
      1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  fv_runtime_start (1);
  g_test_add_func ("/contrast/by-hand", test_by_hand);
  g_test_add_func ("/contrast/common-part-and-scale", test_common_part_and_scale_do_not_count);
  g_test_add_func ("/contrast/limits", test_limits);
  g_test_add_func ("/contrast/no-opinion-never-counts", test_no_opinion_never_counts);
  g_test_add_func ("/contrast/masks-without-a-say", test_masks_without_a_say);
  g_test_add_func ("/contrast/no-evidence", test_no_evidence);
  g_test_add_func ("/contrast/gradient", test_gradient);
  g_test_add_func ("/contrast/rivals", test_rivals);
  return g_test_run ();
}
