/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a metric is called and which way is better: one row of a table.
 *
 * Every family of metrics (alignment, faithfulness) is an enum and a table of these rows, so that
 * the command line, JSON and the window go through the table instead of repeating names. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Rows are constants: they live as long as the program, and belong to nobody. */
typedef struct {
  const char *key;  /* in JSON and on the command line: lower case and “_” */
  const char *name; /* for people: a few words, first letter upper case */
  gboolean higher_is_better;
  double low, high; /* the range of one picture's value; ±INFINITY where it has no bound */
} FvMetricInfo;

G_END_DECLS
