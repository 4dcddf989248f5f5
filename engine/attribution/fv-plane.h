/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A grid of numbers and how far they go: what is left of a tensor [h,w] for those who draw it. A
 * plain record. Threads: any. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct {
  int width, height; /* cells or pixels, ≥ 1 */
  float *values;     /* row-major, width · height */
  float low, high;   /* the least and the greatest that is finite; 0 when none is */
} FvPlane;

/* Takes @values (transfer full), width · height of them. (transfer full) */
FvPlane *fv_plane_new (int width, int height, float *values);
void fv_plane_free (FvPlane *self);

gsize fv_plane_get_size (const FvPlane *self);
/* Where @value is between low and high, 0 … 1; 0 for NaN, and everywhere in a constant plane. */
double fv_plane_get_share (const FvPlane *self, float value);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FvPlane, fv_plane_free)

G_END_DECLS
