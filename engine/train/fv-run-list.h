/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The runs of a dataset, as their folders tell of them: when, with what, how far, how well. A file
 * that is missing, damaged or hostile leaves out what it would have told.
 * Threads: any. */

#pragma once

#include "fv-dataset.h"

G_BEGIN_DECLS

typedef enum {
  FV_RUN_OUTCOME_FINISHED,
  FV_RUN_OUTCOME_STOPPED,     /* by a person, measured and all; it can go on */
  FV_RUN_OUTCOME_INTERRUPTED, /* by the end of the program; it can go on */
} FvRunOutcome;

typedef struct {
  char *folder;
  gint64 time;  /* when it began: Unix time, seconds */
  char *losses; /* what it was taught with, in words: fv_recipe_describe () */
  FvRunOutcome outcome;
  gboolean has_weights;    /* it can be opened as a model */
  gboolean has_checkpoint; /* it can go on */
  double accuracy, energy; /* on the test split, afterwards; NaN: not measured */
} FvRunSummary;

void fv_run_summary_free (FvRunSummary *self);

/* What the run in @folder says of itself; NULL for what is no run, or has nothing left to open or
 * go on with. (transfer full) */
FvRunSummary *fv_run_summary_read (const char *folder);

/* Where a run of @dataset is kept: "runs" in its folder (@own FALSE), or where that is read-only
 * fovea/runs/NAME in the user's data folder. (transfer full) */
char *fv_run_list_get_place (const FvDataset *dataset, gboolean own);

/* All runs of @dataset in both places, the newest first. In the user's folder only those count
 * whose config.json names this dataset. (transfer full) (element-type FvRunSummary) */
GPtrArray *fv_run_list_read (const FvDataset *dataset);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FvRunSummary, fv_run_summary_free)

G_END_DECLS
