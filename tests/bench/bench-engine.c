/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Times the engine in one process; benchmarks report, they never gate.
 *
 *   bench-engine explain MODEL ROUNDS                 milliseconds of the graph as it is, of its
 *                                                     rewritten twin, of Grad-CAM, of another class
 *   bench-engine open MODEL ROUNDS                    milliseconds of opening, megabytes at the end
 *   bench-engine step ARCHITECTURE FOLDER ROUNDS      milliseconds of a training step without and
 *                                                     with the two-term loss, in turn
 *   bench-engine frozen ARCHITECTURE LAYER FOLDER ROUNDS
 *                                                     processor milliseconds of a plain training
 *                                                     step on one thread, all of
 *                                                     the network learning, or only from LAYER on:
 *                                                     with the rest run in each step, or kept
 * Prints one JSON object. */

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "fv-augment.h"
#include "fv-autograd.h"
#include "fv-executor.h"
#include "fv-gradcam.h"
#include "fv-runtime.h"
#include "fv-trainer.h"

static int
compare (const void *a, const void *b)
{
  const double *x = a;
  const double *y = b;

  return (*x > *y) - (*x < *y);
}

static double
median (GArray *values)
{
  qsort (values->data, values->len, sizeof (double), compare);
  return g_array_index (values, double, values->len / 2);
}

static void
add_elapsed (GArray *values, gint64 began)
{
  double milliseconds = (double) (g_get_monotonic_time () - began) / 1000;

  g_array_append_val (values, milliseconds);
}

static FvTensor *
random_input (void)
{
  g_autoptr (FvScope) scope = fv_scope_new ();

  return fv_scope_keep (scope, fv_call (scope, "aten::randn", fv_ints (1, 3, 224, 224)));
}

/* The graph as it is. */
static void
original_once (FvModel *model, FvTensor *input, GArray *times)
{
  g_autoptr (FvScope) scope = fv_scope_new ();
  g_autoptr (FvNoGrad) no_grad = fv_no_grad_enter ();
  gint64 began = g_get_monotonic_time ();

  fv_graph_forward (fv_model_get_graph (model), scope, input);
  add_elapsed (times, began);
}

/* The graph as rewritten for forward passes. */
static void
forward_once (FvModel *model, FvTensor *input, GArray *times)
{
  gint64 began = g_get_monotonic_time ();
  g_autoptr (FvInspection) inspection = fv_inspection_new_prediction (model, input, NULL, NULL);

  g_assert_nonnull (inspection);
  add_elapsed (times, began);
}

static void
explain_once (FvModel *model, FvTensor *input, GArray *times)
{
  gint64 began = g_get_monotonic_time ();
  g_autoptr (FvInspection) inspection = fv_inspection_new (model, input, NULL, NULL, NULL);
  g_autoptr (GPtrArray) maps = fv_gradcam (inspection, NULL, TRUE, NULL);

  g_assert_nonnull (maps);
  add_elapsed (times, began);
}

/* Another class on a picture that has been seen. */
static void
another_class_once (FvInspection *inspection, int target, GArray *times)
{
  gint64 began = g_get_monotonic_time ();
  g_autoptr (GPtrArray) maps = fv_gradcam (inspection, &target, TRUE, NULL);

  g_assert_nonnull (maps);
  add_elapsed (times, began);
}

static FvModel *
open_model (const char *name)
{
  g_autoptr (GError) error = NULL;
  FvModel *model = fv_model_open (&(FvModelSource){ name, NULL, NULL, NULL }, 1, &error);

  if (model == NULL)
    g_error ("%s", error->message);
  return model;
}

/* The most memory this process has had, megabytes. */
static double
peak_megabytes (void)
{
  struct rusage usage;

  getrusage (RUSAGE_SELF, &usage);
  return (double) usage.ru_maxrss / 1024;
}

static void
bench_open (const char *name, int rounds)
{
  g_autoptr (GArray) times = g_array_new (FALSE, FALSE, sizeof (double));
  double before = peak_megabytes ();
  double after = 0;

  for (int i = 0; i < rounds; i++) {
    gint64 began = g_get_monotonic_time ();
    g_autoptr (FvModel) model = open_model (name);

    add_elapsed (times, began);
    if (i == 0)
      after = peak_megabytes ();
  }
  printf ("{\"open_ms\": %.0f, \"peak_mb\": %.0f}\n", median (times), after - before);
}

static void
bench_explain (const char *name, int rounds)
{
  g_autoptr (FvModel) model = open_model (name);
  g_autoptr (FvTensor) input = random_input ();
  g_autoptr (GArray) original = g_array_new (FALSE, FALSE, sizeof (double));
  g_autoptr (GArray) forward = g_array_new (FALSE, FALSE, sizeof (double));
  g_autoptr (GArray) explain = g_array_new (FALSE, FALSE, sizeof (double));
  g_autoptr (GArray) again = g_array_new (FALSE, FALSE, sizeof (double));
  g_autoptr (FvInspection) seen = fv_inspection_new (model, input, NULL, NULL, NULL);

  forward_once (model, input, forward); /* rewrites the graph */
  g_array_set_size (forward, 0);
  for (int i = 0; i < rounds; i++) {
    original_once (model, input, original);
    forward_once (model, input, forward);
    explain_once (model, input, explain);
    another_class_once (seen, i, again);
  }
  printf ("{\"original_ms\": %.3f, \"forward_ms\": %.3f, \"gradcam_ms\": %.3f, "
          "\"another_class_ms\": %.4f}\n",
          median (original), median (forward), median (explain), median (again));
}

typedef struct {
  GArray *times;
  gint64 last;
} Steps;

/* Of the calling thread, milliseconds. */
static double
processor_time (void)
{
  struct timespec now;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &now);
  return (double) now.tv_sec * 1000 + (double) now.tv_nsec / 1e6;
}

typedef struct {
  GArray *times;
  double last;
} Work;

/* As on_step (), where other programs may be running. */
static gboolean
on_step_worked (const FvTrainProgress *progress, gpointer user_data)
{
  Work *work = user_data;
  double now = processor_time ();
  double worked = now - work->last;

  if (progress->step > 1)
    g_array_append_val (work->times, worked);
  work->last = processor_time ();
  return TRUE;
}

static gboolean
on_step (const FvTrainProgress *progress, gpointer user_data)
{
  Steps *steps = user_data;

  /* The first step warms up. */
  if (progress->step > 1)
    add_elapsed (steps->times, steps->last);
  steps->last = g_get_monotonic_time ();
  return TRUE;
}

static FvTrainConfig *
new_config (double camal)
{
  FvTrainConfig *config = fv_train_config_new ();

  config->weights[FV_LOSS_CAMAL] = camal;
  config->epochs = 1;
  config->batch_size = 16;
  return config;
}

static void
take_steps (FvModel *model, const FvDataset *dataset, const FvTrainConfig *config,
            FvTrainCallback callback, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  if (!fv_train (model, dataset, config, callback, user_data, NULL, &error))
    g_error ("%s", error->message);
}

static void
time_steps (FvModel *model, const FvDataset *dataset, const FvTrainConfig *config, GArray *times)
{
  Steps steps = { times, 0 };

  take_steps (model, dataset, config, on_step, &steps);
}

static void
bench_step (const char *architecture, const char *folder, int rounds)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FvDataset) dataset = fv_dataset_open (folder, 0, &error);
  g_autoptr (FvCard) card = fv_card_new (architecture);
  g_autoptr (FvModel) model = NULL;
  g_autoptr (GArray) plain = g_array_new (FALSE, FALSE, sizeof (double));
  g_autoptr (GArray) aligned = g_array_new (FALSE, FALSE, sizeof (double));
  g_autoptr (FvTrainConfig) without = new_config (0);
  g_autoptr (FvTrainConfig) with = new_config (1);

  if (dataset == NULL)
    g_error ("%s", error->message);
  model = fv_model_new (card, fv_dataset_get_n_classes (dataset), 1, NULL);
  for (int i = 0; i < rounds; i++) {
    time_steps (model, dataset, without, plain);
    time_steps (model, dataset, with, aligned);
  }
  printf ("{\"plain_ms\": %.2f, \"two_term_ms\": %.2f}\n", median (plain), median (aligned));
}

/* Pictures of grey are of another kind in every epoch, so that nothing can be kept; they are made
 * by other threads. */
static void
bench_frozen (const char *name, const char *layer, const char *folder, int rounds)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FvDataset) dataset = fv_dataset_open (folder, 0, &error);
  g_autoptr (FvCard) card = fv_card_new (name);
  g_autoptr (FvModel) model = NULL;
  struct {
    const char *title, *layer;
    guint augment;
    GArray *times;
  } kinds[] = { { "whole_ms", NULL, 0, NULL },
                { "frozen_ms", layer, FV_AUGMENT_GREY, NULL },
                { "kept_ms", layer, 0, NULL } };

  if (dataset == NULL)
    g_error ("%s", error->message);
  model = fv_model_new (card, fv_dataset_get_n_classes (dataset), 1, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    kinds[i].times = g_array_new (FALSE, FALSE, sizeof (double));
  for (gsize i = 0; i < (gsize) rounds * G_N_ELEMENTS (kinds); i++) {
    gsize kind = i % G_N_ELEMENTS (kinds);
    g_autoptr (FvTrainConfig) config = new_config (0);

    config->freeze_below = g_strdup (kinds[kind].layer);
    config->augment = kinds[kind].augment;
    config->epochs = kind == 2 ? 5 : 1; /* such steps are short */
    take_steps (model, dataset, config, on_step_worked, &(Work){ kinds[kind].times, 0 });
  }
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++) {
    printf ("%s\"%s\": %.2f", i == 0 ? "{" : ", ", kinds[i].title, median (kinds[i].times));
    g_array_unref (kinds[i].times);
  }
  printf ("}\n");
}

int
main (int argc, char **argv)
{
  fv_runtime_start (argc > 1 && g_str_equal (argv[1], "frozen") ? 1 : 0);
  if (argc == 4 && g_str_equal (argv[1], "explain")) {
    bench_explain (argv[2], atoi (argv[3]));
    return 0;
  }
  if (argc == 5 && g_str_equal (argv[1], "step")) {
    bench_step (argv[2], argv[3], atoi (argv[4]));
    return 0;
  }
  if (argc == 4 && g_str_equal (argv[1], "open")) {
    bench_open (argv[2], atoi (argv[3]));
    return 0;
  }
  if (argc == 6 && g_str_equal (argv[1], "frozen")) {
    bench_frozen (argv[2], argv[3], argv[4], atoi (argv[5]));
    return 0;
  }
  fprintf (stderr, "usage: bench-engine explain MODEL ROUNDS\n"
                   "       bench-engine open MODEL ROUNDS\n"
                   "       bench-engine step ARCHITECTURE FOLDER ROUNDS\n"
                   "       bench-engine frozen ARCHITECTURE LAYER FOLDER ROUNDS\n");
  return 2;
}
