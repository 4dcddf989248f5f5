/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The frozen part of a network, run once: the same numbers as run each time, for every view of
 * every picture, and found again by those who ask for the same. */

#include <fcntl.h>
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>

#include "fv-augment.h"
#include "fv-executor.h"
#include "fv-feature-key.h"
#include "fv-features.h"
#include "fv-loader.h"
#include "fv-model.h"
#include "fv-runtime.h"
#include "fv-scenes.h"
#include "fv-trainer.h"
#include "temporary-folder.h"

#define N_TRAIN 11
#define SIDE 32
#define MAP 4
#define N_EPOCHS 5
#define EVERYTHING                                                                                 \
  (FV_AUGMENT_FLIP | FV_AUGMENT_CROP | FV_AUGMENT_ROTATE | FV_AUGMENT_COLOUR | FV_AUGMENT_GREY)

typedef struct {
  char *folder, *cache_folder;
  FvDataset *dataset;
  FvModel *model;
  FvFrozenPart *frozen;
  FvFeatureCacheLimits limits;
} Fixture;

static FvModel *
new_model (void)
{
  g_autoptr (FvCard) card = fv_card_new ("small_cnn");

  card->width = card->height = SIDE;
  return fv_model_new (card, 4, 7, NULL);
}

/* Below block3, and the value of block1 too. */
static FvFrozenPart *
freeze (FvModel *model)
{
  FvGraph *graph = fv_model_get_graph (model);
  FvNodeId also = fv_graph_find_layer (graph, "block1", NULL);
  g_autoptr (GError) error = NULL;
  FvFrozenPart *frozen = fv_frozen_part_new (graph, fv_model_get_card (model),
                                             fv_graph_find_layer_start (graph, "block3", NULL),
                                             &also, 1, NULL, &error);

  g_assert_no_error (error);
  return frozen;
}

static void
set_up (Fixture *fixture, gconstpointer unused)
{
  const FvScenesOptions options = { .rho = 1, .n_train = N_TRAIN, .n_test = 1, .size = 40 };

  fixture->folder = temporary_folder_new ();
  fixture->cache_folder = g_build_filename (fixture->folder, "kept", NULL);
  g_assert_true (fv_scenes_build (fixture->folder, &options, NULL, NULL));
  fixture->dataset = fv_dataset_open (fixture->folder, 0, NULL);
  fixture->model = new_model ();
  fixture->frozen = freeze (fixture->model);
  fixture->limits = (FvFeatureCacheLimits){ fixture->cache_folder, G_MAXUINT64, G_MAXINT64 };
}

static void
tear_down (Fixture *fixture, gconstpointer unused)
{
  fv_frozen_part_free (fixture->frozen);
  fv_model_unref (fixture->model);
  fv_dataset_unref (fixture->dataset);
  temporary_folder_remove (fixture->folder);
  g_free (fixture->folder);
  g_free (fixture->cache_folder);
}

static FvTrainingSet *
load (const Fixture *fixture, guint augment, guint n_views)
{
  g_autoptr (GError) error = NULL;
  FvTrainingSet *set
      = fv_training_set_load (fixture->dataset, FV_SPLIT_TRAIN, fv_model_get_card (fixture->model),
                              MAP, MAP, augment, NULL, &error);

  g_assert_no_error (error);
  fv_training_set_set_views (set, n_views);
  return set;
}

static gboolean
count_call (double share, gpointer user_data)
{
  g_assert_cmpfloat (share, >, 0);
  g_assert_cmpfloat (share, <=, 1);
  *(int *) user_data += 1;
  return TRUE;
}

/* @n_calls of the callback were needed. */
static FvFeatureCache *
compute (const Fixture *fixture, FvTrainingSet *set, guint64 seed, int *n_calls)
{
  g_autoptr (GError) error = NULL;
  FvFeatureCache *cache;

  *n_calls = 0;
  cache = fv_features_prepare (fixture->frozen, set, N_EPOCHS, seed, &fixture->limits, count_call,
                               n_calls, NULL, &error);
  g_assert_no_error (error);
  return cache;
}

/* -- the frozen part ------------------------------------------------------------------------ */

static FvTensor *
random_pictures (FvScope *scope, gint64 n)
{
  return fv_call (scope, "aten::randn", fv_ints (n, 3, SIDE, SIDE));
}

/* What it gives is what the graph gives, and of a picture always the same bits. */
static void
test_frozen_part (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvScope) scope = fv_scope_new ();
  FvGraph *graph = fv_model_get_graph (fixture->model);
  FvTensor *pictures = random_pictures (scope, 5);
  FvTensor *fourth
      = fv_call (scope, "aten::narrow", fv_of (pictures), fv_int (0), fv_int (3), fv_int (1));
  g_autoptr (FvActivations) many = fv_frozen_part_run (fixture->frozen, pictures, NULL, NULL);
  g_autoptr (FvActivations) single = fv_frozen_part_run (fixture->frozen, fourth, NULL, NULL);
  const FvNodeId nodes[] = { fv_frozen_part_get_start (fixture->frozen) - 1,
                             fv_graph_find_layer (graph, "block1", NULL) };
  gsize row_floats = 0;

  g_assert_cmpuint (fv_frozen_part_get_nodes (fixture->frozen)->len, ==, 2);
  for (gsize i = 0; i < G_N_ELEMENTS (nodes); i++) {
    FvNodeId node = nodes[i];
    g_autoptr (FvActivations) exact
        = fv_model_run_exactly (fixture->model, pictures, &node, 1, NULL, NULL);
    FvTensor *found = fv_activations_get (many, node);
    FvTensor *part
        = fv_call (scope, "aten::narrow", fv_of (found), fv_int (0), fv_int (3), fv_int (1));
    gsize n;
    g_autofree float *a = fv_tensor_to_floats (found, &n, NULL);
    g_autofree float *b = fv_tensor_to_floats (fv_activations_get (exact, node), &n, NULL);
    float largest = 0;

    for (gsize j = 0; j < n; j++)
      largest = fmaxf (largest, fabsf (b[j]));
    for (gsize j = 0; j < n; j++)
      g_assert_cmpfloat (fabsf (a[j] - b[j]), <=, 2e-5f * largest);
    g_assert_true (fv_tensor_equal (part, fv_activations_get (single, node)));
    row_floats += n / 5;
  }
  g_assert_cmpuint (fv_frozen_part_get_row_floats (fixture->frozen), ==, row_floats);
}

/* A value that all pictures share cannot be kept by picture: then nothing is, and batches are run
 * as they are. */
static void
test_shared_value (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvScope) scope = fv_scope_new ();
  g_autoptr (FvGraph) graph = fv_graph_new ();
  g_autoptr (FvFrozenPart) frozen = NULL;
  g_autoptr (FvActivations) values = NULL;
  g_autoptr (FvTrainingSet) set = load (fixture, 0, 0);
  const FvCard *card = fv_model_get_card (fixture->model);
  FvNodeId input = fv_graph_add_input (graph);
  FvNodeId mean
      = fv_op_node (graph, "mean", "aten::mean", fv_from (input), fv_constant (fv_none ()));
  FvNodeId sum = fv_op_node (graph, "sum", "aten::sub.Tensor", fv_from (input), fv_from (mean),
                             fv_constant (fv_int (1)));
  FvTensor *pictures = random_pictures (scope, 3);

  fv_graph_set_output (graph, sum);
  g_assert_true (fv_graph_check (graph, NULL));
  frozen = fv_frozen_part_new (graph, card, sum, NULL, 0, NULL, NULL);
  g_assert_nonnull (frozen);
  g_assert_cmpuint (fv_frozen_part_get_row_floats (frozen), ==, 0);
  g_assert_null (fv_features_prepare (frozen, set, 1, 0, &fixture->limits, NULL, NULL, NULL, NULL));
  values = fv_frozen_part_run (frozen, pictures, NULL, NULL);
  g_assert_cmpfloat (fv_tensor_to_double (fv_activations_get (values, mean)), ==,
                     fv_tensor_to_double (fv_call (scope, "aten::mean", fv_of (pictures))));
}

/* -- batches -------------------------------------------------------------------------------- */

static void
assert_same_tensor (FvTensor *a, FvTensor *b)
{
  g_assert_true (fv_tensor_equal (a, b));
}

/* What a batch's pictures become, with features and without, and everything beside them. */
static void
compare_batches (const Fixture *fixture, FvLoader *with, FvLoader *without)
{
  g_assert_cmpint (fv_loader_get_n_batches (with), ==, fv_loader_get_n_batches (without));
  for (int i = 0; i < fv_loader_get_n_batches (with); i++) {
    g_autoptr (FvScope) scope = fv_scope_new ();
    g_autoptr (FvActivations) kept = NULL;
    g_autoptr (FvActivations) anew = NULL;
    const GArray *nodes = fv_frozen_part_get_nodes (fixture->frozen);
    FvBatch a, b;

    g_assert_true (fv_loader_next (with, scope, &a) && fv_loader_next (without, scope, &b));
    g_assert_null (a.images);
    g_assert_null (b.features);
    assert_same_tensor (a.labels, b.labels);
    assert_same_tensor (a.inside, b.inside);
    assert_same_tensor (a.opinion, b.opinion);
    assert_same_tensor (a.weight, b.weight);
    g_assert_cmpint (a.epoch, ==, b.epoch);
    kept = fv_frozen_part_unpack (fixture->frozen, a.features, NULL);
    anew = fv_frozen_part_run (fixture->frozen, b.images, NULL, NULL);
    for (guint j = 0; j < nodes->len; j++) {
      FvNodeId node = g_array_index (nodes, FvNodeId, j);

      assert_same_tensor (fv_activations_get (kept, node), fv_activations_get (anew, node));
    }
  }
}

/* In memory, in a file, and as a later run finds them. */
static void
test_same_batches (Fixture *fixture, gconstpointer unused)
{
  static const struct {
    guint augment, n_views;
    int n_chunks; /* of 8 pictures of 11 */
  } cases[]
      = { { 0, 0, 2 }, { FV_AUGMENT_FLIP, 0, 4 }, { EVERYTHING, 3, 6 }, { EVERYTHING, 9, 10 } };

  for (gsize i = 0; i < 3 * G_N_ELEMENTS (cases); i++) {
    guint augment = cases[i / 3].augment;
    g_autoptr (FvTrainingSet) with = load (fixture, augment, cases[i / 3].n_views);
    g_autoptr (FvTrainingSet) without = load (fixture, augment, cases[i / 3].n_views);
    g_autoptr (FvFeatureCache) cache = NULL;
    g_autoptr (FvLoader) first = NULL;
    g_autoptr (FvLoader) second = NULL;
    int n_calls;

    if (i % 3 == 0)
      temporary_folder_remove (fixture->cache_folder);
    fixture->limits.memory_limit = i % 3 == 1 ? 0 : G_MAXUINT64;
    cache = compute (fixture, with, 5, &n_calls);
    g_assert_cmpint (n_calls, ==, i % 3 == 0 ? cases[i / 3].n_chunks : 0);
    g_assert_true (fv_feature_cache_is_in_memory (cache) == (i % 3 != 1));
    first = fv_loader_new (with, cache, 4, N_EPOCHS, 5, 0);
    second = fv_loader_new (without, NULL, 4, N_EPOCHS, 5, 0);
    compare_batches (fixture, first, second);
  }
}

static const char *
photo_path (const Fixture *fixture, gsize sample)
{
  return fv_dataset_get_sample (fixture->dataset, sample)->path;
}

/* Makes the inside of a picture unreadable, but neither its size nor its time. */
static void
damage (const char *path)
{
  g_autofree char *bytes = NULL;
  struct stat status;
  gsize n;

  g_assert_cmpint (stat (path, &status), ==, 0);
  g_assert_true (g_file_get_contents (path, &bytes, &n, NULL));
  for (gsize i = n / 2; i < n / 2 + 40; i++)
    bytes[i] = (char) ~bytes[i];
  g_assert_true (g_file_set_contents (path, bytes, (gssize) n, NULL));
  g_assert_cmpint (
      utimensat (AT_FDCWD, path, (const struct timespec[]){ status.st_atim, status.st_mtim }, 0),
      ==, 0);
}

/* Pictures are not even decoded: one that cannot be is not noticed any more. */
static void
test_no_pictures (Fixture *fixture, gconstpointer unused)
{
  for (int i = 0; i < 2; i++) {
    g_autoptr (FvTrainingSet) set = load (fixture, i == 0 ? FV_AUGMENT_FLIP : EVERYTHING, 2);
    g_autoptr (FvTrainingSet) again = NULL;
    g_autoptr (FvFeatureCache) cache = NULL;
    g_autoptr (FvLoader) loader = NULL;
    int n_calls;

    cache = compute (fixture, set, 5, &n_calls);
    g_assert_cmpint (n_calls, >, 0);
    damage (photo_path (fixture, 3));
    again = load (fixture, i == 0 ? FV_AUGMENT_FLIP : EVERYTHING, 2);
    g_clear_pointer (&cache, fv_feature_cache_free);
    cache = compute (fixture, again, 5, &n_calls);
    g_assert_cmpint (n_calls, ==, 0);
    loader = fv_loader_new (again, cache, 4, 1, 5, 0);
    for (int j = 0; j < fv_loader_get_n_batches (loader); j++) {
      g_autoptr (FvScope) scope = fv_scope_new ();
      FvBatch batch;

      g_assert_true (fv_loader_next (loader, scope, &batch));
    }
    damage (photo_path (fixture, 3)); /* which heals it */
  }
}

/* -- keys ----------------------------------------------------------------------------------- */

static void
change_weight (const Fixture *fixture, const char *name)
{
  FvGraph *graph = fv_model_get_graph (fixture->model);
  FvTensor *weight = fv_graph_get_parameter (graph, fv_graph_find_parameter (graph, name));
  g_autoptr (FvScope) scope = fv_scope_new ();
  FvTensor *other = fv_call (scope, "aten::add.Scalar", fv_of (weight), fv_real (1e-3));

  g_assert_true (fv_tensor_copy_from (weight, other, NULL));
}

static char *
key_of (const Fixture *fixture, guint augment, guint n_views, guint64 seed)
{
  g_autoptr (FvTrainingSet) set = load (fixture, augment, n_views);

  return fv_feature_key_new (fixture->frozen, set, n_views, seed);
}

/* Compares the key now with @before. */
static void
assert_key (const Fixture *fixture, const char *before, gboolean same)
{
  g_autofree char *key = key_of (fixture, FV_AUGMENT_FLIP, 2, 1);

  if (g_str_equal (key, before) != same)
    g_error ("the key has %s", same ? "changed" : "stayed");
}

static void
test_keys (Fixture *fixture, gconstpointer unused)
{
  g_autofree char *key = key_of (fixture, FV_AUGMENT_FLIP, 2, 1);
  g_autofree char *other_seed = key_of (fixture, FV_AUGMENT_FLIP, 2, 2);
  g_autofree char *plain = key_of (fixture, 0, 1, 1);
  g_autofree char *drawn = key_of (fixture, EVERYTHING, 2, 1);
  g_autofree char *drawn_otherwise = key_of (fixture, EVERYTHING, 2, 2);
  g_autofree char *more = key_of (fixture, EVERYTHING, 3, 1);
  g_autoptr (FvFrozenPart) other_cut = NULL;
  FvGraph *graph = fv_model_get_graph (fixture->model);
  const struct timespec times[2] = { { .tv_sec = 1 }, { .tv_sec = 1 } };

  g_assert_cmpuint (strlen (key), ==, 64);
  g_assert_cmpstr (key, ==, other_seed); /* mirrored is mirrored */
  g_assert_cmpstr (key, !=, plain);
  g_assert_cmpstr (drawn, !=, drawn_otherwise);
  g_assert_cmpstr (drawn, !=, more);
  change_weight (fixture, "fc.weight");
  change_weight (fixture, "block3.conv.weight");
  assert_key (fixture, key, TRUE);
  change_weight (fixture, "block2.bn.running_var");
  assert_key (fixture, key, FALSE);
  g_free (g_steal_pointer (&key));
  key = key_of (fixture, FV_AUGMENT_FLIP, 2, 1);
  g_assert_cmpint (utimensat (AT_FDCWD, photo_path (fixture, 3), times, 0), ==, 0);
  assert_key (fixture, key, FALSE);
  g_free (g_steal_pointer (&key));
  key = key_of (fixture, FV_AUGMENT_FLIP, 2, 1);
  other_cut
      = fv_frozen_part_new (graph, fv_model_get_card (fixture->model),
                            fv_graph_find_layer_start (graph, "block3", NULL), NULL, 0, NULL, NULL);
  fv_frozen_part_free (fixture->frozen);
  fixture->frozen = g_steal_pointer (&other_cut);
  assert_key (fixture, key, FALSE);
}

/* -- preparing ------------------------------------------------------------------------------ */

static gboolean
stop (double share, gpointer user_data)
{
  return FALSE;
}

static int
count_files (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  int n = 0;

  while (dir != NULL && g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

static void
test_stopped (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvTrainingSet) set = load (fixture, 0, 0);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) stopped = NULL;
  g_autoptr (GError) cancelled = NULL;

  fixture->limits.memory_limit = 0;
  g_assert_null (fv_features_prepare (fixture->frozen, set, 1, 0, &fixture->limits, stop, NULL,
                                      NULL, &stopped));
  g_assert_error (stopped, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_cancellable_cancel (cancellable);
  g_assert_null (fv_features_prepare (fixture->frozen, set, 1, 0, &fixture->limits, NULL, NULL,
                                      cancellable, &cancelled));
  g_assert_error (cancelled, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (count_files (fixture->cache_folder), ==, 0);
}

/* Where there is no room it is said, and training does without. */
static void
test_no_room (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvTrainingSet) set = load (fixture, 0, 0);
  g_autoptr (GError) error = NULL;

  fixture->limits.memory_limit = 0;
  g_assert_true (g_file_set_contents (fixture->cache_folder, "a file", -1, NULL));
  g_test_expect_message (NULL, G_LOG_LEVEL_MESSAGE, "*kept*computed anew*");
  g_assert_null (
      fv_features_prepare (fixture->frozen, set, 1, 0, &fixture->limits, NULL, NULL, NULL, &error));
  g_test_assert_expected_messages ();
  g_assert_no_error (error);
}

/* A picture that is damaged inside ends the preparing with its name. */
static void
test_damaged_picture (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvTrainingSet) set = NULL;
  g_autoptr (GError) error = NULL;

  damage (photo_path (fixture, 9));
  set = load (fixture, 0, 0);
  g_assert_null (
      fv_features_prepare (fixture->frozen, set, 1, 0, &fixture->limits, NULL, NULL, NULL, &error));
  g_assert_nonnull (error);
  g_assert_nonnull (strstr (error->message, photo_path (fixture, 9)));
  g_assert_cmpint (count_files (fixture->cache_folder), ==, 0);
}

/* -- training ------------------------------------------------------------------------------- */

typedef struct {
  int n_prepared, n_steps;
  double share;
} Calls;

static gboolean
on_step (const FvTrainProgress *progress, gpointer user_data)
{
  Calls *calls = user_data;

  g_assert_cmpint (progress->n_steps, ==, 3 * 2);
  if (progress->step == 0) {
    g_assert_cmpint (calls->n_steps, ==, 0);
    g_assert_cmpfloat (progress->prepared, >, calls->share);
    calls->share = progress->prepared;
    calls->n_prepared++;
  } else {
    g_assert_cmpfloat (progress->prepared, ==, 1);
    calls->n_steps++;
  }
  return TRUE;
}

/* The weights after two epochs. */
static FvStateDict *
train (const Fixture *fixture, const char *layer, int views, Calls *calls)
{
  g_autoptr (FvTrainConfig) config = fv_train_config_new ();
  g_autoptr (FvModel) model = new_model ();
  g_autoptr (GError) error = NULL;

  config->epochs = 2;
  config->batch_size = 4;
  config->augment = EVERYTHING;
  config->views = views;
  config->seed = 3;
  config->freeze_below = g_strdup (layer);
  *calls = (Calls){ 0 };
  fv_train (model, fixture->dataset, config, on_step, calls, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (calls->n_steps, ==, 6);
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

/* As many views as epochs are what every epoch would draw anew, where nothing can be kept: the
 * weights are equal to the bit. With fc alone the maps' layer is frozen too. */
static void
test_training (Fixture *fixture, gconstpointer unused)
{
  static const char *const layers[] = { "block3", "fc" };

  for (gsize i = 0; i < G_N_ELEMENTS (layers); i++) {
    Calls anew, kept, found, fewer;
    g_autoptr (FvStateDict) a = train (fixture, layers[i], 0, &anew);
    g_autoptr (FvStateDict) b = train (fixture, layers[i], 2, &kept);
    g_autoptr (FvStateDict) c = train (fixture, layers[i], 3, &found);
    g_autoptr (FvStateDict) d = train (fixture, layers[i], 1, &fewer);

    g_assert_cmpint (anew.n_prepared, ==, 0);
    g_assert_cmpint (kept.n_prepared, ==, 4);
    g_assert_cmpfloat (kept.share, ==, 1);
    g_assert_cmpint (found.n_prepared, ==, 0);
    g_assert_cmpint (fewer.n_prepared, ==, 2);
    g_assert_true (equal (a, b));
    g_assert_true (equal (a, c));
    g_assert_false (equal (a, d));
  }
}

int
main (int argc, char **argv)
{
  g_autofree char *cache_home = temporary_folder_new ();
  int status;

  g_setenv ("XDG_CACHE_HOME", cache_home, TRUE); /* where trainings keep features */
  g_test_init (&argc, &argv, NULL);
  fv_runtime_start (1);
#define ADD(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)
  ADD ("/features/frozen-part", test_frozen_part);
  ADD ("/features/shared-value", test_shared_value);
  ADD ("/features/same-batches", test_same_batches);
  ADD ("/features/no-pictures", test_no_pictures);
  ADD ("/features/keys", test_keys);
  ADD ("/features/stopped", test_stopped);
  ADD ("/features/no-room", test_no_room);
  ADD ("/features/damaged-picture", test_damaged_picture);
  ADD ("/features/training", test_training);
#undef ADD
  status = g_test_run ();
  temporary_folder_remove (cache_home);
  return status;
}
