/* SPDX-License-Identifier: GPL-3.0-or-later */

/* An evaluation says of each picture what a separate inspection of that picture says, and of all
 * of them the means; what is undefined is null and counted. */

#include <math.h>

#include "evaluation-fixture.h"
#include "fv-gradcam.h"
#include "fv-image.h"
#include "fv-input.h"
#include "fv-mask-file.h"
#include "fv-runtime.h"
#include "fv-train-config.h"
#include "tensor-fixture.h"

/* What the evaluation should have found, by the public calls it is made of. */
static void
assert_result (const Fixture *fixture, const FvImageResult *result, gboolean target_label)
{
  const FvCard *card = fv_model_get_card (fixture->model);
  const FvSample *sample = fv_dataset_get_sample (fixture->dataset, result->sample);
  g_autoptr (FvImage) image = fv_image_load (sample->path, NULL);
  g_autoptr (FvMask) mask
      = fv_dataset_load_mask (fixture->dataset, result->sample, SIDE, SIDE, NULL);
  g_autoptr (FvScope) scope = fv_scope_new ();
  g_autoptr (FvInspection) inspection = fv_inspection_new (
      fixture->model, fv_input_from_image (scope, card, image, FALSE), NULL, NULL, NULL);
  const int target = target_label ? sample->label : fv_inspection_get_prediction (inspection, 0);
  g_autoptr (GPtrArray) maps = fv_gradcam (inspection, &target, TRUE, NULL);
  const FvMap *map = g_ptr_array_index (maps, 0);
  FvAlignment expected
      = fv_alignment_measure (map->values, map->width, map->height, mask, SIDE, SIDE);
  float probabilities[4];

  fv_inspection_get_probabilities (inspection, 0, probabilities);
  g_assert_cmpint (result->label, ==, sample->label);
  g_assert_cmpint (result->prediction, ==, fv_inspection_get_prediction (inspection, 0));
  g_assert_cmpfloat (result->probability, ==, probabilities[result->prediction]);
  g_assert_true (result->has_mask);
  g_assert_cmpint (result->dead, ==, fv_map_is_dead (map));
  g_assert_cmpint (result->alignment.defined, ==, expected.defined);
  if (!expected.defined)
    return;
  for (int i = 0; i < FV_ALIGNMENT_N; i++) {
    g_assert_cmpfloat (result->alignment.values[i], ==, expected.values[i]);
    g_assert_cmpfloat (result->alignment.chance[i], ==, expected.chance[i]);
  }
}

static void
assert_means (const FvEvaluation *evaluation)
{
  gsize n = fv_evaluation_get_n_results (evaluation);
  gsize n_right = 0;
  gsize n_defined = 0;
  double energy = 0;

  for (gsize i = 0; i < n; i++) {
    const FvImageResult *result = fv_evaluation_get_result (evaluation, i);

    n_right += result->label == result->prediction ? 1 : 0;
    n_defined += result->alignment.defined ? 1 : 0;
    energy += result->alignment.defined ? result->alignment.values[FV_ALIGNMENT_ENERGY] : 0;
  }
  g_assert_cmpfloat_with_epsilon (fv_evaluation_get_accuracy (evaluation).value,
                                  (double) n_right / (double) n, 1e-12);
  g_assert_cmpuint (fv_evaluation_get_alignment (evaluation, FV_ALIGNMENT_ENERGY).n, ==, n_defined);
  g_assert_cmpuint (n_defined, >, 0);
  g_assert_cmpfloat_with_epsilon (
      fv_evaluation_get_alignment (evaluation, FV_ALIGNMENT_ENERGY).value,
      energy / (double) n_defined, 1e-12);
}

static void
test_agrees_with_inspections (Fixture *fixture, gconstpointer unused)
{
  for (int target_label = 0; target_label < 2; target_label++) {
    const FvEvaluationOptions options = { .target_label = target_label };
    g_autoptr (FvEvaluation) evaluation = evaluate (fixture, FV_SPLIT_TEST, &options);

    g_assert_cmpuint (fv_evaluation_get_n_results (evaluation), ==, N_TEST);
    g_assert_cmpstr (fv_evaluation_get_layer (evaluation), ==, "block4");
    for (gsize i = 0; i < N_TEST; i++)
      assert_result (fixture, fv_evaluation_get_result (evaluation, i), target_label);
    assert_means (evaluation);
  }
}

/* A network without a layer that has space is measured by its predictions alone. */
static void
test_no_layer (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvGraph) graph = fv_graph_new ();
  FvNodeId x = fv_graph_add_input (graph);
  FvEvaluationOptions options = { 0 };
  g_autoptr (FvModel) model = NULL;
  g_autoptr (FvEvaluation) evaluation = NULL;
  g_autoptr (JsonNode) json = NULL;

  x = fv_op_node (graph, "pool", "aten::mean.dim", fv_from (x), fv_constant (fv_ints (2, 3)));
  x = fv_op_node (graph, "more", "aten::constant_pad_nd", fv_from (x),
                  fv_constant (fv_ints (0, 1)));
  fv_graph_set_output (graph, x);
  model = fv_model_new_for_graph (graph, fv_model_get_card (fixture->model), 4);
  evaluation
      = fv_evaluate (model, fixture->dataset, FV_SPLIT_TEST, &options, NULL, NULL, NULL, NULL);
  g_assert_null (fv_evaluation_get_layer (evaluation));
  g_assert_cmpuint (fv_evaluation_get_accuracy (evaluation).n, ==, N_TEST);
  g_assert_cmpuint (fv_evaluation_get_alignment (evaluation, FV_ALIGNMENT_ENERGY).n, ==, 0);
  g_assert_true (fv_evaluation_get_result (evaluation, 0)->has_mask);
  json = fv_evaluation_to_json (evaluation);
  g_assert_true (json_object_get_null_member (json_node_get_object (json), "layer"));
}

/* Which pictures are measured is drawn by the seed; they stay in order. */
static void
test_limit (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvEvaluation) all = NULL;
  gboolean drawn[N_TEST] = { FALSE };
  gsize first = fv_dataset_get_n_samples (fixture->dataset);
  FvEvaluationOptions options = { .limit = 0 };

  all = evaluate (fixture, FV_SPLIT_TEST, &options);
  first = fv_evaluation_get_result (all, 0)->sample;
  options.limit = 2;
  for (options.seed = 0; options.seed < 30; options.seed++) {
    g_autoptr (FvEvaluation) some = evaluate (fixture, FV_SPLIT_TEST, &options);
    gsize a = fv_evaluation_get_result (some, 0)->sample;
    gsize b = fv_evaluation_get_result (some, 1)->sample;

    g_assert_cmpuint (fv_evaluation_get_n_results (some), ==, 2);
    g_assert_cmpuint (a, <, b);
    drawn[a - first] = drawn[b - first] = TRUE;
  }
  for (gsize i = 0; i < N_TEST; i++)
    g_assert_true (drawn[i]);
}

static void
test_groups (Fixture *fixture, gconstpointer unused)
{
  const FvEvaluationOptions options = { 0 };
  g_autoptr (FvEvaluation) evaluation = evaluate (fixture, FV_SPLIT_TEST, &options);
  double worst = 1;

  for (int i = 0; i < fv_dataset_get_n_groups (fixture->dataset); i++) {
    FvEstimate group = fv_evaluation_get_group_accuracy (evaluation, i);

    if (group.n > 0)
      worst = MIN (worst, group.value);
    else
      g_assert_true (isnan (group.value));
  }
  g_assert_cmpfloat (fv_evaluation_get_worst_group (evaluation).value, ==, worst);
}

/* One picture stands everywhere, so the network answers one class throughout. In training class 0
 * is mostly in the wood and class 1 mostly on sea, class 2 equally in both (sea is the first name)
 * and class 3 nowhere: its test pictures are neither aligned nor conflicting. */
static const char places_csv[] = "img_filename,y,split,place,place_name\n"
                                 "0.png,0,0,0,wood\n1.png,0,0,0,wood\n2.png,0,0,1,sea\n"
                                 "3.png,1,0,1,sea\n4.png,2,0,1,sea\n5.png,2,0,0,wood\n"
                                 "6.png,0,2,0,wood\n7.png,0,2,1,sea\n8.png,0,2,1,sea\n"
                                 "9.png,1,2,1,sea\n10.png,2,2,1,sea\n11.png,3,2,0,wood\n";

static FvDataset *
open_places (const Fixture *fixture, const char *csv)
{
  const FvSample *photo = fv_dataset_get_sample (fixture->dataset, 0);
  g_autofree char *folder = g_build_filename (fixture->folder, "places", NULL);
  g_autofree char *table = g_build_filename (folder, "metadata.csv", NULL);
  g_autofree char *bytes = NULL;
  gsize size;

  g_assert_true (g_file_get_contents (photo->path, &bytes, &size, NULL));
  g_assert_cmpint (g_mkdir_with_parents (folder, 0755), ==, 0);
  g_assert_true (g_file_set_contents (table, csv, -1, NULL));
  for (int i = 0; i < 12; i++) {
    g_autofree char *path = g_strdup_printf ("%s/%d.png", folder, i);

    g_assert_true (g_file_set_contents (path, bytes, (gssize) size, NULL));
  }
  return fv_dataset_open (folder, 0, NULL);
}

static void
test_usual_and_unusual_places (Fixture *fixture, gconstpointer unused)
{
  const FvEvaluationOptions options = { 0 };
  g_autoptr (FvDataset) dataset = open_places (fixture, places_csv);
  g_autoptr (FvEvaluation) evaluation
      = fv_evaluate (fixture->model, dataset, FV_SPLIT_TEST, &options, NULL, NULL, NULL, NULL);
  FvEstimate aligned = fv_evaluation_get_aligned_accuracy (evaluation);
  FvEstimate conflicting = fv_evaluation_get_conflicting_accuracy (evaluation);
  int answer = fv_evaluation_get_result (evaluation, 0)->prediction;

  /* Aligned: 6.png, 9.png, and 10.png, since “2·sea” is the first name. */
  g_assert_cmpuint (aligned.n, ==, 3);
  g_assert_cmpuint (conflicting.n, ==, 2);
  g_assert_cmpfloat_with_epsilon (aligned.value, answer <= 2 ? 1.0 / 3 : 0, 1e-12);
  g_assert_cmpfloat (conflicting.value, ==, answer == 0 ? 1 : 0);
}

static void
test_no_places (Fixture *fixture, gconstpointer unused)
{
  const FvEvaluationOptions options = { 0 };
  g_autoptr (FvDataset) dataset
      = open_places (fixture, "img_filename,y,split\n0.png,0,0\n1.png,3,2\n");
  g_autoptr (FvEvaluation) evaluation
      = fv_evaluate (fixture->model, dataset, FV_SPLIT_TEST, &options, NULL, NULL, NULL, NULL);

  g_assert_true (isfinite (fv_evaluation_get_accuracy (evaluation).value));
  g_assert_true (isnan (fv_evaluation_get_aligned_accuracy (evaluation).value));
  g_assert_true (isnan (fv_evaluation_get_conflicting_accuracy (evaluation).value));
}

/* The network made to say @label whatever it sees, by its head's bias. */
static void
set_constant_head (FvModel *model, gint64 label)
{
  FvGraph *graph = fv_model_get_graph (model);
  g_autoptr (FvTensor) tensor = NULL;
  float bias[4] = { 0 };
  gint64 shape[] = { 4 };
  GError *error = NULL;

  bias[label] = 1e4f;
  tensor = fv_tensor_new (FV_DTYPE_FLOAT32, shape, 1, bias, sizeof bias, &error);
  g_assert_no_error (error);
  fv_graph_set_parameter (graph, fv_graph_find_parameter (graph, "fc.bias"), tensor);
}

static FvEvaluation *
evaluate_constant (const Fixture *fixture, const FvDataset *dataset, gint64 label)
{
  const FvEvaluationOptions options = { 0 };

  set_constant_head (fixture->model, label);
  return fv_evaluate (fixture->model, dataset, FV_SPLIT_TEST, &options, NULL, NULL, NULL, NULL);
}

/* All test pictures are of class 2: always right against always wrong. */
static void
test_worst_groups_are_compared (Fixture *fixture, gconstpointer unused)
{
  const char *csv = "img_filename,y,split,place\n0.png,2,0,0\n1.png,2,2,0\n2.png,2,2,0\n"
                    "3.png,3,0,1\n";
  g_autoptr (FvDataset) dataset = open_places (fixture, csv);
  g_autoptr (FvEvaluation) wrong = evaluate_constant (fixture, dataset, 0);
  g_autoptr (FvEvaluation) right = evaluate_constant (fixture, dataset, 2);
  FvEstimate gain = fv_evaluation_compare_worst_group (wrong, right);
  FvEstimate none = fv_evaluation_compare_worst_group (right, right);

  g_assert_cmpfloat (gain.value, ==, 1);
  g_assert_cmpfloat (gain.low, ==, 1);
  g_assert_cmpfloat (none.value, ==, 0);
  g_assert_cmpfloat (none.high, ==, 0);
  g_assert_cmpfloat (fv_evaluation_compare_worst_group (right, wrong).value, ==, -1);
}

/* A network that always answers the same keeps its answer on every background, and so does its
 * probability; without a mask on pictures of other classes there is no background to be had. */
static void
test_background_swap (Fixture *fixture, gconstpointer unused)
{
  const FvMetricSelection metrics
      = { .faithfulness = FV_FAITHFULNESS_BIT (FV_FAITHFULNESS_BACKGROUND_SWAP)
                          | FV_FAITHFULNESS_BIT (FV_FAITHFULNESS_BACKGROUND_SWAP_KEPT) };
  const FvEvaluationOptions options = { .metrics = &metrics };
  g_autoptr (FvEvaluation) plain = evaluate (fixture, FV_SPLIT_TEST, &options);
  g_autoptr (FvEvaluation) again = evaluate (fixture, FV_SPLIT_TEST, &options);
  g_autoptr (FvDataset) bare = open_places (fixture, places_csv);
  g_autoptr (FvEvaluation) lonely = NULL;
  FvEstimate kept;

  for (gsize i = 0; i < N_TEST; i++) {
    const double *values = fv_evaluation_get_result (plain, i)->faithfulness.values;
    const double *same = fv_evaluation_get_result (again, i)->faithfulness.values;

    g_assert_cmpfloat (values[FV_FAITHFULNESS_BACKGROUND_SWAP], >, 0);
    g_assert_cmpfloat (values[FV_FAITHFULNESS_BACKGROUND_SWAP], <, 1);
    g_assert_cmpfloat (values[FV_FAITHFULNESS_BACKGROUND_SWAP], ==,
                       same[FV_FAITHFULNESS_BACKGROUND_SWAP]);
  }
  g_clear_pointer (&again, fv_evaluation_unref);
  set_constant_head (fixture->model, 1);
  again = evaluate (fixture, FV_SPLIT_TEST, &options);
  kept = fv_evaluation_get_faithfulness (again, FV_FAITHFULNESS_BACKGROUND_SWAP_KEPT);
  g_assert_cmpuint (kept.n, ==, N_TEST);
  g_assert_cmpfloat (kept.value, ==, 1);
  lonely = fv_evaluate (fixture->model, bare, FV_SPLIT_TEST, &options, NULL, NULL, NULL, NULL);
  kept = fv_evaluation_get_faithfulness (lonely, FV_FAITHFULNESS_BACKGROUND_SWAP_KEPT);
  g_assert_cmpuint (kept.n, ==, 0);
}

/* Eight photos with classes 0 and 1, one of them the larger in each half, so that one test photo
 * has label 0 and one label 1. */
static FvDataset *
open_two_in_each (const Fixture *fixture)
{
  g_autoptr (FvDataset) places = open_places (fixture, places_csv); /* the photos 0 … 11 */
  g_autofree char *path = g_build_filename (fv_dataset_get_path (places), "two-in-each.json", NULL);
  g_autoptr (GString) images = g_string_new (NULL);
  g_autoptr (GString) objects = g_string_new (NULL);
  g_autofree char *json = NULL;

  for (int i = 0; i < 8; i++) {
    const char *comma = i > 0 ? "," : "";

    g_string_append_printf (
        images, "%s{\"id\":%d,\"file_name\":\"%d.png\",\"width\":32,\"height\":32}", comma, i, i);
    for (int class_id = 0; class_id < 2; class_id++)
      g_string_append_printf (objects, "%s{\"image_id\":%d,\"category_id\":%d,\"bbox\":[2,2,%d,4]}",
                              class_id > 0 ? "," : comma, i, class_id, class_id == i / 4 ? 20 : 10);
  }
  json = g_strdup_printf ("{\"images\":[%s],\"annotations\":[%s],\"categories\":["
                          "{\"id\":0,\"name\":\"a\"},{\"id\":1,\"name\":\"b\"},"
                          "{\"id\":2,\"name\":\"c\"},{\"id\":3,\"name\":\"d\"}]}",
                          images->str, objects->str);
  g_assert_true (g_file_set_contents (path, json, -1, NULL));
  return fv_dataset_open (path, 0, NULL);
}

/* Both classes are in both test photos: any answer is right and any ranking finds them all, though
 * each class is the label of one photo alone. */
static void
test_several_classes (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvDataset) dataset = open_two_in_each (fixture);
  g_autoptr (FvEvaluation) evaluation = NULL;

  g_assert_nonnull (dataset);
  evaluation = evaluate_constant (fixture, dataset, 0);
  g_assert_cmpuint (fv_evaluation_get_n_results (evaluation), ==, 2);
  g_assert_cmpfloat (fv_evaluation_get_accuracy (evaluation).value, ==, 1);
  g_assert_cmpfloat (fv_evaluation_get_mean_average_precision (evaluation, FALSE).value, ==, 1);
  g_assert_cmpfloat (fv_evaluation_get_mean_average_precision (evaluation, TRUE).value, ==, 1);
}

static void
assert_members (JsonObject *object, const char *const *names)
{
  for (; *names != NULL; names++)
    if (!json_object_has_member (object, *names))
      g_error ("“%s” is missing", *names);
}

static void
test_json (Fixture *fixture, gconstpointer unused)
{
  const FvEvaluationOptions options = { 0 };
  g_autoptr (FvEvaluation) evaluation = evaluate (fixture, FV_SPLIT_TEST, &options);
  g_autoptr (JsonNode) root = fv_evaluation_to_json (evaluation);
  g_autoptr (JsonNode) line = fv_evaluation_result_to_json (evaluation, 0);
  JsonObject *object = json_node_get_object (root);
  JsonObject *accuracy = json_object_get_object_member (object, "accuracy");
  JsonArray *interval = json_object_get_array_member (accuracy, "ci95");

  assert_members (object,
                  (const char *const[]){ "n", "dead_maps", "accuracy", "f1_macro",
                                         "worst_group_accuracy", "aligned_accuracy",
                                         "conflicting_accuracy", "groups", "alignment", NULL });
  assert_members (
      json_object_get_object_member (object, "alignment"),
      (const char *const[]){ "energy", "iou", "pointing_game", "chance", "undefined", NULL });
  assert_members (json_node_get_object (line),
                  (const char *const[]){ "image", "label", "prediction", "group", "energy", NULL });
  g_assert_cmpint (json_object_get_int_member (object, "n"), ==, N_TEST);
  g_assert_cmpfloat (json_array_get_double_element (interval, 0), <=,
                     json_object_get_double_member (accuracy, "value"));
  g_assert_cmpfloat (json_array_get_double_element (interval, 1), >=,
                     json_object_get_double_member (accuracy, "value"));
}

/* No pictures, no numbers: null, never NaN, which is no JSON. */
static void
test_empty_split (Fixture *fixture, gconstpointer unused)
{
  const FvEvaluationOptions options = { 0 };
  g_autoptr (FvEvaluation) evaluation = evaluate (fixture, FV_SPLIT_VALIDATION, &options);
  g_autoptr (JsonNode) root = fv_evaluation_to_json (evaluation);
  JsonObject *object = json_node_get_object (root);

  g_assert_cmpint (json_object_get_int_member (object, "n"), ==, 0);
  g_assert_true (json_object_get_null_member (object, "accuracy"));
  g_assert_true (json_object_get_null_member (object, "worst_group_accuracy"));
}

/* An empty mask has no energy; the picture still counts for accuracy. */
static void
test_empty_mask_is_counted (Fixture *fixture, gconstpointer unused)
{
  const FvEvaluationOptions options = { 0 };
  g_autoptr (FvMask) mask = fv_mask_new (SIDE, SIDE);
  g_autoptr (FvEvaluation) before = evaluate (fixture, FV_SPLIT_TEST, &options);
  g_autoptr (FvEvaluation) after = NULL;
  gsize sample = 0;

  for (gsize i = 0; i < N_TEST; i++)
    if (fv_evaluation_get_result (before, i)->alignment.defined)
      sample = fv_evaluation_get_result (before, i)->sample;
  g_assert_true (fv_mask_file_save (
      mask, fv_dataset_get_sample (fixture->dataset, sample)->edited_mask_path, NULL));
  after = evaluate (fixture, FV_SPLIT_TEST, &options);
  g_assert_cmpuint (fv_evaluation_get_alignment (after, FV_ALIGNMENT_ENERGY).n, ==,
                    fv_evaluation_get_alignment (before, FV_ALIGNMENT_ENERGY).n - 1);
  g_assert_cmpuint (fv_evaluation_get_accuracy (after).n, ==, N_TEST);
}

static gboolean
stop_at_third (const FvImageResult *result, gsize done, gsize total, gpointer user_data)
{
  int *calls = user_data;

  g_assert_cmpuint (total, ==, N_TEST);
  g_assert_cmpuint (done, ==, ++*calls);
  return done < 3;
}

static void
assert_fails (const Fixture *fixture, const char *layer, const char *phrase)
{
  const FvEvaluationOptions options = { .layer = layer };
  g_autoptr (GError) error = NULL;

  g_assert_null (fv_evaluate (fixture->model, fixture->dataset, FV_SPLIT_TEST, &options, NULL, NULL,
                              NULL, &error));
  assert_says (error, phrase);
}

static void
test_stops_and_refusals (Fixture *fixture, gconstpointer unused)
{
  const FvEvaluationOptions options = { 0 };
  g_autoptr (FvMask) mask = fv_mask_new (SIDE + 1, SIDE);
  const FvSample *sample = NULL;
  g_autoptr (GError) error = NULL;
  int calls = 0;

  g_assert_null (fv_evaluate (fixture->model, fixture->dataset, FV_SPLIT_TEST, &options,
                              stop_at_third, &calls, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (calls, ==, 3);
  assert_fails (fixture, "no.such.layer", "no.such.layer");
  assert_fails (fixture, "fc", "height and width");
  for (gsize i = 0; sample == NULL; i++)
    if (fv_dataset_get_sample (fixture->dataset, i)->split == FV_SPLIT_TEST)
      sample = fv_dataset_get_sample (fixture->dataset, i);
  g_assert_true (fv_mask_file_save (mask, sample->edited_mask_path, NULL));
  assert_fails (fixture, NULL, sample->edited_mask_path);
  g_assert_true (g_file_set_contents (sample->path, "text", -1, NULL));
  assert_fails (fixture, NULL, sample->path);
}

/* Another network's classes: maps are measured, right and wrong do not exist. */
static void
test_other_classes (Fixture *fixture, gconstpointer unused)
{
  static const char *const names[] = { "ant", "bee", "cat", "dog", NULL };
  const FvMetricSelection metrics = { .localisation = ~(guint32) 0 };
  const FvEvaluationOptions predicted = { .metrics = &metrics };
  const FvEvaluationOptions label = { .target_label = TRUE };
  g_autoptr (FvModel) other = fv_model_with_classes (fixture->model, names, 1, NULL);
  g_autoptr (FvEvaluation) evaluation = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (fv_evaluation_classes_agree (fixture->model, fixture->dataset));
  g_assert_false (fv_evaluation_classes_agree (other, fixture->dataset));
  evaluation
      = fv_evaluate (other, fixture->dataset, FV_SPLIT_TEST, &predicted, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (fv_evaluation_get_n_results (evaluation), >, 0);
  g_assert_true (isnan (fv_evaluation_get_accuracy (evaluation).value));
  g_assert_true (isnan (fv_evaluation_get_f1_macro (evaluation).value));
  g_assert_true (isnan (fv_evaluation_get_worst_group (evaluation).value));
  g_assert_true (isnan (fv_evaluation_get_group_accuracy (evaluation, 0).value));
  g_assert_true (isnan (fv_evaluation_get_aligned_accuracy (evaluation).value));
  for (gint64 class_id = 0; class_id < 4; class_id++) { /* some of these numbers are labels */
    g_clear_pointer (&evaluation, fv_evaluation_unref);
    set_constant_head (other, class_id);
    evaluation
        = fv_evaluate (other, fixture->dataset, FV_SPLIT_TEST, &predicted, NULL, NULL, NULL, NULL);
    g_assert_cmpuint (fv_evaluation_get_localisation (evaluation, FV_LOCALISATION_MASK).n, ==, 0);
    g_assert_cmpuint (fv_evaluation_get_localisation (evaluation, FV_LOCALISATION_CAM_BOX).n, >, 0);
  }
  g_assert_null (
      fv_evaluate (other, fixture->dataset, FV_SPLIT_TEST, &label, NULL, NULL, NULL, &error));
  g_assert_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_ARGUMENT);
}

static void
test_train_config (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvTrainConfig) config = fv_train_config_new ();
  g_autoptr (GError) error = NULL;

  g_assert_true (fv_train_config_check (config, NULL));
#define REFUSED(field, value)                                                                      \
  do {                                                                                             \
    g_autoptr (FvTrainConfig) wrong = fv_train_config_copy (config);                               \
    wrong->field = value;                                                                          \
    g_assert_false (fv_train_config_check (wrong, NULL));                                          \
  } while (0)
  REFUSED (weights[FV_LOSS_CAMAL], -1);
  REFUSED (weights[FV_LOSS_CAMAL], NAN);
  REFUSED (weights[FV_LOSS_CROSS_ENTROPY], INFINITY);
  REFUSED (epochs, 0);
  REFUSED (epochs, G_MAXINT);
  REFUSED (batch_size, 0);
  REFUSED (batch_size, 5000);
  REFUSED (learning_rate, 0);
  REFUSED (head_learning_rate, NAN);
  REFUSED (weight_decay, -1e-9);
  REFUSED (max_gradient, INFINITY);
  REFUSED (warm_up, 1.5);
#undef REFUSED
  config->weights[FV_LOSS_CROSS_ENTROPY] = config->weights[FV_LOSS_CAMAL] = 0;
  g_assert_false (fv_train_config_check (config, &error));
  assert_says (error, "nothing to learn");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  fv_runtime_start (1);
#define ADD(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)
  ADD ("/evaluation/agrees-with-inspections", test_agrees_with_inspections);
  ADD ("/evaluation/no-layer", test_no_layer);
  ADD ("/evaluation/limit", test_limit);
  ADD ("/evaluation/groups", test_groups);
  ADD ("/evaluation/usual-and-unusual-places", test_usual_and_unusual_places);
  ADD ("/evaluation/no-places", test_no_places);
  ADD ("/evaluation/worst-groups-are-compared", test_worst_groups_are_compared);
  ADD ("/evaluation/background-swap", test_background_swap);
  ADD ("/evaluation/several-classes", test_several_classes);
  ADD ("/evaluation/json", test_json);
  ADD ("/evaluation/empty-split", test_empty_split);
  ADD ("/evaluation/empty-mask-is-counted", test_empty_mask_is_counted);
  ADD ("/evaluation/stops-and-refusals", test_stops_and_refusals);
  ADD ("/evaluation/other-classes", test_other_classes);
  ADD ("/evaluation/train-config", test_train_config);
#undef ADD
  return g_test_run ();
}
