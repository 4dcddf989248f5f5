/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See the header. */

#include "fv-lesson-report.h"

#include <math.h>

#include "fv-probes.h"

void
fv_lesson_report_free (FvLessonReport *self)
{
  g_free (self->folder);
  g_clear_pointer (&self->model, fv_model_info_unref);
  g_clear_pointer (&self->agreement_before, g_array_unref);
  g_clear_pointer (&self->agreement_after, g_array_unref);
  g_free (self);
}

/* A number of each picture, by the index of its result. */
typedef double (*GetNumber) (const FvImageResult *result);

static double
get_energy (const FvImageResult *result)
{
  return result->alignment.values[FV_ALIGNMENT_ENERGY];
}

static double
get_right (const FvImageResult *result)
{
  return result->right;
}

static FvDifference
compare_numbers (const FvEvaluation *before, const FvEvaluation *after, GetNumber get, guint64 seed)
{
  gsize n = fv_evaluation_get_n_results (before);
  g_autofree double *a = g_new (double, n);
  g_autofree double *b = g_new (double, n);

  for (gsize i = 0; i < n; i++) {
    a[i] = get (fv_evaluation_get_result (before, i));
    b[i] = get (fv_evaluation_get_result (after, i));
  }
  return fv_estimate_mean_difference (a, b, n, seed);
}

/* -- the margin outside the mask: medians, since a picture whose two best classes are almost equal
 *    divides by almost nothing ---------------------------------------------------------------- */

/* Of @n pictures, before and after; a pair that is undefined on one side is NaN on both. */
typedef struct {
  double *before, *after;
} Margins;

static double
get_drawn_median (const double *values, const gsize *indices, gsize n)
{
  g_autofree double *drawn = g_new (double, n);

  for (gsize i = 0; i < n; i++)
    drawn[i] = values[indices[i]];
  return fv_probes_get_median (drawn, n);
}

static double
get_median_difference (const gsize *indices, gsize n, gpointer user_data)
{
  const Margins *margins = user_data;

  return get_drawn_median (margins->after, indices, n)
         - get_drawn_median (margins->before, indices, n);
}

static double
get_margin (const FvEvaluation *evaluation, gsize index)
{
  return fv_evaluation_get_result (evaluation, index)
      ->faithfulness.values[FV_FAITHFULNESS_MARGIN_OUTSIDE];
}

static void
compare_margins (FvLessonReport *self, const FvEvaluation *before, const FvEvaluation *after,
                 guint64 seed)
{
  gsize n = fv_evaluation_get_n_results (before);
  g_autofree double *values = g_new (double, 2 * n);
  Margins margins = { values, values + n };
  gsize n_pairs = 0;

  for (gsize i = 0; i < n; i++) {
    double a = get_margin (before, i), b = get_margin (after, i);
    gboolean defined = !isnan (a) && !isnan (b);

    margins.before[i] = defined ? a : NAN;
    margins.after[i] = defined ? b : NAN;
    n_pairs += defined;
  }
  self->margin_before = fv_probes_get_median (margins.before, n);
  self->margin_after = fv_probes_get_median (margins.after, n);
  self->margin = fv_estimate_statistic (n, get_median_difference, &margins, seed);
  self->margin.n = n_pairs;
}

void
fv_lesson_report_compare (FvLessonReport *self, const FvEvaluation *before,
                          const FvEvaluation *after, guint64 seed)
{
  g_return_if_fail (fv_evaluation_get_n_results (before) == fv_evaluation_get_n_results (after));

  self->energy_before = fv_evaluation_get_alignment (before, FV_ALIGNMENT_ENERGY);
  self->energy_after = fv_evaluation_get_alignment (after, FV_ALIGNMENT_ENERGY);
  self->energy = compare_numbers (before, after, get_energy, seed);
  compare_margins (self, before, after, seed);
  self->accuracy_before = fv_evaluation_get_accuracy (before);
  self->accuracy_after = fv_evaluation_get_accuracy (after);
  self->accuracy = compare_numbers (before, after, get_right, seed);
  self->worst_group_before = fv_evaluation_get_worst_group (before);
  self->worst_group_after = fv_evaluation_get_worst_group (after);
  self->worst_group = fv_evaluation_compare_worst_group (before, after);
}

void
fv_lesson_report_compare_agreement (FvLessonReport *self, GArray *before, GArray *after,
                                    guint64 seed)
{
  g_return_if_fail (before->len == after->len && self->agreement_before == NULL);

  self->agreement_before = before;
  self->agreement_after = after;
  self->agreement = fv_estimate_mean_difference ((const double *) (gconstpointer) before->data,
                                                 (const double *) (gconstpointer) after->data,
                                                 before->len, seed);
}
