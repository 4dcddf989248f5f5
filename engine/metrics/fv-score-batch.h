/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Perturbed pictures on their way to the network.
 *
 * Metrics of faithfulness ask "what would the network say if …" hundreds of times for one picture.
 * They write each such picture into the next slot of one buffer that is reused, and say where its
 * score should go; whenever the buffer is full, the network sees it as one batch. So memory does
 * not grow with the number of questions, and batches are full across metrics. What the network is
 * shown depends neither on the size of the batch nor on the order in which batches are run.
 *
 * The network is a callback: metrics never see a model. Threads: that of the callback. */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Runs the network on @images, preprocessed float32 [n,3,h,w], and writes @logits [n,classes]: the
 * values before softmax or sigmoid. FALSE with @error when it fails. */
typedef gboolean (*FvScorer) (const float *images, int n, float *logits, gpointer user_data,
                              GError **error);

/* What the network says of one picture. */
typedef struct {
  double probability; /* of the target class, by softmax over all classes, or by itself:
                       * fv_score_batch_set_multi_label () */
  double logit;       /* of the target class */
  int prediction;     /* the class of the largest logit, the first of equal ones */
} FvScore;

typedef struct _FvScoreBatch FvScoreBatch;

/* A buffer of @capacity pictures (1 and up) of @width × @height pixels for a network of @n_classes
 * classes. @target: the class whose probability is asked for; −1 until fv_score_batch_set_target
 * ().
 * @cancellable: (nullable), looked at before each batch. (transfer full) */
FvScoreBatch *fv_score_batch_new (int width, int height, int n_classes, int capacity,
                                  FvScorer scorer, gpointer user_data, GCancellable *cancellable);
void fv_score_batch_free (FvScoreBatch *self);

/* The class asked for from now on; −1: each picture's own prediction. The buffer must be empty. */
void fv_score_batch_set_target (FvScoreBatch *self, int target);

/* From now on a probability is the sigmoid of the class's own logit. */
void fv_score_batch_set_multi_label (FvScoreBatch *self, gboolean multi_label);

/* The next slot, float [3,h,w], to be written before the next call; runs the network first when all
 * slots are taken. Its score is written to @score by the time fv_score_batch_flush () has returned.
 * NULL after a failure or cancelling, which sticks: fv_score_batch_flush () tells it. */
float *fv_score_batch_add (FvScoreBatch *self, FvScore *score);

/* Runs what is left. FALSE with the first failure of all batches so far. */
gboolean fv_score_batch_flush (FvScoreBatch *self, GError **error);

/* Pictures the network has been shown so far. */
gsize fv_score_batch_get_n_forwards (const FvScoreBatch *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FvScoreBatch, fv_score_batch_free)

G_END_DECLS
