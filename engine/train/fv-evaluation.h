/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Accuracy and attention of a model on one split, picture by picture, with 95 % bootstrap
 * intervals. Threads: the engine thread; a finished evaluation may be read anywhere. */

#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

#include "fv-agreement.h"
#include "fv-dataset.h"
#include "fv-metric-family.h"
#include "fv-model.h"
#include "fv-statistics.h"

G_BEGIN_DECLS

typedef struct {
  const char *layer;     /* NULL: the model's default; without one, a method that needs a layer
                          * leaves only predictions to be measured */
  const char *method;    /* as fv_explain () knows it, with its own settings; NULL: gradcam */
  gboolean target_label; /* explain the label; else the predicted class */
  guint64 seed; /* of the bootstrap, random maps, networks that forget and what faithfulness
                 * draws */
  const FvMetricSelection *metrics;          /* NULL: fv_metric_selection_default () */
  const FvFaithfulnessOptions *faithfulness; /* whose batch and seed are chosen here; NULL:
                                              * fv_faithfulness_options_default () */
  const FvAgreementOptions *agreement; /* of consistency; NULL: fv_agreement_options_default () */
  gsize limit; /* so many pictures of the split at most, drawn by the seed; 0: all */
} FvEvaluationOptions;

typedef struct _FvEvaluation FvEvaluation;

/* @done of @total pictures are finished; FALSE stops as cancelling does. */
typedef gboolean (*FvEvaluationCallback) (const FvImageResult *result, gsize done, gsize total,
                                          gpointer user_data);

/* TRUE when the model's classes are the dataset's, in its order: as many, and of the same names
 * where the model's card names them. Otherwise no prediction can be right or wrong. */
gboolean fv_evaluation_classes_agree (const FvModel *model, const FvDataset *dataset);

/* Measures one picture. A picture that cannot be read is an error that names it. */
gboolean fv_evaluate_sample (FvModel *model, const FvDataset *dataset, gsize sample,
                             const FvEvaluationOptions *options, FvImageResult *result,
                             GCancellable *cancellable, GError **error);

/* Evaluates every picture of @split. A picture that cannot be read is an error that names it.
 * @callback: (nullable). (transfer full) */
FvEvaluation *fv_evaluate (FvModel *model, const FvDataset *dataset, FvSplit split,
                           const FvEvaluationOptions *options, FvEvaluationCallback callback,
                           gpointer user_data, GCancellable *cancellable, GError **error);
FvEvaluation *fv_evaluation_ref (FvEvaluation *self);
void fv_evaluation_unref (FvEvaluation *self);

gsize fv_evaluation_get_n_results (const FvEvaluation *self);
const FvImageResult *fv_evaluation_get_result (const FvEvaluation *self, gsize index);
gsize fv_evaluation_get_n_dead_maps (const FvEvaluation *self);
/* Undefined, as are F1 and the groups, unless the classes agree. */
FvEstimate fv_evaluation_get_accuracy (const FvEvaluation *self);
/* Means over the pictures where they are defined; undefined when they were not measured. */
FvEstimate fv_evaluation_get_metric (const FvEvaluation *self, FvMetricFamily family, guint metric);
FvEstimate fv_evaluation_get_alignment (const FvEvaluation *self, FvAlignmentMetric metric);
FvEstimate fv_evaluation_get_faithfulness (const FvEvaluation *self, FvFaithfulnessMetric metric);
FvEstimate fv_evaluation_get_localisation (const FvEvaluation *self, FvLocalisationMetric metric);
FvEstimate fv_evaluation_get_sanity (const FvEvaluation *self, FvSanityMetric metric);
/* What a map that is the same everywhere would have; undefined for families that cannot tell. */
FvEstimate fv_evaluation_get_chance (const FvEvaluation *self, FvMetricFamily family, guint metric);
/* The mask's share of the pixels with an opinion. */
FvEstimate fv_evaluation_get_area (const FvEvaluation *self);
FvEstimate fv_evaluation_get_f1_macro (const FvEvaluation *self);
/* Undefined without groups. */
FvEstimate fv_evaluation_get_worst_group (const FvEvaluation *self);
/* How much better the worst group of @after is than that of @before, which need not be the same
 * one; resampled as pairs. Both are evaluations of the same split of the same dataset. */
FvEstimate fv_evaluation_compare_worst_group (const FvEvaluation *before,
                                              const FvEvaluation *after);
FvEstimate fv_evaluation_get_group_accuracy (const FvEvaluation *self, int group_id);
/* Accuracy on pictures that stand where most pictures of their class do in the training split, and
 * on the others: how much a network leans on the place. Undefined without groups; a class that the
 * training split has not got is in neither. Of places equally frequent, the first by name. */
FvEstimate fv_evaluation_get_aligned_accuracy (const FvEvaluation *self);
FvEstimate fv_evaluation_get_conflicting_accuracy (const FvEvaluation *self);
/* Accuracy as if every class stood in every place equally often: the mean over the groups that have
 * pictures. Undefined without groups. */
FvEstimate fv_evaluation_get_shifted_accuracy (const FvEvaluation *self);
/* See fv-accuracy.h; undefined unless the classes agree. */
FvEstimate fv_evaluation_get_calibration_error (const FvEvaluation *self);
/* Mean over the classes of the average precision with which the class's probability finds its
 * pictures (of a multi-label dataset: all that it is in); @weighted by their number. Classes
 * without a picture are left out. Undefined unless the classes agree, and above
 * FV_EVALUATION_MAX_CLASSES of them. */
FvEstimate fv_evaluation_get_mean_average_precision (const FvEvaluation *self, gboolean weighted);
#define FV_EVALUATION_MAX_CLASSES 100
/* Whether r (fv-consistency-metric.h) tells right predictions from wrong ones. */
typedef struct {
  const char *key;  /* in JSON */
  const char *name; /* for people */
  FvEstimate estimate;
  double chance; /* NaN: there is none */
} FvConsistencyRemark;

typedef enum {
  FV_REMARK_RIGHT,      /* mean r over right predictions */
  FV_REMARK_WRONG,      /* the same over wrong ones */
  FV_REMARK_DIFFERENCE, /* the first minus the second, of each resample of all pictures */
  FV_REMARK_AUC,        /* probability that r is higher where right than where wrong */
  FV_N_REMARKS
} FvConsistencyRemarkKind;

/* Undefined without r, unless the classes agree, and where one kind is missing. */
FvConsistencyRemark fv_evaluation_get_consistency_remark (const FvEvaluation *self,
                                                          FvConsistencyRemarkKind kind);
/* Pictures whose soft mask is flat (fv_soft_mask_is_flat ()): their r says nothing about pixels. */
gsize fv_evaluation_get_n_flat_masks (const FvEvaluation *self);
/* See fv_confusion (): n_classes² of the dataset. FALSE, and nothing, unless the classes agree. */
gboolean fv_evaluation_get_confusion (const FvEvaluation *self, gsize *counts);
/* What was measured. */
FvMetricSelection fv_evaluation_get_metrics (const FvEvaluation *self);
/* Why the network cannot have a family that was asked for as optional; NULL when it can. */
const char *fv_evaluation_get_left_out (const FvEvaluation *self, FvMetricFamily family);
const char *fv_evaluation_get_method (const FvEvaluation *self);
/* (transfer none) */
FvDataset *fv_evaluation_get_dataset (const FvEvaluation *self);
/* NULL when the network has none to draw a map at, or the method needs none. */
const char *fv_evaluation_get_layer (const FvEvaluation *self);
/* The object that `fovea-cli evaluate --json` prints. (transfer full) */
JsonNode *fv_evaluation_to_json (const FvEvaluation *self);
/* One picture's line of per-image.jsonl. (transfer full) */
JsonNode *fv_evaluation_result_to_json (const FvEvaluation *self, gsize index);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FvEvaluation, fv_evaluation_unref)

G_END_DECLS
