/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Pictures from which removed pixels are taken. */

#include "fv-baseline.h"

#include <math.h>
#include <string.h>

#include "fv-random.h"

/* RISE's Gaussian, for pictures whose shorter side is BLUR_SIDE pixels. */
#define BLUR_SIDE 224.0
#define BLUR_SIGMA 5.0
#define BLUR_RADIUS 5.0

#define PURPOSE_NOISE 1

static const char *const names[FV_BASELINE_N] = {
  [FV_BASELINE_BLUR] = "blur",
  [FV_BASELINE_MEAN] = "mean",
  [FV_BASELINE_NOISE] = "noise",
  [FV_BASELINE_ZERO] = "zero",
};

const char *
fv_baseline_get_name (FvBaseline baseline)
{
  g_return_val_if_fail (baseline < FV_BASELINE_N, NULL);
  return names[baseline];
}

gboolean
fv_baseline_find (const char *name, FvBaseline *baseline)
{
  for (guint i = 0; i < FV_BASELINE_N; i++)
    if (g_strcmp0 (name, names[i]) == 0) {
      *baseline = (FvBaseline) i;
      return TRUE;
    }
  return FALSE;
}

static void
fill_mean (const float *plane, gsize area, float *out)
{
  double sum = 0;

  for (gsize i = 0; i < area; i++)
    sum += plane[i];
  for (gsize i = 0; i < area; i++)
    out[i] = (float) (sum / (double) area);
}

static void
fill_noise (const float *plane, gsize area, GRand *rand, float *out)
{
  float low = plane[0], high = plane[0];

  for (gsize i = 1; i < area; i++) {
    low = MIN (low, plane[i]);
    high = MAX (high, plane[i]);
  }
  for (gsize i = 0; i < area; i++)
    out[i] = low + (float) g_rand_double (rand) * (high - low);
}

/* 2 radius + 1 weights that sum to 1. (transfer full) */
static float *
make_kernel (int radius, double sigma)
{
  float *kernel = g_new (float, 2 * radius + 1);
  double sum = 0;

  for (int i = -radius; i <= radius; i++)
    sum += exp (-0.5 * i * i / (sigma * sigma));
  for (int i = -radius; i <= radius; i++)
    kernel[i + radius] = (float) (exp (-0.5 * i * i / (sigma * sigma)) / sum);
  return kernel;
}

/* Blurs @n_lines lines of @length values: along rows with @step 1, along columns with @step width.
 */
static void
blur_lines (const float *in, int length, gsize step, int n_lines, gsize line_step,
            const float *kernel, int radius, float *out)
{
  for (int line = 0; line < n_lines; line++)
    for (int i = 0; i < length; i++) {
      const float *start = in + (gsize) line * line_step;
      float sum = 0;

      for (int k = -radius; k <= radius; k++)
        sum += kernel[k + radius] * start[(gsize) CLAMP (i + k, 0, length - 1) * step];
      out[(gsize) line * line_step + (gsize) i * step] = sum;
    }
}

static void
fill_blur (const float *plane, int width, int height, float *scratch, float *out)
{
  double scale = MIN (width, height) / BLUR_SIDE;
  int radius = MAX (1, (int) lround (BLUR_RADIUS * scale));
  g_autofree float *kernel = make_kernel (radius, BLUR_SIGMA * scale);

  blur_lines (plane, width, 1, height, (gsize) width, kernel, radius, scratch);
  blur_lines (scratch, height, (gsize) width, width, 1, kernel, radius, out);
}

void
fv_baseline_fill (FvBaseline baseline, const float *image, int width, int height, guint64 seed,
                  float *out)
{
  gsize area = (gsize) width * (gsize) height;
  g_autofree float *scratch = baseline == FV_BASELINE_BLUR ? g_new (float, area) : NULL;
  g_autoptr (GRand) rand = fv_random_new (seed, PURPOSE_NOISE);

  g_return_if_fail (width > 0 && height > 0 && image != out);

  for (int c = 0; c < 3; c++) {
    const float *plane = image + (gsize) c * area;
    float *to = out + (gsize) c * area;

    switch (baseline) {
    case FV_BASELINE_BLUR:
      fill_blur (plane, width, height, scratch, to);
      break;
    case FV_BASELINE_MEAN:
      fill_mean (plane, area, to);
      break;
    case FV_BASELINE_NOISE:
      fill_noise (plane, area, rand, to);
      break;
    case FV_BASELINE_ZERO:
      memset (to, 0, area * sizeof (float));
      break;
    case FV_BASELINE_N:
    default:
      g_return_if_reached ();
    }
  }
}
