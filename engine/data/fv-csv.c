/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A field is cut off by writing a NUL over what ends it. A quoted field only shrinks when its
 * double quotes become single ones, so it too fits where it stands. */

#include "fv-csv.h"

#include <string.h>

void
fv_csv_init (FvCsv *csv, char *text)
{
  g_return_if_fail (csv != NULL && text != NULL);

  *csv = (FvCsv){
    .next = g_str_has_prefix (text, "\xef\xbb\xbf") ? text + 3 : text,
    .line = 1,
    .row_line = 1,
  };
}

/* Moves over the quoted field at csv->next, unquoting it. Returns: where it now ends; NULL when its
 * closing quote is missing. */
static char *
unquote (FvCsv *csv)
{
  char *to = csv->next;

  for (csv->next++; *csv->next != '\0'; csv->next++) {
    if (*csv->next == '"' && *++csv->next != '"')
      return to;
    csv->line += *csv->next == '\n';
    *to++ = *csv->next;
  }
  return NULL;
}

/* Moves over what ends a field. Returns: the character that did: ',', '\n', or NUL at the end of
 * the text; −1 when it is none of these. */
static int
take_end (FvCsv *csv)
{
  int end;

  if (csv->next[0] == '\r' && csv->next[1] == '\n')
    csv->next++;
  end = *csv->next;
  if (end != ',' && end != '\n' && end != '\0')
    return -1;
  csv->line += end == '\n';
  csv->next += end != '\0';
  return end;
}

/* Reads one field into @field. Returns: as take_end (). */
static int
take_field (FvCsv *csv, char **field)
{
  char *field_end;
  int end;

  *field = csv->next;
  if (*csv->next == '"') {
    field_end = unquote (csv);
    if (field_end == NULL) {
      csv->problem = "a quote is not closed";
      return -1;
    }
  } else {
    csv->next += strcspn (csv->next, ",\r\n\"");
    field_end = csv->next;
  }
  end = take_end (csv);
  if (end < 0)
    csv->problem = "a quote or a carriage return stands in the middle of a field";
  else
    *field_end = '\0';
  return end;
}

gboolean
fv_csv_next_row (FvCsv *csv, GPtrArray *fields)
{
  g_return_val_if_fail (csv != NULL && fields != NULL, FALSE);

  while (csv->problem == NULL && *csv->next != '\0') {
    int end = ',';

    g_ptr_array_set_size (fields, 0);
    csv->row_line = csv->line;
    while (end == ',') {
      char *field;

      end = take_field (csv, &field);
      g_ptr_array_add (fields, field);
    }
    if (end < 0)
      return FALSE;
    if (fields->len > 1 || *(const char *) g_ptr_array_index (fields, 0) != '\0')
      return TRUE;
  }
  return FALSE;
}

void
fv_csv_append_field (GString *csv, const char *text)
{
  g_return_if_fail (csv != NULL && text != NULL);

  if (strpbrk (text, ",\"\r\n") == NULL) {
    g_string_append (csv, text);
    return;
  }
  g_string_append_c (csv, '"');
  for (; *text != '\0'; text++) {
    if (*text == '"')
      g_string_append_c (csv, '"');
    g_string_append_c (csv, *text);
  }
  g_string_append_c (csv, '"');
}
