/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How an object gets its place, its material and its light.
 *
 * The silhouette is drawn once to measure it, and again at the size and place that follow. Blurred,
 * it serves as a height: its slope against the light shades the rim, and moved aside it is the
 * shadow. */

#include "fv-scene-objects.h"

#include <math.h>
#include <string.h>

#include "fv-scene-material.h"
#include "fv-scene-shapes.h"

/* Shares of the image's area. Between these, pixels at the rim cannot lead beyond 12 … 32 %. */
#define MIN_AREA 0.15
#define MAX_AREA 0.29
/* Scale at which a silhouette is measured, in image sides: every turn of it fits. */
#define MEASURING_SCALE 0.36
/* Side of the image in which an actor is measured, pixels. */
#define MEASURING_SIDE 128
/* Free space around the object, in image sides. */
#define MARGIN 0.02

/* Where and how the object lies. */
typedef struct {
  FvObject object;
  double x, y;   /* of its origin, pixels */
  double scale;  /* pixels */
  double angle;  /* radians */
  double mirror; /* 1 or −1 */
} Pose;

/* How it is lit. */
typedef struct {
  double x, y; /* unit vector towards the light */
  double brightness;
} Light;

/* Coverage of the object, 0 … 1, [size, size]. */
static double *
coverage_of_surface (cairo_surface_t *surface)
{
  int size = cairo_image_surface_get_width (surface);
  gsize stride = cairo_image_surface_get_stride (surface);
  const guint8 *data;
  double *coverage = g_new (double, (gsize) size *size);

  cairo_surface_flush (surface);
  data = cairo_image_surface_get_data (surface);
  for (int y = 0; y < size; y++)
    for (int x = 0; x < size; x++)
      coverage[(gsize) y * size + x] = data[y * stride + x] / 255.0;
  return coverage;
}

static void
apply_pose (cairo_t *cr, const Pose *pose)
{
  cairo_translate (cr, pose->x, pose->y);
  cairo_rotate (cr, pose->angle);
  cairo_scale (cr, pose->mirror * pose->scale, pose->scale);
}

static double *
draw_coverage (const Pose *pose, int size)
{
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_A8, size, size);
  cairo_t *cr = cairo_create (surface);
  double *coverage;

  apply_pose (cr, pose);
  fv_scene_shape_fill (pose->object, cr);
  cairo_destroy (cr);
  coverage = coverage_of_surface (surface);
  cairo_surface_destroy (surface);
  return coverage;
}

/* The silhouette's area and the rectangle around it, in pixels. */
typedef struct {
  double area, left, top, right, bottom;
} Extents;

static Extents
measure (const double *coverage, int size)
{
  Extents extents = { 0.0, size, size, 0.0, 0.0 };

  for (int y = 0; y < size; y++)
    for (int x = 0; x < size; x++) {
      double value = coverage[(gsize) y * size + x];

      if (value <= 0.0)
        continue;
      extents.area += value;
      extents.left = MIN (extents.left, x);
      extents.right = MAX (extents.right, x + 1);
      extents.top = MIN (extents.top, y);
      extents.bottom = MAX (extents.bottom, y + 1);
    }
  return extents;
}

/* A place in 0 … @size for the interval @low … @high around the origin, with room to spare. */
static double
draw_place (GRand *rand, double low, double high, double size)
{
  double first = MARGIN * size - low;
  double last = (1.0 - MARGIN) * size - high;
  double share = g_rand_double (rand);

  return first + share * (last - first);
}

static Pose
draw_pose (FvObject object, GRand *rand, int size)
{
  Pose pose = { .object = object, .x = size / 2.0, .y = size / 2.0 };
  g_autofree double *coverage = NULL;
  double target = g_rand_double_range (rand, MIN_AREA, MAX_AREA) * size * size;
  double room = (1.0 - 2.0 * MARGIN) * size;
  double factor;
  Extents extents;

  pose.scale = MEASURING_SCALE * size;
  pose.angle = g_rand_double_range (rand, -0.6, 0.6);
  pose.mirror = g_rand_boolean (rand) ? 1.0 : -1.0;
  coverage = draw_coverage (&pose, size);
  extents = measure (coverage, size);
  factor = sqrt (target / extents.area);
  factor = MIN (factor, room / (extents.right - extents.left));
  factor = MIN (factor, room / (extents.bottom - extents.top));
  pose.scale *= factor;
  pose.x = draw_place (rand, factor * (extents.left - size / 2.0),
                       factor * (extents.right - size / 2.0), size);
  pose.y = draw_place (rand, factor * (extents.top - size / 2.0),
                       factor * (extents.bottom - size / 2.0), size);
  return pose;
}

static Light
draw_light (GRand *rand)
{
  double direction = g_rand_double_range (rand, -2.6, -0.5); /* from above */
  double brightness = g_rand_double_range (rand, 0.85, 1.15);

  return (Light){ cos (direction), sin (direction), brightness };
}

/* One pass of a box blur of @radius along lines of @n values @step apart; the edges repeat. */
static void
blur_line (const double *from, double *to, int n, gsize step, int radius)
{
  double sum = 0.0;

  for (int i = -radius; i <= radius; i++)
    sum += from[CLAMP (i, 0, n - 1) * step];
  for (int i = 0; i < n; i++) {
    to[i * step] = sum / (2 * radius + 1);
    sum += from[MIN (i + radius + 1, n - 1) * step] - from[MAX (i - radius, 0) * step];
  }
}

/* @values blurred twice by a square of @radius. Returns: (transfer full) */
static double *
blur (const double *values, int size, int radius)
{
  gsize n = (gsize) size * size;
  g_autofree double *rows = g_new (double, n);
  double *blurred = g_memdup2 (values, n * sizeof *values);

  for (int pass = 0; pass < 2; pass++) {
    for (int i = 0; i < size; i++)
      blur_line (blurred + (gsize) i * size, rows + (gsize) i * size, size, 1, radius);
    for (int i = 0; i < size; i++)
      blur_line (rows + i, blurred + i, size, (gsize) size, radius);
  }
  return blurred;
}

/* @values at (@x, @y), 0 beyond the image. */
static double
value_at (const double *values, int size, int x, int y)
{
  return x >= 0 && y >= 0 && x < size && y < size ? values[(gsize) y * size + x] : 0.0;
}

/* An object while it is painted. */
typedef struct {
  Pose pose;
  FvSceneMaterial material;
  Light light;
  int size;
  const double *coverage; /* [size, size] */
  const double *height;   /* the same, blurred over @radius */
  int radius;             /* pixels */
  const guint8 *details;  /* ARGB32, premultiplied */
  gsize details_stride;
  double cosine, sine; /* of the pose's angle */
} Painting;

/* The light that falls on the rim at (@x, @y): 1 where it is level. */
static double
light_at (const Painting *self, int x, int y)
{
  double slope_x = value_at (self->height, self->size, x + 1, y)
                   - value_at (self->height, self->size, x - 1, y);
  double slope_y = value_at (self->height, self->size, x, y + 1)
                   - value_at (self->height, self->size, x, y - 1);
  double facing = -(slope_x * self->light.x + slope_y * self->light.y);

  return self->light.brightness * CLAMP (0.92 + 0.75 * self->radius * facing, 0.35, 1.5);
}

/* The object's own colour at (@x, @y), 0 … 1. */
static FvSceneColor
color_at (const Painting *self, int x, int y)
{
  const Pose *pose = &self->pose;
  double dx = x + 0.5 - pose->x, dy = y + 0.5 - pose->y;
  double u = pose->mirror * (dx * self->cosine + dy * self->sine) / pose->scale;
  double v = (dy * self->cosine - dx * self->sine) / pose->scale;
  FvSceneColor color = fv_scene_material_get_color (&self->material, u, v);
  double light = light_at (self, x, y);
  guint32 detail;

  memcpy (&detail, self->details + y * self->details_stride + 4 * (gsize) x, sizeof detail);
  for (int c = 0; c < 3; c++) {
    double over = (detail >> (16 - 8 * c) & 0xff) / 255.0;

    color.channels[c] = light * (color.channels[c] * (1.0 - (detail >> 24) / 255.0) + over);
  }
  return color;
}

/* Puts shadow and object over the pixel of the ground. */
static guint32
blend_pixel (const Painting *self, int x, int y, guint32 ground)
{
  int away_x = (int) lround (self->light.x * self->size / 24.0);
  int away_y = (int) lround (self->light.y * self->size / 24.0);
  double shadow = 0.5 * value_at (self->height, self->size, x + away_x, y + away_y);
  double covered = self->coverage[(gsize) y * self->size + x];
  FvSceneColor color = { { 0.0, 0.0, 0.0 } };
  guint32 packed = 0;

  if (covered > 0.0)
    color = color_at (self, x, y);
  for (int c = 0; c < 3; c++) {
    double below = (ground >> (16 - 8 * c) & 0xff) / 255.0 * (1.0 - shadow);
    double value = below + covered * (CLAMP (color.channels[c], 0.0, 1.0) - below);

    packed = packed << 8 | (guint32) lround (255.0 * value);
  }
  return packed;
}

static void
blend (const Painting *self, cairo_surface_t *surface)
{
  gsize stride = cairo_image_surface_get_stride (surface);
  guint8 *pixels;

  cairo_surface_flush (surface);
  pixels = cairo_image_surface_get_data (surface);
  for (int y = 0; y < self->size; y++) {
    guint32 *row = (guint32 *) (gpointer) (pixels + y * stride);

    for (int x = 0; x < self->size; x++)
      row[x] = blend_pixel (self, x, y, row[x]);
  }
  cairo_surface_mark_dirty (surface);
}

static cairo_surface_t *
draw_details (const Pose *pose, int size)
{
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, size, size);
  cairo_t *cr = cairo_create (surface);

  apply_pose (cr, pose);
  fv_scene_shape_draw_details (pose->object, cr);
  cairo_destroy (cr);
  cairo_surface_flush (surface);
  return surface;
}

static FvMask *
mask_of_coverage (const double *coverage, int size)
{
  FvMask *mask = fv_mask_new (size, size);

  for (gsize i = 0; i < (gsize) size * size; i++)
    fv_mask_get_data (mask)[i] = coverage[i] >= 0.5 ? FV_MASK_INSIDE : FV_MASK_OUTSIDE;
  return mask;
}

const char *
fv_scene_object_get_name (FvObject object)
{
  static const char *const names[FV_N_OBJECTS] = { "fish", "house", "mug", "star" };

  g_return_val_if_fail (object < FV_N_OBJECTS, NULL);
  return names[object];
}

/* Paints what has a pose, a material and a light. (transfer full) */
static FvMask *
paint (Painting *self, cairo_surface_t *surface)
{
  g_autofree double *coverage = draw_coverage (&self->pose, self->size);
  g_autofree double *height = NULL;
  cairo_surface_t *details = draw_details (&self->pose, self->size);

  self->cosine = cos (self->pose.angle);
  self->sine = sin (self->pose.angle);
  self->radius = MAX (self->size / 32, 1);
  height = blur (coverage, self->size, self->radius);
  self->coverage = coverage;
  self->height = height;
  self->details = cairo_image_surface_get_data (details);
  self->details_stride = cairo_image_surface_get_stride (details);
  blend (self, surface);
  cairo_surface_destroy (details);
  return mask_of_coverage (coverage, self->size);
}

FvMask *
fv_scene_object_paint (FvObject object, GRand *rand, cairo_surface_t *surface)
{
  Painting self = { .size = cairo_image_surface_get_width (surface) };

  g_return_val_if_fail (object < FV_N_OBJECTS && rand != NULL, NULL);

  self.pose = draw_pose (object, rand, self.size);
  self.material = fv_scene_material_draw (object, rand);
  self.light = draw_light (rand);
  return paint (&self, surface);
}

/* -- actors --------------------------------------------------------------------------------- */

struct _FvSceneActor {
  Pose pose; /* in image sides, at the origin */
  FvSceneMaterial material;
  Light light;
};

FvSceneActor *
fv_scene_actor_new (FvObject object, double area, GRand *rand)
{
  FvSceneActor *self = g_new0 (FvSceneActor, 1);
  Pose measured
      = { object, MEASURING_SIDE / 2.0, MEASURING_SIDE / 2.0, MEASURING_SCALE * MEASURING_SIDE, 0.0,
          1.0 };
  g_autofree double *coverage = draw_coverage (&measured, MEASURING_SIDE);
  double own_area = measure (coverage, MEASURING_SIDE).area / (MEASURING_SIDE * MEASURING_SIDE);

  self->pose = (Pose){ .object = object, .scale = MEASURING_SCALE * sqrt (area / own_area) };
  self->pose.angle = g_rand_double_range (rand, -0.6, 0.6);
  self->pose.mirror = g_rand_boolean (rand) ? 1.0 : -1.0;
  self->material = fv_scene_material_draw (object, rand);
  self->light = draw_light (rand);
  return self;
}

void
fv_scene_actor_free (FvSceneActor *self)
{
  g_free (self);
}

FvMask *
fv_scene_actor_paint (const FvSceneActor *self, const FvScenePlace *place, cairo_surface_t *surface)
{
  Painting painting = { .pose = self->pose,
                        .material = self->material,
                        .light = self->light,
                        .size = cairo_image_surface_get_width (surface) };

  painting.pose.x = place->x * painting.size;
  painting.pose.y = place->y * painting.size;
  painting.pose.scale *= place->scale * painting.size;
  painting.pose.angle += place->angle;
  return paint (&painting, surface);
}
