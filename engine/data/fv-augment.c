/* SPDX-License-Identifier: GPL-3.0-or-later */

/* First the part that stays is brought to the new size, then it is turned there, then coloured. */

#include "fv-augment.h"

#include <math.h>
#include <string.h>

#define N_CHANNELS 3
#define MIN_AREA 0.35
#define MAX_STRETCH (4.0 / 3.0)
#define MAX_ANGLE (15.0 * G_PI / 180.0)
#define MIN_FACTOR 0.6
#define MAX_FACTOR 1.4
#define GREY_SHARE 0.2
/* The weights of red, green and blue in brightness (Rec. 601). */
#define LUMA_RED 0.299
#define LUMA_GREEN 0.587
#define LUMA_BLUE 0.114

static const struct {
  const char *name;
  FvAugment flag;
} kinds[] = {
  { "flip", FV_AUGMENT_FLIP },     { "crop", FV_AUGMENT_CROP }, { "rotate", FV_AUGMENT_ROTATE },
  { "colour", FV_AUGMENT_COLOUR }, { "grey", FV_AUGMENT_GREY },
};

gboolean
fv_augment_parse (const char *list, guint *augment)
{
  g_auto (GStrv) names = g_strsplit (list, ",", -1);

  *augment = 0;
  if (strcmp (list, "none") == 0)
    return TRUE;
  for (char **name = names; *name != NULL; name++) {
    guint flag = 0;

    for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
      if (strcmp (*name, kinds[i].name) == 0)
        flag = kinds[i].flag;
    if (flag == 0)
      return FALSE;
    *augment |= flag;
  }
  return *augment != 0;
}

char *
fv_augment_to_text (guint augment)
{
  GString *list = g_string_new (NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    if ((augment & kinds[i].flag) != 0)
      g_string_append_printf (list, "%s%s", list->len > 0 ? "," : "", kinds[i].name);
  if (list->len == 0)
    g_string_append (list, "none");
  return g_string_free (list, FALSE);
}

gboolean
fv_augment_is_geometric (guint augment)
{
  return (augment & (FV_AUGMENT_CROP | FV_AUGMENT_ROTATE)) != 0;
}

/* -- drawing -------------------------------------------------------------------------------- */

/* Numbers are drawn one a statement, since C leaves the order inside an expression open. */
static void
draw_crop (FvAugmentation *self, GRand *rand, gboolean wanted)
{
  double area = g_rand_double_range (rand, MIN_AREA, 1.0);
  double stretch = exp (g_rand_double_range (rand, -log (MAX_STRETCH), log (MAX_STRETCH)));
  double across = g_rand_double (rand);
  double down = g_rand_double (rand);

  self->width = self->height = 1.0;
  if (!wanted)
    return;
  self->width = MIN (sqrt (area * stretch), 1.0);
  self->height = MIN (sqrt (area / stretch), 1.0);
  self->x = across * (1.0 - self->width);
  self->y = down * (1.0 - self->height);
}

static double
draw_factor (GRand *rand, gboolean wanted)
{
  double factor = g_rand_double_range (rand, MIN_FACTOR, MAX_FACTOR);

  return wanted ? factor : 1.0;
}

FvAugmentation
fv_augmentation_draw (guint augment, GRand *rand)
{
  FvAugmentation self = { .mirrored = g_rand_boolean (rand) && (augment & FV_AUGMENT_FLIP) != 0 };
  gboolean colours = (augment & FV_AUGMENT_COLOUR) != 0;
  double angle, chance;

  draw_crop (&self, rand, (augment & FV_AUGMENT_CROP) != 0);
  angle = g_rand_double_range (rand, -MAX_ANGLE, MAX_ANGLE);
  self.angle = (augment & FV_AUGMENT_ROTATE) != 0 ? angle : 0.0;
  self.brightness = draw_factor (rand, colours);
  self.contrast = draw_factor (rand, colours);
  self.saturation = draw_factor (rand, colours);
  chance = g_rand_double (rand);
  self.grey = chance < GREY_SHARE && (augment & FV_AUGMENT_GREY) != 0;
  return self;
}

/* -- moving --------------------------------------------------------------------------------- */

/* A part of a picture in whole pixels. */
typedef struct {
  int x, y, width, height;
} Part;

static Part
part_of (const FvAugmentation *self, int width, int height)
{
  Part part = { .width = MAX ((int) round (self->width * width), 1),
                .height = MAX ((int) round (self->height * height), 1) };

  part.x = MIN ((int) round (self->x * width), width - part.width);
  part.y = MIN ((int) round (self->y * height), height - part.height);
  return part;
}

/* Where pixel (@x, @y) of a turned picture comes from. */
static void
turn_back (double angle, int width, int height, int x, int y, double *from_x, double *from_y)
{
  double u = x + 0.5 - width / 2.0;
  double v = y + 0.5 - height / 2.0;

  *from_x = cos (angle) * u - sin (angle) * v + width / 2.0 - 0.5;
  *from_y = sin (angle) * u + cos (angle) * v + height / 2.0 - 0.5;
}

/* The colour between four pixels; edges are continued. */
static void
sample (const FvImage *image, double x, double y, guint8 *to)
{
  int width = fv_image_get_width (image);
  int height = fv_image_get_height (image);
  double left = CLAMP (x, 0.0, width - 1.0);
  double top = CLAMP (y, 0.0, height - 1.0);
  int x0 = (int) left, y0 = (int) top;
  int x1 = MIN (x0 + 1, width - 1), y1 = MIN (y0 + 1, height - 1);
  double across = left - x0, down = top - y0;
  const guint8 *pixels = fv_image_peek (image);

  for (int c = 0; c < N_CHANNELS; c++) {
    double above = pixels[(y0 * width + x0) * N_CHANNELS + c] * (1 - across)
                   + pixels[(y0 * width + x1) * N_CHANNELS + c] * across;
    double below = pixels[(y1 * width + x0) * N_CHANNELS + c] * (1 - across)
                   + pixels[(y1 * width + x1) * N_CHANNELS + c] * across;

    to[c] = (guint8) (above * (1 - down) + below * down + 0.5);
  }
}

/* (transfer full) */
static FvImage *
turn (const FvImage *image, double angle)
{
  int width = fv_image_get_width (image);
  int height = fv_image_get_height (image);
  FvImage *turned = fv_image_new (width, height);
  guint8 *to = fv_image_get_data (turned);

  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++, to += N_CHANNELS) {
      double from_x, from_y;

      turn_back (angle, width, height, x, y, &from_x, &from_y);
      sample (image, from_x, from_y, to);
    }
  return turned;
}

/* -- colouring ------------------------------------------------------------------------------ */

static double
luma (const guint8 *pixel)
{
  return LUMA_RED * pixel[0] + LUMA_GREEN * pixel[1] + LUMA_BLUE * pixel[2];
}

static double
mean_luma (const FvImage *image)
{
  gsize n = (gsize) fv_image_get_width (image) * (gsize) fv_image_get_height (image);
  double sum = 0;

  for (gsize i = 0; i < n; i++)
    sum += luma (fv_image_peek (image) + i * N_CHANNELS);
  return sum / (double) n;
}

/* Brightness, then contrast around the mean, then saturation around each pixel's own grey. */
static void
colour (const FvAugmentation *self, FvImage *image)
{
  gsize n = (gsize) fv_image_get_width (image) * (gsize) fv_image_get_height (image);
  double mean = self->brightness * mean_luma (image);
  double saturation = self->grey ? 0.0 : self->saturation;
  guint8 *pixel = fv_image_get_data (image);

  for (gsize i = 0; i < n; i++, pixel += N_CHANNELS) {
    double grey = mean + self->contrast * (self->brightness * luma (pixel) - mean);

    for (int c = 0; c < N_CHANNELS; c++) {
      double value = mean + self->contrast * (self->brightness * pixel[c] - mean);

      pixel[c] = (guint8) CLAMP (grey + saturation * (value - grey) + 0.5, 0.0, 255.0);
    }
  }
}

static gboolean
changes_colours (const FvAugmentation *self)
{
  return self->grey || self->brightness != 1.0 || self->contrast != 1.0 || self->saturation != 1.0;
}

FvImage *
fv_augmentation_apply (const FvAugmentation *self, const FvImage *image, FvResizeFilter filter,
                       int width, int height)
{
  Part part;
  FvPixels pixels = { .n_channels = N_CHANNELS };
  g_autoptr (FvImage) moved = NULL;

  g_return_val_if_fail (self != NULL && image != NULL, NULL);

  part = part_of (self, fv_image_get_width (image), fv_image_get_height (image));
  pixels.width = part.width;
  pixels.height = part.height;
  pixels.stride = (gsize) fv_image_get_width (image) * N_CHANNELS;
  pixels.pixels
      = fv_image_peek (image) + (gsize) part.y * pixels.stride + (gsize) part.x * N_CHANNELS;
  moved = fv_image_new (width, height);
  fv_resize (&pixels, filter, width, height, fv_image_get_data (moved));
  if (self->angle != 0.0) {
    FvImage *turned = turn (moved, self->angle);

    fv_image_unref (moved);
    moved = turned;
  }
  if (changes_colours (self))
    colour (self, moved);
  return g_steal_pointer (&moved);
}

FvMask *
fv_augmentation_apply_to_mask (const FvAugmentation *self, const FvMask *mask, int width,
                               int height)
{
  FvMask *moved = fv_mask_new (width, height);
  guint8 *to = fv_mask_get_data (moved);
  gsize stride = (gsize) fv_mask_get_width (mask);
  Part part = part_of (self, fv_mask_get_width (mask), fv_mask_get_height (mask));

  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++, to++) {
      double from_x, from_y;

      turn_back (self->angle, width, height, x, y, &from_x, &from_y);
      from_x = floor ((from_x + 0.5) * part.width / width);
      from_y = floor ((from_y + 0.5) * part.height / height);
      if (from_x < 0 || from_x >= part.width || from_y < 0 || from_y >= part.height)
        *to = FV_MASK_NO_OPINION;
      else
        *to = fv_mask_peek (
            mask)[(gsize) (part.y + (int) from_y) * stride + (gsize) (part.x + (int) from_x)];
    }
  return moved;
}
