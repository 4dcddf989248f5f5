/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The randomisation test, stage by stage. */

#include "fv-sanity-run.h"

#include <math.h>

#include "fv-explain.h"
#include "fv-randomise.h"

FvSanityOptions
fv_sanity_options_default (void)
{
  return (FvSanityOptions){ .n_stages = 5, .order = FV_RANDOMISE_CASCADING, .seed = 0 };
}

/* A mean of the values that are not NaN. */
typedef struct {
  double sum;
  int n;
} Mean;

static void
mean_add (Mean *mean, double value)
{
  if (isnan (value))
    return;
  mean->sum += value;
  mean->n++;
}

static double
mean_get (const Mean *mean)
{
  return mean->n > 0 ? mean->sum / mean->n : NAN;
}

static gboolean
compare_stage (FvModel *model, FvTensor *input, const FvMap *map, guint64 map_seed, Mean *rank,
               Mean *ssim, GError **error)
{
  g_autoptr (FvInspection) inspection = fv_inspection_new (model, input, map->layer, NULL, error);
  g_autoptr (GPtrArray) maps = NULL;
  const FvMap *other;

  if (inspection != NULL)
    maps = fv_explain (inspection, input, map->method, &map->target, map_seed, error);
  if (maps == NULL)
    return FALSE;
  other = g_ptr_array_index (maps, 0);
  mean_add (rank,
            fv_spearman (map->values, other->values, (gsize) map->width * (gsize) map->height));
  mean_add (ssim, fv_map_ssim (map->values, other->values, map->width, map->height));
  return TRUE;
}

/* The copy to shuffle for the next stage: the last one goes on forgetting, or a fresh one. */
static gboolean
renew_copy (FvModel *model, FvRandomiseOrder order, FvModel **copy, GError **error)
{
  if (*copy != NULL && order == FV_RANDOMISE_CASCADING)
    return TRUE;
  g_clear_pointer (copy, fv_model_unref);
  *copy = fv_randomise_copy (model, error);
  return *copy != NULL;
}

static gboolean
run_stages (FvModel *model, FvTensor *input, const FvMap *map, guint64 map_seed,
            const FvSanityOptions *options, Mean *rank, Mean *ssim, GCancellable *cancellable,
            GError **error)
{
  g_autoptr (GPtrArray) modules = fv_randomise_list_modules (model);
  g_autoptr (FvModel) copy = NULL;

  for (guint stage = 0; stage < options->n_stages; stage++) {
    guint first = (guint) ((guint64) stage * modules->len / options->n_stages);
    guint end = (guint) (((guint64) stage + 1) * modules->len / options->n_stages);

    if (end == first) /* fewer modules than stages */
      continue;
    if (g_cancellable_set_error_if_cancelled (cancellable, error)
        || !renew_copy (model, options->order, &copy, error)
        || !fv_randomise_modules (copy, first, end - first, options->seed, error)
        || !compare_stage (copy, input, map, map_seed, rank, ssim, error))
      return FALSE;
  }
  return TRUE;
}

gboolean
fv_sanity_run (FvModel *model, FvTensor *input, const FvMap *map, guint64 map_seed,
               const FvSanityOptions *options, FvSanity *result, GCancellable *cancellable,
               GError **error)
{
  gsize n = (gsize) map->width * (gsize) map->height;
  Mean rank = { 0 }, ssim = { 0 };

  if (!run_stages (model, input, map, map_seed, options, &rank, &ssim, cancellable, error))
    return FALSE;
  result->values[FV_SANITY_RANDOMISED_RANK] = mean_get (&rank);
  result->values[FV_SANITY_RANDOMISED_SSIM] = mean_get (&ssim);
  result->values[FV_SANITY_SPARSENESS] = fv_sparseness (map->values, n);
  result->values[FV_SANITY_COMPLEXITY] = fv_complexity (map->values, n);
  return TRUE;
}
