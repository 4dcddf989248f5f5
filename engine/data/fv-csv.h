/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Comma-separated values (RFC 4180), one row at a time and without copying: a table of 100,000 rows
 * costs its own text and one row of pointers. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A reader over a text that it cuts into fields in place. */
typedef struct {
  char *next;          /* what has not been read yet */
  int line;            /* the line of @next, from 1 */
  int row_line;        /* the line where the last row began */
  const char *problem; /* why reading stopped, or NULL */
} FvCsv;

/* Starts to read @text (NUL-terminated, no other NUL), which stays the caller's and is overwritten.
 * A byte order mark is skipped. */
void fv_csv_init (FvCsv *csv, char *text);

/* Reads the next row that is not blank: @fields gets its fields, which point into the text.
 * Returns: FALSE at the end of the text, or when the row is wrong: csv->problem then says why */
gboolean fv_csv_next_row (FvCsv *csv, GPtrArray *fields);

/* Appends @text to @csv as one field, quoted where it has to be. */
void fv_csv_append_field (GString *csv, const char *text);

G_END_DECLS
