/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Words into bits. */

#include "fv-metric-selection.h"

#define ALL_OF(n) (((guint32) 1 << (n)) - 1)

FvMetricSelection
fv_metric_selection_default (void)
{
  return (FvMetricSelection){ .alignment = ALL_OF (FV_ALIGNMENT_N) };
}

static gboolean
add_family (const char *word, FvMetricSelection *selection)
{
  gboolean all = g_str_equal (word, "all");
  gboolean found = all || g_str_equal (word, "accuracy"); /* which is always measured */

  if (all || g_str_equal (word, "alignment")) {
    selection->alignment = ALL_OF (FV_ALIGNMENT_N);
    found = TRUE;
  }
  if (all || g_str_equal (word, "faithfulness")) {
    selection->faithfulness = FV_FAITHFULNESS_ALL;
    found = TRUE;
  }
  if (all || g_str_equal (word, "localisation")) {
    selection->localisation = ALL_OF (FV_LOCALISATION_N);
    found = TRUE;
  }
  if (all || g_str_equal (word, "sanity")) {
    selection->sanity = FV_SANITY_ALL;
    found = TRUE;
  }
  return found;
}

static gboolean
add_metric (const char *word, FvMetricSelection *selection)
{
  for (int i = 0; i < FV_ALIGNMENT_N; i++)
    if (g_str_equal (word, fv_alignment_metric_info ((FvAlignmentMetric) i)->key)) {
      selection->alignment |= (guint32) 1 << i;
      return TRUE;
    }
  for (int i = 0; i < FV_FAITHFULNESS_N; i++)
    if (g_str_equal (word, fv_faithfulness_metric_info ((FvFaithfulnessMetric) i)->key)) {
      selection->faithfulness |= FV_FAITHFULNESS_BIT (i);
      return TRUE;
    }
  for (int i = 0; i < FV_LOCALISATION_N; i++)
    if (g_str_equal (word, fv_localisation_metric_info ((FvLocalisationMetric) i)->key)) {
      selection->localisation |= (guint32) 1 << i;
      return TRUE;
    }
  for (int i = 0; i < FV_SANITY_N; i++)
    if (g_str_equal (word, fv_sanity_metric_info ((FvSanityMetric) i)->key)) {
      selection->sanity |= FV_SANITY_BIT (i);
      return TRUE;
    }
  return FALSE;
}

gboolean
fv_metric_selection_parse (const char *text, FvMetricSelection *selection, GError **error)
{
  /* An empty text is one empty word, which is wrong. */
  g_auto (GStrv) words = g_strsplit (*text != '\0' ? text : ",", ",", -1);

  *selection = (FvMetricSelection){ 0 };
  for (char **word = words; *word != NULL; word++) {
    if (add_family (*word, selection) || add_metric (*word, selection))
      continue;
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                 "there is no metric “%s”: name accuracy, alignment, faithfulness, localisation, "
                 "sanity, all, or keys as --json prints them",
                 *word);
    return FALSE;
  }
  return TRUE;
}
