/* SPDX-License-Identifier: GPL-3.0-or-later */

/* An object cut out of its photo: colours and coverage, no wider than the object. Threads: any. */

#pragma once

#include "fv-image.h"
#include "fv-mask.h"

G_BEGIN_DECLS

typedef struct _FvCutout FvCutout;

/* Cuts out what the mask @mask_path covers in the photo @image_path; with a NULL mask, what the
 * photo's own alpha covers. @error: a file that cannot be read, or an object that covers nothing.
 * Returns: (transfer full): NULL with @error */
FvCutout *fv_cutout_load (const char *image_path, const char *mask_path, GError **error);
void fv_cutout_free (FvCutout *self);

/* Where an object is put. */
typedef struct {
  double longest_side; /* as a share of the picture's shorter side, above 0 to 1 */
  double x, y;         /* 0 … 1: from the left and upper edge to the right and lower one */
  gboolean mirrored;
} FvCutoutPose;

/* Puts the object onto @image, wholly inside it, with the soft edge that resizing gives it.
 * Returns: (transfer full): its mask at the image's size: INSIDE where it covers at least half of
 * the pixel, else OUTSIDE */
FvMask *fv_cutout_paste (const FvCutout *self, const FvCutoutPose *pose, FvImage *image);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FvCutout, fv_cutout_free)

G_END_DECLS
