/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The words of TorchScript source, cut where libtorch's own lexer cuts them: what one of the two
 * takes for a string or a comment must be one for the other as well, or code could hide in it.
 * Whatever TorchScript's printer never writes and the two might read differently is no word.
 * Threads: any. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
  FV_SCRIPT_END,
  FV_SCRIPT_NAME,   /* identifiers and keywords */
  FV_SCRIPT_STRING, /* with its quotes */
  FV_SCRIPT_NUMBER,
  FV_SCRIPT_ELLIPSIS, /* ... */
  FV_SCRIPT_MARK,     /* any other single character */
} FvScriptKind;

typedef struct {
  FvScriptKind kind;
  const char *text; /* in the source, not terminated */
  gsize n_bytes;
  gboolean starts_line; /* nothing but blanks before it on its line */
  gboolean is_indented; /* blanks before it, when it starts a line */
} FvScriptWord;

/* May be copied to look ahead. */
typedef struct {
  const char *at;
  const char *line; /* the start of the line that @at is in */
  const char *end;
} FvScriptLexer;

/* @source: @n_bytes that stay for as long as the lexer and its words. */
FvScriptLexer fv_script_lexer_start (const char *source, gsize n_bytes);
/* The next word. FALSE where there is something that is none. After the last it is FV_SCRIPT_END,
 * again and again. */
gboolean fv_script_lexer_next (FvScriptLexer *self, FvScriptWord *word);

/* Whether @word is the name or the mark @text. */
gboolean fv_script_word_is (const FvScriptWord *word, const char *text);

G_END_DECLS
