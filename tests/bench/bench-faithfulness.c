/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What deletion and insertion cost over the forwards they need, in one process and in turn.
 *
 *   bench-faithfulness MODEL STEPS ROUNDS [WEIGHTS]
 *
 * A round measures one random picture's Grad-CAM, then runs as many pictures in the same batches
 * through the graph and nothing else. Prints one JSON object: medians of processor time (one
 * thread) in milliseconds, and their ratio; also what ROAD costs over its forwards. */

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "fv-explain.h"
#include "fv-faithfulness-run.h"
#include "fv-runtime.h"

static int
compare (const void *a, const void *b)
{
  const double *x = a, *y = b;

  return (*x > *y) - (*x < *y);
}

static double
median (double *values, int n)
{
  qsort (values, (gsize) n, sizeof *values, compare);
  return values[n / 2];
}

static double
milliseconds_since (clock_t began)
{
  return (double) (clock () - began) * 1e3 / CLOCKS_PER_SEC;
}

static FvTensor *
random_input (const FvCard *card, int n)
{
  g_autoptr (FvScope) scope = fv_scope_new ();

  return fv_scope_keep (scope,
                        fv_call (scope, "aten::randn", fv_ints (n, 3, card->height, card->width)));
}

/* @n_forwards as the metrics run them: the unchanged picture by itself, then full batches. */
static double
time_raw (FvModel *model, int n_forwards, int batch)
{
  const FvCard *card = fv_model_get_card (model);
  double total = 0;

  for (int done = 0, n; done < n_forwards; done += n) {
    g_autoptr (FvTensor) input = NULL;
    g_autoptr (FvActivations) found = NULL;
    FvNodeId output = fv_graph_get_output (fv_model_get_graph (model));
    clock_t began;

    n = done == 0 ? 1 : MIN (batch, n_forwards - done);
    input = random_input (card, n);
    began = clock ();
    found = fv_model_run (model, input, &output, 1, NULL, NULL);
    total += milliseconds_since (began);
    g_assert_nonnull (found);
  }
  return total;
}

static double
time_metrics (FvModel *model, FvFaithfulnessSet metrics, const FvFaithfulnessOptions *options,
              FvFaithfulnessCost *cost)
{
  g_autoptr (FvTensor) input = random_input (fv_model_get_card (model), 1);
  g_autoptr (FvInspection) inspection = fv_inspection_new (model, input, NULL, NULL, NULL);
  g_autoptr (GPtrArray) maps = fv_explain (inspection, input, "gradcam", NULL, 0, NULL);
  FvFaithfulnessPicture picture = { .input = input, .map = g_ptr_array_index (maps, 0) };
  FvFaithfulness result;
  clock_t began = clock ();

  g_assert_true (
      fv_faithfulness_run (model, &picture, metrics, options, &result, cost, NULL, NULL));
  return milliseconds_since (began);
}

static void
report (const char *name, FvModel *model, FvFaithfulnessSet metrics,
        const FvFaithfulnessOptions *options, int rounds, const char *end)
{
  g_autofree double *measured = g_new (double, rounds);
  g_autofree double *raw = g_new (double, rounds);
  FvFaithfulnessCost cost;

  time_metrics (model, metrics, options, &cost); /* warms up */
  for (int i = 0; i < rounds; i++) {
    measured[i] = time_metrics (model, metrics, options, &cost);
    raw[i] = time_raw (model, (int) cost.forwards, options->batch);
  }
  printf ("\"%s\": {\"forwards\": %d, \"ms\": %.1f, \"raw_ms\": %.1f, \"ratio\": %.3f}%s", name,
          (int) cost.forwards, median (measured, rounds), median (raw, rounds),
          median (measured, rounds) / median (raw, rounds), end);
}

int
main (int argc, char *argv[])
{
  FvModelSource source
      = { .model = argc > 1 ? argv[1] : NULL, .weights = argc > 4 ? argv[4] : NULL };
  FvFaithfulnessOptions options = fv_faithfulness_options_default ();
  g_autoptr (FvModel) model = NULL;
  g_autoptr (GError) error = NULL;
  int rounds = argc > 3 ? atoi (argv[3]) : 0;

  if (argc < 4 || rounds < 1 || (options.steps = atoi (argv[2])) < 1) {
    fprintf (stderr, "usage: bench-faithfulness MODEL STEPS ROUNDS [WEIGHTS]\n");
    return 2;
  }
  fv_runtime_start (1);
  model = fv_model_open (&source, 1, &error);
  if (model == NULL) {
    fprintf (stderr, "%s\n", error->message);
    return 1;
  }
  printf ("{\"model\": \"%s\", \"steps\": %d, ", argv[1], options.steps);
  report ("deletion_insertion", model,
          FV_FAITHFULNESS_BIT (FV_FAITHFULNESS_DELETION)
              | FV_FAITHFULNESS_BIT (FV_FAITHFULNESS_INSERTION),
          &options, rounds, ", ");
  report ("road", model, FV_FAITHFULNESS_BIT (FV_FAITHFULNESS_ROAD), &options, rounds, "}\n");
  return 0;
}
