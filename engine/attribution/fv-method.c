/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The table of methods. */

#include "fv-method.h"

static const FvMethodInfo table[] = {
  { "gradcam", "Grad-CAM", "evidence (logit)", FALSE, FALSE },
  { "random", "Random (control)", "random value", TRUE, FALSE },
  { "sobel", "Edges (control)", "strength of edges", TRUE, FALSE },
  { "transformer", "Transformer attribution", "relevance", FALSE, TRUE },
};

guint
fv_method_get_n (void)
{
  return G_N_ELEMENTS (table);
}

const FvMethodInfo *
fv_method_get (guint index)
{
  g_return_val_if_fail (index < G_N_ELEMENTS (table), NULL);
  return &table[index];
}

const FvMethodInfo *
fv_method_find (const char *key)
{
  for (gsize i = 0; i < G_N_ELEMENTS (table); i++)
    if (g_strcmp0 (table[i].key, key) == 0)
      return &table[i];
  return NULL;
}
