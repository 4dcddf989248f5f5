/* SPDX-License-Identifier: GPL-3.0-or-later */

/* An attribution map: raw values on the layer's own grid, and where they come from. Values are
 * never scaled here; scaling belongs to the display and is written on its legend.
 * A plain record. Threads: any. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct {
  int width, height; /* cells */
  float *values;     /* row-major, width · height, in the unit of the method */
  const char *method;
  char *layer;
  int target;              /* class index */
  int forwards, backwards; /* what it cost: full passes of the network */
} FvMap;

FvMap *fv_map_new (int width, int height, const char *method, const char *layer, int target);
FvMap *fv_map_copy (const FvMap *self);
void fv_map_free (FvMap *self);

float fv_map_get_max (const FvMap *self);
float fv_map_get_min (const FvMap *self);
/* TRUE when no value is above 0: no evidence for the class. Such a map is never stretched. */
gboolean fv_map_is_dead (const FvMap *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FvMap, fv_map_free)

G_END_DECLS
