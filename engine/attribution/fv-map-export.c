/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Drawing a map with Cairo, once, for PNG and SVG. */

#include "fv-map-export.h"

#include <cairo-svg.h>
#include <string.h>

#include "fv-colormap.h"
#include "fv-data-error.h"
#include "fv-method.h"
#include "fv-resample.h"

#define MAP_OPACITY 0.65
#define ALONE_SIDE 320    /* pixels of the longer side of a map without photo */
#define CAPTION_HEIGHT 40 /* pixels */
#define FONT_SIZE 11      /* pixels */
#define BAR_HEIGHT 8      /* pixels */

FvMap *
fv_map_resize (const FvMap *map, int width, int height)
{
  FvMap *resized = fv_map_copy (map);
  gsize area = (gsize) width * (gsize) height;

  g_free (resized->values);
  resized->values = fv_resample_bilinear (map->values, map->width, map->height, width, height);
  resized->width = width;
  resized->height = height;
  if (map->channels == NULL)
    return resized;
  g_free (resized->channels);
  resized->channels = g_new (float, area *(gsize) map->n_channels);
  for (int c = 0; c < map->n_channels; c++) {
    gsize plane = (gsize) c * (gsize) map->width * (gsize) map->height;
    g_autofree float *large
        = fv_resample_bilinear (map->channels + plane, map->width, map->height, width, height);

    memcpy (resized->channels + (gsize) c * area, large, area * sizeof (float));
  }
  return resized;
}

static void
get_size (const FvMap *map, const FvImage *photo, int *width, int *height)
{
  int longer = MAX (map->width, map->height);

  *width = photo != NULL ? fv_image_get_width (photo) : MAX (map->width * ALONE_SIDE / longer, 1);
  *height
      = photo != NULL ? fv_image_get_height (photo) : MAX (map->height * ALONE_SIDE / longer, 1);
}

static guint32
pack_premultiplied (const guint8 rgb[3], double alpha)
{
  guint32 a = (guint32) (255 * alpha + 0.5);
  guint32 red = (guint32) (rgb[0] * alpha + 0.5);
  guint32 green = (guint32) (rgb[1] * alpha + 0.5);
  guint32 blue = (guint32) (rgb[2] * alpha + 0.5);

  return a << 24 | red << 16 | green << 8 | blue;
}

static cairo_surface_t *
photo_to_surface (const FvImage *photo)
{
  int width = fv_image_get_width (photo);
  int height = fv_image_get_height (photo);
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, width, height);
  guint8 *data = cairo_image_surface_get_data (surface);
  int stride = cairo_image_surface_get_stride (surface);

  for (int y = 0; data != NULL && y < height; y++) {
    guint32 *row = (guint32 *) (gpointer) (data + (gsize) y * (gsize) stride);
    const guint8 *rgb = fv_image_peek (photo) + 3 * (gsize) y * (gsize) width;

    for (int x = 0; x < width; x++)
      row[x] = pack_premultiplied (rgb + 3 * x, 1);
  }
  cairo_surface_mark_dirty (surface);
  return surface;
}

/* The map in colour at @width x @height; nothing where it has no evidence. */
static cairo_surface_t *
map_to_surface (const FvMap *map, int width, int height, gboolean over_photo)
{
  g_autoptr (FvMap) large = fv_map_resize (map, width, height);
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, width, height);
  guint8 *data = cairo_image_surface_get_data (surface);
  int stride = cairo_image_surface_get_stride (surface);
  float max = fv_map_get_top (map);
  guint8 table[FV_COLORMAP_SIZE][3];

  fv_colormap_fill (FV_COLORMAP_VIRIDIS, table);
  for (int y = 0; data != NULL && max > 0 && y < height; y++) {
    guint32 *row = (guint32 *) (gpointer) (data + (gsize) y * (gsize) stride);

    for (int x = 0; x < width; x++) {
      double share = CLAMP (large->values[(gsize) y * (gsize) width + (gsize) x] / max, 0, 1);
      int level = (int) (share * (FV_COLORMAP_SIZE - 1) + 0.5);
      double alpha = over_photo ? MAP_OPACITY * fv_colormap_get_alpha (share) : 1;

      row[x] = pack_premultiplied (table[level], alpha);
    }
  }
  cairo_surface_mark_dirty (surface);
  return surface;
}

static void
paint_surface (cairo_t *cr, cairo_surface_t *surface)
{
  cairo_set_source_surface (cr, surface, 0, 0);
  cairo_paint (cr);
  cairo_surface_destroy (surface);
}

static void
draw_bar (cairo_t *cr, double x, double y, double width)
{
  guint8 table[FV_COLORMAP_SIZE][3];
  cairo_pattern_t *gradient = cairo_pattern_create_linear (x, 0, x + width, 0);

  fv_colormap_fill (FV_COLORMAP_VIRIDIS, table);
  for (int i = 0; i < FV_COLORMAP_SIZE; i += 17)
    cairo_pattern_add_color_stop_rgb (gradient, i / 255.0, table[i][0] / 255.0, table[i][1] / 255.0,
                                      table[i][2] / 255.0);
  cairo_rectangle (cr, x, y, width, BAR_HEIGHT);
  cairo_set_source (cr, gradient);
  cairo_fill (cr);
  cairo_pattern_destroy (gradient);
}

/* method · layer · class, and the scale with its numbers, on a white strip under the picture. */
static void
draw_caption (cairo_t *cr, const FvMap *map, const char *class_name, int width, int height)
{
  g_autofree char *number = g_strdup_printf ("class %d", map->target);
  g_autofree char *source = g_strdup_printf (
      "%s%s%s · %s", map->method, map->layer != NULL ? " · " : "",
      map->layer != NULL ? map->layer : "", class_name != NULL ? class_name : number);
  const FvMethodInfo *method = fv_method_find (map->method);
  g_autofree char *scale
      = fv_map_is_dead (map)
            ? g_strdup ("no positive evidence for this class")
            : g_strdup_printf ("0 to %.3g%s, %s", (double) fv_map_get_top (map),
                               fv_map_get_max (map) > fv_map_get_top (map) ? " and above" : "",
                               method != NULL ? method->unit : "raw values");

  cairo_rectangle (cr, 0, height, width, CAPTION_HEIGHT);
  cairo_set_source_rgb (cr, 1, 1, 1);
  cairo_fill (cr);
  if (!fv_map_is_dead (map))
    draw_bar (cr, 6, height + CAPTION_HEIGHT - BAR_HEIGHT - 6, 48);
  cairo_set_source_rgb (cr, 0, 0, 0);
  cairo_select_font_face (cr, "sans-serif", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL);
  cairo_set_font_size (cr, FONT_SIZE);
  cairo_move_to (cr, 6, height + 6 + FONT_SIZE);
  cairo_show_text (cr, source);
  cairo_move_to (cr, fv_map_is_dead (map) ? 6 : 60, height + CAPTION_HEIGHT - 6);
  cairo_show_text (cr, scale);
}

static void
draw (cairo_t *cr, const FvMap *map, const FvImage *photo, const char *class_name, int width,
      int height)
{
  if (photo != NULL)
    paint_surface (cr, photo_to_surface (photo));
  paint_surface (cr, map_to_surface (map, width, height, photo != NULL));
  draw_caption (cr, map, class_name, width, height);
}

static cairo_status_t
append_bytes (void *closure, const unsigned char *data, unsigned int length)
{
  g_byte_array_append (closure, data, length);
  return CAIRO_STATUS_SUCCESS;
}

static gboolean
save_bytes (const GByteArray *bytes, cairo_status_t status, const char *path, GError **error)
{
  g_autoptr (GError) reason = NULL;

  if (status != CAIRO_STATUS_SUCCESS) {
    fv_data_error_set (error, FV_DATA_ERROR_IO, path, "cannot be drawn: %s",
                       cairo_status_to_string (status));
    return FALSE;
  }
  if (g_file_set_contents (path, (const char *) bytes->data, (gssize) bytes->len, &reason))
    return TRUE;
  fv_data_error_set (error, FV_DATA_ERROR_IO, path, "cannot be written: %s", reason->message);
  return FALSE;
}

gboolean
fv_map_export_png (const FvMap *map, const FvImage *photo, const char *class_name, const char *path,
                   GError **error)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  cairo_surface_t *surface;
  cairo_status_t status;
  int width, height;
  cairo_t *cr;

  get_size (map, photo, &width, &height);
  surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, width, height + CAPTION_HEIGHT);
  cr = cairo_create (surface);
  draw (cr, map, photo, class_name, width, height);
  status = cairo_status (cr);
  cairo_destroy (cr);
  if (status == CAIRO_STATUS_SUCCESS)
    status = cairo_surface_write_to_png_stream (surface, append_bytes, bytes);
  cairo_surface_destroy (surface);
  return save_bytes (bytes, status, path, error);
}

gboolean
fv_map_export_svg (const FvMap *map, const FvImage *photo, const char *class_name, const char *path,
                   GError **error)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  cairo_surface_t *surface;
  cairo_status_t status;
  int width, height;
  cairo_t *cr;

  get_size (map, photo, &width, &height);
  surface
      = cairo_svg_surface_create_for_stream (append_bytes, bytes, width, height + CAPTION_HEIGHT);
  cr = cairo_create (surface);
  draw (cr, map, photo, class_name, width, height);
  status = cairo_status (cr);
  cairo_destroy (cr);
  cairo_surface_finish (surface);
  cairo_surface_destroy (surface);
  return save_bytes (bytes, status, path, error);
}
