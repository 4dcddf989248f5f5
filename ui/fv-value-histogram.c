/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See the header. */

#include "fv-value-histogram.h"

#include <math.h>

#include "fv-histogram-painter.h"
#include "fv-number.h"

struct _FvValueHistogram {
  FvPlotView parent_instance;

  const char *name, *unit;
  FvPlotRange range;
  FvHistogram histogram, before;
  gboolean has_before;
};

G_DEFINE_FINAL_TYPE (FvValueHistogram, fv_value_histogram, FV_TYPE_PLOT_VIEW)

static FvHistogramScene
make_scene (FvValueHistogram *self)
{
  return (FvHistogramScene){ .name = self->name,
                             .histogram = &self->histogram,
                             .chance = NAN,
                             .unit = self->unit,
                             .before = self->has_before ? &self->before : NULL };
}

static void
paint (FvPlotView *view, const FvPlotStyle *style, cairo_t *cr)
{
  FvHistogramScene scene = make_scene (FV_VALUE_HISTOGRAM (view));

  fv_histogram_paint (&scene, style, cr);
}

static int
hit (FvPlotView *view, const FvPlotStyle *style, double x, double y)
{
  FvHistogramScene scene = make_scene (FV_VALUE_HISTOGRAM (view));

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
  FvValueHistogram *self = FV_VALUE_HISTOGRAM (view);
  g_autofree char *low = fv_number_format ((double) fv_histogram_get_edge (&self->histogram, mark));
  g_autofree char *high
      = fv_number_format ((double) fv_histogram_get_edge (&self->histogram, mark + 1));

  if (!self->has_before)
    return g_strdup_printf ("%u %s from %s to %s", self->histogram.counts[mark], self->unit, low,
                            high);
  return g_strdup_printf ("%u %s from %s to %s, %u before", self->histogram.counts[mark],
                          self->unit, low, high, self->before.counts[mark]);
}

/* (transfer full) */
static char *
summarise (FvValueHistogram *self)
{
  g_autofree char *mean = fv_number_format (self->histogram.mean);
  g_autofree char *before = fv_number_format (self->before.mean);

  if (!self->has_before)
    return g_strdup_printf ("%u %s, mean %s", self->histogram.n, self->unit, mean);
  return g_strdup_printf ("%u %s, mean %s, before %s", self->histogram.n, self->unit, mean, before);
}

void
fv_value_histogram_set (FvValueHistogram *self, const float *values, gsize n, const float *before,
                        gsize n_before)
{
  g_autofree char *summary = NULL;

  fv_histogram_fill (&self->histogram, values, n, self->range);
  self->has_before = before != NULL;
  if (self->has_before)
    fv_histogram_fill (&self->before, before, n_before, self->histogram.range);
  summary = summarise (self);
  fv_plot_view_update (FV_PLOT_VIEW (self), self->name, summary);
}

void
fv_value_histogram_set_up (FvValueHistogram *self, const char *name, const char *unit,
                           FvPlotRange range)
{
  self->name = name;
  self->unit = unit;
  self->range = range;
  fv_value_histogram_set (self, NULL, 0, NULL, 0);
}

static void
fv_value_histogram_class_init (FvValueHistogramClass *klass)
{
  FvPlotViewClass *view_class = FV_PLOT_VIEW_CLASS (klass);

  view_class->paint = paint;
  view_class->hit = hit;
  view_class->step = step;
  view_class->describe = describe;
}

static void
fv_value_histogram_init (FvValueHistogram *self)
{
  fv_value_histogram_set_up (self, "", "values", (FvPlotRange){ 0, 1 });
}
