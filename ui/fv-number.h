/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How numbers are written in legends and charts. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* @value with three significant digits: “2.41”, “0.0310”, “128”, “1.20e+06”; “0” for zero and “–”
 * for what is not finite. Returns: (transfer full) */
char *fv_number_format (double value);

G_END_DECLS
