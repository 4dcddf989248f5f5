/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The four objects of the drawn benchmark. */

#pragma once

#include <cairo.h>

#include "fv-mask.h"

G_BEGIN_DECLS

/* In the order of their names: a class's number in metadata.csv. */
typedef enum {
  FV_OBJECT_FISH,
  FV_OBJECT_HOUSE,
  FV_OBJECT_MUG,
  FV_OBJECT_STAR,
} FvObject;

#define FV_N_OBJECTS 4

const char *fv_scene_object_get_name (FvObject object);

/* Paints one object, 12 … 32 % of the area, with its shadow onto @surface (CAIRO_FORMAT_RGB24,
 * square), wholly inside it. Place, size, turn, colours, texture and light come from @rand.
 * Returns: (transfer full): the mask of the object, without its shadow: INSIDE where it covers at
 * least half of the pixel */
FvMask *fv_scene_object_paint (FvObject object, GRand *rand, cairo_surface_t *surface);

/* An object that keeps its material, size and light while it moves. */
typedef struct _FvSceneActor FvSceneActor;

/* @area: of the object at scale 1, as a share of the image's. (transfer full) */
FvSceneActor *fv_scene_actor_new (FvObject object, double area, GRand *rand);
void fv_scene_actor_free (FvSceneActor *self);

/* Where an actor is. */
typedef struct {
  double x, y;  /* of its origin, in image sides; it may reach beyond the image */
  double scale; /* of its size */
  double angle; /* beyond its own, radians */
} FvScenePlace;

/* Paints it with its shadow; all the same for equal places. Returns: (transfer full): the mask, as
 * of fv_scene_object_paint () */
FvMask *fv_scene_actor_paint (const FvSceneActor *self, const FvScenePlace *place,
                              cairo_surface_t *surface);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FvSceneActor, fv_scene_actor_free)

G_END_DECLS
