/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Points are the roots of the Legendre polynomial, by Newton's method from a close guess. */

#include "fv-quadrature.h"

#include <math.h>

#define MAX_ITERATIONS 100
#define TOLERANCE 1e-15

/* P_n (x), by the three-term recurrence, and its derivative, for |x| < 1. */
static double
evaluate (guint n, double x, double *derivative)
{
  double previous = 1, value = x;

  for (guint k = 2; k <= n; k++) {
    double next = ((2 * k - 1) * x * value - (k - 1) * previous) / k;

    previous = value;
    value = next;
  }
  *derivative = n * (x * value - previous) / (x * x - 1);
  return value;
}

static double
find_root (guint n, double x, double *derivative)
{
  for (int i = 0; i < MAX_ITERATIONS; i++) {
    double step = evaluate (n, x, derivative) / *derivative;

    x -= step;
    if (fabs (step) < TOLERANCE)
      break;
  }
  evaluate (n, x, derivative);
  return x;
}

void
fv_quadrature_fill (guint n, double *points, double *weights)
{
  g_return_if_fail (n > 0);

  for (guint i = 0; i < (n + 1) / 2; i++) {
    double derivative, x = find_root (n, cos (G_PI * (i + 0.75) / (n + 0.5)), &derivative);
    double weight = 1 / ((1 - x * x) * derivative * derivative);

    points[i] = (1 - x) / 2;
    points[n - 1 - i] = (1 + x) / 2;
    weights[i] = weights[n - 1 - i] = weight;
  }
}
