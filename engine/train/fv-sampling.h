/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Which pictures come in an epoch, how much each counts, and whose masks are used. What is drawn
 * hangs on the generator or seed alone. Private to training.
 * Threads: any. */

#pragma once

#include "fv-dataset.h"

G_BEGIN_DECLS

/* What comes equally often. */
typedef enum {
  FV_BALANCE_NONE,  /* every picture */
  FV_BALANCE_CLASS, /* every class */
  FV_BALANCE_GROUP, /* every class in every place it occurs in */
} FvBalance;

/* The most that one picture may count, before all are scaled to a mean of 1. */
#define FV_SAMPLING_MAX_IMPORTANCE 20

typedef struct _FvSampling FvSampling;

/* For the pictures of @split, in the dataset's order. Balancing groups that it has not is an error.
 * @reweight: all groups, or classes where there are none, shall count the same. (transfer full) */
FvSampling *fv_sampling_new (const FvDataset *dataset, FvSplit split, FvBalance balance,
                             gboolean reweight, GError **error);
/* The same for @n pictures of the kinds @balanced and @weighed, each NULL for none.
 * (transfer full) */
FvSampling *fv_sampling_new_of_kinds (const int *balanced, const int *weighed, guint n);
void fv_sampling_free (FvSampling *self);

/* An order of the @n pictures. @self: NULL, or without balance, has each once; else each of the K
 * kinds that occur comes n / K times, rounded up for some that are drawn: pictures of a rare kind
 * come again once all of it have come, and of a frequent kind some stay out. (transfer full) */
guint *fv_sampling_order (const FvSampling *self, GRand *random, guint n);
/* How much each picture counts: n / (K n_kind), at most FV_SAMPLING_MAX_IMPORTANCE, then scaled to
 * a mean of 1. NULL when all count the same, as without @self. (transfer none) */
const float *fv_sampling_get_importances (const FvSampling *self);

/* Leaves @share (0 … 1, rounded to a whole number of them, at least one unless it is 0) of the TRUE
 * among @n flags as they are, which ones being drawn from @seed, and makes the others FALSE. */
void fv_sampling_keep_share (gboolean *flags, guint n, double share, guint64 seed);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FvSampling, fv_sampling_free)

G_END_DECLS
