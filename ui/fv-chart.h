/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A live line chart for the teaching dock: a title, the series' names with their latest values, and
 * the lines. Any number of points stays cheap: each series keeps a bounded number of buckets with
 * their lowest and highest value, so no spike is lost.
 * Threads: the main thread. */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define FV_TYPE_CHART (fv_chart_get_type ())
G_DECLARE_FINAL_TYPE (FvChart, fv_chart, FV, CHART, GtkWidget)

GtkWidget *fv_chart_new (void);

/* @title: NULL for none. */
void fv_chart_set_title (FvChart *self, const char *title);

/* Adds a line; give two lines of one chart different dashes as well as different colours.
 * Returns: the series' number, counted from 0, for fv_chart_append () */
int fv_chart_add_series (FvChart *self, const char *name, GdkRGBA color, gboolean dashed);

/* Adds a point. @x (a step, an epoch) must not be smaller than the series' last one; a point whose
 * @x is not finite is ignored. A @y that is not finite leaves a gap. */
void fv_chart_append (FvChart *self, int series, double x, double y);

/* Forgets all points; title, series and ranges stay. */
void fv_chart_clear (FvChart *self);
/* Forgets all series with their points; title and ranges stay. */
void fv_chart_remove_series (FvChart *self);
/* Forgets the points of one series. */
void fv_chart_clear_series (FvChart *self, int series);

/* Fixed ranges; the default, and a range that is not finite or empty, follows the points. With a
 * fixed x range (the whole planned run), a dashed line marks where the run stands. */
void fv_chart_set_x_range (FvChart *self, double low, double high);
void fv_chart_set_y_range (FvChart *self, double low, double high);

G_END_DECLS
