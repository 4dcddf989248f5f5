/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Models: opening what the command line names, refusing weights of another network without a
 * change, a fresh head on the same body. */

#include "fv-autograd.h"
#include "fv-model.h"
#include "fv-op.h"
#include "fv-runtime.h"
#include "fv-weights.h"
#include "temporary-folder.h"
#include "tensor-fixture.h"

typedef struct {
  char *folder;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer unused)
{
  fixture->folder = temporary_folder_new ();
}

static void
tear_down (Fixture *fixture, gconstpointer unused)
{
  temporary_folder_remove (fixture->folder);
  g_free (fixture->folder);
}

static FvModel *
new_model (const char *architecture, int n_classes, guint64 seed)
{
  g_autoptr (FvCard) card = fv_card_new (architecture);
  g_autoptr (GError) error = NULL;
  FvModel *model = fv_model_new (card, n_classes, seed, &error);

  g_assert_no_error (error);
  return model;
}

static gboolean
equal_states (const FvModel *a, const FvModel *b)
{
  g_autoptr (FvStateDict) x = fv_model_get_state (a, NULL);
  g_autoptr (FvStateDict) y = fv_model_get_state (b, NULL);

  g_assert_cmpuint (fv_state_dict_get_length (x), ==, fv_state_dict_get_length (y));
  for (guint i = 0; i < fv_state_dict_get_length (x); i++)
    if (!fv_tensor_equal (fv_state_dict_get_tensor (x, i), fv_state_dict_get_tensor (y, i)))
      return FALSE;
  return TRUE;
}

/* Weights of @model and a card beside them, as NAME.safetensors and NAME.json. (transfer full) */
static char *
save (const Fixture *fixture, const FvModel *model, const char *name)
{
  g_autofree char *weights_name = g_strconcat (name, ".safetensors", NULL);
  g_autofree char *card_name = g_strconcat (name, ".json", NULL);
  g_autofree char *card = g_build_filename (fixture->folder, card_name, NULL);
  g_autoptr (FvStateDict) state = fv_model_get_state (model, NULL);
  char *weights = g_build_filename (fixture->folder, weights_name, NULL);

  g_assert_true (fv_safetensors_save (state, NULL, weights, NULL));
  g_assert_true (fv_card_save (fv_model_get_card (model), card, NULL));
  return weights;
}

static void
assert_not_opened (const char *model, const char *weights, const char *card, const char *phrase)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FvModel) opened
      = fv_model_open (&(FvModelSource){ model, weights, card, NULL }, 0, &error);

  g_assert_null (opened);
  assert_says (error, phrase);
}

/* -- architectures -------------------------------------------------------------------------- */

static void
assert_default_layer (const char *architecture, const char *layer, int channels, int side)
{
  g_autoptr (FvModel) model = new_model (architecture, 3, 0);
  g_autoptr (GError) error = NULL;
  const FvLayer *found = fv_model_get_default_layer (model, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (found->name, ==, layer);
  g_assert_cmpint (found->channels, ==, channels);
  g_assert_cmpint (found->height, ==, side);
  g_assert_cmpint (found->width, ==, side);
}

static void
test_default_layers (Fixture *fixture, gconstpointer unused)
{
  assert_default_layer ("resnet18", "layer4", 512, 7);
  assert_default_layer ("resnet50", "layer4", 2048, 7);
  assert_default_layer ("mobilenet_v2", "features.18", 1280, 7);
  assert_default_layer ("cifar_resnet20", "layer3", 64, 8);
  assert_default_layer ("small_cnn", "block4", 128, 12);
}

/* Weight counts that the papers and torchvision state, for the head's size given. */
static void
assert_n_weights (const char *architecture, int n_classes, gint64 expected)
{
  g_autoptr (FvModel) model = new_model (architecture, n_classes, 0);
  const FvGraph *graph = fv_model_get_graph (model);
  gint64 n = 0;

  for (guint i = 0; i < fv_graph_get_n_parameters (graph); i++)
    if (fv_graph_get_parameter_role (graph, i) == FV_PARAMETER_WEIGHT)
      n += fv_tensor_get_n_elements (fv_graph_get_parameter (graph, i));
  g_assert_cmpint (n, ==, expected);
}

static void
test_weight_counts (Fixture *fixture, gconstpointer unused)
{
  assert_n_weights ("resnet18", 1000, 11689512);
  assert_n_weights ("resnet34", 1000, 21797672);
  assert_n_weights ("resnet50", 1000, 25557032);
  assert_n_weights ("mobilenet_v2", 1000, 3504872);
  assert_n_weights ("cifar_resnet20", 10, 269722);
  assert_n_weights ("cifar_resnet56", 10, 853018);
}

static void
test_seeds (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvModel) first = new_model ("small_cnn", 4, 1);
  g_autoptr (FvModel) again = new_model ("small_cnn", 4, 1);
  g_autoptr (FvModel) other = new_model ("small_cnn", 4, 2);

  g_assert_true (equal_states (first, again));
  g_assert_false (equal_states (first, other));
}

static void
test_unknown_architecture (Fixture *fixture, gconstpointer unused)
{
  g_autofree char *card = g_build_filename (fixture->folder, "card.json", NULL);

  assert_not_opened ("resnet19", NULL, NULL, "resnet19");
  assert_not_opened ("resnet19", NULL, NULL, "mobilenet_v2");
  assert_not_opened ("no/such/run", NULL, NULL, "“no/such/run” is neither");
  g_assert_true (g_file_set_contents (card, "{\"architecture\": \"vgg16\"}", -1, NULL));
  assert_not_opened (NULL, NULL, card, card);
  g_assert_true (g_file_set_contents (card, "{\"architecture\": \"resnet34\"}", -1, NULL));
  assert_not_opened ("resnet18", NULL, card, "is for resnet34, not for resnet18");
  g_assert_true (g_file_set_contents (
      card, "{\"architecture\": \"resnet18\", \"padding\": \"same\"}", -1, NULL));
  assert_not_opened (NULL, NULL, card, "mobilenet_v2 only");
}

/* -- weights -------------------------------------------------------------------------------- */

/* The number of classes is that of the weights' head, the card lies beside them. */
static void
test_open_weights (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvModel) model = new_model ("small_cnn", 5, 3);
  g_autofree char *path = save (fixture, model, "five.classes");
  g_autoptr (FvModel) opened = NULL;
  g_autoptr (FvModel) named = NULL;
  g_autoptr (GError) error = NULL;

  opened = fv_model_open (&(FvModelSource){ NULL, path, NULL, NULL }, 0, &error);
  g_assert_no_error (error);
  g_assert_cmpint (fv_model_get_n_classes (opened), ==, 5);
  g_assert_true (equal_states (model, opened));
  named = fv_model_open (&(FvModelSource){ "small_cnn", path, NULL, NULL }, 9, &error);
  g_assert_no_error (error);
  g_assert_true (equal_states (model, named));
}

static void
test_weights_of_another_network (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvModel) small = new_model ("small_cnn", 5, 3);
  g_autoptr (FvModel) cifar = new_model ("cifar_resnet20", 5, 3);
  g_autoptr (FvModel) before = new_model ("small_cnn", 5, 3);
  g_autofree char *path = save (fixture, cifar, "cifar");
  g_autofree char *lone = g_build_filename (fixture->folder, "lone.safetensors", NULL);
  g_autoptr (FvStateDict) state = fv_model_get_state (cifar, NULL);
  g_autoptr (GError) error = NULL;

  assert_not_opened ("small_cnn", path, NULL, "cifar_resnet20, not for small_cnn");
  g_assert_true (fv_safetensors_save (state, NULL, lone, NULL));
  assert_not_opened (NULL, lone, NULL, lone);
  assert_not_opened ("resnet18", lone, NULL, lone);
  assert_not_opened ("resnet18", lone, NULL, "another network than resnet18");
  g_assert_false (fv_model_set_state (small, state, "the file", &error));
  assert_says (error, "“the file” holds weights for another network than small_cnn");
  g_assert_true (equal_states (small, before));
}

/* A dictionary like @model's, without @missing, with @stranger (nullable) more. */
static FvStateDict *
altered_state (const FvModel *model, const char *missing, const char *stranger)
{
  g_autoptr (FvStateDict) state = fv_model_get_state (model, NULL);
  FvStateDict *altered = fv_state_dict_new ();

  for (guint i = 0; i < fv_state_dict_get_length (state); i++)
    if (!g_str_has_suffix (fv_state_dict_get_name (state, i), missing))
      fv_state_dict_add (altered, fv_state_dict_get_name (state, i),
                         fv_state_dict_get_tensor (state, i));
  if (stranger != NULL)
    fv_state_dict_add (altered, stranger, fv_state_dict_get_tensor (state, 0));
  return altered;
}

/* One name too few or too many: nothing at all is loaded. Counters may be missing. */
static void
test_set_state_is_all_or_nothing (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvModel) source = new_model ("small_cnn", 4, 1);
  g_autoptr (FvModel) target = new_model ("small_cnn", 4, 2);
  g_autoptr (FvModel) before = new_model ("small_cnn", 4, 2);
  g_autoptr (FvStateDict) less = altered_state (source, "fc.bias", NULL);
  g_autoptr (FvStateDict) more = altered_state (source, "num_batches_tracked", "fc.scale");
  g_autoptr (FvStateDict) enough = altered_state (source, "num_batches_tracked", NULL);
  g_autoptr (GError) missing = NULL;
  g_autoptr (GError) stranger = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_false (fv_model_set_state (target, less, "x", &missing));
  assert_says (missing, "“fc.bias” is missing");
  g_assert_false (fv_model_set_state (target, more, "x", &stranger));
  assert_says (stranger, "“fc.scale”");
  g_assert_true (equal_states (target, before));
  fv_model_set_state (target, enough, "x", &error);
  g_assert_no_error (error);
  g_assert_true (equal_states (target, source));
}

static void
test_class_names_must_fit (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvModel) model = new_model ("small_cnn", 3, 1);
  g_autofree char *path = save (fixture, model, "three");
  g_autofree char *card = g_build_filename (fixture->folder, "three.json", NULL);

  g_assert_true (g_file_set_contents (
      card, "{\"architecture\": \"small_cnn\", \"classes\": [\"a\", \"b\"]}", -1, NULL));
  assert_not_opened (NULL, path, NULL, path);
  assert_not_opened (NULL, path, NULL, "3 classes, but its card names 2");
}

/* -- runs and heads ------------------------------------------------------------------------- */

static void
test_run_folder (Fixture *fixture, gconstpointer unused)
{
  static const char *const classes[] = { "emu", "rhino", NULL };
  g_autoptr (FvModel) body = new_model ("small_cnn", 4, 1);
  g_autoptr (FvModel) model = fv_model_with_classes (body, classes, 2, NULL);
  g_autoptr (FvModel) opened = NULL;
  g_autofree char *weights = g_build_filename (fixture->folder, "model.safetensors", NULL);
  g_autoptr (GError) error = NULL;

  assert_not_opened (fixture->folder, NULL, NULL, fixture->folder);
  g_assert_true (fv_model_save (model, fixture->folder, &error));
  opened = fv_model_open (&(FvModelSource){ fixture->folder, NULL, NULL, NULL }, 0, &error);
  g_assert_no_error (error);
  g_assert_true (equal_states (model, opened));
  g_assert_cmpstrv (fv_model_get_card (opened)->classes, (char **) classes);
  g_assert_true (g_file_set_contents (weights, "", 0, NULL));
  assert_not_opened (fixture->folder, NULL, NULL, weights);
}

static void
test_fresh_head (Fixture *fixture, gconstpointer unused)
{
  static const char *const classes[] = { "a", "b", "c", NULL };
  g_autoptr (FvModel) model = new_model ("small_cnn", 4, 1);
  g_autoptr (FvModel) fitted = fv_model_with_classes (model, classes, 5, NULL);
  g_autoptr (FvModel) again = fv_model_with_classes (model, classes, 5, NULL);
  g_autoptr (FvModel) other = fv_model_with_classes (model, classes, 6, NULL);
  const FvGraph *from = fv_model_get_graph (model);
  const FvGraph *to = fv_model_get_graph (fitted);

  g_assert_cmpint (fv_model_get_n_classes (fitted), ==, 3);
  for (guint i = 0; i < fv_graph_get_n_parameters (from); i++)
    g_assert_true (
        g_str_has_prefix (fv_graph_get_parameter_name (from, i), "fc.")
        != fv_tensor_equal (fv_graph_get_parameter (from, i), fv_graph_get_parameter (to, i)));
  g_assert_true (equal_states (fitted, again));
  g_assert_false (equal_states (fitted, other));
}

/* The copy learns without the first one's knowledge. */
static void
test_names (Fixture *fixture, gconstpointer unused)
{
  static const char *const classes[] = { "cat", "dog", NULL };
  g_autoptr (FvModel) model = new_model ("small_cnn", 2, 1);
  g_autoptr (FvModel) named = fv_model_with_names (model, classes, NULL);
  FvTensor *own = fv_graph_get_parameter (fv_model_get_graph (model), 0);
  FvTensor *other = fv_graph_get_parameter (fv_model_get_graph (named), 0);

  g_assert_true (equal_states (model, named));
  g_assert_cmpstrv (fv_model_get_card (named)->classes, (char **) classes);
  g_assert_null (fv_model_get_card (model)->classes);
  g_assert_false (fv_tensor_shares_memory (own, other));
}

/* What only averages the picture can predict, and has no layer to look at. */
static void
test_no_layer (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvGraph) graph = fv_graph_new ();
  g_autoptr (FvCard) card = fv_card_new ("flat");
  FvNodeId x = fv_graph_add_input (graph);
  g_autoptr (FvModel) model = NULL;
  g_autoptr (GError) error = NULL;

  x = fv_op_node (graph, "pool", "aten::mean.dim", fv_from (x), fv_constant (fv_ints (2, 3)));
  fv_graph_set_output (graph, x);
  model = fv_model_new_for_graph (graph, card, 3);
  g_assert_cmpuint (fv_model_get_layers (model, NULL)->len, ==, 0);
  g_assert_null (fv_model_get_default_layer (model, &error));
  g_assert_nonnull (strstr (error->message, "can predict"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  fv_runtime_start (1);
#define ADD(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)
  ADD ("/model/default-layers", test_default_layers);
  ADD ("/model/weight-counts", test_weight_counts);
  ADD ("/model/seeds", test_seeds);
  ADD ("/model/unknown-architecture", test_unknown_architecture);
  ADD ("/model/open-weights", test_open_weights);
  ADD ("/model/weights-of-another-network", test_weights_of_another_network);
  ADD ("/model/set-state-is-all-or-nothing", test_set_state_is_all_or_nothing);
  ADD ("/model/class-names-must-fit", test_class_names_must_fit);
  ADD ("/model/run-folder", test_run_folder);
  ADD ("/model/fresh-head", test_fresh_head);
  ADD ("/model/names", test_names);
  ADD ("/model/no-layer", test_no_layer);
#undef ADD
  return g_test_run ();
}
