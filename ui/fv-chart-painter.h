/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a chart looks like: a pure function of its lines, with Cairo and Pango, no display. */

#pragma once

#include "fv-chart-series.h"
#include "fv-plot.h"

G_BEGIN_DECLS

typedef struct {
  char *name;
  GdkRGBA color;
  gboolean dashed;
  FvChartSeries *series;
} FvChartLine;

/* A plain record; the caller owns everything it points to. */
typedef struct {
  const char *title; /* NULL: none */
  const FvChartLine *lines;
  int n_lines;
  FvPlotRange x_range, y_range; /* fixed; not finite or empty: follows the points */
  GdkRGBA color;                /* of text and grid */
  PangoContext *pango;          /* for Cairo: the font */
  int width, height;            /* pixels */
} FvChartScene;

/* Draws the chart at the origin of @cr. */
void fv_chart_paint (const FvChartScene *scene, cairo_t *cr);

/* The ranges that are drawn: finite and not empty. */
FvPlotRange fv_chart_scene_get_x_range (const FvChartScene *scene);
FvPlotRange fv_chart_scene_get_y_range (const FvChartScene *scene);

G_END_DECLS
