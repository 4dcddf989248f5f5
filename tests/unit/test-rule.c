/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Rules of rectifiers: by hand, for each operator that is one, and differentiated once more. */

#include "fv-rectifier.h"
#include "tiny-network.h"

#define STEP 1e-6 /* of finite differences: rectifiers must not switch within it */

/* One operator between the input and the output. (transfer full) */
static FvGraph *
new_single (const char *op, const FvArgument *settings, gsize n_settings, FvNodeId *node)
{
  FvGraph *graph = fv_graph_new ();
  FvArgument arguments[4] = { fv_from (fv_graph_add_input (graph)) };

  for (gsize i = 0; i < n_settings; i++)
    arguments[i + 1] = settings[i];
  *node = fv_graph_add_op (graph, "act", op, arguments, n_settings + 1);
  fv_graph_set_output (graph, *node);
  g_assert_true (fv_graph_check (graph, NULL));
  return graph;
}

static FvTensor *
forward (FvScope *scope, FvGraph *graph, FvTensor *input, FvRule *rule)
{
  const FvNodeId output = fv_graph_get_output (graph);
  g_autoptr (FvActivations) given = fv_activations_new ();
  g_autoptr (FvActivations) found = NULL;
  g_autoptr (GError) error = NULL;

  fv_activations_set (given, fv_graph_get_input (graph), input);
  found = fv_graph_run (graph, given, &output, 1, (FvRunMode){ .rule = rule }, NULL, &error);
  g_assert_no_error (error);
  return fv_scope_take (scope, fv_tensor_ref (fv_activations_get (found, output)));
}

/* d (weights · output) / d input. */
static FvTensor *
differentiate (FvScope *scope, FvTensor *output, FvTensor *weights, FvTensor *input, FvRule *rule,
               gboolean create_graph)
{
  FvTensor *gradient = NULL;

  if (rule != NULL)
    fv_rule_begin (rule);
  fv_gradient (scope, output, weights, &input, 1, create_graph, &gradient);
  if (rule != NULL)
    fv_rule_end (rule);
  assert_scope_sound (scope);
  return gradient;
}

static void
assert_rectifier (const char *op, const FvArgument *settings, gsize n_settings, double top)
{
  g_autoptr (FvScope) scope = fv_scope_new ();
  FvNodeId node;
  g_autoptr (FvGraph) graph = new_single (op, settings, n_settings, &node);
  g_autoptr (FvRule) guided = fv_rule_new (FV_RULE_GUIDED);
  g_autoptr (FvRule) deconv = fv_rule_new (FV_RULE_DECONV);
  FvTensor *input = fv_detach (scope, doubles (scope, -1, 2, 3, 8, -4), TRUE);
  FvTensor *weights = doubles (scope, 1, 2, -3, 5, -6);
  FvTensor *values = forward (scope, graph, input, NULL);
  double limited = top < 8 ? 0 : 5;

  g_assert_true (fv_graph_is_rectifier (graph, node));
  g_assert_true (fv_graph_check_rectifiers (graph, NULL));
  assert_values (values, 0, 2, 3, top, 0);
  assert_values (differentiate (scope, values, weights, input, NULL, TRUE), 0, 2, -3, limited, 0);
  values = forward (scope, graph, input, guided);
  assert_values (values, 0, 2, 3, top, 0);
  assert_values (differentiate (scope, values, weights, input, guided, TRUE), 0, 2, 0, limited, 0);
  assert_values (differentiate (scope, values, weights, input, NULL, TRUE), 0, 2, -3, limited, 0);
  values = forward (scope, graph, input, deconv);
  assert_values (values, 0, 2, 3, top, 0);
  assert_values (differentiate (scope, values, weights, input, deconv, TRUE), 1, 2, 0, 5, 0);
  assert_values (differentiate (scope, values, weights, input, NULL, TRUE), 0, 2, -3, limited, 0);
}

static void
test_rectifiers (void)
{
  const FvArgument zero = fv_constant (fv_int (0)), six = fv_constant (fv_real (6));
  const FvArgument none = fv_constant (fv_none ()), real = fv_constant (fv_real (0));

  assert_rectifier ("aten::relu", NULL, 0, 8);
  assert_rectifier ("aten::relu6", NULL, 0, 6);
  assert_rectifier ("aten::hardtanh", (const FvArgument[]){ real, six }, 2, 6);
  assert_rectifier ("aten::clamp_min", (const FvArgument[]){ zero }, 1, 8);
  assert_rectifier ("aten::clamp", (const FvArgument[]){ zero, none }, 2, 8);
  assert_rectifier ("aten::threshold", (const FvArgument[]){ zero, zero }, 2, 8);
}

/* Nodes that only look like rectifiers are left alone, and networks without any are refused. */
static void
test_others (void)
{
  const FvArgument one = fv_constant (fv_real (1)), zero = fv_constant (fv_int (0));
  const FvArgument below = fv_constant (fv_real (-1));
  const struct {
    const char *op;
    FvArgument settings[2];
    gsize n_settings;
    const char *says;
  } cases[] = {
    { "aten::hardtanh", { below, one }, 2, "has none" },
    { "aten::clamp_min", { one }, 1, "has none" },
    { "aten::threshold", { zero, one }, 2, "has none" },
    { "aten::sigmoid", { zero }, 0, "has none" },
    { "aten::gelu", { zero }, 0, "layer “act” of this network has “aten::gelu”" },
    { "aten::silu", { zero }, 0, "layer “act” of this network has “aten::silu”" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    FvNodeId node;
    g_autoptr (FvGraph) graph
        = new_single (cases[i].op, cases[i].settings, cases[i].n_settings, &node);
    g_autoptr (GError) error = NULL;

    g_assert_false (fv_graph_is_rectifier (graph, node));
    g_assert_false (fv_graph_check_rectifiers (graph, &error));
    assert_says (error, cases[i].says);
  }
}

/* What was run with a rule is plain once the rule is gone, also to a backward of its own. */
static void
test_free_closes (void)
{
  g_autoptr (FvScope) scope = fv_scope_new ();
  FvNodeId node;
  g_autoptr (FvGraph) graph = new_single ("aten::relu", NULL, 0, &node);
  FvTensor *input = fv_detach (scope, doubles (scope, -1, 2, 3), TRUE);
  FvRule *rule = fv_rule_new (FV_RULE_DECONV);
  FvTensor *values = forward (scope, graph, input, rule);

  fv_rule_begin (rule);
  fv_rule_free (rule);
  assert_values (differentiate (scope, values, doubles (scope, 1, 2, -3), input, NULL, FALSE), 0, 2,
                 -3);
}

/* Nothing recorded: the very same handle. */
static void
test_unrecorded (void)
{
  g_autoptr (FvScope) scope = fv_scope_new ();
  g_autoptr (FvRule) rule = fv_rule_new (FV_RULE_GUIDED);
  FvTensor *input = doubles (scope, -1, 2), *output = doubles (scope, 0, 2);
  g_autoptr (FvTensor) ruled = fv_rule_apply (rule, input, output, NULL);

  g_assert_false (fv_tensor_requires_grad (ruled));
  g_assert_true (fv_tensor_is_same_view (ruled, output));
}

/* -- second order --------------------------------------------------------------------------- */

/* Like ATCON: the guided gradient of a logit makes a mask, the loss is about the logits of the
 * picture and of the masked picture. The first run serves the guided and the plain gradient. */
static FvTensor *
make_loss (FvScope *scope, const TinyNetwork *network, FvRule *rule)
{
  FvTensor *input = fv_detach (scope, network->input, TRUE);
  FvTensor *logits = forward (scope, network->graph, input, rule);
  FvTensor *chosen = fv_call (scope, "aten::select.int", fv_of (logits), fv_int (1), fv_int (1));
  FvTensor *sum = fv_call (scope, "aten::sum", fv_of (chosen));
  FvTensor *guided = differentiate (scope, sum, NULL, input, rule, TRUE);
  FvTensor *plain = differentiate (scope, sum, NULL, input, NULL, TRUE);
  FvTensor *mask = fv_call (scope, "aten::sigmoid", fv_of (guided));
  FvTensor *masked = fv_call (scope, "aten::mul.Tensor", fv_of (input), fv_of (mask));
  FvTensor *again = forward (scope, network->graph, masked, NULL);
  FvTensor *parts[3] = { logits, again, plain };
  FvTensor *loss = NULL;

  for (int i = 0; i < 3; i++) {
    FvTensor *square = fv_call (scope, "aten::mul.Tensor", fv_of (parts[i]), fv_of (parts[i]));
    FvTensor *total = fv_call (scope, "aten::sum", fv_of (square));

    loss = i == 0 ? total : fv_call (scope, "aten::add.Tensor", fv_of (loss), fv_of (total));
  }
  assert_scope_sound (scope);
  return loss;
}

static double
loss_of (const TinyNetwork *network)
{
  g_autoptr (FvScope) scope = fv_scope_new ();
  g_autoptr (FvRule) rule = fv_rule_new (FV_RULE_GUIDED);

  return fv_tensor_to_double (make_loss (scope, network, rule));
}

/* ‖found − finite differences‖ / ‖finite differences‖ over all parameters. @gated: FALSE leaves the
 * rule on while the loss goes back. */
static double
second_order_error (gboolean gated)
{
  g_auto (TinyNetwork) network = tiny_network_new (TINY_DEEP);
  guint n_parameters = fv_graph_get_n_parameters (network.graph);
  g_autoptr (FvScope) scope = fv_scope_new ();
  g_autoptr (FvRule) rule = fv_rule_new (FV_RULE_GUIDED);
  double difference = 0, norm = 0;

  FvTensor *loss = make_loss (scope, &network, rule);

  if (!gated)
    fv_rule_begin (rule);
  g_assert_true (fv_backward (loss, NULL));
  for (guint p = 0; p < n_parameters; p++) {
    FvTensor *parameter = fv_graph_get_parameter (network.graph, p);
    gsize n;
    g_autofree double *found
        = fv_tensor_to_doubles (fv_tensor_get_gradient (scope, parameter), &n, NULL);
    g_autofree double *values = fv_tensor_to_doubles (parameter, NULL, NULL);

    for (gsize i = 0; i < n; i++) {
      double above, below, wanted;

      tiny_set_value (parameter, i, values[i] + STEP);
      above = loss_of (&network);
      tiny_set_value (parameter, i, values[i] - STEP);
      below = loss_of (&network);
      tiny_set_value (parameter, i, values[i]);
      wanted = (above - below) / (2 * STEP);
      difference += (found[i] - wanted) * (found[i] - wanted);
      norm += wanted * wanted;
    }
  }
  return sqrt (difference / norm);
}

static void
test_second_order (void)
{
  double gated = second_order_error (TRUE), open = second_order_error (FALSE);

  g_test_message ("relative error %.1e gated, %.1e not gated", gated, open);
  g_assert_cmpfloat (gated, <, 1e-7);
  g_assert_cmpfloat (open, >, 1e-2);
}

/* One run that serves both gradients gives what two runs give. */
static void
test_shared_forward (void)
{
  g_auto (TinyNetwork) network = tiny_network_new (TINY_DEEP);
  g_autoptr (FvScope) scope = fv_scope_new ();
  g_autoptr (FvRule) rule = fv_rule_new (FV_RULE_GUIDED);
  FvTensor *input = fv_detach (scope, network.input, TRUE);
  FvTensor *shared = forward (scope, network.graph, input, rule);
  FvTensor *separate = forward (scope, network.graph, input, NULL);
  FvTensor *weights = fv_call (scope, "aten::ones_like", fv_of (shared));
  FvTensor *plain = differentiate (scope, separate, weights, input, NULL, TRUE);

  g_assert_true (fv_tensor_equal (shared, separate));
  g_assert_false (
      fv_tensor_equal (differentiate (scope, shared, weights, input, rule, TRUE), plain));
  g_assert_true (
      fv_tensor_equal (differentiate (scope, shared, weights, input, NULL, TRUE), plain));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/rule/rectifiers", test_rectifiers);
  g_test_add_func ("/rule/others", test_others);
  g_test_add_func ("/rule/free-closes", test_free_closes);
  g_test_add_func ("/rule/unrecorded", test_unrecorded);
  g_test_add_func ("/rule/second-order", test_second_order);
  g_test_add_func ("/rule/shared-forward", test_shared_forward);
  return g_test_run ();
}
