/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The parts that the canvas is painted from: mask layer, retained tiles, legend. No display. */

#include <gtk/gtk.h>

#include "fv-canvas-mask.h"
#include "fv-canvas-tiles.h"
#include "fv-legend-painter.h"

/* 20 … 39 × 10 … 29 of 60 × 40 are NO_OPINION. */
static FvMask *
make_mask (void)
{
  FvMask *mask = fv_mask_new (60, 40);

  for (int y = 10; y < 30; y++)
    for (int x = 20; x < 40; x++)
      fv_mask_get_data (mask)[y * 60 + x] = FV_MASK_NO_OPINION;
  return mask;
}

static void
test_no_opinion_is_hatched (void)
{
  FvCanvasMask layer = { .scale = 1, .thickness = 1, .outline = TRUE };
  g_autoptr (FvMask) mask = make_mask ();
  guint32 pixels[40][60];
  int n_light = 0, n_dark = 0;

  layer.mask = mask;
  g_assert_true (fv_canvas_mask_render (&layer, (FvRect){ 0, 0, 60, 40 }, &pixels[0][0], 60));
  for (int y = 0; y < 40; y++) {
    for (int x = 0; x < 60; x++) {
      gboolean hatched = x >= 20 && x < 40 && y >= 10 && y < 30;

      g_assert_cmpint (pixels[y][x] != 0, ==, hatched);
      n_light += (pixels[y][x] & 0xffffff) != 0;
      n_dark += hatched && (pixels[y][x] & 0xffffff) == 0;
      /* The lines run along the other diagonal. */
      if (hatched && x > 20 && y < 29)
        g_assert_cmphex (pixels[y][x], ==, pixels[y + 1][x - 1]);
    }
  }
  g_assert_cmpint (n_light, ==, 80);
  g_assert_cmpint (n_dark, ==, 320);
}

static void
test_an_empty_mask_has_nothing_to_see (void)
{
  FvCanvasMask layer = { .scale = 0.5, .thickness = 2, .outline = TRUE, .tint = TRUE };
  g_autoptr (FvMask) mask = fv_mask_new (60, 40);
  guint32 pixels[20][30];

  layer.mask = mask;
  g_assert_false (fv_canvas_mask_render (&layer, (FvRect){ 0, 0, 30, 20 }, &pixels[0][0], 30));
}

static gboolean
count_draws (FvRect rect, guint32 *pixels, int stride, gpointer n_draws)
{
  for (int y = 0; y < rect.height; y++)
    for (int x = 0; x < rect.width; x++)
      pixels[y * stride + x] = 0xff000000u;
  (*(int *) n_draws)++;
  return TRUE;
}

static int
draw_tiles (FvCanvasTiles *tiles, FvRect visible)
{
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  int n_draws = 0;

  fv_canvas_tiles_snapshot (tiles, snapshot, (FvRect){ 0, 0, 1000, 600 }, visible, 1, count_draws,
                            &n_draws);
  g_autoptr (GskRenderNode) node = gtk_snapshot_free_to_node (snapshot);
  return n_draws;
}

static void
test_only_damaged_tiles_are_drawn (void)
{
  g_autoptr (FvCanvasTiles) tiles = fv_canvas_tiles_new ();
  FvRect all = { -50, -50, 1200, 800 }, left = { -500, 0, 700, 600 };

  g_assert_cmpint (draw_tiles (tiles, all), ==, 12);
  g_assert_cmpint (draw_tiles (tiles, all), ==, 0);
  fv_canvas_tiles_damage (tiles, (FvRect){ 300, 300, 1, 1 });
  g_assert_cmpint (draw_tiles (tiles, all), ==, 1);
  fv_canvas_tiles_damage (tiles, (FvRect){ 255, 255, 2, 2 });
  g_assert_cmpint (draw_tiles (tiles, all), ==, 4);
  /* Out of sight is out of memory. */
  g_assert_cmpint (draw_tiles (tiles, left), ==, 0);
  g_assert_cmpint (draw_tiles (tiles, all), ==, 9);
  g_assert_cmpint (draw_tiles (tiles, (FvRect){ 2000, 0, 10, 10 }), ==, 0);
}

static void
test_legend_names_a_dead_map (void)
{
  PangoContext *context = pango_font_map_create_context (pango_cairo_font_map_get_default ());
  FvLegend legend = { .text = "Grad-CAM", .max = 2.41, .opacity = 1 };
  int width, alive, dead, both;

  fv_legend_measure (&legend, context, 1000, &width, &alive);
  legend.now_is_dead = TRUE;
  legend.max = 0;
  fv_legend_measure (&legend, context, 1000, &width, &dead);
  /* One line of text more, but neither bar nor numbers. */
  g_assert_cmpint (dead, <, alive);
  legend = (FvLegend){ .text = "Grad-CAM", .max = 2.41, .opacity = 1, .has_before = TRUE };
  fv_legend_measure (&legend, context, 1000, &width, &both);
  g_assert_cmpint (both, >, alive);
  fv_legend_measure (&legend, context, 100, &width, &both);
  g_assert_cmpint (width, ==, 100);
  g_object_unref (context);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  /* Registers the render node types; a display is not needed. */
  gtk_init_check ();
  g_test_add_func ("/canvas-layers/mask/hatch", test_no_opinion_is_hatched);
  g_test_add_func ("/canvas-layers/mask/empty", test_an_empty_mask_has_nothing_to_see);
  g_test_add_func ("/canvas-layers/tiles", test_only_damaged_tiles_are_drawn);
  g_test_add_func ("/canvas-layers/legend/dead", test_legend_names_a_dead_map);
  return g_test_run ();
}
