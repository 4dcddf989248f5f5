/* SPDX-License-Identifier: GPL-3.0-or-later */

/* An attribution map: raw values, and where they come from. A map at a layer has that layer's grid;
 * one at the input has the picture's, and keeps what each channel has of it. Values are never
 * scaled here; scaling belongs to the display and is written on its legend. A plain record.
 * Threads: any. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct {
  int width, height; /* cells */
  float *values;     /* row-major, width · height, in the unit of its method (fv-method.h) */
  int n_channels;    /* 0 at a layer */
  float *channels;   /* [n_channels,height,width] at the input, else NULL */
  float top;         /* at the input: see fv_map_get_top () */
  const char *method;
  char *layer;             /* NULL for methods that need none */
  int target;              /* class index */
  int forwards, backwards; /* what it cost: full passes of the network, a picture */
  /* Of integrated gradients, NaN elsewhere: what the logit gains over the baseline's, and how far
   * the map's sum is from that. */
  double gain, residual;
} FvMap;

/* How the channels of a map at the input become one value a pixel. */
typedef enum {
  FV_REDUCTION_SUM,          /* Σ a: keeps the sign and the sum */
  FV_REDUCTION_SUM_ABSOLUTE, /* Σ |a| */
  FV_REDUCTION_MAX_ABSOLUTE, /* max |a| */
} FvReduction;

/* @layer: (nullable) */
FvMap *fv_map_new (int width, int height, const char *method, const char *layer, int target);
/* A map at the input; @channels [@n_channels,height,width] is copied. */
FvMap *fv_map_new_at_input (const float *channels, int n_channels, int width, int height,
                            FvReduction reduction, const char *method, int target);
FvMap *fv_map_copy (const FvMap *self);
void fv_map_free (FvMap *self);

float fv_map_get_max (const FvMap *self);
float fv_map_get_min (const FvMap *self);
/* The value that a scale of colours ends at: the greatest; at the input, where single pixels have
 * many times what the others have, what one pixel in a hundred exceeds, when that is above 0. */
float fv_map_get_top (const FvMap *self);
/* TRUE when no value is above 0: no evidence for the class. Such a map is never stretched. */
gboolean fv_map_is_dead (const FvMap *self);
/* FALSE with @error when a value is infinite or none: activations may overflow below a rectifier
 * that hides it from the logits. */
gboolean fv_map_check_finite (const FvMap *self, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FvMap, fv_map_free)

G_END_DECLS
