/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A model answers what the metrics of faithfulness ask. */

#include "fv-faithfulness-run.h"

#include <string.h>

#include "fv-explain.h"
#include "fv-gradcam.h"
#include "fv-linear-head.h"

/* What the callbacks need. */
typedef struct {
  FvModel *model;
  const FvFaithfulnessPicture *picture;
  int width, height;
  GCancellable *cancellable;
} Asked;

static FvTensor *
make_batch (const Asked *asked, const float *images, int n, GError **error)
{
  const gint64 shape[] = { n, 3, asked->height, asked->width };
  gsize picture = 3 * (gsize) asked->width * (gsize) asked->height;

  return fv_tensor_new (FV_DTYPE_FLOAT32, shape, 4, images, (gsize) n * picture * sizeof (float),
                        error);
}

/* The FvScorer: all inference on changed pictures goes through here. */
static gboolean
score (const float *images, int n, float *logits, gpointer user_data, GError **error)
{
  const Asked *asked = user_data;
  g_autoptr (FvTensor) batch = make_batch (asked, images, n, error);
  FvNodeId output = fv_graph_get_output (fv_model_get_graph (asked->model));
  gsize n_bytes = (gsize) n * (gsize) fv_model_get_n_classes (asked->model) * sizeof (float);
  g_autoptr (FvActivations) found = NULL;
  FvTensor *scores;

  if (batch != NULL)
    found = fv_model_run (asked->model, batch, &output, 1, asked->cancellable, error);
  if (found == NULL)
    return FALSE;
  scores = fv_activations_get (found, output);
  if (scores != NULL)
    return fv_tensor_read (scores, FV_DTYPE_FLOAT32, logits, n_bytes, error);
  g_set_error_literal (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_ARGUMENT,
                       "the network gives no tensor");
  return FALSE;
}

/* The FvExplainer. A random map is drawn once for a picture: disturbing it changes nothing. */
static gboolean
explain (const float *images, int n, float *maps, gpointer user_data, GError **error)
{
  const Asked *asked = user_data;
  const FvMap *map = asked->picture->map;
  gsize cells = (gsize) map->width * (gsize) map->height;

  for (int i = 0; i < n; i++) {
    gsize picture = 3 * (gsize) asked->width * (gsize) asked->height;
    g_autoptr (FvTensor) input = make_batch (asked, images + (gsize) i * picture, 1, error);
    FvExplainOptions options = fv_explain_options_default (map->method);
    g_autoptr (FvInspection) inspection = NULL;
    g_autoptr (GPtrArray) found = NULL;

    options.targets = &map->target;
    options.seed = asked->picture->seed;
    if (input != NULL)
      inspection = fv_explain_inspect (asked->model, input, map->method, map->layer,
                                       asked->cancellable, error);
    if (inspection != NULL)
      found = fv_explain (inspection, input, &options, asked->cancellable, error);
    if (found == NULL)
      return FALSE;
    memcpy (maps + (gsize) i * cells, ((FvMap *) g_ptr_array_index (found, 0))->values,
            cells * sizeof (float));
  }
  return TRUE;
}

/* -- the margin ----------------------------------------------------------------------------- */

/* The class with the largest logit but @target. */
static int
find_rival (const float *logits, int n_classes, int target)
{
  int rival = target == 0 ? 1 : 0;

  for (int c = 0; c < n_classes; c++)
    if (c != target && logits[c] > logits[rival])
      rival = c;
  return rival;
}

/* Evidence for the class minus that for its rival, by cell: exact below a linear head, where the
 * signed Grad-CAM of a class sums to its logit but for the bias. *difference stays NULL elsewhere.
 * A map at no layer is judged with the model's own. */
static gboolean
find_margin (FvModel *model, const FvFaithfulnessPicture *picture, FvMarginEvidence *margin,
             float **difference, GError **error)
{
  int target = picture->map->target, rival;
  g_autoptr (FvInspection) inspection = NULL;
  g_autoptr (GPtrArray) own = NULL, other = NULL;
  const FvMap *a, *b;
  FvLinearHead head;

  if (picture->map->layer == NULL && fv_model_get_default_layer (model, NULL) == NULL)
    return TRUE;
  inspection = fv_inspection_new (model, picture->input, picture->map->layer, NULL, error);
  if (inspection == NULL)
    return FALSE;
  if (fv_model_get_n_classes (model) < 2
      || !fv_graph_find_linear_head (fv_model_get_graph (model),
                                     fv_inspection_get_layer (inspection)->node, &head))
    return TRUE;
  rival
      = find_rival (fv_inspection_get_logits (inspection), fv_model_get_n_classes (model), target);
  own = fv_gradcam (inspection, &target, FALSE, error);
  other = own != NULL ? fv_gradcam (inspection, &rival, FALSE, error) : NULL;
  if (other == NULL)
    return FALSE;
  a = g_ptr_array_index (own, 0);
  b = g_ptr_array_index (other, 0);
  *difference = g_new (float, (gsize) a->width *(gsize) a->height);
  for (int i = 0; i < a->width * a->height; i++)
    (*difference)[i] = a->values[i] - b->values[i];
  *margin = (FvMarginEvidence){
    .difference = *difference,
    .width = a->width,
    .height = a->height,
    .margin = (double) fv_inspection_get_logits (inspection)[target]
              - fv_inspection_get_logits (inspection)[rival],
  };
  return TRUE;
}

/* -- donors --------------------------------------------------------------------------------- */

static void
donor_clear (gpointer donor)
{
  g_free ((float *) ((FvDonor *) donor)->image);
}

/* (transfer full): of FvDonor */
static GArray *
read_donors (const FvFaithfulnessPicture *picture, GError **error)
{
  g_autoptr (GArray) donors = g_array_new (FALSE, FALSE, sizeof (FvDonor));

  g_array_set_clear_func (donors, donor_clear);
  for (gsize i = 0; i < picture->n_donors; i++) {
    FvDonor donor
        = { fv_tensor_to_floats (picture->donors[i], NULL, error), picture->donor_masks[i] };

    if (donor.image == NULL)
      return NULL;
    g_array_append_val (donors, donor);
  }
  return g_steal_pointer (&donors);
}

/* -- the run -------------------------------------------------------------------------------- */

gboolean
fv_faithfulness_run (FvModel *model, const FvFaithfulnessPicture *picture,
                     FvFaithfulnessSet metrics, const FvFaithfulnessOptions *options,
                     FvFaithfulness *result, FvFaithfulnessCost *cost, GCancellable *cancellable,
                     GError **error)
{
  Asked asked = { model, picture, (int) fv_tensor_get_size (picture->input, 3),
                  (int) fv_tensor_get_size (picture->input, 2), cancellable };
  FvFaithfulnessOptions chosen = *options;
  FvFaithfulnessNetwork network = { score,   &asked, fv_model_get_n_classes (model),
                                    explain, &asked, fv_model_get_card (model)->multi_label };
  g_autofree float *image = fv_tensor_to_floats (picture->input, NULL, error);
  g_autofree float *difference = NULL;
  g_autoptr (GArray) donors = NULL;
  FvMarginEvidence margin;
  FvFaithfulnessSubject subject;

  if (chosen.batch == 0)
    chosen.batch = fv_model_get_batch_size (model, asked.height, asked.width, error);
  if (chosen.batch == 0 || image == NULL || (donors = read_donors (picture, error)) == NULL)
    return FALSE;
  if ((metrics & FV_FAITHFULNESS_BIT (FV_FAITHFULNESS_MARGIN_OUTSIDE)) != 0 && picture->mask != NULL
      && !find_margin (model, picture, &margin, &difference, error))
    return FALSE;
  subject = (FvFaithfulnessSubject){
    .image = image,
    .width = asked.width,
    .height = asked.height,
    .map = picture->map->values,
    .map_width = picture->map->width,
    .map_height = picture->map->height,
    .target = picture->map->target,
    .mask = picture->mask,
    .donors = (const FvDonor *) donors->data,
    .n_donors = donors->len,
    .margin = difference != NULL ? &margin : NULL,
  };
  return fv_faithfulness_measure (&subject, &network, metrics, &chosen, result, cost, cancellable,
                                  error);
}
