/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What every plot has: a frame with two ranges, round numbers along its sides, text. Pure functions
 * over Cairo and Pango, no display. Unit: pixels. */

#pragma once

#include <gdk/gdk.h>
#include <pango/pangocairo.h>

G_BEGIN_DECLS

#define FV_PLOT_SMALL_FONT 0.82 /* of the context's size: numbers and names */
#define FV_PLOT_LABEL_GAP 6

typedef struct {
  double low, high;
} FvPlotRange;

/* A plain record; the caller owns the context. */
typedef struct {
  GdkRGBA color;       /* of text and grid */
  PangoContext *pango; /* for Cairo: the font */
  double left, top, width, height;
  FvPlotRange x, y; /* finite and not empty */
} FvPlot;

/* Finite and not empty, as is the distance between its ends. */
gboolean fv_plot_range_is_valid (FvPlotRange range);
/* @range when it is valid, else one around it: around equal values, and in place of none, there is
 * still room to draw. */
FvPlotRange fv_plot_range_widen (FvPlotRange range);
/* The distance between two grid lines, 1, 2 or 5 times a power of ten, so that there are at most
 * @max_lines + 1 of them in @range. */
double fv_plot_get_grid_step (FvPlotRange range, int max_lines);

double fv_plot_get_x (const FvPlot *self, double value);
double fv_plot_get_y (const FvPlot *self, double value);

/* The plot's colour at @alpha. */
void fv_plot_set_color (const FvPlot *self, cairo_t *cr, double alpha);
/* @size: relative to the context's font. (transfer full) */
PangoLayout *fv_plot_make_layout (const FvPlot *self, const char *text, double size, gboolean bold);
/* Draws @text small and dim, its right edge (@align 1), middle (0.5) or left edge (0) at @x, its
 * top at @y. */
void fv_plot_draw_label (const FvPlot *self, cairo_t *cr, const char *text, double x, double y,
                         double align);
void fv_plot_measure_label (const FvPlot *self, const char *text, int *width, int *height);

/* The room that the widest number along the left side needs. */
int fv_plot_measure_y_labels (const FvPlot *self);
/* Horizontal lines with their numbers left of the frame. */
void fv_plot_draw_y_grid (const FvPlot *self, cairo_t *cr);
/* Vertical ticks with their numbers below the frame. */
void fv_plot_draw_x_axis (const FvPlot *self, cairo_t *cr);

G_END_DECLS
