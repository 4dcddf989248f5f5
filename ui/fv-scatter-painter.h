/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a scatter plot looks like: a pure function, with Cairo and Pango, no display. */

#pragma once

#include "fv-plot-style.h"
#include "fv-plot.h"

G_BEGIN_DECLS

/* Told apart by their form, and by colour besides. */
typedef enum {
  FV_SCATTER_PLAIN, /* a disc: nobody knows whether the prediction is right */
  FV_SCATTER_RIGHT, /* a ring */
  FV_SCATTER_WRONG, /* a cross */
  FV_SCATTER_N_MARKS
} FvScatterMark;

typedef struct {
  float x, y; /* finite */
  guint32 sample;
  FvScatterMark mark;
} FvScatterPoint;

/* A plain record; the caller owns everything it points to. */
typedef struct {
  const char *x_name, *y_name;
  FvPlotRange x, y; /* valid */
  const FvScatterPoint *points;
  guint n_points;
  gint64 chosen;    /* the sample to ring; −1: none */
  const char *unit; /* of plain points; NULL: pictures */
} FvScatterScene;

/* Draws it at the origin of @cr: what the marks mean, both axes, the points. Points on one pixel
 * are drawn once, so 100,000 of them cost no more than the plot has pixels. */
void fv_scatter_paint (const FvScatterScene *scene, const FvPlotStyle *style, cairo_t *cr);
/* The index of the point nearest to (@x, @y); −1 when none is near. */
int fv_scatter_hit (const FvScatterScene *scene, const FvPlotStyle *style, double x, double y);

G_END_DECLS
