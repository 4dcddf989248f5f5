/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a plot is painted with, on a screen or into a file. A plain record. */

#pragma once

#include <gdk/gdk.h>
#include <pango/pangocairo.h>

G_BEGIN_DECLS

typedef struct {
  GdkRGBA color;       /* of text and grid */
  PangoContext *pango; /* for Cairo: the font */
  int width, height;   /* pixels */
  int cursor;          /* the bar or point that the keyboard is at; −1: none */
} FvPlotStyle;

/* GNOME's palette, readable on light and dark. */
#define FV_PLOT_BLUE ((GdkRGBA){ 0.21f, 0.52f, 0.89f, 1.0f })
#define FV_PLOT_ORANGE ((GdkRGBA){ 0.90f, 0.38f, 0.0f, 1.0f })
#define FV_PLOT_GREEN ((GdkRGBA){ 0.15f, 0.64f, 0.41f, 1.0f })
#define FV_PLOT_PURPLE ((GdkRGBA){ 0.57f, 0.25f, 0.67f, 1.0f })
#define FV_PLOT_RED ((GdkRGBA){ 0.88f, 0.11f, 0.14f, 1.0f })

G_END_DECLS
