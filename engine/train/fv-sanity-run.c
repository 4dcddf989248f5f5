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
compare_stage (FvModel *model, FvTensor *input, const FvMap *map, guint64 map_seed,
               Similarity *similarity, GError **error)
{
  g_autoptr (FvInspection) inspection = fv_inspection_new (model, input, map->layer, NULL, error);
  g_autoptr (GPtrArray) maps = NULL;

  if (inspection != NULL)
    maps = fv_explain (inspection, input, map->method, &map->target, map_seed, error);
  if (maps == NULL)
    return FALSE;
  similarity_add (similarity, map, g_ptr_array_index (maps, 0));
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
            const FvSanityOptions *options, Similarity *similarity, GCancellable *cancellable,
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
        || !compare_stage (copy, input, map, map_seed, similarity, error))
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
  Similarity similarity = { 0 };

  if (!fv_map_is_dead (map)
      && !run_stages (model, input, map, map_seed, options, &similarity, cancellable, error))
    return FALSE;
  result->values[FV_SANITY_RANDOMISED_RANK]
      = similarity.n > 0 ? similarity.rank / similarity.n : NAN;
  result->values[FV_SANITY_RANDOMISED_SSIM]
      = similarity.n > 0 ? similarity.ssim / similarity.n : NAN;
  result->values[FV_SANITY_SPARSENESS] = fv_sparseness (map->values, n);
  result->values[FV_SANITY_COMPLEXITY] = fv_complexity (map->values, n);
  return TRUE;
}
