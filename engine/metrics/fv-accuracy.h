/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How often a classifier is right: overall, by class, by group.
 *
 * Everywhere @labels and @predictions are @n class numbers and @groups are @n group numbers; an
 * item with a negative group belongs to none. Pure functions: any thread. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Share of items with prediction = label, 0 … 1; NaN when n = 0. */
double fv_accuracy (const int *labels, const int *predictions, gsize n);

/* Mean over classes of F1 = 2 TP / (2 TP + FP + FN), 0 … 1. Classes (0 … @n_classes − 1) that are
 * neither a label nor a prediction of any item are left out; NaN when none is left. A label or
 * prediction outside that range counts as wrong for the other one's class only. */
double fv_f1_macro (const int *labels, const int *predictions, gsize n, int n_classes);

/* Accuracy within each group: @accuracy and @count (nullable) get @n_groups values; NaN and 0 for a
 * group without items. */
void fv_accuracy_by_group (const int *labels, const int *predictions, const int *groups, gsize n,
                           int n_groups, double *accuracy, gsize *count);

/* The lowest accuracy among the groups that have items; NaN when none has. */
double fv_worst_group_accuracy (const int *labels, const int *predictions, const int *groups,
                                gsize n, int n_groups);

/* How often class r was predicted as class c: @counts[r · n_classes + c], n_classes² of them. An
 * item with a label or prediction outside 0 … @n_classes − 1 is left out. */
void fv_confusion (const int *labels, const int *predictions, gsize n, int n_classes,
                   gsize *counts);

#define FV_CALIBRATION_BINS 15

/* Expected calibration error, 0 … 1, lower is better: items in bins of equal width by the
 * probability of their prediction, the upper edge included; Σ_b n_b / n · |accuracy_b − mean
 * probability_b| (Guo et al. 2017, arXiv 1706.04599). NaN when n = 0. */
double fv_calibration_error (const int *labels, const int *predictions, const double *probabilities,
                             gsize n);

G_END_DECLS
