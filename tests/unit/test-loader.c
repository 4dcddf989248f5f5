/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Batches made by threads: the same whatever they do, complete, and honest about broken files. */

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#include "fv-augment.h"
#include "fv-background-swap.h"
#include "fv-image.h"
#include "fv-loader.h"
#include "fv-mask-file.h"
#include "fv-picture-store.h"
#include "fv-preprocess.h"
#include "fv-runtime.h"
#include "fv-scenes.h"
#include "temporary-folder.h"

#define N_TRAIN 11
#define SIDE 24
#define MAP 3
#define N_PIXELS ((gsize) 3 * SIDE * SIDE)
#define EVERYTHING                                                                                 \
  (FV_AUGMENT_FLIP | FV_AUGMENT_CROP | FV_AUGMENT_ROTATE | FV_AUGMENT_COLOUR | FV_AUGMENT_GREY     \
   | FV_AUGMENT_BACKGROUND)

typedef struct {
  char *folder;
  FvDataset *dataset;
  FvCard *card;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer unused)
{
  const FvScenesOptions options = { .rho = 1, .n_train = N_TRAIN, .n_test = 1, .size = 40 };

  fixture->folder = temporary_folder_new ();
  g_assert_true (fv_scenes_build (fixture->folder, &options, NULL, NULL));
  fixture->dataset = fv_dataset_open (fixture->folder, 0, NULL);
  fixture->card = fv_card_new ("small_cnn");
  fixture->card->width = fixture->card->height = SIDE;
}

static void
tear_down (Fixture *fixture, gconstpointer unused)
{
  fv_card_free (fixture->card);
  fv_dataset_unref (fixture->dataset);
  temporary_folder_remove (fixture->folder);
  g_free (fixture->folder);
}

static FvTrainingSet *
load (const Fixture *fixture, guint augment)
{
  g_autoptr (GError) error = NULL;
  FvTrainingSet *set = fv_training_set_load (fixture->dataset, FV_SPLIT_TRAIN, fixture->card, MAP,
                                             MAP, augment, NULL, &error);

  g_assert_no_error (error);
  return set;
}

static void
append (GByteArray *bytes, const FvTensor *tensor, FvDtype dtype, gsize n)
{
  guint before = bytes->len;

  n *= fv_dtype_get_size (dtype);
  g_byte_array_set_size (bytes, before + (guint) n);
  g_assert_true (fv_tensor_read (tensor, dtype, bytes->data + before, n, NULL));
}

/* All that a loader gives, as bytes. */
static GByteArray *
drain (FvTrainingSet *set, int batch_size, int n_epochs, guint64 seed)
{
  g_autoptr (FvLoader) loader = fv_loader_new (set, NULL, batch_size, n_epochs, seed, 0);
  GByteArray *bytes = g_byte_array_new ();
  int n_batches = fv_loader_get_n_batches (loader);
  gsize n_left = N_TRAIN;

  for (int i = 0; i < n_batches; i++) {
    g_autoptr (FvScope) scope = fv_scope_new ();
    FvBatch batch;
    gsize n = MIN ((gsize) batch_size, n_left);

    g_assert_true (fv_loader_next (loader, scope, &batch));
    g_assert_true (batch.any_mask);
    append (bytes, batch.images, FV_DTYPE_FLOAT32, n * 3 * SIDE * SIDE);
    append (bytes, batch.labels, FV_DTYPE_INT64, n);
    append (bytes, batch.inside, FV_DTYPE_FLOAT32, n * MAP * MAP);
    append (bytes, batch.opinion, FV_DTYPE_FLOAT32, n * MAP * MAP);
    append (bytes, batch.weight, FV_DTYPE_FLOAT32, n);
    n_left = n_left > n ? n_left - n : N_TRAIN;
  }
  return bytes;
}

/* With a cache and without, and with another number of pictures a task for each thread. */
static void
test_same_bytes (Fixture *fixture, gconstpointer unused)
{
  const guint kinds[] = { 0, FV_AUGMENT_FLIP, EVERYTHING };

  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++) {
    g_autoptr (FvTrainingSet) kept = load (fixture, kinds[i]);
    g_autoptr (FvTrainingSet) decoded_again = load (fixture, kinds[i]);
    g_autoptr (GByteArray) first = drain (kept, 4, 3, 9);
    g_autoptr (GByteArray) again = drain (kept, 4, 3, 9);
    g_autoptr (GByteArray) uncached = NULL;
    g_autoptr (GByteArray) other = drain (kept, 4, 3, 10);

    fv_training_set_set_cache_limit (decoded_again, 4 * SIDE * SIDE * 3);
    uncached = drain (decoded_again, 4, 3, 9);
    g_assert_cmpmem (first->data, first->len, again->data, again->len);
    g_assert_cmpmem (first->data, first->len, uncached->data, uncached->len);
    g_assert_cmpuint (first->len, ==, other->len);
    g_assert_cmpint (memcmp (first->data, other->data, first->len), !=, 0);
  }
}

/* A loader that begins with the fifth batch, in the second pass, gives what others give then. */
static void
test_first (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvTrainingSet) set = load (fixture, EVERYTHING);
  g_autoptr (FvLoader) whole = fv_loader_new (set, NULL, 5, 2, 3, 0);
  g_autoptr (FvLoader) late = fv_loader_new (set, NULL, 5, 2, 3, 4);
  g_autoptr (FvScope) scope = fv_scope_new ();
  FvBatch batch, other;

  g_assert_cmpint (fv_loader_get_n_batches (late), ==, fv_loader_get_n_batches (whole));
  for (int i = 0; i < 6; i++) {
    g_assert_true (fv_loader_next (whole, scope, &batch));
    if (i < 4)
      continue;
    g_assert_true (fv_loader_next (late, scope, &other));
    g_assert_cmpint (other.epoch, ==, 2);
    g_assert_true (fv_tensor_equal (batch.images, other.images));
    g_assert_true (fv_tensor_equal (batch.labels, other.labels));
  }
}

/* A third of the masks, without one for the others, also where objects are put on other grounds;
 * and what each picture counts comes with it. */
static void
test_sampled (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvTrainingSet) set = load (fixture, FV_AUGMENT_BACKGROUND);
  g_autoptr (FvSampling) sampling
      = fv_sampling_new (fixture->dataset, FV_SPLIT_TRAIN, FV_BALANCE_CLASS, TRUE, NULL);
  g_autoptr (FvLoader) loader = NULL;
  g_autoptr (FvScope) scope = fv_scope_new ();
  g_autofree guint *order = NULL;
  const float *importances = fv_sampling_get_importances (sampling);
  guint n_masks = 0;
  FvBatch batch;

  fv_training_set_keep_masks (set, 1.0 / 3, 5);
  for (guint i = 0; i < N_TRAIN; i++)
    n_masks += fv_training_set_get_mask_digest (set, i) != NULL ? 1 : 0;
  g_assert_cmpuint (n_masks, ==, (N_TRAIN + 1) / 3);
  fv_training_set_set_sampling (set, sampling);
  order = fv_training_set_order (set, 3, 1);
  loader = fv_loader_new (set, NULL, N_TRAIN, 1, 3, 0);
  g_assert_true (fv_loader_next (loader, scope, &batch));
  for (guint i = 0; i < N_TRAIN; i++) {
    g_autofree float *weight = fv_tensor_to_floats (batch.weight, NULL, NULL);
    g_autofree float *importance = fv_tensor_to_floats (batch.importance, NULL, NULL);

    g_assert_true (weight[i] == 0 || fv_training_set_get_mask_digest (set, order[i]) != NULL);
    g_assert_cmpfloat (importance[i], ==, importances[order[i]]);
  }
}

/* Every picture once in each pass, with its own label. */
static void
test_passes (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvTrainingSet) set = load (fixture, 0);
  g_autoptr (FvLoader) loader = fv_loader_new (set, NULL, 5, 2, 3, 0);

  g_assert_cmpint (fv_loader_get_n_batches (loader), ==, 6);
  for (int epoch = 1; epoch <= 2; epoch++) {
    g_autofree guint *order = fv_training_set_order (set, 3, epoch);
    gboolean seen[N_TRAIN] = { FALSE };
    int next = 0;

    for (int i = 0; i < 3; i++) {
      g_autoptr (FvScope) scope = fv_scope_new ();
      gint64 labels[5];
      FvBatch batch;
      int n = i < 2 ? 5 : 1;

      g_assert_true (fv_loader_next (loader, scope, &batch));
      g_assert_cmpint (batch.epoch, ==, epoch);
      g_assert_true (fv_tensor_read (batch.labels, FV_DTYPE_INT64, labels, (gsize) n * 8, NULL));
      for (int j = 0; j < n; j++, next++) {
        g_assert_cmpint (labels[j], ==, fv_training_set_get_label (set, order[next]));
        g_assert_false (seen[order[next]]);
        seen[order[next]] = TRUE;
      }
    }
    g_assert_cmpint (next, ==, N_TRAIN);
  }
}

/* What the network sees in training is what it sees afterwards, to a rounding of the resized 8-bit
 * values; the mask's cells are those of the whole mask. */
static void
test_as_evaluated (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvTrainingSet) set = NULL;
  g_autofree float *pixels = g_new (float, 3 * SIDE * SIDE);
  g_autofree float *wanted = g_new (float, 3 * SIDE * SIDE);
  double level;

  fixture->card->bgr = TRUE;
  fixture->card->scale = 1;
  set = load (fixture, 0);
  level = fixture->card->scale / 255 / fixture->card->std[0] * 1.2;
  for (guint i = 0; i < N_TRAIN; i++) {
    const FvSample *sample = fv_dataset_get_sample (fixture->dataset, i);
    g_autoptr (FvScope) scope = fv_scope_new ();
    g_autoptr (FvImage) image = fv_image_load (sample->path, NULL);
    g_autoptr (FvMask) mask = fv_dataset_load_mask (fixture->dataset, i, 40, 40, NULL);
    float inside[MAP * MAP], opinion[MAP * MAP], weight;
    float wanted_inside[MAP * MAP], wanted_opinion[MAP * MAP];
    FvTensor *tensor
        = fv_preprocess_resize (scope, fixture->card, fv_image_peek (image), 40, 40, FALSE);
    int n_other = 0;

    g_assert_cmpint (sample->split, ==, FV_SPLIT_TRAIN);
    tensor = fv_preprocess_normalise (scope, fixture->card, tensor);
    g_assert_true (
        fv_tensor_read (tensor, FV_DTYPE_FLOAT32, wanted, 3 * SIDE * SIDE * sizeof (float), NULL));
    g_assert_true (fv_training_set_read (set, i, 0, 0, 0, pixels, inside, opinion, &weight, NULL));
    for (int j = 0; j < 3 * SIDE * SIDE; j++) {
      n_other += pixels[j] != wanted[j];
      g_assert_cmpfloat (fabsf (pixels[j] - wanted[j]), <, level);
    }
    g_assert_cmpint (n_other, <, 3 * SIDE * SIDE / 50);
    fv_mask_pool (mask, MAP, MAP, wanted_inside, wanted_opinion);
    g_assert_cmpmem (inside, sizeof inside, wanted_inside, sizeof wanted_inside);
    g_assert_cmpmem (opinion, sizeof opinion, wanted_opinion, sizeof wanted_opinion);
    g_assert_cmpfloat (weight, ==, 1);
  }
}

static void
test_mirrored (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvTrainingSet) plain = load (fixture, 0);
  g_autoptr (FvTrainingSet) flipped = load (fixture, FV_AUGMENT_FLIP);
  g_autofree float *a = g_new (float, 3 * SIDE * SIDE);
  g_autofree float *b = g_new (float, 3 * SIDE * SIDE);
  int n_mirrored = 0;

  for (int epoch = 1; epoch <= 8; epoch++) {
    float inside[2][MAP * MAP], opinion[2][MAP * MAP], weight;
    guint view = fv_training_set_get_view (flipped, 2, 0, epoch);
    gboolean same;

    g_assert_true (
        fv_training_set_read (plain, 2, 0, 0, 0, a, inside[0], opinion[0], &weight, NULL));
    g_assert_true (
        fv_training_set_read (flipped, 2, 0, view, 0, b, inside[1], opinion[1], &weight, NULL));
    g_assert_cmpuint (view, <, fv_training_set_get_n_views (flipped));
    same = memcmp (a, b, 3 * SIDE * SIDE * sizeof *a) == 0;
    n_mirrored += !same;
    for (int i = 0; i < 3 * SIDE * SIDE && !same; i++)
      g_assert_cmpfloat (a[i], ==, b[i / SIDE * SIDE + SIDE - 1 - i % SIDE]);
    for (int i = 0; i < MAP * MAP; i++)
      g_assert_cmpfloat (inside[0][i], ==, inside[1][same ? i : i / MAP * MAP + MAP - 1 - i % MAP]);
  }
  g_assert_cmpint (n_mirrored, >, 0);
  g_assert_cmpint (n_mirrored, <, 8);
}

static const char *
photo_path (const Fixture *fixture, gsize sample)
{
  return fv_dataset_get_sample (fixture->dataset, sample)->path;
}

/* Known before training: what is no picture, what is cut off, and masks that do not fit. */
static void
test_checked_first (Fixture *fixture, gconstpointer unused)
{
  const char *mask_path = fv_dataset_get_sample (fixture->dataset, 3)->mask_path;
  const char *photo = photo_path (fixture, 5);
  g_autoptr (FvMask) small = fv_mask_new (39, 40);
  g_autoptr (GError) error = NULL;
  g_autofree char *bytes = NULL;
  gsize n;

  g_assert_true (g_file_get_contents (photo, &bytes, &n, NULL));
  g_assert_true (g_file_set_contents (photo, bytes, (gssize) n - 30, NULL));
  g_assert_null (fv_training_set_load (fixture->dataset, FV_SPLIT_TRAIN, fixture->card, MAP, MAP, 0,
                                       NULL, &error));
  g_assert_nonnull (strstr (error->message, photo));
  g_assert_nonnull (strstr (error->message, "is truncated"));
  g_clear_error (&error);
  g_assert_true (g_file_set_contents (photo, bytes, (gssize) n, NULL));
  g_assert_true (fv_mask_file_save (small, mask_path, NULL));
  g_assert_null (fv_training_set_load (fixture->dataset, FV_SPLIT_TRAIN, fixture->card, MAP, MAP, 0,
                                       NULL, &error));
  g_assert_nonnull (strstr (error->message, mask_path));
}

/* A picture that is damaged inside is named when its batch comes, however many lie before it. */
static void
test_damaged_inside (Fixture *fixture, gconstpointer unused)
{
  const char *photo = photo_path (fixture, 7);
  g_autofree char *bytes = NULL;
  g_autoptr (FvTrainingSet) set = NULL;
  g_autoptr (FvLoader) loader = NULL;
  g_autoptr (GError) error = NULL;
  gsize n;

  g_assert_true (g_file_get_contents (photo, &bytes, &n, NULL));
  for (gsize i = n / 2; i < n / 2 + 40; i++)
    bytes[i] = (char) ~bytes[i];
  g_assert_true (g_file_set_contents (photo, bytes, (gssize) n, NULL));
  set = load (fixture, FV_AUGMENT_FLIP);
  loader = fv_loader_new (set, NULL, 2, 1, 0, 0);
  for (int i = 0; error == NULL; i++) {
    g_autoptr (FvScope) scope = fv_scope_new ();
    FvBatch batch;

    g_assert_cmpint (i, <, 6);
    if (!fv_loader_next (loader, scope, &batch))
      fv_scope_check (scope, &error);
  }
  g_assert_nonnull (strstr (error->message, photo));
}

/* A painted mask that is removed after the pictures were looked through: no batch of what happened
 * to be in memory. */
static void
test_mask_removed (Fixture *fixture, gconstpointer unused)
{
  g_autofree char *folder = g_build_filename (fixture->folder, "painted", NULL);
  g_autofree char *class_folder = g_build_filename (folder, "sea", NULL);
  g_autofree char *photo = g_build_filename (class_folder, "a.png", NULL);
  g_autofree char *mask_path = g_build_filename (class_folder, "a.mask.png", NULL);
  g_autoptr (FvImage) image = fv_image_new (40, 40);
  g_autoptr (FvMask) mask = fv_mask_new (40, 40);
  g_autoptr (FvDataset) dataset = NULL;
  g_autoptr (FvTrainingSet) set = NULL;
  g_autoptr (FvLoader) loader = NULL;
  g_autoptr (FvScope) scope = fv_scope_new ();
  g_autoptr (GError) error = NULL;
  FvBatch batch;

  g_assert_cmpint (g_mkdir_with_parents (class_folder, 0700), ==, 0);
  g_assert_true (fv_image_save_png (image, photo, NULL));
  g_assert_true (fv_mask_file_save (mask, mask_path, NULL));
  dataset = fv_dataset_open (folder, 0, NULL);
  set = fv_training_set_load (dataset, FV_SPLIT_TRAIN, fixture->card, MAP, MAP, 0, NULL, NULL);
  g_assert_nonnull (set);
  g_assert_cmpint (g_unlink (mask_path), ==, 0);
  loader = fv_loader_new (set, NULL, 1, 1, 0, 0);
  g_assert_false (fv_loader_next (loader, scope, &batch));
  g_assert_false (fv_scope_check (scope, &error));
  g_assert_nonnull (strstr (error->message, mask_path));
}

/* Item @index without its object, as the network sees it. (transfer full): [3,SIDE,SIDE] */
static float *
read_ground (const Fixture *fixture, FvTrainingSet *set, guint index)
{
  g_autoptr (FvImage) photo = fv_image_load (fv_training_set_get_path (set, index), NULL);
  g_autoptr (FvMask) mask = fv_dataset_load_mask (
      fixture->dataset, index, fv_image_get_width (photo), fv_image_get_height (photo), NULL);
  g_autoptr (FvPictureStore) store
      = fv_picture_store_new (fixture->dataset, fixture->card, (const gsize[]){ index }, 1, FALSE);
  g_autoptr (FvImage) fitted = fv_picture_store_fit (store, photo);
  g_autoptr (FvMask) fitted_mask = fv_picture_store_fit_mask (store, mask);
  g_autoptr (FvImage) ground = fv_background_without_object (fitted, fitted_mask);
  float *pixels = g_new (float, N_PIXELS);

  for (gsize i = 0; i < N_PIXELS; i++)
    pixels[i] = fv_image_peek (ground)[i % (SIDE * SIDE) * 3 + i / (SIDE * SIDE)];
  return pixels;
}

/* Whether @pixels are @levels, 0 … 255, normalised, where @states is OUTSIDE. */
static gboolean
is_ground (const FvCard *card, const float *pixels, const float *levels, const guint8 *states)
{
  for (gsize i = 0; i < N_PIXELS; i++) {
    gsize c = i / (SIDE * SIDE);
    double level = (pixels[i] * card->std[c] + card->mean[c]) / (card->scale / 255);

    if (states[i % (SIDE * SIDE)] == FV_MASK_OUTSIDE && fabs (level - levels[i]) > 0.01)
      return FALSE;
  }
  return TRUE;
}

/* The object stays as it is; around it is the ground of another picture, without its object. */
static void
test_other_grounds (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvTrainingSet) plain = load (fixture, 0);
  g_autoptr (FvTrainingSet) swapped = load (fixture, FV_AUGMENT_BACKGROUND);
  float before[3 * SIDE * SIDE], after[3 * SIDE * SIDE], inside[MAP * MAP], opinion[MAP * MAP],
      weight;
  guint n_grounds = 0;
  float *grounds[N_TRAIN];

  for (guint i = 0; i < N_TRAIN; i++)
    grounds[i] = read_ground (fixture, plain, i);
  for (guint item = 0; item < 3; item++) {
    g_autoptr (FvMask) mask = fv_dataset_load_mask (fixture->dataset, item, 40, 40, NULL);
    g_autoptr (FvMask) fitted = fv_mask_resize_nearest (mask, SIDE, SIDE);
    guint donor = 0;

    g_assert_true (
        fv_training_set_read (plain, item, 1, 0, 0, before, inside, opinion, &weight, NULL));
    g_assert_true (
        fv_training_set_read (swapped, item, 1, 5, 0, after, inside, opinion, &weight, NULL));
    for (gsize i = 0; i < N_PIXELS; i++)
      if (fv_mask_peek (fitted)[i % (SIDE * SIDE)] == FV_MASK_INSIDE)
        g_assert_cmpfloat (before[i], ==, after[i]);
    while (donor < N_TRAIN
           && !is_ground (fixture->card, after, grounds[donor], fv_mask_peek (fitted)))
      donor++;
    g_assert_cmpuint (donor, <, N_TRAIN);
    n_grounds += donor != item;
  }
  g_assert_cmpuint (n_grounds, >, 0);
  for (guint i = 0; i < N_TRAIN; i++)
    g_free (grounds[i]);
}

/* Left in the middle: nothing hangs, nothing leaks. */
static void
test_left_early (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvTrainingSet) set = load (fixture, EVERYTHING);

  for (int i = 0; i < 20; i++) {
    g_autoptr (FvLoader) loader = fv_loader_new (set, NULL, 3, 50, (guint64) i, 0);
    g_autoptr (FvScope) scope = fv_scope_new ();
    FvBatch batch;

    if (i % 2 == 0)
      g_assert_true (fv_loader_next (loader, scope, &batch));
  }
}

int
main (int argc, char *argv[])
{
  static const struct {
    const char *name;
    void (*test) (Fixture *fixture, gconstpointer data);
  } tests[] = {
    { "/loader/same-bytes", test_same_bytes },
    { "/loader/passes", test_passes },
    { "/loader/first", test_first },
    { "/loader/sampled", test_sampled },
    { "/loader/as-evaluated", test_as_evaluated },
    { "/loader/mirrored", test_mirrored },
    { "/loader/checked-first", test_checked_first },
    { "/loader/damaged-inside", test_damaged_inside },
    { "/loader/mask-removed", test_mask_removed },
    { "/loader/other-grounds", test_other_grounds },
    { "/loader/left-early", test_left_early },
  };

  g_test_init (&argc, &argv, NULL);
  fv_runtime_start (1);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].name, Fixture, NULL, set_up, tests[i].test, tear_down);
  return g_test_run ();
}
