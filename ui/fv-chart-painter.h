/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a chart looks like: a pure function of its lines, with Cairo and Pango, no display. */

#pragma once

#include <gdk/gdk.h>
#include <pango/pangocairo.h>

#include "fv-chart-series.h"

G_BEGIN_DECLS

typedef struct {
  char *name;
  GdkRGBA color;
  gboolean dashed;
  FvChartSeries *series;
} FvChartLine;

typedef struct {
  double low, high;
} FvChartRange;

/* A plain record; the caller owns everything it points to. */
typedef struct {
  const char *title; /* NULL: none */
  const FvChartLine *lines;
  int n_lines;
  FvChartRange x_range, y_range; /* fixed; not finite or empty: follows the points */
  GdkRGBA color;                 /* of text and grid */
  PangoContext *pango;           /* for Cairo: the font */
  int width, height;             /* pixels */
} FvChartScene;

/* Draws the chart at the origin of @cr. */
void fv_chart_paint (const FvChartScene *scene, cairo_t *cr);

/* The ranges that are drawn: finite and not empty. */
FvChartRange fv_chart_scene_get_x_range (const FvChartScene *scene);
FvChartRange fv_chart_scene_get_y_range (const FvChartScene *scene);

/* The distance between two grid lines, 1, 2 or 5 times a power of ten, so that there are at most
 * @max_lines + 1 of them in @range. */
double fv_chart_get_grid_step (FvChartRange range, int max_lines);

G_END_DECLS
