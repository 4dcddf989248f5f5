/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Clips: the same every time, and each event by where its mask goes from frame to frame. */

#include "fv-clips.h"

#include <math.h>
#include <string.h>

#include "fv-dataset.h"
#include "fv-image.h"
#include "temporary-folder.h"

#define SIZE 48

typedef struct {
  char *folder;
} Fixture;

static void
set_up (Fixture *self, gconstpointer unused)
{
  self->folder = temporary_folder_new ();
}

static void
tear_down (Fixture *self, gconstpointer unused)
{
  temporary_folder_remove (self->folder);
  g_free (self->folder);
}

/* (transfer full): 12 + 4 + 8 clips in the folder @name */
static FvDataset *
build (const Fixture *self, const char *name, guint64 seed)
{
  const FvClipsOptions options
      = { .seed = seed, .n_train = 12, .n_validation = 4, .n_test = 8, .size = SIZE };
  g_autofree char *folder = g_build_filename (self->folder, name, NULL);
  g_autoptr (GError) error = NULL;
  FvDataset *dataset;

  fv_clips_build (folder, &options, NULL, &error);
  g_assert_no_error (error);
  dataset = fv_dataset_open (folder, 0, &error);
  g_assert_no_error (error);
  return dataset;
}

static void
test_folder (Fixture *self, gconstpointer unused)
{
  g_autoptr (FvDataset) dataset = build (self, "a", 1);
  g_autoptr (FvImage) image = NULL;

  g_assert_cmpuint (fv_dataset_get_n_in_split (dataset, FV_SPLIT_TRAIN), ==, 12);
  g_assert_cmpuint (fv_dataset_get_n_in_split (dataset, FV_SPLIT_VALIDATION), ==, 4);
  g_assert_cmpuint (fv_dataset_get_n_in_split (dataset, FV_SPLIT_TEST), ==, 8);
  g_assert_cmpint (fv_dataset_get_n_classes (dataset), ==, FV_N_EVENTS);
  for (int i = 0; i < FV_N_EVENTS; i++)
    g_assert_cmpstr (fv_dataset_get_class_name (dataset, i), ==, fv_event_get_name ((FvEvent) i));
  image = fv_image_load (fv_dataset_get_sample (dataset, 5)->path, NULL);
  g_assert_cmpint (fv_image_get_width (image), ==, SIZE);
  g_assert_cmpint (fv_image_get_height (image), ==, SIZE * FV_CLIP_FRAMES);
}

static void
test_same_bytes (Fixture *self, gconstpointer unused)
{
  g_autoptr (FvDataset) first = build (self, "a", 1), again = build (self, "b", 1);
  g_autoptr (FvDataset) other = build (self, "c", 2);
  int n_same = 0;

  for (gsize i = 0; i < fv_dataset_get_n_samples (first); i++) {
    g_autofree char *a = NULL, *b = NULL, *c = NULL;
    gsize n_a, n_b, n_c;

    g_assert_true (g_file_get_contents (fv_dataset_get_sample (first, i)->path, &a, &n_a, NULL));
    g_assert_true (g_file_get_contents (fv_dataset_get_sample (again, i)->path, &b, &n_b, NULL));
    g_assert_true (g_file_get_contents (fv_dataset_get_sample (other, i)->path, &c, &n_c, NULL));
    g_assert_cmpmem (a, n_a, b, n_b);
    n_same += n_a == n_c && memcmp (a, c, n_a) == 0;
  }
  g_assert_cmpint (n_same, ==, 0);
}

/* Of the object in a frame: pixels, and their middle. */
typedef struct {
  double area, x, y;
} Frame;

static Frame
look_at (const FvMask *mask, int number)
{
  const guint8 *states = fv_mask_peek (mask) + (gsize) number * SIZE * SIZE;
  Frame frame = { 0 };

  for (int i = 0; i < SIZE * SIZE; i++)
    if (states[i] == FV_MASK_INSIDE) {
      frame.area++;
      frame.x += i % SIZE;
      frame.y += i / SIZE;
    }
  g_assert_cmpfloat (frame.area, >, 20);
  frame.x /= frame.area;
  frame.y /= frame.area;
  return frame;
}

static double
distance (Frame a, Frame b)
{
  return hypot (a.x - b.x, a.y - b.y);
}

static void
assert_event (int event, const Frame *frames)
{
  const Frame first = frames[0], middle = frames[3], last = frames[FV_CLIP_FRAMES - 1];

  switch (event) {
  case FV_EVENT_BOUNCE:
    g_assert_cmpfloat (distance (first, last), <, 1.5);
    g_assert_cmpfloat (distance (first, middle), >, 0.3 * SIZE);
    break;
  case FV_EVENT_CROSS:
    g_assert_cmpfloat (distance (first, last), >, 0.35 * SIZE);
    g_assert_cmpfloat (distance (first, middle), <, 0.6 * distance (first, last));
    break;
  case FV_EVENT_GROW:
    for (int i = 1; i < FV_CLIP_FRAMES; i++)
      g_assert_cmpfloat (frames[i].area, >, frames[i - 1].area);
    break;
  case FV_EVENT_SPIN:
  default:
    g_assert_cmpfloat (distance (first, last), <, 0.15 * SIZE);
    g_assert_cmpfloat (fabs (first.area / last.area - 1), <, 0.15);
    break;
  }
}

static void
test_events (Fixture *self, gconstpointer unused)
{
  g_autoptr (FvDataset) dataset = build (self, "a", 3);

  for (gsize i = 0; i < fv_dataset_get_n_samples (dataset); i++) {
    g_autoptr (FvMask) mask = fv_dataset_load_mask (dataset, i, SIZE, SIZE * FV_CLIP_FRAMES, NULL);
    Frame frames[FV_CLIP_FRAMES];

    for (int f = 0; f < FV_CLIP_FRAMES; f++)
      frames[f] = look_at (mask, f);
    assert_event (fv_dataset_get_sample (dataset, i)->label, frames);
  }
}

/* Whole or not at all, and never over what is there. */
static void
test_taken (Fixture *self, gconstpointer unused)
{
  FvClipsOptions options = fv_clips_options_default ();
  g_autofree char *file = g_build_filename (self->folder, "kept", NULL);
  g_autoptr (GError) error = NULL;

  options.n_train = options.n_validation = options.n_test = 1;
  g_assert_true (g_file_set_contents (file, "mine", -1, NULL));
  g_assert_false (fv_clips_build (self->folder, &options, NULL, &error));
  g_assert_nonnull (strstr (error->message, self->folder));
  g_assert_true (g_file_test (file, G_FILE_TEST_EXISTS));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)
  ADD ("/clips/folder", test_folder);
  ADD ("/clips/same-bytes", test_same_bytes);
  ADD ("/clips/events", test_events);
  ADD ("/clips/taken", test_taken);
#undef ADD
  return g_test_run ();
}
