/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Builds the benchmark's folder. Every image has a generator of its own, seeded by (seed, number),
 * so that no image depends on what another one drew, nor on which thread draws it when. */

#include "fv-scenes.h"

#include <errno.h>

#include "fv-crew.h"
#include "fv-data-error.h"
#include "fv-dataset.h"
#include "fv-image.h"
#include "fv-mask-file.h"
#include "fv-output-file.h"
#include "fv-scene-grounds.h"
#include "fv-scene-objects.h"
#include "fv-scene-surface.h"

/* What metadata.csv says about one image. */
typedef struct {
  int index;
  FvSplit split;
  FvObject object;
  FvGround ground;
} Scene;

/* The ground that goes with each class, by FvObject. */
static const FvGround own_grounds[FV_N_OBJECTS]
    = { FV_GROUND_WATER, FV_GROUND_GRASS, FV_GROUND_BRICK, FV_GROUND_SAND };

FvScenesOptions
fv_scenes_options_default (void)
{
  return (FvScenesOptions){
    .rho = 0.95, .n_train = 800, .n_validation = 200, .n_test = 400, .size = 96
  };
}

static GRand *
rand_of_image (guint64 seed, int index)
{
  const guint32 words[] = { (guint32) seed, (guint32) (seed >> 32), (guint32) index };

  return g_rand_new_with_seed_array (words, G_N_ELEMENTS (words));
}

/* The ground of image @number of its split. */
static FvGround
draw_ground (const FvScenesOptions *options, FvSplit split, int number, FvObject object,
             GRand *rand)
{
  double chance = g_rand_double (rand);
  int other = g_rand_int_range (rand, 1, FV_N_GROUNDS);
  FvGround own = own_grounds[object];

  if (split == FV_SPLIT_TEST) /* classes take turns, then grounds: all pairs equally often */
    return (FvGround) (number / FV_N_OBJECTS % FV_N_GROUNDS);
  return chance < options->rho ? own : (FvGround) ((own + other) % FV_N_GROUNDS);
}

static Scene
draw_scene (const FvScenesOptions *options, int index, GRand *rand)
{
  Scene scene = { .index = index };
  int n_learning = options->n_train + options->n_validation;
  int number = index;

  if (index >= n_learning) {
    scene.split = FV_SPLIT_TEST;
    number = index - n_learning;
  } else if (index >= options->n_train) {
    scene.split = FV_SPLIT_VALIDATION;
    number = index - options->n_train;
  }
  scene.object = (FvObject) (number % FV_N_OBJECTS);
  scene.ground = draw_ground (options, scene.split, number, scene.object, rand);
  return scene;
}

/* Paints the scene and writes its image and mask. */
static gboolean
write_scene (const char *folder, const Scene *scene, int size, GRand *rand, GError **error)
{
  g_autofree char *image_path = g_strdup_printf ("%s/images/%05d.png", folder, scene->index);
  g_autofree char *mask_path = g_strdup_printf ("%s/masks/%05d.png", folder, scene->index);
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, size, size);
  g_autoptr (FvImage) image = NULL;
  g_autoptr (FvMask) mask = NULL;

  fv_scene_ground_paint (scene->ground, rand, surface);
  mask = fv_scene_object_paint (scene->object, rand, surface);
  image = fv_scene_surface_to_image (surface);
  cairo_surface_destroy (surface);
  return fv_image_save_png (image, image_path, error)
         && fv_mask_file_write (mask, mask_path, FV_OUTPUT_ATOMIC, error);
}

static void
append_row (GString *csv, const Scene *scene)
{
  const char *ground = fv_scene_ground_get_name (scene->ground);

  g_string_append_printf (csv, "%d,images/%05d.png,%d,%d,%d,%s,%s,%s,masks/%05d.png\n",
                          scene->index, scene->index, scene->object, scene->split, scene->ground,
                          ground, fv_scene_object_get_name (scene->object), ground, scene->index);
}

static gboolean
make_folder (const char *folder, const char *name, GError **error)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  if (g_mkdir_with_parents (path, 0777) == 0)
    return TRUE;
  fv_data_error_set (error, FV_DATA_ERROR_IO, path, "cannot be made: %s", g_strerror (errno));
  return FALSE;
}

static gboolean
write_metadata (const char *folder, const GString *csv, GError **error)
{
  g_autofree char *path = g_build_filename (folder, "metadata.csv", NULL);

  return fv_output_file_write (path, csv->str, csv->len, FV_OUTPUT_DURABLE, error);
}

static gboolean
is_count (int n)
{
  return n >= 0 && n <= FV_SCENES_MAX_IMAGES;
}

/* What the threads that draw share. */
typedef struct {
  const char *folder;
  const FvScenesOptions *options;
  Scene *scenes; /* filled in as they are drawn */
} Job;

static gboolean
draw_image (int index, gpointer user_data, GError **error)
{
  Job *job = user_data;
  g_autoptr (GRand) rand = rand_of_image (job->options->seed, index);

  job->scenes[index] = draw_scene (job->options, index, rand);
  return write_scene (job->folder, &job->scenes[index], job->options->size, rand, error);
}

gboolean
fv_scenes_build (const char *folder, const FvScenesOptions *options, GCancellable *cancellable,
                 GError **error)
{
  FvScenesOptions defaults = fv_scenes_options_default ();
  g_autofree Scene *scenes = NULL;
  g_autoptr (GString) csv = NULL;
  Job job = { .folder = folder };
  int n;

  g_return_val_if_fail (folder != NULL, FALSE);
  job.options = options != NULL ? options : &defaults;
  g_return_val_if_fail (job.options->rho >= 0.0 && job.options->rho <= 1.0, FALSE);
  g_return_val_if_fail (job.options->size >= 32 && job.options->size <= 1024, FALSE);
  g_return_val_if_fail (is_count (job.options->n_train) && is_count (job.options->n_validation)
                            && is_count (job.options->n_test),
                        FALSE);

  if (!make_folder (folder, "images", error) || !make_folder (folder, "masks", error))
    return FALSE;
  n = job.options->n_train + job.options->n_validation + job.options->n_test;
  job.scenes = scenes = g_new0 (Scene, n);
  if (!fv_crew_run (n, draw_image, &job, cancellable, error))
    return FALSE;
  csv = g_string_new ("img_id,img_filename,y,split,place,place_filename,"
                      "y_name,place_name,mask_filename\n");
  for (int i = 0; i < n; i++)
    append_row (csv, &scenes[i]);
  return write_metadata (folder, csv, error);
}
