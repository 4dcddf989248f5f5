/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Maps that training differentiates: closed forms against recorded gradients, sums against logits,
 * and the losses on them through the whole network against finite differences in float64. */

#include "fv-camal.h"
#include "fv-contrast.h"
#include "fv-mask-cells.h"
#include "fv-match.h"
#include "fv-rrr.h"
#include "fv-runtime.h"
#include "fv-swap.h"
#include "fv-training-map.h"
#include "tiny-network.h"

static const gint64 labels[TINY_PICTURES] = { 2, 0, 3 };

static FvTensor *
new_labels (FvScope *scope)
{
  const gint64 n = TINY_PICTURES;

  return fv_scope_take (scope, fv_tensor_new (FV_DTYPE_INT64, &n, 1, labels, sizeof labels, NULL));
}

/* @matrices: where those of the attention are kept. */
static FvMapSource
source_of (const TinyNetwork *network, const FvActivations *found, FvTensor *matrices[TINY_BLOCKS])
{
  FvTensor *logits = fv_activations_get (found, fv_graph_get_output (network->graph));

  for (guint i = 0; network->attention != NULL && i < TINY_BLOCKS; i++)
    matrices[i]
        = fv_activations_get (found, g_array_index (network->attention->nodes, FvNodeId, i));
  return (FvMapSource){ network->graph,
                        network->layer,
                        fv_activations_get (found, network->layer->node),
                        logits,
                        { network->attention, matrices, logits } };
}

/* -- losses of a network -------------------------------------------------------------------- */

typedef struct {
  const char *name;
  FvTrainingMapKind kind;
} LossChoice;

static FvTensor *
swap (FvScope *scope, const TinyNetwork *network, const FvActivations *found)
{
  FvTensor *inside = tiny_cells (scope, 4), *opinion = tiny_cells (scope, 2);
  FvTensor *outside = fv_mask_cells_outside (scope, inside, opinion);
  FvTensor *counts = doubles (scope, 1, 1, 1);
  FvTensor *composed = fv_evidence_compose (scope, fv_activations_get (found, network->layer->node),
                                            fv_layer_from_cells (scope, network->layer, outside),
                                            fv_evidence_donors (scope, counts, 1));
  FvTensor *logits = fv_graph_forward_from (network->graph, scope, found, network->layer->node,
                                            composed, (FvRunMode){ 0 });

  return fv_evidence_decide (scope, logits, new_labels (scope), counts);
}

static FvTensor *
measure (FvScope *scope, const TinyNetwork *network, const FvActivations *found, FvTensor *input,
         const LossChoice *choice)
{
  FvTensor *matrices[TINY_BLOCKS];
  FvMapSource source = source_of (network, found, matrices);
  FvTensor *inside = tiny_cells (scope, 4), *opinion = tiny_cells (scope, 2);
  FvTensor *weight = doubles (scope, 1, 0, 1);
  FvTensor *map;

  if (g_str_equal (choice->name, "swap"))
    return swap (scope, network, found);
  if (g_str_equal (choice->name, "rrr"))
    return fv_rrr (scope, input, source.logits, inside, opinion, weight);
  if (g_str_equal (choice->name, "contrast"))
    return fv_contrast (
        scope,
        fv_training_maps (scope, choice->kind, &source,
                          fv_contrast_rivals (scope, source.logits, new_labels (scope))),
        inside, opinion, weight);
  map = fv_training_map (scope, choice->kind, &source, new_labels (scope));
  if (g_str_equal (choice->name, "camal"))
    return fv_camal_two_term (scope, map, inside, opinion, weight);
  return fv_match (scope, &fv_match_find_preset (choice->name)->match, map, inside, opinion,
                   weight);
}

/* The loss, and its gradient with respect to @parameter unless @gradient is NULL. */
static double
evaluate (const TinyNetwork *network, const LossChoice *choice, FvTensor *parameter,
          double *gradient)
{
  g_autoptr (FvScope) scope = fv_scope_new ();
  FvTensor *input = fv_detach (scope, network->input, TRUE);
  g_autoptr (FvActivations) found = tiny_network_run (network, input);
  FvTensor *loss = measure (scope, network, found, input, choice);
  FvTensor *value;

  if (gradient != NULL && fv_gradient (scope, loss, NULL, &parameter, 1, FALSE, &value))
    g_assert_true (fv_tensor_read (value, FV_DTYPE_FLOAT64, gradient,
                                   (gsize) fv_tensor_get_n_elements (parameter) * sizeof (double),
                                   NULL));
  assert_scope_sound (scope);
  return fv_tensor_to_double (loss);
}

static void
set_values (FvTensor *parameter, const double *values)
{
  gint64 shape[4];
  int n_dims = fv_tensor_get_n_dims (parameter);
  g_autoptr (FvTensor) source = NULL;

  for (int i = 0; i < n_dims; i++)
    shape[i] = fv_tensor_get_size (parameter, i);
  source = fv_tensor_new (FV_DTYPE_FLOAT64, shape, n_dims, values,
                          (gsize) fv_tensor_get_n_elements (parameter) * sizeof (double), NULL);
  g_assert_true (fv_tensor_copy_from (parameter, source, NULL));
}

/* Every third value of the parameter; all losses have kinks, which nothing here is near. */
static void
assert_parameter (const TinyNetwork *network, const LossChoice *choice, FvTensor *parameter)
{
  gsize n;
  g_autofree double *values = fv_tensor_to_doubles (parameter, &n, NULL);
  g_autofree double *gradient = g_new (double, n);
  const double step = 1e-6;

  evaluate (network, choice, parameter, gradient);
  for (gsize i = 0; i < n; i += 3) {
    double value = values[i], up, down;

    values[i] = value + step;
    set_values (parameter, values);
    up = evaluate (network, choice, parameter, NULL);
    values[i] = value - step;
    set_values (parameter, values);
    down = evaluate (network, choice, parameter, NULL);
    values[i] = value;
    set_values (parameter, values);
    g_assert_cmpfloat_with_epsilon (gradient[i], (up - down) / (2 * step),
                                    2e-7 * (1 + fabs (gradient[i])));
  }
}

static void
assert_gradients (TinyHead head, const LossChoice *choice)
{
  g_auto (TinyNetwork) network = tiny_network_new (head);

  for (guint i = 0; i < fv_graph_get_n_parameters (network.graph); i++)
    assert_parameter (&network, choice, fv_graph_get_parameter (network.graph, i));
}

static const char *const losses[] = { "camal", "contrast", "swap", "rrr", "gain",      "gradia",
                                      "haics", "energy",   "gals", "res", "robustvit", NULL };

static void
test_gradients (gconstpointer data)
{
  for (int i = 0; losses[i] != NULL; i++)
    assert_gradients ((TinyHead) GPOINTER_TO_INT (data),
                      &(LossChoice){ losses[i], FV_TRAINING_MAP_GRADCAM });
}

static void
test_gradients_of_other_maps (void)
{
  static const FvTrainingMapKind kinds[] = { FV_TRAINING_MAP_HIRESCAM, FV_TRAINING_MAP_LAYERCAM };

  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    for (int head = TINY_LINEAR; head <= TINY_TOKENS; head++) {
      assert_gradients ((TinyHead) head, &(LossChoice){ "camal", kinds[i] });
      assert_gradients ((TinyHead) head, &(LossChoice){ "contrast", kinds[i] });
    }
}

/* -- transformers --------------------------------------------------------------------------- */

/* Through two blocks of three heads, the gradients of the matrices themselves differentiated. Of
 * all losses but rrr, which takes nothing from the map. */
static void
test_gradients_of_transformer (void)
{
  for (int i = 0; losses[i] != NULL; i++)
    if (!g_str_equal (losses[i], "rrr"))
      assert_gradients (TINY_TRANSFORMER, &(LossChoice){ losses[i], FV_TRAINING_MAP_TRANSFORMER });
}

/* The map of the labels, as numbers. */
static double *
measure_transformer (const TinyNetwork *network)
{
  g_autoptr (FvScope) scope = fv_scope_new ();
  g_autoptr (FvActivations) found = tiny_network_run (network, network->input);
  FvTensor *matrices[TINY_BLOCKS];
  FvMapSource source = source_of (network, found, matrices);
  FvTensor *maps
      = fv_training_map (scope, FV_TRAINING_MAP_TRANSFORMER, &source, new_labels (scope));
  gsize n = 0;
  double *values = fv_tensor_to_doubles (maps, &n, NULL);

  assert_scope_sound (scope);
  g_assert_cmpuint (n, ==, TINY_PICTURES * TINY_CELLS);
  return values;
}

/* A head that reads nothing owes nothing to attention: every cell is 0, and neither the loss nor
 * its gradient breaks on that. */
static void
test_dead_transformer (void)
{
  g_auto (TinyNetwork) network = tiny_network_new (TINY_TRANSFORMER);
  const LossChoice choice = { "camal", FV_TRAINING_MAP_TRANSFORMER };
  guint head = fv_graph_find_parameter (network.graph, "fc.weight");
  const double nothing[TINY_CLASSES * 3] = { 0 };
  g_autofree double *alive = measure_transformer (&network);
  g_autofree double *dead = NULL;
  double total = 0;

  for (int i = 0; i < TINY_PICTURES * TINY_CELLS; i++)
    total += alive[i];
  g_assert_cmpfloat (total, >, 0);
  set_values (fv_graph_get_parameter (network.graph, head), nothing);
  dead = measure_transformer (&network);
  for (int i = 0; i < TINY_PICTURES * TINY_CELLS; i++)
    g_assert_cmpfloat (dead[i], ==, 0);
  for (guint p = 0; p < fv_graph_get_n_parameters (network.graph); p++) {
    FvTensor *parameter = fv_graph_get_parameter (network.graph, p);
    gsize n = (gsize) fv_tensor_get_n_elements (parameter);
    g_autofree double *gradient = g_new (double, n);

    g_assert_true (isfinite (evaluate (&network, &choice, parameter, gradient)));
    for (gsize i = 0; i < n; i++)
      g_assert_cmpfloat (gradient[i], ==, 0);
  }
}

/* One small step down the gradient of every parameter at a time. */
static void
descend (const TinyNetwork *network, const LossChoice *choice, double rate)
{
  for (guint p = 0; p < fv_graph_get_n_parameters (network->graph); p++) {
    FvTensor *parameter = fv_graph_get_parameter (network->graph, p);
    gsize n;
    g_autofree double *values = fv_tensor_to_doubles (parameter, &n, NULL);
    g_autofree double *gradient = g_new (double, n);

    evaluate (network, choice, parameter, gradient);
    for (gsize i = 0; i < n; i++)
      values[i] -= rate * gradient[i];
    set_values (parameter, values);
  }
}

/* What is taught is learned: the loss falls with every step. */
static void
test_transformer_learns (void)
{
  g_auto (TinyNetwork) network = tiny_network_new (TINY_TRANSFORMER);
  const LossChoice choice = { "camal", FV_TRAINING_MAP_TRANSFORMER };
  double first = evaluate (&network, &choice, NULL, NULL), before = first;

  for (int step = 0; step < 10; step++) {
    double after;

    descend (&network, &choice, 0.01);
    after = evaluate (&network, &choice, NULL, NULL);
    g_assert_cmpfloat (after, <, before);
    before = after;
  }
  g_test_message ("two-term: %.4f, after ten steps %.4f", first, before);
}

/* -- closed forms --------------------------------------------------------------------------- */

static void
assert_close (const FvTensor *a, const FvTensor *b)
{
  gsize n;
  g_autofree double *expected = fv_tensor_to_doubles (b, &n, NULL);

  g_assert_nonnull (expected);
  assert_near (a, expected, n, 1e-12);
}

/* On a linear head the closed form and the recorded gradient give the same map and the same
 * gradients of every loss. */
static void
test_closed_form_is_the_gradient (void)
{
  g_auto (TinyNetwork) plain = tiny_network_new (TINY_LINEAR);
  g_auto (TinyNetwork) disguised = tiny_network_new (TINY_DISGUISED);

  for (int kind = FV_TRAINING_MAP_GRADCAM; kind <= FV_TRAINING_MAP_LAYERCAM; kind++)
    for (int i = 0; losses[i] != NULL; i++) {
      const LossChoice choice = { losses[i], (FvTrainingMapKind) kind };

      for (guint p = 0; p < fv_graph_get_n_parameters (plain.graph); p++) {
        FvTensor *of_plain = fv_graph_get_parameter (plain.graph, p);
        FvTensor *of_disguised = fv_graph_get_parameter (disguised.graph, p);
        gsize n = (gsize) fv_tensor_get_n_elements (of_plain);
        g_autofree double *a = g_new (double, n);
        g_autofree double *b = g_new (double, n);

        g_assert_cmpfloat_with_epsilon (evaluate (&plain, &choice, of_plain, a),
                                        evaluate (&disguised, &choice, of_disguised, b), 1e-10);
        for (gsize j = 0; j < n; j++)
          g_assert_cmpfloat_with_epsilon (a[j], b[j], 1e-10 * (1 + fabs (a[j])));
      }
    }
}

/* CAM, Grad-CAM and HiResCAM are one map on a linear head, and all classes at once are the classes
 * one by one. */
static void
test_linear_head (void)
{
  g_auto (TinyNetwork) network = tiny_network_new (TINY_LINEAR);
  g_autoptr (FvScope) scope = fv_scope_new ();
  g_autoptr (FvActivations) found = tiny_network_run (&network, network.input);
  FvMapSource source = source_of (&network, found, NULL);
  FvTensor *cam = fv_training_map (scope, FV_TRAINING_MAP_CAM, &source, new_labels (scope));
  FvTensor *all = fv_training_maps_of_all (scope, FV_TRAINING_MAP_CAM, &source);
  FvTensor *layercam
      = fv_training_map (scope, FV_TRAINING_MAP_LAYERCAM, &source, new_labels (scope));
  FvTensor *all_layercam = fv_training_maps_of_all (scope, FV_TRAINING_MAP_LAYERCAM, &source);

  assert_close (cam, fv_training_map (scope, FV_TRAINING_MAP_GRADCAM, &source, new_labels (scope)));
  assert_close (cam,
                fv_training_map (scope, FV_TRAINING_MAP_HIRESCAM, &source, new_labels (scope)));
  for (int i = 0; i < TINY_PICTURES; i++) {
#define PICTURE(maps) fv_call (scope, "aten::select.int", fv_of (maps), fv_int (0), fv_int (i))
#define OF_LABEL(maps)                                                                             \
  fv_call (scope, "aten::select.int", fv_of (PICTURE (maps)), fv_int (0), fv_int (labels[i]))
    assert_close (PICTURE (cam), OF_LABEL (all));
    assert_close (PICTURE (layercam), OF_LABEL (all_layercam));
#undef OF_LABEL
#undef PICTURE
  }
  assert_scope_sound (scope);
}

/* The mean over the cells of a CAM, or of a HiResCAM under a piecewise linear head, is the logit
 * but for what biases add: it is the derivative of the logit along the activation. */
static void
test_completeness (void)
{
  static const TinyHead heads[] = { TINY_LINEAR, TINY_DEEP };
  const double tiny = 1e-6;

  for (gsize h = 0; h < G_N_ELEMENTS (heads); h++) {
    g_auto (TinyNetwork) network = tiny_network_new (heads[h]);
    g_autoptr (FvScope) scope = fv_scope_new ();
    g_autoptr (FvActivations) found = tiny_network_run (&network, network.input);
    FvMapSource source = source_of (&network, found, NULL);
    FvTensor *maps = fv_training_map (scope, FV_TRAINING_MAP_HIRESCAM, &source, new_labels (scope));
    FvTensor *means = fv_call (scope, "aten::mean.dim", fv_of (maps), fv_ints (1, 2));
    FvTensor *longer
        = fv_call (scope, "aten::mul.Scalar", fv_of (source.activation), fv_real (1 + tiny));
    FvTensor *moved = fv_graph_forward_from (network.graph, scope, found, network.layer->node,
                                             longer, (FvRunMode){ 0 });
    FvTensor *change = fv_call (scope, "aten::sub.Tensor", fv_of (moved), fv_of (source.logits));
    FvTensor *column = fv_call (scope, "aten::unsqueeze", fv_of (new_labels (scope)), fv_int (1));
    g_autofree double *mean = fv_tensor_to_doubles (means, &(gsize){ 0 }, NULL);
    g_autofree double *slope = fv_tensor_to_doubles (
        fv_call (scope, "aten::gather", fv_of (change), fv_int (1), fv_of (column)), &(gsize){ 0 },
        NULL);

    for (int i = 0; i < TINY_PICTURES; i++)
      g_assert_cmpfloat_with_epsilon (mean[i], slope[i] / tiny, 1e-7);
  }
}

static void
test_cam_is_for_linear_heads (void)
{
  g_auto (TinyNetwork) linear = tiny_network_new (TINY_LINEAR);
  g_auto (TinyNetwork) deep = tiny_network_new (TINY_DEEP);

  g_assert_true (fv_training_map_is_defined (FV_TRAINING_MAP_CAM, linear.graph, linear.layer));
  g_assert_false (fv_training_map_is_defined (FV_TRAINING_MAP_CAM, deep.graph, deep.layer));
  g_assert_true (fv_training_map_is_defined (FV_TRAINING_MAP_GRADCAM, deep.graph, deep.layer));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  fv_runtime_start (1);
  g_test_add_data_func ("/training-map/gradients-linear", GINT_TO_POINTER (TINY_LINEAR),
                        test_gradients);
  g_test_add_data_func ("/training-map/gradients-deep", GINT_TO_POINTER (TINY_DEEP),
                        test_gradients);
  g_test_add_data_func ("/training-map/gradients-tokens", GINT_TO_POINTER (TINY_TOKENS),
                        test_gradients);
  g_test_add_func ("/training-map/gradients-of-other-maps", test_gradients_of_other_maps);
  g_test_add_func ("/training-map/gradients-of-transformer", test_gradients_of_transformer);
  g_test_add_func ("/training-map/dead-transformer", test_dead_transformer);
  g_test_add_func ("/training-map/transformer-learns", test_transformer_learns);
  g_test_add_func ("/training-map/closed-form-is-the-gradient", test_closed_form_is_the_gradient);
  g_test_add_func ("/training-map/linear-head", test_linear_head);
  g_test_add_func ("/training-map/completeness", test_completeness);
  g_test_add_func ("/training-map/cam-is-for-linear-heads", test_cam_is_for_linear_heads);
  return g_test_run ();
}
