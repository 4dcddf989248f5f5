/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See the header. */

#include "fv-model-info.h"

FvModelInfo *
fv_model_info_new (const char *source, const char *architecture, gsize n_layers)
{
  FvModelInfo *self = g_atomic_rc_box_new0 (FvModelInfo);

  self->source = g_strdup (source);
  self->architecture = g_strdup (architecture);
  self->n_layers = n_layers;
  self->layers = g_new0 (FvLayerInfo, n_layers);
  return self;
}

FvModelInfo *
fv_model_info_ref (FvModelInfo *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
clear_model_info (FvModelInfo *self)
{
  for (gsize i = 0; i < self->n_layers; i++)
    g_free (self->layers[i].name);
  g_free (self->layers);
  g_strfreev (self->classes);
  g_free (self->architecture);
  g_free (self->source);
}

void
fv_model_info_unref (FvModelInfo *self)
{
  g_atomic_rc_box_release_full (self, (GDestroyNotify) clear_model_info);
}

char *
fv_model_info_dup_class_name (const FvModelInfo *self, int index)
{
  if (self->classes != NULL && index >= 0 && index < self->n_classes)
    return g_strdup (self->classes[index]);
  return g_strdup_printf ("%d", index);
}

gboolean
fv_model_info_has_classes_of (const FvModelInfo *self, const FvDataset *dataset)
{
  if (self->n_classes != fv_dataset_get_n_classes (dataset))
    return FALSE;
  for (int i = 0; self->classes != NULL && i < self->n_classes; i++)
    if (!g_str_equal (self->classes[i], fv_dataset_get_class_name (dataset, i)))
      return FALSE;
  return TRUE;
}

int
fv_model_info_find_label (const FvModelInfo *self, const FvDataset *dataset, int label)
{
  const char *name = fv_dataset_get_class_name (dataset, label);

  if (self->classes == NULL)
    return fv_model_info_has_classes_of (self, dataset) ? label : -1;
  for (int i = 0; i < self->n_classes; i++)
    if (g_str_equal (self->classes[i], name))
      return i;
  return -1;
}

/* Whether module @outer holds @inner: "features.14" holds "features.14.conv.0". */
static gboolean
holds (const char *outer, const char *inner)
{
  gsize length = strlen (outer);

  return strncmp (outer, inner, length) == 0 && inner[length] == '.';
}

gsize
fv_model_info_get_last_stage (const FvModelInfo *self)
{
  const FvLayerInfo *last = &self->layers[self->default_layer];
  gsize stage = 0;

  while (stage < self->default_layer
         && (self->layers[stage].height > last->height || self->layers[stage].width > last->width))
    stage++;
  for (gsize i = 0; i < self->n_layers; i++)
    if (self->layers[i].height == last->height && self->layers[i].width == last->width
        && holds (self->layers[i].name, self->layers[stage].name)
        && !holds (self->layers[i].name, self->layers[0].name))
      stage = i;
  return stage;
}
