/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What methods that go by classes share: whose map is asked for, and a batch of maps as FvMap.
 * Threads: the engine thread. */

#pragma once

#include "fv-inspection.h"

G_BEGIN_DECLS

/* fv_inspection_resolve_targets () as int64 [N]. (transfer full): NULL with @error */
FvTensor *fv_map_batch_targets (const FvInspection *inspection, const int *targets, GError **error);

/* What a batch of maps is and what it cost. */
typedef struct {
  const char *method; /* a constant: FvMap keeps it */
  const char *layer;  /* NULL for methods that need none */
  FvTensor *targets;  /* int64 [N] */
  int forwards, backwards;
} FvMapBatch;

/* @values [N,h,w] as FvMap; values that are not finite are an error. (transfer full): of FvMap, one
 * a picture */
GPtrArray *fv_map_batch_split (const FvInspection *inspection, const FvMapBatch *batch,
                               const FvTensor *values, GError **error);

G_END_DECLS
