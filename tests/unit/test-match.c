/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Losses that match a map with a mask: every preset by hand, gradients of every distance under
 * every normalisation against finite differences in float64, and every degenerate map and mask. */

#include "fv-match.h"
#include "fv-runtime.h"
#include "loss-fixture.h"

static const double all[CELLS] = { 1, 1, 1, 1, 1, 1, 1, 1, 1 };
static const double none[CELLS] = { 0 };
static const double one[1] = { 1 };
/* The upper left 2x2 cells. */
static const double block[CELLS] = { 1, 1, 0, 1, 1, 0, 0, 0, 0 };
/* Divided by its largest: 1 .5 .75 / 0 .25 .25 / 0 0 0; stretched: (M + 4) / 8. */
static const double maps[CELLS] = { 4, 2, 3, -4, 1, 1, 0, 0, -2 };

static FvTensor *
match (FvScope *scope, FvTensor *values, FvTensor *inside, FvTensor *opinion, FvTensor *weight,
       gconstpointer data)
{
  return fv_match (scope, data, values, inside, opinion, weight);
}

static double
preset_of (const char *name, const double *values, const double *inside, const double *opinion)
{
  const FvMatchPreset *preset = fv_match_find_preset (name);

  g_assert_nonnull (preset);
  return evaluate (&(LossCase){ values, inside, opinion, one, 1, 0 }, match, &preset->match, NULL);
}

/* RES in plain loops, for a hard mask without "no opinion". */
static double
res_by_hand (const double *values, const double *inside)
{
  double map[CELLS], least = G_MAXDOUBLE, smooth = 0;
  double low = values[0], high = values[0];

  for (int i = 0; i < CELLS; i++) {
    low = MIN (low, values[i]);
    high = MAX (high, values[i]);
  }
  for (int i = 0; i < CELLS; i++)
    map[i] = (values[i] - low) / (high - low);
  for (int t = 1; t <= 19; t++) {
    double sum = 0;

    for (int i = 0; i < CELLS; i++)
      sum += fabs (tanh (5 * (map[i] - 0.05 * t)) - (2 * inside[i] - 1));
    least = MIN (least, sum / CELLS);
  }
  for (int i = 0; i < CELLS; i++) {
    double sum = 0, known = 0;

    for (int j = 0; j < CELLS; j++) {
      int dy = ABS (i / SIDE - j / SIDE), dx = ABS (i % SIDE - j % SIDE);
      double share = dy > 1 || dx > 1 ? 0 : (2 - dy) * (2 - dx);

      sum += share * inside[j];
      known += share;
    }
    smooth += fabs (map[i] - sum / known) / CELLS;
  }
  return MAX (least - 0.1, 0) + smooth;
}

/* The numbers of each preset on the map and mask above. */
static void
test_presets_by_hand (void)
{
  /* Stretched: 1, 6/8, 7/8, 0, 5/8, 5/8, 4/8, 4/8, 2/8. In 64ths, squared off the mask: */
  const double off = 0 + 4 + 49 + 64 + 9 + 25 + 16 + 16 + 4;

#define IS(name, value)                                                                            \
  g_assert_cmpfloat_with_epsilon (preset_of (name, maps, block, all), value, 1e-12)
  IS ("gain", off / 64 / 9);
  IS ("cyborg", off / 64 / 9);
  IS ("gradia", (0 + 0.5 + 0.75 + 1 + 0.75 + 0.25) / 9);
  IS ("haics", (log (2) + log (1e6) + log (4)) / 4);
  IS ("energy", 1 - 1.75 / 2.75);
  IS ("gals", (0.75 + 0.25) / 9);
  IS ("robustvit", (2 * (49 + 25 + 16 + 16 + 4) / 64.0 + 0.3 * (0 + 4 + 64 + 9) / 64.0) / 9);
  IS ("res", res_by_hand (maps, block));
#undef IS
}

/* Distances that are not presets under the normalisation that is theirs. */
static void
test_others_by_hand (void)
{
  const FvMatch raw_bce = { FV_MATCH_BCE, FV_MATCH_RAW, FV_MATCH_OF_LABEL };
  const FvMatch bce = { FV_MATCH_BCE, FV_MATCH_BY_MAX, FV_MATCH_OF_LABEL };
  const FvMatch raw_l1 = { FV_MATCH_L1, FV_MATCH_RAW, FV_MATCH_OF_LABEL };
  const LossCase c = { maps, block, all, one, 1, 0 };
  double sum = 0;

  for (int i = 0; i < CELLS; i++)
    sum += log1p (exp (block[i] > 0 ? -maps[i] : maps[i])) / CELLS;
  g_assert_cmpfloat_with_epsilon (evaluate (&c, match, &raw_bce, NULL), sum, 1e-12);
  sum = log (2) + log (1e6) + log (4) - log (0.25) - log (0.75);
  g_assert_cmpfloat_with_epsilon (evaluate (&c, match, &bce, NULL), sum / CELLS, 1e-12);
  sum = 3 + 1 + 3 + 5 + 0 + 1 + 0 + 0 + 2;
  g_assert_cmpfloat_with_epsilon (evaluate (&c, match, &raw_l1, NULL), sum / CELLS, 1e-12);
}

/* The mask itself is perfect for all but RES, whose target is blurred; its opposite is the worst
 * where there is a worst. */
static void
test_limits (void)
{
  static const double opposite[CELLS] = { 0, 0, 2, 0, 0, 2, 2, 2, 2 };
  static const struct {
    const char *name;
    double worst;
  } limits[] = { { "gain", 1 },   { "cyborg", 1 },     { "gradia", 1 },    { "haics", -1 },
                 { "energy", 1 }, { "gals", 5.0 / 9 }, { "robustvit", -1 } };

  for (gsize i = 0; i < G_N_ELEMENTS (limits); i++) {
    g_assert_cmpfloat (preset_of (limits[i].name, block, block, all), ==, 0);
    if (limits[i].worst > 0)
      g_assert_cmpfloat_with_epsilon (preset_of (limits[i].name, opposite, block, all),
                                      limits[i].worst, 1e-12);
  }
  g_assert_cmpfloat_with_epsilon (preset_of ("haics", opposite, block, all), log (1e6), 1e-9);
  g_assert_cmpfloat_with_epsilon (preset_of ("robustvit", opposite, block, all),
                                  (2 * 5 + 0.3 * 4) / 9, 1e-12);
  g_assert_cmpfloat_with_epsilon (preset_of ("res", block, block, all), res_by_hand (block, block),
                                  1e-12);
}

/* "No opinion" on the cell of the map's maximum: its value is nowhere in the loss. */
static void
test_no_opinion_never_counts (void)
{
  static const double opinion[CELLS] = { 1, 1, 0, 1, 1, 1, 1, 1, 1 };
  static const double high[CELLS] = { 4, 2, 300, -4, 1, 1, 0, 0, -2 };
  static const double low[CELLS] = { 4, 2, -90, -4, 1, 1, 0, 0, -2 };
  gsize n;
  const FvMatchPreset *presets = fv_match_get_presets (&n);

  for (gsize i = 0; i < n; i++) {
    LossCase c = { high, block, opinion, one, 1, 0 };
    double gradient[CELLS];

    g_assert_cmpfloat (evaluate (&c, match, &presets[i].match, gradient), ==,
                       preset_of (presets[i].name, low, block, opinion));
    g_assert_cmpfloat (gradient[2], ==, 0);
  }
  g_assert_cmpfloat_with_epsilon (preset_of ("gradia", high, block, opinion),
                                  (0.5 + 1 + 0.75 + 0.25) / 8, 1e-12);
}

static void
for_all (void (*check) (const FvMatch *))
{
  for (int d = 0; d < FV_N_MATCH_DISTANCES; d++)
    for (int n = 0; n < FV_N_MATCH_NORMALISATIONS; n++)
      check (&(FvMatch){ (FvMatchDistance) d, (FvMatchNormalisation) n, FV_MATCH_OF_LABEL });
}

static void
check_silence (const FvMatch *choice)
{
  static const double zero[1] = { 0 };

  assert_silent (&(LossCase){ maps, none, all, one, 1, 0 }, match, choice);
  assert_silent (&(LossCase){ maps, block, none, one, 1, 0 }, match, choice);
  assert_silent (&(LossCase){ maps, block, all, zero, 1, 0 }, match, choice);
}

static void
test_masks_without_a_say (void)
{
  for_all (check_silence);
}

/* Maps with nothing above 0, and all zero, and flat: finite, and so are the gradients. */
static void
check_finite (const FvMatch *choice)
{
  static const double dead[CELLS] = { -1, -2, -0.5, -3, -1, -1, -4, -1, -2 };
  const double *const values[] = { dead, none, all };
  double gradient[CELLS];

  for (int i = 0; i < 3; i++) {
    LossCase c = { values[i], block, all, one, 1, 0 };

    g_assert_true (isfinite (evaluate (&c, match, choice, gradient)));
    for (int cell = 0; cell < CELLS; cell++)
      g_assert_true (isfinite (gradient[cell]));
  }
}

static void
test_degenerate_maps_are_finite (void)
{
  for_all (check_finite);
}

/* The guard of energy: 1 + the mean of softplus (−M) inside, which raises the map there. */
static void
test_dead_map_is_lifted (void)
{
  static const double dead[CELLS] = { -1, -2, -0.5, -3, -1, -1, -4, -1, -2 };
  const LossCase c = { dead, block, all, one, 1, 0 };
  const FvMatch *energy = &fv_match_find_preset ("energy")->match;
  double guard = 0;

  for (int i = 0; i < CELLS; i++)
    guard += block[i] * log1p (exp (-dead[i])) / 4;
  g_assert_cmpfloat_with_epsilon (evaluate (&c, match, energy, NULL), 1 + guard, 1e-12);
  assert_gradient (&c, match, energy);
}

static void
test_full_mask (void)
{
  g_assert_cmpfloat (preset_of ("energy", maps, all, all), ==, 0);
  g_assert_cmpfloat (preset_of ("gals", maps, all, all), ==, 0);
  g_assert_cmpfloat_with_epsilon (preset_of ("gradia", maps, all, all), 1 - 2.75 / 9, 1e-12);
}

/* Two pictures with soft masks, one of them with a negative start. */
static void
check_gradient (const FvMatch *choice)
{
  static const double values[2 * CELLS]
      = { 4, 2, 3, -5, 1, 1.2, 0.2, 0.1, -2, 0.3, 0.9, -1, 2, 0.7, -3, 0.5, 1.1, 0.4 };
  static const double inside[2 * CELLS]
      = { 1, 1, 0, 1, 1, 0, 0, 0, 0, 0, 0.5, 1, 0, 1, 0.25, 0, 0, 1 };
  static const double opinion[2 * CELLS]
      = { 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 1, 0.5, 1, 0.3, 1, 1 };
  static const double weight[2] = { 1, 1 };

  assert_gradient (&(LossCase){ values, inside, opinion, weight, 2, 0 }, match, choice);
}

static void
test_gradient (void)
{
  for_all (check_gradient);
}

/* Every name leads back to what has it. */
static void
test_names (void)
{
  gsize n;
  const FvMatchPreset *presets = fv_match_get_presets (&n);

  g_assert_cmpuint (n, ==, 8);
  for (gsize i = 0; i < n; i++)
    g_assert_true (fv_match_find_preset (presets[i].name) == &presets[i]);
  g_assert_null (fv_match_find_preset ("mse"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  fv_runtime_start (1);
  g_test_add_func ("/match/presets-by-hand", test_presets_by_hand);
  g_test_add_func ("/match/others-by-hand", test_others_by_hand);
  g_test_add_func ("/match/limits", test_limits);
  g_test_add_func ("/match/no-opinion-never-counts", test_no_opinion_never_counts);
  g_test_add_func ("/match/masks-without-a-say", test_masks_without_a_say);
  g_test_add_func ("/match/degenerate-maps-are-finite", test_degenerate_maps_are_finite);
  g_test_add_func ("/match/dead-map-is-lifted", test_dead_map_is_lifted);
  g_test_add_func ("/match/full-mask", test_full_mask);
  g_test_add_func ("/match/gradient", test_gradient);
  g_test_add_func ("/match/names", test_names);
  return g_test_run ();
}
