/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A plot on the screen whose bars or points can be picked: with the pointer, or with the arrow keys
 * and Return. What it shows, its kinds say.
 * Signal "picked" (int mark): somebody chose that bar or point. Threads: the main thread. */

#pragma once

#include <gtk/gtk.h>

#include "fv-plot-style.h"

G_BEGIN_DECLS

#define FV_TYPE_PLOT_VIEW (fv_plot_view_get_type ())
G_DECLARE_DERIVABLE_TYPE (FvPlotView, fv_plot_view, FV, PLOT_VIEW, GtkWidget)

struct _FvPlotViewClass {
  GtkWidgetClass parent_class;

  void (*paint) (FvPlotView *self, const FvPlotStyle *style, cairo_t *cr);
  /* The mark at a place; −1: none. */
  int (*hit) (FvPlotView *self, const FvPlotStyle *style, double x, double y);
  /* The mark @n steps after @mark, stopping at the ends; −1 asks for the first, and answers that
   * there is none. */
  int (*step) (FvPlotView *self, int mark, int n);
  /* What the mark says, in words. (transfer full) */
  char *(*describe) (FvPlotView *self, int mark);
};

/* For kinds: what is shown has changed. @name and @summary are for those who cannot see it. */
void fv_plot_view_update (FvPlotView *self, const char *name, const char *summary);

/* Writes the plot, dark on white, into a file: .svg, .pdf, otherwise PNG. */
gboolean fv_plot_view_save (FvPlotView *self, const char *path, GError **error);

G_END_DECLS
