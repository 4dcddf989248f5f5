/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Classes in, maps out. */

#include "fv-map-batch.h"

#include <math.h>

FvTensor *
fv_map_batch_targets (const FvInspection *inspection, const int *targets, GError **error)
{
  const gint64 n = fv_inspection_get_n_images (inspection);
  g_autofree gint64 *resolved = g_new (gint64, n);

  for (int i = 0; i < (int) n; i++) {
    resolved[i] = targets != NULL && targets[i] >= 0 ? targets[i]
                                                     : fv_inspection_get_prediction (inspection, i);
    if (resolved[i] < fv_inspection_get_n_classes (inspection))
      continue;
    g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_ARGUMENT,
                 "there is no class %" G_GINT64_FORMAT ": the network has classes 0 to %d",
                 resolved[i], fv_inspection_get_n_classes (inspection) - 1);
    return NULL;
  }
  return fv_tensor_new (FV_DTYPE_INT64, &n, 1, resolved, (gsize) n * sizeof (gint64), error);
}

/* Activations may overflow below a rectifier that hides it from the logits. */
static gboolean
check_finite (const float *values, gsize n, GError **error)
{
  for (gsize i = 0; i < n; i++)
    if (!isfinite (values[i])) {
      g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_ARGUMENT,
                   "the map holds values that are not finite: the network's weights are damaged");
      return FALSE;
    }
  return TRUE;
}

static gboolean
read_targets (const FvTensor *targets, gint64 *classes, int n, GError **error)
{
  return fv_tensor_read (targets, FV_DTYPE_INT64, classes, (gsize) n * sizeof (gint64), error);
}

GPtrArray *
fv_map_batch_split (const FvInspection *inspection, const FvMapBatch *batch, const FvTensor *values,
                    GError **error)
{
  int n_images = fv_inspection_get_n_images (inspection);
  int height = (int) fv_tensor_get_size (values, 1);
  int width = (int) fv_tensor_get_size (values, 2);
  gsize cells = (gsize) height * (gsize) width;
  gsize n = 0;
  g_autofree gint64 *classes = g_new (gint64, n_images);
  g_autofree float *all = fv_tensor_to_floats (values, &n, error);
  GPtrArray *maps;

  if (all == NULL || !check_finite (all, n, error)
      || !read_targets (batch->targets, classes, n_images, error))
    return NULL;
  maps = g_ptr_array_new_with_free_func ((GDestroyNotify) fv_map_free);
  for (int i = 0; i < n_images; i++) {
    FvMap *map = fv_map_new (width, height, batch->method,
                             fv_inspection_get_layer (inspection)->name, (int) classes[i]);

    memcpy (map->values, all + (gsize) i * cells, cells * sizeof (float));
    map->forwards = batch->forwards;
    map->backwards = batch->backwards;
    g_ptr_array_add (maps, map);
  }
  return maps;
}
