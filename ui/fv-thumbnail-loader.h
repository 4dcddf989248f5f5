/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Small pictures of files, decoded on worker threads: the newest request first, because it belongs
 * to the row that just scrolled into view, and none for a row that has left. Recent ones are kept.
 * Threads: the main thread. */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* The longer side, pixels. */
#define FV_THUMBNAIL_SIZE 192

#define FV_TYPE_THUMBNAIL_LOADER (fv_thumbnail_loader_get_type ())
G_DECLARE_FINAL_TYPE (FvThumbnailLoader, fv_thumbnail_loader, FV, THUMBNAIL_LOADER, GObject)

FvThumbnailLoader *fv_thumbnail_loader_new (void);

/* The thumbnail of @path if it is at hand. (transfer full) (nullable) */
GdkTexture *fv_thumbnail_loader_lookup (FvThumbnailLoader *self, const char *path);

/* Cancel @cancellable when the row is gone: a request that waits then costs nothing. */
void fv_thumbnail_loader_load_async (FvThumbnailLoader *self, const char *path,
                                     GCancellable *cancellable, GAsyncReadyCallback callback,
                                     gpointer user_data);
/* (transfer full); NULL with @error when the file is no picture */
GdkTexture *fv_thumbnail_loader_load_finish (FvThumbnailLoader *self, GAsyncResult *result,
                                             GError **error);

G_END_DECLS
