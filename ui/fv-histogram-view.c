/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See the header. */

#include "fv-histogram-view.h"

#include <math.h>

#include "fv-histogram-painter.h"

struct _FvHistogramView {
  FvPlotView parent_instance;

  FvReading reading;
  FvHistogram histogram;
  double chance;
};

G_DEFINE_FINAL_TYPE (FvHistogramView, fv_histogram_view, FV_TYPE_PLOT_VIEW)

static FvHistogramScene
make_scene (FvHistogramView *self)
{
  return (FvHistogramScene){ .name = fv_reading_get_info (self->reading)->name,
                             .histogram = &self->histogram,
                             .chance = self->chance,
                             .unit = "pictures" };
}

static void
paint (FvPlotView *view, const FvPlotStyle *style, cairo_t *cr)
{
  FvHistogramScene scene = make_scene (FV_HISTOGRAM_VIEW (view));

  fv_histogram_paint (&scene, style, cr);
}

static int
hit (FvPlotView *view, const FvPlotStyle *style, double x, double y)
{
  FvHistogramScene scene = make_scene (FV_HISTOGRAM_VIEW (view));

  return fv_histogram_hit (&scene, style, x, y);
}

static int
step (FvPlotView *view, int mark, int n)
{
  return mark < 0 ? 0 : CLAMP (mark + n, 0, FV_HISTOGRAM_N_BINS - 1);
}

static char *
describe (FvPlotView *view, int mark)
{
  FvHistogramView *self = FV_HISTOGRAM_VIEW (view);
  g_autofree char *low
      = fv_reading_format (self->reading, (double) fv_histogram_get_edge (&self->histogram, mark));
  g_autofree char *high = fv_reading_format (
      self->reading, (double) fv_histogram_get_edge (&self->histogram, mark + 1));

  return g_strdup_printf ("%u pictures from %s to %s", self->histogram.counts[mark], low, high);
}

/* The last bar includes its end; the others end just before the next one begins. */
void
fv_histogram_view_get_bar (FvHistogramView *self, int bar, float *low, float *high)
{
  float end = fv_histogram_get_edge (&self->histogram, bar + 1);

  *low = fv_histogram_get_edge (&self->histogram, bar);
  *high = bar == FV_HISTOGRAM_N_BINS - 1 ? end : nextafterf (end, -INFINITY);
}

void
fv_histogram_view_set (FvHistogramView *self, FvReading reading, const float *values, gsize n,
                       double chance)
{
  const FvMetricInfo *info = fv_reading_get_info (reading);
  g_autofree char *mean = NULL;
  g_autofree char *summary = NULL;

  self->reading = reading;
  self->chance = chance;
  fv_histogram_fill (&self->histogram, values, n, (FvPlotRange){ info->low, info->high });
  mean = fv_reading_format (reading, self->histogram.mean);
  summary = g_strdup_printf ("%u pictures, mean %s", self->histogram.n, mean);
  fv_plot_view_update (FV_PLOT_VIEW (self), info->name, summary);
}

static void
fv_histogram_view_class_init (FvHistogramViewClass *klass)
{
  FvPlotViewClass *view_class = FV_PLOT_VIEW_CLASS (klass);

  view_class->paint = paint;
  view_class->hit = hit;
  view_class->step = step;
  view_class->describe = describe;
}

static void
fv_histogram_view_init (FvHistogramView *self)
{
  fv_histogram_view_set (self, FV_READING_ENERGY, NULL, 0, NAN);
}
