/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Small tensors from C arrays, and their values against exact ones. */

#pragma once

#include <math.h>

#include "fv-scope.h"

static inline FvTensor *
new_doubles (FvScope *scope, const double *values, const gint64 *shape, int n_dims)
{
  g_autoptr (GError) error = NULL;
  gsize n = 1;
  FvTensor *tensor;

  for (int i = 0; i < n_dims; i++)
    n *= (gsize) shape[i];
  tensor = fv_tensor_new (FV_DTYPE_FLOAT64, shape, n_dims, values, n * sizeof (double), &error);
  g_assert_no_error (error);
  return fv_scope_take (scope, tensor);
}

/* doubles (scope, 1, 2, 3): a row of float64. */
#define doubles(scope, ...)                                                                        \
  new_doubles (scope, (const double[]){ __VA_ARGS__ },                                             \
               (const gint64[]){ G_N_ELEMENTS (((const double[]){ __VA_ARGS__ })) }, 1)

/* float32 values that repeat and that no two neighbours share. (transfer full) */
static inline FvTensor *
new_waves (const gint64 *shape, int n_dims)
{
  g_autofree float *values = NULL;
  gsize n = 1;
  FvTensor *tensor;

  for (int i = 0; i < n_dims; i++)
    n *= (gsize) shape[i];
  values = g_new (float, n);
  for (gsize i = 0; i < n; i++)
    values[i] = (float) sin (0.37 * (double) (i % 65521));
  tensor = fv_tensor_new (FV_DTYPE_FLOAT32, shape, n_dims, values, n * sizeof (float), NULL);
  g_assert_nonnull (tensor);
  return tensor;
}

static inline void
assert_near (const FvTensor *tensor, const double *expected, gsize n, double tolerance)
{
  gsize n_found = 0;
  g_autofree double *found = NULL;

  g_assert_nonnull (tensor);
  found = fv_tensor_to_doubles (tensor, &n_found, NULL);
  g_assert_cmpuint (n_found, ==, n);
  for (gsize i = 0; i < n; i++)
    g_assert_cmpfloat_with_epsilon (found[i], expected[i], tolerance);
}

/* assert_values (tensor, 1, 2, 3): exactly these. */
#define assert_values(tensor, ...)                                                                 \
  assert_near (tensor, (const double[]){ __VA_ARGS__ },                                            \
               G_N_ELEMENTS (((const double[]){ __VA_ARGS__ })), 1e-300)

static inline void
assert_scope_sound (const FvScope *scope)
{
  g_autoptr (GError) error = NULL;

  fv_scope_check (scope, &error);
  g_assert_no_error (error);
}

static inline void
assert_says (const GError *error, const char *phrase)
{
  g_assert_nonnull (error);
  g_assert_null (strchr (error->message, '\n'));
  if (strstr (error->message, phrase) == NULL)
    g_error ("“%s” is not in: %s", phrase, error->message);
}
