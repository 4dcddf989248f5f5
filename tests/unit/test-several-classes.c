/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Learning from pictures that show several classes: a COCO folder of twelve, each with a red square
 * on the left, a blue one on the right, or both. */

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#include "fv-augment.h"
#include "fv-evaluation.h"
#include "fv-explain.h"
#include "fv-input.h"
#include "fv-loader.h"
#include "fv-method.h"
#include "fv-run.h"
#include "fv-trainer.h"
#include "temporary-folder.h"
#include "tensor-fixture.h"

#define SIDE 32
#define N_PICTURES 12
#define MAP 4
#define EPOCHS 12

typedef struct {
  char *folder;
  FvDataset *dataset;
  FvCard *card;
} Fixture;

static gboolean
shows (int picture, int label)
{
  return picture % 3 == 2 || picture % 3 == label;
}

/* Red, class 0, is 8 … 15 of the columns; blue, class 1, a smaller one in 18 … 25. */
static void
paint (const Fixture *fixture, int picture)
{
  g_autofree char *name = g_strdup_printf ("images/%02d.png", picture);
  g_autofree char *path = g_build_filename (fixture->folder, name, NULL);
  g_autoptr (FvImage) image = fv_image_new (SIDE, SIDE);
  guint8 *pixels = fv_image_get_data (image);

  for (int i = 0; i < SIDE * SIDE; i++) {
    int x = i % SIDE, y = i / SIDE;
    gboolean red = shows (picture, 0) && x >= 8 && x < 16 && y >= 8 && y < 24;
    gboolean blue = shows (picture, 1) && x >= 18 && x < 26 && y >= 12 && y < 20;

    pixels[3 * i] = red ? 250 : (guint8) (60 + 5 * picture);
    pixels[3 * i + 1] = 60;
    pixels[3 * i + 2] = blue ? 250 : 60;
  }
  g_assert_true (fv_image_save_png (image, path, NULL));
}

static void
describe (GString *images, GString *objects, int picture)
{
  g_string_append_printf (images,
                          "%s{\"id\":%d,\"file_name\":\"%02d.png\",\"width\":32,\"height\":32}",
                          picture > 0 ? "," : "", picture, picture);
  if (shows (picture, 0))
    g_string_append_printf (objects,
                            "%s{\"image_id\":%d,\"category_id\":1,"
                            "\"segmentation\":[[8,8,16,8,16,24,8,24]]}",
                            objects->len > 0 ? "," : "", picture);
  if (shows (picture, 1))
    g_string_append_printf (objects,
                            "%s{\"image_id\":%d,\"category_id\":2,"
                            "\"segmentation\":[[18,12,26,12,26,20,18,20]]}",
                            objects->len > 0 ? "," : "", picture);
}

static void
set_up (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (GString) images = g_string_new (NULL);
  g_autoptr (GString) objects = g_string_new (NULL);
  g_autofree char *folder = NULL, *path = NULL, *json = NULL;
  g_autoptr (GError) error = NULL;

  fixture->folder = temporary_folder_new ();
  folder = g_build_filename (fixture->folder, "images", NULL);
  path = g_build_filename (fixture->folder, "instances.json", NULL);
  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  for (int i = 0; i < N_PICTURES; i++) {
    paint (fixture, i);
    describe (images, objects, i);
  }
  json = g_strdup_printf ("{\"images\":[%s],\"annotations\":[%s],\"categories\":["
                          "{\"id\":1,\"name\":\"red\"},{\"id\":2,\"name\":\"blue\"}]}",
                          images->str, objects->str);
  g_assert_true (g_file_set_contents (path, json, -1, NULL));
  fixture->dataset = fv_dataset_open (fixture->folder, 0, &error);
  g_assert_no_error (error);
  g_assert_true (fv_dataset_mixes_classes (fixture->dataset));
  fixture->card = fv_card_new ("small_cnn");
  fixture->card->width = fixture->card->height = SIDE;
}

static void
tear_down (Fixture *fixture, gconstpointer unused)
{
  fv_card_free (fixture->card);
  fv_dataset_unref (fixture->dataset);
  temporary_folder_remove (fixture->folder);
  g_free (fixture->folder);
}

static FvTrainingSet *
load (const Fixture *fixture, guint augment)
{
  g_autoptr (GError) error = NULL;
  FvTrainingSet *set = fv_training_set_load (fixture->dataset, FV_SPLIT_TRAIN, fixture->card, MAP,
                                             MAP, augment, NULL, &error);

  g_assert_no_error (error);
  return set;
}

static FvModel *
new_model (const Fixture *fixture)
{
  FvModel *model = fv_model_new (fixture->card, 2, 7, NULL);

  g_assert_nonnull (model);
  return model;
}

static FvTrainConfig *
new_config (void)
{
  FvTrainConfig *config = fv_train_config_new ();

  config->weights[FV_LOSS_SWAP] = config->weights[FV_LOSS_CONTRAST] = 0.5;
  config->epochs = 30;
  config->batch_size = 4;
  config->learning_rate = config->head_learning_rate = 3e-3;
  config->train_batch_norm = TRUE;
  config->seed = 3;
  return config;
}

/* -- what is drawn --------------------------------------------------------------------------- */

/* The mask belongs to the class: of red most is in the left half, also when it is turned, of blue
 * in the right. */
static void
assert_mask_of (gint64 label, const float *inside)
{
  double left = 0, right = 0;

  for (int i = 0; i < MAP * MAP; i++)
    *(i % MAP < MAP / 2 ? &left : &right) += inside[i];
  g_assert_cmpfloat (label == 0 ? left - right : right - left, >, 0);
}

/* Checks every row of every batch. Returns: the labels of all epochs, a letter each. (transfer
 * full) */
static char *
draw_classes (FvTrainingSet *set, guint64 seed)
{
  g_autoptr (FvLoader) loader = fv_loader_new (set, NULL, 4, EPOCHS, seed, 0);
  GString *text = g_string_new (NULL);

  for (int i = 0; i < fv_loader_get_n_batches (loader); i++) {
    g_autoptr (FvScope) scope = fv_scope_new ();
    gint64 labels[8];
    float inside[8 * MAP * MAP], targets[4 * 2];
    gint64 rows[8] = { 0, 1, 2, 3 };
    FvBatch batch;
    gsize n;

    g_assert_true (fv_loader_next (loader, scope, &batch));
    n = (gsize) fv_tensor_get_size (batch.labels, 0);
    g_assert_cmpuint (n, <=, 8);
    g_assert_true (fv_tensor_read (batch.labels, FV_DTYPE_INT64, labels, n * 8, NULL));
    g_assert_true (fv_tensor_read (batch.inside, FV_DTYPE_FLOAT32, inside,
                                   n * MAP * MAP * sizeof (float), NULL));
    g_assert_true (
        fv_tensor_read (batch.targets, FV_DTYPE_FLOAT32, targets,
                        (gsize) fv_tensor_get_size (batch.images, 0) * 2 * sizeof (float), NULL));
    if (batch.rows != NULL)
      g_assert_true (fv_tensor_read (batch.rows, FV_DTYPE_INT64, rows, n * 8, NULL));
    for (gsize row = 0; row < n; row++) {
      assert_mask_of (labels[row], inside + row * MAP * MAP);
      g_assert_cmpfloat (targets[rows[row] * 2 + labels[row]], ==, 1);
      g_string_append_c (text, labels[row] == 0 ? 'r' : 'b');
    }
  }
  return g_string_free (text, FALSE);
}

static guint
find_both (const FvTrainingSet *set)
{
  float targets[2];

  for (guint i = 0; i < fv_training_set_get_length (set); i++) {
    fv_training_set_write_targets (set, i, targets);
    if (targets[0] + targets[1] > 1)
      return i;
  }
  g_assert_not_reached ();
}

/* One class a picture: those of one class always theirs, those of both now this, now that. */
static void
test_one (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvTrainingSet) set = load (fixture, 0);
  g_autofree char *first = draw_classes (set, 1);
  g_autofree char *again = draw_classes (set, 1);
  g_autofree char *other = draw_classes (set, 2);
  guint both = find_both (set);
  int n_red = 0;

  g_assert_cmpuint (strlen (first), ==, EPOCHS * fv_training_set_get_length (set));
  g_assert_cmpstr (first, ==, again);
  g_assert_cmpstr (first, !=, other);
  for (int epoch = 1; epoch <= 1000; epoch++)
    n_red += fv_training_set_get_mask (set, both, 0, 5, epoch) == 0;
  g_assert_cmpint (n_red, >, 440); /* four deviations of a fair coin */
  g_assert_cmpint (n_red, <, 560);
}

/* All of them: a row for each. */
static void
test_all (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvTrainingSet) set = load (fixture, 0);
  g_autofree char *text = NULL;
  gsize n_rows = 0;
  float targets[2];

  for (guint i = 0; i < fv_training_set_get_length (set); i++) {
    fv_training_set_write_targets (set, i, targets);
    n_rows += (gsize) (targets[0] + targets[1]);
  }
  fv_training_set_set_all_classes (set, TRUE);
  g_assert_cmpuint (fv_training_set_get_max_rows (set), ==, 2);
  text = draw_classes (set, 1);
  g_assert_cmpuint (n_rows, >, fv_training_set_get_length (set));
  g_assert_cmpuint (strlen (text), ==, EPOCHS * n_rows);
}

/* Where a view turns or cuts the picture, the mask of the very class goes along. */
static void
test_moved_masks (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvTrainingSet) set = load (fixture, FV_AUGMENT_ROTATE);
  g_autofree char *text = draw_classes (set, 1);

  g_assert_nonnull (strchr (text, 'r'));
  g_assert_nonnull (strchr (text, 'b'));
}

static void
assert_same (const FvTensor *a, const FvTensor *b)
{
  g_assert_true (fv_tensor_equal (a, b));
}

/* With kept features no picture is read, but what is looked at is drawn all the same. */
static void
test_kept_features (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvTrainingSet) set = load (fixture, 0);
  const FvFeatureCacheLimits limits = { fixture->folder, G_MAXUINT64, G_MAXINT64 };
  gsize n = fv_training_set_get_length (set);
  g_autoptr (FvFeatureCache) cache = fv_feature_cache_new (&limits, "key", n, 1, NULL);
  g_autofree float *rows = g_new0 (float, n);
  g_autoptr (FvLoader) loader = NULL;
  g_autoptr (FvLoader) kept = NULL;

  g_assert_true (fv_feature_cache_append (cache, rows, n, NULL));
  loader = fv_loader_new (set, NULL, 4, EPOCHS, 1, 0);
  kept = fv_loader_new (set, cache, 4, EPOCHS, 1, 0);
  for (int i = 0; i < fv_loader_get_n_batches (loader); i++) {
    g_autoptr (FvScope) scope = fv_scope_new ();
    FvBatch a, b;

    g_assert_true (fv_loader_next (loader, scope, &a) && fv_loader_next (kept, scope, &b));
    assert_same (a.labels, b.labels);
    assert_same (a.targets, b.targets);
    assert_same (a.inside, b.inside);
    assert_same (a.weight, b.weight);
  }
}

/* -- learning -------------------------------------------------------------------------------- */

typedef struct {
  double first, last, attention;
} Course;

static gboolean
note (const FvTrainProgress *progress, gpointer user_data)
{
  Course *course = user_data;

  if (progress->step == 0)
    return TRUE;
  if (progress->step == 1)
    course->first = progress->losses[FV_LOSS_CROSS_ENTROPY];
  course->last = progress->losses[FV_LOSS_CROSS_ENTROPY];
  course->attention = progress->losses[FV_LOSS_CAMAL] + progress->losses[FV_LOSS_SWAP]
                      + progress->losses[FV_LOSS_CONTRAST];
  return TRUE;
}

static FvStateDict *
train (const Fixture *fixture, FvModel *model, const FvTrainConfig *config, Course *course)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (fv_train (model, fixture->dataset, config, note, course, NULL, &error));
  g_assert_no_error (error);
  return fv_model_get_state (model, NULL);
}

static gboolean
equal (const FvStateDict *a, const FvStateDict *b)
{
  for (guint i = 0; i < fv_state_dict_get_length (a); i++)
    if (!fv_tensor_equal (fv_state_dict_get_tensor (a, i), fv_state_dict_get_tensor (b, i)))
      return FALSE;
  return TRUE;
}

static void
test_learns (Fixture *fixture, gconstpointer classes)
{
  g_autoptr (FvTrainConfig) config = new_config ();
  g_autoptr (FvModel) model = new_model (fixture);
  g_autoptr (FvModel) second = new_model (fixture);
  g_autoptr (FvStateDict) state = NULL, again = NULL;
  Course course;

  config->attention_classes = GPOINTER_TO_INT (classes);
  state = train (fixture, model, config, &course);
  g_assert_cmpfloat (course.first, <, 4 * log (2));
  g_assert_cmpfloat (course.last, <, course.first / 3);
  g_assert_true (isfinite (course.attention));
  g_assert_true (fv_model_get_card (model)->multi_label);
  again = train (fixture, second, config, &course);
  g_assert_true (equal (state, again));
}

/* Probabilities are sigmoids: they need not add up to 1, and the best is one of the photo's. */
static void
test_measured (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvTrainConfig) config = new_config ();
  g_autoptr (FvModel) model = new_model (fixture);
  g_autoptr (FvModel) opened = NULL;
  g_autoptr (FvEvaluation) evaluation = NULL;
  g_autofree char *run = g_build_filename (fixture->folder, "run", NULL);
  const FvEvaluationOptions options = { .target_label = TRUE };
  g_autoptr (GError) error = NULL;
  double doubt = 0;

  fv_run_train (model, fixture->dataset, config, run, FALSE, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  opened = fv_model_open (&(FvModelSource){ .model = run }, 0, &error);
  g_assert_no_error (error);
  g_assert_true (fv_model_get_card (opened)->multi_label);
  evaluation
      = fv_evaluate (opened, fixture->dataset, FV_SPLIT_TRAIN, &options, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpfloat (fv_evaluation_get_accuracy (evaluation).value, ==, 1);
  g_assert_cmpfloat (fv_evaluation_get_mean_average_precision (evaluation, FALSE).value, >, 0.99);
  for (gsize i = 0; i < fv_evaluation_get_n_results (evaluation); i++)
    doubt += 1 - fv_evaluation_get_result (evaluation, i)->probability;
  /* All are right, so that every bin is as much too low as its pictures are below 1. */
  g_assert_cmpfloat_with_epsilon (fv_evaluation_get_calibration_error (evaluation).value,
                                  doubt / (double) fv_evaluation_get_n_results (evaluation), 1e-9);
}

/* What is measured of one picture against the mask of class @label alone. */
static FvLocalisation
localise (const Fixture *fixture, FvModel *model, const char *method, gsize sample, int label)
{
  const FvSample *photo = fv_dataset_get_sample (fixture->dataset, sample);
  g_autoptr (FvImage) image = fv_image_load (photo->path, NULL);
  g_autoptr (FvScope) scope = fv_scope_new ();
  FvTensor *input = fv_input_from_image (scope, fixture->card, image, FALSE);
  FvExplainOptions options = fv_explain_options_default (method);
  g_autoptr (FvInspection) inspection = fv_explain_inspect (model, input, method, NULL, NULL, NULL);
  g_autoptr (FvMask) mask
      = fv_dataset_load_class_mask (fixture->dataset, sample, label, SIDE, SIDE, NULL);
  g_autoptr (GPtrArray) maps = NULL;
  const FvMap *map;

  options.targets = &label;
  options.keep_sign = TRUE;
  options.seed = sample;
  maps = fv_explain (inspection, input, &options, NULL, NULL);
  map = g_ptr_array_index (maps, 0);
  return fv_localisation_measure (map->values, map->width, map->height, mask, SIDE, SIDE);
}

/* A head that says @label whatever it sees. */
static void
insist (FvModel *model, int label)
{
  FvGraph *graph = fv_model_get_graph (model);
  const float bias[] = { label == 0 ? 1e4f : -1e4f, label == 1 ? 1e4f : -1e4f };
  g_autoptr (FvTensor) tensor
      = fv_tensor_new (FV_DTYPE_FLOAT32, (const gint64[]){ 2 }, 1, bias, sizeof bias, NULL);

  fv_graph_set_parameter (graph, fv_graph_find_parameter (graph, "fc.bias"), tensor);
}

/* Each class is looked for where it is itself, by every method; of a class that is not there
 * regions say nothing. */
static void
test_localised (Fixture *fixture, gconstpointer unused)
{
  const FvMetricSelection metrics = { .localisation = ~(guint32) 0 };
  FvEvaluationOptions options = { .metrics = &metrics };
  g_autoptr (FvModel) model = new_model (fixture);

  for (guint m = 0; m < 2 * fv_method_get_n (); m++) {
    int label = m % 2;
    g_autoptr (FvEvaluation) evaluation = NULL;
    gsize n_shown = 0;

    options.method = fv_method_get (m / 2)->key;
    if (fv_method_get (m / 2)->needs_attention)
      continue;
    insist (model, label);
    evaluation
        = fv_evaluate (model, fixture->dataset, FV_SPLIT_TRAIN, &options, NULL, NULL, NULL, NULL);
    for (gsize i = 0; i < fv_evaluation_get_n_results (evaluation); i++) {
      const FvImageResult *result = fv_evaluation_get_result (evaluation, i);
      const double *values = result->localisation.values;
      FvLocalisation expected;

      g_assert_cmpint (result->prediction, ==, label);
      if (!fv_dataset_has_class (fixture->dataset, result->sample, label)) {
        g_assert_true (isnan (values[FV_LOCALISATION_MASK]));
        continue;
      }
      n_shown++;
      expected = localise (fixture, model, options.method, result->sample, label);
      g_assert_cmpmem (&result->localisation, sizeof expected, &expected, sizeof expected);
    }
    g_assert_cmpuint (fv_evaluation_get_localisation (evaluation, FV_LOCALISATION_MASK).n, ==,
                      n_shown);
    g_assert_cmpuint (n_shown, >, 0);
  }
}

/* -- what is refused ------------------------------------------------------------------------- */

static void
assert_refused (const Fixture *fixture, const FvTrainConfig *config, const char *phrase)
{
  g_autoptr (FvModel) model = new_model (fixture);
  g_autoptr (GError) error = NULL;

  g_assert_false (fv_train (model, fixture->dataset, config, NULL, NULL, NULL, &error));
  assert_says (error, phrase);
}

static void
test_refused (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvTrainConfig) config = new_config ();

  config->weights[FV_LOSS_RRR] = 1;
  assert_refused (fixture, config, "rrr");
  config->weights[FV_LOSS_RRR] = 0;
  config->augment = FV_AUGMENT_BACKGROUND;
  assert_refused (fixture, config, "background");
  config->augment = 0;
  config->attention_classes = FV_ATTENTION_ALL_CLASSES;
  config->layer = g_strdup ("block2");
  assert_refused (fixture, config, "block2");
  config->attention_classes = FV_ATTENTION_ONE_CLASS;
  config->weights[FV_LOSS_MATCH] = 1;
  config->match.target = FV_MATCH_OF_PREDICTED;
  assert_refused (fixture, config, "--match-target");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, data, function) g_test_add (path, Fixture, data, set_up, function, tear_down)
  ADD ("/several-classes/one", NULL, test_one);
  ADD ("/several-classes/all", NULL, test_all);
  ADD ("/several-classes/moved-masks", NULL, test_moved_masks);
  ADD ("/several-classes/learns-one", GINT_TO_POINTER (FV_ATTENTION_ONE_CLASS), test_learns);
  ADD ("/several-classes/learns-all", GINT_TO_POINTER (FV_ATTENTION_ALL_CLASSES), test_learns);
  ADD ("/several-classes/kept-features", NULL, test_kept_features);
  ADD ("/several-classes/measured", NULL, test_measured);
  ADD ("/several-classes/localised", NULL, test_localised);
  ADD ("/several-classes/refused", NULL, test_refused);
#undef ADD
  return g_test_run ();
}
