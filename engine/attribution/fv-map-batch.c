/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Classes in, maps out. */

#include "fv-map-batch.h"

#include <string.h>

FvTensor *
fv_map_batch_targets (const FvInspection *inspection, const int *targets, GError **error)
{
  const gint64 n = fv_inspection_get_n_images (inspection);
  g_autofree gint64 *resolved = fv_inspection_resolve_targets (inspection, targets, error);

  if (resolved == NULL)
    return NULL;
  return fv_tensor_new (FV_DTYPE_INT64, &n, 1, resolved, (gsize) n * sizeof (gint64), error);
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
  g_autofree gint64 *classes = g_new (gint64, n_images);
  g_autofree float *all = fv_tensor_to_floats (values, NULL, error);
  g_autoptr (GPtrArray) maps = NULL;

  if (all == NULL || !read_targets (batch->targets, classes, n_images, error))
    return NULL;
  maps = g_ptr_array_new_with_free_func ((GDestroyNotify) fv_map_free);
  for (int i = 0; i < n_images; i++) {
    FvMap *map = fv_map_new (width, height, batch->method, batch->layer, (int) classes[i]);

    memcpy (map->values, all + (gsize) i * cells, cells * sizeof (float));
    map->forwards = batch->forwards;
    map->backwards = batch->backwards;
    g_ptr_array_add (maps, map);
    if (!fv_map_check_finite (map, error))
      return NULL;
  }
  return g_steal_pointer (&maps);
}
