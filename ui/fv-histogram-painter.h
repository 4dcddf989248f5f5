/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a histogram looks like: a pure function, with Cairo and Pango, no display. */

#pragma once

#include "fv-histogram.h"
#include "fv-plot-style.h"

G_BEGIN_DECLS

/* A plain record; the caller owns everything it points to. */
typedef struct {
  const char *name; /* of what is counted */
  const FvHistogram *histogram;
  double chance;             /* NaN: there is no such level */
  const char *unit;          /* of what is counted: "pictures" */
  const FvHistogram *before; /* to compare with, of the same range: an outline; NULL: none */
} FvHistogramScene;

/* Draws it at the origin of @cr: name, mean and chance with their lines, bars, axis. */
void fv_histogram_paint (const FvHistogramScene *scene, const FvPlotStyle *style, cairo_t *cr);
/* The bin whose column is at (@x, @y), however short its bar; −1 outside the plot. */
int fv_histogram_hit (const FvHistogramScene *scene, const FvPlotStyle *style, double x, double y);

G_END_DECLS
