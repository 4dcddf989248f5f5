/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The canvas's picture, pixel by pixel, without a display. */

#include "fv-canvas-painter.h"

#include <math.h>

#include "fv-brush.h"
#include "fv-canvas-photo.h"

#define GROUND 0xff2a2a2bu

/* -- helpers ------------------------------------------------------------------------------------
 */

/* Every pixel has a colour of its own. */
static FvImage *
make_image (int width, int height)
{
  FvImage *image = fv_image_new (width, height);
  guint8 *pixels = fv_image_get_data (image);

  for (int i = 0; i < width * height; i++) {
    pixels[3 * i] = (guint8) (i % width * 7);
    pixels[3 * i + 1] = (guint8) (i / width * 5);
    pixels[3 * i + 2] = (guint8) (i * 37);
  }
  return image;
}

static guint32
image_color (FvImage *image, int x, int y)
{
  const guint8 *pixel = fv_image_peek (image) + 3 * (y * fv_image_get_width (image) + x);

  return 0xff000000u | (guint32) pixel[0] << 16 | (guint32) pixel[1] << 8 | pixel[2];
}

static FvMap *
make_map (int width, int height, float value)
{
  FvMap *map = fv_map_new (width, height, "gradcam", "features", 0);

  for (int i = 0; i < width * height; i++)
    map->values[i] = value;
  return map;
}

/* A scene of @image at 1:1, its corner at (8, 4). */
static FvCanvasScene
make_scene (FvImage *image)
{
  FvCanvasScene scene = { .scale_factor = 1, .image = image, .map_opacity = 1, .swipe = 0.5 };

  fv_viewport_init (&scene.viewport);
  fv_viewport_resize (&scene.viewport, 400, 300);
  fv_viewport_set_image_size (&scene.viewport, fv_image_get_width (image),
                              fv_image_get_height (image));
  scene.viewport.zoom = 1;
  scene.viewport.x = 8;
  scene.viewport.y = 4;
  scene.viewport.fitted = FALSE;
  return scene;
}

static cairo_surface_t *
paint (const FvCanvasScene *scene, FvCanvasCache *cache)
{
  int scale = scene->scale_factor;
  cairo_surface_t *surface = cairo_image_surface_create (
      CAIRO_FORMAT_ARGB32, scene->viewport.width * scale, scene->viewport.height * scale);
  cairo_surface_set_device_scale (surface, scale, scale);
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  cairo_t *cr = cairo_create (surface);

  fv_canvas_paint (scene, cache, snapshot);
  g_autoptr (GskRenderNode) node = gtk_snapshot_free_to_node (snapshot);
  gsk_render_node_draw (node, cr);
  cairo_destroy (cr);
  cairo_surface_flush (surface);
  return surface;
}

static guint32
get_pixel (cairo_surface_t *surface, int x, int y)
{
  const guint8 *row
      = cairo_image_surface_get_data (surface) + y * cairo_image_surface_get_stride (surface);

  return ((const guint32 *) (gconstpointer) row)[x];
}

static void
assert_near (guint32 color, guint32 expected, int tolerance)
{
  for (int shift = 0; shift < 32; shift += 8)
    g_assert_cmpint (ABS ((int) (color >> shift & 0xff) - (int) (expected >> shift & 0xff)), <=,
                     tolerance);
}

static void
assert_same_picture (cairo_surface_t *a, cairo_surface_t *b)
{
  for (int y = 0; y < cairo_image_surface_get_height (a); y++)
    for (int x = 0; x < cairo_image_surface_get_width (a); x++)
      g_assert_cmphex (get_pixel (a, x, y), ==, get_pixel (b, x, y));
}

/* -- photo --------------------------------------------------------------------------------------
 */

static void
test_photo_at_one_to_one_is_the_photo (void)
{
  g_autoptr (FvImage) image = make_image (300, 280);
  FvCanvasScene scene = make_scene (image);
  cairo_surface_t *surface = paint (&scene, NULL);

  for (int y = 0; y < 280; y++)
    for (int x = 0; x < 300; x++)
      g_assert_cmphex (get_pixel (surface, 8 + x, 4 + y), ==, image_color (image, x, y));
  g_assert_cmphex (get_pixel (surface, 7, 4), ==, GROUND);
  g_assert_cmphex (get_pixel (surface, 8, 3), ==, GROUND);
  g_assert_cmphex (get_pixel (surface, 308, 4), ==, GROUND);
  g_assert_cmphex (get_pixel (surface, 399, 299), ==, GROUND);
  cairo_surface_destroy (surface);
}

static void
test_zoomed_in_pixels_are_squares (void)
{
  g_autoptr (FvImage) image = make_image (80, 60);
  FvCanvasScene scene = make_scene (image);

  scene.viewport.zoom = 4;
  cairo_surface_t *surface = paint (&scene, NULL);
  for (int y = 0; y < 240; y++)
    for (int x = 0; x < 320; x++)
      g_assert_cmphex (get_pixel (surface, 8 + x, 4 + y), ==, image_color (image, x / 4, y / 4));
  cairo_surface_destroy (surface);
}

static void
test_high_density_doubles_the_pixels (void)
{
  g_autoptr (FvImage) image = make_image (80, 60);
  FvCanvasScene scene = make_scene (image);

  scene.viewport.zoom = 3;
  scene.scale_factor = 2;
  cairo_surface_t *surface = paint (&scene, NULL);
  for (int y = 0; y < 360; y++)
    for (int x = 0; x < 480; x++)
      g_assert_cmphex (get_pixel (surface, 16 + x, 8 + y), ==, image_color (image, x / 6, y / 6));
  cairo_surface_destroy (surface);
}

/* Drawn at half its size, each pixel is the mean of four: from the pyramid's first level. */
static void
test_zoomed_out_pixels_are_means (void)
{
  g_autoptr (FvImage) image = make_image (61, 41);
  FvCanvasScene scene = make_scene (image);

  scene.viewport.zoom = 0.5;
  cairo_surface_t *surface = paint (&scene, NULL);
  for (int y = 0; y < 20; y++) {
    for (int x = 0; x < 30; x++) {
      guint32 color = 0xff;

      for (int shift = 16; shift >= 0; shift -= 8) {
        guint sum = 2;

        for (int i = 0; i < 4; i++)
          sum += image_color (image, 2 * x + i % 2, 2 * y + i / 2) >> shift & 0xff;
        color = color << 8 | sum / 4;
      }
      g_assert_cmphex (get_pixel (surface, 8 + x, 4 + y), ==, color);
    }
  }
  cairo_surface_destroy (surface);
}

static void
test_no_image_is_the_ground (void)
{
  FvCanvasScene scene = { .scale_factor = 1 };

  fv_viewport_init (&scene.viewport);
  fv_viewport_resize (&scene.viewport, 20, 10);
  cairo_surface_t *surface = paint (&scene, NULL);
  for (int i = 0; i < 200; i++)
    g_assert_cmphex (get_pixel (surface, i % 20, i / 20), ==, GROUND);
  cairo_surface_destroy (surface);
}

/* -- map ----------------------------------------------------------------------------------------
 */

static void
test_the_maximum_has_the_last_colour (void)
{
  g_autoptr (FvImage) image = make_image (60, 40);
  g_autoptr (FvMap) map = make_map (7, 7, 3);
  FvCanvasScene scene = make_scene (image);

  scene.map = map;
  cairo_surface_t *surface = paint (&scene, NULL);
  for (int y = 0; y < 40; y++)
    for (int x = 0; x < 60; x++)
      g_assert_cmphex (get_pixel (surface, 8 + x, 4 + y), ==, 0xfffde725u);
  cairo_surface_destroy (surface);
}

static void
test_opacity_mixes_photo_and_map (void)
{
  g_autoptr (FvImage) image = make_image (60, 40);
  g_autoptr (FvMap) map = make_map (7, 7, 3);
  FvCanvasScene scene = make_scene (image);

  scene.map = map;
  scene.map_opacity = 0.25;
  cairo_surface_t *surface = paint (&scene, NULL);
  guint32 photo = image_color (image, 10, 20);
  guint32 expected = 0xff;
  for (int shift = 16; shift >= 0; shift -= 8)
    expected
        = expected << 8
          | (guint) lround (0.75 * (photo >> shift & 0xff) + 0.25 * (0xfde725 >> shift & 0xff));
  assert_near (get_pixel (surface, 18, 24), expected, 1);
  cairo_surface_destroy (surface);
}

/* The picture with @map must be that of the photo alone. */
static void
assert_map_is_invisible (const FvMap *map)
{
  g_autoptr (FvImage) image = make_image (60, 40);
  FvCanvasScene scene = make_scene (image);

  scene.map = map;
  cairo_surface_t *surface = paint (&scene, NULL);
  for (int y = 0; y < 40; y++)
    for (int x = 0; x < 60; x++)
      g_assert_cmphex (get_pixel (surface, 8 + x, 4 + y), ==, image_color (image, x, y));
  cairo_surface_destroy (surface);
}

static void
test_no_evidence_is_never_drawn (void)
{
  const float values[] = { 0, -1, -INFINITY, NAN, INFINITY };

  for (gsize i = 0; i < G_N_ELEMENTS (values); i++) {
    g_autoptr (FvMap) map = make_map (7, 7, values[i]);

    assert_map_is_invisible (map);
  }
}

/* Evidence as drawn: blends that replace the photo with the index itself. */
static void
test_map_geometry_is_align_corners_false (void)
{
  const float values[2][3] = { { 0, 255, 51 }, { 102, 0, 204 } };
  g_autoptr (FvImage) image = make_image (37, 23);
  g_autoptr (FvCanvasPyramid) pyramid = fv_canvas_pyramid_new (image);
  g_autoptr (FvMap) map = make_map (3, 2, 0);
  FvCanvasPhoto photo = { .pyramid = pyramid, .scale = 2, .now = map, .map_max = 255 };
  guint32 pixels[46][74];

  for (int i = 0; i < 6; i++)
    map->values[i] = values[i / 3][i % 3];
  for (int i = 0; i < FV_COLORMAP_SIZE; i++)
    photo.blends[i] = (FvCanvasBlend){ 0, { (guint16) (i * 256), 0, 0 } };
  fv_canvas_photo_render (&photo, (FvRect){ 0, 0, 74, 46 }, &pixels[0][0], 74);

  for (int y = 0; y < 46; y++) {
    for (int x = 0; x < 74; x++) {
      double column = CLAMP ((x + 0.5) * 3 / 74 - 0.5, 0, 2),
             row = CLAMP ((y + 0.5) * 2 / 46 - 0.5, 0, 1);
      int left = MIN ((int) column, 1);
      double u = column - left;
      double top = values[0][left] * (1 - u) + values[0][left + 1] * u;
      double bottom = values[1][left] * (1 - u) + values[1][left + 1] * u;
      double expected = top * (1 - row) + bottom * row;

      g_assert_cmpfloat (fabs ((pixels[y][x] >> 16 & 0xff) - expected), <=, 0.51);
    }
  }
}

static void
test_swipe_shares_one_scale (void)
{
  g_autoptr (FvImage) image = make_image (200, 100);
  g_autoptr (FvMap) before = make_map (7, 7, 4);
  g_autoptr (FvMap) now = make_map (7, 7, 2);
  FvCanvasScene scene = make_scene (image);
  guint8 colors[FV_COLORMAP_SIZE][3];

  scene.map = now;
  scene.before = before;
  scene.swipe = 0.3;
  fv_colormap_fill (FV_COLORMAP_VIRIDIS, colors);
  g_assert_cmpfloat (fv_canvas_scene_get_map_max (&scene), ==, 4);
  g_assert_cmpfloat (fv_canvas_scene_get_divider (&scene), ==, 68);

  cairo_surface_t *surface = paint (&scene, NULL);
  const guint8 *half = colors[128];
  guint32 now_color = 0xff000000u | (guint32) half[0] << 16 | (guint32) half[1] << 8 | half[2];
  g_assert_cmphex (get_pixel (surface, 64, 10), ==, 0xfffde725u);
  g_assert_cmphex (get_pixel (surface, 72, 10), ==, now_color);
  g_assert_cmphex (get_pixel (surface, 67, 10), ==, 0xffffffffu);
  cairo_surface_destroy (surface);
}

/* -- mask ---------------------------------------------------------------------------------------
 */

/* 20 … 39 × 10 … 29 of 60 × 40 say @state. */
static FvMask *
make_mask (FvMaskState state)
{
  FvMask *mask = fv_mask_new (60, 40);

  for (int y = 10; y < 30; y++)
    for (int x = 20; x < 40; x++)
      fv_mask_get_data (mask)[y * 60 + x] = (guint8) state;
  return mask;
}

static void
test_outline_lies_on_the_boundary (void)
{
  g_autoptr (FvImage) image = make_image (60, 40);
  g_autoptr (FvMask) mask = make_mask (FV_MASK_INSIDE);
  FvCanvasScene scene = make_scene (image);

  scene.mask = mask;
  scene.show_outline = TRUE;
  cairo_surface_t *surface = paint (&scene, NULL);
  const guint32 light = 0xffffffffu, dark = 0xff000000u;
  const guint32 across[]
      = { image_color (image, 17, 20), dark, light, light, dark, image_color (image, 22, 20) };
  for (int i = 0; i < 6; i++)
    g_assert_cmphex (get_pixel (surface, 8 + 17 + i, 4 + 20), ==, across[i]);
  for (int i = 0; i < 4; i++) {
    g_assert_cmphex (get_pixel (surface, 8 + 38 + i, 4 + 20), ==, across[1 + i]);
    g_assert_cmphex (get_pixel (surface, 8 + 30, 4 + 8 + i), ==, across[1 + i]);
    g_assert_cmphex (get_pixel (surface, 8 + 30, 4 + 28 + i), ==, across[1 + i]);
  }
  cairo_surface_destroy (surface);
}

static void
test_hidden_mask_is_not_drawn (void)
{
  g_autoptr (FvImage) image = make_image (60, 40);
  g_autoptr (FvMask) mask = make_mask (FV_MASK_INSIDE);
  g_autoptr (FvMask) other = fv_mask_new (61, 40);
  FvCanvasScene scene = make_scene (image);

  fv_mask_get_data (other)[0] = FV_MASK_INSIDE;
  cairo_surface_t *plain = paint (&scene, NULL);
  scene.mask = mask;
  cairo_surface_t *hidden = paint (&scene, NULL);
  scene.mask = other;
  scene.show_outline = scene.tint_mask = TRUE;
  cairo_surface_t *misfit = paint (&scene, NULL);
  assert_same_picture (plain, hidden);
  assert_same_picture (plain, misfit);
  cairo_surface_destroy (plain);
  cairo_surface_destroy (hidden);
  cairo_surface_destroy (misfit);
}

static void
test_tint_covers_the_inside (void)
{
  g_autoptr (FvImage) image = make_image (60, 40);
  g_autoptr (FvMask) mask = make_mask (FV_MASK_INSIDE);
  FvCanvasScene scene = make_scene (image);

  scene.mask = mask;
  scene.tint_mask = TRUE;
  cairo_surface_t *surface = paint (&scene, NULL);
  for (int y = 0; y < 40; y++) {
    for (int x = 0; x < 60; x++) {
      gboolean inside = x >= 20 && x < 40 && y >= 10 && y < 30;
      gboolean changed = get_pixel (surface, 8 + x, 4 + y) != image_color (image, x, y);

      g_assert_cmpint (changed, ==, inside);
    }
  }
  cairo_surface_destroy (surface);
}

/* -- what is kept -------------------------------------------------------------------------------
 */

static int
random_mask (FvMask *mask, int n)
{
  for (int i = 0; i < n; i++)
    fv_brush_stroke (mask, g_test_rand_double_range (0, 700), g_test_rand_double_range (0, 500),
                     g_test_rand_double_range (0, 700), g_test_rand_double_range (0, 500),
                     g_test_rand_double_range (1, 30), (FvMaskState) g_test_rand_int_range (0, 3));
  return n;
}

/* Painting on what was kept must give the picture that painting anew gives. */
static void
test_a_cache_changes_nothing (void)
{
  g_autoptr (FvImage) image = make_image (700, 500);
  g_autoptr (FvMask) mask = fv_mask_new (700, 500);
  g_autoptr (FvMap) map = make_map (7, 7, 1);
  g_autoptr (FvMap) before = make_map (5, 5, 2);
  g_autoptr (FvCanvasCache) cache = fv_canvas_cache_new ();
  FvCanvasScene scene = make_scene (image);

  for (int i = 0; i < 49; i++)
    map->values[i] = (float) (i % 5 - 1);
  scene.map = map;
  scene.before = before;
  scene.mask = mask;
  scene.show_outline = scene.tint_mask = TRUE;
  scene.legend_text = "Grad-CAM";
  random_mask (mask, 10);
  for (int round = 0; round < 12; round++) {
    if (round % 3 == 1)
      fv_viewport_zoom_to (&scene.viewport, 200, 150, g_test_rand_double_range (0.2, 3));
    if (round % 3 == 2)
      fv_viewport_pan (&scene.viewport, g_test_rand_double_range (-90, 90), 31);
    scene.swipe = g_test_rand_double_range (0, 1);
    double x = g_test_rand_double_range (0, 700), y = g_test_rand_double_range (0, 500);
    FvRect rect = fv_brush_stroke (mask, x, y, x + 20, y + 9, 14, FV_MASK_INSIDE);
    fv_canvas_cache_damage_mask_rect (cache, &scene.viewport, rect);

    cairo_surface_t *kept = paint (&scene, cache);
    cairo_surface_t *anew = paint (&scene, NULL);
    assert_same_picture (kept, anew);
    cairo_surface_destroy (kept);
    cairo_surface_destroy (anew);
  }
}

static void
test_damage_is_noticed (void)
{
  g_autoptr (FvImage) image = make_image (60, 40);
  g_autoptr (FvImage) other = make_image (60, 40);
  g_autoptr (FvMap) map = make_map (7, 7, 1);
  g_autoptr (FvCanvasCache) cache = fv_canvas_cache_new ();
  FvCanvasScene scene = make_scene (image);

  fv_image_get_data (other)[0] = 0xaa;
  cairo_surface_destroy (paint (&scene, cache));
  scene.image = other;
  cairo_surface_t *surface = paint (&scene, cache);
  g_assert_cmphex (get_pixel (surface, 8, 4), ==, 0xffaa0000u);
  cairo_surface_destroy (surface);

  scene.map = map;
  fv_canvas_cache_damage_map (cache);
  surface = paint (&scene, cache);
  g_assert_cmphex (get_pixel (surface, 8, 4), ==, 0xfffde725u);
  cairo_surface_destroy (surface);
}

/* -- legend -------------------------------------------------------------------------------------
 */

/* On a black photo only the map, the legend and nothing else brightens the picture. */
static void
test_legend_stands_in_the_corner (void)
{
  g_autoptr (FvImage) image = fv_image_new (400, 300);
  g_autoptr (FvMap) map = make_map (7, 7, -1);
  FvCanvasScene scene = make_scene (image);
  int left = 400, right = 0, top = 300, bottom = 0;

  map->values[0] = 1e-30f;
  scene.map_opacity = 0;
  scene.map = map;
  scene.legend_text = "Grad-CAM";
  scene.viewport.x = scene.viewport.y = 0;
  cairo_surface_t *surface = paint (&scene, NULL);
  for (int y = 0; y < 300; y++) {
    for (int x = 0; x < 400; x++) {
      if (get_pixel (surface, x, y) == 0xff000000u)
        continue;
      left = MIN (left, x), right = MAX (right, x);
      top = MIN (top, y), bottom = MAX (bottom, y);
    }
  }
  g_assert_cmpint (left, ==, 16);
  g_assert_cmpint (bottom, ==, 300 - 16 - 1);
  g_assert_cmpint (right, <, 300);
  g_assert_cmpint (top, >, 180);
  cairo_surface_destroy (surface);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  /* Registers the render node types; a display is not needed. */
  gtk_init_check ();
  g_test_add_func ("/canvas-painter/photo/actual", test_photo_at_one_to_one_is_the_photo);
  g_test_add_func ("/canvas-painter/photo/squares", test_zoomed_in_pixels_are_squares);
  g_test_add_func ("/canvas-painter/photo/high-density", test_high_density_doubles_the_pixels);
  g_test_add_func ("/canvas-painter/photo/means", test_zoomed_out_pixels_are_means);
  g_test_add_func ("/canvas-painter/photo/none", test_no_image_is_the_ground);
  g_test_add_func ("/canvas-painter/map/maximum", test_the_maximum_has_the_last_colour);
  g_test_add_func ("/canvas-painter/map/opacity", test_opacity_mixes_photo_and_map);
  g_test_add_func ("/canvas-painter/map/no-evidence", test_no_evidence_is_never_drawn);
  g_test_add_func ("/canvas-painter/map/geometry", test_map_geometry_is_align_corners_false);
  g_test_add_func ("/canvas-painter/map/swipe", test_swipe_shares_one_scale);
  g_test_add_func ("/canvas-painter/mask/outline", test_outline_lies_on_the_boundary);
  g_test_add_func ("/canvas-painter/mask/hidden", test_hidden_mask_is_not_drawn);
  g_test_add_func ("/canvas-painter/mask/tint", test_tint_covers_the_inside);
  g_test_add_func ("/canvas-painter/cache/same", test_a_cache_changes_nothing);
  g_test_add_func ("/canvas-painter/cache/damage", test_damage_is_noticed);
  g_test_add_func ("/canvas-painter/legend/corner", test_legend_stands_in_the_corner);
  return g_test_run ();
}
