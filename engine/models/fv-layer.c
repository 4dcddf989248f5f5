/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Inferring and undoing layouts. */

#include "fv-layer.h"

#include <math.h>

/* A class token and up to eight registers. */
#define MAX_PREFIX 9

FvLayer *
fv_layer_new (const char *name, FvNodeId node)
{
  FvLayer *self = g_new0 (FvLayer, 1);

  self->name = g_strdup (name);
  self->node = node;
  return self;
}

FvLayer *
fv_layer_copy (const FvLayer *self)
{
  FvLayer *copy = g_memdup2 (self, sizeof *self);

  copy->name = g_strdup (self->name);
  return copy;
}

void
fv_layer_free (FvLayer *self)
{
  if (self == NULL)
    return;
  g_free (self->name);
  g_free (self);
}

/* TRUE when @rows x @columns cells cover the picture in (nearly) square steps, within the rounding
 * of strides. */
static gboolean
has_proportions (gint64 rows, gint64 columns, int height, int width)
{
  double vertical, horizontal;

  if (rows < 1 || columns < 1 || rows > height || columns > width)
    return FALSE;
  vertical = (double) height / (double) rows;
  horizontal = (double) width / (double) columns;
  return fabs (vertical - horizontal) * (double) MIN (rows, columns)
         <= MAX (vertical, horizontal) + 1e-9;
}

static gboolean
set (FvLayer *self, FvLayout layout, int n_prefix, gint64 channels, gint64 height, gint64 width)
{
  self->layout = layout;
  self->n_prefix = n_prefix;
  self->channels = (int) channels;
  self->height = (int) height;
  self->width = (int) width;
  return height * width > 1;
}

/* A grid of exactly the picture's proportions decides before one that only rounds to them. */
static gboolean
infer_planes (FvLayer *self, const gint64 size[4], int height, int width)
{
  gboolean first_is_exact = size[2] * width == size[3] * height;
  gboolean last_is_exact = size[1] * width == size[2] * height;

  if (has_proportions (size[2], size[3], height, width) && (first_is_exact || !last_is_exact))
    return set (self, FV_LAYOUT_CHANNELS_FIRST, 0, size[1], size[2], size[3]);
  if (has_proportions (size[1], size[2], height, width))
    return set (self, FV_LAYOUT_CHANNELS_LAST, 0, size[3], size[1], size[2]);
  return FALSE;
}

/* Rows of a grid of @cells with the picture's proportions, 0 when there is none. */
static gint64
count_rows (gint64 cells, int height, int width)
{
  gint64 rows = llround (sqrt ((double) cells * height / width));

  if (rows < 1 || cells % rows != 0)
    return 0;
  return has_proportions (rows, cells / rows, height, width) && height % rows == 0 ? rows : 0;
}

static gboolean
infer_tokens (FvLayer *self, const gint64 size[3], int height, int width)
{
  for (int n_prefix = 0; n_prefix <= MAX_PREFIX && n_prefix < size[1]; n_prefix++) {
    gint64 cells = size[1] - n_prefix;
    gint64 rows = count_rows (cells, height, width);

    if (cells > 1 && rows > 0)
      return set (self, FV_LAYOUT_TOKENS, n_prefix, size[2], rows, cells / rows);
  }
  return FALSE;
}

gboolean
fv_layer_infer (FvLayer *self, const FvTensor *output, const FvTensor *input)
{
  gint64 size[4] = { 0 };
  int n_dims = fv_tensor_get_n_dims (output);
  int height = (int) fv_tensor_get_size (input, 2);
  int width = (int) fv_tensor_get_size (input, 3);

  if (n_dims != 3 && n_dims != 4)
    return FALSE;
  for (int i = 0; i < n_dims; i++)
    size[i] = fv_tensor_get_size (output, i);
  if (size[0] != fv_tensor_get_size (input, 0))
    return FALSE;
  return n_dims == 4 ? infer_planes (self, size, height, width)
                     : infer_tokens (self, size, height, width);
}

/* [N,prefix + h·w,C] → [N,C,h,w]. Pictures of another size than the card's keep the proportions of
 * the card's grid. */
static FvTensor *
tokens_to_planes (FvScope *scope, const FvLayer *self, FvTensor *tokens)
{
  gint64 n = fv_tensor_get_size (tokens, 0);
  gint64 cells = fv_tensor_get_size (tokens, 1) - self->n_prefix;
  gint64 channels = fv_tensor_get_size (tokens, 2);
  gint64 rows = MAX (llround (sqrt ((double) cells * self->height / self->width)), 1);
  FvTensor *grid
      = fv_call (scope, "aten::slice.Tensor", fv_of (tokens), fv_int (1), fv_int (self->n_prefix));

  grid = fv_call (scope, "aten::transpose.int", fv_of (grid), fv_int (1), fv_int (2));
  return fv_call (scope, "aten::reshape", fv_of (grid), fv_ints (n, channels, rows, cells / rows));
}

FvTensor *
fv_layer_to_planes (FvScope *scope, const FvLayer *self, FvTensor *values)
{
  if (fv_scope_has_failed (scope) || values == NULL)
    return NULL;
  switch (self->layout) {
  case FV_LAYOUT_CHANNELS_LAST:
    return fv_call (scope, "aten::permute", fv_of (values), fv_ints (0, 3, 1, 2));
  case FV_LAYOUT_TOKENS:
    return tokens_to_planes (scope, self, values);
  case FV_LAYOUT_CHANNELS_FIRST:
  default:
    return values;
  }
}

FvTensor *
fv_layer_from_cells (FvScope *scope, const FvLayer *self, FvTensor *cells)
{
  FvTensor *column;

  switch (self->layout) {
  case FV_LAYOUT_CHANNELS_LAST:
    return fv_call (scope, "aten::unsqueeze", fv_of (cells), fv_int (3));
  case FV_LAYOUT_TOKENS:
    column = fv_call (scope, "aten::flatten.using_ints", fv_of (cells), fv_int (1));
    column = fv_call (scope, "aten::unsqueeze", fv_of (column), fv_int (2));
    return fv_call (scope, "aten::constant_pad_nd", fv_of (column),
                    fv_ints (0, 0, self->n_prefix, 0), fv_int (0));
  case FV_LAYOUT_CHANNELS_FIRST:
  default:
    return fv_call (scope, "aten::unsqueeze", fv_of (cells), fv_int (1));
  }
}
