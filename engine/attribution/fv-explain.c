/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Methods by name. Controls take the grid of the layer that is explained at, so that they are as
 * coarse as the maps they are compared with. */

#include "fv-explain.h"

#include "fv-control-maps.h"
#include "fv-gradcam.h"
#include "fv-method.h"
#include "fv-transformer.h"

#define GRADCAM "gradcam"
#define TRANSFORMER "transformer"

gboolean
fv_explain_has_method (const char *method)
{
  return fv_method_find (method) != NULL;
}

static GPtrArray *
explain_by_control (FvInspection *inspection, FvTensor *input, const char *method,
                    const int *targets, guint64 seed, GError **error)
{
  const FvLayer *layer = fv_inspection_get_layer (inspection);
  int height = (int) fv_tensor_get_size (input, 2), width = (int) fv_tensor_get_size (input, 3);
  g_autofree float *images = fv_tensor_to_floats (input, NULL, error);
  GPtrArray *maps;

  if (images == NULL)
    return NULL;
  maps = g_ptr_array_new_with_free_func ((GDestroyNotify) fv_map_free);
  for (int i = 0; i < fv_inspection_get_n_images (inspection); i++) {
    int target = targets != NULL && targets[i] >= 0 ? targets[i]
                                                    : fv_inspection_get_prediction (inspection, i);

    g_ptr_array_add (maps, fv_control_map_new (method, images + (gsize) i * 3 * width * height,
                                               width, height, layer->width, layer->height,
                                               layer->name, target, seed + (guint64) i));
  }
  return maps;
}

GPtrArray *
fv_explain (FvInspection *inspection, FvTensor *input, const char *method, const int *targets,
            guint64 seed, GError **error)
{
  g_return_val_if_fail (fv_inspection_get_layer (inspection) != NULL, NULL);

  if (g_strcmp0 (method, GRADCAM) == 0)
    return fv_gradcam (inspection, targets, TRUE, error);
  if (g_strcmp0 (method, TRANSFORMER) == 0)
    return fv_transformer (inspection, input, targets, error);
  if (fv_control_map_is_method (method))
    return explain_by_control (inspection, input, method, targets, seed, error);
  g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_ARGUMENT,
               "there is no method “%s”: the methods are gradcam, random, sobel and transformer",
               method);
  return NULL;
}
