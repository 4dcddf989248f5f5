/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A picture with its caption below: one of ATCON's tensors. Threads: the main thread. */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define FV_TYPE_STEP_PICTURE (fv_step_picture_get_type ())
G_DECLARE_FINAL_TYPE (FvStepPicture, fv_step_picture, FV, STEP_PICTURE, GtkBox)

/* @side: pixels, at least. */
FvStepPicture *fv_step_picture_new (int side);
/* @caption: markup, a line or two. @texture: (transfer full) (nullable): none is a blank. @what:
 * what it is, for who cannot see it. */
void fv_step_picture_set (FvStepPicture *self, GdkTexture *texture, const char *caption,
                          const char *what);
/* (transfer none) (nullable) */
GdkPaintable *fv_step_picture_get_paintable (FvStepPicture *self);

G_END_DECLS
