/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Undo and redo: long random sessions must come back to exactly the pixels that were there. */

#include "fv-brush.h"
#include "fv-mask-history.h"

#include <string.h>

#define WIDTH 200
#define HEIGHT 150
#define N_PIXELS (WIDTH * HEIGHT)

static void
paint (FvMaskHistory *history, FvMask *mask, double x, double y, double radius, FvMaskState state)
{
  fv_mask_history_begin (history);
  fv_mask_history_touch (history,
                         fv_brush_get_extents (WIDTH, HEIGHT, x, y, x + 30, y + 10, radius));
  fv_brush_stroke (mask, x, y, x + 30, y + 10, radius, state);
  fv_mask_history_end (history);
}

static void
test_undo_redo (void)
{
  g_autoptr (FvMask) mask = fv_mask_new (WIDTH, HEIGHT);
  g_autoptr (FvMaskHistory) history = fv_mask_history_new (mask, 1 << 20);
  g_autoptr (FvMask) painted = NULL;
  FvRect changed;

  g_assert_false (fv_mask_history_can_undo (history));
  paint (history, mask, 10, 10, 3, FV_MASK_INSIDE);
  painted = fv_mask_copy (mask);
  g_assert_true (fv_mask_history_can_undo (history));
  g_assert_false (fv_mask_history_can_redo (history));

  changed = fv_mask_history_undo (history);
  g_assert_true (fv_mask_is_empty (mask));
  g_assert_cmpint (changed.x, ==, 0);
  g_assert_cmpint (changed.width, ==, 64);
  g_assert_cmpint (changed.height, ==, 64);
  g_assert_false (fv_mask_history_can_undo (history));

  changed = fv_mask_history_redo (history);
  g_assert_cmpint (changed.width, ==, 64);
  g_assert_cmpmem (fv_mask_peek (mask), N_PIXELS, fv_mask_peek (painted), N_PIXELS);
  g_assert_true (fv_rect_is_empty (fv_mask_history_redo (history)));
}

static void
test_no_change_is_no_step (void)
{
  g_autoptr (FvMask) mask = fv_mask_new (WIDTH, HEIGHT);
  g_autoptr (FvMaskHistory) history = fv_mask_history_new (mask, 1 << 20);

  paint (history, mask, 10, 10, 3, FV_MASK_OUTSIDE);
  g_assert_false (fv_mask_history_can_undo (history));
  g_assert_true (fv_rect_is_empty (fv_mask_history_undo (history)));

  paint (history, mask, 10, 10, 3, FV_MASK_INSIDE);
  fv_mask_history_undo (history);
  paint (history, mask, 90, 90, 3, FV_MASK_OUTSIDE);
  g_assert_true (fv_mask_history_can_redo (history));
  paint (history, mask, 90, 90, 3, FV_MASK_INSIDE);
  g_assert_false (fv_mask_history_can_redo (history));
}

/* Touching a tile twice in one stroke must keep how it was before the first dab. */
static void
test_overlapping_dabs (void)
{
  g_autoptr (FvMask) mask = fv_mask_new (WIDTH, HEIGHT);
  g_autoptr (FvMaskHistory) history = fv_mask_history_new (mask, 1 << 20);

  fv_mask_history_begin (history);
  for (int i = 0; i < 50; i++) {
    fv_mask_history_touch (history, fv_brush_get_extents (WIDTH, HEIGHT, i, i, i + 4, i, 9));
    fv_brush_stroke (mask, i, i, i + 4, i, 9, FV_MASK_INSIDE);
  }
  fv_mask_history_end (history);
  fv_mask_history_undo (history);
  g_assert_true (fv_mask_is_empty (mask));
  g_assert_false (fv_mask_history_can_undo (history));
}

static void
test_oldest_steps_are_dropped (void)
{
  g_autoptr (FvMask) mask = fv_mask_new (WIDTH, HEIGHT);
  g_autoptr (FvMaskHistory) history = fv_mask_history_new (mask, 3 * 64 * 64);
  int undone = 0;

  for (int i = 0; i < 10; i++) {
    fv_mask_history_begin (history);
    fv_mask_history_touch (history, (FvRect){ i, 0, 1, 1 });
    fv_mask_get_data (mask)[i] = FV_MASK_INSIDE;
    fv_mask_history_end (history);
  }
  for (; fv_mask_history_can_undo (history); undone++)
    fv_mask_history_undo (history);
  g_assert_cmpint (undone, ==, 2);
  g_assert_cmpuint (fv_mask_count (mask, FV_MASK_INSIDE), ==, 8);
}

static void
test_newest_step_is_kept (void)
{
  g_autoptr (FvMask) mask = fv_mask_new (WIDTH, HEIGHT);
  g_autoptr (FvMaskHistory) history = fv_mask_history_new (mask, 0);

  paint (history, mask, 0, 0, 500, FV_MASK_INSIDE);
  g_assert_true (fv_mask_history_can_undo (history));
  fv_mask_history_undo (history);
  g_assert_true (fv_mask_is_empty (mask));
}

static void
test_random_session (void)
{
  g_autoptr (FvMask) mask = fv_mask_new (WIDTH, HEIGHT);
  g_autoptr (FvMaskHistory) history = fv_mask_history_new (mask, 64 << 20);
  g_autoptr (GPtrArray) past = g_ptr_array_new_with_free_func ((GDestroyNotify) fv_mask_unref);
  g_autoptr (GRand) rand = g_rand_new_with_seed (4);
  guint now = 0;

  g_ptr_array_add (past, fv_mask_copy (mask));
  for (int i = 0; i < 500; i++) {
    int choice = g_rand_int_range (rand, 0, 4);
    const FvMask *expected;

    if (choice == 0 && now > 0) {
      fv_mask_history_undo (history);
      now--;
    } else if (choice == 1 && now + 1 < past->len) {
      fv_mask_history_redo (history);
      now++;
    } else {
      expected = g_ptr_array_index (past, now);
      paint (history, mask, g_rand_double_range (rand, -20, WIDTH),
             g_rand_double_range (rand, -20, HEIGHT), g_rand_double_range (rand, 0, 40),
             (FvMaskState) g_rand_int_range (rand, 0, 3));
      if (memcmp (fv_mask_peek (expected), fv_mask_peek (mask), N_PIXELS) != 0) {
        g_ptr_array_set_size (past, (int) ++now);
        g_ptr_array_add (past, fv_mask_copy (mask));
      }
    }
    expected = g_ptr_array_index (past, now);
    g_assert_cmpmem (fv_mask_peek (mask), N_PIXELS, fv_mask_peek (expected), N_PIXELS);
    g_assert_cmpint (fv_mask_history_can_undo (history), ==, now > 0);
    g_assert_cmpint (fv_mask_history_can_redo (history), ==, now + 1 < past->len);
  }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/mask-history/undo-redo", test_undo_redo);
  g_test_add_func ("/mask-history/no-change-is-no-step", test_no_change_is_no_step);
  g_test_add_func ("/mask-history/overlapping-dabs", test_overlapping_dabs);
  g_test_add_func ("/mask-history/oldest-steps-are-dropped", test_oldest_steps_are_dropped);
  g_test_add_func ("/mask-history/newest-step-is-kept", test_newest_step_is_kept);
  g_test_add_func ("/mask-history/random-session", test_random_session);
  return g_test_run ();
}
