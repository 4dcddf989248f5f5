/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The list of runs is read from folders that anybody may have written. */

#include "fv-run-list.h"

#include <glib/gstdio.h>
#include <math.h>
#include <utime.h>

#include "fv-scenes.h"
#include "temporary-folder.h"

typedef struct {
  char *root;
  FvDataset *dataset;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  FvScenesOptions options = fv_scenes_options_default ();
  g_autofree char *folder = NULL;
  GError *error = NULL;

  options.n_train = options.n_validation = options.n_test = 4;
  options.size = 32;
  fixture->root = temporary_folder_new ();
  folder = g_build_filename (fixture->root, "pictures", NULL);
  g_assert_true (fv_scenes_build (folder, &options, NULL, &error));
  g_assert_no_error (error);
  fixture->dataset = fv_dataset_open (folder, 0, &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  fv_dataset_unref (fixture->dataset);
  temporary_folder_remove (fixture->root);
  g_free (fixture->root);
}

static void
write_file (const char *folder, const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

/* A run that began @time seconds after 1970. (transfer full): its folder */
static char *
add_run (const Fixture *fixture, const char *name, gint64 time, const char *config)
{
  char *folder = g_build_filename (fv_dataset_get_path (fixture->dataset), "runs", name, NULL);
  g_autofree char *path = g_build_filename (folder, "config.json", NULL);
  struct utimbuf times = { time, time };

  g_assert_cmpint (g_mkdir_with_parents (folder, 0755), ==, 0);
  write_file (folder, "config.json", config);
  g_assert_cmpint (g_utime (path, &times), ==, 0);
  return folder;
}

#define CONFIG "{\"losses\": {\"ce\": 1, \"swap\": 2, \"camal\": 1}, \"seed\": \"7\"}"
#define METRICS                                                                                    \
  "{\"accuracy\": {\"value\": 0.75, \"ci95\": [0, 1]}, \"alignment\": {\"energy\": {\"value\": "   \
  "1}}}"

static void
test_outcomes (Fixture *fixture, gconstpointer data)
{
  g_autofree char *finished = add_run (fixture, "a", 100, CONFIG);
  g_autofree char *stopped = add_run (fixture, "b", 300, CONFIG);
  g_autofree char *killed = add_run (fixture, "c", 200, CONFIG);
  g_autofree char *begun = add_run (fixture, "d", 400, CONFIG);
  g_autoptr (GPtrArray) runs = NULL;
  const FvRunSummary *run;

  write_file (finished, "model.safetensors", "w");
  write_file (finished, "metrics.json", METRICS);
  write_file (stopped, "model.safetensors", "w");
  write_file (stopped, "checkpoint.safetensors", "c");
  write_file (stopped, "metrics.json", METRICS);
  write_file (killed, "checkpoint.safetensors", "c");
  runs = fv_run_list_read (fixture->dataset);
  g_assert_cmpuint (runs->len, ==, 3); /* nothing is left of the last one */

  run = g_ptr_array_index (runs, 0);
  g_assert_cmpstr (run->folder, ==, stopped);
  g_assert_cmpint (run->outcome, ==, FV_RUN_OUTCOME_STOPPED);
  g_assert_true (run->has_weights && run->has_checkpoint);
  run = g_ptr_array_index (runs, 1);
  g_assert_cmpstr (run->folder, ==, killed);
  g_assert_cmpint (run->outcome, ==, FV_RUN_OUTCOME_INTERRUPTED);
  g_assert_false (run->has_weights);
  g_assert_true (isnan (run->accuracy) && isnan (run->energy));
  run = g_ptr_array_index (runs, 2);
  g_assert_cmpint (run->outcome, ==, FV_RUN_OUTCOME_FINISHED);
  g_assert_cmpint (run->time, ==, 100);
  g_assert_cmpstr (run->losses, ==, "Recommended, λ 2");
  g_assert_cmpfloat (run->accuracy, ==, 0.75);
  g_assert_cmpfloat (run->energy, ==, 1);
  g_assert_false (run->has_checkpoint);
}

static void
test_damaged_files (Fixture *fixture, gconstpointer data)
{
  static const char *const texts[]
      = { "",
          "{",
          "[]",
          "null",
          "{\"accuracy\": 1}",
          "{\"accuracy\": {\"value\": \"1\"}, \"alignment\": [1]}",
          "{\"accuracy\": {\"value\": null}, \"alignment\": {\"energy\": {\"value\": {}}}}",
          "{\"accuracy\": {\"value\": 1e999}}",
          "{\"losses\": 3}",
          "{\"losses\": {\"ce\": -1}}" };
  g_autofree char *deep = g_strnfill (1000000, '[');
  g_autofree char *folder = add_run (fixture, "a", 100, CONFIG);

  write_file (folder, "model.safetensors", "w");
  for (gsize i = 0; i <= G_N_ELEMENTS (texts); i++) {
    const char *text = i < G_N_ELEMENTS (texts) ? texts[i] : deep;
    g_autoptr (FvRunSummary) run = NULL;

    write_file (folder, "config.json", text);
    write_file (folder, "metrics.json", text);
    run = fv_run_summary_read (folder);
    g_assert_nonnull (run->losses);
    g_assert_true (isnan (run->accuracy) && isnan (run->energy));
  }
}

/* A folder or a pipe where a file should be is no file. */
static void
test_other_things (Fixture *fixture, gconstpointer data)
{
  g_autofree char *folder = add_run (fixture, "a", 100, CONFIG);
  g_autofree char *weights = g_build_filename (folder, "model.safetensors", NULL);

  g_assert_cmpint (g_mkdir (weights, 0755), ==, 0);
  g_assert_null (fv_run_summary_read (folder));
  g_assert_null (fv_run_summary_read ("/nowhere"));
}

static void
test_the_users_folder (Fixture *fixture, gconstpointer data)
{
  g_autofree char *place = fv_run_list_get_place (fixture->dataset, TRUE);
  g_autofree char *ours = g_build_filename (place, "ours", NULL);
  g_autofree char *theirs = g_build_filename (place, "theirs", NULL);
  g_autofree char *config = g_strdup_printf ("{\"data\": \"%s\", \"losses\": {\"ce\": 1}}",
                                             fv_dataset_get_path (fixture->dataset));
  g_autoptr (GPtrArray) runs = NULL;

  g_assert_cmpint (g_mkdir_with_parents (ours, 0755), ==, 0);
  g_assert_cmpint (g_mkdir_with_parents (theirs, 0755), ==, 0);
  write_file (ours, "config.json", config);
  write_file (ours, "model.safetensors", "w");
  write_file (theirs, "config.json", "{\"data\": \"/other/pictures\", \"losses\": {\"ce\": 1}}");
  write_file (theirs, "model.safetensors", "w");
  runs = fv_run_list_read (fixture->dataset);
  g_assert_cmpuint (runs->len, ==, 1);
  g_assert_cmpstr (((FvRunSummary *) g_ptr_array_index (runs, 0))->folder, ==, ours);
  g_assert_cmpstr (((FvRunSummary *) g_ptr_array_index (runs, 0))->losses, ==, "No Attention Loss");
}

int
main (int argc, char **argv)
{
  g_autofree char *home = temporary_folder_new ();
  int status;

  g_setenv ("XDG_DATA_HOME", home, TRUE);
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/run-list/outcomes", Fixture, NULL, set_up, test_outcomes, tear_down);
  g_test_add ("/run-list/damaged-files", Fixture, NULL, set_up, test_damaged_files, tear_down);
  g_test_add ("/run-list/other-things", Fixture, NULL, set_up, test_other_things, tear_down);
  g_test_add ("/run-list/the-users-folder", Fixture, NULL, set_up, test_the_users_folder,
              tear_down);
  status = g_test_run ();
  temporary_folder_remove (home);
  return status;
}
