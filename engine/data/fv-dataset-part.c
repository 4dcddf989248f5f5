/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Some of a dataset's samples as a dataset. */

#include "fv-dataset-private.h"

#include <string.h>

FvDataset *
fv_dataset_new_part (FvDataset *dataset, const gsize *indices, gsize n)
{
  FvDataset *self = g_new0 (FvDataset, 1);

  g_return_val_if_fail (dataset != NULL, NULL);

  g_atomic_ref_count_init (&self->references);
  self->whole = fv_dataset_ref (dataset);
  self->path = dataset->path;
  self->folder = dataset->folder;
  self->coco = dataset->coco;
  self->strings = dataset->strings;
  self->n_left_out = dataset->n_left_out;
  self->classes = g_ptr_array_ref (dataset->classes);
  self->groups = g_ptr_array_ref (dataset->groups);
  self->has_drawn_splits = dataset->has_drawn_splits;
  self->samples = g_array_sized_new (FALSE, FALSE, sizeof (FvSample), (guint) n);
  for (gsize i = 0; i < n; i++) {
    const FvSample *sample = fv_dataset_get_sample (dataset, indices[i]);

    g_array_append_vals (self->samples, sample, 1);
    self->n_in_split[sample->split]++;
  }
  return self;
}

FvDataset *
fv_dataset_new_for_training (FvDataset *dataset)
{
  gsize n = fv_dataset_get_n_samples (dataset);
  g_autofree gsize *all = g_new (gsize, n);
  FvDataset *self;

  for (gsize i = 0; i < n; i++)
    all[i] = i;
  self = fv_dataset_new_part (dataset, all, n);
  for (guint i = 0; i < self->samples->len; i++)
    g_array_index (self->samples, FvSample, i).split = FV_SPLIT_TRAIN;
  memset (self->n_in_split, 0, sizeof self->n_in_split);
  self->n_in_split[FV_SPLIT_TRAIN] = n;
  return self;
}
