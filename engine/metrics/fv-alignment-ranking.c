/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A pixel is one word: the bits of A, which sort as A does because A is not negative, then whether
 * it is INSIDE. Zeros, often most of a map, are counted instead of sorted. */

#include "fv-alignment-ranking.h"

#include <math.h>
#include <string.h>

#include "fv-mask.h"

/* Three passes of eleven bits sort 32; their tables stay in the first cache. */
#define DIGIT_BITS 11
#define N_DIGITS 3
#define N_BUCKETS (1 << DIGIT_BITS)

/* Share of the pixels that top_k_intersection looks at. */
#define TOP_SHARE 0.05

typedef struct {
  guint32 *words; /* of the pixels with an opinion and A > 0 */
  gsize n_words;
  gsize n_opinion, n_inside;
  gsize n_zero, n_zero_inside;
} Pixels;

static void
pixels_clear (Pixels *pixels)
{
  g_free (pixels->words);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Pixels, pixels_clear)

static void
gather (Pixels *pixels, const float *values, const guint8 *states, gsize n)
{
  guint32 *words = g_new (guint32, n);
  gsize n_words = 0;

  pixels->words = words;
  for (gsize i = 0; i < n; i++) {
    guint32 bits;
    gboolean opinion = states[i] != FV_MASK_NO_OPINION;
    gboolean inside = states[i] == FV_MASK_INSIDE;
    gboolean positive = values[i] > 0.0f;

    memcpy (&bits, &values[i], sizeof bits);
    words[n_words] = bits << 1 | (guint32) inside;
    n_words += (gsize) (opinion & positive);
    pixels->n_opinion += (gsize) opinion;
    pixels->n_inside += (gsize) inside;
    pixels->n_zero_inside += (gsize) (inside & !positive);
  }
  pixels->n_words = n_words;
  pixels->n_zero = pixels->n_opinion - n_words;
}

static guint32
digit (guint32 word, int pass)
{
  return word >> (pass * DIGIT_BITS) & (N_BUCKETS - 1);
}

/* Moves the words in order of one digit; words with the same stay in order. */
static void
scatter (const guint32 *from, guint32 *to, gsize n, int pass, guint32 *counts)
{
  guint32 start = 0;

  for (int b = 0; b < N_BUCKETS; b++) {
    guint32 count = counts[b];

    counts[b] = start;
    start += count;
  }
  for (gsize i = 0; i < n; i++)
    to[counts[digit (from[i], pass)]++] = from[i];
}

/* Sorts the words upwards. */
static void
sort (Pixels *pixels)
{
  guint32 counts[N_DIGITS][N_BUCKETS] = { { 0 } };
  guint32 *other = g_new (guint32, pixels->n_words);

  for (gsize i = 0; i < pixels->n_words; i++)
    for (int pass = 0; pass < N_DIGITS; pass++)
      counts[pass][digit (pixels->words[i], pass)]++;
  for (int pass = 0; pass < N_DIGITS; pass++) {
    guint32 *from = pixels->words;

    scatter (from, other, pixels->n_words, pass, counts[pass]);
    pixels->words = other;
    other = from;
  }
  g_free (other);
}

/* Of the @n_cut pixels of largest A, how many are INSIDE; where the cut goes through pixels of
 * equal A, how many are expected to be. The words are sorted upwards. */
static double
count_hits (const Pixels *pixels, gsize n_cut)
{
  const guint32 *words = pixels->words;
  gsize n = pixels->n_words;
  gsize first = 0, end = 0; /* of the words of equal A that the cut goes through */
  gsize n_tied = pixels->n_zero, n_tied_inside = pixels->n_zero_inside, n_inside = 0;

  if (n_cut <= n) {
    guint32 bits = words[n - n_cut] >> 1;

    for (first = n - n_cut; first > 0 && words[first - 1] >> 1 == bits;)
      first--;
    for (end = n - n_cut; end < n && words[end] >> 1 == bits;)
      end++;
    n_tied = end - first;
    n_tied_inside = 0;
    for (gsize i = first; i < end; i++)
      n_tied_inside += words[i] & 1;
  }
  for (gsize i = end; i < n; i++)
    n_inside += words[i] & 1;
  return (double) n_inside
         + (double) n_tied_inside * (double) (n_cut - (n - end)) / (double) n_tied;
}

/* Where the sweep from the largest A downwards stands, and what it has found. */
typedef struct {
  guint64 n_inside, n_outside; /* of the whole picture */
  guint64 n_inside_above, n_outside_above;
  guint64 pairs; /* twice the pairs (inside, outside) in the right order */
  guint64 best_both, best_either;
  guint32 best_bits;
} Sweep;

/* Goes past a group of pixels with equal A. */
static inline void
sweep_past (Sweep *sweep, guint32 bits, guint64 n_tied_inside, guint64 n_tied_outside)
{
  guint64 n_outside_below = sweep->n_outside - sweep->n_outside_above - n_tied_outside;
  guint64 both, either;

  sweep->n_inside_above += n_tied_inside;
  sweep->n_outside_above += n_tied_outside;
  if (n_tied_inside == 0)
    return;
  sweep->pairs += n_tied_inside * (2 * n_outside_below + n_tied_outside);
  both = sweep->n_inside_above;
  either = sweep->n_inside + sweep->n_outside_above;
  if (both * sweep->best_either > sweep->best_both * either) {
    sweep->best_both = both;
    sweep->best_either = either;
    sweep->best_bits = bits;
  }
}

static void
sweep_words (Sweep *sweep, const guint32 *words, gsize n)
{
  while (n > 0) {
    guint32 bits = words[n - 1] >> 1;
    guint64 n_tied = 0, n_tied_inside = 0;

    for (; n > 0 && words[n - 1] >> 1 == bits; n--) {
      n_tied++;
      n_tied_inside += words[n - 1] & 1;
    }
    sweep_past (sweep, bits, n_tied_inside, n_tied - n_tied_inside);
  }
}

FvAlignmentRanking
fv_alignment_rank (const float *values, const guint8 *states, gsize n)
{
  g_auto (Pixels) pixels = { NULL };
  FvAlignmentRanking ranking = { .auc = NAN };
  Sweep sweep = { .best_either = 1 };
  gsize n_top;
  float best_value;

  gather (&pixels, values, states, n);
  sort (&pixels);
  sweep.n_inside = pixels.n_inside;
  sweep.n_outside = pixels.n_opinion - pixels.n_inside;
  sweep_words (&sweep, pixels.words, pixels.n_words);
  if (pixels.n_zero > 0)
    sweep_past (&sweep, 0, pixels.n_zero_inside, pixels.n_zero - pixels.n_zero_inside);

  n_top = (gsize) fmax (1, round (TOP_SHARE * (double) pixels.n_opinion));
  n_top = MIN (n_top, pixels.n_inside);
  ranking.rank = count_hits (&pixels, pixels.n_inside) / (double) pixels.n_inside;
  ranking.top_k = count_hits (&pixels, n_top) / (double) n_top;
  if (sweep.n_outside > 0)
    ranking.auc = (double) sweep.pairs / (2.0 * (double) sweep.n_inside * (double) sweep.n_outside);
  ranking.iou_best = (double) sweep.best_both / (double) sweep.best_either;
  memcpy (&best_value, &sweep.best_bits, sizeof best_value);
  ranking.best_value = best_value;
  return ranking;
}
