/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One walk over the training pictures in a drawn order. */

#include "fv-few-labels.h"

#include "fv-random.h"

/* So that which labels are kept does not hang on other draws from the seed. */
#define PURPOSE 0x66657773

/* The training pictures in a drawn order, those with one class before those with several.
 * (element-type guint32) */
static GArray *
draw_order (const FvDataset *dataset, guint64 seed)
{
  GArray *order = g_array_new (FALSE, FALSE, sizeof (guint32));
  g_autoptr (GRand) random = fv_random_new (seed, PURPOSE);
  gsize n = fv_dataset_get_n_samples (dataset);

  for (int several = FALSE; several <= TRUE; several++) {
    guint first = order->len;

    for (guint32 i = 0; i < n; i++) {
      const FvSample *sample = fv_dataset_get_sample (dataset, i);

      if (sample->split == FV_SPLIT_TRAIN && (sample->n_classes > 1) == several)
        g_array_append_val (order, i);
    }
    fv_random_draw (random, (guint32 *) order->data + first, order->len - first,
                    order->len - first);
  }
  return order;
}

/* Whether any of the picture's classes has fewer than @n_per_class; then it is counted. */
static gboolean
take (const FvDataset *dataset, gsize index, int n_per_class, int *counts)
{
  gboolean wanted = FALSE;

  for (int c = 0; c < fv_dataset_get_n_classes (dataset); c++)
    wanted = wanted || (fv_dataset_has_class (dataset, index, c) && counts[c] < n_per_class);
  for (int c = 0; wanted && c < fv_dataset_get_n_classes (dataset); c++)
    counts[c] += fv_dataset_has_class (dataset, index, c);
  return wanted;
}

void
fv_few_labels_split (FvDataset *dataset, int n_per_class, guint64 seed, FvDataset **labelled,
                     FvDataset **pool)
{
  gsize n = fv_dataset_get_n_samples (dataset), n_kept = 0, n_rest = 0;
  g_autoptr (GArray) order = draw_order (dataset, seed);
  g_autofree int *counts = g_new0 (int, fv_dataset_get_n_classes (dataset));
  g_autofree gboolean *keeps = g_new0 (gboolean, n);
  g_autofree gsize *kept = g_new (gsize, n);
  g_autofree gsize *rest = g_new (gsize, n);

  for (guint i = 0; i < order->len; i++) {
    guint32 index = g_array_index (order, guint32, i);

    keeps[index] = take (dataset, index, n_per_class, counts);
  }
  for (gsize i = 0; i < n; i++)
    if (keeps[i] || fv_dataset_get_sample (dataset, i)->split != FV_SPLIT_TRAIN)
      kept[n_kept++] = i;
    else
      rest[n_rest++] = i;
  *labelled = fv_dataset_new_part (dataset, kept, n_kept);
  *pool = fv_dataset_new_part (dataset, rest, n_rest);
}
