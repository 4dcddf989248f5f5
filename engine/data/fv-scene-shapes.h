/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The outlines of the benchmark's objects, with Cairo. */

#pragma once

#include "fv-scene-objects.h"

G_BEGIN_DECLS

/* Fills the silhouette of @object with the current source. It is centred on the origin and fits
 * into a circle of radius 1.3. */
void fv_scene_shape_fill (FvObject object, cairo_t *cr);

/* Draws what is on the object (windows, an eye, …) in dark and light, partly transparent. It may
 * reach beyond the silhouette. */
void fv_scene_shape_draw_details (FvObject object, cairo_t *cr);

G_END_DECLS
