/* SPDX-License-Identifier: GPL-3.0-or-later */

/* No state but a position, no memory, one pass. */

#include "fv-script-lexer.h"

#include <string.h>

/* A comment that begins like this holds types, which libtorch reads. */
#define TYPE_COMMENT "# type:"
#define MARKS "+-*/%@()[]:,={}><.!&^|~"

FvScriptLexer
fv_script_lexer_start (const char *source, gsize n_bytes)
{
  return (FvScriptLexer){ .at = source, .line = source, .end = source + n_bytes };
}

static gboolean
is_name_character (char c)
{
  return g_ascii_isalnum (c) || c == '_';
}

/* The character @offset bytes ahead, or NUL behind the end. */
static char
peek (const FvScriptLexer *self, gsize offset)
{
  return offset < (gsize) (self->end - self->at) ? self->at[offset] : '\0';
}

static gboolean
begins_with (const FvScriptLexer *self, const char *text)
{
  gsize n_text = strlen (text);

  return (gsize) (self->end - self->at) >= n_text && memcmp (self->at, text, n_text) == 0;
}

static void
skip_comment (FvScriptLexer *self)
{
  if (begins_with (self, TYPE_COMMENT))
    self->at += strlen (TYPE_COMMENT);
  else
    while (self->at < self->end && *self->at != '\n')
      self->at++;
}

/* Blanks, line ends and comments. Returns: whether a line begins behind them. */
static gboolean
skip_blanks (FvScriptLexer *self)
{
  gboolean starts_line = self->at == self->line;

  while (self->at < self->end && *self->at != '\0' && strchr (" \t\n#", *self->at) != NULL) {
    if (*self->at == '#') {
      skip_comment (self);
    } else if (*self->at++ == '\n') {
      self->line = self->at;
      starts_line = TRUE;
    }
  }
  return starts_line;
}

/* Both kinds of quotes, one or three; a backslash protects the next character, whatever it is. */
static gboolean
skip_string (FvScriptLexer *self)
{
  char quote = *self->at;
  gsize n_quotes = peek (self, 1) == quote && peek (self, 2) == quote ? 3 : 1;

  for (self->at += n_quotes; self->at < self->end; self->at++) {
    if (*self->at == '\n' && n_quotes == 1)
      break;
    if (*self->at == '\\')
      self->at++;
    else if (*self->at == quote
             && (n_quotes == 1 || (peek (self, 1) == quote && peek (self, 2) == quote))) {
      self->at += n_quotes;
      return TRUE;
    }
  }
  self->at = self->end;
  return FALSE;
}

static void
skip_digits (FvScriptLexer *self)
{
  while (g_ascii_isdigit (peek (self, 0)))
    self->at++;
}

/* A decimal number, perhaps an imaginary one. Others, such as hexadecimal ones, run into a letter
 * and are refused. */
static gboolean
skip_number (FvScriptLexer *self)
{
  skip_digits (self);
  if (peek (self, 0) == '.') {
    self->at++;
    skip_digits (self);
  }
  if (g_ascii_tolower (peek (self, 0)) == 'e') {
    gsize n_sign = strchr ("+-", peek (self, 1)) != NULL && peek (self, 1) != '\0' ? 1 : 0;

    if (g_ascii_isdigit (peek (self, 1 + n_sign))) {
      self->at += 1 + n_sign;
      skip_digits (self);
    }
  }
  if (peek (self, 0) == 'j')
    self->at++;
  return !is_name_character (peek (self, 0));
}

/* Moves behind the word that starts here. */
static gboolean
skip_word (FvScriptLexer *self, FvScriptKind *kind)
{
  char c = *self->at;

  if (g_ascii_isdigit (c) || (c == '.' && g_ascii_isdigit (peek (self, 1)))) {
    *kind = FV_SCRIPT_NUMBER;
    return skip_number (self);
  }
  if (c == '"' || c == '\'') {
    *kind = FV_SCRIPT_STRING;
    return skip_string (self);
  }
  if (is_name_character (c)) {
    *kind = FV_SCRIPT_NAME;
    while (is_name_character (peek (self, 0)))
      self->at++;
    return TRUE;
  }
  *kind = begins_with (self, "...") ? FV_SCRIPT_ELLIPSIS : FV_SCRIPT_MARK;
  self->at += *kind == FV_SCRIPT_ELLIPSIS ? 3 : 1;
  return c != '\0' && strchr (MARKS, c) != NULL;
}

gboolean
fv_script_lexer_next (FvScriptLexer *self, FvScriptWord *word)
{
  gboolean starts_line = skip_blanks (self);

  *word = (FvScriptWord){ .kind = FV_SCRIPT_END, .text = self->at };
  if (self->at == self->end)
    return TRUE;
  word->starts_line = starts_line;
  word->is_indented = self->at > self->line;
  if (!skip_word (self, &word->kind))
    return FALSE;
  word->n_bytes = (gsize) (self->at - word->text);
  return TRUE;
}

gboolean
fv_script_word_is (const FvScriptWord *word, const char *text)
{
  return (word->kind == FV_SCRIPT_NAME || word->kind == FV_SCRIPT_MARK)
         && word->n_bytes == strlen (text) && memcmp (word->text, text, word->n_bytes) == 0;
}
