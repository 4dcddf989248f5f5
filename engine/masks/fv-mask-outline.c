/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One pass over the rows. Rows of a mask are long runs of the same state, so both scans skip eight
 * pixels at a time where nothing happens: that is what makes a 4K mask cheap. */

#include "fv-mask-outline.h"

#include <string.h>

/* Columns are buffered with one neighbour at either end. */
#define PADDING 1

/* FvMaskState is a byte of which bit 0 alone says INSIDE. */
G_STATIC_ASSERT ((FV_MASK_INSIDE & 1) == 1 && (FV_MASK_OUTSIDE & 1) == 0
                 && (FV_MASK_NO_OPINION & 1) == 0);

typedef struct {
  const FvMask *mask;
  FvRect region;
  GArray *segments;
} Outline;

/* Writes 1 where pixel (region.x + i, y) is INSIDE, @row[PADDING + i]; the two paddings get the
 * neighbours, but only beside an INSIDE pixel: an edge belongs to its INSIDE pixel, and where
 * that is the neighbour, it is not ours to report. */
static void
read_row (const Outline *self, int y, guint8 *row)
{
  int width = fv_mask_get_width (self->mask);
  int start = self->region.x, n = self->region.width, end = start + n;
  const guint8 *states = fv_mask_peek (self->mask) + (gsize) y * width;

  for (int i = 0; i < n; i++)
    row[PADDING + i] = states[start + i] & 1;
  row[0] = start > 0 ? states[start - 1] & row[PADDING] & 1 : 0;
  row[PADDING + n] = end < width ? states[end] & row[n] & 1 : 0;
}

/* The same for the row beyond the top or the bottom of the region, whose row @border touches it. */
static void
read_row_beyond (const Outline *self, int y, const guint8 *border, guint8 *row)
{
  gsize width = fv_mask_get_width (self->mask);

  memset (row, 0, (gsize) self->region.width + 2 * PADDING);
  if (y < 0 || y >= fv_mask_get_height (self->mask))
    return;
  for (int i = 0; i < self->region.width; i++)
    row[PADDING + i]
        = fv_mask_peek (self->mask)[y * width + self->region.x + i] & border[PADDING + i] & 1;
}

/* The first index from @i on where @a and @b differ, or @n. */
static int
find_difference (const guint8 *a, const guint8 *b, int i, int n)
{
  while (i + 8 <= n && memcmp (a + i, b + i, 8) == 0)
    i += 8;
  while (i < n && a[i] == b[i])
    i++;
  return i;
}

static void
add_segment (Outline *self, int x0, int y0, int x1, int y1)
{
  FvSegment segment = { x0, y0, x1, y1 };

  g_array_append_val (self->segments, segment);
}

/* The pieces of line @y: runs where the rows above and below it differ. */
static void
add_horizontal (Outline *self, const guint8 *above, const guint8 *below, int y)
{
  int n = self->region.width;
  int x0 = self->region.x;

  above += PADDING;
  below += PADDING;
  for (int start = find_difference (above, below, 0, n); start < n;) {
    int end = start + 1;

    while (end < n && above[end] != below[end])
      end++;
    add_segment (self, x0 + start, y, x0 + end, y);
    start = find_difference (above, below, end, n);
  }
}

/* Begins and ends vertical pieces at line @y, where the row above had edges @old and the row below
 * has @now; @starts has the y where the piece at a column began. */
static void
add_vertical (Outline *self, const guint8 *old, const guint8 *now, int *starts, int y)
{
  int n = self->region.width + 1;
  int x0 = self->region.x;

  for (int x = find_difference (old, now, 0, n); x < n; x = find_difference (old, now, x + 1, n)) {
    if (now[x])
      starts[x] = y;
    else
      add_segment (self, x0 + x, starts[x], x0 + x, y);
  }
}

/* @edges[i]: whether there is an edge left of region pixel i. */
static void
find_edges (const Outline *self, const guint8 *row, guint8 *edges)
{
  int n = self->region.width;

  for (int i = 0; i <= n; i++)
    edges[i] = row[i] ^ row[i + 1];
}

static void
trace (Outline *self)
{
  const FvRect *region = &self->region;
  gsize n = (gsize) region->width + 2 * PADDING;
  g_autofree guint8 *above = g_malloc0 (n);
  g_autofree guint8 *here = g_malloc0 (n);
  g_autofree guint8 *old_edges = g_malloc0 (n);
  g_autofree guint8 *edges = g_malloc0 (n);
  g_autofree int *starts = g_new0 (int, n);
  int end = region->y + region->height;

  read_row (self, region->y, here);
  read_row_beyond (self, region->y - 1, here, above);
  for (int y = region->y; y < end; y++) {
    read_row (self, y, here);
    find_edges (self, here, edges);
    add_horizontal (self, above, here, y);
    add_vertical (self, old_edges, edges, starts, y);
    memcpy (above, here, n);
    memcpy (old_edges, edges, n);
  }
  read_row_beyond (self, end, above, here);
  add_horizontal (self, above, here, end);
  memset (edges, 0, n);
  add_vertical (self, old_edges, edges, starts, end);
}

GArray *
fv_mask_outline (const FvMask *mask, FvRect region)
{
  Outline self = { .mask = mask };

  g_return_val_if_fail (mask != NULL, NULL);

  self.segments = g_array_new (FALSE, FALSE, sizeof (FvSegment));
  self.region = fv_rect_intersect (
      region, (FvRect){ 0, 0, fv_mask_get_width (mask), fv_mask_get_height (mask) });
  if (!fv_rect_is_empty (self.region))
    trace (&self);
  return self.segments;
}
