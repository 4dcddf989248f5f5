/* SPDX-License-Identifier: GPL-3.0-or-later */

/* NumPy's .npy files, float32 only: how maps and logits leave and enter.
 *
 * Written: format 1.0, '<f4', C order. Read: 1.0 or 2.0, and nothing in the header is trusted. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define FV_NPY_MAX_DIMS 8

/* Writes the array @data of @shape (@n_dims of 0 … FV_NPY_MAX_DIMS sizes ≥ 0; 0 dimensions: one
 * number), whole or not at all. */
gboolean fv_npy_save (const char *path, const float *data, const gint64 *shape, int n_dims,
                      GError **error);

/* The array in @path. @shape has room for FV_NPY_MAX_DIMS sizes; @n_dims and @n_elements are set.
 * Refused: another dtype than '<f4', Fortran order, more dimensions, data shorter or longer than
 * the shape says. Returns: (transfer full): freed with g_free (), never NULL on success even when
 * the array has no element; NULL with @error */
float *fv_npy_load (const char *path, gint64 *shape, int *n_dims, gsize *n_elements,
                    GError **error);

G_END_DECLS
