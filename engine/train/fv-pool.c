/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Cutting the labelled from the unlabelled. */

#include "fv-pool.h"

#include "fv-few-labels.h"

/* All pictures of a project that is cut by chance are as good as unlabelled. (transfer full) */
static FvDataset *
open_other (const char *path, guint64 seed, GError **error)
{
  g_autoptr (FvDataset) dataset = fv_dataset_open (path, seed, error);

  if (dataset == NULL || !fv_dataset_has_drawn_splits (dataset))
    return g_steal_pointer (&dataset);
  return fv_dataset_new_for_training (dataset);
}

/* (transfer full) */
static FvDataset *
find_pool (const FvTrainConfig *config, FvDataset *labelled, FvDataset *rest, GError **error)
{
  const char *name = config->unlabelled;

  if (name != NULL && !g_str_equal (name, FV_POOL_LABELLED))
    return open_other (name, config->seed, error);
  if (name == NULL && rest != NULL && fv_dataset_get_n_in_split (rest, FV_SPLIT_TRAIN) > 0)
    return fv_dataset_ref (rest);
  return fv_dataset_ref (labelled);
}

gboolean
fv_pool_choose (FvDataset *dataset, const FvTrainConfig *config, FvDataset **labelled,
                FvDataset **pool, GError **error)
{
  g_autoptr (FvDataset) rest = NULL;

  *pool = NULL;
  if (config->labelled > 0)
    fv_few_labels_split (dataset, config->labelled, config->seed, labelled, &rest);
  else
    *labelled = fv_dataset_ref (dataset);
  if (config->mode == FV_MODE_SUPERVISED)
    return TRUE;
  *pool = find_pool (config, *labelled, rest, error);
  if (*pool != NULL)
    return TRUE;
  g_clear_pointer (labelled, fv_dataset_unref);
  return FALSE;
}
