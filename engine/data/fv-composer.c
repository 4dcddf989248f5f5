/* SPDX-License-Identifier: GPL-3.0-or-later */

/* First a plan, which is all that the generator of each picture decides about its parts; then the
 * pictures, each by any thread. */

#include "fv-composer.h"

#include <math.h>
#include <string.h>

#include "fv-crew.h"
#include "fv-csv.h"
#include "fv-cutout.h"
#include "fv-mask-file.h"
#include "fv-new-folder.h"
#include "fv-resize.h"

#define N_CHANNELS 3
/* The longest side of an object as a share of the picture's. */
#define MIN_OBJECT 0.45
#define MAX_OBJECT 0.60

/* One picture. */
typedef struct {
  FvSplit split;
  int class_id, place;
  const FvPart *object;
  const FvPart *background;
  double across;     /* where the square is cut out of the background, 0 … 1 */
  gboolean mirrored; /* the background */
  FvCutoutPose pose;
} Plan;

/* What the threads share. */
typedef struct {
  const char *folder;
  const GArray *plans;
  int size;
} Job;

FvComposerOptions
fv_composer_options_default (void)
{
  return (FvComposerOptions){ .rho = 0.95,
                              .validation_rho = 0.95,
                              .n_train = 576,
                              .n_validation = 192,
                              .n_test = FV_COMPOSER_ALL,
                              .size = 224 };
}

/* -- the plan ------------------------------------------------------------------------------- */

static const FvPart *
draw_background (const FvComposerParts *parts, int place, FvSplit split, GRand *rand)
{
  int n = fv_composer_parts_count (parts, FV_PART_BACKGROUND, place, split);

  return fv_composer_parts_get (parts, FV_PART_BACKGROUND, place, split,
                                g_rand_int_range (rand, 0, n));
}

/* Random numbers are drawn one a statement, since C leaves the order inside an expression open. */
static void
draw_geometry (Plan *plan, GRand *rand)
{
  plan->across = g_rand_double (rand);
  plan->mirrored = g_rand_boolean (rand);
  plan->pose.longest_side = g_rand_double_range (rand, MIN_OBJECT, MAX_OBJECT);
  plan->pose.x = g_rand_double (rand);
  plan->pose.y = g_rand_double (rand);
  plan->pose.mirrored = g_rand_boolean (rand);
}

/* Plans the picture whose split, class, place and object are known. */
static void
add_plan (GArray *plans, const FvComposerParts *parts, Plan *plan, GRand *rand)
{
  plan->background = draw_background (parts, plan->place, plan->split, rand);
  draw_geometry (plan, rand);
  g_array_append_val (plans, *plan);
}

/* The generator of the next picture of @plans. */
static GRand *
rand_of_next (const GArray *plans, guint64 seed)
{
  const guint32 words[]
      = { (guint32) seed, (guint32) (seed >> 32), plans->len, FV_COMPOSER_VERSION };

  return g_rand_new_with_seed_array (words, G_N_ELEMENTS (words));
}

static int
draw_place (int own, int n_places, double rho, GRand *rand)
{
  double chance = g_rand_double (rand);
  int other = g_rand_int_range (rand, 1, n_places);

  return chance < rho ? own : (own + other) % n_places;
}

/* @n pictures of a split in which classes keep to their places. */
static void
plan_learning (GArray *plans, const FvComposerParts *parts, FvSplit split, int n, double rho,
               guint64 seed)
{
  int n_classes = fv_composer_parts_get_n_kinds (parts, FV_PART_OBJECT);
  int n_places = fv_composer_parts_get_n_kinds (parts, FV_PART_BACKGROUND);

  for (int i = 0; i < n; i++) {
    g_autoptr (GRand) rand = rand_of_next (plans, seed);
    Plan plan = { .split = split, .class_id = i % n_classes };
    int n_objects = fv_composer_parts_count (parts, FV_PART_OBJECT, plan.class_id, split);

    plan.object = fv_composer_parts_get (parts, FV_PART_OBJECT, plan.class_id, split,
                                         i / n_classes % n_objects);
    plan.place = draw_place (plan.class_id % n_places, n_places, rho, rand);
    add_plan (plans, parts, &plan, rand);
  }
}

static void
plan_test_picture (GArray *plans, const FvComposerParts *parts, int class_id, int place, int object,
                   guint64 seed)
{
  g_autoptr (GRand) rand = rand_of_next (plans, seed);
  Plan plan = { .split = FV_SPLIT_TEST, .class_id = class_id, .place = place };

  plan.object = fv_composer_parts_get (parts, FV_PART_OBJECT, class_id, FV_SPLIT_TEST, object);
  add_plan (plans, parts, &plan, rand);
}

static void
plan_whole_test (GArray *plans, const FvComposerParts *parts, guint64 seed)
{
  int n_places = fv_composer_parts_get_n_kinds (parts, FV_PART_BACKGROUND);

  for (int i = 0; i < fv_composer_parts_get_n_kinds (parts, FV_PART_OBJECT); i++)
    for (int j = 0; j < fv_composer_parts_count (parts, FV_PART_OBJECT, i, FV_SPLIT_TEST); j++)
      for (int place = 0; place < n_places; place++)
        plan_test_picture (plans, parts, i, place, j, seed);
}

/* @n test pictures: an object stands on every place before the next one comes. */
static void
plan_test (GArray *plans, const FvComposerParts *parts, int n, guint64 seed)
{
  int n_classes = fv_composer_parts_get_n_kinds (parts, FV_PART_OBJECT);
  int n_places = fv_composer_parts_get_n_kinds (parts, FV_PART_BACKGROUND);

  for (int i = 0; i < n; i++) {
    int n_objects = fv_composer_parts_count (parts, FV_PART_OBJECT, i % n_classes, FV_SPLIT_TEST);

    plan_test_picture (plans, parts, i % n_classes, i / n_classes % n_places,
                       i / n_classes / n_places % n_objects, seed);
  }
}

static GArray *
make_plans (const FvComposerParts *parts, const FvComposerOptions *options)
{
  GArray *plans = g_array_new (FALSE, TRUE, sizeof (Plan));

  plan_learning (plans, parts, FV_SPLIT_TRAIN, options->n_train, options->rho, options->seed);
  plan_learning (plans, parts, FV_SPLIT_VALIDATION, options->n_validation, options->validation_rho,
                 options->seed);
  if (options->n_test == FV_COMPOSER_ALL)
    plan_whole_test (plans, parts, options->seed);
  else
    plan_test (plans, parts, options->n_test, options->seed);
  return plans;
}

/* -- the pictures --------------------------------------------------------------------------- */

/* The largest square of the background that its draw says, at the picture's size. */
static FvImage *
make_background (const Plan *plan, int size, GError **error)
{
  g_autoptr (FvImage) photo = fv_image_load (plan->background->path, error);
  FvPixels square = { .n_channels = N_CHANNELS };
  FvImage *image;
  int width, height;
  gsize left, top;

  if (photo == NULL)
    return NULL;
  width = fv_image_get_width (photo);
  height = fv_image_get_height (photo);
  square.width = square.height = MIN (width, height);
  square.stride = (gsize) width * N_CHANNELS;
  left = (gsize) round (plan->across * (width - square.width));
  top = (gsize) round (plan->across * (height - square.height));
  square.pixels = fv_image_peek (photo) + top * square.stride + left * N_CHANNELS;
  image = fv_image_new (size, size);
  fv_resize (&square, FV_RESIZE_BILINEAR, size, size, fv_image_get_data (image));
  if (plan->mirrored)
    fv_mirror (fv_image_get_data (image), size, size, N_CHANNELS);
  return image;
}

static gboolean
compose (int index, gpointer user_data, GError **error)
{
  const Job *job = user_data;
  const Plan *plan = &g_array_index (job->plans, Plan, index);
  g_autofree char *image_path = g_strdup_printf ("%s/images/%05d.png", job->folder, index);
  g_autofree char *mask_path = g_strdup_printf ("%s/masks/%05d.png", job->folder, index);
  g_autoptr (FvCutout) cutout = NULL;
  g_autoptr (FvImage) image = NULL;
  g_autoptr (FvMask) mask = NULL;

  cutout = fv_cutout_load (plan->object->path, plan->object->mask_path, error);
  if (cutout == NULL)
    return FALSE;
  image = make_background (plan, job->size, error);
  if (image == NULL)
    return FALSE;
  mask = fv_cutout_paste (cutout, &plan->pose, image);
  return fv_image_save_png (image, image_path, error)
         && fv_mask_file_write (mask, mask_path, FV_OUTPUT_ATOMIC, error);
}

/* -- metadata.csv --------------------------------------------------------------------------- */

static void
append_row (GString *csv, const FvComposerParts *parts, const Plan *plan, guint index)
{
  const char *const names[] = {
    plan->background->name,
    plan->object->name,
    fv_composer_parts_get_kind_name (parts, FV_PART_OBJECT, plan->class_id),
    fv_composer_parts_get_kind_name (parts, FV_PART_BACKGROUND, plan->place),
  };

  g_string_append_printf (csv, "%u,images/%05u.png,%d,%d,%d", index, index, plan->class_id,
                          plan->split, plan->place);
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++) {
    g_string_append_c (csv, ',');
    fv_csv_append_field (csv, names[i]);
  }
  g_string_append_printf (csv, ",masks/%05u.png\n", index);
}

static gboolean
write_metadata (const char *folder, const FvComposerParts *parts, const GArray *plans,
                GError **error)
{
  g_autofree char *path = g_build_filename (folder, "metadata.csv", NULL);
  g_autoptr (GString) csv = g_string_new ("img_id,img_filename,y,split,place,place_filename,"
                                          "object_filename,y_name,place_name,mask_filename\n");

  for (guint i = 0; i < plans->len; i++)
    append_row (csv, parts, &g_array_index (plans, Plan, i), i);
  return fv_output_file_write (path, csv->str, csv->len, FV_OUTPUT_DURABLE, error);
}

static gboolean
is_count (int n)
{
  return n >= 0 && n <= FV_COMPOSER_MAX_IMAGES;
}

static gboolean
is_share (double share)
{
  return share >= 0.0 && share <= 1.0;
}

gboolean
fv_composer_build (const char *folder, const FvComposerParts *parts,
                   const FvComposerOptions *options, GCancellable *cancellable, GError **error)
{
  g_autoptr (FvNewFolder) fresh = NULL;
  g_autoptr (GArray) plans = NULL;
  Job job;

  g_return_val_if_fail (folder != NULL && parts != NULL && options != NULL, FALSE);
  g_return_val_if_fail (is_share (options->rho) && is_share (options->validation_rho), FALSE);
  g_return_val_if_fail (options->size >= 32 && options->size <= 1024, FALSE);
  g_return_val_if_fail (is_count (options->n_train) && is_count (options->n_validation), FALSE);
  g_return_val_if_fail (is_count (options->n_test) || options->n_test == FV_COMPOSER_ALL, FALSE);

  fresh = fv_new_folder_begin (folder, error);
  if (fresh == NULL || !fv_new_folder_add (fresh, "images", error)
      || !fv_new_folder_add (fresh, "masks", error))
    return FALSE;
  plans = make_plans (parts, options);
  job = (Job){ fv_new_folder_get_path (fresh), plans, options->size };
  return fv_crew_run ((int) plans->len, compose, &job, cancellable, error)
         && write_metadata (job.folder, parts, plans, error) && fv_new_folder_finish (fresh, error);
}
