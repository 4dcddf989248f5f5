/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See the header. */

#include "fv-cell-scatter.h"

#include <math.h>

#include "fv-number.h"
#include "fv-scatter-painter.h"

/* More would hide each other: of large grids every so many-th cell is a point. */
#define MAX_POINTS 2000

struct _FvCellScatter {
  FvPlotView parent_instance;

  const char *x_name, *y_name;
  int width;      /* cells in a row */
  GArray *points; /* of FvScatterPoint, whose sample is the cell */
};

G_DEFINE_FINAL_TYPE (FvCellScatter, fv_cell_scatter, FV_TYPE_PLOT_VIEW)

static FvScatterScene
make_scene (FvCellScatter *self)
{
  return (FvScatterScene){ .x_name = self->x_name,
                           .y_name = self->y_name,
                           .x = { 0, 1 },
                           .y = { 0, 1 },
                           .points = (const FvScatterPoint *) (gconstpointer) self->points->data,
                           .n_points = self->points->len,
                           .chosen = -1,
                           .unit = "cells" };
}

static void
paint (FvPlotView *view, const FvPlotStyle *style, cairo_t *cr)
{
  FvScatterScene scene = make_scene (FV_CELL_SCATTER (view));

  fv_scatter_paint (&scene, style, cr);
}

static int
hit (FvPlotView *view, const FvPlotStyle *style, double x, double y)
{
  FvScatterScene scene = make_scene (FV_CELL_SCATTER (view));

  return fv_scatter_hit (&scene, style, x, y);
}

static int
step (FvPlotView *view, int mark, int n)
{
  int n_points = (int) FV_CELL_SCATTER (view)->points->len;

  if (n_points == 0)
    return -1;
  return mark < 0 ? 0 : CLAMP (mark + n, 0, n_points - 1);
}

static char *
describe (FvPlotView *view, int mark)
{
  FvCellScatter *self = FV_CELL_SCATTER (view);
  const FvScatterPoint *point = &g_array_index (self->points, FvScatterPoint, mark);
  g_autofree char *x = fv_number_format ((double) point->x);
  g_autofree char *y = fv_number_format ((double) point->y);

  return g_strdup_printf (
      "row %u, column %u: %s %s, %s %s", point->sample / (guint) self->width + 1,
      point->sample % (guint) self->width + 1, self->x_name, x, self->y_name, y);
}

static void
add_points (FvCellScatter *self, const FvPlane *x, const FvPlane *y)
{
  gsize n = MIN (fv_plane_get_size (x), fv_plane_get_size (y));
  gsize stride = n / MAX_POINTS + 1;

  self->width = x->width;
  for (gsize i = 0; i < n; i += stride) {
    FvScatterPoint point = { x->values[i], y->values[i], (guint32) i, FV_SCATTER_PLAIN };

    if (isfinite (point.x) && isfinite (point.y))
      g_array_append_val (self->points, point);
  }
}

void
fv_cell_scatter_set (FvCellScatter *self, const char *x_name, const FvPlane *x, const char *y_name,
                     const FvPlane *y)
{
  g_autofree char *name = g_strdup_printf ("%s against %s", y_name, x_name);
  g_autofree char *summary = NULL;

  self->x_name = x_name;
  self->y_name = y_name;
  g_array_set_size (self->points, 0);
  if (x != NULL && y != NULL)
    add_points (self, x, y);
  summary = g_strdup_printf ("%u cells", self->points->len);
  fv_plot_view_update (FV_PLOT_VIEW (self), name, summary);
}

static void
fv_cell_scatter_finalize (GObject *object)
{
  g_array_unref (FV_CELL_SCATTER (object)->points);

  G_OBJECT_CLASS (fv_cell_scatter_parent_class)->finalize (object);
}

static void
fv_cell_scatter_class_init (FvCellScatterClass *klass)
{
  FvPlotViewClass *view_class = FV_PLOT_VIEW_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = fv_cell_scatter_finalize;
  view_class->paint = paint;
  view_class->hit = hit;
  view_class->step = step;
  view_class->describe = describe;
}

static void
fv_cell_scatter_init (FvCellScatter *self)
{
  self->points = g_array_new (FALSE, FALSE, sizeof (FvScatterPoint));
  fv_cell_scatter_set (self, "x", NULL, "y", NULL);
}
