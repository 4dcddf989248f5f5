/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Fields that need quotes come back as they were. */

#include "fv-csv.h"

static void
test_csv_fields (void)
{
  const char *const texts[] = { "plain", "a,b", "say \"so\"", "two\nlines", "" };
  g_autoptr (GString) csv = g_string_new (NULL);
  g_autoptr (GPtrArray) fields = g_ptr_array_new ();
  FvCsv reader;

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_string_append (csv, i > 0 ? "," : "");
    fv_csv_append_field (csv, texts[i]);
  }
  fv_csv_init (&reader, csv->str);
  g_assert_true (fv_csv_next_row (&reader, fields));
  g_assert_cmpuint (fields->len, ==, G_N_ELEMENTS (texts));
  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    g_assert_cmpstr (fields->pdata[i], ==, texts[i]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/csv/fields", test_csv_fields);
  return g_test_run ();
}
