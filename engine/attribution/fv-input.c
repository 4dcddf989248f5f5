/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Photos and arrays as a network's input. */

#include "fv-input.h"

#include "fv-npy.h"
#include "fv-preprocess.h"

FvTensor *
fv_input_from_image (FvScope *scope, const FvCard *card, const FvImage *image, gboolean crop)
{
  FvTensor *picture
      = fv_preprocess_resize (scope, card, fv_image_peek (image), fv_image_get_width (image),
                              fv_image_get_height (image), crop);

  return fv_preprocess_normalise (scope, card, picture);
}

gboolean
fv_input_is_array (const char *path)
{
  return g_str_has_suffix (path, ".npy");
}

static FvTensor *
load_array (const char *path, GError **error)
{
  gint64 shape[FV_NPY_MAX_DIMS];
  int n_dims;
  gsize n_elements;
  g_autofree float *values = fv_npy_load (path, shape, &n_dims, &n_elements, error);

  if (values == NULL)
    return NULL;
  if (n_dims == 3) {
    memmove (shape + 1, shape, 3 * sizeof *shape);
    shape[0] = 1;
    n_dims = 4;
  }
  if (n_dims != 4 || shape[1] != 3 || n_elements == 0) {
    g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_FILE,
                 "“%s” is no input: an array must be [3,H,W] or [N,3,H,W]", path);
    return NULL;
  }
  return fv_tensor_new (FV_DTYPE_FLOAT32, shape, 4, values, n_elements * sizeof (float), error);
}

static FvTensor *
load_photo (const FvCard *card, const char *path, gboolean crop, GError **error)
{
  g_autoptr (FvImage) image = fv_image_load (path, error);
  g_autoptr (FvScope) scope = fv_scope_new ();
  FvTensor *input;

  if (image == NULL)
    return NULL;
  input = fv_input_from_image (scope, card, image, crop);
  if (fv_scope_check (scope, error))
    return fv_scope_keep (scope, input);
  g_prefix_error (error, "“%s”: ", path);
  return NULL;
}

FvTensor *
fv_input_load (FvScope *scope, const FvCard *card, const char *path, gboolean crop)
{
  GError *error = NULL;
  FvTensor *input;

  if (fv_scope_has_failed (scope))
    return NULL;
  input = fv_input_is_array (path) ? load_array (path, &error)
                                   : load_photo (card, path, crop, &error);
  if (error != NULL)
    fv_scope_fail (scope, error);
  return fv_scope_take (scope, input);
}
