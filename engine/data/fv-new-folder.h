/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A folder that appears whole or not at all: filled under a name beside it, then renamed. What has
 * not been finished is removed. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _FvNewFolder FvNewFolder;

/* Begins the folder @path, whose parents are made. Refused unless @path is free or an empty folder.
 * Returns: (transfer full): NULL with @error */
FvNewFolder *fv_new_folder_begin (const char *path, GError **error);

/* Where to write until it is finished. Returns: (transfer none) */
const char *fv_new_folder_get_path (const FvNewFolder *self);

/* Makes the folder @name in it. */
gboolean fv_new_folder_add (const FvNewFolder *self, const char *name, GError **error);

/* Gives it its name. FALSE with @error, which is about the name it was to have. */
gboolean fv_new_folder_finish (FvNewFolder *self, GError **error);

/* Removes it unless it is finished. */
void fv_new_folder_free (FvNewFolder *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FvNewFolder, fv_new_folder_free)

G_END_DECLS
