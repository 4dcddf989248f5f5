/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Puts the layers of the canvas together. Photo and mask are tiles of their own: a dab of the brush
 * redraws the few mask tiles it touches and no photo. */

#include "fv-canvas-painter.h"

#include <math.h>

#include "fv-canvas-mask.h"
#include "fv-canvas-photo.h"
#include "fv-canvas-pyramid.h"
#include "fv-canvas-tiles.h"
#include "fv-legend-painter.h"
#include "fv-method.h"

/* Zoomed in further than this, pixels of the photo are squares. */
#define SMOOTH_ZOOM_MAX 2.0

/* Neutral in both styles of the desktop, so that the photo's colours look the same in both. */
static const GdkRGBA ground = { 0.165f, 0.165f, 0.17f, 1 };

/* Unit: screen pixels. */
#define LEGEND_MARGIN 16
#define DIVIDER_WIDTH 3
#define HANDLE_RADIUS 14
#define ARROW_SIZE 4
#define CURSOR_BORDER 3
#define CROSS_MAX_RADIUS 3
#define CROSS_SIZE 5

struct _FvCanvasCache {
  FvCanvasPyramid *pyramid; /* of the image that was painted last */
  FvCanvasTiles *photo;
  FvCanvasTiles *mask;
  int split; /* the divider, in device pixels from the image's left edge */
  GskRenderNode *legend;
  int legend_height;
  int legend_max_width;
};

FvCanvasCache *
fv_canvas_cache_new (void)
{
  FvCanvasCache *self = g_new0 (FvCanvasCache, 1);

  self->photo = fv_canvas_tiles_new ();
  self->mask = fv_canvas_tiles_new ();
  return self;
}

void
fv_canvas_cache_free (FvCanvasCache *self)
{
  if (self == NULL)
    return;
  fv_canvas_cache_damage_legend (self);
  g_clear_pointer (&self->pyramid, fv_canvas_pyramid_free);
  fv_canvas_tiles_free (self->photo);
  fv_canvas_tiles_free (self->mask);
  g_free (self);
}

static const FvRect everywhere = { 0, 0, G_MAXINT, G_MAXINT };

void
fv_canvas_cache_damage_map (FvCanvasCache *self)
{
  fv_canvas_tiles_damage (self->photo, everywhere);
  fv_canvas_cache_damage_legend (self);
}

void
fv_canvas_cache_damage_legend (FvCanvasCache *self)
{
  g_clear_pointer (&self->legend, gsk_render_node_unref);
}

void
fv_canvas_cache_damage_mask (FvCanvasCache *self)
{
  fv_canvas_tiles_damage (self->mask, everywhere);
}

void
fv_canvas_cache_damage_mask_rect (FvCanvasCache *self, const FvViewport *viewport, FvRect rect)
{
  int left = (int) floor (rect.x * viewport->zoom) - FV_CANVAS_MASK_REACH - 1;
  int top = (int) floor (rect.y * viewport->zoom) - FV_CANVAS_MASK_REACH - 1;
  int right = (int) ceil ((rect.x + rect.width) * viewport->zoom) + FV_CANVAS_MASK_REACH + 1;
  int bottom = (int) ceil ((rect.y + rect.height) * viewport->zoom) + FV_CANVAS_MASK_REACH + 1;

  fv_canvas_tiles_damage (self->mask, (FvRect){ left, top, right - left, bottom - top });
}

double
fv_canvas_scene_get_map_max (const FvCanvasScene *scene)
{
  double max = 0;

  if (scene->map != NULL)
    max = MAX (max, fv_map_get_top (scene->map));
  if (scene->before != NULL)
    max = MAX (max, fv_map_get_top (scene->before));
  return isfinite (max) ? max : 0;
}

double
fv_canvas_scene_get_divider (const FvCanvasScene *scene)
{
  FvRect image = fv_viewport_get_image_rect (&scene->viewport);

  return image.x + round (image.width * CLAMP (scene->swipe, 0, 1));
}

static gboolean
draw_photo_tile (FvRect rect, guint32 *pixels, int stride, gpointer user_data)
{
  fv_canvas_photo_render (user_data, rect, pixels, stride);
  return TRUE;
}

static gboolean
draw_mask_tile (FvRect rect, guint32 *pixels, int stride, gpointer user_data)
{
  return fv_canvas_mask_render (user_data, rect, pixels, stride);
}

/* Forgets what belongs to another image or another place of the divider. */
static void
follow_scene (FvCanvasCache *cache, const FvCanvasScene *scene, int split)
{
  int scale = scene->scale_factor;

  if (cache->pyramid != NULL && fv_canvas_pyramid_get_image (cache->pyramid) != scene->image)
    g_clear_pointer (&cache->pyramid, fv_canvas_pyramid_free);
  if (cache->pyramid == NULL) {
    cache->pyramid = fv_canvas_pyramid_new (scene->image);
    fv_canvas_tiles_damage (cache->photo, everywhere);
  }
  if (cache->split != split) {
    int left = MIN (cache->split, split) / scale, right = MAX (cache->split, split) / scale + 1;

    fv_canvas_tiles_damage (cache->photo, (FvRect){ left, 0, right - left, G_MAXINT });
    cache->split = split;
  }
}

static void
paint_photo (const FvCanvasScene *scene, FvCanvasCache *cache, GtkSnapshot *snapshot, FvRect image,
             FvRect visible)
{
  double divider = fv_canvas_scene_get_divider (scene) - image.x;
  int split = scene->before != NULL ? (int) divider * scene->scale_factor : 0;

  follow_scene (cache, scene, split);
  FvCanvasPhoto photo = {
    .pyramid = cache->pyramid,
    .scale = scene->viewport.zoom * scene->scale_factor,
    .sharp = scene->viewport.zoom > SMOOTH_ZOOM_MAX,
    .before = scene->before,
    .now = scene->map,
    .split = split,
    .map_max = fv_canvas_scene_get_map_max (scene),
  };
  fv_canvas_photo_fill_blends (photo.blends, scene->colormap, scene->map_opacity);
  fv_canvas_tiles_snapshot (cache->photo, snapshot, image, visible, scene->scale_factor,
                            draw_photo_tile, &photo);
}

static void
paint_mask (const FvCanvasScene *scene, FvCanvasCache *cache, GtkSnapshot *snapshot, FvRect image,
            FvRect visible)
{
  FvCanvasMask mask = {
    .mask = scene->mask,
    .scale = scene->viewport.zoom * scene->scale_factor,
    .thickness = scene->scale_factor,
    .outline = scene->show_outline,
    .tint = scene->tint_mask,
  };

  fv_canvas_tiles_snapshot (cache->mask, snapshot, image, visible, scene->scale_factor,
                            draw_mask_tile, &mask);
}

static gboolean
has_mask_to_show (const FvCanvasScene *scene)
{
  return scene->mask != NULL && (scene->show_outline || scene->tint_mask)
         && fv_mask_get_width (scene->mask) == fv_image_get_width (scene->image)
         && fv_mask_get_height (scene->mask) == fv_image_get_height (scene->image);
}

static void
paint_tiles (const FvCanvasScene *scene, FvCanvasCache *cache, GtkSnapshot *snapshot)
{
  FvRect image = fv_viewport_get_image_rect (&scene->viewport);
  FvRect visible = { -image.x, -image.y, scene->viewport.width, scene->viewport.height };

  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (image.x, image.y));
  paint_photo (scene, cache, snapshot, image, visible);
  if (has_mask_to_show (scene))
    paint_mask (scene, cache, snapshot, image, visible);
  gtk_snapshot_restore (snapshot);
}

/* A stroke that is readable on any photo: dark around light. */
static void
stroke_twice (cairo_t *cr, double width, double red, double green, double blue)
{
  cairo_set_line_width (cr, width + 2);
  cairo_set_source_rgba (cr, 0, 0, 0, 0.7);
  cairo_stroke_preserve (cr);
  cairo_set_line_width (cr, width);
  cairo_set_source_rgb (cr, red, green, blue);
  cairo_stroke (cr);
}

/* The handle's sign: an arrow head to @direction (−1 left, 1 right) of @x. */
static void
add_arrow (cairo_t *cr, double x, double y, int direction)
{
  double tip = x + direction * 2 * ARROW_SIZE;

  cairo_move_to (cr, tip - direction * ARROW_SIZE, y - ARROW_SIZE);
  cairo_line_to (cr, tip, y);
  cairo_line_to (cr, tip - direction * ARROW_SIZE, y + ARROW_SIZE);
}

static void
paint_divider (const FvCanvasScene *scene, GtkSnapshot *snapshot)
{
  FvRect image = fv_viewport_get_image_rect (&scene->viewport);
  FvRect view = { 0, 0, scene->viewport.width, scene->viewport.height };
  FvRect shown = fv_rect_intersect (image, view);
  double x = fv_canvas_scene_get_divider (scene);
  double middle = shown.y + shown.height / 2.0;
  graphene_rect_t bounds = GRAPHENE_RECT_INIT (
      (float) x - HANDLE_RADIUS - 2, (float) MIN (shown.y, middle - HANDLE_RADIUS - 2),
      2 * HANDLE_RADIUS + 4, (float) MAX (shown.height, 2 * HANDLE_RADIUS + 4));
  cairo_t *cr = gtk_snapshot_append_cairo (snapshot, &bounds);

  cairo_move_to (cr, x, shown.y);
  cairo_line_to (cr, x, shown.y + shown.height);
  stroke_twice (cr, DIVIDER_WIDTH, 1, 1, 1);
  cairo_arc (cr, x, middle, HANDLE_RADIUS, 0, 2 * G_PI);
  cairo_set_source_rgb (cr, 1, 1, 1);
  cairo_fill_preserve (cr);
  cairo_set_line_width (cr, 1);
  cairo_set_source_rgba (cr, 0, 0, 0, 0.7);
  cairo_stroke (cr);
  cairo_set_line_width (cr, 2);
  cairo_set_source_rgb (cr, 0.15, 0.15, 0.15);
  add_arrow (cr, x, middle, -1);
  add_arrow (cr, x, middle, 1);
  cairo_stroke (cr);
  cairo_destroy (cr);
}

static void
paint_cursor (const FvCanvasCursor *cursor, GtkSnapshot *snapshot)
{
  gboolean tiny = cursor->radius < CROSS_MAX_RADIUS;
  double reach = MAX (cursor->radius, CROSS_SIZE) + CURSOR_BORDER;
  graphene_rect_t bounds
      = GRAPHENE_RECT_INIT ((float) (cursor->x - reach), (float) (cursor->y - reach),
                            (float) (2 * reach), (float) (2 * reach));
  cairo_t *cr = gtk_snapshot_append_cairo (snapshot, &bounds);

  cairo_arc (cr, cursor->x, cursor->y, MAX (cursor->radius, 0.5), 0, 2 * G_PI);
  if (tiny) {
    cairo_new_path (cr);
    cairo_move_to (cr, cursor->x - CROSS_SIZE, cursor->y);
    cairo_line_to (cr, cursor->x + CROSS_SIZE, cursor->y);
    cairo_move_to (cr, cursor->x, cursor->y - CROSS_SIZE);
    cairo_line_to (cr, cursor->x, cursor->y + CROSS_SIZE);
  }
  if (cursor->erases)
    stroke_twice (cr, 2, 1, 0.35, 0.3);
  else
    stroke_twice (cr, 2, 1, 1, 1);
  cairo_destroy (cr);
}

/* @map: (nullable) */
static gboolean
exceeds (const FvMap *map, double max)
{
  return map != NULL && fv_map_get_max (map) > max;
}

static GskRenderNode *
draw_legend (const FvCanvasScene *scene, int max_width, int *height)
{
  PangoContext *context = scene->pango != NULL
                              ? g_object_ref (scene->pango)
                              : pango_font_map_create_context (pango_cairo_font_map_get_default ());
  const FvMethodInfo *method = scene->map == NULL ? NULL : fv_method_find (scene->map->method);
  FvLegend legend = {
    .text = scene->legend_text,
    .unit = method == NULL ? NULL : method->unit,
    .has_before = scene->before != NULL,
    .before_is_dead = scene->before != NULL && fv_map_is_dead (scene->before),
    .now_is_dead = scene->map != NULL && fv_map_is_dead (scene->map),
    .max = fv_canvas_scene_get_map_max (scene),
    .is_exceeded = exceeds (scene->map, fv_canvas_scene_get_map_max (scene))
                   || exceeds (scene->before, fv_canvas_scene_get_map_max (scene)),
    .colormap = scene->colormap,
    .opacity = scene->map_opacity,
  };
  int width;

  fv_legend_measure (&legend, context, max_width, &width, height);
  GskRenderNode *node = gsk_cairo_node_new (&GRAPHENE_RECT_INIT (0, 0, width, *height));
  cairo_t *cr = gsk_cairo_node_get_draw_context (node);
  fv_legend_draw (&legend, context, cr, width, *height);
  cairo_destroy (cr);
  g_object_unref (context);
  return node;
}

static void
paint_legend (const FvCanvasScene *scene, FvCanvasCache *cache, GtkSnapshot *snapshot)
{
  int max_width = scene->viewport.width - 2 * LEGEND_MARGIN;

  if (max_width <= 0)
    return;
  if (max_width != cache->legend_max_width)
    fv_canvas_cache_damage_legend (cache);
  if (cache->legend == NULL)
    cache->legend = draw_legend (scene, max_width, &cache->legend_height);
  cache->legend_max_width = max_width;

  float y = (float) (scene->viewport.height - LEGEND_MARGIN - cache->legend_height);
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (LEGEND_MARGIN, y));
  gtk_snapshot_append_node (snapshot, cache->legend);
  gtk_snapshot_restore (snapshot);
}

static void
paint_layers (const FvCanvasScene *scene, FvCanvasCache *cache, GtkSnapshot *snapshot)
{
  paint_tiles (scene, cache, snapshot);
  if (scene->before != NULL)
    paint_divider (scene, snapshot);
  if (scene->cursor.visible)
    paint_cursor (&scene->cursor, snapshot);
  if (scene->map != NULL || scene->before != NULL)
    paint_legend (scene, cache, snapshot);
}

void
fv_canvas_paint (const FvCanvasScene *scene, FvCanvasCache *cache, GtkSnapshot *snapshot)
{
  graphene_rect_t bounds = GRAPHENE_RECT_INIT (0, 0, scene->viewport.width, scene->viewport.height);

  g_return_if_fail (scene->scale_factor >= 1);

  gtk_snapshot_append_color (snapshot, &ground, &bounds);
  if (scene->image == NULL)
    return;

  g_autoptr (FvCanvasCache) own = cache == NULL ? fv_canvas_cache_new () : NULL;
  gtk_snapshot_push_clip (snapshot, &bounds);
  paint_layers (scene, cache != NULL ? cache : own, snapshot);
  gtk_snapshot_pop (snapshot);
}
