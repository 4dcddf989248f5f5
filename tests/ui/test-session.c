/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The session without a window: answers, order, masks. No display is needed. */

#include "fv-fixture.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#include "fv-mask-file.h"

static void
test_inspect (void)
{
  g_autoptr (FvFixture) fixture = fv_fixture_new ();
  FvSession *session = fv_session_new ();
  g_autoptr (FvImage) image = NULL;
  g_autoptr (FvInspectResult) result = NULL;
  g_autoptr (FvInspectResult) other = NULL;
  g_autoptr (FvInspectResult) deeper = NULL;
  const FvModelInfo *model;
  double sum = 0;

  fv_fixture_open (fixture, session);
  model = fv_session_get_model (session);
  g_assert_cmpint (model->n_classes, ==, 4);
  g_assert_true (fv_model_info_has_classes_of (model, fv_session_get_dataset (session)));
  image = fv_fixture_load_image (session, 0);

  result = fv_fixture_inspect (session, image, NULL, -1, FALSE);
  g_assert_cmpint (result->map->target, ==, result->classes[0]);
  g_assert_cmpstr (result->map->layer, ==, model->layers[model->default_layer].name);
  g_assert_cmpint (result->n_top, ==, 4);
  for (int i = 0; i < 4; i++)
    sum += (double) result->probabilities[i];
  g_assert_cmpfloat_with_epsilon (sum, 1.0, 1e-5);
  g_assert_cmpstr (result->target_name, ==, model->classes[result->classes[0]]);

  other = fv_fixture_inspect (session, image, NULL, result->classes[3], FALSE);
  g_assert_cmpint (other->map->target, ==, result->classes[3]);
  g_assert_false (fv_maps_are_equal (result->map, other->map));

  deeper = fv_fixture_inspect (session, image, model->layers[0].name, -1, FALSE);
  g_assert_cmpint (deeper->map->width, ==, model->layers[0].width);
  fv_finish_session (session);
}

static void
test_refusals (void)
{
  g_autoptr (FvFixture) fixture = fv_fixture_new ();
  FvSession *session = fv_session_new ();
  g_autoptr (GAsyncResult) dataset = NULL;
  g_autoptr (GAsyncResult) model = NULL;
  g_autoptr (GAsyncResult) early = NULL;
  g_autoptr (GError) no_folder = NULL;
  g_autoptr (GError) no_model = NULL;
  g_autoptr (GError) too_early = NULL;
  g_autofree char *empty = fv_fixture_path (fixture, "empty");
  g_autofree char *lie = fv_fixture_path (fixture, "lie.safetensors");
  g_autoptr (FvImage) image = fv_image_new (32, 32);

  fv_session_inspect_async (session, &(FvInspectQuestion){ .image = image, .target = -1 }, NULL,
                            fv_store_result, &early);
  g_assert_null (fv_session_inspect_finish (session, fv_wait_for_result (&early), &too_early));
  g_assert_error (too_early, G_IO_ERROR, G_IO_ERROR_NOT_INITIALIZED);

  g_assert_cmpint (g_mkdir (empty, 0755), ==, 0);
  fv_session_open_dataset_async (session, empty, NULL, fv_store_result, &dataset);
  g_assert_false (
      fv_session_open_dataset_finish (session, fv_wait_for_result (&dataset), &no_folder));
  g_assert_nonnull (strstr (no_folder->message, empty));
  g_assert_null (fv_session_get_dataset (session));

  g_assert_true (g_file_set_contents (lie, "\xff\xff\xff\xff\xff\xff\xff\x7f{}", 10, NULL));
  fv_session_open_model_async (session, &(FvModelSource){ .weights = lie, .card = fixture->card },
                               NULL, fv_store_result, &model);
  g_assert_false (fv_session_open_model_finish (session, fv_wait_for_result (&model), &no_model));
  g_assert_nonnull (strstr (no_model->message, "lie.safetensors"));
  g_assert_null (fv_session_get_model (session));
  g_clear_object (&dataset);
  g_clear_object (&model);
  g_clear_object (&early);
  fv_finish_session (session);
}

typedef struct {
  gsize n_results;
  gsize n_failed;
} Counts;

static void
count_result (FvSession *session, const FvImageResult *result, Counts *counts)
{
  g_assert_true (result->has_mask);
  counts->n_results++;
}

static void
count_failure (FvSession *session, guint64 sample, const char *why, Counts *counts)
{
  g_assert_cmpuint (sample, ==, 1);
  g_assert_nonnull (strstr (why, ".png"));
  counts->n_failed++;
}

/* One broken picture must not hide the numbers of the others. */
static void
test_evaluate_with_a_broken_picture (void)
{
  g_autoptr (FvFixture) fixture = fv_fixture_new ();
  FvSession *session = fv_session_new ();
  g_autoptr (GAsyncResult) answer = NULL;
  const gsize samples[] = { 2, 1, 0 };
  Counts counts = { 0 };
  GError *error = NULL;

  fv_fixture_open (fixture, session);
  g_assert_true (g_file_set_contents (
      fv_dataset_get_sample (fv_session_get_dataset (session), 1)->path, "no picture", -1, NULL));
  g_signal_connect (session, "image-result", G_CALLBACK (count_result), &counts);
  g_signal_connect (session, "image-failed", G_CALLBACK (count_failure), &counts);
  fv_session_evaluate_async (session, samples, 3, NULL, fv_store_result, &answer);
  g_assert_true (fv_session_get_evaluating (session));
  fv_session_evaluate_finish (session, fv_wait_for_result (&answer), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (counts.n_results, ==, 2);
  g_assert_cmpuint (counts.n_failed, ==, 1);
  g_assert_false (fv_session_get_evaluating (session));
  g_assert_cmpfloat (fv_session_get_seconds_per_image (session), >, 0);
  g_clear_object (&answer);
  fv_finish_session (session);
}

/* What is still on its way from the old folder must not be taken for pictures of the new one. */
static void
test_results_of_another_folder_are_dropped (void)
{
  g_autoptr (FvFixture) fixture = fv_fixture_new ();
  FvSession *session = fv_session_new ();
  g_autoptr (GAsyncResult) evaluated = NULL;
  g_autoptr (GAsyncResult) opened = NULL;
  const gsize samples[200] = { 0 };
  Counts counts = { 0 };

  fv_fixture_open (fixture, session);
  fv_session_evaluate_async (session, samples, G_N_ELEMENTS (samples), NULL, fv_store_result,
                             &evaluated);
  fv_session_open_dataset_async (session, fixture->folder, NULL, fv_store_result, &opened);
  while (opened == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (fv_session_open_dataset_finish (session, opened, NULL));
  g_signal_connect (session, "image-result", G_CALLBACK (count_result), &counts);
  g_assert_true (fv_session_evaluate_finish (session, fv_wait_for_result (&evaluated), NULL));
  g_assert_cmpuint (counts.n_results, ==, 0);
  g_clear_object (&evaluated);
  g_clear_object (&opened);
  fv_finish_session (session);
}

/* Nor numbers of Grad-CAM for those of a control that has been chosen meanwhile. */
static void
test_results_of_another_method_are_dropped (void)
{
  g_autoptr (FvFixture) fixture = fv_fixture_new ();
  FvSession *session = fv_session_new ();
  g_autoptr (GAsyncResult) former = NULL;
  g_autoptr (GAsyncResult) chosen = NULL;
  const gsize samples[] = { 0, 1, 2, 3 };
  Counts counts = { 0 };

  fv_fixture_open (fixture, session);
  g_signal_connect (session, "image-result", G_CALLBACK (count_result), &counts);
  fv_session_evaluate_async (session, samples, 4, NULL, fv_store_result, &former);
  fv_session_set_method (session, 1);
  fv_session_evaluate_async (session, samples, 3, NULL, fv_store_result, &chosen);
  g_assert_true (fv_session_evaluate_finish (session, fv_wait_for_result (&former), NULL));
  g_assert_true (fv_session_evaluate_finish (session, fv_wait_for_result (&chosen), NULL));
  g_assert_cmpuint (counts.n_results, ==, 3);
  g_clear_object (&former);
  g_clear_object (&chosen);
  fv_finish_session (session);
}

typedef struct {
  guint n_saved;
  guint n_failed;
} Saves;

static void
on_saved (FvSession *session, guint64 sample, const char *why, Saves *saves)
{
  if (why == NULL)
    saves->n_saved++;
  else
    saves->n_failed++;
}

static gboolean
has_failed (gpointer data)
{
  return ((Saves *) data)->n_failed > 0;
}

static void
assert_mask_equals (FvSession *session, gsize sample, const FvMask *mask)
{
  GError *error = NULL;
  g_autoptr (FvMask) saved = fv_mask_file_load (
      fv_dataset_get_sample (fv_session_get_dataset (session), sample)->edited_mask_path, &error);

  g_assert_no_error (error);
  g_assert_cmpmem (fv_mask_peek (saved), 32 * 32, fv_mask_peek (mask), 32 * 32);
}

static void
test_masks_are_saved_in_order (void)
{
  g_autoptr (FvFixture) fixture = fv_fixture_new ();
  FvSession *session = fv_session_new ();
  g_autoptr (FvMask) mask = fv_mask_new (32, 32);
  g_autoptr (GAsyncResult) flushed = NULL;
  Saves saves = { 0 };
  GError *error = NULL;

  fv_fixture_open (fixture, session);
  g_signal_connect (session, "mask-saved", G_CALLBACK (on_saved), &saves);
  for (gsize i = 0; i < 20; i++) {
    fv_mask_get_data (mask)[i] = FV_MASK_INSIDE;
    fv_session_save_mask (session, 5, mask);
  }
  fv_session_flush_masks_async (session, fv_store_result, &flushed);
  fv_session_flush_masks_finish (session, fv_wait_for_result (&flushed), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (saves.n_saved, ==, 20);
  g_assert_null (fv_session_dup_unsaved_mask (session, 5));
  assert_mask_equals (session, 5, mask);
  g_clear_object (&flushed);
  fv_finish_session (session);
}

/* The folder goes away and comes back: the stroke waits in memory meanwhile. */
static void
test_a_mask_that_cannot_be_saved_is_kept (void)
{
  g_autoptr (FvFixture) fixture = fv_fixture_new ();
  FvSession *session = fv_session_new ();
  g_autoptr (FvMask) mask = fv_mask_new (32, 32);
  g_autoptr (FvMask) kept = NULL;
  g_autoptr (GAsyncResult) first = NULL;
  g_autoptr (GAsyncResult) second = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *away = fv_fixture_path (fixture, "away");
  Saves saves = { 0 };

  fv_fixture_open (fixture, session);
  g_signal_connect (session, "mask-saved", G_CALLBACK (on_saved), &saves);
  fv_mask_get_data (mask)[7] = FV_MASK_INSIDE;
  g_assert_cmpint (g_rename (fixture->folder, away), ==, 0);
  fv_session_save_mask (session, 2, mask);
  fv_wait_for (has_failed, &saves);
  fv_session_flush_masks_async (session, fv_store_result, &first);
  g_assert_false (fv_session_flush_masks_finish (session, fv_wait_for_result (&first), &error));
  g_assert_nonnull (strstr (error->message, ".mask.png"));
  kept = fv_session_dup_unsaved_mask (session, 2);
  g_assert_cmpmem (fv_mask_peek (kept), 32 * 32, fv_mask_peek (mask), 32 * 32);

  g_assert_cmpint (g_rename (away, fixture->folder), ==, 0);
  fv_session_flush_masks_async (session, fv_store_result, &second);
  g_assert_true (fv_session_flush_masks_finish (session, fv_wait_for_result (&second), NULL));
  g_assert_null (fv_session_dup_unsaved_mask (session, 2));
  assert_mask_equals (session, 2, mask);
  g_clear_object (&first);
  g_clear_object (&second);
  fv_finish_session (session);
}

/* MobileNetV2's shape: the last stage begins inside a block that starts with the grid before. */
static void
test_last_stage_is_a_block (void)
{
  static const struct {
    const char *name;
    int side;
  } layers[] = {
    { "features.0.0", 112 },       { "features.0", 112 },
    { "features.13", 14 },         { "features.14.conv.0", 14 },
    { "features.14.conv.1.0", 7 }, { "features.14", 7 },
    { "features.18", 7 },          { "features", 7 },
  };
  g_autoptr (FvModelInfo) model
      = fv_model_info_new ("weights", "mobilenet_v2", G_N_ELEMENTS (layers));

  for (gsize i = 0; i < G_N_ELEMENTS (layers); i++)
    model->layers[i]
        = (FvLayerInfo){ g_strdup (layers[i].name), 1, layers[i].side, layers[i].side, FALSE };
  model->default_layer = 6;
  g_assert_cmpuint (fv_model_info_get_last_stage (model), ==, 5);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/session/last-stage-is-a-block", test_last_stage_is_a_block);
  g_test_add_func ("/session/inspect", test_inspect);
  g_test_add_func ("/session/refusals", test_refusals);
  g_test_add_func ("/session/evaluate-with-a-broken-picture", test_evaluate_with_a_broken_picture);
  g_test_add_func ("/session/results-of-another-folder-are-dropped",
                   test_results_of_another_folder_are_dropped);
  g_test_add_func ("/session/another-method", test_results_of_another_method_are_dropped);
  g_test_add_func ("/session/masks-are-saved-in-order", test_masks_are_saved_in_order);
  g_test_add_func ("/session/a-mask-that-cannot-be-saved-is-kept",
                   test_a_mask_that_cannot_be_saved_is_kept);
  return g_test_run ();
}
