/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Tiles of 32 × 32 pixels: small enough that a dab renews little more than it touches, large enough
 * that going over all tiles costs nothing. Rows are padded with NO_OPINION to whole tiles, so that
 * every loop over pixels has a fixed length and becomes vector instructions. */

#include "fv-live-alignment-private.h"

#include <math.h>
#include <string.h>

#include "fv-alignment-reach.h"

#define TILE_SIDE 32

/* Sums are kept in so many parts, each of them added to in turn. */
#define N_LANES 8

/* A map is “on” where it reaches this share of its maximum. */
#define ON_SHARE 0.5f

struct _FvLiveAlignment {
  int width, height;
  int mask_width, mask_height;
  int n_columns, n_rows; /* of tiles */
  float *values;         /* A, in padded rows */
  guint8 *states;        /* FvMaskState, likewise */
  int *columns, *rows;   /* the mask's column and row of each pixel of the map */
  FvAlignmentSums *tiles;
  FvAlignmentSums sums; /* of all tiles */
};

/* The columns of a row of tiles, padding included. */
static int
get_stride (const FvLiveAlignment *self)
{
  return self->n_columns * TILE_SIDE;
}

/* The rows of pixels that the tiles of @tile_row have. */
static int
get_tile_height (const FvLiveAlignment *self, int tile_row)
{
  return MIN (TILE_SIDE, self->height - tile_row * TILE_SIDE);
}

/* Of the row @y, the pixels of the tiles @first … @end − 1. */
static void
sample_states (FvLiveAlignment *self, const guint8 *mask, int y, int first, int end)
{
  const guint8 *from = mask + (gsize) self->rows[y] * (gsize) self->mask_width;
  guint8 *to = self->states + (gsize) y * (gsize) get_stride (self);
  int begin = first * TILE_SIDE, stop = MIN (end * TILE_SIDE, self->width);

  if (self->mask_width == self->width)
    memcpy (to + begin, from + begin, (gsize) (stop - begin));
  else
    for (int x = begin; x < stop; x++)
      to[x] = from[self->columns[x]];
}

/* What a tile adds up to while its rows are gone through. */
typedef struct {
  double total[N_LANES], inside[N_LANES];
  guint n_opinion, n_inside;
} Lanes;

/* The @values that @states has as @state (or has not, if @other), the rest as 0. Masks of bits,
 * because compilers make no vectors of conditions on bytes that choose floats. */
static void
keep_values (float *restrict kept, const float *restrict values, const guint8 *restrict states,
             FvMaskState state, gboolean other)
{
  guint32 bits[TILE_SIDE];

  memcpy (bits, values, sizeof bits);
  for (int i = 0; i < TILE_SIDE; i++)
    bits[i] &= 0u - (guint32) ((states[i] == state) != other);
  memcpy (kept, bits, sizeof bits);
}

/* Adds a row of TILE_SIDE pixels. Returns: its largest A */
static float
add_row (Lanes *lanes, const float *values, const guint8 *states)
{
  float all[TILE_SIDE], inside[TILE_SIDE];
  float peaks[N_LANES] = { 0 }, peak = 0;
  guint8 n_opinion = 0, n_inside = 0;

  keep_values (all, values, states, FV_MASK_NO_OPINION, TRUE);
  keep_values (inside, values, states, FV_MASK_INSIDE, FALSE);
  for (int i = 0; i < TILE_SIDE; i++) {
    n_opinion += states[i] != FV_MASK_NO_OPINION;
    n_inside += states[i] == FV_MASK_INSIDE;
  }
  for (int i = 0; i < TILE_SIDE; i += N_LANES)
    for (int k = 0; k < N_LANES; k++) {
      lanes->total[k] += (double) all[i + k];
      lanes->inside[k] += (double) inside[i + k];
      peaks[k] = peaks[k] > all[i + k] ? peaks[k] : all[i + k];
    }
  for (int k = 0; k < N_LANES; k++)
    peak = MAX (peak, peaks[k]);
  lanes->n_opinion += n_opinion;
  lanes->n_inside += n_inside;
  return peak;
}

/* The first of a row's pixels that has an opinion and the value @peak, which one has. */
static gsize
find_in_row (const float *values, const guint8 *states, float peak)
{
  gsize i = 0;

  while (states[i] == FV_MASK_NO_OPINION || values[i] < peak)
    i++;
  return i;
}

static void
sum_lanes (const Lanes *lanes, FvAlignmentSums *sums)
{
  sums->n_opinion = lanes->n_opinion;
  sums->n_inside = lanes->n_inside;
  for (int k = 0; k < N_LANES; k++) {
    sums->total += lanes->total[k];
    sums->inside += lanes->inside[k];
  }
}

/* Samples the mask for the tiles of @rect that are in @tile_row and sums them up, all but n_on and
 * n_on_inside. Row by row through all of them, as they lie in memory. */
static void
sum_tiles (FvLiveAlignment *self, const FvMask *mask, FvRect rect, int tile_row)
{
  FvAlignmentSums *tiles = self->tiles + tile_row * self->n_columns;
  g_autofree Lanes *lanes = g_new0 (Lanes, rect.width);
  int end = rect.x + rect.width;

  for (int i = rect.x; i < end; i++)
    tiles[i] = (FvAlignmentSums){ 0 };
  for (int i = 0; i < get_tile_height (self, tile_row); i++) {
    int y = tile_row * TILE_SIDE + i;

    sample_states (self, fv_mask_peek (mask), y, rect.x, end);
    for (int k = rect.x; k < end; k++) {
      gsize start = (gsize) y * (gsize) get_stride (self) + (gsize) k * TILE_SIDE;
      float peak = add_row (&lanes[k - rect.x], self->values + start, self->states + start);

      if (peak > tiles[k].peak) {
        tiles[k].peak = peak;
        tiles[k].peak_index
            = start + find_in_row (self->values + start, self->states + start, peak);
      }
    }
  }
  for (int i = rect.x; i < end; i++)
    sum_lanes (&lanes[i - rect.x], &tiles[i]);
}

/* Adds the pixels of a row of TILE_SIDE that reach @threshold. */
static void
count_row (const float *values, const guint8 *states, float threshold, FvAlignmentSums *sums)
{
  guint8 n_on = 0, n_on_inside = 0; /* a row has fewer than 256 */

  for (int i = 0; i < TILE_SIDE; i++) {
    guint8 on = values[i] >= threshold;

    n_on += on & (states[i] != FV_MASK_NO_OPINION);
    n_on_inside += on & (states[i] == FV_MASK_INSIDE);
  }
  sums->n_on += n_on;
  sums->n_on_inside += n_on_inside;
}

static void
count_tiles_on (FvLiveAlignment *self, FvRect rect, int tile_row, float threshold)
{
  FvAlignmentSums *tiles = self->tiles + tile_row * self->n_columns;

  for (int i = rect.x; i < rect.x + rect.width; i++)
    tiles[i].n_on = tiles[i].n_on_inside = 0;
  for (int i = 0; i < get_tile_height (self, tile_row); i++) {
    gsize row = (gsize) (tile_row * TILE_SIDE + i) * (gsize) get_stride (self);

    for (int k = rect.x; k < rect.x + rect.width; k++)
      count_row (self->values + row + k * TILE_SIDE, self->states + row + k * TILE_SIDE, threshold,
                 &tiles[k]);
  }
}

static void
add_tile (FvAlignmentSums *sums, const FvAlignmentSums *tile)
{
  sums->total += tile->total;
  sums->inside += tile->inside;
  sums->n_opinion += tile->n_opinion;
  sums->n_inside += tile->n_inside;
  sums->n_on += tile->n_on;
  sums->n_on_inside += tile->n_on_inside;
  if (tile->peak > sums->peak
      || (tile->peak == sums->peak && tile->peak_index < sums->peak_index)) {
    sums->peak = tile->peak;
    sums->peak_index = tile->peak_index;
  }
}

static float
find_peak (const FvLiveAlignment *self)
{
  float peak = 0;

  for (int i = 0; i < self->n_columns * self->n_rows; i++)
    peak = MAX (peak, self->tiles[i].peak);
  return peak;
}

/* Brings the tiles of @rect, in tiles, up to date with @mask. */
static void
renew (FvLiveAlignment *self, const FvMask *mask, FvRect rect)
{
  float peak;

  for (int row = rect.y; row < rect.y + rect.height; row++)
    sum_tiles (self, mask, rect, row);
  peak = find_peak (self);
  if (peak < self->sums.peak || peak > self->sums.peak)
    rect = (FvRect){ 0, 0, self->n_columns, self->n_rows };
  for (int row = rect.y; row < rect.y + rect.height; row++)
    count_tiles_on (self, rect, row, ON_SHARE * peak);
  self->sums = (FvAlignmentSums){ .peak_index = G_MAXSIZE };
  for (int i = 0; i < self->n_columns * self->n_rows; i++)
    add_tile (&self->sums, &self->tiles[i]);
}

/* Makes the padded grids: A of each pixel, and no opinion yet. */
static void
copy_values (FvLiveAlignment *self, const float *upsampled)
{
  gsize stride = (gsize) get_stride (self), n = stride * (gsize) self->height;

  self->states = g_new (guint8, n);
  memset (self->states, FV_MASK_NO_OPINION, n);
  self->values = g_new0 (float, n);
  for (int y = 0; y < self->height; y++) {
    const float *from = upsampled + (gsize) y * (gsize) self->width;
    float *to = self->values + (gsize) y * stride;

    for (int x = 0; x < self->width; x++)
      to[x] = from[x] > 0.0f ? from[x] : 0.0f; /* also when it is NaN */
  }
}

static int *
make_sources (int n, int size)
{
  int *sources = g_new (int, n);

  for (int i = 0; i < n; i++)
    sources[i] = fv_mask_nearest_source (i, n, size);
  return sources;
}

FvLiveAlignment *
fv_live_alignment_new (const float *upsampled, int width, int height, const FvMask *mask)
{
  FvLiveAlignment *self;

  g_return_val_if_fail (upsampled != NULL && mask != NULL, NULL);
  g_return_val_if_fail (width > 0 && height > 0, NULL);

  self = g_new0 (FvLiveAlignment, 1);
  self->width = width;
  self->height = height;
  self->mask_width = fv_mask_get_width (mask);
  self->mask_height = fv_mask_get_height (mask);
  self->n_columns = (width + TILE_SIDE - 1) / TILE_SIDE;
  self->n_rows = (height + TILE_SIDE - 1) / TILE_SIDE;
  copy_values (self, upsampled);
  self->columns = make_sources (width, self->mask_width);
  self->rows = make_sources (height, self->mask_height);
  self->tiles = g_new0 (FvAlignmentSums, (gsize) self->n_columns * self->n_rows);
  renew (self, mask, (FvRect){ 0, 0, self->n_columns, self->n_rows });
  return self;
}

void
fv_live_alignment_free (FvLiveAlignment *self)
{
  if (self == NULL)
    return;
  g_free (self->values);
  g_free (self->states);
  g_free (self->columns);
  g_free (self->rows);
  g_free (self->tiles);
  g_free (self);
}

/* The tiles along an axis of @n pixels that may sample the mask's pixels @start … @start + @length
 * − 1 of @size; one pixel more on both sides, so that no rounding matters. */
static void
find_tiles (int start, int length, int size, int n, int *first, int *count)
{
  gint64 begin = (gint64) start * n / size - 1;
  gint64 end = ((gint64) start + length) * n / size + 1;

  *first = (int) (MAX (begin, 0) / TILE_SIDE);
  *count = (int) (MIN (end, n - 1) / TILE_SIDE) - *first + 1;
}

void
fv_live_alignment_update (FvLiveAlignment *self, const FvMask *mask, FvRect dirty)
{
  FvRect tiles;

  g_return_if_fail (self != NULL && mask != NULL);
  g_return_if_fail (fv_mask_get_width (mask) == self->mask_width
                    && fv_mask_get_height (mask) == self->mask_height);

  dirty = fv_rect_intersect (dirty, (FvRect){ 0, 0, self->mask_width, self->mask_height });
  if (fv_rect_is_empty (dirty))
    return;
  find_tiles (dirty.x, dirty.width, self->mask_width, self->width, &tiles.x, &tiles.width);
  find_tiles (dirty.y, dirty.height, self->mask_height, self->height, &tiles.y, &tiles.height);
  renew (self, mask, tiles);
}

FvAlignmentSums
fv_live_alignment_get_sums (const FvLiveAlignment *self)
{
  return self->sums;
}

int
fv_live_alignment_get_stride (const FvLiveAlignment *self)
{
  return get_stride (self);
}

const float *
fv_live_alignment_peek_values (const FvLiveAlignment *self)
{
  return self->values;
}

const guint8 *
fv_live_alignment_peek_states (const FvLiveAlignment *self)
{
  return self->states;
}

static void
set_values (const FvAlignmentSums *sums, double *values)
{
  double n_on = (double) sums->n_on, n_inside = (double) sums->n_inside;
  double n_both = (double) sums->n_on_inside;

  values[FV_ALIGNMENT_ENERGY] = sums->inside / sums->total;
  values[FV_ALIGNMENT_OUTSIDE] = 1.0 - sums->inside / sums->total;
  values[FV_ALIGNMENT_IOU] = n_both / (n_on + n_inside - n_both);
  values[FV_ALIGNMENT_PRECISION] = n_both / n_on;
  values[FV_ALIGNMENT_RECALL] = n_both / n_inside;
  values[FV_ALIGNMENT_F1] = 2.0 * n_both / (n_on + n_inside);
}

static void
set_chance (double area, double *chance)
{
  for (int i = 0; i < FV_ALIGNMENT_N; i++)
    chance[i] = area;
  chance[FV_ALIGNMENT_POINTING] = NAN;
  chance[FV_ALIGNMENT_AUC] = area < 1.0 ? 0.5 : NAN;
  chance[FV_ALIGNMENT_OUTSIDE] = 1.0 - area;
  chance[FV_ALIGNMENT_RECALL] = 1.0;
  chance[FV_ALIGNMENT_F1] = 2.0 * area / (1.0 + area);
}

FvAlignment
fv_live_alignment_get (const FvLiveAlignment *self)
{
  const FvAlignmentSums *sums;
  FvAlignment alignment = fv_alignment_undefined ();
  double tolerance;

  g_return_val_if_fail (self != NULL, alignment);

  sums = &self->sums;
  if (sums->n_inside == 0 || sums->total <= 0.0 || !isfinite (sums->total))
    return alignment;
  tolerance = fv_alignment_get_tolerance (self->width, self->height);
  alignment.defined = TRUE;
  alignment.area = (double) sums->n_inside / (double) sums->n_opinion;
  set_values (sums, alignment.values);
  alignment.values[FV_ALIGNMENT_POINTING] = fv_alignment_reaches (
      self->states, get_stride (self), self->height, sums->peak_index, tolerance);
  set_chance (alignment.area, alignment.chance);
  return alignment;
}
