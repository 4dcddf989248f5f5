/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A photo and its mask, loaded together on a worker thread so that the window never waits for a
 * decoder. */

#pragma once

#include <gio/gio.h>

#include "fv-dataset.h"
#include "fv-image.h"

G_BEGIN_DECLS

typedef struct {
  FvImage *image;
  FvMask *mask;       /* NULL when the sample has none, or when it cannot be read */
  GError *mask_error; /* why it cannot be read; NULL otherwise */
} FvPhoto;

void fv_photo_free (FvPhoto *self);

/* Loads sample @sample. @original: the mask as it came with the photo, not the edited one. */
void fv_photo_load_async (FvDataset *dataset, gsize sample, gboolean original,
                          GCancellable *cancellable, GAsyncReadyCallback callback,
                          gpointer user_data);
/* (transfer full); NULL with @error when the photo itself cannot be read */
FvPhoto *fv_photo_load_finish (GAsyncResult *result, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FvPhoto, fv_photo_free)

G_END_DECLS
