/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Short films of one event each, as pictures: the frames one below the other, from first to last.
 * An object moves on a textured ground, beside another one that stands still; which objects and
 * which ground says nothing about the event. What changes from frame to frame tells it; bounce and
 * cross differ in the order of frames alone. The mask is the moving object, in every frame. Groups
 * are event × ground. */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* In the order of their names: a class's number in metadata.csv. */
typedef enum {
  FV_EVENT_BOUNCE, /* there and back again, along a line */
  FV_EVENT_CROSS,  /* along a line */
  FV_EVENT_GROW,   /* larger and larger */
  FV_EVENT_SPIN,   /* once around itself, more or less */
} FvEvent;

#define FV_N_EVENTS 4
#define FV_CLIP_FRAMES 8
#define FV_CLIPS_MAX_SIZE 256

const char *fv_event_get_name (FvEvent event);

typedef struct {
  guint64 seed;                      /* equal options give equal bytes */
  int n_train, n_validation, n_test; /* clips, 0 … FV_SCENES_MAX_IMAGES; events take turns */
  int size; /* width and height of a frame in pixels, 32 … FV_CLIPS_MAX_SIZE */
} FvClipsOptions;

/* Seed 0, 400 / 100 / 200 clips of 48 pixels. */
FvClipsOptions fv_clips_options_default (void);

/* Makes @folder with images/NNNNN.png (size × FV_CLIP_FRAMES · size), masks/NNNNN.png and
 * metadata.csv (fv-dataset.h). The folder appears whole or not at all (fv-new-folder.h). Blocks for
 * some milliseconds a clip, on all processors; any thread. */
gboolean fv_clips_build (const char *folder, const FvClipsOptions *options,
                         GCancellable *cancellable, GError **error);

G_END_DECLS
