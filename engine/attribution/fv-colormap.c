/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Control points of the published 256-entry tables, one in five, and straight lines between them:
 * never more than four levels (of 255) from the original. */

#include "fv-colormap.h"

#define POINT_DISTANCE 5
#define N_POINTS 52

/* From this share of the maximum on, a map is as opaque as the user wants it. */
#define FULL_ALPHA_SHARE 0.3

/* 0xRRGGBB, sRGB */
static const guint32 points[][N_POINTS] = {
  [FV_COLORMAP_VIRIDIS]
  = { 0x440154, 0x46085c, 0x471063, 0x481769, 0x481d6f, 0x482475, 0x472a7a, 0x46307e, 0x453781,
      0x433d84, 0x414287, 0x3f4889, 0x3d4e8a, 0x3a538b, 0x38598c, 0x355e8d, 0x33638d, 0x31688e,
      0x2e6d8e, 0x2c718e, 0x2a768e, 0x297b8e, 0x27808e, 0x25848e, 0x23898e, 0x218e8d, 0x20928c,
      0x1f978b, 0x1e9c89, 0x1fa188, 0x21a585, 0x24aa83, 0x28ae80, 0x2eb37c, 0x35b779, 0x3dbc74,
      0x46c06f, 0x50c46a, 0x5ac864, 0x65cb5e, 0x70cf57, 0x7cd250, 0x89d548, 0x95d840, 0xa2da37,
      0xb0dd2f, 0xbddf26, 0xcae11f, 0xd8e219, 0xe5e419, 0xf1e51d, 0xfde725 },
  [FV_COLORMAP_CIVIDIS]
  = { 0x00224e, 0x002656, 0x002a5f, 0x002d68, 0x003070, 0x083370, 0x163770, 0x203a6f, 0x273e6e,
      0x2e416d, 0x34456c, 0x3a486c, 0x3f4c6c, 0x444f6c, 0x49536c, 0x4e566c, 0x535a6d, 0x575d6d,
      0x5c616e, 0x60646f, 0x656870, 0x696b71, 0x6d6f72, 0x727274, 0x767676, 0x7a7a78, 0x7e7d78,
      0x838179, 0x888578, 0x8d8878, 0x928c78, 0x969077, 0x9b9476, 0xa09875, 0xa59c74, 0xaaa073,
      0xafa471, 0xb5a86f, 0xbaac6d, 0xbfb06b, 0xc4b468, 0xc9b965, 0xcfbd62, 0xd4c15f, 0xdac65b,
      0xdfca57, 0xe5cf52, 0xead34c, 0xf0d846, 0xf6dd3f, 0xfce236, 0xfee838 },
  [FV_COLORMAP_MAGMA]
  = { 0x000004, 0x02020b, 0x050416, 0x090720, 0x0e0b2b, 0x140e36, 0x1a1042, 0x21114e, 0x29115a,
      0x311165, 0x390f6e, 0x420f75, 0x4a1079, 0x52137c, 0x5a167e, 0x621980, 0x6a1c81, 0x721f81,
      0x792282, 0x812581, 0x892881, 0x912b81, 0x992d80, 0xa1307e, 0xaa337d, 0xb2357b, 0xba3878,
      0xc23b75, 0xca3e72, 0xd2426f, 0xd9466b, 0xe04c67, 0xe75263, 0xec5860, 0xf1605d, 0xf4695c,
      0xf7725c, 0xf97b5d, 0xfb8560, 0xfc8e64, 0xfd9869, 0xfea16e, 0xfeaa74, 0xfeb47b, 0xfebd82,
      0xfec68a, 0xfecf92, 0xfed89a, 0xfde2a3, 0xfdebac, 0xfcf4b6, 0xfcfdbf },
};

G_STATIC_ASSERT ((N_POINTS - 1) * POINT_DISTANCE == FV_COLORMAP_SIZE - 1);

G_DEFINE_ENUM_TYPE (FvColormap, fv_colormap, G_DEFINE_ENUM_VALUE (FV_COLORMAP_VIRIDIS, "viridis"),
                    G_DEFINE_ENUM_VALUE (FV_COLORMAP_CIVIDIS, "cividis"),
                    G_DEFINE_ENUM_VALUE (FV_COLORMAP_MAGMA, "magma"))

const char *
fv_colormap_get_name (FvColormap colormap)
{
  static const char *const names[] = {
    [FV_COLORMAP_VIRIDIS] = "Viridis",
    [FV_COLORMAP_CIVIDIS] = "Cividis",
    [FV_COLORMAP_MAGMA] = "Magma",
  };

  g_return_val_if_fail ((guint) colormap < G_N_ELEMENTS (names), NULL);

  return names[colormap];
}

void
fv_colormap_fill (FvColormap colormap, guint8 table[FV_COLORMAP_SIZE][3])
{
  g_return_if_fail ((guint) colormap < G_N_ELEMENTS (points));

  for (int i = 0; i < FV_COLORMAP_SIZE; i++) {
    int low = MIN (i / POINT_DISTANCE, N_POINTS - 2);
    int share = i - low * POINT_DISTANCE;

    for (int channel = 0; channel < 3; channel++) {
      int shift = 16 - 8 * channel;
      int from = points[colormap][low] >> shift & 0xff;
      int to = points[colormap][low + 1] >> shift & 0xff;

      table[i][channel]
          = (from * (POINT_DISTANCE - share) + to * share + POINT_DISTANCE / 2) / POINT_DISTANCE;
    }
  }
}

double
fv_colormap_get_alpha (double share)
{
  double t = CLAMP (share / FULL_ALPHA_SHARE, 0, 1);

  return t * t * (3 - 2 * t);
}
