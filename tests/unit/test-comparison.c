/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Comparing lines written by hand, and lines that nobody should have written. */

#include <math.h>

#include "fv-comparison.h"
#include "temporary-folder.h"
#include "tensor-fixture.h"

typedef struct {
  char *folder;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer unused)
{
  fixture->folder = temporary_folder_new ();
}

static void
tear_down (Fixture *fixture, gconstpointer unused)
{
  temporary_folder_remove (fixture->folder);
  g_free (fixture->folder);
}

static FvResultTable *
load (const Fixture *fixture, const char *name, const char *text, GError **error)
{
  g_autofree char *path = g_build_filename (fixture->folder, name, NULL);

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  return fv_result_table_load (path, error);
}

/* Picture i of four: two classes, two groups. */
static FvResultTable *
make_table (const Fixture *fixture, const char *name, const int *predictions,
            const double *energies)
{
  static const int labels[] = { 0, 0, 1, 1 };
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  FvResultTable *table;

  for (int i = 0; i < 4; i++) {
    char number[G_ASCII_DTOSTR_BUF_SIZE];

    g_string_append_printf (
        text,
        "{\"image\":\"%d.png\",\"label\":%d,\"prediction\":%d,\"right\":%s,\"group\":\"%s\","
        "\"aligned\":%s,\"energy\":%s}\n",
        i, labels[i], predictions[i], predictions[i] == labels[i] ? "true" : "false",
        i < 2 ? "sea" : "wood", i % 2 == 0 ? "true" : "false",
        isnan (energies[i]) ? "null" : g_ascii_dtostr (number, sizeof number, energies[i]));
  }
  table = load (fixture, name, text->str, &error);
  g_assert_no_error (error);
  return table;
}

static const FvComparisonRow *
find_row (const GPtrArray *rows, const char *key)
{
  for (guint i = 0; i < rows->len; i++)
    if (g_str_equal (((const FvComparisonRow *) rows->pdata[i])->key, key))
      return rows->pdata[i];
  return NULL;
}

static void
assert_row (const GPtrArray *rows, const char *key, double a, double b, gsize n)
{
  const FvComparisonRow *row = find_row (rows, key);

  g_assert_nonnull (row);
  g_assert_cmpfloat_with_epsilon (row->a, a, 1e-12);
  g_assert_cmpfloat_with_epsilon (row->b, b, 1e-12);
  g_assert_cmpfloat_with_epsilon (row->difference.difference.value, b - a, 1e-12);
  g_assert_cmpuint (row->difference.difference.n, ==, n);
  g_assert_cmpfloat (row->p_holm, >=, row->difference.p);
}

/* The second table has its lines in another order: pictures are matched by name. */
static void
test_by_hand (Fixture *fixture, gconstpointer unused)
{
  const int first[] = { 0, 1, 0, 0 };
  const double low[] = { 0.1, 0.2, NAN, 0.4 };
  g_autoptr (FvResultTable) a = make_table (fixture, "a", first, low);
  g_autoptr (FvResultTable) b
      = load (fixture, "b",
              "{\"image\":\"3.png\",\"label\":1,\"prediction\":1,\"right\":true,\"energy\":0.9}\n"
              "{\"image\":\"1.png\",\"label\":0,\"prediction\":0,\"right\":true,\"energy\":0.7}\n"
              "{\"image\":\"0.png\",\"label\":0,\"prediction\":0,\"right\":true,\"energy\":0.6}\n"
              "{\"image\":\"2.png\",\"label\":1,\"prediction\":0,\"right\":false,\"energy\":0.8}\n",
              NULL);
  g_autoptr (GPtrArray) rows = fv_compare (&a, &b, 1, 1, NULL);
  const FvComparisonRow *energy;

  g_assert_nonnull (rows);
  assert_row (rows, "accuracy", 0.25, 0.75, 4);
  /* F1 of A: class 0: 2 / (2 + 3), class 1: 0; of B: 4 / 5 and 2 / 3. */
  assert_row (rows, "f1_macro", 0.2, (0.8 + 2.0 / 3) / 2, 4);
  assert_row (rows, "worst_group_accuracy", 0, 0.5, 4);
  assert_row (rows, "aligned_accuracy", 0.5, 0.5, 2);
  assert_row (rows, "conflicting_accuracy", 0, 1, 2);
  assert_row (rows, "energy", 0.7 / 3, 2.2 / 3, 3);
  energy = find_row (rows, "energy");
  g_assert_cmpfloat_with_epsilon (energy->difference.difference.low, 0.5, 1e-12);
  g_assert_cmpfloat_with_epsilon (energy->difference.difference.high, 0.5, 1e-12);
  g_assert_null (find_row (rows, "label"));
}

/* Class 2 is nobody's label, but a prediction of A: it counts in F1 with 0, as in evaluate. */
static void
test_class_without_label (Fixture *fixture, gconstpointer unused)
{
  const int first[] = { 0, 0, 1, 2 }, second[] = { 0, 0, 1, 1 };
  const double energies[] = { 0.1, 0.2, 0.3, 0.4 };
  g_autoptr (FvResultTable) a = make_table (fixture, "a", first, energies);
  g_autoptr (FvResultTable) b = make_table (fixture, "b", second, energies);
  g_autoptr (GPtrArray) rows = fv_compare (&a, &b, 1, 1, NULL);

  assert_row (rows, "f1_macro", (1 + 2.0 / 3 + 0) / 3, 1, 4);
}

static void
test_identical (Fixture *fixture, gconstpointer unused)
{
  const int predictions[] = { 0, 1, 1, 0 };
  const double energies[] = { 0.1, 0.2, NAN, 0.4 };
  g_autoptr (FvResultTable) table = make_table (fixture, "a", predictions, energies);
  g_autoptr (GPtrArray) rows = fv_compare (&table, &table, 1, 3, NULL);

  g_assert_cmpuint (rows->len, ==, 6);
  for (guint i = 0; i < rows->len; i++) {
    const FvComparisonRow *row = rows->pdata[i];

    g_assert_cmpfloat (row->difference.difference.value, ==, 0);
    g_assert_cmpfloat (row->difference.difference.low, ==, 0);
    g_assert_cmpfloat (row->difference.difference.high, ==, 0);
    g_assert_cmpfloat (row->difference.p, ==, 1);
    g_assert_cmpfloat (row->p_holm, ==, 1);
  }
}

/* Runs that differ by 0.1 and by 0.3, whatever the picture: the mean is 0.2, and the interval is
 * that of two runs. A picture undefined in any of them does not count. */
static void
test_runs (Fixture *fixture, gconstpointer unused)
{
  const int predictions[] = { 0, 0, 1, 1 };
  const double a1[] = { 0.1, 0.2, 0.3, 0.4 }, b1[] = { 0.2, 0.3, 0.4, 0.5 };
  const double a2[] = { 0.3, NAN, 0.1, 0.2 }, b2[] = { 0.6, 0.9, 0.4, 0.5 };
  FvResultTable *a[] = { make_table (fixture, "a1", predictions, a1),
                         make_table (fixture, "a2", predictions, a2) };
  FvResultTable *b[] = { make_table (fixture, "b1", predictions, b1),
                         make_table (fixture, "b2", predictions, b2) };
  g_autoptr (GPtrArray) rows = fv_compare (a, b, 2, 1, NULL);
  const FvComparisonRow *energy = find_row (rows, "energy");

  g_assert_cmpfloat_with_epsilon (energy->difference.difference.value, 0.2, 1e-12);
  g_assert_cmpfloat_with_epsilon (energy->difference.difference.low, 0.1, 1e-12);
  g_assert_cmpfloat_with_epsilon (energy->difference.difference.high, 0.3, 1e-12);
  g_assert_cmpuint (energy->difference.difference.n, ==, 3);
  for (int i = 0; i < 2; i++) {
    fv_result_table_free (a[i]);
    fv_result_table_free (b[i]);
  }
}

/* Where a side does not know right from wrong, only the maps are compared. */
static void
test_other_classes (Fixture *fixture, gconstpointer unused)
{
  const int predictions[] = { 0, 1, 1, 0 };
  const double energies[] = { 0.1, 0.2, 0.3, 0.4 };
  g_autoptr (FvResultTable) a = make_table (fixture, "a", predictions, energies);
  g_autoptr (FvResultTable) b
      = load (fixture, "b",
              "{\"image\":\"0.png\",\"energy\":1}\n{\"image\":\"1.png\",\"energy\":1}\n"
              "{\"image\":\"2.png\",\"energy\":\"x\"}\n{\"image\":\"3.png\"}\n",
              NULL);
  g_autoptr (GPtrArray) rows = fv_compare (&a, &b, 1, 1, NULL);

  g_assert_cmpuint (rows->len, ==, 1);
  assert_row (rows, "energy", 0.15, 1, 2);
}

static void
test_missing_pictures (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvResultTable) two
      = load (fixture, "two", "{\"image\":\"x.png\"}\n{\"image\":\"y.png\"}\n", NULL);
  g_autoptr (FvResultTable) one = load (fixture, "one", "{\"image\":\"x.png\"}\n", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_null (fv_compare (&one, &two, 1, 1, &error));
  assert_says (error, "y.png");
  g_clear_error (&error);
  g_assert_null (fv_compare (&two, &one, 1, 1, &error));
  assert_says (error, "y.png");
}

static void
test_refused (Fixture *fixture, gconstpointer unused)
{
  static const char *const texts[] = { "",
                                       "\n\n",
                                       "{",
                                       "[]\n",
                                       "3\n",
                                       "null\n",
                                       "{}\n",
                                       "{\"image\": 3}\n",
                                       "{\"image\":\"a\"}\n{\"image\":\"a\"}\n",

                                       "{\"image\":\"a\",\"x\":[[[[[[]]]]]]}\n",
                                       "\xff\n",
                                       "{\"image\":\"\\ud800\"}\n" };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_autoptr (GError) error = NULL;
    FvResultTable *table = load (fixture, "bad.jsonl", texts[i], &error);

    g_test_message ("%s", error != NULL ? error->message : "accepted");
    g_assert_null (table);
    assert_says (error, "bad.jsonl");
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)
  ADD ("/comparison/by-hand", test_by_hand);
  ADD ("/comparison/class-without-label", test_class_without_label);
  ADD ("/comparison/identical", test_identical);
  ADD ("/comparison/runs", test_runs);
  ADD ("/comparison/other-classes", test_other_classes);
  ADD ("/comparison/missing-pictures", test_missing_pictures);
  ADD ("/comparison/refused", test_refused);
#undef ADD
  return g_test_run ();
}
