/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Mean average precision of an evaluation: every class is sorted once, a resample only counts. */

#include <math.h>

#include "fv-average-precision.h"
#include "fv-evaluation-private.h"

/* One class: the pictures by its falling probability. */
typedef struct {
  gsize *order;
  float *scores;
  guint8 *positive;
} Ranking;

typedef struct {
  Ranking *rankings;
  gsize n_classes, n;
  gboolean weighted;
  guint *counts;         /* of each picture in a resample */
  guint *ordered_counts; /* the same in a class's order */
} Rankings;

static void
rankings_clear (Rankings *rankings)
{
  for (gsize c = 0; c < rankings->n_classes; c++) {
    g_free (rankings->rankings[c].order);
    g_free (rankings->rankings[c].scores);
    g_free (rankings->rankings[c].positive);
  }
  g_free (rankings->rankings);
  g_free (rankings->counts);
  g_free (rankings->ordered_counts);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Rankings, rankings_clear)

static void
rank_class (const FvEvaluation *self, gsize c, Ranking *ranking)
{
  gsize n = self->results->len;
  const float *scores = (const float *) self->probabilities->data + c;

  ranking->order = fv_order_by_score (scores, self->n_classes, n);
  ranking->scores = g_new (float, n);
  ranking->positive = g_new (guint8, n);
  for (gsize i = 0; i < n; i++) {
    ranking->scores[i] = scores[ranking->order[i] * self->n_classes];
    ranking->positive[i] = fv_dataset_has_class (
        self->dataset, fv_evaluation_get_result (self, ranking->order[i])->sample, (int) c);
  }
}

/* How many pictures of the class the resample holds. */
static double
count_positive (const Rankings *self, const Ranking *ranking)
{
  double n = 0;

  for (gsize i = 0; i < self->n; i++)
    n += ranking->positive[i] ? self->ordered_counts[i] : 0;
  return n;
}

static double
mean_of (const gsize *indices, gsize n, gpointer user_data)
{
  Rankings *self = user_data;
  double sum = 0, weights = 0;

  for (gsize i = 0; i < n; i++)
    self->counts[i] = 0;
  for (gsize i = 0; i < n; i++)
    self->counts[indices[i]]++;
  for (gsize c = 0; c < self->n_classes; c++) {
    const Ranking *ranking = &self->rankings[c];
    double precision, weight;

    for (gsize i = 0; i < n; i++)
      self->ordered_counts[i] = self->counts[ranking->order[i]];
    precision = fv_average_precision (ranking->scores, ranking->positive, self->ordered_counts, n);
    if (isnan (precision))
      continue;
    weight = self->weighted ? count_positive (self, ranking) : 1;
    sum += weight * precision;
    weights += weight;
  }
  return weights > 0 ? sum / weights : NAN;
}

FvEstimate
fv_evaluation_get_mean_average_precision (const FvEvaluation *self, gboolean weighted)
{
  gsize n = self->results->len;
  g_auto (Rankings) rankings = { .n = n, .weighted = weighted };

  if (!self->classes_agree || self->n_classes > FV_EVALUATION_MAX_CLASSES || n == 0)
    return (FvEstimate){ NAN, NAN, NAN, 0 };
  rankings.n_classes = self->n_classes;
  rankings.rankings = g_new0 (Ranking, self->n_classes);
  rankings.counts = g_new (guint, n);
  rankings.ordered_counts = g_new (guint, n);
  for (gsize c = 0; c < self->n_classes; c++)
    rank_class (self, c, &rankings.rankings[c]);
  return fv_estimate_statistic (n, mean_of, &rankings, self->seed);
}
