/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Whether pictures on which two attributions agree are those that are named right. */

#include <math.h>

#include "fv-average-precision.h"
#include "fv-evaluation-private.h"
#include "fv-roc.h"
#include "fv-soft-mask.h"

/* The pictures whose r is defined, by falling r. */
typedef struct {
  float *r;
  guint8 *right;
  gsize n;
  guint *counts; /* of each in a resample */
} Ranking;

static void
ranking_clear (Ranking *ranking)
{
  g_free (ranking->r);
  g_free (ranking->right);
  g_free (ranking->counts);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Ranking, ranking_clear)

static void
ranking_fill (Ranking *ranking, const FvEvaluation *self)
{
  g_autofree float *r = g_new (float, MAX (self->results->len, 1));
  g_autofree guint8 *right = g_new (guint8, MAX (self->results->len, 1));
  g_autofree gsize *order = NULL;

  for (gsize i = 0; i < self->results->len; i++) {
    const FvImageResult *result = fv_evaluation_get_result (self, i);

    if (!result->judged || isnan (result->consistency.values[FV_CONSISTENCY_R]))
      continue;
    r[ranking->n] = (float) result->consistency.values[FV_CONSISTENCY_R];
    right[ranking->n++] = result->right ? 1 : 0;
  }
  order = fv_order_by_score (r, 1, ranking->n);
  ranking->r = g_new (float, MAX (ranking->n, 1));
  ranking->right = g_new (guint8, MAX (ranking->n, 1));
  ranking->counts = g_new0 (guint, MAX (ranking->n, 1));
  for (gsize i = 0; i < ranking->n; i++) {
    ranking->r[i] = r[order[i]];
    ranking->right[i] = right[order[i]];
  }
}

/* The mean r of the right, or of the wrong. */
static FvEstimate
estimate_mean (const Ranking *ranking, gboolean right, guint64 seed)
{
  g_autofree double *values = g_new (double, MAX (ranking->n, 1));
  gsize n = 0;

  for (gsize i = 0; i < ranking->n; i++)
    if ((ranking->right[i] != 0) == right)
      values[n++] = (double) ranking->r[i];
  return fv_estimate_mean (values, n, seed);
}

static double
difference_of (const gsize *indices, gsize n, gpointer user_data)
{
  const Ranking *ranking = user_data;
  double sums[2] = { 0 };
  gsize counts[2] = { 0 };

  for (gsize i = 0; i < n; i++) {
    guint8 right = ranking->right[indices[i]];

    sums[right] += (double) ranking->r[indices[i]];
    counts[right]++;
  }
  if (counts[0] == 0 || counts[1] == 0)
    return NAN;
  return sums[1] / (double) counts[1] - sums[0] / (double) counts[0];
}

static double
auc_of (const gsize *indices, gsize n, gpointer user_data)
{
  const Ranking *ranking = user_data;

  for (gsize i = 0; i < n; i++)
    ranking->counts[i] = 0;
  for (gsize i = 0; i < n; i++)
    ranking->counts[indices[i]]++;
  return fv_roc_area (ranking->r, ranking->right, ranking->counts, n);
}

static FvEstimate
estimate (const Ranking *ranking, FvConsistencyRemarkKind kind, guint64 seed)
{
  switch (kind) {
  case FV_REMARK_RIGHT:
    return estimate_mean (ranking, TRUE, seed);
  case FV_REMARK_WRONG:
    return estimate_mean (ranking, FALSE, seed);
  case FV_REMARK_DIFFERENCE:
    return fv_estimate_statistic (ranking->n, difference_of, (gpointer) ranking, seed);
  case FV_REMARK_AUC:
    return fv_estimate_statistic (ranking->n, auc_of, (gpointer) ranking, seed);
  case FV_N_REMARKS:
  default:
    g_assert_not_reached ();
  }
}

FvConsistencyRemark
fv_evaluation_get_consistency_remark (const FvEvaluation *self, FvConsistencyRemarkKind kind)
{
  static const FvConsistencyRemark remarks[FV_N_REMARKS] = {
    [FV_REMARK_RIGHT] = { "r_right", "Consistency r, right", { 0 }, NAN },
    [FV_REMARK_WRONG] = { "r_wrong", "Consistency r, wrong", { 0 }, NAN },
    [FV_REMARK_DIFFERENCE] = { "r_difference", "Consistency r, difference", { 0 }, 0 },
    [FV_REMARK_AUC] = { "r_auc", "AUC of right by r", { 0 }, 0.5 },
  };
  g_auto (Ranking) ranking = { NULL };
  FvConsistencyRemark remark = remarks[kind];

  ranking_fill (&ranking, self);
  remark.estimate = estimate (&ranking, kind, self->seed);
  return remark;
}

gsize
fv_evaluation_get_n_flat_masks (const FvEvaluation *self)
{
  gsize n = 0;

  for (gsize i = 0; i < self->results->len; i++)
    n += fv_soft_mask_is_flat (
        0, fv_evaluation_get_result (self, i)->consistency.values[FV_CONSISTENCY_MASK_RANGE]);
  return n;
}
