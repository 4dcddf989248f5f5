/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What lies within a distance of a mask: the tolerance of the pointing game.
 * Distances are Euclidean, between pixel centres. Private to engine/metrics. Threads: any. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Whether an INSIDE pixel of @states (FvMaskState, @width × @height) is at most @radius from the
 * pixel @index. */
gboolean fv_alignment_reaches (const guint8 *states, int width, int height, gsize index,
                               double radius);

/* The share of the pixels with an opinion for which that holds, in two passes over the picture
 * whatever the radius. At least one pixel has an opinion. */
double fv_alignment_measure_reach (const guint8 *states, int width, int height, double radius);

G_END_DECLS
