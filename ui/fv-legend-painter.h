/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The legend over the photo: what the map is, its colours and the numbers they stand for. Drawn
 * with Cairo and Pango: no display needed. */

#pragma once

#include <pango/pangocairo.h>

#include "fv-colormap.h"

G_BEGIN_DECLS

typedef struct {
  const char *text;        /* lines: method · layer · class; NULL: none */
  const char *unit;        /* of the map's values; NULL: none is written */
  gboolean has_before;     /* two maps, before and now, on one scale */
  gboolean before_is_dead; /* that map has no positive evidence */
  gboolean now_is_dead;
  double max;           /* the value at the end of the scale */
  gboolean is_exceeded; /* some values lie above it */
  FvColormap colormap;
  double opacity; /* of the map, 0 … 1: the bar shows the same ramp */
} FvLegend;

/* The size of the legend's box in pixels, at most @max_width wide.
 * @context: a Pango context for Cairo; that of the widget, so that the font is the user's. */
void fv_legend_measure (const FvLegend *self, PangoContext *context, int max_width, int *width,
                        int *height);

/* Draws the box of that size at the origin of @cr. */
void fv_legend_draw (const FvLegend *self, PangoContext *context, cairo_t *cr, int width,
                     int height);

G_END_DECLS
