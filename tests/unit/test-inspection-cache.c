/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Pictures that have been seen are not run again; others, other layers and changed weights are. */

#include "fv-autograd.h"
#include "fv-inspection-cache.h"
#include "fv-op.h"
#include "fv-optimizer.h"
#include "fv-runtime.h"
#include "tensor-fixture.h"

static FvModel *
new_model (void)
{
  g_autoptr (FvCard) card = fv_card_new ("small_cnn");
  g_autoptr (GError) error = NULL;
  FvModel *model = fv_model_new (card, 4, 5, &error);

  g_assert_no_error (error);
  return model;
}

static FvInspection *
get (FvInspectionCache *cache, FvModel *model, FvTensor *input, gboolean show, const char *layer)
{
  g_autoptr (GError) error = NULL;
  FvInspection *found = fv_inspection_cache_get (cache, model, input, show, layer, NULL, &error);

  g_assert_no_error (error);
  g_assert_nonnull (found);
  return found;
}

/* Equal pictures in other memory are the same picture. */
static void
test_seen_pictures (void)
{
  g_autoptr (FvModel) model = new_model ();
  g_autoptr (FvInspectionCache) cache = fv_inspection_cache_new (1 << 24);
  g_autoptr (FvTensor) a = new_waves ((const gint64[]){ 1, 3, 32, 32 }, 4);
  g_autoptr (FvTensor) same = fv_tensor_clone (a, NULL);
  g_autoptr (FvTensor) b = new_waves ((const gint64[]){ 1, 3, 40, 40 }, 4);
  FvInspection *first = get (cache, model, a, TRUE, NULL);
  FvInspection *other = get (cache, model, b, TRUE, NULL);

  g_assert_true (first != other);
  g_assert_true (get (cache, model, same, TRUE, NULL) == first);
  g_assert_true (get (cache, model, b, TRUE, NULL) == other);
  g_assert_true (get (cache, model, a, TRUE, "block1.relu") != first);
  g_assert_null (fv_inspection_get_layer (get (cache, model, a, FALSE, NULL)));
  g_assert_true (get (cache, model, a, TRUE, NULL) == first);
  g_assert_cmpuint (fv_inspection_cache_get_length (cache), ==, 4);
}

/* One step of an optimiser, as training makes it. */
static void
learn (FvModel *model)
{
  FvGraph *graph = fv_model_get_graph (model);
  FvTensor *bias = fv_graph_get_parameter (graph, fv_graph_find_parameter (graph, "fc.bias"));
  const FvParameterGroup group = { &bias, 1, 0.1, 0 };
  g_autoptr (FvOptimizer) optimizer = fv_optimizer_new (FV_OPTIMIZER_SGD, &group, 1, 0, NULL);
  g_autoptr (FvScope) scope = fv_scope_new ();

  fv_tensor_set_requires_grad (bias, TRUE);
  g_assert_true (fv_backward (fv_call (scope, "aten::sum", fv_of (bias)), NULL));
  g_assert_true (fv_optimizer_step (optimizer, NULL));
  fv_tensor_set_requires_grad (bias, FALSE);
  assert_scope_sound (scope);
}

static void
test_learned_weights (void)
{
  g_autoptr (FvModel) model = new_model ();
  g_autoptr (FvModel) untouched = new_model ();
  g_autoptr (FvInspectionCache) cache = fv_inspection_cache_new (1 << 24);
  g_autoptr (FvTensor) input = new_waves ((const gint64[]){ 1, 3, 32, 32 }, 4);
  FvInspection *kept = get (cache, untouched, input, TRUE, NULL);
  float before = fv_inspection_get_logits (get (cache, model, input, TRUE, NULL))[0];
  float after;

  learn (model);
  after = fv_inspection_get_logits (get (cache, model, input, TRUE, NULL))[0];
  g_assert_cmpfloat_with_epsilon (after, before - 0.1f, 1e-5);
  g_assert_true (get (cache, untouched, input, TRUE, NULL) == kept);
  g_assert_cmpuint (fv_inspection_cache_get_length (cache), ==, 2);
}

/* Memory stays within the limit; the oldest goes first. */
static void
test_limit (void)
{
  g_autoptr (FvModel) model = new_model ();
  g_autoptr (FvInspectionCache) cache = fv_inspection_cache_new (0);
  g_autoptr (FvTensor) first = new_waves ((const gint64[]){ 1, 3, 32, 32 }, 4);
  gsize bytes;

  get (cache, model, first, TRUE, NULL);
  bytes = fv_inspection_cache_get_bytes (cache);
  g_assert_cmpuint (bytes, >, 0);
  for (gint64 side = 33; side < 40; side++) {
    g_autoptr (FvTensor) input = new_waves ((const gint64[]){ 1, 3, side, side }, 4);

    get (cache, model, input, TRUE, NULL);
    g_assert_cmpuint (fv_inspection_cache_get_length (cache), ==, 1);
  }
  fv_inspection_cache_clear (cache);
  g_assert_cmpuint (fv_inspection_cache_get_bytes (cache), ==, 0);
}

/* Two models may be compared; one that was closed before does not stay with its weights. */
static void
test_closed_models (void)
{
  g_autoptr (FvInspectionCache) cache = fv_inspection_cache_new (1 << 24);
  g_autoptr (FvTensor) input = new_waves ((const gint64[]){ 1, 3, 32, 32 }, 4);
  FvModel *closed = new_model ();
  g_autoptr (FvModel) before = new_model ();
  g_autoptr (FvModel) after = new_model ();
  FvInspection *kept;

  get (cache, closed, input, TRUE, NULL);
  fv_model_unref (closed);
  kept = get (cache, before, input, TRUE, NULL);
  g_assert_cmpuint (fv_inspection_cache_get_length (cache), ==, 2);
  get (cache, after, input, TRUE, NULL);
  g_assert_cmpuint (fv_inspection_cache_get_length (cache), ==, 2);
  g_assert_true (get (cache, before, input, TRUE, NULL) == kept);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  fv_runtime_start (1);
  g_test_add_func ("/inspection-cache/seen-pictures", test_seen_pictures);
  g_test_add_func ("/inspection-cache/learned-weights", test_learned_weights);
  g_test_add_func ("/inspection-cache/limit", test_limit);
  g_test_add_func ("/inspection-cache/closed-models", test_closed_models);
  return g_test_run ();
}
