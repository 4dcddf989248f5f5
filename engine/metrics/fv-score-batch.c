/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One buffer of pictures, reused, and the scores they are owed. */

#include "fv-score-batch.h"

#include <math.h>

struct _FvScoreBatch {
  gsize picture; /* values of one picture */
  int n_classes, capacity, target;
  gboolean multi_label;
  FvScorer scorer;
  gpointer user_data;
  GCancellable *cancellable;
  float *images;    /* [capacity,3,h,w] */
  float *logits;    /* [capacity,n_classes] */
  FvScore **scores; /* [capacity]: where each picture's goes */
  int n;            /* slots taken */
  gsize n_forwards;
  GError *error; /* the first, which sticks */
};

FvScoreBatch *
fv_score_batch_new (int width, int height, int n_classes, int capacity, FvScorer scorer,
                    gpointer user_data, GCancellable *cancellable)
{
  FvScoreBatch *self;

  g_return_val_if_fail (width > 0 && height > 0 && n_classes > 0 && capacity > 0, NULL);
  g_return_val_if_fail (scorer != NULL, NULL);

  self = g_new0 (FvScoreBatch, 1);
  self->picture = 3 * (gsize) width * (gsize) height;
  self->n_classes = n_classes;
  self->capacity = capacity;
  self->target = -1;
  self->scorer = scorer;
  self->user_data = user_data;
  g_set_object (&self->cancellable, cancellable);
  self->images = g_new (float, self->picture *(gsize) capacity);
  self->logits = g_new (float, (gsize) n_classes *(gsize) capacity);
  self->scores = g_new (FvScore *, capacity);
  return self;
}

void
fv_score_batch_free (FvScoreBatch *self)
{
  if (self == NULL)
    return;
  g_clear_object (&self->cancellable);
  g_clear_error (&self->error);
  g_free (self->images);
  g_free (self->logits);
  g_free (self->scores);
  g_free (self);
}

void
fv_score_batch_set_target (FvScoreBatch *self, int target)
{
  g_return_if_fail (self->n == 0);
  g_return_if_fail (target >= -1 && target < self->n_classes);
  self->target = target;
}

void
fv_score_batch_set_multi_label (FvScoreBatch *self, gboolean multi_label)
{
  self->multi_label = multi_label;
}

/* FALSE when a logit is not finite. */
static gboolean
read_score (const FvScoreBatch *self, const float *logits, FvScore *score)
{
  int n_classes = self->n_classes;
  int best = 0;
  double sum = 0;

  for (int c = 0; c < n_classes; c++) {
    if (!isfinite (logits[c]))
      return FALSE;
    if (logits[c] > logits[best])
      best = c;
  }
  for (int c = 0; c < n_classes; c++)
    sum += exp ((double) logits[c] - logits[best]);
  score->prediction = best;
  score->logit = logits[self->target >= 0 ? self->target : best];
  score->probability
      = self->multi_label ? 1 / (1 + exp (-score->logit)) : exp (score->logit - logits[best]) / sum;
  return TRUE;
}

static void
run (FvScoreBatch *self)
{
  int n = self->n;

  self->n = 0;
  if (g_cancellable_set_error_if_cancelled (self->cancellable, &self->error)
      || !self->scorer (self->images, n, self->logits, self->user_data, &self->error))
    return;
  self->n_forwards += (gsize) n;
  for (int i = 0; i < n; i++)
    if (!read_score (self, self->logits + (gsize) i * self->n_classes, self->scores[i])) {
      g_set_error (&self->error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                   "the network's answer to a changed picture is not finite: its weights are "
                   "damaged or its card's numbers are wrong");
      return;
    }
}

float *
fv_score_batch_add (FvScoreBatch *self, FvScore *score)
{
  if (self->n == self->capacity)
    run (self);
  if (self->error != NULL)
    return NULL;
  self->scores[self->n] = score;
  return self->images + self->picture * (gsize) self->n++;
}

gboolean
fv_score_batch_flush (FvScoreBatch *self, GError **error)
{
  if (self->error == NULL && self->n > 0)
    run (self);
  if (self->error == NULL)
    return TRUE;
  if (error != NULL)
    *error = g_error_copy (self->error);
  return FALSE;
}

gsize
fv_score_batch_get_n_forwards (const FvScoreBatch *self)
{
  return self->n_forwards;
}
