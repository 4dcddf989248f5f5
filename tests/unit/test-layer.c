/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How the cells of a layer lie: planes, channels last, tokens. */

#include "fv-layer.h"
#include "fv-runtime.h"

static FvTensor *
zeros (FvScope *scope, const gint64 *shape, gsize n_dims)
{
  return fv_call (scope, "aten::zeros", fv_int_list (shape, n_dims));
}

static void
check (const gint64 *output, gsize n_dims, int height, int width, const FvLayer *wanted)
{
  g_autoptr (FvScope) scope = fv_scope_new ();
  g_autoptr (FvLayer) layer = fv_layer_new ("layer", 3);
  const gint64 input[] = { output[0], 3, height, width };
  gboolean found = fv_layer_infer (layer, zeros (scope, output, n_dims), zeros (scope, input, 4));

  g_assert_cmpint (found, ==, wanted != NULL);
  if (wanted == NULL)
    return;
  g_assert_cmpint (layer->layout, ==, wanted->layout);
  g_assert_cmpint (layer->n_prefix, ==, wanted->n_prefix);
  g_assert_cmpint (layer->channels, ==, wanted->channels);
  g_assert_cmpint (layer->height, ==, wanted->height);
  g_assert_cmpint (layer->width, ==, wanted->width);
}

#define SHAPE(...) (const gint64[]){ __VA_ARGS__ }, G_N_ELEMENTS (((const gint64[]){ __VA_ARGS__ }))
#define LAYER(...) (&(const FvLayer){ NULL, 0, __VA_ARGS__ })

static void
test_planes (void)
{
  check (SHAPE (1, 512, 7, 7), 224, 224, LAYER (FV_LAYOUT_CHANNELS_FIRST, 0, 512, 7, 7));
  check (SHAPE (2, 8, 4, 5), 100, 150, LAYER (FV_LAYOUT_CHANNELS_FIRST, 0, 8, 4, 5));
  check (SHAPE (1, 7, 7, 7), 224, 224, LAYER (FV_LAYOUT_CHANNELS_FIRST, 0, 7, 7, 7));
  check (SHAPE (1, 56, 56, 96), 224, 224, LAYER (FV_LAYOUT_CHANNELS_LAST, 0, 96, 56, 56));
  check (SHAPE (1, 7, 7, 8), 224, 224, LAYER (FV_LAYOUT_CHANNELS_LAST, 0, 8, 7, 7));
}

static void
test_tokens (void)
{
  check (SHAPE (1, 197, 768), 224, 224, LAYER (FV_LAYOUT_TOKENS, 1, 768, 14, 14));
  check (SHAPE (3, 49, 32), 224, 224, LAYER (FV_LAYOUT_TOKENS, 0, 32, 7, 7));
  check (SHAPE (1, 261, 384), 224, 224, LAYER (FV_LAYOUT_TOKENS, 5, 384, 16, 16));
  check (SHAPE (1, 9, 16), 32, 64, LAYER (FV_LAYOUT_TOKENS, 1, 16, 2, 4));
}

static void
test_no_space (void)
{
  check (SHAPE (1, 512, 1, 1), 224, 224, NULL);
  check (SHAPE (1, 1000), 224, 224, NULL);
  check (SHAPE (64, 49, 96), 224, 224, LAYER (FV_LAYOUT_TOKENS, 0, 96, 7, 7));
}

/* Windows of attention: more rows than pictures. */
static void
test_other_batch (void)
{
  g_autoptr (FvScope) scope = fv_scope_new ();
  g_autoptr (FvLayer) layer = fv_layer_new ("windows", 3);

  g_assert_false (fv_layer_infer (layer, zeros (scope, SHAPE (64, 49, 96)),
                                  zeros (scope, SHAPE (1, 3, 224, 224))));
}

/* Value of planes[0, channel, row, column]. */
static double
at (FvScope *scope, FvTensor *planes, int channel, int row, int column)
{
  FvTensor *cell = fv_call (scope, "aten::select.int", fv_of (planes), fv_int (0), fv_int (0));

  cell = fv_call (scope, "aten::select.int", fv_of (cell), fv_int (0), fv_int (channel));
  cell = fv_call (scope, "aten::select.int", fv_of (cell), fv_int (0), fv_int (row));
  return fv_tensor_to_double (
      fv_call (scope, "aten::select.int", fv_of (cell), fv_int (0), fv_int (column)));
}

static void
test_to_planes (void)
{
  g_autoptr (FvScope) scope = fv_scope_new ();
  const FvLayer tokens = { NULL, 0, FV_LAYOUT_TOKENS, 1, 2, 2, 3 };
  const FvLayer last = { NULL, 0, FV_LAYOUT_CHANNELS_LAST, 0, 2, 2, 3 };
  FvTensor *count = fv_call (scope, "aten::arange", fv_int (14), fv_int (FV_TORCH_FLOAT32));
  FvTensor *seven = fv_call (scope, "aten::reshape", fv_of (count), fv_ints (1, 7, 2));
  FvTensor *six
      = fv_call (scope, "aten::slice.Tensor", fv_of (count), fv_int (0), fv_int (0), fv_int (12));
  FvTensor *planes = fv_layer_to_planes (scope, &tokens, seven);

  /* Token 1 + row · 3 + column holds 2 · token + channel. */
  g_assert_cmpfloat (at (scope, planes, 1, 1, 2), ==, 2 * (1 + 3 + 2) + 1);
  six = fv_call (scope, "aten::reshape", fv_of (six), fv_ints (1, 2, 3, 2));
  planes = fv_layer_to_planes (scope, &last, six);
  g_assert_cmpfloat (at (scope, planes, 1, 1, 2), ==, 2 * (3 + 2) + 1);
  g_assert_true (fv_scope_check (scope, NULL));
}

/* The factor's planes are the cells themselves, in every layout, and a class token gets nothing. */
static void
test_from_cells (void)
{
  static const FvLayer layers[] = { { NULL, 0, FV_LAYOUT_CHANNELS_FIRST, 0, 2, 2, 3 },
                                    { NULL, 0, FV_LAYOUT_CHANNELS_LAST, 0, 2, 2, 3 },
                                    { NULL, 0, FV_LAYOUT_TOKENS, 1, 2, 2, 3 } };
  g_autoptr (FvScope) scope = fv_scope_new ();
  FvTensor *count = fv_call (scope, "aten::arange", fv_int (6), fv_int (FV_TORCH_FLOAT32));
  FvTensor *more = fv_call (scope, "aten::add.Scalar", fv_of (count), fv_int (1));
  FvTensor *cells = fv_call (scope, "aten::reshape", fv_of (more), fv_ints (1, 2, 3));
  FvTensor *sum;

  for (gsize i = 0; i < G_N_ELEMENTS (layers); i++) {
    FvTensor *factor = fv_layer_from_cells (scope, &layers[i], cells);
    FvTensor *planes = fv_layer_to_planes (scope, &layers[i], factor);

    g_assert_cmpint (fv_tensor_get_size (planes, 1), ==, 1);
    for (int row = 0; row < 2; row++)
      for (int column = 0; column < 3; column++)
        g_assert_cmpfloat (at (scope, planes, 0, row, column), ==, 3 * row + column + 1);
    sum = fv_call (scope, "aten::sum", fv_of (factor));
    g_assert_cmpfloat (fv_tensor_to_double (sum), ==, 21);
  }
  g_assert_true (fv_scope_check (scope, NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  fv_runtime_start (1);
  g_test_add_func ("/layer/planes", test_planes);
  g_test_add_func ("/layer/tokens", test_tokens);
  g_test_add_func ("/layer/no-space", test_no_space);
  g_test_add_func ("/layer/other-batch", test_other_batch);
  g_test_add_func ("/layer/to-planes", test_to_planes);
  g_test_add_func ("/layer/from-cells", test_from_cells);
  return g_test_run ();
}
