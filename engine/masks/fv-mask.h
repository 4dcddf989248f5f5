/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A mask: for every pixel of an image, whether the model should look there.
 *
 * Counting references is safe from any thread; painting is not: the thread that paints owns the
 * mask, others get a copy (fv_mask_copy ()). */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What a mask says about one pixel. Stored as one byte a pixel. */
typedef enum {
  FV_MASK_OUTSIDE,    /* don't look here */
  FV_MASK_INSIDE,     /* look here */
  FV_MASK_NO_OPINION, /* left out of every loss and metric */
} FvMaskState;

typedef struct _FvMask FvMask;

/* The longest side of a mask, and of an image, in pixels. */
#define FV_MASK_MAX_SIDE 20000

/* A mask of @width × @height pixels (1 … FV_MASK_MAX_SIDE), all OUTSIDE. Returns: (transfer full)
 */
FvMask *fv_mask_new (int width, int height);

/* Takes a reference. Returns: @mask */
FvMask *fv_mask_ref (FvMask *mask);

/* Drops a reference; the last one frees the mask. */
void fv_mask_unref (FvMask *mask);

/* A mask of its own with the same pixels. Returns: (transfer full) */
FvMask *fv_mask_copy (const FvMask *mask);

int fv_mask_get_width (const FvMask *mask);
int fv_mask_get_height (const FvMask *mask);

/* The states (FvMaskState) row by row, width × height bytes without padding; valid as long as
 * the mask. Returns: (transfer none) */
const guint8 *fv_mask_peek (const FvMask *mask);

/* The same bytes to write to; only values of FvMaskState may be stored. Returns: (transfer none) */
guint8 *fv_mask_get_data (FvMask *mask);

/* The number of pixels that say @state. */
gsize fv_mask_count (const FvMask *mask, FvMaskState state);

/* Whether no pixel is INSIDE: nothing to look at, so losses and metrics leave the image out. */
gboolean fv_mask_is_empty (const FvMask *mask);

/* The source pixel that pixel @i of @n takes when a row or column of @size pixels is sampled:
 * floor ((i + 0.5) · size / n). */
int fv_mask_nearest_source (int i, int n, int size);

/* The mask sampled to @width × @height (1 … FV_MASK_MAX_SIDE): each pixel takes its
 * fv_mask_nearest_source (), so no state is ever invented. Returns: (transfer full) */
FvMask *fv_mask_resize_nearest (const FvMask *mask, int width, int height);

/* Exact area pooling onto a grid of @width × @height cells, larger or smaller than the mask; a
 * cell that cuts a pixel takes the covered fraction of it.
 *
 * @inside and @opinion have width × height floats, row by row, in 0 … 1:
 *   opinion = share of the cell's area that is INSIDE or OUTSIDE;
 *   inside  = share of that opinion area that is INSIDE, and 0 where opinion is 0. */
void fv_mask_pool (const FvMask *mask, int width, int height, float *inside, float *opinion);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FvMask, fv_mask_unref)

G_END_DECLS
