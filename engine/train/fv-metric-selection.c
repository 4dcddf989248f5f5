/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Words into bits. */

#include "fv-metric-selection.h"

#include "fv-metric-family.h"

FvMetricSelection
fv_metric_selection_default (void)
{
  FvMetricSelection selection = { 0 };

  fv_metric_selection_add_family (&selection, FV_FAMILY_ALIGNMENT);
  return selection;
}

/* “all”: what was not chosen before is left out where a network cannot have it. */
static void
add_all (FvMetricSelection *selection)
{
  for (FvMetricFamily family = 0; family < FV_N_FAMILIES; family++) {
    if (fv_metric_selection_get (selection, family) == 0)
      selection->optional |= (guint32) 1 << family;
    fv_metric_selection_add_family (selection, family);
  }
}

static gboolean
add_family (const char *word, FvMetricSelection *selection)
{
  for (FvMetricFamily family = 0; family < FV_N_FAMILIES; family++)
    if (g_str_equal (word, fv_metric_family_get_name (family))) {
      fv_metric_selection_add_family (selection, family);
      selection->optional &= ~((guint32) 1 << family);
      return TRUE;
    }
  return FALSE;
}

static gboolean
add_metric (const char *word, FvMetricSelection *selection)
{
  for (FvMetricFamily family = 0; family < FV_N_FAMILIES; family++)
    for (guint i = 0; i < fv_metric_family_get_n (family); i++)
      if (g_str_equal (word, fv_metric_family_get_info (family, i)->key)) {
        fv_metric_selection_add (selection, family, i);
        selection->optional &= ~((guint32) 1 << family);
        return TRUE;
      }
  return FALSE;
}

/* Accuracy is always measured. */
static gboolean
add_word (const char *word, FvMetricSelection *selection)
{
  if (g_str_equal (word, "all")) {
    add_all (selection);
    return TRUE;
  }
  return g_str_equal (word, "accuracy") || add_family (word, selection)
         || add_metric (word, selection);
}

char *
fv_metric_selection_list_words (void)
{
  GString *words = g_string_new (NULL);

  for (FvMetricFamily family = 0; family < FV_N_FAMILIES; family++)
    g_string_append_printf (words, "%s, ", fv_metric_family_get_name (family));
  g_string_append (words, "all");
  return g_string_free (words, FALSE);
}

gboolean
fv_metric_selection_parse (const char *text, FvMetricSelection *selection, GError **error)
{
  /* An empty text is one empty word, which is wrong. */
  g_auto (GStrv) words = g_strsplit (*text != '\0' ? text : ",", ",", -1);
  g_autofree char *families = fv_metric_selection_list_words ();

  *selection = (FvMetricSelection){ 0 };
  for (char **word = words; *word != NULL; word++) {
    if (add_word (*word, selection))
      continue;
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                 "there is no metric “%s”: name accuracy, %s, or keys as --json prints them", *word,
                 families);
    return FALSE;
  }
  return TRUE;
}
