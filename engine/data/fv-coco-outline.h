/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The outline of one object: polygons, run lengths, or a box. Threads: any. */

#pragma once

#include <glib.h>

#include "fv-mask.h"

G_BEGIN_DECLS

typedef struct {
  GPtrArray *polygons; /* GArray of double x, y, x, y …; NULL without */
  GArray *runs;        /* guint32: lengths of 0s and 1s by turns, down the columns; NULL without */
  gboolean has_box;
  double box[4]; /* x, y, width, height */
} FvCocoOutline;

void fv_coco_outline_clear (FvCocoOutline *outline);

/* Decodes COCO's compressed run lengths into @runs. Returns: NULL, or what is wrong with @text */
const char *fv_coco_outline_decode_runs (const char *text, GArray *runs);

/* Checks that runs cover @n_pixels exactly. */
gboolean fv_coco_outline_runs_fit (const GArray *runs, guint64 n_pixels);

/* In pixels; see fv_coco_get_areas (). */
double fv_coco_outline_get_area (const FvCocoOutline *outline);

/* How many steps fv_coco_outline_draw () takes on a picture @height pixels high: an upper bound. */
double fv_coco_outline_get_cost (const FvCocoOutline *outline, int height);

/* Sets the pixels of @mask that are in the outline and not INSIDE yet to @state; without an outline
 * those in the box (or all) to NO_OPINION. Runs must fit the mask. */
void fv_coco_outline_draw (const FvCocoOutline *outline, FvMaskState state, FvMask *mask);

G_END_DECLS
