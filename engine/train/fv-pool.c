/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Cutting the labelled from the unlabelled. */

#include "fv-pool.h"

#include <glib/gstdio.h>

#include "fv-few-labels.h"

/* Whether both are the same folder or file, whatever it is called. */
static gboolean
is_same_place (const char *a, const char *b)
{
  GStatBuf first, second;

  return g_stat (a, &first) == 0 && g_stat (b, &second) == 0 && first.st_dev == second.st_dev
         && first.st_ino == second.st_ino;
}

/* All pictures of a project that is cut by chance are as good as unlabelled, but those of @dataset
 * itself, which are kept for validation and test. (transfer full) */
static FvDataset *
open_other (const char *path, FvDataset *dataset, guint64 seed, GError **error)
{
  g_autoptr (FvDataset) other = NULL;

  if (is_same_place (path, fv_dataset_get_path (dataset)))
    return fv_dataset_ref (dataset);
  other = fv_dataset_open (path, seed, error);
  if (other == NULL || !fv_dataset_has_drawn_splits (other))
    return g_steal_pointer (&other);
  return fv_dataset_new_for_training (other);
}

/* (transfer full) */
static FvDataset *
find_pool (const FvTrainConfig *config, FvDataset *dataset, FvDataset *labelled, FvDataset *rest,
           GError **error)
{
  const char *name = config->unlabelled;

  if (name != NULL && !g_str_equal (name, FV_POOL_LABELLED))
    return open_other (name, dataset, config->seed, error);
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
  *pool = find_pool (config, dataset, *labelled, rest, error);
  if (*pool != NULL)
    return TRUE;
  g_clear_pointer (labelled, fv_dataset_unref);
  return FALSE;
}
