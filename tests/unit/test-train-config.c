/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A run's config.json: what is written is read back, and nothing else is believed. */

#include <string.h>

#include "fv-augment.h"
#include "fv-run-config.h"
#include "fv-runtime.h"
#include "temporary-folder.h"

typedef struct {
  char *folder, *path;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer unused)
{
  fixture->folder = temporary_folder_new ();
  fixture->path = g_build_filename (fixture->folder, "config.json", NULL);
}

static void
tear_down (Fixture *fixture, gconstpointer unused)
{
  temporary_folder_remove (fixture->folder);
  g_free (fixture->folder);
  g_free (fixture->path);
}

static FvRunConfig *
new_record (void)
{
  FvRunConfig *record = g_new0 (FvRunConfig, 1);
  FvTrainConfig *settings = record->settings = fv_train_config_new ();

  settings->weights[FV_LOSS_SWAP] = 0.1;
  settings->layer = g_strdup ("features.18 “ü”\n");
  settings->train_batch_norm = TRUE;
  settings->epochs = 77;
  settings->learning_rate = 1.0 / 3;
  settings->optimizer = FV_OPTIMIZER_SGD;
  settings->augment = FV_AUGMENT_FLIP | FV_AUGMENT_CROP;
  settings->seed = G_MAXUINT64;
  settings->patience = 4;
  settings->keep = FV_KEEP_BEST;
  record->data = g_strdup ("/data");
  record->model = g_strdup ("resnet18");
  record->weights_sha256 = g_strdup ("abc");
  record->threads = 3;
  return record;
}

static void
test_round_trip (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvRunConfig) record = new_record ();
  g_autoptr (FvRunConfig) found = NULL;
  g_autoptr (GError) error = NULL;

  fv_run_config_save (record, fixture->path, &error);
  g_assert_no_error (error);
  found = fv_run_config_load (fixture->path, &error);
  g_assert_no_error (error);
  g_assert_null (fv_train_config_find_difference (record->settings, found->settings));
  g_assert_cmpfloat (found->settings->learning_rate, ==, 1.0 / 3);
  g_assert_cmpuint (found->settings->seed, ==, G_MAXUINT64);
  g_assert_cmpstr (found->settings->layer, ==, record->settings->layer);
  g_assert_cmpint (found->settings->keep, ==, FV_KEEP_BEST);
  g_assert_cmpstr (found->data, ==, "/data");
  g_assert_cmpstr (found->model, ==, "resnet18");
  g_assert_null (found->weights);
  g_assert_cmpstr (found->weights_sha256, ==, "abc");
  g_assert_cmpint (found->threads, ==, 3);
}

static void
test_differences (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvTrainConfig) a = fv_train_config_new ();
  g_autoptr (FvTrainConfig) b = fv_train_config_copy (a);

  b->checkpoint_seconds = 1;
  g_assert_null (fv_train_config_find_difference (a, b));
  b->seed = 1;
  g_assert_cmpstr (fv_train_config_find_difference (a, b), ==, "--seed");
  b->layer = g_strdup ("conv");
  g_assert_cmpstr (fv_train_config_find_difference (a, b), ==, "--layer");
  b->weights[FV_LOSS_CAMAL] = 2;
  g_assert_cmpstr (fv_train_config_find_difference (a, b), ==, "--loss");
}

/* @text is refused with a sentence that names the file and @what. */
static void
assert_refused (const Fixture *fixture, const char *text, const char *what)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_set_contents (fixture->path, text, -1, NULL));
  g_assert_null (fv_run_config_load (fixture->path, &error));
  g_assert_nonnull (error);
  if (strstr (error->message, fixture->path) == NULL || strstr (error->message, what) == NULL)
    g_error ("“%s”: %s", text, error->message);
}

static void
test_hostile (Fixture *fixture, gconstpointer unused)
{
  g_autofree char *nested = g_strnfill (100000, '[');

  assert_refused (fixture, "", "empty");
  assert_refused (fixture, nested, "nests");
  assert_refused (fixture, "[1]", "JSON object");
  assert_refused (fixture, "{\"losses\": ", "JSON");
  assert_refused (fixture, "{}", "losses");
  assert_refused (fixture, "{\"losses\": {\"magic\": 1}}", "magic");
  assert_refused (fixture, "{\"losses\": {\"ce\": \"1\"}}", "ce");
  assert_refused (fixture, "{\"losses\": {\"ce\": -1}}", "weight");
#define WITH(member) "{\"losses\": {\"ce\": 1}, " member "}"
  assert_refused (fixture, WITH ("\"epochs\": 1e300"), "epochs");
  assert_refused (fixture, WITH ("\"epochs\": 99999999999"), "epochs");
  assert_refused (fixture, WITH ("\"epochs\": -1"), "epochs");
  assert_refused (fixture, WITH ("\"epochs\": null"), "epochs");
  assert_refused (fixture, WITH ("\"lr\": true"), "lr");
  assert_refused (fixture, WITH ("\"lr\": [1]"), "lr");
  assert_refused (fixture, WITH ("\"layer\": 7"), "layer");
  assert_refused (fixture, WITH ("\"seed\": \"-1\""), "seed");
  assert_refused (fixture, WITH ("\"seed\": \"18446744073709551616\""), "seed");
  assert_refused (fixture, WITH ("\"optimizer\": \"magic\""), "optimizer");
  assert_refused (fixture, WITH ("\"augment\": \"magic\""), "augment");
  assert_refused (fixture, WITH ("\"cosine\": \"yes\""), "cosine");
  assert_refused (fixture, WITH ("\"data\": {}"), "data");
  assert_refused (fixture, WITH ("\"threads\": 0"), "threads");
  assert_refused (fixture, WITH ("\"threads\": 1e9"), "threads");
#undef WITH
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  fv_runtime_start (1);
#define ADD(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)
  ADD ("/train-config/round-trip", test_round_trip);
  ADD ("/train-config/differences", test_differences);
  ADD ("/train-config/hostile", test_hostile);
#undef ADD
  return g_test_run ();
}
