/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The drawn benchmark: what its folder says must be what was asked for, and the same every time. */

#include "fv-dataset.h"
#include "fv-image.h"
#include "fv-scene-objects.h"
#include "fv-scenes.h"
#include "temporary-folder.h"

#include <glib/gstdio.h>
#include <string.h>

typedef struct {
  char *folder;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = temporary_folder_new ();
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  temporary_folder_remove (fixture->folder);
  g_free (fixture->folder);
}

/* Builds into the folder @name and opens it. */
static FvDataset *
build (Fixture *fixture, const char *name, const FvScenesOptions *options)
{
  g_autofree char *folder = g_build_filename (fixture->folder, name, NULL);
  g_autoptr (GError) error = NULL;
  FvDataset *dataset;

  g_assert_true (fv_scenes_build (folder, options, NULL, &error));
  g_assert_no_error (error);
  dataset = fv_dataset_open (folder, 0, &error);
  g_assert_no_error (error);
  return dataset;
}

static void
test_folder (Fixture *fixture, gconstpointer unused)
{
  const FvScenesOptions options
      = { .rho = 0.9, .seed = 1, .n_train = 20, .n_validation = 8, .n_test = 12, .size = 64 };
  const char *const classes[] = { "fish", "house", "mug", "star" };
  g_autoptr (FvDataset) dataset = build (fixture, "a/b", &options);

  g_assert_cmpuint (fv_dataset_get_n_samples (dataset), ==, 40);
  g_assert_cmpuint (fv_dataset_get_n_in_split (dataset, FV_SPLIT_TRAIN), ==, 20);
  g_assert_cmpuint (fv_dataset_get_n_in_split (dataset, FV_SPLIT_VALIDATION), ==, 8);
  g_assert_cmpuint (fv_dataset_get_n_in_split (dataset, FV_SPLIT_TEST), ==, 12);
  g_assert_cmpint (fv_dataset_get_n_classes (dataset), ==, 4);
  for (int i = 0; i < 4; i++)
    g_assert_cmpstr (fv_dataset_get_class_name (dataset, i), ==, classes[i]);
  for (gsize i = 0; i < 40; i++) {
    const FvSample *sample = fv_dataset_get_sample (dataset, i);
    g_autoptr (FvImage) image = fv_image_load (sample->path, NULL);
    g_autoptr (FvMask) mask = fv_dataset_load_mask (dataset, i, 64, 64, NULL);
    double share;

    g_assert_nonnull (image);
    g_assert_nonnull (mask);
    g_assert_nonnull (sample->group);
    g_assert_cmpint (fv_image_get_width (image), ==, 64);
    g_assert_cmpint (fv_image_get_height (image), ==, 64);
    share = (double) fv_mask_count (mask, FV_MASK_INSIDE) / (64 * 64);
    g_assert_cmpfloat (share, >=, 0.12);
    g_assert_cmpfloat (share, <=, 0.32);
    g_assert_cmpuint (fv_mask_count (mask, FV_MASK_NO_OPINION), ==, 0);
  }
}

/* How many samples of @split stand on their class's own ground. */
static int
count_own_ground (const FvDataset *dataset, FvSplit split)
{
  const char *const own[] = { "fish·water", "house·grass", "mug·brick", "star·sand" };
  int n = 0;

  for (gsize i = 0; i < fv_dataset_get_n_samples (dataset); i++) {
    const FvSample *sample = fv_dataset_get_sample (dataset, i);

    n += sample->split == split && strcmp (sample->group, own[sample->label]) == 0;
  }
  return n;
}

static void
test_rho (Fixture *fixture, gconstpointer unused)
{
  FvScenesOptions options
      = { .rho = 1.0, .seed = 2, .n_train = 24, .n_validation = 8, .n_test = 40, .size = 32 };
  g_autoptr (FvDataset) always = build (fixture, "always", &options);
  g_autoptr (FvDataset) never = NULL;

  options.rho = 0.0;
  never = build (fixture, "never", &options);
  g_assert_cmpint (count_own_ground (always, FV_SPLIT_TRAIN), ==, 24);
  g_assert_cmpint (count_own_ground (always, FV_SPLIT_VALIDATION), ==, 8);
  g_assert_cmpint (count_own_ground (never, FV_SPLIT_TRAIN), ==, 0);
  g_assert_cmpint (count_own_ground (never, FV_SPLIT_VALIDATION), ==, 0);
  g_assert_cmpint (count_own_ground (always, FV_SPLIT_TEST), ==, 10);
  g_assert_cmpint (count_own_ground (never, FV_SPLIT_TEST), ==, 10);
}

/* In the test split every class stands on every ground equally often, whatever rho. */
static void
test_groups (Fixture *fixture, gconstpointer unused)
{
  const FvScenesOptions options = { .rho = 1.0, .seed = 4, .n_train = 3, .n_test = 48, .size = 32 };
  g_autoptr (FvDataset) dataset = build (fixture, "groups", &options);
  int counts[16] = { 0 };

  g_assert_cmpint (fv_dataset_get_n_groups (dataset), ==, 16);
  for (gsize i = 0; i < fv_dataset_get_n_samples (dataset); i++) {
    const FvSample *sample = fv_dataset_get_sample (dataset, i);

    counts[sample->group_id] += sample->split == FV_SPLIT_TEST;
  }
  for (int i = 0; i < 16; i++)
    g_assert_cmpint (counts[i], ==, 3);
}

#define SIDE 96

/* The object on a ground of one tone: its red channel [SIDE, SIDE] and its mask. */
static FvMask *
paint_on (FvObject object, guint32 seed, double tone, guint8 *red)
{
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, SIDE, SIDE);
  cairo_t *cr = cairo_create (surface);
  g_autoptr (GRand) rand = g_rand_new_with_seed (seed);
  gsize stride = cairo_image_surface_get_stride (surface);
  FvMask *mask;

  cairo_set_source_rgb (cr, tone, tone, tone);
  cairo_paint (cr);
  cairo_destroy (cr);
  mask = fv_scene_object_paint (object, rand, surface);
  for (gsize i = 0; i < SIDE * SIDE; i++) {
    const guint8 *row = cairo_image_surface_get_data (surface) + i / SIDE * stride;

    red[i] = ((const guint32 *) (gconstpointer) row)[i % SIDE] >> 16 & 0xff;
  }
  cairo_surface_destroy (surface);
  return mask;
}

static gboolean
touches_inside (const FvMask *mask, int x, int y)
{
  for (int v = MAX (y - 1, 0); v <= MIN (y + 1, SIDE - 1); v++)
    for (int u = MAX (x - 1, 0); u <= MIN (x + 1, SIDE - 1); u++)
      if (fv_mask_peek (mask)[v * SIDE + u] == FV_MASK_INSIDE)
        return TRUE;
  return FALSE;
}

/* How much of a white ground shines through, (1 − coverage) (1 − shadow) with a shadow of at most
 * one half, says how much of a pixel is covered: all of it at 0; at most half above one half. */
static void
test_masks_are_exact (Fixture *fixture, gconstpointer unused)
{
  for (guint32 seed = 0; seed < 40; seed++) {
    FvObject object = (FvObject) (seed % FV_N_OBJECTS);
    guint8 black[SIDE * SIDE], white[SIDE * SIDE];
    g_autoptr (FvMask) mask = paint_on (object, seed, 0.0, black);
    g_autoptr (FvMask) same = paint_on (object, seed, 1.0, white);

    for (int i = 0; i < SIDE * SIDE; i++) {
      int through = white[i] - black[i];
      gboolean inside = fv_mask_peek (mask)[i] == FV_MASK_INSIDE;

      g_assert_cmpint (fv_mask_peek (same)[i], ==, fv_mask_peek (mask)[i]);
      if (inside)
        g_assert_cmpint (through, <=, 128);
      else if (through < 126) /* less than half covered: the rim */
        g_assert_true (through > 0 && touches_inside (mask, i % SIDE, i / SIDE));
    }
  }
}

/* A check sum of the file @name below the folders @a of the fixture. */
static char *
checksum (Fixture *fixture, const char *a, const char *name)
{
  g_autofree char *path = g_build_filename (fixture->folder, a, name, NULL);
  g_autofree char *bytes = NULL;
  gsize n;

  g_assert_true (g_file_get_contents (path, &bytes, &n, NULL));
  return g_compute_checksum_for_data (G_CHECKSUM_SHA256, (const guchar *) bytes, n);
}

static void
test_bytes (Fixture *fixture, gconstpointer unused)
{
  FvScenesOptions options
      = { .rho = 0.5, .seed = 3, .n_train = 4, .n_validation = 2, .n_test = 2, .size = 96 };
  const char *const names[] = { "metadata.csv", "images/00000.png", "masks/00000.png",
                                "images/00003.png", "images/00007.png" };

  fv_dataset_unref (build (fixture, "first", &options));
  fv_dataset_unref (build (fixture, "again", &options));
  options.seed = G_GUINT64_CONSTANT (3) << 32 | 3;
  fv_dataset_unref (build (fixture, "other", &options));
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autofree char *first = checksum (fixture, "first", names[i]);
    g_autofree char *again = checksum (fixture, "again", names[i]);
    g_autofree char *other = checksum (fixture, "other", names[i]);

    g_assert_cmpstr (first, ==, again);
    if (i > 0)
      g_assert_cmpstr (first, !=, other);
  }
}

static void
test_sizes (Fixture *fixture, gconstpointer unused)
{
  const int sizes[] = { 32, 33, 300 };

  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++) {
    const FvScenesOptions options = { .rho = 1.0, .n_test = 4, .size = sizes[i] };
    g_autofree char *name = g_strdup_printf ("%d", sizes[i]);
    g_autoptr (FvDataset) dataset = build (fixture, name, &options);

    for (gsize j = 0; j < 4; j++) {
      g_autoptr (FvMask) mask = fv_dataset_load_mask (dataset, j, sizes[i], sizes[i], NULL);

      g_assert_nonnull (mask);
      g_assert_false (fv_mask_is_empty (mask));
    }
  }
}

static void
test_cancelled (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autofree char *metadata = g_build_filename (fixture->folder, "metadata.csv", NULL);
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (cancellable);
  g_assert_false (fv_scenes_build (fixture->folder, NULL, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_false (g_file_test (metadata, G_FILE_TEST_EXISTS));
}

static void
test_no_folder (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (fv_scenes_build ("/dev/null/scenes", NULL, NULL, &error));
  g_assert_nonnull (strstr (error->message, "/dev/null/scenes"));
}

static void
test_speed (Fixture *fixture, gconstpointer unused)
{
  const FvScenesOptions options = { .rho = 0.9, .n_train = 50, .size = 96 };
  double rate;

  g_test_timer_start ();
  fv_dataset_unref (build (fixture, "speed", &options));
  rate = 50.0 / g_test_timer_elapsed ();
  g_test_maximized_result (rate, "drawing scenes: %.0f images/s", rate);
}

int
main (int argc, char *argv[])
{
  static const struct {
    const char *name;
    void (*test) (Fixture *fixture, gconstpointer data);
  } tests[] = {
    { "/scenes/folder", test_folder },       { "/scenes/rho", test_rho },
    { "/scenes/groups", test_groups },       { "/scenes/masks-are-exact", test_masks_are_exact },
    { "/scenes/bytes", test_bytes },         { "/scenes/sizes", test_sizes },
    { "/scenes/cancelled", test_cancelled }, { "/scenes/no-folder", test_no_folder },
    { "/scenes/speed", test_speed },
  };

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].name, Fixture, NULL, set_up, tests[i].test, tear_down);
  return g_test_run ();
}
