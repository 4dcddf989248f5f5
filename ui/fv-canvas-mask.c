/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The mask is sampled at the drawn pixels first: cost and memory follow what is seen, and the
 * outline of the samples is the boundary on the screen's own pixels, at any zoom. */

#include "fv-canvas-mask.h"

#include "fv-mask-outline.h"

/* Premultiplied 0xAARRGGBB. */
#define TINT 0x4d102845u
#define LINE_LIGHT 0xffffffffu
#define LINE_DARK 0xff000000u
#define HATCH_LIGHT 0xb3b3b3b3u
#define HATCH_DARK 0x99000000u
#define HATCH_GROUND 0x33000000u

/* Screen pixels from one hatch line to the next, and the width of its two halves. */
#define HATCH_PERIOD 10
#define HATCH_WIDTH 2

/* The mask at the pixels of @rect and @border more to each side; beyond its edge is OUTSIDE. */
static FvMask *
sample (const FvCanvasMask *self, FvRect rect, int border)
{
  int width = fv_mask_get_width (self->mask);
  int height = fv_mask_get_height (self->mask);
  FvMask *samples = fv_mask_new (rect.width + 2 * border, rect.height + 2 * border);
  int n_columns = fv_mask_get_width (samples);
  guint8 *to = fv_mask_get_data (samples);
  g_autofree int *columns = g_new (int, n_columns);

  for (int x = 0; x < n_columns; x++) {
    double position = (rect.x - border + x + 0.5) / self->scale;

    columns[x] = position >= 0 && position < width ? (int) position : -1;
  }
  for (int y = 0; y < fv_mask_get_height (samples); y++, to += n_columns) {
    double position = (rect.y - border + y + 0.5) / self->scale;

    if (position < 0 || position >= height)
      continue;
    const guint8 *from = fv_mask_peek (self->mask) + (gsize) position * width;
    for (int x = 0; x < n_columns; x++)
      to[x] = columns[x] >= 0 ? from[columns[x]] : FV_MASK_OUTSIDE;
  }
  return samples;
}

static guint32
hatch_at (int x, int y, int thickness)
{
  int phase = (x + y) / thickness % HATCH_PERIOD;

  if (phase < HATCH_WIDTH)
    return HATCH_LIGHT;
  return phase < 2 * HATCH_WIDTH ? HATCH_DARK : HATCH_GROUND;
}

/* Writes every pixel of @rect. Returns: whether one of them is not transparent. */
static gboolean
draw_areas (const FvCanvasMask *self, const FvMask *samples, int border, FvRect rect,
            guint32 *pixels, int stride)
{
  int n_columns = fv_mask_get_width (samples);
  guint32 seen = 0;

  for (int y = 0; y < rect.height; y++) {
    const guint8 *states = fv_mask_peek (samples) + (gsize) (y + border) * n_columns + border;
    guint32 *row = pixels + (gsize) y * stride;

    for (int x = 0; x < rect.width; x++) {
      row[x] = 0;
      if (states[x] == FV_MASK_INSIDE && self->tint)
        row[x] = TINT;
      else if (states[x] == FV_MASK_NO_OPINION)
        row[x] = hatch_at (rect.x + x, rect.y + y, self->thickness);
      seen |= row[x];
    }
  }
  return seen != 0;
}

/* Fills the square around a segment that reaches @reach pixels from it, cut to @rect's size. */
static void
draw_segment (FvSegment segment, int reach, guint32 color, FvRect rect, guint32 *pixels, int stride)
{
  int left = MAX (segment.x0 - reach, 0), right = MIN (segment.x1 + reach, rect.width);
  int top = MAX (segment.y0 - reach, 0), bottom = MIN (segment.y1 + reach, rect.height);

  for (int y = top; y < bottom; y++)
    for (int x = left; x < right; x++)
      pixels[(gsize) y * stride + x] = color;
}

static gboolean
draw_outline (const FvCanvasMask *self, const FvMask *samples, int border, FvRect rect,
              guint32 *pixels, int stride)
{
  /* Without the outermost samples: their neighbours are unknown. */
  FvRect known = { 1, 1, fv_mask_get_width (samples) - 2, fv_mask_get_height (samples) - 2 };
  g_autoptr (GArray) segments = fv_mask_outline (samples, known);
  const struct {
    int reach;
    guint32 color;
  } strokes[] = { { FV_CANVAS_MASK_REACH, LINE_DARK }, { FV_CANVAS_MASK_REACH - 1, LINE_LIGHT } };

  for (gsize i = 0; i < G_N_ELEMENTS (strokes); i++) {
    for (guint j = 0; j < segments->len; j++) {
      FvSegment segment = g_array_index (segments, FvSegment, j);

      segment.x0 -= border, segment.x1 -= border;
      segment.y0 -= border, segment.y1 -= border;
      draw_segment (segment, strokes[i].reach * self->thickness, strokes[i].color, rect, pixels,
                    stride);
    }
  }
  return segments->len > 0;
}

gboolean
fv_canvas_mask_render (const FvCanvasMask *self, FvRect rect, guint32 *pixels, int stride)
{
  int border = FV_CANVAS_MASK_REACH * self->thickness + 1;
  g_autoptr (FvMask) samples = sample (self, rect, border);
  gboolean seen = draw_areas (self, samples, border, rect, pixels, stride);

  if (self->outline)
    seen |= draw_outline (self, samples, border, rect, pixels, stride);
  return seen;
}
