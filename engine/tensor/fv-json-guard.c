/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The tokens of JSON and nothing else: no recursion, no memory. */

#include "fv-json-guard.h"

#include <string.h>

#define NOT_JSON "is not JSON"

typedef struct {
  const char *at; /* the next byte */
  const char *end;
} Cursor;

/* The four hexadecimal digits of a \u escape as a UTF-16 unit, or -1. */
static int
read_unit (Cursor *cursor)
{
  int unit = 0;

  if (cursor->end - cursor->at < 4)
    return -1;
  for (int i = 0; i < 4; i++) {
    int digit = g_ascii_xdigit_value (*cursor->at++);

    if (digit < 0)
      return -1;
    unit = unit * 16 + digit;
  }
  return unit;
}

/* What follows "\u": a character, or a high surrogate and the escape of its low one. */
static const char *
skip_unicode_escape (Cursor *cursor)
{
  int unit = read_unit (cursor);

  if (unit == 0)
    return "holds a name with a NUL character";
  if (unit < 0 || (unit >= 0xdc00 && unit <= 0xdfff))
    return NOT_JSON;
  if (unit < 0xd800 || unit > 0xdbff)
    return NULL;
  if (cursor->end - cursor->at < 2 || memcmp (cursor->at, "\\u", 2) != 0)
    return NOT_JSON;
  cursor->at += 2;
  unit = read_unit (cursor);
  return unit >= 0xdc00 && unit <= 0xdfff ? NULL : NOT_JSON;
}

/* The rest of a string whose opening quote has been read. */
static const char *
skip_string (Cursor *cursor)
{
  while (cursor->at < cursor->end) {
    guchar c = (guchar) *cursor->at++;
    const char *problem = NULL;

    if (c == '"')
      return NULL;
    if (c < 0x20)
      return NOT_JSON;
    if (c != '\\')
      continue;
    if (cursor->at == cursor->end || strchr ("\"\\/bfnrtu", *cursor->at) == NULL)
      return NOT_JSON;
    if (*cursor->at++ == 'u')
      problem = skip_unicode_escape (cursor);
    if (problem != NULL)
      return problem;
  }
  return NOT_JSON;
}

/* A number or one of the three words; a leading zero, which some read as octal, is no JSON. */
static const char *
skip_word (Cursor *cursor)
{
  const char *start = cursor->at;

  while (cursor->at < cursor->end
         && (g_ascii_isdigit (*cursor->at) || strchr ("+-.eEtrufalsn", *cursor->at) != NULL))
    cursor->at++;
  if (cursor->at == start)
    return NOT_JSON;
  if (*start == '-')
    start++;
  if (cursor->at - start > 1 && start[0] == '0' && g_ascii_isdigit (start[1]))
    return NOT_JSON;
  return NULL;
}

const char *
fv_json_guard_check (const char *text, gsize n_bytes, const FvJsonLimits *limits, gsize *n_members)
{
  Cursor cursor = { text, text + n_bytes };
  gsize n_values = 0;
  guint depth = 0;

  *n_members = 0;
  if (!g_utf8_validate_len (text, n_bytes, NULL))
    return "is not UTF-8 text";
  while (cursor.at < cursor.end) {
    const char *problem = NULL;
    char c = *cursor.at;

    if (strchr ("{}[]:,\" \t\r\n", c) == NULL)
      problem = skip_word (&cursor);
    else
      cursor.at++;
    if (c == '"')
      problem = skip_string (&cursor);
    else if (c == '{' || c == '[')
      depth++;
    else if ((c == '}' || c == ']') && depth-- == 0)
      problem = NOT_JSON;
    else if (c == ':' || c == ',')
      n_values++;
    *n_members += c == ':';
    if (problem != NULL)
      return problem;
    if (depth > limits->max_depth)
      return "nests deeper than it may";
    if (n_values > limits->max_values)
      return "lists more values than it may";
  }
  return depth == 0 ? NULL : NOT_JSON;
}
