/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Paths and the frames along them. */

#include "fv-clips.h"

#include <math.h>
#include <string.h>

#include "fv-crew.h"
#include "fv-dataset.h"
#include "fv-mask-file.h"
#include "fv-new-folder.h"
#include "fv-output-file.h"
#include "fv-random.h"
#include "fv-scene-grounds.h"
#include "fv-scene-objects.h"
#include "fv-scene-surface.h"

/* Shares of a frame's area. */
#define ACTOR_AREA 0.09
#define BYSTANDER_AREA 0.06
/* A path's ends, in frame sides: it is at least so long. */
#define MIN_PATH 0.4
#define BORDER 0.2

FvClipsOptions
fv_clips_options_default (void)
{
  return (FvClipsOptions){ .n_train = 400, .n_validation = 100, .n_test = 200, .size = 48 };
}

const char *
fv_event_get_name (FvEvent event)
{
  static const char *const names[FV_N_EVENTS] = { "bounce", "cross", "grow", "spin" };

  g_return_val_if_fail (event < FV_N_EVENTS, NULL);
  return names[event];
}

/* -- what happens --------------------------------------------------------------------------- */

typedef struct {
  FvEvent event;
  double x, y, to_x, to_y; /* the path's ends, in frame sides */
  double turns;            /* of a spin */
} Motion;

static double
draw_coordinate (GRand *rand)
{
  return g_rand_double_range (rand, BORDER, 1 - BORDER);
}

static Motion
draw_motion (FvEvent event, GRand *rand)
{
  Motion motion = { .event = event };

  do {
    motion.x = draw_coordinate (rand);
    motion.y = draw_coordinate (rand);
    motion.to_x = draw_coordinate (rand);
    motion.to_y = draw_coordinate (rand);
  } while (hypot (motion.to_x - motion.x, motion.to_y - motion.y) < MIN_PATH);
  motion.turns = g_rand_double_range (rand, 0.75, 1.25);
  if (g_rand_boolean (rand))
    motion.turns = -motion.turns;
  return motion;
}

/* Where the actor is at @time, 0 … 1. */
static FvScenePlace
move (const Motion *motion, double time)
{
  double along = motion->event == FV_EVENT_CROSS    ? time
                 : motion->event == FV_EVENT_BOUNCE ? 1 - fabs (2 * time - 1)
                                                    : 0.5;

  return (FvScenePlace){
    .x = motion->x + along * (motion->to_x - motion->x),
    .y = motion->y + along * (motion->to_y - motion->y),
    .scale = motion->event == FV_EVENT_GROW ? 0.6 + time : 1,
    .angle = motion->event == FV_EVENT_SPIN ? 2 * G_PI * motion->turns * time : 0,
  };
}

/* -- a clip --------------------------------------------------------------------------------- */

typedef struct {
  const char *folder;
  const FvClipsOptions *options;
  int *grounds; /* of each clip; filled in as they are drawn */
} Job;

static FvSplit
get_split (const FvClipsOptions *options, int index)
{
  if (index < options->n_train)
    return FV_SPLIT_TRAIN;
  return index < options->n_train + options->n_validation ? FV_SPLIT_VALIDATION : FV_SPLIT_TEST;
}

static void
copy_surface (cairo_surface_t *from, cairo_surface_t *to)
{
  cairo_t *cr = cairo_create (to);

  cairo_set_source_surface (cr, from, 0, 0);
  cairo_set_operator (cr, CAIRO_OPERATOR_SOURCE);
  cairo_paint (cr);
  cairo_destroy (cr);
}

/* The ground with what stands still on it. */
static cairo_surface_t *
paint_stage (FvGround ground, int size, GRand *rand)
{
  cairo_surface_t *stage = cairo_image_surface_create (CAIRO_FORMAT_RGB24, size, size);
  FvObject object = (FvObject) g_rand_int_range (rand, 0, FV_N_OBJECTS);
  FvScenePlace place = { draw_coordinate (rand), draw_coordinate (rand), 1, 0 };
  g_autoptr (FvSceneActor) bystander = NULL;

  fv_scene_ground_paint (ground, rand, stage);
  bystander = fv_scene_actor_new (object, BYSTANDER_AREA, rand);
  fv_mask_unref (fv_scene_actor_paint (bystander, &place, stage));
  return stage;
}

/* Frame @number below those before it. */
static void
paint_frame (const FvSceneActor *actor, const Motion *motion, cairo_surface_t *stage, int number,
             FvImage *image, FvMask *mask)
{
  int size = cairo_image_surface_get_width (stage);
  gsize n = (gsize) size * (gsize) size;
  FvScenePlace place = move (motion, (double) number / (FV_CLIP_FRAMES - 1));
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, size, size);
  g_autoptr (FvMask) inside = NULL;
  g_autoptr (FvImage) frame = NULL;

  copy_surface (stage, surface);
  inside = fv_scene_actor_paint (actor, &place, surface);
  frame = fv_scene_surface_to_image (surface);
  cairo_surface_destroy (surface);
  memcpy (fv_image_get_data (image) + 3 * n * (gsize) number, fv_image_peek (frame), 3 * n);
  memcpy (fv_mask_get_data (mask) + n * (gsize) number, fv_mask_peek (inside), n);
}

static gboolean
write_clip (int index, gpointer user_data, GError **error)
{
  Job *job = user_data;
  int size = job->options->size;
  g_autofree char *image_path = g_strdup_printf ("%s/images/%05d.png", job->folder, index);
  g_autofree char *mask_path = g_strdup_printf ("%s/masks/%05d.png", job->folder, index);
  g_autoptr (GRand) rand = fv_random_new (job->options->seed, (guint32) index);
  FvGround ground = (FvGround) g_rand_int_range (rand, 0, FV_N_GROUNDS);
  Motion motion = draw_motion ((FvEvent) (index % FV_N_EVENTS), rand);
  cairo_surface_t *stage = paint_stage (ground, size, rand);
  FvObject object = (FvObject) g_rand_int_range (rand, 0, FV_N_OBJECTS);
  g_autoptr (FvSceneActor) actor = fv_scene_actor_new (object, ACTOR_AREA, rand);
  g_autoptr (FvImage) image = fv_image_new (size, size * FV_CLIP_FRAMES);
  g_autoptr (FvMask) mask = fv_mask_new (size, size * FV_CLIP_FRAMES);

  job->grounds[index] = ground;
  for (int i = 0; i < FV_CLIP_FRAMES; i++)
    paint_frame (actor, &motion, stage, i, image, mask);
  cairo_surface_destroy (stage);
  return fv_image_save_png (image, image_path, error)
         && fv_mask_file_write (mask, mask_path, FV_OUTPUT_ATOMIC, error);
}

/* -- the folder ----------------------------------------------------------------------------- */

static gboolean
write_metadata (const Job *job, int n, GError **error)
{
  g_autofree char *path = g_build_filename (job->folder, "metadata.csv", NULL);
  g_autoptr (GString) csv = g_string_new ("img_id,img_filename,y,split,place,place_filename,"
                                          "y_name,place_name,mask_filename\n");

  for (int i = 0; i < n; i++) {
    const char *ground = fv_scene_ground_get_name ((FvGround) job->grounds[i]);

    g_string_append_printf (csv, "%d,images/%05d.png,%d,%d,%d,%s,%s,%s,masks/%05d.png\n", i, i,
                            i % FV_N_EVENTS, get_split (job->options, i), job->grounds[i], ground,
                            fv_event_get_name ((FvEvent) (i % FV_N_EVENTS)), ground, i);
  }
  return fv_output_file_write (path, csv->str, csv->len, FV_OUTPUT_DURABLE, error);
}

gboolean
fv_clips_build (const char *folder, const FvClipsOptions *options, GCancellable *cancellable,
                GError **error)
{
  int n = options->n_train + options->n_validation + options->n_test;
  g_autofree int *grounds = NULL;
  g_autoptr (FvNewFolder) made = NULL;
  Job job = { .options = options };

  g_return_val_if_fail (options->size >= 32 && options->size <= FV_CLIPS_MAX_SIZE, FALSE);
  g_return_val_if_fail (n >= 0, FALSE);

  job.grounds = grounds = g_new0 (int, MAX (n, 1));
  made = fv_new_folder_begin (folder, error);
  if (made == NULL || !fv_new_folder_add (made, "images", error)
      || !fv_new_folder_add (made, "masks", error))
    return FALSE;
  job.folder = fv_new_folder_get_path (made);
  return fv_crew_run (n, write_clip, &job, cancellable, error) && write_metadata (&job, n, error)
         && fv_new_folder_finish (made, error);
}
