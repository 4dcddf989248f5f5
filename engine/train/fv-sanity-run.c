/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The randomisation test, stage by stage. */

#include "fv-sanity-run.h"

#include <math.h>

#include "fv-explain.h"
#include "fv-randomise.h"

/* -- one order of forgetting ---------------------------------------------------------------- */

/* What is explained again at each stage. */
typedef struct {
  FvModel *model;
  FvTensor *input;
  const FvMap *map;
  guint64 map_seed;
  const FvSanityOptions *options;
  GCancellable *cancellable;
} Subject;

/* Sums over the stages. */
typedef struct {
  double rank, ssim;
  guint n;
} Similarity;

/* A map that died has nothing in common with one that lives: 0. */
static void
similarity_add (Similarity *similarity, const FvMap *map, const FvMap *other)
{
  gsize n = (gsize) map->width * (gsize) map->height;

  similarity->n++;
  if (fv_map_is_dead (other))
    return;
  similarity->rank += fv_spearman (map->values, other->values, n);
  similarity->ssim += fv_map_ssim (map->values, other->values, map->width, map->height);
}

static gboolean
compare_stage (const Subject *subject, FvModel *forgetful, Similarity *similarity, GError **error)
{
  const FvMap *map = subject->map;
  FvExplainOptions options = fv_explain_options_default (map->method);
  g_autoptr (FvInspection) inspection = fv_explain_inspect (
      forgetful, subject->input, map->method, map->layer, subject->cancellable, error);
  g_autoptr (GPtrArray) maps = NULL;

  options.targets = &map->target;
  options.seed = subject->map_seed;
  if (inspection != NULL)
    maps = fv_explain (inspection, subject->input, &options, subject->cancellable, error);
  if (maps == NULL)
    return FALSE;
  similarity_add (similarity, map, g_ptr_array_index (maps, 0));
  return TRUE;
}

/* The copy to shuffle for the next stage: the last one goes on forgetting, or a fresh one. It runs
 * once before it changes again, so that rewriting its graph would not pay. */
static gboolean
renew_copy (FvModel *model, gboolean cascading, FvModel **copy, GError **error)
{
  if (*copy != NULL && cascading)
    return TRUE;
  g_clear_pointer (copy, fv_model_unref);
  *copy = fv_randomise_copy (model, error);
  if (*copy != NULL)
    fv_model_set_learning (*copy, TRUE);
  return *copy != NULL;
}

static gboolean
run_stages (const Subject *subject, gboolean cascading, Similarity *similarity, GError **error)
{
  g_autoptr (GPtrArray) modules = fv_randomise_list_modules (subject->model);
  g_autoptr (FvModel) copy = NULL;
  guint n_stages = subject->options->n_stages;

  for (guint stage = 0; stage < n_stages; stage++) {
    guint first = (guint) ((guint64) stage * modules->len / n_stages);
    guint end = (guint) (((guint64) stage + 1) * modules->len / n_stages);

    if (end == first) /* fewer modules than stages */
      continue;
    if (g_cancellable_set_error_if_cancelled (subject->cancellable, error)
        || !renew_copy (subject->model, cascading, &copy, error)
        || !fv_randomise_modules (copy, first, end - first, subject->options->seed, error)
        || !compare_stage (subject, copy, similarity, error))
      return FALSE;
  }
  return TRUE;
}

/* -- the run -------------------------------------------------------------------------------- */

/* Both similarities under one order of forgetting, where one of them is wanted. */
static gboolean
measure_order (const Subject *subject, gboolean cascading, FvSanitySet metrics, FvSanity *result,
               GError **error)
{
  FvSanityMetric rank = cascading ? FV_SANITY_RANDOMISED_RANK : FV_SANITY_SINGLE_LAYER_RANK;
  FvSanityMetric ssim = cascading ? FV_SANITY_RANDOMISED_SSIM : FV_SANITY_SINGLE_LAYER_SSIM;
  Similarity similarity = { 0 };

  if ((metrics & (FV_SANITY_BIT (rank) | FV_SANITY_BIT (ssim))) == 0
      || fv_map_is_dead (subject->map))
    return TRUE;
  if (!run_stages (subject, cascading, &similarity, error))
    return FALSE;
  if (similarity.n == 0)
    return TRUE;
  if ((metrics & FV_SANITY_BIT (rank)) != 0)
    result->values[rank] = similarity.rank / similarity.n;
  if ((metrics & FV_SANITY_BIT (ssim)) != 0)
    result->values[ssim] = similarity.ssim / similarity.n;
  return TRUE;
}

gboolean
fv_sanity_run (FvModel *model, FvTensor *input, const FvMap *map, guint64 map_seed,
               FvSanitySet metrics, const FvSanityOptions *options, FvSanity *result,
               GCancellable *cancellable, GError **error)
{
  const Subject subject = { model, input, map, map_seed, options, cancellable };
  gsize n = (gsize) map->width * (gsize) map->height;

  *result = fv_sanity_undefined ();
  if ((metrics & FV_SANITY_BIT (FV_SANITY_SPARSENESS)) != 0)
    result->values[FV_SANITY_SPARSENESS] = fv_sparseness (map->values, n);
  if ((metrics & FV_SANITY_BIT (FV_SANITY_COMPLEXITY)) != 0)
    result->values[FV_SANITY_COMPLEXITY] = fv_complexity (map->values, n);
  return measure_order (&subject, TRUE, metrics, result, error)
         && measure_order (&subject, FALSE, metrics, result, error);
}
