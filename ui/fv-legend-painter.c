/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A dark box in both styles of the desktop: it lies on the photo, not on the window. */

#include "fv-legend-painter.h"

#include "fv-number.h"

/* Unit: pixels. */
#define PADDING 12
#define LINE_GAP 6
#define CORNER 8
#define BAR_HEIGHT 10
#define MIN_WIDTH 240

#define FONT_SCALE 0.9

/* What stands in the middle of the bar where the photo would be. */
#define GROUND_LEVEL 128

static gboolean
has_scale (const FvLegend *self)
{
  return self->max > 0 && !(self->now_is_dead && (self->before_is_dead || !self->has_before));
}

static PangoLayout *
make_layout (PangoContext *context, const char *text)
{
  PangoLayout *layout = pango_layout_new (context);
  g_autoptr (PangoAttrList) attributes = pango_attr_list_new ();

  pango_attr_list_insert (attributes, pango_attr_scale_new (FONT_SCALE));
  pango_layout_set_attributes (layout, attributes);
  pango_layout_set_text (layout, text, -1);
  pango_layout_set_ellipsize (layout, PANGO_ELLIPSIZE_MIDDLE);
  return layout;
}

/* All text above the bar. */
static char *
make_heading (const FvLegend *self)
{
  const char *dead = "no positive evidence for this class";
  g_autoptr (GPtrArray) lines = g_ptr_array_new ();

  if (self->text != NULL && *self->text != '\0')
    g_ptr_array_add (lines, (gpointer) self->text);
  if (!has_scale (self))
    g_ptr_array_add (lines, (gpointer) dead);
  else if (self->has_before)
    g_ptr_array_add (lines, (gpointer) "before | now · same scale");
  if (has_scale (self) && self->has_before && self->before_is_dead)
    g_ptr_array_add (lines, (gpointer) "before: no positive evidence for this class");
  if (has_scale (self) && self->has_before && self->now_is_dead)
    g_ptr_array_add (lines, (gpointer) "now: no positive evidence for this class");
  g_ptr_array_add (lines, NULL);
  return g_strjoinv ("\n", (char **) lines->pdata);
}

static int
line_height (PangoContext *context)
{
  g_autoptr (PangoLayout) layout = make_layout (context, "0");
  int height;

  pango_layout_get_pixel_size (layout, NULL, &height);
  return height;
}

void
fv_legend_measure (const FvLegend *self, PangoContext *context, int max_width, int *width,
                   int *height)
{
  g_autofree char *heading = make_heading (self);
  g_autoptr (PangoLayout) layout = make_layout (context, heading);
  int text_width, text_height;

  pango_layout_get_pixel_size (layout, &text_width, &text_height);
  if (*heading == '\0')
    text_height = 0;

  *width = MIN (MAX (text_width, MIN_WIDTH) + 2 * PADDING, MAX (max_width, 2 * PADDING + 1));
  *height = text_height + 2 * PADDING;
  if (has_scale (self))
    *height += LINE_GAP + BAR_HEIGHT + LINE_GAP + line_height (context);
}

static void
add_rounded_box (cairo_t *cr, double x, double y, double width, double height, double corner)
{
  double right = x + width - corner, bottom = y + height - corner;

  cairo_new_sub_path (cr);
  cairo_arc (cr, right, y + corner, corner, -G_PI_2, 0);
  cairo_arc (cr, right, bottom, corner, 0, G_PI_2);
  cairo_arc (cr, x + corner, bottom, corner, G_PI_2, G_PI);
  cairo_arc (cr, x + corner, y + corner, corner, G_PI, 3 * G_PI_2);
  cairo_close_path (cr);
}

/* The scale from 0 to the maximum as the map shows it on a grey photo. */
static void
draw_bar (const FvLegend *self, cairo_t *cr, double y, double width)
{
  guint8 colors[FV_COLORMAP_SIZE][3];
  double ground = GROUND_LEVEL / 255.0;

  fv_colormap_fill (self->colormap, colors);
  cairo_save (cr);
  add_rounded_box (cr, PADDING, y, width, BAR_HEIGHT, BAR_HEIGHT / 3.0);
  cairo_clip (cr);
  for (int x = 0; x < width; x++) {
    double share = width > 1 ? x / (width - 1) : 0;
    const guint8 *color = colors[(int) (share * (FV_COLORMAP_SIZE - 1) + 0.5)];
    double alpha = self->opacity * fv_colormap_get_alpha (share);

    cairo_set_source_rgb (cr, ground + (color[0] / 255.0 - ground) * alpha,
                          ground + (color[1] / 255.0 - ground) * alpha,
                          ground + (color[2] / 255.0 - ground) * alpha);
    cairo_rectangle (cr, PADDING + x, y, 1, BAR_HEIGHT);
    cairo_fill (cr);
  }
  cairo_restore (cr);
}

/* @position: 0 left, 0.5 middle, 1 right. */
static void
draw_label (PangoContext *context, cairo_t *cr, const char *text, double y, double width,
            double position)
{
  g_autoptr (PangoLayout) layout = make_layout (context, text);
  int text_width;

  pango_layout_get_pixel_size (layout, &text_width, NULL);
  cairo_move_to (cr, PADDING + (width - text_width) * position, y);
  pango_cairo_show_layout (cr, layout);
}

void
fv_legend_draw (const FvLegend *self, PangoContext *context, cairo_t *cr, int width, int height)
{
  g_autofree char *heading = make_heading (self);
  g_autofree char *number = fv_number_format (self->max);
  g_autofree char *max = g_strconcat (self->is_exceeded ? "≥ " : "", number, NULL);
  g_autoptr (PangoLayout) layout = make_layout (context, heading);
  double inner = width - 2 * PADDING;
  double labels_y = height - PADDING - line_height (context);

  add_rounded_box (cr, 0, 0, width, height, CORNER);
  cairo_set_source_rgba (cr, 0.08, 0.08, 0.08, 0.86);
  cairo_fill (cr);

  cairo_set_source_rgb (cr, 1, 1, 1);
  pango_layout_set_width (layout, (int) inner * PANGO_SCALE);
  cairo_move_to (cr, PADDING, PADDING);
  pango_cairo_show_layout (cr, layout);
  if (!has_scale (self))
    return;

  draw_bar (self, cr, labels_y - LINE_GAP - BAR_HEIGHT, inner);
  cairo_set_source_rgb (cr, 1, 1, 1);
  draw_label (context, cr, "0", labels_y, inner, 0);
  draw_label (context, cr, max, labels_y, inner, 1);
  cairo_set_source_rgba (cr, 1, 1, 1, 0.75);
  if (self->unit != NULL)
    draw_label (context, cr, self->unit, labels_y, inner, 0.5);
}
