/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The zip archive that torch.save writes: one top folder, and in it entries that are stored or, if
 * someone packed it again, deflated. The declared sizes of all entries are checked against the
 * file's own size when it is opened, so that reading an entry cannot exhaust memory.
 * Threads: the engine thread. */

#pragma once

#include "fv-weights-file.h"

G_BEGIN_DECLS

typedef struct _FvZipArchive FvZipArchive;

/* Opens @file, which must outlive the archive. NULL with a sentence that names it.
 * (transfer full) */
FvZipArchive *fv_zip_archive_open (const FvWeightsFile *file, GError **error);
/* The same for an archive that libtorch is going to read as well: besides, both must see the same
 * in it (fv-zip-directory.h), and every entry must agree with what the directory says of it. */
FvZipArchive *fv_zip_archive_open_strictly (const FvWeightsFile *file, GError **error);
void fv_zip_archive_close (FvZipArchive *self);

/* Whether each of @parts, NULL-terminated, occurs in the name of an entry of @file, which may be
 * unsound or no archive at all. */
gboolean fv_zip_archive_mentions (const FvWeightsFile *file, const char *const *parts);

/* The names of all entries without "TOP/", in the archive's order. (element-type utf8) */
const GPtrArray *fv_zip_archive_get_names (const FvZipArchive *self);
/* Whether there is an entry "TOP/@name", TOP being the top folder. */
gboolean fv_zip_archive_contains (const FvZipArchive *self, const char *name);
/* Bytes of all entries together when unpacked. */
guint64 fv_zip_archive_get_total_size (const FvZipArchive *self);
/* Bytes of "TOP/@name" when unpacked, 0 when there is none. */
guint64 fv_zip_archive_get_entry_size (const FvZipArchive *self, const char *name);
/* The whole entry "TOP/@name", its checksum verified. NULL with @error. (transfer full) */
GBytes *fv_zip_archive_read (const FvZipArchive *self, const char *name, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FvZipArchive, fv_zip_archive_close)

G_END_DECLS
