/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Polygons are filled row by row: where the line through the pixels' centres crosses an edge, the
 * outside becomes the inside. Coordinates may be anything finite. */

#include "fv-coco-outline.h"

#include <math.h>
#include <stdlib.h>

/* Of the compressed form: six bits a character, the sixth says that another one follows. */
#define FIRST_CHARACTER 48
#define MORE 0x20
#define SIGN 0x10
#define MAX_SHIFT 30

void
fv_coco_outline_clear (FvCocoOutline *outline)
{
  g_clear_pointer (&outline->polygons, g_ptr_array_unref);
  g_clear_pointer (&outline->runs, g_array_unref);
}

/* -- run lengths ---------------------------------------------------------------------------- */

/* The next number of @text, which moves on. FALSE when it is cut off or too large. */
static gboolean
take_number (const char **text, gint64 *number)
{
  gint64 value = 0;

  for (int shift = 0; shift <= MAX_SHIFT; shift += 5) {
    int bits = (guchar) * *text - FIRST_CHARACTER;

    if (bits < 0 || bits >= 64) /* the end of the text among them */
      return FALSE;
    (*text)++;
    value |= (gint64) (bits & (MORE - 1)) << shift;
    if ((bits & MORE) != 0)
      continue;
    if ((bits & SIGN) != 0)
      value -= (gint64) MORE << shift;
    *number = value;
    return TRUE;
  }
  return FALSE;
}

const char *
fv_coco_outline_decode_runs (const char *text, GArray *runs)
{
  g_return_val_if_fail (text != NULL && runs != NULL, NULL);

  while (*text != '\0') {
    gint64 number;
    guint32 length;

    if (!take_number (&text, &number))
      return "is cut off or has a wrong character";
    if (runs->len > 2) /* from the fourth on, the difference to the one of the same kind */
      number += g_array_index (runs, guint32, runs->len - 2);
    if (number < 0 || number > G_MAXUINT32)
      return "has a run of a length that cannot be";
    length = (guint32) number;
    g_array_append_val (runs, length);
  }
  return NULL;
}

gboolean
fv_coco_outline_runs_fit (const GArray *runs, guint64 n_pixels)
{
  guint64 sum = 0;

  for (guint i = 0; i < runs->len; i++)
    sum += g_array_index (runs, guint32, i);
  return sum == n_pixels;
}

static void
set_pixel (guint8 *pixel, FvMaskState state)
{
  if (*pixel != FV_MASK_INSIDE)
    *pixel = (guint8) state;
}

static void
draw_runs (const GArray *runs, FvMaskState state, FvMask *mask)
{
  guint8 *states = fv_mask_get_data (mask);
  gsize width = (gsize) fv_mask_get_width (mask);
  gsize height = (gsize) fv_mask_get_height (mask);
  gsize at = 0;

  for (guint i = 0; i < runs->len; i++) {
    gsize end = at + g_array_index (runs, guint32, i);

    for (gsize j = at; i % 2 == 1 && j < MIN (end, width * height); j++)
      set_pixel (states + j % height * width + j / height, state);
    at = end;
  }
}

/* -- polygons ------------------------------------------------------------------------------- */

static int
compare_doubles (const void *a, const void *b)
{
  double first = *(const double *) a;
  double second = *(const double *) b;

  return first < second ? -1 : first > second;
}

/* Where the line at height @y crosses the polygon's edges, sorted. */
static void
find_crossings (const GArray *polygon, double y, GArray *crossings)
{
  const double *points = (const double *) polygon->data;
  guint n = polygon->len / 2;

  g_array_set_size (crossings, 0);
  for (guint i = 0, before = n - 1; i < n; before = i++) {
    double x0 = points[2 * before], y0 = points[2 * before + 1];
    double x1 = points[2 * i], y1 = points[2 * i + 1];
    double x;

    if ((y0 <= y) == (y1 <= y))
      continue;
    x = x0 + (y - y0) / (y1 - y0) * (x1 - x0);
    g_array_append_val (crossings, x);
  }
  if (crossings->len > 0)
    qsort (crossings->data, crossings->len, sizeof (double), compare_doubles);
}

/* The first pixel of a row of @width whose centre is not left of @x. */
static int
first_pixel (double x, int width)
{
  return (int) ceil (CLAMP (x - 0.5, 0.0, (double) width));
}

static void
draw_polygon (const GArray *polygon, FvMaskState state, FvMask *mask)
{
  g_autoptr (GArray) crossings = g_array_new (FALSE, FALSE, sizeof (double));
  int width = fv_mask_get_width (mask);

  for (int y = 0; y < fv_mask_get_height (mask); y++) {
    guint8 *row = fv_mask_get_data (mask) + (gsize) y * (gsize) width;

    find_crossings (polygon, y + 0.5, crossings);
    for (guint i = 0; i + 1 < crossings->len; i += 2) {
      int end = first_pixel (g_array_index (crossings, double, i + 1), width);

      for (int x = first_pixel (g_array_index (crossings, double, i), width); x < end; x++)
        set_pixel (row + x, state);
    }
  }
}

static double
polygon_area (const GArray *polygon)
{
  const double *points = (const double *) polygon->data;
  guint n = polygon->len / 2;
  double twice = 0;

  for (guint i = 0, before = n - 1; i < n; before = i++)
    twice += points[2 * before] * points[2 * i + 1] - points[2 * i] * points[2 * before + 1];
  return fabs (twice) / 2;
}

/* -- all three ------------------------------------------------------------------------------ */

double
fv_coco_outline_get_area (const FvCocoOutline *outline)
{
  double area = 0;

  if (outline->polygons != NULL)
    for (guint i = 0; i < outline->polygons->len; i++)
      area += polygon_area (g_ptr_array_index (outline->polygons, i));
  else if (outline->runs != NULL)
    for (guint i = 1; i < outline->runs->len; i += 2)
      area += g_array_index (outline->runs, guint32, i);
  else if (outline->has_box)
    area = outline->box[2] * outline->box[3];
  return area;
}

double
fv_coco_outline_get_cost (const FvCocoOutline *outline, int height)
{
  double cost = 0;

  for (guint i = 0; outline->polygons != NULL && i < outline->polygons->len; i++) {
    const GArray *polygon = g_ptr_array_index (outline->polygons, i);

    cost += (double) polygon->len * height;
  }
  return cost;
}

static void
draw_box (const FvCocoOutline *outline, FvMask *mask)
{
  int width = fv_mask_get_width (mask);
  int height = fv_mask_get_height (mask);
  const double *box = outline->box;
  int left = outline->has_box ? first_pixel (box[0], width) : 0;
  int right = outline->has_box ? first_pixel (box[0] + box[2], width) : width;
  int top = outline->has_box ? first_pixel (box[1], height) : 0;
  int bottom = outline->has_box ? first_pixel (box[1] + box[3], height) : height;

  for (int y = top; y < bottom; y++)
    for (int x = left; x < right; x++)
      set_pixel (fv_mask_get_data (mask) + (gsize) y * (gsize) width + (gsize) x,
                 FV_MASK_NO_OPINION);
}

void
fv_coco_outline_draw (const FvCocoOutline *outline, FvMaskState state, FvMask *mask)
{
  g_return_if_fail (outline != NULL && mask != NULL);

  if (outline->polygons != NULL)
    for (guint i = 0; i < outline->polygons->len; i++)
      draw_polygon (g_ptr_array_index (outline->polygons, i), state, mask);
  else if (outline->runs != NULL)
    draw_runs (outline->runs, state, mask);
  else
    draw_box (outline, mask);
}
