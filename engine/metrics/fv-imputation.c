/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Conjugate gradients over the picture's own grid. The vectors are planes with a border of zeros,
 * and are zero at known pixels, so that the matrix is one stencil without a branch, which the
 * compiler vectorises, and no list of neighbours is stored. */

#include "fv-imputation.h"

#include <math.h>
#include <string.h>

#include "fv-random.h"

#define DIRECT (1.0f / 6.0f)
#define DIAGONAL (1.0f / 12.0f)

/* Stops where the root mean square of the residual is this, in units of the normalised input. */
#define TOLERANCE 1e-6
#define MAX_ITERATIONS 2000

/* Sums are kept in so many parts, which is what vector units do at once. */
#define LANES 8

/* A padded plane: a border of zeros all around, and as many zeros behind it as whole LANES from
 * the first pixel to the last, with their neighbours, need. */
typedef struct {
  int width, height;
  gsize stride;   /* values from row to row */
  gsize first, n; /* where the first pixel is, and the values from there to the last pixel */
  gsize length;   /* of a whole plane */
  float *unknown; /* 1 where unknown, else 0 */
  float *degree;  /* sum of the weights of the neighbours inside the picture */
} Grid;

static void
grid_clear (Grid *grid)
{
  g_free (grid->unknown);
  g_free (grid->degree);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Grid, grid_clear)

/* Sum of the weighted neighbours of the value at @p. */
static inline float
neighbours (const float *p, gsize stride)
{
  const float *above = p - stride, *below = p + stride;

  return DIRECT * (p[-1] + p[1] + above[0] + below[0])
         + DIAGONAL * (above[-1] + above[1] + below[-1] + below[1]);
}

/* Copies [height,width] values into a padded plane. */
static void
pad (const Grid *grid, const float *values, float *plane)
{
  for (int y = 0; y < grid->height; y++)
    memcpy (plane + ((gsize) y + 1) * grid->stride + 1, values + (gsize) y * grid->width,
            (gsize) grid->width * sizeof (float));
}

static void
grid_init (Grid *grid, int width, int height, const guint8 *known)
{
  g_autofree float *inside = NULL;

  grid->width = width;
  grid->height = height;
  grid->stride = (gsize) width + 2;
  grid->first = grid->stride + 1;
  grid->n = (grid->stride * (gsize) height - 2 + LANES - 1) / LANES * LANES;
  grid->length = grid->first + grid->n + grid->stride + 1;
  grid->unknown = g_new0 (float, grid->length);
  grid->degree = g_new0 (float, grid->length);
  inside = g_new0 (float, grid->length);
  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++) {
      gsize at = ((gsize) y + 1) * grid->stride + (gsize) x + 1;

      inside[at] = 1;
      grid->unknown[at] = known[(gsize) y * width + x] != 0 ? 0.0f : 1.0f;
    }
  for (gsize i = grid->first; i < grid->first + grid->n; i++)
    grid->degree[i] = neighbours (inside + i, grid->stride);
}

static double
sum_lanes (const float *lanes)
{
  double sum = 0;

  for (int l = 0; l < LANES; l++)
    sum += lanes[l];
  return sum;
}

/* out = A p at unknown pixels, 0 elsewhere; of a plane that holds the known values too, this is
 * minus the residual. Returns p · out. */
static double
multiply (const Grid *grid, const float *restrict p, float *restrict out)
{
  const float *unknown = grid->unknown, *degree = grid->degree;
  float lanes[LANES] = { 0 };

  for (gsize i = grid->first; i < grid->first + grid->n; i += LANES)
    for (gsize l = 0; l < LANES; l++) {
      gsize at = i + l;

      out[at] = unknown[at] * (degree[at] * p[at] - neighbours (p + at, grid->stride));
      lanes[l] += p[at] * out[at];
    }
  return sum_lanes (lanes);
}

/* solution += alpha p, residual −= alpha A p. Returns the new residual · residual. */
static double
advance (const Grid *grid, float *restrict solution, float *restrict residual,
         const float *restrict p, const float *restrict ap, float alpha)
{
  float lanes[LANES] = { 0 };

  for (gsize i = grid->first; i < grid->first + grid->n; i += LANES)
    for (gsize l = 0; l < LANES; l++) {
      gsize at = i + l;

      solution[at] += alpha * p[at];
      residual[at] -= alpha * ap[at];
      lanes[l] += residual[at] * residual[at];
    }
  return sum_lanes (lanes);
}

/* Solves one channel in place: @solution holds the known values and the guess. */
static void
solve (const Grid *grid, float *solution, gsize n_unknown)
{
  g_autofree float *residual = g_new0 (float, grid->length);
  g_autofree float *p = g_new0 (float, grid->length);
  g_autofree float *ap = g_new0 (float, grid->length);
  double goal = TOLERANCE * TOLERANCE * (double) n_unknown, rr = 0;

  multiply (grid, solution, residual);
  for (gsize i = 0; i < grid->length; i++) {
    residual[i] = -residual[i];
    p[i] = residual[i];
    rr += (double) residual[i] * residual[i];
  }
  for (int i = 0; i < MAX_ITERATIONS && rr > goal; i++) {
    double before = rr;
    float beta;

    rr = advance (grid, solution, residual, p, ap, (float) (rr / multiply (grid, p, ap)));
    beta = (float) (rr / before);
    for (gsize j = grid->first; j < grid->first + grid->n; j++)
      p[j] = residual[j] + beta * p[j];
  }
}

void
fv_impute (float *picture, int width, int height, const guint8 *known)
{
  gsize area = (gsize) width * (gsize) height, n_unknown = 0;
  g_auto (Grid) grid = { 0 };
  g_autofree float *plane = NULL;

  g_return_if_fail (width > 0 && height > 0);

  for (gsize i = 0; i < area; i++)
    n_unknown += known[i] == 0;
  if (n_unknown == 0 || n_unknown == area)
    return;
  grid_init (&grid, width, height, known);
  plane = g_new0 (float, grid.length);
  for (gsize c = 0; c < 3; c++) {
    pad (&grid, picture + c * area, plane);
    solve (&grid, plane, n_unknown);
    for (int y = 0; y < height; y++)
      memcpy (picture + c * area + (gsize) y * width, plane + ((gsize) y + 1) * grid.stride + 1,
              (gsize) width * sizeof (float));
  }
}

void
fv_imputation_add_noise (float *picture, int width, int height, const guint8 *known, double sigma,
                         GRand *rand)
{
  gsize area = (gsize) width * (gsize) height;

  for (gsize i = 0; i < 3 * area; i++)
    if (known[i % area] == 0)
      picture[i] += (float) (sigma * fv_random_normal (rand));
}
