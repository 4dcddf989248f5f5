/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Numbers with three significant digits, without the surprises of %g: no “1e-05” for small losses,
 * no dropped zeros. */

#include "fv-number.h"

#include <math.h>
#include <string.h>

#define SIGNIFICANT_DIGITS 3

/* Outside these powers of ten a plain number is longer than a scientific one. */
#define SMALLEST_PLAIN_EXPONENT -4
#define LARGEST_PLAIN_EXPONENT 5

char *
fv_number_format (double value)
{
  g_autofree char *scientific = NULL;
  int exponent;

  if (!isfinite (value))
    return g_strdup ("–");
  if (value == 0)
    return g_strdup ("0");

  /* The exponent after rounding: 9.996 has three digits as 10.0, not as 9.996. */
  scientific = g_strdup_printf ("%.*e", SIGNIFICANT_DIGITS - 1, value);
  exponent = (int) g_ascii_strtoll (strchr (scientific, 'e') + 1, NULL, 10);
  if (exponent < SMALLEST_PLAIN_EXPONENT || exponent > LARGEST_PLAIN_EXPONENT)
    return g_steal_pointer (&scientific);

  return g_strdup_printf ("%.*f", MAX (0, SIGNIFICANT_DIGITS - 1 - exponent), value);
}
