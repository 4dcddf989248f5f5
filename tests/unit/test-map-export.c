/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Maps as records and as pictures. */

#include "fv-map-export.h"
#include "temporary-folder.h"
#include "tensor-fixture.h"

#define CAPTION_HEIGHT 40
#define ALONE_SIDE 320

typedef struct {
  char *folder;
  char *path;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer unused)
{
  fixture->folder = temporary_folder_new ();
  fixture->path = g_build_filename (fixture->folder, "map.png", NULL);
}

static void
tear_down (Fixture *fixture, gconstpointer unused)
{
  temporary_folder_remove (fixture->folder);
  g_free (fixture->folder);
  g_free (fixture->path);
}

static FvMap *
new_map (int width, int height, float first, float last)
{
  FvMap *map = fv_map_new (width, height, "gradcam", "layer4", 2);

  map->values[0] = first;
  map->values[width * height - 1] = last;
  return map;
}

static void
test_record (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvMap) map = new_map (3, 2, -4, 0.5f);
  g_autoptr (FvMap) copy = fv_map_copy (map);
  g_autoptr (FvMap) dead = new_map (3, 2, -4, 0);

  map->values[0] = 9;
  g_assert_cmpfloat (fv_map_get_min (copy), ==, -4);
  g_assert_cmpfloat (fv_map_get_max (copy), ==, 0.5f);
  g_assert_cmpstr (copy->layer, ==, "layer4");
  g_assert_false (fv_map_is_dead (copy));
  g_assert_true (fv_map_is_dead (dead));
}

/* Doubling a row [0, 4]: pixel centres at ¼, ¾ of the cells. */
static void
test_resize (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvMap) map = new_map (2, 1, 0, 4);
  g_autoptr (FvMap) large = fv_map_resize (map, 4, 2);
  const float expected[] = { 0, 1, 3, 4, 0, 1, 3, 4 };

  g_assert_cmpint (large->width, ==, 4);
  g_assert_cmpint (large->height, ==, 2);
  for (int i = 0; i < 8; i++)
    g_assert_cmpfloat (large->values[i], ==, expected[i]);
  g_assert_cmpint (large->target, ==, 2);
}

static FvImage *export(const Fixture *fixture, const FvMap *map, const FvImage *photo)
{
  g_autoptr (GError) error = NULL;
  FvImage *image;

  fv_map_export_png (map, photo, NULL, fixture->path, &error);
  g_assert_no_error (error);
  image = fv_image_load (fixture->path, &error);
  g_assert_no_error (error);
  return image;
}

static const guint8 *
pixel (const FvImage *image, int x, int y)
{
  return fv_image_peek (image) + 3 * (y * fv_image_get_width (image) + x);
}

/* Alone: the ends of viridis in the corners (68, 1, 84) and (253, 231, 37). */
static void
test_png_alone (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvMap) map = new_map (2, 1, 0, 4);
  g_autoptr (FvImage) image = export(fixture, map, NULL);
  const guint8 low[] = { 68, 1, 84 };
  const guint8 high[] = { 253, 231, 37 };

  g_assert_cmpint (fv_image_get_width (image), ==, ALONE_SIDE);
  g_assert_cmpint (fv_image_get_height (image), ==, ALONE_SIDE / 2 + CAPTION_HEIGHT);
  for (int i = 0; i < 3; i++) {
    g_assert_cmpint (ABS (pixel (image, 0, 0)[i] - low[i]), <=, 2);
    g_assert_cmpint (ABS (pixel (image, ALONE_SIDE - 1, 0)[i] - high[i]), <=, 2);
  }
}

/* Where the map says nothing, and everywhere when it is dead, the photo is untouched. */
static void
test_png_over_photo (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvMap) map = new_map (8, 8, 0, 4);
  g_autoptr (FvMap) dead = new_map (8, 8, -4, 0);
  g_autoptr (FvImage) photo = fv_image_new (64, 48);
  g_autoptr (FvImage) shown = NULL;
  g_autoptr (FvImage) untouched = NULL;

  memset (fv_image_get_data (photo), 100, 64 * 48 * 3);
  shown = export(fixture, map, photo);
  untouched = export(fixture, dead, photo);
  g_assert_cmpint (fv_image_get_width (shown), ==, 64);
  g_assert_cmpint (fv_image_get_height (shown), ==, 48 + CAPTION_HEIGHT);
  g_assert_cmpint (pixel (shown, 0, 0)[0], ==, 100);
  g_assert_cmpint (pixel (shown, 63, 47)[0], >, 150);
  g_assert_cmpmem (fv_image_peek (untouched), 64 * 48 * 3, fv_image_peek (photo), 64 * 48 * 3);
}

/* A map of one row is still one pixel high. */
static void
test_extreme_shapes (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvMap) flat = new_map (1000, 1, 0, 1);
  g_autoptr (FvMap) thin = new_map (1, 1000, 0, 1);
  g_autoptr (FvImage) low = export(fixture, flat, NULL);
  g_autoptr (FvImage) narrow = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (fv_image_get_height (low), ==, 1 + CAPTION_HEIGHT);
  g_assert_true (fv_map_export_png (thin, NULL, NULL, fixture->path, &error));
  g_assert_no_error (error);
}

static void
test_svg (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvMap) map = new_map (3, 2, 0, 1);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  fv_map_export_svg (map, NULL, "emu", fixture->path, &error);
  g_assert_no_error (error);
  g_assert_true (g_file_get_contents (fixture->path, &text, NULL, NULL));
  g_assert_nonnull (strstr (text, "<svg"));
  g_assert_nonnull (strstr (text, "</svg>"));
}

static void
test_failed_write_names_the_file (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvMap) map = new_map (3, 2, 0, 1);
  g_autofree char *path = g_build_filename (fixture->folder, "missing", "map.png", NULL);
  g_autoptr (GError) png = NULL;
  g_autoptr (GError) svg = NULL;

  g_assert_false (fv_map_export_png (map, NULL, NULL, path, &png));
  assert_says (png, path);
  g_assert_false (fv_map_export_svg (map, NULL, NULL, path, &svg));
  assert_says (svg, path);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)
  ADD ("/map/record", test_record);
  ADD ("/map/resize", test_resize);
  ADD ("/map/png-alone", test_png_alone);
  ADD ("/map/png-over-photo", test_png_over_photo);
  ADD ("/map/extreme-shapes", test_extreme_shapes);
  ADD ("/map/svg", test_svg);
  ADD ("/map/failed-write-names-the-file", test_failed_write_names_the_file);
#undef ADD
  return g_test_run ();
}
