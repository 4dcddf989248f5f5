/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The table of families: every name and key is one metric's alone, chooses it alone, and leads to
 * its own number. */

#include "fv-metric-family.h"

#include <math.h>

/* What choosing it leaves chosen, over all families. */
static guint
count_chosen (const FvMetricSelection *selection)
{
  guint n = 0;

  for (FvMetricFamily family = 0; family < FV_N_FAMILIES; family++)
    for (guint i = 0; i < 32; i++)
      n += fv_metric_selection_has (selection, family, i);
  return n;
}

static void
test_words (void)
{
  g_autoptr (GHashTable) words = g_hash_table_new (g_str_hash, g_str_equal);
  FvMetricSelection selection;
  guint n = 0;

  for (FvMetricFamily family = 0; family < FV_N_FAMILIES; family++) {
    const char *name = fv_metric_family_get_name (family);

    g_assert_true (g_hash_table_add (words, (gpointer) name));
    g_assert_true (fv_metric_selection_parse (name, &selection, NULL));
    g_assert_cmpuint (count_chosen (&selection), ==, fv_metric_family_get_n (family));
    g_assert_cmpuint (fv_metric_family_get_first (family), ==, n);
    n += fv_metric_family_get_n (family);
    for (guint i = 0; i < fv_metric_family_get_n (family); i++) {
      const FvMetricInfo *info = fv_metric_family_get_info (family, i);

      g_assert_true (g_hash_table_add (words, (gpointer) info->key));
      g_assert_cmpfloat (info->low, <, info->high);
      g_assert_true (fv_metric_selection_parse (info->key, &selection, NULL));
      g_assert_cmpuint (count_chosen (&selection), ==, 1);
      g_assert_true (fv_metric_selection_has (&selection, family, i));
    }
  }
  g_assert_cmpuint (n, ==, FV_N_METRICS);
  g_assert_true (fv_metric_selection_parse ("all", &selection, NULL));
  g_assert_cmpuint (count_chosen (&selection), ==, FV_N_METRICS);
  g_assert_true (fv_metric_selection_parse ("accuracy", &selection, NULL));
  g_assert_cmpuint (count_chosen (&selection), ==, 0);
}

static void
test_refusal (void)
{
  FvMetricSelection selection;
  g_autoptr (GError) error = NULL;

  g_assert_false (fv_metric_selection_parse ("energy,magic", &selection, &error));
  g_assert_cmpstr (error->message, ==,
                   "there is no metric “magic”: name accuracy, alignment, faithfulness, "
                   "localisation, sanity, consistency, all, or keys as --json prints them");
}

static void
test_numbers (void)
{
  FvImageResult result = fv_image_result_new (7, 2);

  g_assert_cmpuint (result.sample, ==, 7);
  g_assert_cmpint (result.label, ==, 2);
  g_assert_false (result.alignment.defined);
  for (FvMetricFamily family = 0; family < FV_N_FAMILIES; family++)
    for (guint i = 0; i < fv_metric_family_get_n (family); i++)
      g_assert_true (isnan (fv_image_result_get_values (&result, family)[i]));
  result.alignment.values[FV_ALIGNMENT_IOU] = 0.25;
  result.alignment.chance[FV_ALIGNMENT_IOU] = 0.125;
  result.faithfulness.values[FV_FAITHFULNESS_ROAD] = 0.5;
  result.localisation.values[FV_LOCALISATION_BOX] = 0.75;
  result.sanity.values[FV_SANITY_COMPLEXITY] = 1;
  result.consistency.values[FV_CONSISTENCY_R] = -1;
#define VALUE(family, metric) (fv_image_result_get_values (&result, family)[metric])
  g_assert_cmpfloat (VALUE (FV_FAMILY_ALIGNMENT, FV_ALIGNMENT_IOU), ==, 0.25);
  g_assert_cmpfloat (VALUE (FV_FAMILY_FAITHFULNESS, FV_FAITHFULNESS_ROAD), ==, 0.5);
  g_assert_cmpfloat (VALUE (FV_FAMILY_LOCALISATION, FV_LOCALISATION_BOX), ==, 0.75);
  g_assert_cmpfloat (VALUE (FV_FAMILY_SANITY, FV_SANITY_COMPLEXITY), ==, 1);
  g_assert_cmpfloat (VALUE (FV_FAMILY_CONSISTENCY, FV_CONSISTENCY_R), ==, -1);
#undef VALUE
  g_assert_cmpfloat (fv_image_result_get_chances (&result, FV_FAMILY_ALIGNMENT)[FV_ALIGNMENT_IOU],
                     ==, 0.125);
  g_assert_null (fv_image_result_get_chances (&result, FV_FAMILY_SANITY));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/metric-family/words", test_words);
  g_test_add_func ("/metric-family/refusal", test_refusal);
  g_test_add_func ("/metric-family/numbers", test_numbers);
  return g_test_run ();
}
