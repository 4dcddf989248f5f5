/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A TorchScript archive, read as data before libtorch may see it. Such a file is a program, parts
 * of which run while libtorch loads it, and libtorch trusts what it reads: lengths, indexes, the
 * sizes of storages. What passes here names only pure operators (fv-script-operators.h), runs
 * nothing while it is loaded, and holds well-formed pickles whose tensors lie in their storages.
 * It may still compute for ever or ask for much memory: that is for the process that loads it.
 * Threads: the engine thread. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Whether @path is a zip archive with TorchScript's code in it, sound or not. A file of weights
 * alone has none. FALSE also when it cannot be read. */
gboolean fv_script_is_archive (const char *path);

/* Takes time and memory in proportion to the code and the descriptions in the file, at most some
 * hundred megabytes; the values of tensors are not read.
 * Returns: FALSE with one sentence that names the file and what to do (FV_TENSOR_ERROR_FILE), or
 * with what the system refused (G_FILE_ERROR). */
gboolean fv_script_guard_check (const char *path, GError **error);

G_END_DECLS
