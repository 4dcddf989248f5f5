/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the parts of an evaluation share. */

#pragma once

#include "fv-evaluation.h"

G_BEGIN_DECLS

struct _FvEvaluation {
  gatomicrefcount references;
  FvDataset *dataset;
  GArray *results;       /* FvImageResult */
  GArray *probabilities; /* float, n_classes of the model for each result */
  gsize n_classes;       /* of the model */
  guint64 seed;
  char *layer;
  char *method;
  FvMetricSelection metrics;     /* less what was left out */
  char *left_out[FV_N_FAMILIES]; /* why; NULL: it was measured, or not asked for */
  char *consistency_layer;       /* NULL: not measured */
  FvFaithfulnessOptions faithfulness;
  FvAgreementOptions agreement;
  gboolean classes_agree;
  gboolean multi_label; /* the model gives each class a probability of its own */
};

/* The attribution method chosen, or the default one. */
const char *fv_evaluation_choose_method (const FvEvaluationOptions *options);

/* The layer to explain at: the chosen one or the model's own; NULL when it has none, or the method
 * needs none. */
const char *fv_evaluation_choose_layer (FvModel *model, const FvEvaluationOptions *options);

/* How faithfulness is measured, but for the picture's own batch and seed. */
FvFaithfulnessOptions fv_evaluation_choose_faithfulness (const FvEvaluationOptions *options);

/* How consistency is measured. */
FvAgreementOptions fv_evaluation_choose_agreement (const FvEvaluationOptions *options);

/* fv_evaluate_sample () that also tells the probability of every class: @probabilities has room for
 * the model's classes, or is NULL. */
gboolean fv_evaluation_measure (FvModel *model, const FvDataset *dataset, gsize sample,
                                const FvEvaluationOptions *options, FvImageResult *result,
                                float *probabilities, GCancellable *cancellable, GError **error);

/* The group that most training pictures of each class are in: [n_classes], −1 for a class without
 * any. (transfer full) */
int *fv_evaluation_find_usual_groups (const FvDataset *dataset);

/* Whether result @index stands where most training pictures of its class do: 1 or 0, −1 where that
 * cannot be said. @usual: of fv_evaluation_find_usual_groups (). */
int fv_evaluation_is_usual (const FvEvaluation *self, gsize index, const int *usual);

G_END_DECLS
