/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The tiles that are in sight, in a table by column and row. */

#include "fv-canvas-tiles.h"

typedef struct {
  FvRect rect;         /* screen pixels from the image's corner */
  GskRenderNode *node; /* NULL: nothing to see there */
} Tile;

struct _FvCanvasTiles {
  GHashTable *tiles; /* (column, row) as a gint64 → Tile */
  int width, height; /* of the image on the screen */
  int scale_factor;
};

static void
tile_free (gpointer data)
{
  Tile *tile = data;

  g_clear_pointer (&tile->node, gsk_render_node_unref);
  g_free (tile);
}

FvCanvasTiles *
fv_canvas_tiles_new (void)
{
  FvCanvasTiles *self = g_new0 (FvCanvasTiles, 1);

  self->tiles = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, tile_free);
  return self;
}

void
fv_canvas_tiles_free (FvCanvasTiles *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->tiles);
  g_free (self);
}

static gboolean
tile_touches (gpointer key, gpointer value, gpointer rect)
{
  const Tile *tile = value;

  return !fv_rect_is_empty (fv_rect_intersect (tile->rect, *(const FvRect *) rect));
}

static gboolean
tile_misses (gpointer key, gpointer value, gpointer rect)
{
  return !tile_touches (key, value, rect);
}

void
fv_canvas_tiles_damage (FvCanvasTiles *self, FvRect rect)
{
  g_hash_table_foreach_remove (self->tiles, tile_touches, &rect);
}

/* A node that shows @surface, which nobody writes to any more, at @rect. */
static GskRenderNode *
node_new (cairo_surface_t *surface, FvRect rect)
{
  graphene_rect_t bounds = GRAPHENE_RECT_INIT (rect.x, rect.y, rect.width, rect.height);
  GskRenderNode *node = gsk_cairo_node_new (&bounds);
  cairo_t *cr = gsk_cairo_node_get_draw_context (node);

  cairo_set_source_surface (cr, surface, rect.x, rect.y);
  cairo_pattern_set_filter (cairo_get_source (cr), CAIRO_FILTER_NEAREST);
  cairo_rectangle (cr, rect.x, rect.y, rect.width, rect.height);
  cairo_fill (cr);
  cairo_destroy (cr);
  return node;
}

static GskRenderNode *
draw_tile (FvRect rect, int scale_factor, FvCanvasTileFunc draw, gpointer user_data)
{
  FvRect device = { rect.x * scale_factor, rect.y * scale_factor, rect.width * scale_factor,
                    rect.height * scale_factor };
  cairo_surface_t *surface
      = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, device.width, device.height);
  guint32 *pixels = (guint32 *) (gpointer) cairo_image_surface_get_data (surface);
  int stride = cairo_image_surface_get_stride (surface) / (int) sizeof (guint32);
  GskRenderNode *node = NULL;

  cairo_surface_set_device_scale (surface, scale_factor, scale_factor);
  if (pixels != NULL && draw (device, pixels, stride, user_data)) {
    cairo_surface_mark_dirty (surface);
    node = node_new (surface, rect);
  }
  cairo_surface_destroy (surface);
  return node;
}

static const Tile *
get_tile (FvCanvasTiles *self, int column, int row, FvCanvasTileFunc draw, gpointer user_data)
{
  gint64 key = (gint64) row << 32 | column;
  Tile *tile = g_hash_table_lookup (self->tiles, &key);

  if (tile == NULL) {
    FvRect image = { 0, 0, self->width, self->height };
    FvRect square = { column * FV_CANVAS_TILE_SIDE, row * FV_CANVAS_TILE_SIDE, FV_CANVAS_TILE_SIDE,
                      FV_CANVAS_TILE_SIDE };

    tile = g_new0 (Tile, 1);
    tile->rect = fv_rect_intersect (image, square);
    tile->node = draw_tile (tile->rect, self->scale_factor, draw, user_data);
    g_hash_table_insert (self->tiles, g_memdup2 (&key, sizeof key), tile);
  }
  return tile;
}

static void
follow_size (FvCanvasTiles *self, int width, int height, int scale_factor)
{
  if (self->width == width && self->height == height && self->scale_factor == scale_factor)
    return;
  g_hash_table_remove_all (self->tiles);
  self->width = width;
  self->height = height;
  self->scale_factor = scale_factor;
}

void
fv_canvas_tiles_snapshot (FvCanvasTiles *self, GtkSnapshot *snapshot, FvRect image_size,
                          FvRect visible, int scale_factor, FvCanvasTileFunc draw,
                          gpointer user_data)
{
  FvRect image = { 0, 0, image_size.width, image_size.height };
  FvRect shown = fv_rect_intersect (image, visible);

  follow_size (self, image.width, image.height, scale_factor);
  g_hash_table_foreach_remove (self->tiles, tile_misses, &shown);
  if (fv_rect_is_empty (shown))
    return;

  int last_column = (shown.x + shown.width - 1) / FV_CANVAS_TILE_SIDE;
  int last_row = (shown.y + shown.height - 1) / FV_CANVAS_TILE_SIDE;
  for (int row = shown.y / FV_CANVAS_TILE_SIDE; row <= last_row; row++) {
    for (int column = shown.x / FV_CANVAS_TILE_SIDE; column <= last_column; column++) {
      const Tile *tile = get_tile (self, column, row, draw, user_data);

      if (tile->node != NULL)
        gtk_snapshot_append_node (snapshot, tile->node);
    }
  }
}
