/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Value noise and random numbers for the drawn benchmark. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Smooth noise in 0 … 1 at (@x, @y), with features about one unit wide; a pure function. */
double fv_scene_noise (guint32 seed, double x, double y);

/* Three octaves of it, each half as large and half as strong, in 0 … 1. */
double fv_scene_fractal_noise (guint32 seed, double x, double y);

G_END_DECLS
