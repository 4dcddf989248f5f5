/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the full measurement takes over from a live one: clean pixels and their counts. */

#pragma once

#include "fv-live-alignment.h"

G_BEGIN_DECLS

typedef struct {
  double total, inside;      /* Σ A and Σ_S A */
  gsize n_opinion, n_inside; /* n and |S| */
  gsize n_on, n_on_inside;   /* |P| and |P ∩ S| */
  gsize peak_index;          /* first pixel, in padded rows, with the largest A */
  float peak;                /* max A; 0 when there is none */
} FvAlignmentSums;

FvAlignmentSums fv_live_alignment_get_sums (const FvLiveAlignment *self);
/* Pixels of a row of the following: the map's width, and then some that have no opinion. */
int fv_live_alignment_get_stride (const FvLiveAlignment *self);
/* A, row by row: neither negative nor NaN. (transfer none) */
const float *fv_live_alignment_peek_values (const FvLiveAlignment *self);
/* The mask sampled to the map's size: FvMaskState. (transfer none) */
const guint8 *fv_live_alignment_peek_states (const FvLiveAlignment *self);

G_END_DECLS
