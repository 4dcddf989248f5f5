/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One function a loss, and the weighted sum. */

#include "fv-objective.h"

#include <math.h>

#include "fv-arithmetic.h"
#include "fv-augment.h"
#include "fv-camal.h"
#include "fv-contrast.h"
#include "fv-executor.h"
#include "fv-label-loss.h"
#include "fv-linear-head.h"
#include "fv-mask-cells.h"
#include "fv-match.h"
#include "fv-random.h"
#include "fv-rrr.h"
#include "fv-swap.h"
#include "fv-training-map.h"

/* Beyond so many cells a side masks are not pooled for several layers exactly. */
#define MAX_GRID 256
/* Cells a side for losses on pixels: masks are kept on them, and four bytes a pixel are too many.
 */
#define PIXEL_GRID 64

/* A layer to teach at. */
typedef struct {
  const FvLayer *layer;
  FvLinearHead head; /* above it, where has_linear_head */
  gboolean has_linear_head;
} Site;

struct _FvObjective {
  FvGraph *graph;
  const FvTrainConfig *config;
  gboolean mixes_classes;
  GArray *sites;                /* Site; empty without a loss on attention */
  const FvAttention *attention; /* where the maps are transformer's; else NULL */
  GArray *wanted;               /* FvNodeId */
  int grid_width, grid_height;
};

/* -- preparing ------------------------------------------------------------------------------ */

/* Losses on maps or activations of the layers, which must learn; the others only take the mask from
 * them. */
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

/* Transformer's maps: those matrices that lie in a frozen part have their say too. */
static gboolean
add_attention (FvObjective *self, FvModel *model, GError **error)
{
  if (self->config->map != FV_TRAINING_MAP_TRANSFORMER || !any_weight (self->config, is_on_layer))
    return TRUE;
  self->attention = fv_model_get_attention (model, error);
  if (self->attention == NULL)
    return FALSE;
  g_array_append_vals (self->wanted, self->attention->nodes->data, self->attention->nodes->len);
  return TRUE;
}

/* The masks come on the layer's cells. */
static gboolean
check_attention (const FvObjective *self, const FvLayer *layer, GError **error)
{
  const FvLayer *cells = self->attention->cells;

  if (layer->width != cells->width || layer->height != cells->height) {
    g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_ARGUMENT,
                 "the map transformer has %d × %d cells and layer “%s” has %d × %d: choose a layer "
                 "of tokens",
                 cells->width, cells->height, layer->name, layer->width, layer->height);
    return FALSE;
  }
  if (self->mixes_classes && self->config->attention_classes == FV_ATTENTION_ALL_CLASSES) {
    g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_ARGUMENT,
                 "the map transformer is of one class of a picture at a time: take "
                 "--attention-classes one");
    return FALSE;
  }
  return TRUE;
}

static gboolean
check_site (const FvObjective *self, const Site *site, FvNodeId start, GError **error)
{
  const FvTrainConfig *config = self->config;

  if (!any_weight (config, is_on_layer))
    return TRUE;
  if (site->layer->node < start && !site->has_linear_head) {
    g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_ARGUMENT,
                 "the maps' layer “%s” lies below “%s”, where everything is frozen",
                 site->layer->name, config->freeze_below);
    return FALSE;
  }
  if (!fv_training_map_is_defined (config->map, self->graph, site->layer)) {
    g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_ARGUMENT,
                 "the map cam needs a layer that only global average pooling and one linear layer "
                 "follow, and “%s” has more above it: take gradcam",
                 site->layer->name);
    return FALSE;
  }
  if (self->mixes_classes && config->attention_classes == FV_ATTENTION_ALL_CLASSES
      && !site->has_linear_head) {
    g_set_error (
        error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_ARGUMENT,
        "maps of all classes of a picture need a layer that only global average pooling "
        "and one linear layer follow, and “%s” has more above it: take --attention-classes "
        "one",
        site->layer->name);
    return FALSE;
  }
  return self->attention == NULL || check_attention (self, site->layer, error);
}

/* What has no meaning where a picture shows several classes. */
static gboolean
check_several (const FvTrainConfig *config, GError **error)
{
  const char *problem = NULL;

  if (config->weights[FV_LOSS_RRR] > 0)
    problem = "the loss rrr is about all classes at once and cannot go by the mask of one of them";
  else if (config->weights[FV_LOSS_MATCH] > 0 && config->match.target == FV_MATCH_OF_PREDICTED)
    problem = "the map of the predicted class cannot be matched with the mask of another: take "
              "--match-target label";
  else if ((config->augment & FV_AUGMENT_BACKGROUND) != 0)
    problem = "--augment background would take away objects that the labels still name";
  if (problem != NULL)
    g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_ARGUMENT,
                 "some pictures show several classes: %s", problem);
  return problem == NULL;
}

/* The layer itself, and what else crosses it where swapping runs the part above it once more. */
static void
want_nodes (FvObjective *self, const Site *site)
{
  g_autoptr (GArray) frontier = fv_graph_frontier (self->graph, site->layer->node);
  gboolean runs_again = self->config->weights[FV_LOSS_SWAP] > 0 && !site->has_linear_head;

  g_array_append_vals (self->wanted, frontier->data, runs_again ? frontier->len : 1);
}

/* @name: NULL is the model's default. */
static gboolean
add_site (FvObjective *self, FvModel *model, const char *name, FvNodeId start, GError **error)
{
  Site site = { .layer = name != NULL ? fv_model_find_layer (model, name, error)
                                      : fv_model_get_default_layer (model, error) };

  if (site.layer == NULL)
    return FALSE;
  site.has_linear_head = fv_graph_find_linear_head (self->graph, site.layer->node, &site.head);
  want_nodes (self, &site);
  g_array_append_val (self->sites, site);
  return check_site (self, &site, start, error);
}

static gboolean
add_sites (FvObjective *self, FvModel *model, FvNodeId start, GError **error)
{
  g_auto (GStrv) names = NULL;

  if (self->config->layer == NULL)
    return add_site (self, model, NULL, start, error);
  names = g_strsplit (self->config->layer, ",", -1);
  if (*names == NULL)
    return add_site (self, model, "", start, error);
  for (char **name = names; *name != NULL; name++)
    if (!add_site (self, model, *name, start, error))
      return FALSE;
  return TRUE;
}

/* The least common multiple, or the larger of both where that is too large. */
static int
join_cells (int a, int b)
{
  int divisor = a, rest = b;

  while (rest != 0) {
    int next = divisor % rest;

    divisor = rest;
    rest = next;
  }
  return (gint64) a / divisor * b <= MAX_GRID ? a / divisor * b : MAX (a, b);
}

/* @side in as few equal parts as give at most PIXEL_GRID of them, nearly. */
static int
count_pixel_cells (int side)
{
  int pixels = (side - 1) / PIXEL_GRID + 1;

  return (side - 1) / pixels + 1;
}

static void
choose_grid (FvObjective *self, const FvCard *card)
{
  self->grid_width = self->grid_height = 1;
  for (guint i = 0; i < self->sites->len; i++) {
    const FvLayer *layer = g_array_index (self->sites, Site, i).layer;

    self->grid_width = join_cells (self->grid_width, layer->width);
    self->grid_height = join_cells (self->grid_height, layer->height);
  }
  if (self->config->weights[FV_LOSS_RRR] > 0) {
    self->grid_width = join_cells (self->grid_width, count_pixel_cells (card->width));
    self->grid_height = join_cells (self->grid_height, count_pixel_cells (card->height));
  }
}

FvObjective *
fv_objective_new (FvModel *model, const FvTrainConfig *config, FvNodeId start,
                  gboolean mixes_classes, GError **error)
{
  g_autoptr (FvObjective) self = g_new0 (FvObjective, 1);
  FvNodeId output;

  self->graph = fv_model_get_graph (model);
  self->config = config;
  self->mixes_classes = mixes_classes;
  self->sites = g_array_new (FALSE, FALSE, sizeof (Site));
  self->wanted = g_array_new (FALSE, FALSE, sizeof (FvNodeId));
  output = fv_graph_get_output (self->graph);
  g_array_append_val (self->wanted, output);
  if (mixes_classes && !check_several (config, error))
    return NULL;
  if (!any_weight (config, fv_loss_is_on_attention))
    return g_steal_pointer (&self);
  if (!add_attention (self, model, error) || !add_sites (self, model, start, error))
    return NULL;
  choose_grid (self, fv_model_get_card (model));
  return g_steal_pointer (&self);
}

void
fv_objective_free (FvObjective *self)
{
  if (self == NULL)
    return;
  g_array_unref (self->sites);
  g_array_unref (self->wanted);
  g_free (self);
}

void
fv_objective_get_grid (const FvObjective *self, int *width, int *height)
{
  *width = self->grid_width;
  *height = self->grid_height;
}

const GArray *
fv_objective_get_wanted (const FvObjective *self)
{
  return self->wanted;
}

gboolean
fv_objective_needs_input_gradient (const FvObjective *self)
{
  return self->config->weights[FV_LOSS_RRR] > 0 || self->attention != NULL;
}

/* -- losses --------------------------------------------------------------------------------- */

/* What a batch was, and what the network made of it at one layer, in rows (FvBatch). */
typedef struct {
  const FvBatch *batch;
  const FvActivations *found;
  int step;
  const Site *site;   /* NULL without a loss on attention */
  FvMapSource source; /* then only the logits */
  FvTensor *inside;   /* S and V on the layer's cells */
  FvTensor *opinion;
  FvTensor *label_maps; /* [N,h,w]; NULL until a loss asks for them */
} Outcome;

/* Each loss by itself: a scalar. */
typedef FvTensor *(*LossTerm) (const FvObjective *self, FvScope *scope, Outcome *outcome);

static FvTensor *
cross_entropy (const FvObjective *self, FvScope *scope, Outcome *outcome)
{
  const FvNodeId output = fv_graph_get_output (self->graph);

  return fv_label_loss (scope, fv_activations_get (outcome->found, output), outcome->batch);
}

/* @values of the pictures, for each row. */
static FvTensor *
to_rows (FvScope *scope, const FvBatch *batch, FvTensor *values)
{
  if (batch->rows == NULL)
    return values;
  return fv_call (scope, "aten::index_select", fv_of (values), fv_int (0), fv_of (batch->rows));
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
  return fv_camal_two_term (scope, get_label_maps (self, scope, outcome), outcome->inside,
                            outcome->opinion, outcome->batch->weight);
}

static FvTensor *
count_masks (FvScope *scope, const Outcome *outcome)
{
  FvTensor *area = fv_mask_cells_inside (scope, outcome->inside, outcome->opinion);

  return fv_mask_cells_count (scope, area, outcome->batch->weight);
}

static FvTensor *
swap_pairs (const FvObjective *self, FvScope *scope, const Outcome *outcome)
{
  const FvLinearHead *head = &outcome->site->head;
  const FvBatch *batch = outcome->batch;
  FvTensor *weight = fv_graph_get_parameter (self->graph, head->weight);
  FvTensor *bias
      = head->bias != FV_NODE_NONE ? fv_graph_get_parameter (self->graph, head->bias) : NULL;
  FvEvidence evidence = fv_evidence_split (scope, outcome->source.activation, weight, bias,
                                           outcome->inside, outcome->opinion);

  if (batch->targets == NULL)
    return fv_evidence_swap (scope, &evidence, batch->labels, count_masks (scope, outcome));
  return fv_evidence_swap_several (scope, &evidence, batch->labels,
                                   to_rows (scope, batch, batch->targets),
                                   count_masks (scope, outcome));
}

/* A number that depends on the seed and the step alone; another one than dropout begins with. */
static guint32
draw_shift (const FvObjective *self, int step)
{
  g_autoptr (GRand) random = fv_random_new (self->config->seed, G_MAXUINT32 - (guint32) step);

  return g_rand_int (random);
}

static FvTensor *
swap_through_cut (const FvObjective *self, FvScope *scope, const Outcome *outcome)
{
  const FvLayer *layer = outcome->site->layer;
  const FvBatch *batch = outcome->batch;
  const FvRunMode mode
      = { .batch_norm_training = self->config->train_batch_norm, .dropout_training = TRUE };
  FvTensor *counts = count_masks (scope, outcome);
  FvTensor *outside = fv_layer_from_cells (
      scope, layer, fv_mask_cells_outside (scope, outcome->inside, outcome->opinion));
  FvTensor *donors = fv_evidence_donors (scope, counts, draw_shift (self, outcome->step));
  FvTensor *composed = fv_evidence_compose (scope, outcome->source.activation, outside, donors);
  FvTensor *logits
      = fv_graph_forward_from (self->graph, scope, outcome->found, layer->node, composed, mode);

  if (batch->targets == NULL)
    return fv_evidence_decide (scope, logits, batch->labels, counts);
  return fv_evidence_decide_several (scope, logits, batch->labels, batch->targets, donors, counts);
}

static FvTensor *
swap (const FvObjective *self, FvScope *scope, Outcome *outcome)
{
  return outcome->site->has_linear_head ? swap_pairs (self, scope, outcome)
                                        : swap_through_cut (self, scope, outcome);
}

static FvTensor *
draw_class_maps (const FvObjective *self, FvScope *scope, const Outcome *outcome)
{
  const FvMapSource *source = &outcome->source;

  if (outcome->site->has_linear_head && self->attention == NULL
      && fv_tensor_get_size (source->logits, 1) <= FV_CONTRAST_MAX_CLASSES)
    return fv_training_maps_of_all (scope, self->config->map, source);
  return fv_training_maps (scope, self->config->map, source,
                           fv_contrast_rivals (scope, source->logits, outcome->batch->labels));
}

static FvTensor *
contrast (const FvObjective *self, FvScope *scope, Outcome *outcome)
{
  if (outcome->batch->targets != NULL)
    return fv_contrast_of_one (scope, get_label_maps (self, scope, outcome), outcome->inside,
                               outcome->opinion, outcome->batch->weight);
  return fv_contrast (scope, draw_class_maps (self, scope, outcome), outcome->inside,
                      outcome->opinion, outcome->batch->weight);
}

static FvTensor *
match (const FvObjective *self, FvScope *scope, Outcome *outcome)
{
  FvTensor *maps, *predicted;

  if (self->config->match.target == FV_MATCH_OF_PREDICTED) {
    predicted = fv_call (scope, "aten::argmax", fv_of (outcome->source.logits), fv_int (1));
    maps = fv_training_map (scope, self->config->map, &outcome->source, predicted);
  } else {
    maps = get_label_maps (self, scope, outcome);
  }
  return fv_match (scope, &self->config->match, maps, outcome->inside, outcome->opinion,
                   outcome->batch->weight);
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

/* -- the sum -------------------------------------------------------------------------------- */

static Outcome
look_at (const FvObjective *self, FvScope *scope, const Outcome *whole, const Site *site)
{
  const FvLayer *layer = site->layer;
  Outcome outcome = *whole;

  outcome.site = site;
  outcome.source.layer = layer;
  outcome.source.activation
      = to_rows (scope, whole->batch, fv_activations_get (whole->found, layer->node));
  if (layer->height != self->grid_height || layer->width != self->grid_width)
    fv_mask_cells_pool (scope, layer->height, layer->width, &outcome.inside, &outcome.opinion);
  return outcome;
}

static guint
count_matrices (const FvObjective *self)
{
  return self->attention != NULL ? self->attention->nodes->len : 0;
}

/* The matrices of a batch, in @matrices, for the maps that are made of them. */
static FvRelevanceSource
look_at_attention (const FvObjective *self, const FvActivations *found, FvTensor *logits,
                   FvTensor **matrices)
{
  for (guint i = 0; i < count_matrices (self); i++)
    matrices[i] = fv_activations_get (found, g_array_index (self->attention->nodes, FvNodeId, i));
  return (FvRelevanceSource){ self->attention, matrices, logits };
}

static FvTensor *
add (FvScope *scope, FvTensor *sum, FvTensor *term)
{
  return sum == NULL ? term : fv_add (scope, sum, term);
}

/* The loss, its mean over the layers where it is on layers. @outcomes: of each layer, or of the
 * whole where there are none. */
static FvTensor *
measure_one (const FvObjective *self, FvScope *scope, FvLossKind kind, Outcome *outcomes)
{
  guint n = is_on_layer (kind) ? self->sites->len : 1;
  FvTensor *sum = NULL;

  for (guint i = 0; i < n; i++)
    sum = add (scope, sum, terms[kind](self, scope, &outcomes[i]));
  return n > 1 ? fv_scale (scope, sum, 1.0 / n) : sum;
}

FvTensor *
fv_objective_measure (const FvObjective *self, FvScope *scope, const FvBatch *batch,
                      const FvActivations *found, int step, double share,
                      double losses[FV_N_LOSSES])
{
  g_autofree Outcome *outcomes = g_new0 (Outcome, self->sites->len + 1);
  g_autofree FvTensor **matrices = g_new (FvTensor *, count_matrices (self) + 1);
  FvTensor *total = NULL;

  outcomes[0] = (Outcome){ batch, found, step, NULL, { 0 }, batch->inside, batch->opinion, NULL };
  outcomes[0].source.graph = self->graph;
  outcomes[0].source.logits
      = to_rows (scope, batch, fv_activations_get (found, fv_graph_get_output (self->graph)));
  outcomes[0].source.relevance
      = look_at_attention (self, found, outcomes[0].source.logits, matrices);
  for (guint i = self->sites->len; i-- > 0;)
    outcomes[i] = look_at (self, scope, &outcomes[0], &g_array_index (self->sites, Site, i));
  for (int i = 0; i < FV_N_LOSSES; i++) {
    gboolean on_attention = fv_loss_is_on_attention ((FvLossKind) i);
    double weight = self->config->weights[i] * (on_attention ? share : 1);
    FvTensor *term;

    losses[i] = NAN;
    if (terms[i] == NULL) /* of other pictures */
      continue;
    if (on_attention && (weight <= 0 || !batch->any_mask))
      continue;
    term = measure_one (self, scope, (FvLossKind) i, outcomes);
    losses[i] = term != NULL ? fv_tensor_to_double (term) : NAN;
    total = add (scope, total, fv_scale (scope, term, weight));
  }
  return total;
}
