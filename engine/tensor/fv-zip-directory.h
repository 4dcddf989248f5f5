/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The directory at the end of a zip archive, looked at as bytes. A file that one library checks and
 * another one reads must mean the same to both; here is refused what libzip and the reader inside
 * libtorch (miniz) are known to take differently: several directories in one file, names hidden in
 * an extra field that only libzip honours, and names that only one of them tells apart.
 * Threads: any. */

#pragma once

#include "fv-weights-file.h"

G_BEGIN_DECLS

/* The most entries that an archive may have; the largest networks have some thousands. */
#define FV_ZIP_DIRECTORY_MAX_ENTRIES 100000

/* FALSE with a sentence that names @file when two readers might see different contents. */
gboolean fv_zip_directory_check (const FvWeightsFile *file, GError **error);

G_END_DECLS
