/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How well the map on screen agrees with the mask on screen, while the mask is painted.
 *
 * A dab renews the cheap numbers at once (FvLiveAlignment); those that need every pixel in order,
 * and the chance level of the pointing game, keep their last value until the brush rests, when
 * all are measured anew. Threads: the main thread. */

#pragma once

#include "fv-alignment.h"
#include "fv-inspect-result.h"
#include "fv-rect.h"

G_BEGIN_DECLS

typedef struct _FvLiveNumbers FvLiveNumbers;

/* The numbers are new though nobody called: the brush has come to rest. */
typedef void (*FvLiveNumbersCallback) (gpointer user_data);

/* (transfer full) */
FvLiveNumbers *fv_live_numbers_new (FvLiveNumbersCallback callback, gpointer user_data);
void fv_live_numbers_free (FvLiveNumbers *self);

/* The map on screen; NULL, or a result without a map: none. It is copied. */
void fv_live_numbers_set_result (FvLiveNumbers *self, const FvInspectResult *result);
/* The mask on screen, measured at once; a reference is taken. NULL: none. */
void fv_live_numbers_set_mask (FvLiveNumbers *self, FvMask *mask);
/* The pixels @dirty of the mask may have changed. */
void fv_live_numbers_touch (FvLiveNumbers *self, FvRect dirty);
/* Measures what is still outstanding, if anything is. */
void fv_live_numbers_settle (FvLiveNumbers *self);

/* Undefined (NaN) without a map or a mask. */
FvAlignment fv_live_numbers_get (const FvLiveNumbers *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FvLiveNumbers, fv_live_numbers_free)

G_END_DECLS
