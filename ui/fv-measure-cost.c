/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See the header. */

#include "fv-measure-cost.h"

#include <math.h>

#include "fv-consistency-run.h"

/* A picture half of which is object asks every question there is. */
static FvMask *
make_mask (void)
{
  FvMask *mask = fv_mask_new (2, 1);

  fv_mask_get_data (mask)[0] = FV_MASK_INSIDE;
  return mask;
}

/* Asked for its presence alone. */
static gboolean
explain_nothing (const float *images, int n, float *maps, gpointer user_data, GError **error)
{
  return FALSE;
}

/* Runs for all of a picture's questions, and its explanations. */
static gsize
count_questions (const FvModelInfo *model, const FvMethodInfo *method, FvFaithfulnessSet metrics)
{
  const FvLayerInfo *layer = method->needs_layer ? &model->layers[model->default_layer] : NULL;
  int width = layer != NULL ? layer->width : model->width;
  int height = layer != NULL ? layer->height : model->height;
  g_autoptr (FvMask) mask = make_mask ();
  g_autofree float *map = g_new0 (float, (gsize) width *(gsize) height);
  const FvFaithfulnessOptions options = fv_faithfulness_options_default ();
  const FvFaithfulnessNetwork network
      = { .n_classes = model->n_classes, .explainer = explain_nothing };
  const FvFaithfulnessSubject subject = { .width = model->width,
                                          .height = model->height,
                                          .map = map,
                                          .map_width = width,
                                          .map_height = height,
                                          .target = -1,
                                          .mask = mask };
  FvFaithfulnessCost cost = fv_faithfulness_estimate (&subject, &network, metrics, &options);

  return cost.forwards + cost.explanations * method->n_runs;
}

/* A network that the method cannot draw a map of has nothing to be asked about. */
gsize
fv_measure_cost_get_runs (const FvModelInfo *model, const FvMethodInfo *method,
                          const FvMetricSelection *metrics)
{
  const FvSanityOptions sanity = fv_sanity_options_default ();
  gsize n_maps = 1 + fv_sanity_estimate (metrics->sanity, &sanity);

  if (method->needs_layer && !model->can_show)
    return 1;
  return n_maps * method->n_runs + (metrics->consistency != 0 ? FV_CONSISTENCY_RUNS : 0)
         + (metrics->faithfulness != 0 ? count_questions (model, method, metrics->faithfulness)
                                       : 0);
}

char *
fv_measure_cost_describe_time (double seconds)
{
  if (seconds < 1)
    return g_strdup ("less than a second");
  if (seconds < 100)
    return g_strdup_printf ("about %.0f s", seconds);
  if (seconds < 100 * 60)
    return g_strdup_printf ("about %.0f minutes", seconds / 60);
  return g_strdup_printf ("about %.0f hours", seconds / 3600);
}

char *
fv_measure_cost_describe (gsize runs, gsize n_pictures, double seconds_per_image,
                          double seconds_per_run)
{
  g_autofree char *count
      = runs == 1
            ? g_strdup ("one run of the network for each picture")
            : g_strdup_printf ("%" G_GSIZE_FORMAT " runs of the network for each picture", runs);
  double seconds = seconds_per_image + seconds_per_run * (double) (runs - 1);
  g_autofree char *time = fv_measure_cost_describe_time (seconds * (double) n_pictures);

  if (seconds_per_image <= 0)
    return g_steal_pointer (&count);
  return g_strdup_printf ("%s, %s", count, time);
}
