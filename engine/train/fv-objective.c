/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One function a loss, and the weighted sum. */

#include "fv-objective.h"

#include <math.h>

#include "fv-camal.h"
#include "fv-gradcam.h"
#include "fv-linear-head.h"
#include "fv-mask-cells.h"
#include "fv-swap.h"

struct _FvObjective {
  FvGraph *graph;
  const FvTrainConfig *config;
  const FvLayer *layer; /* of the maps; NULL without a loss on attention */
  FvLinearHead head;    /* above the layer, where has_linear_head */
  gboolean has_linear_head;
};

/* -- preparing ------------------------------------------------------------------------------ */

static gboolean
check_layer (const FvObjective *self, FvNodeId start, GError **error)
{
  const FvTrainConfig *config = self->config;

  if (self->layer->node < start && !self->has_linear_head) {
    g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_ARGUMENT,
                 "the maps' layer lies below “%s”, where everything is frozen",
                 config->freeze_below);
    return FALSE;
  }
  if (config->weights[FV_LOSS_SWAP] > 0 && !self->has_linear_head) {
    g_set_error (
        error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_ARGUMENT,
        "the swap loss needs a layer that only global average pooling and one linear layer "
        "follow, and “%s” has more above it: leave swap out",
        self->layer->name);
    return FALSE;
  }
  return TRUE;
}

static gboolean
needs_maps (const FvTrainConfig *config)
{
  for (int i = 0; i < FV_N_LOSSES; i++)
    if (config->weights[i] > 0 && fv_loss_is_on_attention ((FvLossKind) i))
      return TRUE;
  return FALSE;
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
  return check_layer (self, start, error);
}

FvObjective *
fv_objective_new (FvModel *model, const FvTrainConfig *config, FvNodeId start, GError **error)
{
  g_autoptr (FvObjective) self = g_new0 (FvObjective, 1);

  self->graph = fv_model_get_graph (model);
  self->config = config;
  if (needs_maps (config) && !find_layer (self, model, start, error))
    return NULL;
  return g_steal_pointer (&self);
}

void
fv_objective_free (FvObjective *self)
{
  g_free (self);
}

const FvLayer *
fv_objective_get_layer (const FvObjective *self)
{
  return self->layer;
}

/* -- losses --------------------------------------------------------------------------------- */

/* What a batch was and what the network made of it. */
typedef struct {
  const FvBatch *batch;
  FvTensor *logits;     /* [N,C] */
  FvTensor *activation; /* of the maps' layer [N,K,h,w]; NULL without a loss on attention */
} Outcome;

static FvTensor *
cross_entropy (const FvObjective *self, FvScope *scope, const Outcome *outcome)
{
  return fv_call (scope, "aten::cross_entropy_loss", fv_of (outcome->logits),
                  fv_of (outcome->batch->labels));
}

static FvTensor *
two_term (const FvObjective *self, FvScope *scope, const Outcome *outcome)
{
  const FvBatch *batch = outcome->batch;
  FvTensor *maps = fv_gradcam_for_training (scope, self->graph, self->layer, outcome->activation,
                                            outcome->logits, batch->labels);

  return fv_camal_two_term (scope, maps, batch->inside, batch->opinion, batch->weight);
}

static FvTensor *
swap (const FvObjective *self, FvScope *scope, const Outcome *outcome)
{
  const FvBatch *batch = outcome->batch;
  const FvLinearHead *head = &self->head;
  FvTensor *weight = fv_graph_get_parameter (self->graph, head->weight);
  FvTensor *bias
      = head->bias != FV_NODE_NONE ? fv_graph_get_parameter (self->graph, head->bias) : NULL;
  FvTensor *inside_area = fv_mask_cells_inside (scope, batch->inside, batch->opinion);
  FvEvidence evidence
      = fv_evidence_split (scope, outcome->activation, weight, bias, batch->inside, batch->opinion);

  return fv_evidence_swap (scope, &evidence, batch->labels,
                           fv_mask_cells_count (scope, inside_area, batch->weight));
}

/* Each loss by itself: a scalar. */
typedef FvTensor *(*LossTerm) (const FvObjective *self, FvScope *scope, const Outcome *outcome);

static const LossTerm terms[FV_N_LOSSES] = { cross_entropy, two_term, swap }; /* by FvLossKind */

static FvTensor *
add_weighted (FvScope *scope, FvTensor *sum, FvTensor *term, double weight)
{
  FvTensor *weighted = fv_call (scope, "aten::mul.Scalar", fv_of (term), fv_real (weight));

  return sum == NULL ? weighted
                     : fv_call (scope, "aten::add.Tensor", fv_of (sum), fv_of (weighted));
}

FvTensor *
fv_objective_measure (const FvObjective *self, FvScope *scope, const FvBatch *batch,
                      const FvActivations *found, double share, double losses[FV_N_LOSSES])
{
  Outcome outcome = { batch, fv_activations_get (found, fv_graph_get_output (self->graph)), NULL };
  FvTensor *total = NULL;

  if (self->layer != NULL)
    outcome.activation = fv_activations_get (found, self->layer->node);
  for (int i = 0; i < FV_N_LOSSES; i++) {
    gboolean on_attention = fv_loss_is_on_attention ((FvLossKind) i);
    double weight = self->config->weights[i];
    FvTensor *term;

    losses[i] = NAN;
    if (on_attention && (weight <= 0 || !batch->any_mask))
      continue;
    term = terms[i](self, scope, &outcome);
    losses[i] = fv_tensor_to_double (term);
    total = add_weighted (scope, total, term, weight * (on_attention ? share : 1));
  }
  return total;
}
