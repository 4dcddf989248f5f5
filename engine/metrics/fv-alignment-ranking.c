/* SPDX-License-Identifier: GPL-3.0-or-later */

/* All four numbers only change where an INSIDE pixel stands, so these alone are sorted, into groups
 * of equal A; each outside pixel then only needs to know between which groups it falls. Positive
 * floats sort as their bits do. */

#include "fv-alignment-ranking.h"

#include <math.h>
#include <string.h>

#include "fv-mask.h"

/* Three passes of eleven bits sort 32; their tables stay in the first cache. */
#define DIGIT_BITS 11
#define N_DIGITS 3
#define N_BUCKETS (1 << DIGIT_BITS)

/* The groups are found through a table of at most so many slots, over the range of their values. */
#define MAX_SLOTS (1u << 19)

/* Share of the pixels that top_k_intersection looks at. */
#define TOP_SHARE 0.05

/* The pixels with an opinion, by whether they are INSIDE. */
typedef struct {
  guint32 *inside, *outside; /* bits of A where A > 0 */
  gsize n_inside, n_outside; /* of these */
  gsize n_zero_inside, n_zero_outside;
} Pixels;

static void
pixels_clear (Pixels *pixels)
{
  g_free (pixels->inside);
  g_free (pixels->outside);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Pixels, pixels_clear)

/* INSIDE pixels of equal A > 0, and what stands around them. In order of A, upwards; the last group
 * is above all pixels and has none. */
typedef struct {
  guint32 bits;
  guint32 n_inside;
  guint32 n_tied;  /* outside pixels of the same A */
  guint32 n_below; /* outside pixels between the group before and this one */
} Group;

static void
gather (Pixels *pixels, const float *values, const guint8 *states, gsize n)
{
  gsize n_inside = 0, n_outside = 0, n_inside_in_all = 0, n_opinion = 0;

  pixels->inside = g_new (guint32, n);
  pixels->outside = g_new (guint32, n);
  for (gsize i = 0; i < n; i++) {
    gboolean inside = states[i] == FV_MASK_INSIDE;
    gboolean opinion = states[i] != FV_MASK_NO_OPINION;
    gboolean positive = values[i] > 0.0f;
    guint32 bits;

    memcpy (&bits, &values[i], sizeof bits);
    pixels->inside[n_inside] = bits;
    pixels->outside[n_outside] = bits;
    n_inside += (gsize) (inside & positive);
    n_outside += (gsize) (opinion & !inside & positive);
    n_inside_in_all += (gsize) inside;
    n_opinion += (gsize) opinion;
  }
  pixels->n_inside = n_inside;
  pixels->n_outside = n_outside;
  pixels->n_zero_inside = n_inside_in_all - n_inside;
  pixels->n_zero_outside = n_opinion - n_inside_in_all - n_outside;
}

/* -- groups --------------------------------------------------------------------------------- */

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
sort (guint32 **words, gsize n)
{
  guint32 counts[N_DIGITS][N_BUCKETS] = { { 0 } };
  guint32 *other = g_new (guint32, n);

  for (gsize i = 0; i < n; i++)
    for (int pass = 0; pass < N_DIGITS; pass++)
      counts[pass][digit ((*words)[i], pass)]++;
  for (int pass = 0; pass < N_DIGITS; pass++) {
    guint32 *from = *words;

    scatter (from, other, n, pass, counts[pass]);
    *words = other;
    other = from;
  }
  g_free (other);
}

/* Of sorted words; the last group is the one above all. (transfer full) */
static Group *
make_groups (const guint32 *words, gsize n, gsize *n_groups)
{
  Group *groups = g_new (Group, n + 1);
  gsize last = 0;

  for (gsize i = 0; i < n; last++) {
    gsize first = i;

    while (i < n && words[i] == words[first])
      i++;
    groups[last] = (Group){ .bits = words[first], .n_inside = (guint32) (i - first) };
  }
  groups[last] = (Group){ .bits = G_MAXUINT32 };
  *n_groups = last + 1;
  return groups;
}

/* Slots of 1 << shift values each, from the least value of a group on; about one a group. */
typedef struct {
  guint32 *first; /* [n + 1]: the first group whose value is in the slot or above */
  guint32 n;
  guint shift;
} Slots;

/* slots.first is (transfer full). @range: from the least value of a group to the most. */
static Slots
make_slots (const Group *groups, gsize n_groups, guint32 range)
{
  guint32 limit = (guint32) CLAMP (4 * n_groups, 1, MAX_SLOTS);
  Slots slots = { .shift = 0 };
  gsize group = 0;

  while (range >> slots.shift >= limit)
    slots.shift++;
  slots.n = (range >> slots.shift) + 1;
  slots.first = g_new (guint32, (gsize) slots.n + 1);
  for (guint32 slot = 0; slot <= slots.n; slot++) {
    while (group + 1 < n_groups && (groups[group].bits - groups[0].bits) >> slots.shift < slot)
      group++;
    slots.first[slot] = (guint32) group;
  }
  return slots;
}

/* The first group of @first … @end whose value is @bits or more; that of @end is. */
static guint32
find_group (const Group *groups, guint32 first, guint32 end, guint32 bits)
{
  while (first < end) {
    guint32 middle = first + (end - first) / 2;

    if (groups[middle].bits < bits)
      first = middle + 1;
    else
      end = middle;
  }
  return first;
}

/* Tells every group which outside pixels stand beside it. */
static void
place_outside (Group *groups, gsize n_groups, const guint32 *outside, gsize n)
{
  guint32 least = groups[0].bits, most = n_groups > 1 ? groups[n_groups - 2].bits : least;
  Slots slots = make_slots (groups, n_groups, most - least);

  for (gsize i = 0; i < n; i++) {
    guint32 bits = outside[i], group = 0;

    if (bits > most) {
      group = (guint32) n_groups - 1;
    } else if (bits >= least) {
      const guint32 *slot = slots.first + ((bits - least) >> slots.shift);

      group = find_group (groups, slot[0], slot[1], bits);
    }
    if (groups[group].bits == bits)
      groups[group].n_tied++;
    else
      groups[group].n_below++;
  }
  g_free (slots.first);
}

/* -- the sweep ------------------------------------------------------------------------------ */

/* How many of the pixels of largest A are INSIDE. */
typedef struct {
  double n_cut; /* so many pixels */
  double hits;  /* found so far */
} Cut;

/* Where the sweep from the largest A downwards stands, and what it has found. */
typedef struct {
  guint64 n_inside, n_outside; /* of the whole picture */
  guint64 n_inside_above, n_outside_above;
  guint64 pairs; /* twice the pairs (inside, outside) in the right order */
  guint64 best_both, best_either;
  guint32 best_bits;
  Cut all, top; /* as many as are inside; the top share */
} Sweep;

/* Where the cut goes through pixels of equal A, as many are expected to be INSIDE as their share
 * is. */
static void
cut_past (Cut *cut, const Sweep *sweep, guint64 n_tied_inside, guint64 n_tied_outside)
{
  double n_left = cut->n_cut - (double) (sweep->n_inside_above + sweep->n_outside_above);
  double n_tied = (double) (n_tied_inside + n_tied_outside);

  if (n_left > 0)
    cut->hits += (double) n_tied_inside * MIN (n_left / n_tied, 1);
}

/* Goes past pixels of equal A, some of them INSIDE. */
static void
sweep_past (Sweep *sweep, guint32 bits, guint64 n_tied_inside, guint64 n_tied_outside)
{
  guint64 n_outside_below = sweep->n_outside - sweep->n_outside_above - n_tied_outside;
  guint64 both, either;

  if (n_tied_inside == 0)
    return;
  cut_past (&sweep->all, sweep, n_tied_inside, n_tied_outside);
  cut_past (&sweep->top, sweep, n_tied_inside, n_tied_outside);
  sweep->n_inside_above += n_tied_inside;
  sweep->n_outside_above += n_tied_outside;
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
sweep_down (Sweep *sweep, const Group *groups, gsize n_groups, const Pixels *pixels)
{
  for (gsize i = n_groups; i-- > 0;) {
    sweep_past (sweep, groups[i].bits, groups[i].n_inside, groups[i].n_tied);
    sweep->n_outside_above += groups[i].n_below;
  }
  sweep_past (sweep, 0, pixels->n_zero_inside, pixels->n_zero_outside);
}

static Sweep
start_sweep (const Pixels *pixels)
{
  guint64 n_inside = pixels->n_inside + pixels->n_zero_inside;
  guint64 n_outside = pixels->n_outside + pixels->n_zero_outside;
  double n_top = fmax (1, round (TOP_SHARE * (double) (n_inside + n_outside)));

  return (Sweep){ .n_inside = n_inside,
                  .n_outside = n_outside,
                  .best_either = 1,
                  .all.n_cut = (double) n_inside,
                  .top.n_cut = fmin (n_top, (double) n_inside) };
}

FvAlignmentRanking
fv_alignment_rank (const float *values, const guint8 *states, gsize n)
{
  g_auto (Pixels) pixels = { NULL };
  g_autofree Group *groups = NULL;
  FvAlignmentRanking ranking = { .auc = NAN };
  gsize n_groups;
  float best_value;
  Sweep sweep;

  gather (&pixels, values, states, n);
  sort (&pixels.inside, pixels.n_inside);
  groups = make_groups (pixels.inside, pixels.n_inside, &n_groups);
  place_outside (groups, n_groups, pixels.outside, pixels.n_outside);
  sweep = start_sweep (&pixels);
  sweep_down (&sweep, groups, n_groups, &pixels);

  ranking.rank = sweep.all.hits / sweep.all.n_cut;
  ranking.top_k = sweep.top.hits / sweep.top.n_cut;
  if (sweep.n_outside > 0)
    ranking.auc = (double) sweep.pairs / (2.0 * (double) sweep.n_inside * (double) sweep.n_outside);
  ranking.iou_best = (double) sweep.best_both / (double) sweep.best_either;
  memcpy (&best_value, &sweep.best_bits, sizeof best_value);
  ranking.best_value = best_value;
  return ranking;
}
