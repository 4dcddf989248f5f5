/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One recorded run, and what its attention is worth. */

#include "fv-transformer.h"

#include "fv-autograd.h"
#include "fv-executor.h"
#include "fv-map-batch.h"
#include "fv-relevance.h"

/* The values of the matrices and, last, of the output. The pictures are a leaf: nothing else would
 * have the matrices recorded. */
static FvActivations *
run_recorded (FvScope *scope, FvModel *model, const FvAttention *attention, FvTensor *input,
              GError **error)
{
  FvGraph *graph = fv_model_get_graph (model);
  FvNodeId output = fv_graph_get_output (graph);
  g_autoptr (GArray) wanted = g_array_copy (attention->nodes);
  g_autoptr (FvActivations) given = fv_activations_new ();
  FvTensor *leaf = fv_detach (scope, input, TRUE);

  if (!fv_scope_check (scope, error))
    return NULL;
  g_array_append_val (wanted, output);
  fv_activations_set (given, fv_graph_get_input (graph), leaf);
  return fv_graph_run (graph, given, (const FvNodeId *) wanted->data, wanted->len, (FvRunMode){ 0 },
                       NULL, error);
}

static FvTensor *
measure (FvScope *scope, FvModel *model, const FvAttention *attention, const FvActivations *found,
         FvTensor *targets)
{
  g_autofree FvTensor **matrices = g_new (FvTensor *, attention->nodes->len);
  const FvRelevanceSource source
      = { attention, matrices,
          fv_activations_get (found, fv_graph_get_output (fv_model_get_graph (model))) };

  for (guint i = 0; i < attention->nodes->len; i++)
    matrices[i] = fv_activations_get (found, g_array_index (attention->nodes, FvNodeId, i));
  return fv_relevance (scope, &source, targets, FALSE);
}

GPtrArray *
fv_transformer (FvInspection *inspection, FvTensor *input, const int *targets, GError **error)
{
  FvModel *model = fv_inspection_get_model (inspection);
  const FvAttention *attention = fv_model_get_attention (model, error);
  FvMapBatch batch = { .method = FV_TRANSFORMER, .forwards = 2, .backwards = 1 };
  g_autoptr (FvTensor) classes = NULL;
  g_autoptr (FvScope) scope = fv_scope_new ();
  g_autoptr (FvActivations) found = NULL;
  FvTensor *maps;

  if (attention == NULL)
    return NULL;
  classes = fv_map_batch_targets (inspection, targets, error);
  if (classes != NULL)
    found = run_recorded (scope, model, attention, input, error);
  if (found == NULL)
    return NULL;
  maps = measure (scope, model, attention, found, classes);
  if (!fv_scope_check (scope, error))
    return NULL;
  batch.targets = classes;
  return fv_map_batch_split (inspection, &batch, maps, error);
}
