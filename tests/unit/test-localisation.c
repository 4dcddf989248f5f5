/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Regions and boxes on maps so small that the answer can be counted. */

#include "fv-localisation.h"

#include <math.h>
#include <string.h>

#define assert_near(a, b) g_assert_cmpfloat_with_epsilon (a, b, 1e-9)

static FvMask *
mask_from_states (int width, int height, const guint8 *states)
{
  FvMask *mask = fv_mask_new (width, height);

  memcpy (fv_mask_get_data (mask), states, (gsize) width * (gsize) height);
  return mask;
}

/* A map that is high where the mask is: everything is found. */
static void
test_perfect (void)
{
  const float map[] = { -1, -1, -1, -1, -1, 4, 4, -1, -1, 4, 4, -1, -1, -1, -1, -1 };
  g_autoptr (FvMask) mask = fv_mask_new (4, 4);
  FvLocalisation result;

  for (int i = 0; i < 16; i++)
    fv_mask_get_data (mask)[i] = map[i] > 0;
  result = fv_localisation_measure (map, 4, 4, mask, 4, 4);
  for (int i = 0; i < FV_LOCALISATION_N; i++)
    assert_near (result.values[i], 1);
}

/* Eight cells, each 32 × 256 of the pixels. Scaled to 0 … 1 they are 0 0 0 0.1 0.2 0.8 1 0; the
 * median is 0.05, so the shift is −0.45: 0.45 0.45 0.45 0.55 0.65 1.25 1.45 0.45. Their mean is
 * 0.7125 and their deviation 0.3773, so nothing is clipped at 1.467; half of 1.45 is 0.725: cells 5
 * and 6 are on. */
static void
test_atcon_by_hand (void)
{
  const float map[] = { -2, -2, -2, -1, 0, 6, 8, -2 };
  const guint8 states[] = { 0, 0, 0, 0, 1, 1, 0, 2 };
  g_autoptr (FvMask) mask = mask_from_states (8, 1, states);
  FvLocalisation result = fv_localisation_measure (map, 8, 1, mask, 8, 1);

  assert_near (result.values[FV_LOCALISATION_MASK], 1.0 / 3);
  assert_near (result.values[FV_LOCALISATION_BOX], 1.0 / 3);
  /* A ≥ 8 / 5: 6 and 8; the truth's box is cells 4 and 5. */
  assert_near (result.values[FV_LOCALISATION_CAM_BOX], 1.0 / 3);
}

/* An outlier is clipped, or it would push the rest below one half: cells of 1 among 0 and 0.5. */
static void
test_atcon_clips (void)
{
  float map[64];
  guint8 states[64];
  g_autoptr (FvMask) mask = NULL;

  for (int i = 0; i < 64; i++) {
    map[i] = i < 8 ? 0.3f : 0;
    states[i] = i < 8;
  }
  map[0] = 1;
  mask = mask_from_states (64, 1, states);
  /* Shift −0.5: 0.5 for 56 cells, 0.8 for seven, 1.5 for one; mean 0.5484, deviation 0.1551, so the
   * limit is 0.8587 and half of it 0.43: everything is on. */
  assert_near (fv_localisation_measure (map, 64, 1, mask, 64, 1).values[FV_LOCALISATION_MASK],
               8.0 / 64);
}

/* Of two regions the larger one counts, however high the other. */
static void
test_largest_region (void)
{
  const float map[] = { 9, 0, 3, 3, 0, 0, 3, 3 };
  const guint8 states[] = { 0, 0, 1, 1, 0, 0, 0, 0 };
  g_autoptr (FvMask) mask = mask_from_states (4, 2, states);

  assert_near (fv_localisation_measure (map, 4, 2, mask, 4, 2).values[FV_LOCALISATION_CAM_BOX],
               0.5);
}

/* Pixels without an opinion are neither right nor wrong for a region. */
static void
test_no_opinion (void)
{
  const float map[] = { 1, 1, 0, 0 };
  const guint8 states[] = { 1, 2, 0, 0 };
  g_autoptr (FvMask) mask = mask_from_states (4, 1, states);
  FvLocalisation result = fv_localisation_measure (map, 4, 1, mask, 4, 1);

  assert_near (result.values[FV_LOCALISATION_MASK], 1);
  assert_near (result.values[FV_LOCALISATION_BOX], 0.5);
}

static void
test_undefined (void)
{
  const float constant[] = { 2, 2 }, dead[] = { -1, -2 }, infinite[] = { 1, INFINITY };
  const guint8 states[] = { 1, 0 };
  g_autoptr (FvMask) mask = mask_from_states (2, 1, states);
  g_autoptr (FvMask) empty = fv_mask_new (2, 1);
  FvLocalisation result = fv_localisation_measure (constant, 2, 1, mask, 2, 1);

  g_assert_true (isnan (result.values[FV_LOCALISATION_MASK]));
  assert_near (result.values[FV_LOCALISATION_CAM_BOX], 0.5);
  result = fv_localisation_measure (dead, 2, 1, mask, 2, 1);
  g_assert_true (isnan (result.values[FV_LOCALISATION_CAM_BOX]));
  assert_near (result.values[FV_LOCALISATION_MASK], 1); /* signed: −1 is above −2 */
  result = fv_localisation_measure (infinite, 2, 1, mask, 2, 1);
  for (int i = 0; i < FV_LOCALISATION_N; i++)
    g_assert_true (isnan (result.values[i]));
  result = fv_localisation_measure (dead, 2, 1, empty, 2, 1);
  for (int i = 0; i < FV_LOCALISATION_N; i++)
    g_assert_true (isnan (result.values[i]));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/localisation/perfect", test_perfect);
  g_test_add_func ("/localisation/atcon-by-hand", test_atcon_by_hand);
  g_test_add_func ("/localisation/atcon-clips", test_atcon_clips);
  g_test_add_func ("/localisation/largest-region", test_largest_region);
  g_test_add_func ("/localisation/no-opinion", test_no_opinion);
  g_test_add_func ("/localisation/undefined", test_undefined);
  return g_test_run ();
}
