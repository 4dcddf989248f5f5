/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The losses that training may add up, by the names that configurations, logs and the command line
 * share. Threads: any. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
  FV_LOSS_CROSS_ENTROPY, /* "ce": the task's own */
  FV_LOSS_CAMAL,         /* "camal": see fv-camal.h */
  FV_LOSS_SWAP,          /* "swap": see fv-swap.h */
  FV_LOSS_CONTRAST,      /* "contrast": see fv-contrast.h */
  FV_LOSS_MATCH,         /* "match": one of those in fv-match.h */
  FV_LOSS_RRR,           /* "rrr": see fv-rrr.h */
  FV_LOSS_CONSISTENCY,   /* "consistency": see fv-consistency.h */
} FvLossKind;

#define FV_N_LOSSES 7

const char *fv_loss_get_name (FvLossKind kind);
/* Losses on attention need a layer with space and pictures with masks. Consistency is none of them:
 * it has neither masks nor labels, and pictures of its own. */
gboolean fv_loss_is_on_attention (FvLossKind kind);
/* FALSE when there is no loss of that name. */
gboolean fv_loss_find (const char *name, FvLossKind *kind);

G_END_DECLS
