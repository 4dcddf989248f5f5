/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Colours of the published tables, and what makes a colour scale readable: lightness that only
 * rises. */

#include "fv-colormap.h"

#include <math.h>

static const FvColormap all[] = { FV_COLORMAP_VIRIDIS, FV_COLORMAP_CIVIDIS, FV_COLORMAP_MAGMA };

static double
linear (int level)
{
  double value = level / 255.0;

  return value <= 0.04045 ? value / 12.92 : pow ((value + 0.055) / 1.055, 2.4);
}

/* CIE lightness L*, 0 … 100, of an sRGB colour. */
static double
lightness (const guint8 color[3])
{
  double y = 0.2126 * linear (color[0]) + 0.7152 * linear (color[1]) + 0.0722 * linear (color[2]);

  return y > 216.0 / 24389 ? 116 * cbrt (y) - 16 : y * 24389 / 27;
}

static void
assert_color (const guint8 color[3], int red, int green, int blue, int tolerance)
{
  g_assert_cmpint (ABS (color[0] - red), <=, tolerance);
  g_assert_cmpint (ABS (color[1] - green), <=, tolerance);
  g_assert_cmpint (ABS (color[2] - blue), <=, tolerance);
}

/* Entries 0, 64, 128, 192 and 255 of matplotlib's tables. */
static void
test_published_entries (void)
{
  const struct {
    FvColormap colormap;
    int colors[5][3];
  } published[] = {
    { FV_COLORMAP_VIRIDIS,
      { { 68, 1, 84 }, { 59, 82, 139 }, { 33, 145, 140 }, { 94, 201, 98 }, { 253, 231, 37 } } },
    { FV_COLORMAP_CIVIDIS,
      { { 0, 34, 78 }, { 67, 78, 108 }, { 125, 124, 120 }, { 188, 174, 108 }, { 254, 232, 56 } } },
    { FV_COLORMAP_MAGMA,
      { { 0, 0, 4 }, { 81, 18, 124 }, { 183, 55, 121 }, { 252, 137, 97 }, { 252, 253, 191 } } },
  };
  const int entries[] = { 0, 64, 128, 192, 255 };
  guint8 table[FV_COLORMAP_SIZE][3];

  for (gsize i = 0; i < G_N_ELEMENTS (published); i++) {
    fv_colormap_fill (published[i].colormap, table);
    for (gsize j = 0; j < G_N_ELEMENTS (entries); j++) {
      const int *color = published[i].colors[j];
      gboolean is_end = j == 0 || j == G_N_ELEMENTS (entries) - 1;

      assert_color (table[entries[j]], color[0], color[1], color[2], is_end ? 0 : 2);
    }
  }
}

static void
test_lightness_only_rises (void)
{
  guint8 table[FV_COLORMAP_SIZE][3];

  for (gsize i = 0; i < G_N_ELEMENTS (all); i++) {
    fv_colormap_fill (all[i], table);
    /* Rounding to 8 bits may make neighbours equal, never the fifth one. */
    for (int j = 5; j < FV_COLORMAP_SIZE; j++)
      g_assert_cmpfloat (lightness (table[j]), >, lightness (table[j - 5]));
  }
}

static void
test_steps_of_lightness_are_even (void)
{
  guint8 table[FV_COLORMAP_SIZE][3];

  for (gsize i = 0; i < G_N_ELEMENTS (all); i++) {
    fv_colormap_fill (all[i], table);
    double mean = (lightness (table[255]) - lightness (table[0])) / 15;

    for (int j = 0; j < 15; j++) {
      double step = lightness (table[17 * (j + 1)]) - lightness (table[17 * j]);

      g_assert_cmpfloat (fabs (step - mean), <, 0.5 * mean);
    }
  }
}

static void
test_alpha_rises_from_nothing_to_all (void)
{
  g_assert_cmpfloat (fv_colormap_get_alpha (0), ==, 0);
  g_assert_cmpfloat (fv_colormap_get_alpha (0.15), ==, 0.5);
  g_assert_cmpfloat (fv_colormap_get_alpha (0.3), ==, 1);
  g_assert_cmpfloat (fv_colormap_get_alpha (1), ==, 1);
  for (int i = 1; i <= 30; i++)
    g_assert_cmpfloat (fv_colormap_get_alpha (i / 100.0), >,
                       fv_colormap_get_alpha ((i - 1) / 100.0));
}

static void
test_names (void)
{
  g_autoptr (GEnumClass) klass = g_type_class_ref (FV_TYPE_COLORMAP);

  g_assert_cmpuint (klass->n_values, ==, G_N_ELEMENTS (all));
  g_assert_cmpstr (fv_colormap_get_name (FV_COLORMAP_CIVIDIS), ==, "Cividis");
  g_assert_cmpint (g_enum_get_value_by_nick (klass, "magma")->value, ==, FV_COLORMAP_MAGMA);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/colormap/published-entries", test_published_entries);
  g_test_add_func ("/colormap/lightness-rises", test_lightness_only_rises);
  g_test_add_func ("/colormap/even-steps", test_steps_of_lightness_are_even);
  g_test_add_func ("/colormap/alpha", test_alpha_rises_from_nothing_to_all);
  g_test_add_func ("/colormap/names", test_names);
  return g_test_run ();
}
