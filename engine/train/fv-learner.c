/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Two groups of parameters and libtorch's optimiser. */

#include "fv-learner.h"

#include "fv-architecture.h"
#include "fv-autograd.h"
#include "fv-optimizer.h"

#define MOMENTUM 0.9 /* of SGD */
#define MAX_GROUPS 2

struct _FvLearner {
  FvGraph *graph;
  const FvTrainConfig *config;
  FvOptimizer *optimizer;
  GPtrArray *parameters; /* the body's, then the head's */
  guint n_body;
  gsize n_groups;
  double rates[MAX_GROUPS]; /* full learning rates */
};

static gboolean
learns (const FvLearner *self, guint parameter, FvNodeId start)
{
  FvNodeId user = fv_graph_get_parameter_user (self->graph, parameter);

  return fv_graph_get_parameter_role (self->graph, parameter) == FV_PARAMETER_WEIGHT
         && user != FV_NODE_NONE && user >= start;
}

static void
find_parameters (FvLearner *self, FvNodeId start)
{
  g_autoptr (GPtrArray) head = g_ptr_array_new ();
  guint weight = FV_NODE_NONE;
  guint bias = FV_NODE_NONE;

  fv_architecture_find_head (self->graph, &weight, &bias);
  for (guint i = 0; i < fv_graph_get_n_parameters (self->graph); i++)
    if (learns (self, i, start))
      g_ptr_array_add (i == weight || i == bias ? head : self->parameters,
                       fv_graph_get_parameter (self->graph, i));
  self->n_body = self->parameters->len;
  g_ptr_array_extend (self->parameters, head, NULL, NULL);
}

static void
add_group (FvLearner *self, FvParameterGroup *groups, guint first, guint n, double rate)
{
  if (n == 0)
    return;
  groups[self->n_groups]
      = (FvParameterGroup){ .parameters = (FvTensor *const *) self->parameters->pdata + first,
                            .n_parameters = n,
                            .learning_rate = rate,
                            .weight_decay = self->config->weight_decay };
  self->rates[self->n_groups++] = rate;
}

FvLearner *
fv_learner_new (FvGraph *graph, const FvTrainConfig *config, FvNodeId start, GError **error)
{
  g_autoptr (FvLearner) self = g_new0 (FvLearner, 1);
  FvParameterGroup groups[MAX_GROUPS];
  guint n;

  self->graph = fv_graph_ref (graph);
  self->config = config;
  self->parameters = g_ptr_array_new ();
  find_parameters (self, start);
  n = self->parameters->len;
  if (n == 0) {
    g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_ARGUMENT,
                 "the network has no parameters that could learn%s",
                 config->freeze_below != NULL ? " above the frozen part"
                                              : ": it was frozen before it was saved");
    return NULL;
  }
  for (guint i = 0; i < n; i++)
    fv_tensor_set_requires_grad (g_ptr_array_index (self->parameters, i), TRUE);
  add_group (self, groups, 0, self->n_body, config->learning_rate);
  add_group (self, groups, self->n_body, n - self->n_body, config->head_learning_rate);
  self->optimizer = fv_optimizer_new (config->optimizer, groups, self->n_groups, MOMENTUM, error);
  return self->optimizer != NULL ? g_steal_pointer (&self) : NULL;
}

void
fv_learner_free (FvLearner *self)
{
  if (self == NULL)
    return;
  /* Outside training nothing records gradients of parameters. */
  for (guint i = 0; i < self->parameters->len; i++)
    fv_tensor_set_requires_grad (g_ptr_array_index (self->parameters, i), FALSE);
  g_clear_pointer (&self->optimizer, fv_optimizer_free);
  g_ptr_array_unref (self->parameters);
  fv_graph_unref (self->graph);
  g_free (self);
}

const GPtrArray *
fv_learner_get_parameters (const FvLearner *self)
{
  return self->parameters;
}

gboolean
fv_learner_find_gradient (FvLearner *self, FvTensor *loss, double *norm, GError **error)
{
  double limit = self->config->max_gradient > 0 ? self->config->max_gradient : G_MAXDOUBLE;

  fv_optimizer_zero_gradients (self->optimizer);
  if (!fv_backward (loss, error))
    return FALSE;
  *norm = fv_optimizer_clip_gradients (self->optimizer, limit);
  return TRUE;
}

gboolean
fv_learner_step (FvLearner *self, double share, GError **error)
{
  for (gsize i = 0; i < self->n_groups; i++)
    fv_optimizer_set_learning_rate (self->optimizer, i, self->rates[i] * share);
  return fv_optimizer_step (self->optimizer, error);
}

FvStateDict *
fv_learner_get_state (const FvLearner *self, GError **error)
{
  return fv_optimizer_get_state (self->optimizer, error);
}

gboolean
fv_learner_set_state (FvLearner *self, const FvStateDict *state, const char *source, GError **error)
{
  return fv_optimizer_set_state (self->optimizer, state, source, error);
}
