/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Every ground varies in scale, direction, colour and light, but its texture tells it at a glance:
 * that is the shortcut. Random numbers are drawn one per statement, since C leaves the order inside
 * an expression open and equal seeds must give equal bytes. */

#include "fv-scene-grounds.h"

#include <math.h>

#include "fv-scene-noise.h"

/* Lengths are in units of 1/96 of the image's side. */
#define UNITS 96.0

typedef struct {
  double red, green, blue; /* 0 … 1 */
} Color;

/* What varies from image to image. */
typedef struct {
  guint32 seed;                   /* of the noise */
  double scale;                   /* of the texture */
  double cosine, sine;            /* of its direction */
  double light_x, light_y, light; /* brightness = light + light_x u + light_y v, u, v in ±½ */
  Color tint;
} Look;

static Look
draw_look (GRand *rand, double max_angle)
{
  Look look;
  double angle = g_rand_double_range (rand, -max_angle, max_angle);

  look.seed = g_rand_int (rand);
  look.scale = g_rand_double_range (rand, 0.75, 1.35);
  look.cosine = cos (angle);
  look.sine = sin (angle);
  look.light_x = g_rand_double_range (rand, -0.35, 0.35);
  look.light_y = g_rand_double_range (rand, -0.35, 0.35);
  look.light = g_rand_double_range (rand, 0.8, 1.1);
  look.tint.red = g_rand_double_range (rand, 0.9, 1.1);
  look.tint.green = g_rand_double_range (rand, 0.9, 1.1);
  look.tint.blue = g_rand_double_range (rand, 0.9, 1.1);
  return look;
}

static Color
mix (Color a, Color b, double t)
{
  return (Color){ a.red + t * (b.red - a.red), a.green + t * (b.green - a.green),
                  a.blue + t * (b.blue - a.blue) };
}

static Color
brick_color (const Look *look, double x, double y)
{
  const double width = 17.0, height = 8.0, joint = 1.3;
  double row = floor (y / height);
  double along = x + (fmod (fabs (row), 2.0) < 0.5 ? 0.0 : width / 2.0);
  double column = floor (along / width);
  double from_side = along - column * width, from_top = y - row * height;
  double grain = fv_scene_fractal_noise (look->seed, x / 2.0, y / 2.0);
  double tone = fv_scene_noise (look->seed + 9, column * 7.0, row * 5.0);
  Color brick = mix ((Color){ 0.50, 0.22, 0.16 }, (Color){ 0.76, 0.42, 0.30 }, tone);

  if (from_side < joint || from_top < joint)
    return mix ((Color){ 0.62, 0.59, 0.55 }, (Color){ 0.78, 0.75, 0.70 }, grain);
  return mix (mix (brick, (Color){ 0, 0, 0 }, 0.35 * grain), (Color){ 1, 1, 1 },
              from_top < 2.0 * joint ? 0.12 : 0.0);
}

static Color
grass_color (const Look *look, double x, double y)
{
  double patches = fv_scene_fractal_noise (look->seed, x / 14.0, y / 14.0);

  return mix ((Color){ 0.10, 0.22, 0.06 }, (Color){ 0.24, 0.40, 0.12 }, patches);
}

static Color
sand_color (const Look *look, double x, double y)
{
  double warp = 9.0 * fv_scene_fractal_noise (look->seed, x / 26.0, y / 26.0);
  double ripple = 0.5 + 0.5 * sin (y * 0.75 + warp);
  double grain = fv_scene_noise (look->seed + 5, x * 1.7, y * 1.7);

  return mix ((Color){ 0.66, 0.52, 0.33 }, (Color){ 0.95, 0.84, 0.62 },
              0.7 * ripple * ripple + 0.3 * grain);
}

static Color
water_color (const Look *look, double x, double y)
{
  double warp = 7.0 * fv_scene_noise (look->seed, x / 16.0, y / 9.0);
  double swell = 0.5 + 0.5 * sin (0.42 * y + 0.1 * x + warp);
  double chop = 0.5 + 0.5 * sin (0.9 * y - 0.35 * x + 1.7 * warp);
  double height = 0.6 * swell + 0.4 * chop;
  Color water = mix ((Color){ 0.04, 0.22, 0.38 }, (Color){ 0.20, 0.56, 0.68 }, height);

  return mix (water, (Color){ 0.92, 0.98, 1.0 }, height > 0.84 ? 4.0 * (height - 0.84) : 0.0);
}

static guint32
pack_channel (double value)
{
  return (guint32) lround (255.0 * CLAMP (value, 0.0, 1.0));
}

static void
paint_texture (FvGround ground, const Look *look, cairo_surface_t *surface)
{
  static Color (*const colors[FV_N_GROUNDS]) (const Look *look, double x, double y)
      = { brick_color, grass_color, sand_color, water_color };
  int size = cairo_image_surface_get_width (surface);
  gsize stride = cairo_image_surface_get_stride (surface);
  guint8 *pixels;

  cairo_surface_flush (surface);
  pixels = cairo_image_surface_get_data (surface);
  for (int row = 0; row < size; row++)
    for (int column = 0; column < size; column++) {
      double u = (column + 0.5) / size - 0.5, v = (row + 0.5) / size - 0.5;
      double x = (u * look->cosine - v * look->sine) * UNITS / look->scale;
      double y = (u * look->sine + v * look->cosine) * UNITS / look->scale;
      Color color = colors[ground](look, x, y);
      double light = look->light + look->light_x * u + look->light_y * v;
      guint32 *pixel = (guint32 *) (gpointer) (pixels + row * stride) + column;

      *pixel = pack_channel (color.red * light * look->tint.red) << 16
               | pack_channel (color.green * light * look->tint.green) << 8
               | pack_channel (color.blue * light * look->tint.blue);
    }
  cairo_surface_mark_dirty (surface);
}

/* One blade of grass: a short curved stroke, from its root up. */
static void
draw_blade (cairo_t *cr, GRand *rand, const Look *look)
{
  double x = g_rand_double_range (rand, -4.0, UNITS + 4.0);
  double y = g_rand_double_range (rand, 0.0, UNITS + 10.0);
  double length = look->scale * g_rand_double_range (rand, 6.0, 13.0);
  double lean = look->scale * g_rand_double_range (rand, -5.0, 5.0);
  double tone = g_rand_double (rand);
  Color color = mix ((Color){ 0.16, 0.34, 0.08 }, (Color){ 0.56, 0.74, 0.28 }, tone);
  double light
      = look->light + look->light_x * (x / UNITS - 0.5) + look->light_y * (y / UNITS - 0.5);

  cairo_set_source_rgb (cr, color.red * light * look->tint.red,
                        color.green * light * look->tint.green,
                        color.blue * light * look->tint.blue);
  cairo_set_line_width (cr, look->scale * (0.7 + 0.6 * tone));
  cairo_move_to (cr, x, y);
  cairo_curve_to (cr, x, y - 0.5 * length, x + 0.4 * lean, y - 0.8 * length, x + lean, y - length);
  cairo_stroke (cr);
}

/* A pebble or a fallen leaf: small, of any colour, so that colour patches alone mean nothing. */
static void
draw_clutter (cairo_t *cr, GRand *rand)
{
  double x = g_rand_double_range (rand, 0.0, UNITS);
  double y = g_rand_double_range (rand, 0.0, UNITS);
  double length = g_rand_double_range (rand, 1.5, 4.5);
  double flatness = g_rand_double_range (rand, 0.4, 1.0);
  double angle = g_rand_double_range (rand, 0.0, G_PI);
  double red = g_rand_double_range (rand, 0.15, 0.85);
  double green = g_rand_double_range (rand, 0.15, 0.85);
  double blue = g_rand_double_range (rand, 0.15, 0.85);

  for (int layer = 0; layer < 3; layer++) { /* shadow, body, light */
    double shift = layer == 0 ? 0.8 : layer == 1 ? 0.0 : -0.25 * length;
    double radius = layer == 2 ? 0.4 * length : length;

    cairo_save (cr);
    cairo_translate (cr, x + shift, y + shift);
    cairo_rotate (cr, angle);
    cairo_scale (cr, radius, radius * flatness);
    cairo_arc (cr, 0.0, 0.0, 1.0, 0.0, 2.0 * G_PI);
    cairo_restore (cr);
    if (layer == 1)
      cairo_set_source_rgb (cr, red, green, blue);
    else
      cairo_set_source_rgba (cr, layer / 2.0, layer / 2.0, layer / 2.0, 0.3);
    cairo_fill (cr);
  }
}

const char *
fv_scene_ground_get_name (FvGround ground)
{
  static const char *const names[FV_N_GROUNDS] = { "brick", "grass", "sand", "water" };

  g_return_val_if_fail (ground < FV_N_GROUNDS, NULL);
  return names[ground];
}

void
fv_scene_ground_paint (FvGround ground, GRand *rand, cairo_surface_t *surface)
{
  /* How far the texture may be turned: waves and ripples any way, bricks and grass a little. */
  static const double max_angles[FV_N_GROUNDS] = { 0.35, 0.0, 1.2, 0.6 };
  double size = cairo_image_surface_get_width (surface);
  Look look;
  cairo_t *cr;
  int n_clutter;

  g_return_if_fail (ground < FV_N_GROUNDS && rand != NULL);

  look = draw_look (rand, max_angles[ground]);
  paint_texture (ground, &look, surface);
  cr = cairo_create (surface);
  cairo_scale (cr, size / UNITS, size / UNITS);
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);
  if (ground == FV_GROUND_GRASS)
    for (int i = 0; i < 700; i++)
      draw_blade (cr, rand, &look);
  n_clutter = g_rand_int_range (rand, 2, 9);
  for (int i = 0; i < n_clutter; i++)
    draw_clutter (cr, rand);
  cairo_destroy (cr);
}
