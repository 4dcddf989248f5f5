/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Scales, planks and tiles, glaze, grains: one function a class. Random numbers are drawn one per
 * statement, since C leaves the order inside an expression open and equal seeds must give equal
 * bytes. */

#include "fv-scene-material.h"

#include <math.h>

#include "fv-scene-noise.h"

/* Where the house's wall ends and its roof begins. */
#define EAVES -0.16
/* Middle and half width of the mug's body. */
#define MUG_MIDDLE -0.16
#define MUG_HALF_WIDTH 0.56

static FvSceneColor
mix (FvSceneColor a, FvSceneColor b, double t)
{
  for (int c = 0; c < 3; c++)
    a.channels[c] += t * (b.channels[c] - a.channels[c]);
  return a;
}

static FvSceneColor
lit (FvSceneColor color, double light)
{
  for (int c = 0; c < 3; c++)
    color.channels[c] *= light;
  return color;
}

/* @hue 0 … 1 goes once around the circle of colours. */
static FvSceneColor
color_of (double hue, double saturation, double value)
{
  FvSceneColor color;

  for (int c = 0; c < 3; c++) {
    double around = fmod (hue * 6.0 + 4.0 - 2.0 * c + 2.0, 6.0);
    double full = CLAMP (fabs (around - 3.0) - 1.0, 0.0, 1.0);

    color.channels[c] = value * (1.0 - saturation + saturation * full);
  }
  return color;
}

static FvSceneColor
draw_color (GRand *rand, double min_value, double max_value)
{
  double hue = g_rand_double (rand);
  double saturation = g_rand_double_range (rand, 0.25, 0.85);
  double value = g_rand_double_range (rand, min_value, max_value);

  return color_of (hue, saturation, value);
}

FvSceneMaterial
fv_scene_material_draw (FvObject object, GRand *rand)
{
  FvSceneMaterial self = { .object = object };
  double darker = g_rand_double_range (rand, 0.35, 0.6);

  self.body = draw_color (rand, 0.6, 1.0);
  self.dark = lit (self.body, darker);
  self.accent = draw_color (rand, 0.35, 0.9);
  self.scale = g_rand_double_range (rand, 0.85, 1.2);
  self.variant = g_rand_boolean (rand);
  self.seed = g_rand_int (rand);
  return self;
}

/* Overlapping scales, with cross stripes or a pale belly. */
static FvSceneColor
fish_color (const FvSceneMaterial *self, double u, double v)
{
  double x = 6.0 * self->scale * u, y = 6.0 * self->scale * v;
  double column = floor (x);
  double across = y + (fmod (fabs (column), 2.0) < 0.5 ? 0.0 : 0.5);
  double from_middle = hypot (across - round (across), x - column);
  double rim = from_middle < 1.0 ? from_middle * from_middle : 0.15;
  FvSceneColor scales = mix (self->body, self->dark, rim);
  double noise = fv_scene_fractal_noise (self->seed, 2.0 * u + 20.0, 2.0 * v + 20.0);

  if (self->variant)
    return sin (7.0 * u + 3.0 * noise) > 0.45 ? mix (scales, self->accent, 0.75) : scales;
  return mix (scales, (FvSceneColor){ { 1.0, 1.0, 0.95 } }, CLAMP (1.4 * v + 0.1, 0.0, 0.6));
}

/* Planks along or across below the eaves, rows of tiles above. */
static FvSceneColor
house_color (const FvSceneMaterial *self, double u, double v)
{
  double x = 5.0 * self->scale * (u + 4.0), y = 5.0 * self->scale * (v + 4.0);
  double over = self->variant ? x : y;
  double in_plank = over - floor (over);
  double tone = fv_scene_noise (self->seed, 7.0 * floor (over), 0.5);

  if (v < EAVES) {
    double shifted = x + (fmod (floor (y), 2.0) < 0.5 ? 0.0 : 0.5);
    double in_row = y - floor (y), in_tile = shifted - floor (shifted);
    double edge = in_row > 0.75 || in_tile < 0.15 ? 0.5 : 1.0 - 0.2 * in_row;

    return lit (self->accent, edge);
  }
  return in_plank < 0.2 ? self->dark : lit (self->body, 0.82 + 0.18 * tone);
}

/* A smooth glaze around the cylinder, with a band or upright stripes of another colour. */
static FvSceneColor
mug_color (const FvSceneMaterial *self, double u, double v)
{
  double around = CLAMP ((u - MUG_MIDDLE) / MUG_HALF_WIDTH, -1.0, 1.0);
  double shade = 1.0 - 0.5 * around * around;
  double gleam = exp (-40.0 * (around + 0.45) * (around + 0.45));
  FvSceneColor glaze = self->body;

  if (self->variant && fabs (v - 0.1) < 0.2)
    glaze = self->accent;
  else if (!self->variant && sin (6.5 * asin (around)) > 0.2)
    glaze = self->accent;
  return mix (lit (glaze, shade), (FvSceneColor){ { 1.0, 1.0, 1.0 } }, 0.55 * gleam);
}

/* Rough skin, a ridge along each arm, and warts in rows. */
static FvSceneColor
star_color (const FvSceneMaterial *self, double u, double v)
{
  double grains = fv_scene_noise (self->seed, 16.0 * u + 90.0, 16.0 * v + 90.0);
  double arm = 0.4 * G_PI;
  double turned = atan2 (u, -v) / arm;
  double off_ridge = fabs (sin ((turned - round (turned)) * arm)) * hypot (u, v);
  double y = 4.8 * self->scale * v, x = 4.8 * self->scale * u + 0.5 * round (y);
  double from_wart = hypot (x - round (x), y - round (y));
  FvSceneColor skin = mix (self->dark, self->body, 0.35 + 0.65 * grains);

  if (from_wart < 0.3)
    return lit (self->variant ? (FvSceneColor){ { 1.0, 0.97, 0.9 } } : self->accent,
                1.15 - 1.5 * from_wart);
  if (from_wart < 0.42)
    return lit (self->dark, 0.75);
  return lit (skin, 1.15 - CLAMP (2.0 * off_ridge, 0.0, 0.5));
}

FvSceneColor
fv_scene_material_get_color (const FvSceneMaterial *self, double u, double v)
{
  static FvSceneColor (*const colors[FV_N_OBJECTS]) (const FvSceneMaterial *self, double u,
                                                     double v)
      = { fish_color, house_color, mug_color, star_color };

  return colors[self->object](self, u, v);
}
