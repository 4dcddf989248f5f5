/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the benchmark's objects are made of: each class has a texture of its own, in any colours, so
 * that neither a colour nor an outline alone tells the class. */

#pragma once

#include "fv-scene-objects.h"

G_BEGIN_DECLS

/* Red, green, blue, 0 … 1. */
typedef struct {
  double channels[3];
} FvSceneColor;

/* A plain record. */
typedef struct {
  FvObject object;
  FvSceneColor body, dark, accent;
  double scale;     /* of the texture: features to a unit of the object */
  gboolean variant; /* each texture has two */
  guint32 seed;     /* of the noise */
} FvSceneMaterial;

FvSceneMaterial fv_scene_material_draw (FvObject object, GRand *rand);

/* The colour at (@u, @v), in the coordinates of fv-scene-shapes.h; a pure function. */
FvSceneColor fv_scene_material_get_color (const FvSceneMaterial *self, double u, double v);

G_END_DECLS
