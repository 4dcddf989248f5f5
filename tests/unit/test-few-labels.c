/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Few labels: balanced, drawn by the seed, apart from validation and test; the rest is the pool. */

#include "fv-few-labels.h"

#include <string.h>

#include "temporary-folder.h"

#define N 60
#define N_CLASSES 3

typedef struct {
  char *folder;
  FvDataset *dataset;
} Fixture;

/* Two of three pictures are for training; class 2 has half as many as the others. */
static void
set_up (Fixture *self, gconstpointer data)
{
  g_autoptr (GString) table = g_string_new ("img_filename,y,split\n");
  g_autofree char *path = NULL;

  self->folder = temporary_folder_new ();
  path = g_build_filename (self->folder, "metadata.csv", NULL);
  for (int i = 0; i < N; i++)
    g_string_append_printf (table, "%02d.png,%d,%d\n", i, i % 5 / 2, i / 5 % 3);
  g_assert_true (g_file_set_contents (path, table->str, -1, NULL));
  self->dataset = fv_dataset_open (self->folder, 0, NULL);
  g_assert_nonnull (self->dataset);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  fv_dataset_unref (self->dataset);
  temporary_folder_remove (self->folder);
  g_free (self->folder);
}

static int
count (const FvDataset *dataset, FvSplit split, int label)
{
  int n = 0;

  for (gsize i = 0; i < fv_dataset_get_n_samples (dataset); i++) {
    const FvSample *sample = fv_dataset_get_sample (dataset, i);

    n += sample->split == split && sample->label == label;
  }
  return n;
}

static gboolean
contains (const FvDataset *dataset, const char *name)
{
  for (gsize i = 0; i < fv_dataset_get_n_samples (dataset); i++)
    if (strcmp (fv_dataset_get_sample (dataset, i)->name, name) == 0)
      return TRUE;
  return FALSE;
}

static void
test_balanced_and_apart (Fixture *self, gconstpointer data)
{
  g_autoptr (FvDataset) labelled = NULL, pool = NULL;

  fv_few_labels_split (self->dataset, 3, 7, &labelled, &pool);
  for (int c = 0; c < N_CLASSES; c++) {
    g_assert_cmpint (count (labelled, FV_SPLIT_TRAIN, c), ==, 3);
    g_assert_cmpint (count (pool, FV_SPLIT_TRAIN, c), ==,
                     count (self->dataset, FV_SPLIT_TRAIN, c) - 3);
    for (FvSplit split = FV_SPLIT_VALIDATION; split <= FV_SPLIT_TEST; split++) {
      g_assert_cmpint (count (labelled, split, c), ==, count (self->dataset, split, c));
      g_assert_cmpint (count (pool, split, c), ==, 0);
    }
  }
  for (gsize i = 0; i < N; i++) {
    const char *name = fv_dataset_get_sample (self->dataset, i)->name;

    g_assert_true (contains (labelled, name) != contains (pool, name));
  }
  g_assert_cmpuint (fv_dataset_get_n_in_split (labelled, FV_SPLIT_TRAIN), ==, 9);
  g_assert_cmpint (fv_dataset_get_n_classes (pool), ==, N_CLASSES);
}

static gboolean
draws_the_same (const FvDataset *a, const FvDataset *b)
{
  for (gsize i = 0; i < fv_dataset_get_n_samples (a); i++)
    if (!contains (b, fv_dataset_get_sample (a, i)->name))
      return FALSE;
  return TRUE;
}

static void
test_drawn_by_seed (Fixture *self, gconstpointer data)
{
  g_autoptr (FvDataset) first = NULL, again = NULL, other = NULL;
  g_autoptr (FvDataset) first_pool = NULL, again_pool = NULL, other_pool = NULL;

  fv_few_labels_split (self->dataset, 2, 1, &first, &first_pool);
  fv_few_labels_split (self->dataset, 2, 1, &again, &again_pool);
  fv_few_labels_split (self->dataset, 2, 2, &other, &other_pool);
  g_assert_true (draws_the_same (first, again));
  g_assert_false (draws_the_same (first, other));
}

/* More than there are: all of them; the parts outlive the whole. */
static void
test_all (Fixture *self, gconstpointer data)
{
  g_autoptr (FvDataset) labelled = NULL, pool = NULL;
  gsize n = fv_dataset_get_n_samples (self->dataset);

  fv_few_labels_split (self->dataset, 1000, 1, &labelled, &pool);
  fv_dataset_unref (self->dataset);
  self->dataset = fv_dataset_open (self->folder, 0, NULL);
  g_assert_cmpuint (fv_dataset_get_n_samples (labelled), ==, n);
  g_assert_cmpuint (fv_dataset_get_n_samples (pool), ==, 0);
  g_assert_cmpstr (fv_dataset_get_path (labelled), ==, self->folder);
  g_assert_cmpstr (fv_dataset_get_sample (labelled, 0)->name, ==, "00.png");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/few-labels/balanced-and-apart", Fixture, NULL, set_up, test_balanced_and_apart,
              tear_down);
  g_test_add ("/few-labels/drawn-by-seed", Fixture, NULL, set_up, test_drawn_by_seed, tear_down);
  g_test_add ("/few-labels/all", Fixture, NULL, set_up, test_all, tear_down);
  return g_test_run ();
}
