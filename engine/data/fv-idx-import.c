/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Each picture is written by any thread, from arrays that nobody changes. */

#include "fv-idx-import.h"

#include <string.h>

#include "fv-crew.h"
#include "fv-data-error.h"
#include "fv-dataset.h"
#include "fv-idx.h"
#include "fv-image.h"
#include "fv-mask-file.h"
#include "fv-new-folder.h"

#define PATCH 4
#define N_SHADES 10
#define SHADE_STEP 25
#define N_CORNERS 4

/* One pair of files. */
typedef struct {
  FvIdx *images, *labels;
  int n; /* pictures; 0 where there are no files */
} Pair;

static void
pair_clear (Pair *pair)
{
  fv_idx_free (pair->images);
  fv_idx_free (pair->labels);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Pair, pair_clear)

/* What the threads share. */
typedef struct {
  const char *folder;
  const FvIdxImportOptions *options;
  const Pair *train, *test;
  int n_train, n_validation, n_test;
} Job;

/* One picture. */
typedef struct {
  FvSplit split;
  int label;
  int shade;  /* the class whose shade the patch has */
  int corner; /* 0 … 3: 1 is right, 2 is low */
  int width, height;
  const guint8 *pixels; /* [height, width] */
} Picture;

FvIdxImportOptions
fv_idx_import_options_default (void)
{
  return (FvIdxImportOptions){ .n_train = FV_IDX_IMPORT_ALL,
                               .n_validation = FV_IDX_IMPORT_ALL,
                               .n_test = FV_IDX_IMPORT_ALL };
}

/* -- files ---------------------------------------------------------------------------------- */

/* The file @name in @source, with .gz or without. (transfer full) */
static char *
find_file (const char *source, const char *name)
{
  g_autofree char *packed_name = g_strconcat (name, ".gz", NULL);
  g_autofree char *packed = g_build_filename (source, packed_name, NULL);

  if (g_file_test (packed, G_FILE_TEST_EXISTS))
    return g_steal_pointer (&packed);
  return g_build_filename (source, name, NULL);
}

/* Loads one array, which must have @n_dims dimensions. */
static FvIdx *
load_array (const char *path, int n_dims, GError **error)
{
  g_autoptr (FvIdx) idx = fv_idx_load (path, error);

  if (idx == NULL || idx->n_dims == n_dims)
    return g_steal_pointer (&idx);
  fv_data_error_set (error, FV_DATA_ERROR_FORMAT, path, "has %d dimension(s), but %d were expected",
                     idx->n_dims, n_dims);
  return NULL;
}

static gboolean
check_pair (const Pair *pair, const char *images_path, const char *labels_path, GError **error)
{
  const int *shape = pair->images->shape;

  if (shape[0] != pair->labels->shape[0])
    fv_data_error_set (error, FV_DATA_ERROR_FORMAT, labels_path,
                       "has %d labels, but there are %d pictures", pair->labels->shape[0],
                       shape[0]);
  else if (MIN (shape[1], shape[2]) < FV_IMAGE_MIN_SIDE
           || MAX (shape[1], shape[2]) > FV_IMAGE_MAX_SIDE)
    fv_data_error_set (error, FV_DATA_ERROR_SIZE, images_path,
                       "has pictures of %d × %d pixels; each side must have %d to %d", shape[2],
                       shape[1], FV_IMAGE_MIN_SIDE, FV_IMAGE_MAX_SIDE);
  else
    return TRUE;
  return FALSE;
}

/* Loads PREFIX-images and PREFIX-labels. @optional: neither has to be there */
static gboolean
load_pair (Pair *pair, const char *source, const char *prefix, gboolean optional, GError **error)
{
  g_autofree char *images_name = g_strconcat (prefix, "-images-idx3-ubyte", NULL);
  g_autofree char *labels_name = g_strconcat (prefix, "-labels-idx1-ubyte", NULL);
  g_autofree char *images_path = find_file (source, images_name);
  g_autofree char *labels_path = find_file (source, labels_name);

  if (optional && !g_file_test (images_path, G_FILE_TEST_EXISTS)
      && !g_file_test (labels_path, G_FILE_TEST_EXISTS))
    return TRUE;
  pair->images = load_array (images_path, 3, error);
  if (pair->images == NULL)
    return FALSE;
  pair->labels = load_array (labels_path, 1, error);
  if (pair->labels == NULL || !check_pair (pair, images_path, labels_path, error))
    return FALSE;
  pair->n = pair->images->shape[0];
  return TRUE;
}

static gboolean
set_counts (Job *job, const char *source, GError **error)
{
  const FvIdxImportOptions *options = job->options;
  int n = job->train->n;

  job->n_train = options->n_train;
  job->n_validation = options->n_validation;
  if (job->n_validation < 0)
    job->n_validation
        = job->n_train < 0 ? n / 6 : MAX (MIN (job->n_train / 5, n - job->n_train), 0);
  if (job->n_train < 0)
    job->n_train = n - job->n_validation;
  job->n_test = options->n_test >= 0 ? options->n_test : job->test->n;
  if (job->n_train >= 0 && job->n_train <= n - job->n_validation && job->n_test <= job->test->n)
    return TRUE;
  fv_data_error_set (error, FV_DATA_ERROR_EMPTY, source,
                     "has %d pictures to train and validate on and %d to test on: fewer than were "
                     "asked for",
                     n, job->test->n);
  return FALSE;
}

/* -- pictures ------------------------------------------------------------------------------- */

static Picture
get_picture (const Job *job, int index)
{
  int n_learning = job->n_train + job->n_validation;
  const Pair *pair = index < n_learning ? job->train : job->test;
  int number = index < n_learning ? index : index - n_learning;
  const guint32 words[]
      = { (guint32) job->options->seed, (guint32) (job->options->seed >> 32), (guint32) index };
  g_autoptr (GRand) rand = g_rand_new_with_seed_array (words, G_N_ELEMENTS (words));
  int drawn = g_rand_int_range (rand, 0, N_SHADES);
  Picture picture = { .split = FV_SPLIT_TEST,
                      .label = pair->labels->data[number],
                      .corner = g_rand_int_range (rand, 0, N_CORNERS),
                      .width = pair->images->shape[2],
                      .height = pair->images->shape[1] };

  if (index < n_learning)
    picture.split = index < job->n_train ? FV_SPLIT_TRAIN : FV_SPLIT_VALIDATION;
  picture.shade = picture.split == FV_SPLIT_TEST ? drawn : picture.label % N_SHADES;
  picture.pixels
      = pair->images->data + (gsize) number * (gsize) picture.width * (gsize) picture.height;
  return picture;
}

/* Whether (@x, @y) is in the patch. */
static gboolean
is_in_patch (const Picture *picture, int x, int y)
{
  int left = picture->corner & 1 ? picture->width - PATCH : 0;
  int top = picture->corner & 2 ? picture->height - PATCH : 0;

  return x >= left && x < left + PATCH && y >= top && y < top + PATCH;
}

static gboolean
write_picture (int index, gpointer user_data, GError **error)
{
  const Job *job = user_data;
  Picture picture = get_picture (job, index);
  g_autofree char *image_path = g_strdup_printf ("%s/images/%05d.png", job->folder, index);
  g_autofree char *mask_path = g_strdup_printf ("%s/masks/%05d.png", job->folder, index);
  g_autoptr (FvImage) image = fv_image_new (picture.width, picture.height);
  g_autoptr (FvMask) mask = fv_mask_new (picture.width, picture.height);
  guint8 *to = fv_image_get_data (image);
  guint8 *state = fv_mask_get_data (mask);

  for (int y = 0; y < picture.height; y++)
    for (int x = 0; x < picture.width; x++, to += 3, state++) {
      gboolean patch = job->options->decoy && is_in_patch (&picture, x, y);
      guint8 value = *picture.pixels++;

      memset (to, patch ? 255 - SHADE_STEP * picture.shade : value, 3);
      *state = !patch && value > 0 ? FV_MASK_INSIDE : FV_MASK_OUTSIDE;
    }
  return fv_image_save_png (image, image_path, error)
         && fv_mask_file_write (mask, mask_path, FV_OUTPUT_ATOMIC, error);
}

static gboolean
write_metadata (const Job *job, GError **error)
{
  g_autofree char *path = g_build_filename (job->folder, "metadata.csv", NULL);
  g_autoptr (GString) csv = g_string_new ("img_filename,y,split,mask_filename");

  g_string_append (csv, job->options->decoy ? ",place,place_name\n" : "\n");
  for (int i = 0; i < job->n_train + job->n_validation + job->n_test; i++) {
    Picture picture = get_picture (job, i);

    g_string_append_printf (csv, "images/%05d.png,%d,%d,masks/%05d.png", i, picture.label,
                            picture.split, i);
    if (job->options->decoy)
      g_string_append_printf (csv, ",%d,shade %d", picture.shade, picture.shade);
    g_string_append_c (csv, '\n');
  }
  return fv_output_file_write (path, csv->str, csv->len, FV_OUTPUT_DURABLE, error);
}

gboolean
fv_idx_import (const char *source, const char *folder, const FvIdxImportOptions *options,
               GCancellable *cancellable, GError **error)
{
  g_auto (Pair) train = { 0 };
  g_auto (Pair) test = { 0 };
  Job job = { .options = options, .train = &train, .test = &test };
  g_autoptr (FvNewFolder) fresh = NULL;

  g_return_val_if_fail (source != NULL && folder != NULL && options != NULL, FALSE);

  if (!load_pair (&train, source, "train", FALSE, error)
      || !load_pair (&test, source, "t10k", TRUE, error) || !set_counts (&job, source, error))
    return FALSE;
  fresh = fv_new_folder_begin (folder, error);
  if (fresh == NULL || !fv_new_folder_add (fresh, "images", error)
      || !fv_new_folder_add (fresh, "masks", error))
    return FALSE;
  job.folder = fv_new_folder_get_path (fresh);
  return fv_crew_run (job.n_train + job.n_validation + job.n_test, write_picture, &job, cancellable,
                      error)
         && write_metadata (&job, error) && fv_new_folder_finish (fresh, error);
}
