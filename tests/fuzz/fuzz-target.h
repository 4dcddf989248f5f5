/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What each target of this folder gives: libFuzzer's function, and files to begin with. A target
 * may be linked with clang's -fsanitize=fuzzer, or with fuzz-runner.c, which needs nothing. */

#pragma once

#include <glib.h>
#include <stddef.h>
#include <stdint.h>

G_BEGIN_DECLS

/* Hands @data to the parser. The program dies when something is wrong; always returns 0. */
int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

/* Sound files, small and made here. (transfer full) (element-type GBytes) */
GPtrArray *fuzz_make_seeds (void);

/* Adds the text @text as a seed. */
void fuzz_add_text (GPtrArray *seeds, const char *text);
/* Adds @n bytes as a seed. */
void fuzz_add_bytes (GPtrArray *seeds, gconstpointer bytes, gsize n);

/* A file of this content that lives in memory. Returns: its path, until the next call */
const char *fuzz_file (const uint8_t *data, size_t size);

/* Asserts that a parser gave something, or else one good sentence; frees @error. */
void fuzz_check (gboolean succeeded, GError *error);

G_END_DECLS
