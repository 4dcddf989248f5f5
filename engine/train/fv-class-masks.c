/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A list that most pictures have one of, and many none. */

#include "fv-class-masks.h"

static void
clear_mask (gpointer data)
{
  FvClassMask *mask = data;

  g_free (mask->inside);
  g_free (mask->opinion);
}

void
fv_class_masks_add (GArray **masks, int label, const FvMask *mask, int width, int height)
{
  gsize n_cells = (gsize) width * (gsize) height;
  FvClassMask pooled = { label, g_new (float, n_cells), g_new (float, n_cells) };

  fv_mask_pool (mask, width, height, pooled.inside, pooled.opinion);
  if (*masks == NULL) {
    *masks = g_array_new (FALSE, FALSE, sizeof (FvClassMask));
    g_array_set_clear_func (*masks, clear_mask);
  }
  g_array_append_val (*masks, pooled);
}

guint
fv_class_masks_count (const GArray *masks)
{
  return masks != NULL ? masks->len : 0;
}

const FvClassMask *
fv_class_masks_get (const GArray *masks, guint index)
{
  return &g_array_index (masks, FvClassMask, index);
}

gboolean
fv_class_masks_has (const GArray *masks, int label)
{
  for (guint i = 0; i < fv_class_masks_count (masks); i++)
    if (fv_class_masks_get (masks, i)->label == label)
      return TRUE;
  return FALSE;
}
