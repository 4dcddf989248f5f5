/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Faithfulness for comparison with another program's.
 *
 *   dump-faithfulness measure ARCHITECTURE WEIGHTS INPUT.npy MAP.npy BASELINE STEPS
 *       [1,3,H,W] and [h,w] → a line "key value" for each metric that draws nothing
 *   dump-faithfulness impute INPUT.npy KNOWN.npy OUTPUT.npy
 *       [3,H,W] and [H,W] (0: unknown) → [3,H,W] */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fv-faithfulness-run.h"
#include "fv-imputation.h"
#include "fv-inspection.h"
#include "fv-input.h"
#include "fv-npy.h"
#include "fv-runtime.h"

static const FvFaithfulnessMetric measured[] = {
  FV_FAITHFULNESS_DROP_10, FV_FAITHFULNESS_DROP_20,      FV_FAITHFULNESS_DROP_30,
  FV_FAITHFULNESS_DROP,    FV_FAITHFULNESS_DELETION,     FV_FAITHFULNESS_INSERTION,
  FV_FAITHFULNESS_GAIN,    FV_FAITHFULNESS_AVERAGE_DROP, FV_FAITHFULNESS_INCREASE,
};

/* (transfer full): aborts with the reason where there is no such array. */
static float *
load (const char *path, gint64 *shape)
{
  g_autoptr (GError) error = NULL;
  int n_dims;
  gsize n;
  float *values = fv_npy_load (path, shape, &n_dims, &n, &error);

  g_assert_no_error (error);
  return values;
}

static void
measure (char *argv[])
{
  FvModelSource source = { .model = argv[2], .weights = argv[3] };
  FvFaithfulnessOptions options = fv_faithfulness_options_default ();
  g_autoptr (FvModel) model = fv_model_open (&source, 0, NULL);
  g_autoptr (FvScope) scope = fv_scope_new ();
  gint64 shape[FV_NPY_MAX_DIMS];
  g_autofree float *values = load (argv[5], shape);
  g_autoptr (FvInspection) inspection = NULL;
  FvFaithfulnessPicture picture = { 0 };
  g_autoptr (FvMap) map = NULL;
  FvFaithfulnessSet metrics = 0;
  FvFaithfulness result;

  picture.input = fv_input_load (scope, fv_model_get_card (model), argv[4], FALSE);
  inspection = fv_inspection_new (model, picture.input, NULL, NULL, NULL);
  map = fv_map_new ((int) shape[1], (int) shape[0], "gradcam",
                    fv_inspection_get_layer (inspection)->name,
                    fv_inspection_get_prediction (inspection, 0));
  memcpy (map->values, values, (gsize) (shape[0] * shape[1]) * sizeof (float));
  picture.map = map;
  g_assert_true (fv_baseline_find (argv[6], &options.baseline));
  options.steps = atoi (argv[7]);
  for (gsize i = 0; i < G_N_ELEMENTS (measured); i++)
    metrics |= FV_FAITHFULNESS_BIT (measured[i]);
  g_assert_true (
      fv_faithfulness_run (model, &picture, metrics, &options, &result, NULL, NULL, NULL));
  for (gsize i = 0; i < G_N_ELEMENTS (measured); i++)
    printf ("%s %.9g\n", fv_faithfulness_metric_info (measured[i])->key,
            result.values[measured[i]]);
}

static void
impute (char *argv[])
{
  gint64 shape[FV_NPY_MAX_DIMS], known_shape[FV_NPY_MAX_DIMS];
  g_autofree float *picture = load (argv[2], shape);
  g_autofree float *values = load (argv[3], known_shape);
  gsize area = (gsize) (shape[1] * shape[2]);
  g_autofree guint8 *known = g_new (guint8, area);

  for (gsize i = 0; i < area; i++)
    known[i] = values[i] != 0;
  fv_impute (picture, (int) shape[2], (int) shape[1], known);
  g_assert_true (fv_npy_save (argv[4], picture, shape, 3, NULL));
}

int
main (int argc, char *argv[])
{
  fv_runtime_start (1);
  if (argc == 8 && g_str_equal (argv[1], "measure"))
    measure (argv);
  else if (argc == 5 && g_str_equal (argv[1], "impute"))
    impute (argv);
  else
    return 2;
  return 0;
}
