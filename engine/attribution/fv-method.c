/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The table of methods. */

#include "fv-method.h"

static const FvMethodInfo table[] = {
  { "gradcam", "Grad-CAM", "evidence (logit)", FALSE, TRUE, FALSE, 1 },
  { "guided_gradcam", "Guided Grad-CAM", "guided gradient × evidence", FALSE, TRUE, FALSE, 4 },
  { "guided_backprop", "Guided backprop", "guided gradient", FALSE, FALSE, FALSE, 4 },
  { "deconvnet", "DeconvNet", "rectified gradient", FALSE, FALSE, FALSE, 4 },
  { "saliency", "Saliency", "gradient (logit per unit of input)", FALSE, FALSE, FALSE, 4 },
  { "input_x_gradient", "Input × gradient", "evidence (logit)", FALSE, FALSE, FALSE, 4 },
  { "integrated_gradients", "Integrated gradients", "evidence (logit)", FALSE, FALSE, FALSE, 152 },
  { "smoothgrad", "SmoothGrad", "gradient (logit per unit of input)", FALSE, FALSE, FALSE, 151 },
  { "random", "Random (control)", "random value", TRUE, TRUE, FALSE, 1 },
  { "sobel", "Edges (control)", "strength of edges", TRUE, TRUE, FALSE, 1 },
  { "transformer", "Transformer attribution", "relevance", FALSE, FALSE, TRUE, 4 },
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

char *
fv_method_list_keys (void)
{
  GString *keys = g_string_new (table[0].key);

  for (gsize i = 1; i < G_N_ELEMENTS (table); i++)
    g_string_append_printf (keys, "%s%s", i + 1 < G_N_ELEMENTS (table) ? ", " : " and ",
                            table[i].key);
  return g_string_free (keys, FALSE);
}
