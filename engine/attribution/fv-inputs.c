/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Pictures in, gradients out: the one place where the network is differentiated at its input. */

#include "fv-inputs.h"

#include "fv-autograd.h"
#include "fv-executor.h"

/* Pixels that are differentiated at once, and pictures: a ResNet-50 records 100 MB for a picture of
 * 224 × 224, and a larger batch is hardly faster. */
#define PIXELS_AT_ONCE (4 * 224 * 224)
#define PICTURES_AT_ONCE 16

gboolean
fv_inputs_init (FvInputs *self, FvInspection *inspection, FvTensor *input, const int *targets,
                GCancellable *cancellable, GError **error)
{
  *self = (FvInputs){ .inspection = inspection,
                      .n = (int) fv_tensor_get_size (input, 0),
                      .channels = (int) fv_tensor_get_size (input, 1),
                      .height = (int) fv_tensor_get_size (input, 2),
                      .width = (int) fv_tensor_get_size (input, 3),
                      .cancellable = cancellable };
  g_return_val_if_fail (self->n == fv_inspection_get_n_images (inspection), FALSE);

  self->targets = fv_inspection_resolve_targets (inspection, targets, error);
  if (self->targets != NULL)
    self->values = fv_tensor_to_floats (input, NULL, error);
  return self->values != NULL;
}

void
fv_inputs_clear (FvInputs *self)
{
  g_clear_pointer (&self->values, g_free);
  g_clear_pointer (&self->targets, g_free);
}

gsize
fv_inputs_get_size (const FvInputs *self)
{
  return (gsize) self->channels * (gsize) self->height * (gsize) self->width;
}

const float *
fv_inputs_peek (const FvInputs *self, int index)
{
  g_assert (index >= 0 && index < self->n);
  return self->values + (gsize) index * fv_inputs_get_size (self);
}

static FvTensor *
make_batch (const FvInputs *self, const float *pictures, guint n, GError **error)
{
  const gint64 shape[] = { n, self->channels, self->height, self->width };

  return fv_tensor_new (FV_DTYPE_FLOAT32, shape, 4, pictures,
                        n * fv_inputs_get_size (self) * sizeof (float), error);
}

gboolean
fv_inputs_get_logit (const FvInputs *self, int index, const float *picture, double *logit,
                     GError **error)
{
  g_autoptr (FvTensor) batch = make_batch (self, picture, 1, error);
  g_autoptr (FvInspection) inspection = NULL;

  if (batch != NULL)
    inspection = fv_inspection_new_prediction (fv_inspection_get_model (self->inspection), batch,
                                               self->cancellable, error);
  if (inspection == NULL)
    return FALSE;
  *logit = fv_inspection_get_logits (inspection)[self->targets[index]];
  return TRUE;
}

/* -- gradients ------------------------------------------------------------------------------ */

/* The logits of @target for @leaf, recorded: [N]. */
static FvTensor *
run_recorded (const FvInputs *self, FvScope *scope, FvTensor *leaf, gint64 target, FvRule *rule)
{
  FvGraph *graph = fv_model_get_graph (fv_inspection_get_model (self->inspection));
  const FvNodeId output = fv_graph_get_output (graph);
  g_autoptr (FvActivations) given = fv_activations_new ();
  g_autoptr (FvActivations) found = NULL;
  FvTensor *logits;
  GError *error = NULL;

  fv_activations_set (given, fv_graph_get_input (graph), leaf);
  found = fv_graph_run (graph, given, &output, 1, (FvRunMode){ .rule = rule }, self->cancellable,
                        &error);
  if (found == NULL) {
    fv_scope_fail (scope, error);
    return NULL;
  }
  logits = fv_activations_get (found, output);
  return fv_call (scope, "aten::select.int", fv_of (logits), fv_int (1), fv_int (target));
}

/* d logit of @target / d @pictures for @n of them. One backward serves all: they do not influence
 * each other. (transfer full): [n,channels,height,width] */
static float *
differentiate (const FvInputs *self, const float *pictures, guint n, gint64 target, FvRule *rule,
               GError **error)
{
  g_autoptr (FvScope) scope = fv_scope_new ();
  g_autoptr (FvTensor) batch = make_batch (self, pictures, n, error);
  FvTensor *leaf, *gradient = NULL, *chosen;

  if (batch == NULL)
    return NULL;
  leaf = fv_detach (scope, batch, TRUE);
  chosen = run_recorded (self, scope, leaf, target, rule);
  chosen = fv_call (scope, "aten::sum", fv_of (chosen));
  if (rule != NULL)
    fv_rule_begin (rule);
  fv_gradient (scope, chosen, NULL, &leaf, 1, FALSE, &gradient);
  if (rule != NULL)
    fv_rule_end (rule);
  return fv_scope_check (scope, error) ? fv_tensor_to_floats (gradient, NULL, error) : NULL;
}

static guint
choose_batch (const FvInputs *self, guint n_samples)
{
  gint64 area = (gint64) self->height * self->width;

  return MIN (n_samples, (guint) CLAMP (PIXELS_AT_ONCE / area, 1, PICTURES_AT_ONCE));
}

double *
fv_inputs_sum_gradients (const FvInputs *self, int index, FvRule *rule, guint n_samples,
                         FvSampler sampler, gpointer user_data, GError **error)
{
  gsize size = fv_inputs_get_size (self);
  guint batch = choose_batch (self, n_samples);
  g_autofree float *buffer = g_new (float, batch *size);
  g_autofree double *weights = g_new (double, batch);
  g_autofree double *sum = g_new0 (double, size);

  for (guint done = 0, n; done < n_samples; done += n) {
    g_autofree float *gradients = NULL;

    n = MIN (batch, n_samples - done);
    for (guint i = 0; i < n; i++)
      weights[i] = sampler (done + i, buffer + i * size, user_data);
    gradients = differentiate (self, buffer, n, self->targets[index], rule, error);
    if (gradients == NULL)
      return NULL;
    for (guint i = 0; i < n; i++)
      for (gsize j = 0; j < size; j++)
        sum[j] += weights[i] * gradients[i * size + j];
  }
  return g_steal_pointer (&sum);
}

/* -- maps ----------------------------------------------------------------------------------- */

GPtrArray *
fv_inputs_make_maps (const FvInputs *self, FvMapMaker maker, gpointer user_data, GError **error)
{
  g_autoptr (GPtrArray) maps = g_ptr_array_new_with_free_func ((GDestroyNotify) fv_map_free);

  for (int i = 0; i < self->n; i++) {
    FvMap *map = maker (self, i, user_data, error);

    if (map == NULL)
      return NULL;
    g_ptr_array_add (maps, map);
    if (!fv_map_check_finite (map, error))
      return NULL;
  }
  return g_steal_pointer (&maps);
}
