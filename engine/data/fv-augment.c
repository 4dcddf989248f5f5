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
#define LUMA_RED 0.299f
#define LUMA_GREEN 0.587f
#define LUMA_BLUE 0.114f

static const struct {
  const char *name;
  FvAugment flag;
} kinds[] = {
  { "flip", FV_AUGMENT_FLIP },     { "crop", FV_AUGMENT_CROP },
  { "rotate", FV_AUGMENT_ROTATE }, { "colour", FV_AUGMENT_COLOUR },
  { "grey", FV_AUGMENT_GREY },     { "background", FV_AUGMENT_BACKGROUND },
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
  self.donor = g_rand_double (rand);
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

/* Where the pixels of a turned picture come from: pixel (x, y) from x0 + x · across_x + y · down_x,
 * and y likewise; in pixels from the upper left corner, whose centres are at ½. */
typedef struct {
  double x0, across_x, down_x;
  double y0, across_y, down_y;
} Turn;

static Turn
turn_back (double angle, int width, int height)
{
  double c = cos (angle), s = sin (angle);
  double u = 0.5 - width / 2.0, v = 0.5 - height / 2.0;

  return (Turn){ c * u - s * v + width / 2.0, c, -s, s * u + c * v + height / 2.0, s, c };
}

/* The colour between four pixels; edges are continued. */
static void
sample (const FvImage *image, float x, float y, guint8 *to)
{
  int width = fv_image_get_width (image);
  int height = fv_image_get_height (image);
  float left = CLAMP (x, 0.0f, (float) width - 1.0f);
  float top = CLAMP (y, 0.0f, (float) height - 1.0f);
  int x0 = (int) left, y0 = (int) top;
  gsize right = x0 + 1 < width ? N_CHANNELS : 0;
  gsize below = y0 + 1 < height ? (gsize) width * N_CHANNELS : 0;
  float across = left - (float) x0, down = top - (float) y0;
  const guint8 *pixel
      = fv_image_peek (image) + ((gsize) y0 * (gsize) width + (gsize) x0) * N_CHANNELS;

  for (int c = 0; c < N_CHANNELS; c++, pixel++) {
    float upper = (float) pixel[0] + across * (float) (pixel[right] - pixel[0]);
    float lower = (float) pixel[below] + across * (float) (pixel[below + right] - pixel[below]);

    to[c] = (guint8) (upper + down * (lower - upper) + 0.5f);
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
  Turn from = turn_back (angle, width, height);

  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++, to += N_CHANNELS)
      sample (image, (float) (from.x0 + x * from.across_x + y * from.down_x - 0.5),
              (float) (from.y0 + x * from.across_y + y * from.down_y - 0.5), to);
  return turned;
}

/* -- colouring ------------------------------------------------------------------------------ */

static float
luma (const guint8 *pixel)
{
  return LUMA_RED * (float) pixel[0] + LUMA_GREEN * (float) pixel[1] + LUMA_BLUE * (float) pixel[2];
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

/* Brightness B, then contrast C around the mean m, then saturation S around each pixel's own grey
 * g: a value p becomes C B (S p + (1 − S) g) + (1 − C) m B. */
static void
colour (const FvAugmentation *self, FvImage *image)
{
  gsize n = (gsize) fv_image_get_width (image) * (gsize) fv_image_get_height (image);
  float base = (float) ((1.0 - self->contrast) * self->brightness * mean_luma (image)) + 0.5f;
  float gain = (float) (self->contrast * self->brightness);
  float saturation = self->grey ? 0.0f : (float) self->saturation;
  guint8 *pixel = fv_image_get_data (image);

  for (gsize i = 0; i < n; i++, pixel += N_CHANNELS) {
    float grey = base + gain * (1.0f - saturation) * luma (pixel);

    for (int c = 0; c < N_CHANNELS; c++)
      pixel[c] = (guint8) CLAMP (grey + gain * saturation * (float) pixel[c], 0.0f, 255.0f);
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
  const guint8 *states = fv_mask_peek (mask) + (gsize) part.y * stride + (gsize) part.x;
  Turn from = turn_back (self->angle, width, height);
  double scale_x = (double) part.width / width, scale_y = (double) part.height / height;

  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++, to++) {
      double from_x = (from.x0 + x * from.across_x + y * from.down_x) * scale_x;
      double from_y = (from.y0 + x * from.across_y + y * from.down_y) * scale_y;

      if (from_x < 0 || from_x >= part.width || from_y < 0 || from_y >= part.height)
        *to = FV_MASK_NO_OPINION;
      else
        *to = states[(gsize) from_y * stride + (gsize) from_x];
    }
  return moved;
}
