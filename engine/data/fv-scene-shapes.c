/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Coordinates: origin in the middle, x right, y down, about 1 from the middle to the tips. */

#include "fv-scene-shapes.h"

#include <math.h>

static void
fill_fish (cairo_t *cr)
{
  cairo_move_to (cr, 1.05, 0.02);
  cairo_curve_to (cr, 0.75, -0.62, -0.15, -0.66, -0.62, -0.08);
  cairo_line_to (cr, -1.10, -0.48);
  cairo_curve_to (cr, -0.95, -0.15, -0.95, 0.15, -1.10, 0.48);
  cairo_line_to (cr, -0.62, 0.08);
  cairo_curve_to (cr, -0.15, 0.62, 0.70, 0.60, 1.05, 0.02);
  cairo_close_path (cr);
  cairo_fill (cr);
  cairo_move_to (cr, 0.35, -0.40);
  cairo_curve_to (cr, 0.15, -0.80, -0.10, -0.85, -0.30, -0.75);
  cairo_line_to (cr, -0.22, -0.35);
  cairo_close_path (cr);
  cairo_fill (cr);
}

static void
draw_fish_details (cairo_t *cr)
{
  cairo_set_source_rgba (cr, 1, 1, 1, 0.9);
  cairo_arc (cr, 0.68, -0.12, 0.11, 0, 2 * G_PI);
  cairo_fill (cr);
  cairo_set_source_rgba (cr, 0, 0, 0, 0.9);
  cairo_arc (cr, 0.70, -0.12, 0.06, 0, 2 * G_PI);
  cairo_fill (cr);
  cairo_set_source_rgba (cr, 0, 0, 0, 0.45);
  cairo_set_line_width (cr, 0.05);
  cairo_arc (cr, 0.12, 0.0, 0.36, -0.9, 0.9);
  cairo_stroke (cr);
  for (int i = -1; i <= 1; i++) {
    cairo_move_to (cr, -0.70, 0.04 * i);
    cairo_line_to (cr, -0.98, 0.24 * i);
    cairo_stroke (cr);
  }
}

static void
fill_house (cairo_t *cr)
{
  cairo_rectangle (cr, -0.68, -0.20, 1.36, 0.98);
  cairo_fill (cr);
  cairo_move_to (cr, -0.92, -0.15);
  cairo_line_to (cr, 0.0, -0.92);
  cairo_line_to (cr, 0.92, -0.15);
  cairo_close_path (cr);
  cairo_fill (cr);
  cairo_rectangle (cr, 0.34, -0.90, 0.22, 0.55);
  cairo_fill (cr);
}

static void
draw_house_details (cairo_t *cr)
{
  cairo_set_source_rgba (cr, 0, 0, 0, 0.4);
  cairo_move_to (cr, -0.92, -0.15);
  cairo_line_to (cr, 0.0, -0.92);
  cairo_line_to (cr, 0.92, -0.15);
  cairo_close_path (cr);
  cairo_fill (cr);
  cairo_set_source_rgba (cr, 0.1, 0.06, 0.03, 0.75);
  cairo_rectangle (cr, -0.14, 0.28, 0.30, 0.50);
  cairo_fill (cr);
  for (int i = -1; i <= 1; i += 2) {
    cairo_rectangle (cr, 0.42 * i - 0.13, 0.02, 0.26, 0.26);
    cairo_set_source_rgba (cr, 1.0, 0.95, 0.7, 0.85);
    cairo_fill_preserve (cr);
    cairo_set_source_rgba (cr, 0, 0, 0, 0.6);
    cairo_set_line_width (cr, 0.05);
    cairo_stroke (cr);
  }
}

static void
fill_mug (cairo_t *cr)
{
  cairo_move_to (cr, -0.72, -0.62);
  cairo_curve_to (cr, -0.55, -0.82, 0.23, -0.82, 0.40, -0.62);
  cairo_line_to (cr, 0.34, 0.55);
  cairo_curve_to (cr, 0.25, 0.80, -0.57, 0.80, -0.66, 0.55);
  cairo_close_path (cr);
  cairo_fill (cr);
  cairo_set_line_width (cr, 0.19);
  cairo_move_to (cr, 0.34, -0.38);
  cairo_curve_to (cr, 1.02, -0.50, 1.02, 0.46, 0.32, 0.34);
  cairo_stroke (cr);
}

static void
draw_mug_details (cairo_t *cr)
{
  cairo_save (cr);
  cairo_translate (cr, -0.16, -0.60);
  cairo_scale (cr, 0.50, 0.13);
  cairo_arc (cr, 0, 0, 1, 0, 2 * G_PI);
  cairo_restore (cr);
  cairo_set_source_rgba (cr, 0.12, 0.07, 0.04, 0.8);
  cairo_fill (cr);
  cairo_set_source_rgba (cr, 1, 1, 1, 0.4);
  cairo_set_line_width (cr, 0.14);
  cairo_move_to (cr, -0.68, 0.18);
  cairo_curve_to (cr, -0.45, 0.32, 0.15, 0.32, 0.37, 0.18);
  cairo_stroke (cr);
}

/* Goes around the star; @inner is the radius between the arms. */
static void
trace_star (cairo_t *cr, double inner)
{
  for (int i = 0; i < 10; i++) {
    double radius = i % 2 == 0 ? 1.0 : inner;
    double angle = i * G_PI / 5.0 - G_PI / 2.0;

    cairo_line_to (cr, radius * cos (angle), radius * sin (angle));
  }
  cairo_close_path (cr);
}

static void
fill_star (cairo_t *cr)
{
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  cairo_set_line_width (cr, 0.16);
  trace_star (cr, 0.42);
  cairo_fill_preserve (cr);
  cairo_stroke (cr);
}

/* A madreporite: the small pale plate beside a starfish's middle. */
static void
draw_star_details (cairo_t *cr)
{
  cairo_set_source_rgba (cr, 1, 1, 1, 0.7);
  cairo_arc (cr, 0.12, -0.08, 0.09, 0, 2 * G_PI);
  cairo_fill (cr);
}

void
fv_scene_shape_fill (FvObject object, cairo_t *cr)
{
  static void (*const fills[FV_N_OBJECTS]) (cairo_t * cr)
      = { fill_fish, fill_house, fill_mug, fill_star };

  g_return_if_fail (object < FV_N_OBJECTS);
  fills[object](cr);
}

void
fv_scene_shape_draw_details (FvObject object, cairo_t *cr)
{
  static void (*const draws[FV_N_OBJECTS]) (cairo_t * cr)
      = { draw_fish_details, draw_house_details, draw_mug_details, draw_star_details };

  g_return_if_fail (object < FV_N_OBJECTS);
  draws[object](cr);
}
