/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Attention matrices by what they are, on networks that have them, and what is said of those that
 * have not; and their relevance against the equation by hand. */

#include "fv-attention.h"
#include "fv-autograd.h"
#include "fv-model.h"
#include "fv-relevance.h"
#include "fv-runtime.h"
#include "fv-transformer.h"
#include "tensor-fixture.h"

#define CHANNELS 4
#define SIDE 8
#define CLASSES 3

typedef enum {
  WITH_CLASS_TOKEN,
  WITHOUT_CLASS_TOKEN,
  OVER_QUERIES, /* a softmax over the wrong dimension */
  IN_HALVES,    /* two windows of two tokens each */
} Kind;

static FvArgument
add_weight (FvGraph *graph, const char *name, const gint64 *shape, int n_dims)
{
  g_autoptr (FvTensor) weight = new_waves (shape, n_dims);

  return fv_parameter (fv_graph_add_parameter_tensor (graph, name, weight, FV_PARAMETER_WEIGHT));
}

/* [N,3,8,8] → [N,4,4], or [N,1 + 4,4] with a class token that is the mean of the others. */
static FvNodeId
add_tokens (FvGraph *graph, FvNodeId x, gboolean class_token)
{
  FvArgument weight
      = add_weight (graph, "patches.weight", (const gint64[]){ CHANNELS, 3, 4, 4 }, 4);
  FvNodeId mean, list;

  x = fv_op_node (graph, "patches", "aten::conv2d", fv_from (x), weight, fv_constant (fv_none ()),
                  fv_constant (fv_ints (4, 4)));
  x = fv_op_node (graph, "tokens", "aten::flatten.using_ints", fv_from (x),
                  fv_constant (fv_int (2)));
  x = fv_op_node (graph, "tokens", "aten::transpose.int", fv_from (x), fv_constant (fv_int (1)),
                  fv_constant (fv_int (2)));
  if (!class_token)
    return x;
  mean = fv_op_node (graph, "tokens", "aten::mean.dim", fv_from (x), fv_constant (fv_ints (1)),
                     fv_constant (fv_bool (TRUE)));
  list
      = fv_graph_add_list (graph, "tokens", (const FvArgument[]){ fv_from (mean), fv_from (x) }, 2);
  return fv_op_node (graph, "tokens", "aten::cat", fv_from (list), fv_constant (fv_int (1)));
}

/* x + softmax (w x xᵀ) x, one head. */
static FvNodeId
add_block (FvGraph *graph, FvNodeId x, const char *block, Kind kind)
{
  g_autofree char *name = fv_module_join (block, "weight");
  FvArgument weight = add_weight (graph, name, (const gint64[]){ CHANNELS, CHANNELS }, 2);
  FvNodeId keys = x, mixed, turned;

  if (kind == IN_HALVES)
    keys = fv_op_node (graph, block, "aten::reshape", fv_from (x),
                       fv_constant (fv_ints (-1, 2, CHANNELS)));
  turned = fv_op_node (graph, block, "aten::transpose.int", fv_from (keys),
                       fv_constant (fv_int (1)), fv_constant (fv_int (2)));
  mixed = fv_op_node (graph, block, "aten::linear", fv_from (keys), weight);
  mixed = fv_op_node (graph, block, "aten::bmm", fv_from (mixed), fv_from (turned));
  mixed = fv_op_node (graph, block, "aten::softmax.int", fv_from (mixed),
                      fv_constant (fv_int (kind == OVER_QUERIES ? 1 : -1)));
  mixed = fv_op_node (graph, block, "aten::bmm", fv_from (mixed), fv_from (keys));
  if (kind == IN_HALVES)
    mixed = fv_op_node (graph, block, "aten::reshape", fv_from (mixed),
                        fv_constant (fv_ints (-1, 4, CHANNELS)));
  return fv_op_node (graph, block, "aten::add.Tensor", fv_from (x), fv_from (mixed));
}

static FvModel *
new_model (Kind kind)
{
  g_autoptr (FvGraph) graph = fv_graph_new ();
  g_autoptr (FvCard) card = fv_card_new ("tiny");
  FvNodeId x = add_tokens (graph, fv_graph_add_input (graph), kind == WITH_CLASS_TOKEN);
  FvArgument head;

  card->width = card->height = SIDE;
  x = add_block (graph, x, "block0", kind);
  x = add_block (graph, x, "block1", kind);
  x = kind == WITH_CLASS_TOKEN
          ? fv_op_node (graph, "", "aten::select.int", fv_from (x), fv_constant (fv_int (1)),
                        fv_constant (fv_int (0)))
          : fv_op_node (graph, "", "aten::mean.dim", fv_from (x), fv_constant (fv_ints (1)));
  head = add_weight (graph, "head.weight", (const gint64[]){ CLASSES, CHANNELS }, 2);
  fv_graph_set_output (graph, fv_op_node (graph, "head", "aten::linear", fv_from (x), head));
  g_assert_true (fv_graph_check (graph, NULL));
  return fv_model_new_for_graph (graph, card, CLASSES);
}

/* -- finding -------------------------------------------------------------------------------- */

static void
test_found (void)
{
  for (int kind = WITH_CLASS_TOKEN; kind <= WITHOUT_CLASS_TOKEN; kind++) {
    g_autoptr (FvModel) model = new_model ((Kind) kind);
    g_autoptr (GError) error = NULL;
    const FvAttention *attention = fv_model_get_attention (model, &error);

    g_assert_no_error (error);
    g_assert_cmpuint (attention->nodes->len, ==, 2);
    for (guint i = 0; i < 2; i++)
      g_assert_true (fv_graph_is_op (fv_model_get_graph (model),
                                     g_array_index (attention->nodes, FvNodeId, i),
                                     "aten::softmax.int"));
    g_assert_cmpint (attention->cells->width, ==, 2);
    g_assert_cmpint (attention->cells->height, ==, 2);
    g_assert_cmpint (attention->cells->n_prefix, ==, kind == WITH_CLASS_TOKEN ? 1 : 0);
    g_assert_cmpint (attention->has_class_token, ==, kind == WITH_CLASS_TOKEN);
    g_assert_true (fv_model_get_attention (model, NULL) == attention);
  }
}

static void
assert_refused (FvModel *model, const char *phrase)
{
  const FvModelSource source = { .model = "some-network.pt" };
  g_autoptr (GError) error = NULL;

  fv_model_set_source (model, &source);
  g_assert_null (fv_model_get_attention (model, &error));
  assert_says (error, phrase);
  assert_says (error, "some-network.pt");
}

static void
test_refusals (void)
{
  g_autoptr (FvCard) card = fv_card_new ("cifar_resnet20");
  g_autoptr (FvModel) convolutions = fv_model_new (card, CLASSES, 1, NULL);
  g_autoptr (FvModel) other = new_model (OVER_QUERIES);
  g_autoptr (FvModel) windows = new_model (IN_HALVES);

  assert_refused (convolutions, "no self-attention");
  assert_refused (other, "no self-attention");
  assert_refused (windows, "windows");
}

/* -- relevance ------------------------------------------------------------------------------ */

/* One picture, two heads, three tokens (a class token and two cells), two blocks. With logit =
 * Σ w ⊙ A the gradient of each matrix is its weight, and all of it can be done by hand:
 *   Ā_1 = mean of ReLU (heads of w_1 ⊙ A_1), Ā_2 likewise, row 0 of (I + Ā_2) (I + Ā_1). */
static void
test_equation (void)
{
  static const double a1[]
      = { .5, .25, .25, .1, .6, .3, .2, .2, .6, 1, 0, 0, 0, .5, .5, .25, .5, .25 };
  static const double a2[] = { .2, .4, .4, .5, .5, 0, 0, 1, 0, .1, .8, .1, .3, .3, .4, .6, .2, .2 };
  static const double w1[] = { 1, 2, -1, 3, 1, 1, 0, -2, 2, 1, 1, 1, 2, -1, 4, 1, 2, 0 };
  static const double w2[] = { 2, 1, -3, 1, 1, 1, 1, 1, 1, -1, 2, 1, 5, 1, 1, 1, -1, 1 };
  const gint64 shape[] = { 2, 3, 3 }, one = 1;
  const gint64 label = 0;
  g_autoptr (FvScope) scope = fv_scope_new ();
  g_autoptr (FvTensor) targets
      = fv_tensor_new (FV_DTYPE_INT64, &one, 1, &label, sizeof label, NULL);
  FvTensor *matrices[] = { fv_detach (scope, new_doubles (scope, a1, shape, 3), TRUE),
                           fv_detach (scope, new_doubles (scope, a2, shape, 3), TRUE) };
  FvTensor *terms[] = { fv_call (scope, "aten::mul.Tensor", fv_of (matrices[0]),
                                 fv_of (new_doubles (scope, w1, shape, 3))),
                        fv_call (scope, "aten::mul.Tensor", fv_of (matrices[1]),
                                 fv_of (new_doubles (scope, w2, shape, 3))) };
  FvTensor *sum = fv_call (scope, "aten::add.Tensor", fv_of (terms[0]), fv_of (terms[1]));
  FvTensor *logits = fv_call (scope, "aten::reshape",
                              fv_of (fv_call (scope, "aten::sum", fv_of (sum))), fv_ints (1, 1));
  g_autoptr (GArray) nodes = g_array_new (FALSE, TRUE, sizeof (FvNodeId));
  FvLayer cells = { .layout = FV_LAYOUT_TOKENS, .n_prefix = 1, .height = 1, .width = 2 };
  const FvAttention attention = { nodes, &cells, TRUE };
  const FvRelevanceSource source = { &attention, matrices, logits };
  double first[9], second[9], expected[2];

  g_array_set_size (nodes, 2);
  for (int i = 0; i < 9; i++) {
    first[i] = (MAX (a1[i] * w1[i], 0) + MAX (a1[9 + i] * w1[9 + i], 0)) / 2 + (i % 4 == 0);
    second[i] = (MAX (a2[i] * w2[i], 0) + MAX (a2[9 + i] * w2[9 + i], 0)) / 2 + (i % 4 == 0);
  }
  for (int i = 0; i < 2; i++)
    expected[i] = second[0] * first[1 + i] + second[1] * first[4 + i] + second[2] * first[7 + i];
  assert_near (fv_relevance (scope, &source, targets, FALSE), expected, 2, 1e-12);
  assert_scope_sound (scope);
}

/* Maps of a batch are those of its pictures one by one, on the tokens' grid. */
static void
test_maps (void)
{
  g_autoptr (FvModel) model = new_model (WITH_CLASS_TOKEN);
  g_autoptr (FvTensor) both = new_waves ((const gint64[]){ 2, 3, SIDE, SIDE }, 4);
  g_autoptr (FvScope) scope = fv_scope_new ();
  g_autoptr (FvInspection) of_both = fv_inspection_new (model, both, "tokens", NULL, NULL);
  const int targets[] = { 2, 0 };
  g_autoptr (GPtrArray) maps = fv_transformer (of_both, both, targets, NULL);
  const int no_class = CLASSES;
  g_autoptr (GError) error = NULL;

  g_assert_nonnull (maps);
  for (int i = 0; i < 2; i++) {
    FvTensor *one
        = fv_call (scope, "aten::narrow", fv_of (both), fv_int (0), fv_int (i), fv_int (1));
    g_autoptr (FvInspection) of_one = fv_inspection_new (model, one, "tokens", NULL, NULL);
    g_autoptr (GPtrArray) alone = fv_transformer (of_one, one, &targets[i], NULL);
    const FvMap *a = maps->pdata[i], *b = alone->pdata[0];

    g_assert_cmpstr (a->method, ==, "transformer");
    g_assert_cmpint (a->target, ==, targets[i]);
    g_assert_null (a->layer);
    g_assert_true (a->width == 2 && a->height == 2 && a->backwards == 1);
    g_assert_false (fv_map_is_dead (a));
    for (int j = 0; j < 4; j++)
      g_assert_cmpfloat_with_epsilon (a->values[j], b->values[j], 1e-6 * fv_map_get_max (a));
    if (i == 0)
      g_assert_null (fv_transformer (of_one, one, &no_class, &error));
  }
  assert_says (error, "classes 0 to 2");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  fv_runtime_start (1);
  g_test_add_func ("/attention/found", test_found);
  g_test_add_func ("/attention/refusals", test_refusals);
  g_test_add_func ("/attention/equation", test_equation);
  g_test_add_func ("/attention/maps", test_maps);
  return g_test_run ();
}
