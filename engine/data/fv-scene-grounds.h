/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The four textured grounds of the drawn benchmark. */

#pragma once

#include <cairo.h>
#include <glib.h>

G_BEGIN_DECLS

/* In the order of their names: a place's number in metadata.csv. */
typedef enum {
  FV_GROUND_BRICK,
  FV_GROUND_GRASS,
  FV_GROUND_SAND,
  FV_GROUND_WATER,
} FvGround;

#define FV_N_GROUNDS 4

const char *fv_scene_ground_get_name (FvGround ground);

/* Covers @surface (CAIRO_FORMAT_RGB24, square) with the ground and small things that lie on it. All
 * variation comes from @rand. */
void fv_scene_ground_paint (FvGround ground, GRand *rand, cairo_surface_t *surface);

G_END_DECLS
