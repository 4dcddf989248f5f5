/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Weights on disk. Two formats are read, told apart by their first bytes and never by their name:
 * safetensors, and PyTorch's zip archive of a state dict (`.pth`). Nothing in a file is trusted:
 * every size, offset and name is checked against the file's own length before it is used, and a
 * pickle is never executed: only the opcodes and the handful of constructors that a dictionary of
 * tensors needs are understood, anything else is refused by name.
 * Threads: the engine thread. */

#pragma once

#include "fv-state-dict.h"

G_BEGIN_DECLS

/* Reads either format. NULL with a sentence that names the file. (transfer full) */
FvStateDict *fv_weights_load (const char *path, GError **error);

/* safetensors: 8 bytes of header length, a JSON header, then the values. (transfer full) */
FvStateDict *fv_safetensors_load (const char *path, GError **error);
/* The same; @metadata: (out): the header's texts by name, to be freed with g_hash_table_unref ().
 */
FvStateDict *fv_safetensors_load_with_metadata (const char *path, GHashTable **metadata,
                                                GError **error);
/* Writes the whole file or none of it: an older file stays as it was on any failure. Equal
 * dictionaries give equal bytes. @metadata: (nullable) string pairs "key", "value", …, NULL. */
gboolean fv_safetensors_save (const FvStateDict *dict, const char *const *metadata,
                              const char *path, GError **error);

/* Writes the same bytes to the descriptor @fd. */
gboolean fv_safetensors_write (const FvStateDict *dict, const char *const *metadata, int fd,
                               GError **error);

/* PyTorch's zip archive (torch.save since 1.6) that holds a state dict, also one wrapped as
 * {"state_dict": …}, {"model": …} or with a `module.` prefix, which is taken off. (transfer full)
 */
FvStateDict *fv_pth_load (const char *path, GError **error);

G_END_DECLS
