/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Strokes, undo and what listeners are told. */

#include "fv-mask-editor.h"

#include <math.h>
#include <string.h>

typedef struct {
  int n_changed, n_committed, n_notified;
  int x, y, width, height; /* of the last "changed" */
} Heard;

static void
on_changed (FvMaskEditor *editor, int x, int y, int width, int height, Heard *heard)
{
  heard->n_changed++;
  heard->x = x;
  heard->y = y;
  heard->width = width;
  heard->height = height;
}

static void
count (int *n)
{
  (*n)++;
}

static FvMaskEditor *
make_editor (FvMask *mask, Heard *heard)
{
  FvMaskEditor *editor = fv_mask_editor_new (mask, 64, 48);

  g_signal_connect (editor, "changed", G_CALLBACK (on_changed), heard);
  g_signal_connect_swapped (editor, "committed", G_CALLBACK (count), &heard->n_committed);
  g_signal_connect_swapped (editor, "notify", G_CALLBACK (count), &heard->n_notified);
  return editor;
}

static void
stroke (FvMaskEditor *editor, double x0, double y0, double x1, double y1, FvMaskState state)
{
  fv_mask_editor_begin_stroke (editor);
  fv_mask_editor_stroke_to (editor, x0, y0, x1, y1, 3, state);
  fv_mask_editor_end_stroke (editor);
}

static void
test_a_new_mask_says_nothing (void)
{
  Heard heard = { 0 };
  g_autoptr (FvMaskEditor) editor = make_editor (NULL, &heard);
  FvMask *mask = fv_mask_editor_get_mask (editor);

  g_assert_cmpint (fv_mask_get_width (mask), ==, 64);
  g_assert_cmpint (fv_mask_get_height (mask), ==, 48);
  g_assert_false (fv_mask_editor_get_has_mask (editor));
  g_assert_false (fv_mask_editor_get_can_undo (editor));
  g_assert_false (fv_mask_editor_get_can_redo (editor));
}

static void
test_a_loaded_mask_is_shared (void)
{
  Heard heard = { 0 };
  g_autoptr (FvMask) mask = fv_mask_new (10, 20);
  g_autoptr (FvMaskEditor) editor = make_editor (mask, &heard);

  g_assert_true (fv_mask_editor_get_mask (editor) == mask);
  g_assert_true (fv_mask_editor_get_has_mask (editor));
}

static void
test_a_stroke_paints_its_capsule (void)
{
  Heard heard = { 0 };
  g_autoptr (FvMaskEditor) editor = make_editor (NULL, &heard);
  const guint8 *states = fv_mask_peek (fv_mask_editor_get_mask (editor));

  stroke (editor, 10, 20, 30, 20, FV_MASK_INSIDE);
  for (int y = 0; y < 48; y++) {
    for (int x = 0; x < 64; x++) {
      double along = CLAMP (x + 0.5, 10, 30);
      gboolean inside = hypot (x + 0.5 - along, y + 0.5 - 20) <= 3;

      g_assert_cmpint (states[y * 64 + x], ==, inside ? FV_MASK_INSIDE : FV_MASK_OUTSIDE);
    }
  }
  g_assert_cmpint (heard.n_changed, ==, 1);
  g_assert_cmpint (heard.n_committed, ==, 1);
  g_assert_cmpint (heard.x, <=, 7);
  g_assert_cmpint (heard.x + heard.width, >=, 33);
  g_assert_cmpint (heard.y, <=, 17);
  g_assert_cmpint (heard.y + heard.height, >=, 23);
}

static void
test_one_stroke_is_one_step (void)
{
  Heard heard = { 0 };
  g_autoptr (FvMaskEditor) editor = make_editor (NULL, &heard);
  FvMask *mask = fv_mask_editor_get_mask (editor);
  g_autoptr (FvMask) empty = fv_mask_copy (mask);

  fv_mask_editor_begin_stroke (editor);
  g_assert_true (fv_mask_editor_is_stroking (editor));
  for (int i = 0; i < 10; i++)
    fv_mask_editor_stroke_to (editor, 5 + i, 5, 6 + i, 5, 2, FV_MASK_INSIDE);
  g_assert_cmpint (heard.n_committed, ==, 0);
  fv_mask_editor_end_stroke (editor);
  g_autoptr (FvMask) painted = fv_mask_copy (mask);

  g_assert_true (fv_mask_editor_get_can_undo (editor));
  fv_mask_editor_undo (editor);
  g_assert_cmpmem (fv_mask_peek (mask), 64 * 48, fv_mask_peek (empty), 64 * 48);
  g_assert_false (fv_mask_editor_get_can_undo (editor));
  g_assert_true (fv_mask_editor_get_can_redo (editor));
  fv_mask_editor_redo (editor);
  g_assert_cmpmem (fv_mask_peek (mask), 64 * 48, fv_mask_peek (painted), 64 * 48);
  g_assert_cmpint (heard.n_committed, ==, 3);
}

static void
test_nothing_to_undo_is_not_told (void)
{
  Heard heard = { 0 };
  g_autoptr (FvMaskEditor) editor = make_editor (NULL, &heard);

  fv_mask_editor_undo (editor);
  fv_mask_editor_redo (editor);
  g_assert_cmpint (heard.n_changed + heard.n_committed + heard.n_notified, ==, 0);
}

static void
test_undo_waits_for_the_end_of_a_stroke (void)
{
  Heard heard = { 0 };
  g_autoptr (FvMaskEditor) editor = make_editor (NULL, &heard);
  FvMask *mask = fv_mask_editor_get_mask (editor);

  stroke (editor, 5, 5, 6, 6, FV_MASK_INSIDE);
  gsize n = fv_mask_count (mask, FV_MASK_INSIDE);
  fv_mask_editor_begin_stroke (editor);
  g_assert_false (fv_mask_editor_get_can_undo (editor));
  fv_mask_editor_undo (editor);
  g_assert_cmpuint (fv_mask_count (mask, FV_MASK_INSIDE), ==, n);
  fv_mask_editor_end_stroke (editor);
  g_assert_true (fv_mask_editor_get_can_undo (editor));
}

/* Erasing where there is no mask must not make one. */
static void
test_erasing_nothing_makes_no_mask (void)
{
  Heard heard = { 0 };
  g_autoptr (FvMaskEditor) editor = make_editor (NULL, &heard);

  stroke (editor, 5, 5, 9, 9, FV_MASK_OUTSIDE);
  g_assert_false (fv_mask_editor_get_has_mask (editor));
  g_assert_cmpint (heard.n_committed, ==, 0);
  stroke (editor, 5, 5, 9, 9, FV_MASK_NO_OPINION);
  g_assert_true (fv_mask_editor_get_has_mask (editor));
  g_assert_cmpint (heard.n_committed, ==, 1);
  fv_mask_editor_undo (editor);
  g_assert_true (fv_mask_editor_get_has_mask (editor));
}

static void
test_strokes_beside_the_mask (void)
{
  Heard heard = { 0 };
  g_autoptr (FvMaskEditor) editor = make_editor (NULL, &heard);

  stroke (editor, -100, -100, -50, -50, FV_MASK_INSIDE);
  stroke (editor, 1e12, 0, 1e13, 5, FV_MASK_INSIDE);
  stroke (editor, NAN, 0, 1, INFINITY, FV_MASK_INSIDE);
  g_assert_cmpint (heard.n_changed, ==, 0);
  g_assert_false (fv_mask_editor_get_can_undo (editor));
  g_assert_false (fv_mask_editor_get_has_mask (editor));
}

/* Listeners read the properties when they hear "committed". */
static void
read_flags (FvMaskEditor *editor, gboolean *can_undo)
{
  g_object_get (editor, "can-undo", can_undo, NULL);
}

static void
test_flags_are_true_when_committed (void)
{
  Heard heard = { 0 };
  g_autoptr (FvMaskEditor) editor = make_editor (NULL, &heard);
  gboolean can_undo = FALSE;

  g_signal_connect (editor, "committed", G_CALLBACK (read_flags), &can_undo);
  stroke (editor, 5, 5, 6, 6, FV_MASK_INSIDE);
  g_assert_true (can_undo);
  fv_mask_editor_undo (editor);
  g_assert_false (can_undo);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/mask-editor/new", test_a_new_mask_says_nothing);
  g_test_add_func ("/mask-editor/loaded", test_a_loaded_mask_is_shared);
  g_test_add_func ("/mask-editor/stroke", test_a_stroke_paints_its_capsule);
  g_test_add_func ("/mask-editor/undo", test_one_stroke_is_one_step);
  g_test_add_func ("/mask-editor/nothing-to-undo", test_nothing_to_undo_is_not_told);
  g_test_add_func ("/mask-editor/undo-in-stroke", test_undo_waits_for_the_end_of_a_stroke);
  g_test_add_func ("/mask-editor/erase-nothing", test_erasing_nothing_makes_no_mask);
  g_test_add_func ("/mask-editor/beside", test_strokes_beside_the_mask);
  g_test_add_func ("/mask-editor/flags", test_flags_are_true_when_committed);
  return g_test_run ();
}
