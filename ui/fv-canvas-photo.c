/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Photo and map are both separable: each row is first mixed from two source rows, then read at
 * precomputed columns. That is what keeps a full repaint near the cost of a copy. */

#include "fv-canvas-photo.h"

#include <math.h>

/* Where one drawn pixel reads: source cells @low and @high, mixed. */
typedef struct {
  int low, high;
  float share; /* of high, 0 … 1 */
} Tap;

/* The same for the photo's columns: places in photo_row, and the share of 256. */
typedef struct {
  guint low, high, share;
} PhotoColumn;

/* Everything that the rows of one rectangle share. */
typedef struct {
  FvCanvasLevel level;
  FvRect rect;
  int first_column;           /* of the level that rect reads */
  int n_columns;              /* that rect reads */
  PhotoColumn *photo_columns; /* [rect.width] */
  Tap *map_columns;           /* [rect.width] */
  guint16 *photo_row;         /* [n_columns, 3], in 1/256 */
  float *map_row;             /* [map width] */
  guint8 *levels;             /* [rect.width] evidence as an index of blends */
} Scratch;

/* Drawn pixel @index of an axis where a source of @size cells has @scale drawn pixels a cell. */
static Tap
tap_at (int index, double scale, int size, gboolean sharp)
{
  double position = (index + 0.5) / scale;
  double below = floor (sharp ? position : position - 0.5);
  int low = (int) CLAMP (below, 0, size - 1);
  int high = sharp ? low : (int) CLAMP (below + 1, 0, size - 1);

  return (Tap){ low, high, sharp ? 0 : (float) (position - 0.5 - below) };
}

void
fv_canvas_photo_fill_blends (FvCanvasBlend blends[FV_COLORMAP_SIZE], FvColormap colormap,
                             double opacity)
{
  guint8 colors[FV_COLORMAP_SIZE][3];

  fv_colormap_fill (colormap, colors);
  for (int i = 0; i < FV_COLORMAP_SIZE; i++) {
    double share = (double) i / (FV_COLORMAP_SIZE - 1);
    int alpha = (int) lround (256 * CLAMP (opacity, 0, 1) * fv_colormap_get_alpha (share));

    blends[i].keep = (guint16) (256 - alpha);
    for (int channel = 0; channel < 3; channel++)
      blends[i].add[channel] = (guint16) (colors[i][channel] * alpha + 128);
  }
}

/* Mixes the source rows of drawn row @y, from the first column in use to the last. */
static void
mix_photo_row (const FvCanvasPhoto *self, Scratch *scratch, int y)
{
  const FvCanvasLevel *level = &scratch->level;
  double scale = self->scale * (1 << level->shift);
  Tap tap = tap_at (y, scale, level->height, self->sharp);
  gsize row_bytes = (gsize) level->width * 3;
  gsize first = (gsize) scratch->first_column * 3;
  const guint8 *top = level->pixels + tap.low * row_bytes + first;
  const guint8 *bottom = level->pixels + tap.high * row_bytes + first;
  int share = (int) lroundf (tap.share * 256);

  for (int i = 0; i < scratch->n_columns * 3; i++)
    scratch->photo_row[i] = (guint16) (top[i] * (256 - share) + bottom[i] * share);
}

static void
mix_map_row (const FvMap *map, int y, double scale, float *row)
{
  Tap tap = tap_at (y, scale, map->height, FALSE);
  const float *top = map->values + (gsize) tap.low * map->width;
  const float *bottom = map->values + (gsize) tap.high * map->width;

  for (int i = 0; i < map->width; i++)
    row[i] = top[i] + (bottom[i] - top[i]) * tap.share;
}

/* The evidence along drawn row @y. */
static void
read_map_row (const FvCanvasPhoto *self, const FvMap *map, Scratch *scratch, int y)
{
  double height = fv_image_get_height (fv_canvas_pyramid_get_image (self->pyramid)) * self->scale;
  float gain = (float) ((FV_COLORMAP_SIZE - 1) / self->map_max);

  mix_map_row (map, y, height / map->height, scratch->map_row);
  for (int x = 0; x < scratch->rect.width; x++) {
    const Tap *tap = &scratch->map_columns[x];
    float low = scratch->map_row[tap->low];
    float value = (low + (scratch->map_row[tap->high] - low) * tap->share) * gain;

    scratch->levels[x] = value > 0 ? (guint8) MIN (value + 0.5f, FV_COLORMAP_SIZE - 1) : 0;
  }
}

static inline guint32
blend_channel (const guint16 *low, const guint16 *high, guint share, const FvCanvasBlend *blend,
               int channel)
{
  guint32 photo = (low[channel] * (256 - share) + high[channel] * share + 32768) >> 16;

  return (photo * blend->keep + blend->add[channel]) >> 8;
}

static void
write_row (const FvCanvasPhoto *self, const Scratch *scratch, guint32 *pixels)
{
  for (int x = 0; x < scratch->rect.width; x++) {
    const PhotoColumn *column = &scratch->photo_columns[x];
    const guint16 *low = scratch->photo_row + column->low;
    const guint16 *high = scratch->photo_row + column->high;
    const FvCanvasBlend *blend = &self->blends[scratch->levels[x]];

    pixels[x] = 0xff000000u | blend_channel (low, high, column->share, blend, 0) << 16
                | blend_channel (low, high, column->share, blend, 1) << 8
                | blend_channel (low, high, column->share, blend, 2);
  }
}

static void
prepare_photo (const FvCanvasPhoto *self, Scratch *scratch)
{
  FvRect rect = scratch->rect;
  double scale = self->scale * (1 << scratch->level.shift);
  int width = scratch->level.width;

  scratch->first_column = tap_at (rect.x, scale, width, self->sharp).low;
  scratch->n_columns = tap_at (rect.x + rect.width - 1, scale, width, self->sharp).high
                       - scratch->first_column + 1;
  scratch->photo_row = g_new (guint16, scratch->n_columns * 3);
  scratch->photo_columns = g_new (PhotoColumn, rect.width);
  for (int x = 0; x < rect.width; x++) {
    Tap tap = tap_at (rect.x + x, scale, width, self->sharp);

    scratch->photo_columns[x].low = (guint) (tap.low - scratch->first_column) * 3;
    scratch->photo_columns[x].high = (guint) (tap.high - scratch->first_column) * 3;
    scratch->photo_columns[x].share = (guint) lroundf (tap.share * 256);
  }
}

static void
prepare_map (const FvCanvasPhoto *self, const FvMap *map, Scratch *scratch)
{
  double width = fv_image_get_width (fv_canvas_pyramid_get_image (self->pyramid)) * self->scale;

  scratch->map_row = g_new (float, map->width);
  scratch->map_columns = g_new (Tap, scratch->rect.width);
  for (int x = 0; x < scratch->rect.width; x++)
    scratch->map_columns[x] = tap_at (scratch->rect.x + x, width / map->width, map->width, FALSE);
}

/* Draws @rect, all of which shows one @map (or NULL: none). */
static void
render_part (const FvCanvasPhoto *self, const FvMap *map, FvRect rect, guint32 *pixels, int stride)
{
  Scratch scratch = {
    .level = fv_canvas_pyramid_get_level (self->pyramid, self->scale),
    .rect = rect,
    .levels = g_new0 (guint8, rect.width),
  };
  gboolean has_map = map != NULL && self->map_max > 0;

  prepare_photo (self, &scratch);
  if (has_map)
    prepare_map (self, map, &scratch);

  for (int y = 0; y < rect.height; y++) {
    mix_photo_row (self, &scratch, rect.y + y);
    if (has_map)
      read_map_row (self, map, &scratch, rect.y + y);
    write_row (self, &scratch, pixels + (gsize) y * stride);
  }

  g_free (scratch.photo_columns);
  g_free (scratch.map_columns);
  g_free (scratch.photo_row);
  g_free (scratch.map_row);
  g_free (scratch.levels);
}

void
fv_canvas_photo_render (const FvCanvasPhoto *self, FvRect rect, guint32 *pixels, int stride)
{
  int left = CLAMP (self->split - rect.x, 0, rect.width);
  FvRect before = { rect.x, rect.y, left, rect.height };
  FvRect now = { rect.x + left, rect.y, rect.width - left, rect.height };

  if (!fv_rect_is_empty (before))
    render_part (self, self->before, before, pixels, stride);
  if (!fv_rect_is_empty (now))
    render_part (self, self->now, now, pixels + left, stride);
}
