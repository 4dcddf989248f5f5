/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Methods by name. Controls take the grid of the layer that is explained at, so that they are as
 * coarse as the maps they are compared with. */

#include "fv-explain.h"

#include "fv-control-maps.h"
#include "fv-gradcam.h"
#include "fv-gradient-maps.h"
#include "fv-guided-gradcam.h"
#include "fv-integrated-gradients.h"
#include "fv-method.h"
#include "fv-smoothgrad.h"
#include "fv-transformer.h"

#define GRADCAM "gradcam"

FvExplainOptions
fv_explain_options_default (const char *method)
{
  return (FvExplainOptions){
    .method = method,
    .steps = 50,
    .baseline = FV_BASELINE_ZERO,
    .samples = 50,
    .noise = 0.15,
  };
}

static const FvMethodInfo *
find_method (const char *method, GError **error)
{
  const FvMethodInfo *info = fv_method_find (method);
  g_autofree char *keys = info == NULL ? fv_method_list_keys () : NULL;

  if (info == NULL)
    g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_ARGUMENT,
                 "there is no method “%s”: the methods are %s", method, keys);
  return info;
}

FvInspection *
fv_explain_inspect (FvModel *model, FvTensor *input, const char *method, const char *layer,
                    GCancellable *cancellable, GError **error)
{
  const FvMethodInfo *info = find_method (method, error);

  if (info == NULL)
    return NULL;
  return info->needs_layer ? fv_inspection_new (model, input, layer, cancellable, error)
                           : fv_inspection_new_prediction (model, input, cancellable, error);
}

static GPtrArray *
explain_by_control (FvInspection *inspection, FvTensor *input, const FvExplainOptions *options,
                    GError **error)
{
  const FvLayer *layer = fv_inspection_get_layer (inspection);
  int height = (int) fv_tensor_get_size (input, 2), width = (int) fv_tensor_get_size (input, 3);
  g_autofree float *images = fv_tensor_to_floats (input, NULL, error);
  const int *targets = options->targets;
  GPtrArray *maps;

  if (images == NULL)
    return NULL;
  maps = g_ptr_array_new_with_free_func ((GDestroyNotify) fv_map_free);
  for (int i = 0; i < fv_inspection_get_n_images (inspection); i++) {
    int target = targets != NULL && targets[i] >= 0 ? targets[i]
                                                    : fv_inspection_get_prediction (inspection, i);

    g_ptr_array_add (maps,
                     fv_control_map_new (options->method, images + (gsize) i * 3 * width * height,
                                         width, height, layer->width, layer->height, layer->name,
                                         target, options->seed + (guint64) i));
  }
  return maps;
}

/* Methods that differentiate the network at its input. */
static GPtrArray *
explain_at_input (const FvInputs *inputs, const FvExplainOptions *options, GError **error)
{
  if (g_str_equal (options->method, FV_INTEGRATED_GRADIENTS))
    return fv_integrated_gradients (inputs, options->steps, options->baseline, options->seed,
                                    error);
  if (g_str_equal (options->method, FV_SMOOTHGRAD))
    return fv_smoothgrad (inputs, options->samples, options->noise, options->seed, error);
  if (g_str_equal (options->method, FV_GUIDED_GRADCAM))
    return fv_guided_gradcam (inputs, options->nearest, error);
  for (int kind = 0; kind < FV_N_GRADIENTS; kind++)
    if (g_str_equal (options->method, fv_gradient_get_key ((FvGradientKind) kind)))
      return fv_gradient_maps (inputs, (FvGradientKind) kind, error);
  g_return_val_if_reached (NULL);
}

GPtrArray *
fv_explain (FvInspection *inspection, FvTensor *input, const FvExplainOptions *options,
            GCancellable *cancellable, GError **error)
{
  const FvMethodInfo *info = find_method (options->method, error);
  g_auto (FvInputs) inputs = { NULL };

  if (info == NULL)
    return NULL;
  if (info->needs_layer && fv_inspection_get_layer (inspection) == NULL) {
    g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_ARGUMENT,
                 "“%s” needs a layer with height and width", info->key);
    return NULL;
  }
  if (g_str_equal (info->key, GRADCAM))
    return fv_gradcam (inspection, options->targets, !options->keep_sign, error);
  if (info->is_control)
    return explain_by_control (inspection, input, options, error);
  if (g_str_equal (info->key, FV_TRANSFORMER))
    return fv_transformer (inspection, input, options->targets, error);
  if (!fv_inputs_init (&inputs, inspection, input, options->targets, cancellable, error))
    return NULL;
  return explain_at_input (&inputs, options, error);
}
