/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A lexical check of JSON from outside, done before a parser sees it. json-glib recurses for each
 * level of nesting (a hundred million brackets overflow its stack), builds a node for each value,
 * accepts comments and other things that are not JSON, and keeps only the last of two members of
 * equal name without a word. Threads: any. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct {
  guint max_depth;  /* levels of [] and {} */
  gsize max_values; /* members and elements of all levels together */
} FvJsonLimits;

/* Checks that @text is UTF-8 without NUL made of JSON's own tokens, within @limits, with every
 * escape sound and none that makes a NUL. Grammar is left to the parser.
 * @n_members: (out): names of all objects, repeated ones counted each time. A parsed tree that
 * holds fewer has lost some to repetition.
 * Returns: NULL when it is sound, or what is wrong, as "nests deeper than …". (transfer none) */
const char *fv_json_guard_check (const char *text, gsize n_bytes, const FvJsonLimits *limits,
                                 gsize *n_members);

G_END_DECLS
