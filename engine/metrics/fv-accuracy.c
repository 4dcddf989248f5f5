/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Counting right answers. */

#include "fv-accuracy.h"

#include <math.h>

double
fv_accuracy (const int *labels, const int *predictions, gsize n)
{
  gsize n_right = 0;

  for (gsize i = 0; i < n; i++)
    n_right += labels[i] == predictions[i];
  return n > 0 ? (double) n_right / (double) n : NAN;
}

/* Per class: how often it was the label, the prediction, and both. */
typedef struct {
  gsize n_labels, n_predictions, n_right;
} ClassCount;

double
fv_f1_macro (const int *labels, const int *predictions, gsize n, int n_classes)
{
  g_autofree ClassCount *counts = NULL;
  double sum = 0.0;
  int n_used = 0;

  g_return_val_if_fail (n_classes > 0, NAN);

  counts = g_new0 (ClassCount, n_classes);
  for (gsize i = 0; i < n; i++) {
    gboolean label_counts = labels[i] >= 0 && labels[i] < n_classes;

    if (label_counts)
      counts[labels[i]].n_labels++;
    if (predictions[i] >= 0 && predictions[i] < n_classes)
      counts[predictions[i]].n_predictions++;
    if (label_counts && labels[i] == predictions[i])
      counts[labels[i]].n_right++;
  }
  /* 2 TP + FP + FN is how often the class was the label plus how often it was the prediction. */
  for (int c = 0; c < n_classes; c++) {
    gsize n_both = counts[c].n_labels + counts[c].n_predictions;

    if (n_both == 0)
      continue;
    sum += 2.0 * (double) counts[c].n_right / (double) n_both;
    n_used++;
  }
  return n_used > 0 ? sum / n_used : NAN;
}

void
fv_accuracy_by_group (const int *labels, const int *predictions, const int *groups, gsize n,
                      int n_groups, double *accuracy, gsize *count)
{
  g_autofree gsize *n_items = NULL;
  g_autofree gsize *n_right = NULL;

  g_return_if_fail (n_groups >= 0 && (accuracy != NULL || n_groups == 0));

  n_items = g_new0 (gsize, n_groups);
  n_right = g_new0 (gsize, n_groups);
  for (gsize i = 0; i < n; i++) {
    if (groups[i] < 0 || groups[i] >= n_groups)
      continue;
    n_items[groups[i]]++;
    n_right[groups[i]] += labels[i] == predictions[i];
  }
  for (int g = 0; g < n_groups; g++) {
    accuracy[g] = n_items[g] > 0 ? (double) n_right[g] / (double) n_items[g] : NAN;
    if (count != NULL)
      count[g] = n_items[g];
  }
}

double
fv_worst_group_accuracy (const int *labels, const int *predictions, const int *groups, gsize n,
                         int n_groups)
{
  g_autofree double *accuracy = NULL;
  double worst = NAN;

  g_return_val_if_fail (n_groups >= 0, NAN);

  accuracy = g_new0 (double, n_groups);
  fv_accuracy_by_group (labels, predictions, groups, n, n_groups, accuracy, NULL);
  for (int g = 0; g < n_groups; g++)
    worst = fmin (worst, accuracy[g]); /* of a number and a NaN: the number */
  return worst;
}

void
fv_confusion (const int *labels, const int *predictions, gsize n, int n_classes, gsize *counts)
{
  g_return_if_fail (n_classes > 0 && counts != NULL);

  for (gsize i = 0; i < (gsize) n_classes * (gsize) n_classes; i++)
    counts[i] = 0;
  for (gsize i = 0; i < n; i++)
    if (labels[i] >= 0 && labels[i] < n_classes && predictions[i] >= 0
        && predictions[i] < n_classes)
      counts[(gsize) labels[i] * (gsize) n_classes + (gsize) predictions[i]]++;
}

double
fv_calibration_error (const int *labels, const int *predictions, const double *probabilities,
                      gsize n)
{
  /* n_b (accuracy_b − mean probability_b) of each bin */
  double surplus[FV_CALIBRATION_BINS] = { 0 };
  double sum = 0;

  for (gsize i = 0; i < n; i++) {
    double bin = ceil (probabilities[i] * FV_CALIBRATION_BINS) - 1;

    surplus[(int) CLAMP (bin, 0, FV_CALIBRATION_BINS - 1)]
        += (labels[i] == predictions[i]) - probabilities[i];
  }
  for (int b = 0; b < FV_CALIBRATION_BINS; b++)
    sum += fabs (surplus[b]);
  return n > 0 ? sum / (double) n : NAN;
}
