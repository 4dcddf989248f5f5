/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Writes masks in the background, in the order they were painted, and never forgets one: a mask
 * that could not be written stays here, is tried again at the next save, and can be asked for.
 *
 * Signal "saved" (const char *path, const char *message): @path was written, or @message (a
 * sentence) says why not.
 * Threads: the main thread; one thread of its own writes. */

#pragma once

#include <gio/gio.h>

#include "fv-mask.h"

G_BEGIN_DECLS

#define FV_TYPE_MASK_SAVER (fv_mask_saver_get_type ())
G_DECLARE_FINAL_TYPE (FvMaskSaver, fv_mask_saver, FV, MASK_SAVER, GObject)

FvMaskSaver *fv_mask_saver_new (void);

/* Queues a copy of @mask for @path, and all masks that failed before. */
void fv_mask_saver_save (FvMaskSaver *self, const char *path, const FvMask *mask);

/* A copy of the mask for @path that is not on the disk yet; NULL when the disk is up to date.
 * (transfer full) */
FvMask *fv_mask_saver_dup_pending (FvMaskSaver *self, const char *path);

/* TRUE when the last attempt to write @path failed. */
gboolean fv_mask_saver_has_failed (FvMaskSaver *self, const char *path);

/* Tries all failed masks again and waits until nothing is being written. */
void fv_mask_saver_flush_async (FvMaskSaver *self, GAsyncReadyCallback callback,
                                gpointer user_data);
/* FALSE with the sentence of the last failure when some mask is still not on the disk. */
gboolean fv_mask_saver_flush_finish (FvMaskSaver *self, GAsyncResult *result, GError **error);

G_END_DECLS
