/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See the header. */

#include "fv-scatter-view.h"

#include <math.h>

struct _FvScatterView {
  FvPlotView parent_instance;

  FvReading x, y;
  GArray *points; /* FvScatterPoint, by rising x */
  FvPlotRange x_range, y_range;
  gssize chosen;
};

G_DEFINE_FINAL_TYPE (FvScatterView, fv_scatter_view, FV_TYPE_PLOT_VIEW)

static const FvScatterPoint *
get_point (FvScatterView *self, guint index)
{
  return &g_array_index (self->points, FvScatterPoint, index);
}

static FvScatterScene
make_scene (FvScatterView *self)
{
  return (FvScatterScene){ .x_name = fv_reading_get_info (self->x)->name,
                           .y_name = fv_reading_get_info (self->y)->name,
                           .x = self->x_range,
                           .y = self->y_range,
                           .points = (const FvScatterPoint *) (gconstpointer) self->points->data,
                           .n_points = self->points->len,
                           .chosen = self->chosen };
}

static void
paint (FvPlotView *view, const FvPlotStyle *style, cairo_t *cr)
{
  FvScatterScene scene = make_scene (FV_SCATTER_VIEW (view));

  fv_scatter_paint (&scene, style, cr);
}

static int
hit (FvPlotView *view, const FvPlotStyle *style, double x, double y)
{
  FvScatterScene scene = make_scene (FV_SCATTER_VIEW (view));

  return fv_scatter_hit (&scene, style, x, y);
}

static int
step (FvPlotView *view, int mark, int n)
{
  int n_points = (int) FV_SCATTER_VIEW (view)->points->len;

  if (n_points == 0)
    return -1;
  return mark < 0 ? 0 : CLAMP (mark + n, 0, n_points - 1);
}

static char *
describe (FvPlotView *view, int mark)
{
  static const char *const ends[FV_SCATTER_N_MARKS] = { "", ", right", ", wrong" };
  FvScatterView *self = FV_SCATTER_VIEW (view);
  const FvScatterPoint *point = get_point (self, (guint) mark);
  g_autofree char *x = fv_reading_format (self->x, (double) point->x);
  g_autofree char *y = fv_reading_format (self->y, (double) point->y);

  return g_strdup_printf ("%s %s, %s %s%s", fv_reading_get_info (self->x)->name, x,
                          fv_reading_get_info (self->y)->name, y, ends[point->mark]);
}

static gint
compare_x (gconstpointer a, gconstpointer b)
{
  const FvScatterPoint *first = a;
  const FvScatterPoint *second = b;

  if (first->x != second->x)
    return first->x < second->x ? -1 : 1;
  return first->sample < second->sample ? -1 : first->sample > second->sample;
}

/* The reading's own range, or that of the points where it has no end. */
static FvPlotRange
find_range (FvReading reading, const GArray *points, gsize member)
{
  const FvMetricInfo *info = fv_reading_get_info (reading);
  FvPlotRange range = { info->low, info->high };

  if (fv_plot_range_is_valid (range))
    return range;
  range = (FvPlotRange){ NAN, NAN };
  for (guint i = 0; i < points->len; i++) {
    const FvScatterPoint *point = &g_array_index (points, FvScatterPoint, i);
    double value = (double) G_STRUCT_MEMBER (float, point, member);

    range.low = fmin (range.low, value);
    range.high = fmax (range.high, value);
  }
  return fv_plot_range_widen (range);
}

static void
drop_incomplete (GArray *points)
{
  guint n = 0;

  for (guint i = 0; i < points->len; i++) {
    FvScatterPoint point = g_array_index (points, FvScatterPoint, i);

    if (isfinite (point.x) && isfinite (point.y))
      g_array_index (points, FvScatterPoint, n++) = point;
  }
  g_array_set_size (points, n);
}

void
fv_scatter_view_set (FvScatterView *self, FvReading x, FvReading y, GArray *points)
{
  g_autofree char *name = g_strdup_printf ("%s against %s", fv_reading_get_info (y)->name,
                                           fv_reading_get_info (x)->name);
  g_autofree char *summary = NULL;

  drop_incomplete (points);
  g_array_sort (points, compare_x);
  g_clear_pointer (&self->points, g_array_unref);
  self->points = points;
  self->x = x;
  self->y = y;
  self->x_range = find_range (x, points, G_STRUCT_OFFSET (FvScatterPoint, x));
  self->y_range = find_range (y, points, G_STRUCT_OFFSET (FvScatterPoint, y));
  summary = g_strdup_printf ("%u pictures", points->len);
  fv_plot_view_update (FV_PLOT_VIEW (self), name, summary);
}

gsize
fv_scatter_view_get_sample (FvScatterView *self, int point)
{
  return get_point (self, (guint) point)->sample;
}

void
fv_scatter_view_set_chosen (FvScatterView *self, gssize sample)
{
  self->chosen = sample;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
fv_scatter_view_finalize (GObject *object)
{
  g_array_unref (FV_SCATTER_VIEW (object)->points);

  G_OBJECT_CLASS (fv_scatter_view_parent_class)->finalize (object);
}

static void
fv_scatter_view_class_init (FvScatterViewClass *klass)
{
  FvPlotViewClass *view_class = FV_PLOT_VIEW_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = fv_scatter_view_finalize;
  view_class->paint = paint;
  view_class->hit = hit;
  view_class->step = step;
  view_class->describe = describe;
}

static void
fv_scatter_view_init (FvScatterView *self)
{
  self->chosen = -1;
  fv_scatter_view_set (self, FV_READING_PROBABILITY, FV_READING_ENERGY,
                       g_array_new (FALSE, FALSE, sizeof (FvScatterPoint)));
}
