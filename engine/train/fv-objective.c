/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One function a loss, and the weighted sum. */

#include "fv-objective.h"

#include <math.h>

#include "fv-camal.h"
#include "fv-contrast.h"
#include "fv-executor.h"
#include "fv-linear-head.h"
#include "fv-mask-cells.h"
#include "fv-match.h"
#include "fv-rrr.h"
#include "fv-swap.h"
#include "fv-training-map.h"

struct _FvObjective {
  FvGraph *graph;
  const FvTrainConfig *config;
  const FvLayer *layer; /* of the maps; NULL without a loss on attention */
  FvLinearHead head;    /* above the layer, where has_linear_head */
  gboolean has_linear_head;
  GArray *wanted; /* FvNodeId */
};

/* -- preparing ------------------------------------------------------------------------------ */

/* Losses on maps or activations of the layer, which must learn; the others only take the mask's
 * cells from it. */
static gboolean
is_on_layer (FvLossKind kind)
{
  return fv_loss_is_on_attention (kind) && kind != FV_LOSS_RRR;
}

static gboolean
any_weight (const FvTrainConfig *config, gboolean (*concerns) (FvLossKind kind))
{
  for (int i = 0; i < FV_N_LOSSES; i++)
    if (config->weights[i] > 0 && concerns ((FvLossKind) i))
      return TRUE;
  return FALSE;
}

static gboolean
check_layer (const FvObjective *self, FvNodeId start, GError **error)
{
  const FvTrainConfig *config = self->config;

  if (!any_weight (config, is_on_layer))
    return TRUE;
  if (self->layer->node < start && !self->has_linear_head) {
    g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_ARGUMENT,
                 "the maps' layer lies below “%s”, where everything is frozen",
                 config->freeze_below);
    return FALSE;
  }
  if (!fv_training_map_is_defined (config->map, self->graph, self->layer)) {
    g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_ARGUMENT,
                 "the map cam needs a layer that only global average pooling and one linear layer "
                 "follow, and “%s” has more above it: take gradcam",
                 self->layer->name);
    return FALSE;
  }
  return TRUE;
}

/* Swapping where the head is not linear runs what lies above the layer once more. */
static gboolean
swaps_through_cut (const FvObjective *self)
{
  return self->config->weights[FV_LOSS_SWAP] > 0 && !self->has_linear_head;
}

static void
want_nodes (FvObjective *self)
{
  g_autoptr (GArray) frontier = fv_graph_frontier (self->graph, self->layer->node);

  g_array_append_vals (self->wanted, frontier->data, swaps_through_cut (self) ? frontier->len : 1);
}

static gboolean
find_layer (FvObjective *self, FvModel *model, FvNodeId start, GError **error)
{
  const char *name = self->config->layer;

  self->layer = name != NULL ? fv_model_find_layer (model, name, error)
                             : fv_model_get_default_layer (model, error);
  if (self->layer == NULL)
    return FALSE;
  self->has_linear_head = fv_graph_find_linear_head (self->graph, self->layer->node, &self->head);
  want_nodes (self);
  return check_layer (self, start, error);
}

FvObjective *
fv_objective_new (FvModel *model, const FvTrainConfig *config, FvNodeId start, GError **error)
{
  g_autoptr (FvObjective) self = g_new0 (FvObjective, 1);
  FvNodeId output;

  self->graph = fv_model_get_graph (model);
  self->config = config;
  self->wanted = g_array_new (FALSE, FALSE, sizeof (FvNodeId));
  output = fv_graph_get_output (self->graph);
  g_array_append_val (self->wanted, output);
  if (any_weight (config, fv_loss_is_on_attention) && !find_layer (self, model, start, error))
    return NULL;
  return g_steal_pointer (&self);
}

void
fv_objective_free (FvObjective *self)
{
  if (self == NULL)
    return;
  g_array_unref (self->wanted);
  g_free (self);
}

const FvLayer *
fv_objective_get_layer (const FvObjective *self)
{
  return self->layer;
}

const GArray *
fv_objective_get_wanted (const FvObjective *self)
{
  return self->wanted;
}

gboolean
fv_objective_needs_input_gradient (const FvObjective *self)
{
  return self->config->weights[FV_LOSS_RRR] > 0;
}

/* -- losses --------------------------------------------------------------------------------- */

/* What a batch was and what the network made of it. */
typedef struct {
  const FvBatch *batch;
  const FvActivations *found;
  int step;
  FvMapSource source;   /* without a loss on attention, only the logits */
  FvTensor *label_maps; /* [N,h,w]; NULL until a loss asks for them */
} Outcome;

/* Each loss by itself: a scalar. */
typedef FvTensor *(*LossTerm) (const FvObjective *self, FvScope *scope, Outcome *outcome);

static FvTensor *
cross_entropy (const FvObjective *self, FvScope *scope, Outcome *outcome)
{
  return fv_call (scope, "aten::cross_entropy_loss", fv_of (outcome->source.logits),
                  fv_of (outcome->batch->labels));
}

/* The maps of the labels, drawn once for all losses of a step. */
static FvTensor *
get_label_maps (const FvObjective *self, FvScope *scope, Outcome *outcome)
{
  if (outcome->label_maps == NULL)
    outcome->label_maps
        = fv_training_map (scope, self->config->map, &outcome->source, outcome->batch->labels);
  return outcome->label_maps;
}

static FvTensor *
two_term (const FvObjective *self, FvScope *scope, Outcome *outcome)
{
  const FvBatch *batch = outcome->batch;

  return fv_camal_two_term (scope, get_label_maps (self, scope, outcome), batch->inside,
                            batch->opinion, batch->weight);
}

static FvTensor *
count_masks (FvScope *scope, const FvBatch *batch)
{
  return fv_mask_cells_count (scope, fv_mask_cells_inside (scope, batch->inside, batch->opinion),
                              batch->weight);
}

static FvTensor *
swap_pairs (const FvObjective *self, FvScope *scope, const Outcome *outcome)
{
  const FvBatch *batch = outcome->batch;
  const FvLinearHead *head = &self->head;
  FvTensor *weight = fv_graph_get_parameter (self->graph, head->weight);
  FvTensor *bias
      = head->bias != FV_NODE_NONE ? fv_graph_get_parameter (self->graph, head->bias) : NULL;
  FvEvidence evidence = fv_evidence_split (scope, outcome->source.activation, weight, bias,
                                           batch->inside, batch->opinion);

  return fv_evidence_swap (scope, &evidence, batch->labels, count_masks (scope, batch));
}

/* A number that depends on the seed and the step alone. */
static guint32
draw_shift (const FvObjective *self, int step)
{
  const guint32 words[]
      = { (guint32) self->config->seed, (guint32) (self->config->seed >> 32), (guint32) step };
  g_autoptr (GRand) random = g_rand_new_with_seed_array (words, G_N_ELEMENTS (words));

  return g_rand_int (random);
}

static FvTensor *
swap_through_cut (const FvObjective *self, FvScope *scope, const Outcome *outcome)
{
  const FvBatch *batch = outcome->batch;
  const FvRunMode mode
      = { .batch_norm_training = self->config->train_batch_norm, .dropout_training = TRUE };
  FvTensor *counts = count_masks (scope, batch);
  FvTensor *outside = fv_layer_from_cells (
      scope, self->layer, fv_mask_cells_outside (scope, batch->inside, batch->opinion));
  FvTensor *donors = fv_evidence_donors (scope, counts, draw_shift (self, outcome->step));
  FvTensor *composed = fv_evidence_compose (scope, outcome->source.activation, outside, donors);
  FvTensor *logits = fv_graph_forward_from (self->graph, scope, outcome->found, self->layer->node,
                                            composed, mode);

  return fv_evidence_decide (scope, logits, batch->labels, counts);
}

static FvTensor *
swap (const FvObjective *self, FvScope *scope, Outcome *outcome)
{
  return self->has_linear_head ? swap_pairs (self, scope, outcome)
                               : swap_through_cut (self, scope, outcome);
}

static FvTensor *
draw_class_maps (const FvObjective *self, FvScope *scope, const Outcome *outcome)
{
  const FvMapSource *source = &outcome->source;

  if (self->has_linear_head && fv_tensor_get_size (source->logits, 1) <= FV_CONTRAST_MAX_CLASSES)
    return fv_training_maps_of_all (scope, self->config->map, source);
  return fv_training_maps (scope, self->config->map, source,
                           fv_contrast_rivals (scope, source->logits, outcome->batch->labels));
}

static FvTensor *
contrast (const FvObjective *self, FvScope *scope, Outcome *outcome)
{
  const FvBatch *batch = outcome->batch;

  return fv_contrast (scope, draw_class_maps (self, scope, outcome), batch->inside, batch->opinion,
                      batch->weight);
}

static FvTensor *
match (const FvObjective *self, FvScope *scope, Outcome *outcome)
{
  const FvBatch *batch = outcome->batch;
  FvTensor *maps, *predicted;

  if (self->config->match.target == FV_MATCH_OF_PREDICTED) {
    predicted = fv_call (scope, "aten::argmax", fv_of (outcome->source.logits), fv_int (1));
    maps = fv_training_map (scope, self->config->map, &outcome->source, predicted);
  } else {
    maps = get_label_maps (self, scope, outcome);
  }
  return fv_match (scope, &self->config->match, maps, batch->inside, batch->opinion, batch->weight);
}

static FvTensor *
right_reasons (const FvObjective *self, FvScope *scope, Outcome *outcome)
{
  const FvBatch *batch = outcome->batch;

  return fv_rrr (scope, batch->images, outcome->source.logits, batch->inside, batch->opinion,
                 batch->weight);
}

static const LossTerm terms[FV_N_LOSSES] = {
  [FV_LOSS_CROSS_ENTROPY] = cross_entropy,
  [FV_LOSS_CAMAL] = two_term,
  [FV_LOSS_SWAP] = swap,
  [FV_LOSS_CONTRAST] = contrast,
  [FV_LOSS_MATCH] = match,
  [FV_LOSS_RRR] = right_reasons,
};

static FvTensor *
add_weighted (FvScope *scope, FvTensor *sum, FvTensor *term, double weight)
{
  FvTensor *weighted = fv_call (scope, "aten::mul.Scalar", fv_of (term), fv_real (weight));

  return sum == NULL ? weighted
                     : fv_call (scope, "aten::add.Tensor", fv_of (sum), fv_of (weighted));
}

FvTensor *
fv_objective_measure (const FvObjective *self, FvScope *scope, const FvBatch *batch,
                      const FvActivations *found, int step, double share,
                      double losses[FV_N_LOSSES])
{
  Outcome outcome = { .batch = batch, .found = found, .step = step };
  FvTensor *total = NULL;

  outcome.source.graph = self->graph;
  outcome.source.layer = self->layer;
  outcome.source.logits = fv_activations_get (found, fv_graph_get_output (self->graph));
  if (self->layer != NULL)
    outcome.source.activation = fv_activations_get (found, self->layer->node);
  for (int i = 0; i < FV_N_LOSSES; i++) {
    gboolean on_attention = fv_loss_is_on_attention ((FvLossKind) i);
    double weight = self->config->weights[i] * (on_attention ? share : 1);
    FvTensor *term;

    losses[i] = NAN;
    if (on_attention && (weight <= 0 || !batch->any_mask))
      continue;
    term = terms[i](self, scope, &outcome);
    losses[i] = term != NULL ? fv_tensor_to_double (term) : NAN;
    total = add_weighted (scope, total, term, weight);
  }
  return total;
}
