/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The colours of a map: three perceptually uniform scales, dark to light, so that they read the
 * same on a projector, in print and to a colour-blind eye. */

#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

typedef enum {
  FV_COLORMAP_VIRIDIS,
  FV_COLORMAP_CIVIDIS, /* made for red-green deficiency */
  FV_COLORMAP_MAGMA,
} FvColormap;

#define FV_COLORMAP_SIZE 256

#define FV_TYPE_COLORMAP (fv_colormap_get_type ())
GType fv_colormap_get_type (void);

/* The name to show: “Viridis”. Returns: (transfer none) */
const char *fv_colormap_get_name (FvColormap colormap);

/* Writes the scale as FV_COLORMAP_SIZE sRGB colours, red green blue, from nothing to the maximum.
 * Source: the published tables (van der Walt and Smith 2015; Nuñez, Anderton and Renslow 2018) at
 * every fifth entry, linear in between. */
void fv_colormap_fill (FvColormap colormap, guint8 table[FV_COLORMAP_SIZE][3]);

/* How opaque a map is drawn where it has @share (0 … 1) of the scale's maximum: 0 … 1, rising
 * smoothly, so that the photo stays visible where there is no evidence. Map and legend both use
 * it. */
double fv_colormap_get_alpha (double share);

G_END_DECLS
