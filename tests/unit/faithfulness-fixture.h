/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Toy networks whose answers are known by heart, and one call to measure them. */

#pragma once

#include <math.h>
#include <string.h>

#include "fv-faithfulness.h"

#define assert_near(a, b, epsilon) g_assert_cmpfloat_with_epsilon (a, b, epsilon)
#define BIT(name) FV_FAITHFULNESS_BIT (FV_FAITHFULNESS_##name)

/* Two classes; the first has probability value (picture), or that for its logit. */
typedef struct _Toy Toy;
struct _Toy {
  int n_pixels;
  double (*value) (const Toy *toy, const float *picture);
  gboolean value_is_logit;
  const float *weights; /* [n_pixels], for some */

  GChecksum *shown; /* of all pictures in the order they came */
  const float *buffer;
  int calls, largest;
  GCancellable *cancelled_by_first; /* (nullable): cancelled in the second call */
};

static inline gboolean
score (const float *images, int n, float *logits, gpointer user_data, GError **error)
{
  Toy *toy = user_data;
  gsize picture = 3 * (gsize) toy->n_pixels;

  if (toy->shown != NULL)
    g_checksum_update (toy->shown, (const guchar *) images,
                       (gssize) ((gsize) n * picture * sizeof (float)));
  g_assert_true (toy->buffer == NULL || toy->buffer == images);
  toy->buffer = images;
  toy->calls++;
  toy->largest = MAX (toy->largest, n);
  if (toy->cancelled_by_first != NULL && toy->calls == 2)
    g_cancellable_cancel (toy->cancelled_by_first);
  for (int i = 0; i < n; i++) {
    double value = toy->value (toy, images + (gsize) i * picture);

    logits[2 * i] = (float) (toy->value_is_logit ? value : log (fmax (value, 1e-35)));
    logits[2 * i + 1] = (float) (toy->value_is_logit ? 0 : log (fmax (1 - value, 1e-35)));
  }
  return TRUE;
}

/* Σ weights x over the first channel. */
static inline double
weighted (const Toy *toy, const float *picture)
{
  double sum = 0;

  for (int i = 0; i < toy->n_pixels; i++)
    sum += (double) toy->weights[i] * picture[i];
  return sum;
}

static inline double
mean (const Toy *toy, const float *picture)
{
  double sum = 0;

  for (int i = 0; i < toy->n_pixels; i++)
    sum += picture[i] / toy->n_pixels;
  return sum;
}

static inline double
falling_mean (const Toy *toy, const float *picture)
{
  return 1 - 0.5 * mean (toy, picture);
}

/* Decides by the first pixel alone. */
static inline double
first_pixel (const Toy *toy, const float *picture)
{
  return picture[0] == 1.0f ? 1 : 0;
}

static inline double
first_pixel_value (const Toy *toy, const float *picture)
{
  return CLAMP (picture[0], 0, 1);
}

static inline double
constant (const Toy *toy, const float *picture)
{
  return 0.75;
}

/* A picture of @value everywhere. */
static inline float *
flat_picture (int n_pixels, float value)
{
  float *picture = g_new (float, 3 * n_pixels);

  for (int i = 0; i < 3 * n_pixels; i++)
    picture[i] = value;
  return picture;
}

static inline float *
random_values (int n, guint32 seed)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (seed);
  float *values = g_new (float, n);

  for (int i = 0; i < n; i++)
    values[i] = (float) g_rand_double_range (rand, -1, 1);
  return values;
}

static inline FvFaithfulnessOptions
options_with_zero (void)
{
  FvFaithfulnessOptions options = fv_faithfulness_options_default ();

  options.baseline = FV_BASELINE_ZERO;
  return options;
}

static inline FvFaithfulnessNetwork
network_of (Toy *toy)
{
  return (FvFaithfulnessNetwork){ .scorer = score, .scorer_data = toy, .n_classes = 2 };
}

static inline FvFaithfulnessSubject
subject_of (const float *image, const float *map, int width, int height)
{
  return (FvFaithfulnessSubject){
    .image = image,
    .width = width,
    .height = height,
    .map = map,
    .map_width = width,
    .map_height = height,
    .target = 0,
  };
}

/* Measures, and checks that the cost was foreseen. */
static inline FvFaithfulness
measure (const FvFaithfulnessSubject *subject, const FvFaithfulnessNetwork *network,
         FvFaithfulnessSet metrics, const FvFaithfulnessOptions *options)
{
  g_autoptr (GError) error = NULL;
  FvFaithfulnessCost cost, estimate;
  FvFaithfulness result;

  ((Toy *) network->scorer_data)->buffer = NULL;
  estimate = fv_faithfulness_estimate (subject, network, metrics, options);
  fv_faithfulness_measure (subject, network, metrics, options, &result, &cost, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (cost.forwards, <=, estimate.forwards);
  g_assert_cmpuint (cost.explanations, <=, estimate.explanations);
  for (int i = 0; i < FV_FAITHFULNESS_N; i++)
    if ((metrics & FV_FAITHFULNESS_BIT (i)) == 0)
      g_assert_true (isnan (result.values[i]));
  return result;
}

/* The explanation of whatever picture is that map times a factor. */
typedef struct {
  const float *map;
  gsize n;
  float factor;
  int calls;
} Explainer;

static inline gboolean
explain (const float *images, int n, float *maps, gpointer user_data, GError **error)
{
  Explainer *self = user_data;

  self->calls += n;
  for (gsize i = 0; i < (gsize) n * self->n; i++)
    maps[i] = self->factor * self->map[i % self->n];
  return TRUE;
}

static inline FvMask *
mask_of (int width, int height, const guint8 *states)
{
  FvMask *mask = fv_mask_new (width, height);

  memcpy (fv_mask_get_data (mask), states, (gsize) width * (gsize) height);
  return mask;
}
