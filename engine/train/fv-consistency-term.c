/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Batch → two maps → similarity. */

#include "fv-consistency-term.h"

#include "fv-autograd.h"
#include "fv-loader.h"
#include "fv-op.h"
#include "fv-rectifier.h"

struct _FvConsistencyTerm {
  FvModel *model;
  const FvTrainConfig *config;
  const FvLayer *layer;
  FvTrainingSet *set; /* NULL until it is loaded */
  FvLoader *loader;   /* NULL until it begins */
};

const FvLayer *
fv_consistency_term_find_layer (FvModel *model, const FvTrainConfig *config, GError **error)
{
  g_auto (GStrv) names = config->layer != NULL ? g_strsplit (config->layer, ",", 2) : NULL;

  if (fv_agreement_needs_rectifiers (&config->agreement)
      && !fv_graph_check_rectifiers (fv_model_get_graph (model), error)) {
    g_prefix_error (error, "--loss consistency needs --pixels ig here: ");
    return NULL;
  }
  return names != NULL && names[0] != NULL ? fv_model_find_layer (model, names[0], error)
                                           : fv_model_get_default_layer (model, error);
}

FvConsistencyTerm *
fv_consistency_term_new (FvModel *model, const FvTrainConfig *config, GError **error)
{
  g_autoptr (FvConsistencyTerm) self = g_new0 (FvConsistencyTerm, 1);

  self->model = model;
  self->config = config;
  self->layer = fv_consistency_term_find_layer (model, config, error);
  if (self->layer == NULL)
    return NULL;
  return g_steal_pointer (&self);
}

void
fv_consistency_term_free (FvConsistencyTerm *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->loader, fv_loader_free);
  g_clear_pointer (&self->set, fv_training_set_free);
  g_free (self);
}

gboolean
fv_consistency_term_load (FvConsistencyTerm *self, const FvDataset *pool, GCancellable *cancellable,
                          GError **error)
{
  self->set = fv_training_set_load (pool, FV_SPLIT_TRAIN, fv_model_get_card (self->model), 0, 0,
                                    self->config->augment, cancellable, error);
  if (self->set != NULL)
    fv_training_set_set_views (self->set, (guint) self->config->views);
  return self->set != NULL;
}

int
fv_consistency_term_get_n_batches (const FvConsistencyTerm *self)
{
  return fv_loader_count_batches (self->set, self->config->batch_size, 1);
}

void
fv_consistency_term_begin (FvConsistencyTerm *self, int n_epochs, int first)
{
  self->loader = fv_loader_new (self->set, NULL, self->config->batch_size, n_epochs,
                                self->config->seed, first);
}

static FvTensor *
compare (const FvConsistencyTerm *self, FvScope *scope, FvTensor *images, gboolean create_graph)
{
  FvAgreement found;

  if (!fv_agreement_find (scope, fv_model_get_graph (self->model), self->layer, images, NULL,
                          &self->config->agreement, create_graph, &found))
    return NULL;
  return fv_consistency (scope, self->config->similarity, found.first, found.second);
}

FvTensor *
fv_consistency_term_measure (FvConsistencyTerm *self, FvScope *scope, double *waited)
{
  FvBatch batch;

  if (!fv_loader_next (self->loader, scope, &batch))
    return NULL;
  *waited += batch.seconds;
  return fv_call (scope, "aten::mean", fv_of (compare (self, scope, batch.images, TRUE)));
}

FvTensor *
fv_consistency_term_judge (const FvConsistencyTerm *self, FvScope *scope, FvTensor *images)
{
  FvTensor *values = compare (self, scope, images, FALSE);

  return values != NULL ? fv_detach (scope, values, FALSE) : NULL;
}
