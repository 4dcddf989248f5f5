/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How many pictures to run at once when there are thousands: enough to keep all processors busy,
 * few enough for the memory that is free.
 * Threads: the engine thread. */

#pragma once

#include "fv-graph.h"

G_BEGIN_DECLS

/* More at once gain nothing on a processor. */
#define FV_BATCH_SIZE_MAX 16

/* A power of two from 1 to FV_BATCH_SIZE_MAX for pictures of @height × @width: what the values of
 * so many need at their peak fits into a quarter of the free memory. 0 with @error when the network
 * cannot run on pictures of that size. It costs a forward: fv_model_get_batch_size () remembers. */
int fv_batch_size_choose (FvGraph *graph, int height, int width, GError **error);
/* The same arithmetic: @bytes_per_picture at the peak, @free_bytes that are free. */
int fv_batch_size_fit (gsize bytes_per_picture, gsize free_bytes);
/* What the kernel says processes can still have without swapping. */
gsize fv_batch_size_get_free_bytes (void);

G_END_DECLS
