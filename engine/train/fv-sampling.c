/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Shuffles and counts. */

#include "fv-sampling.h"

#include <math.h>

#include "fv-random.h"
#include "fv-tensor.h"

/* So that the masks that are kept do not hang on other draws from the seed. */
#define PURPOSE 0x6d61736b

struct _FvSampling {
  int *kinds;         /* of the pictures, which come equally often; NULL: no matter */
  float *importances; /* NULL: all the same */
};

static void
shuffle (GRand *random, guint *items, guint n)
{
  for (guint i = n; i > 1; i--) {
    guint j = (guint) g_rand_int_range (random, 0, (gint32) i);
    guint moved = items[i - 1];

    items[i - 1] = items[j];
    items[j] = moved;
  }
}

/* -- kinds ---------------------------------------------------------------------------------- */

/* The pictures of each kind that occurs, by the order of their first: of GArray of guint. */
static GPtrArray *
group_by_kind (const int *kinds, guint n)
{
  GPtrArray *groups = g_ptr_array_new_with_free_func ((GDestroyNotify) g_array_unref);
  g_autoptr (GHashTable) by_kind = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < n; i++) {
    GArray *group = g_hash_table_lookup (by_kind, GINT_TO_POINTER (kinds[i]));

    if (group == NULL) {
      group = g_array_new (FALSE, FALSE, sizeof (guint));
      g_ptr_array_add (groups, group);
      g_hash_table_insert (by_kind, GINT_TO_POINTER (kinds[i]), group);
    }
    g_array_append_val (group, i);
  }
  return groups;
}

/* Takes @n of @group, each picture again only after all others. */
static void
draw_from (GRand *random, GArray *group, guint n, guint *to)
{
  for (guint i = 0; i < n; i++) {
    guint place = i % group->len;

    if (place == 0)
      shuffle (random, (guint *) group->data, group->len);
    to[i] = g_array_index (group, guint, place);
  }
}

static void
fill_balanced (GRand *random, const int *kinds, guint n, guint *order)
{
  g_autoptr (GPtrArray) groups = group_by_kind (kinds, n);
  g_autofree guint *turns = g_new (guint, groups->len);
  guint done = 0;

  for (guint i = 0; i < groups->len; i++)
    turns[i] = i;
  shuffle (random, turns, groups->len); /* the first ones get the pictures that are left over */
  for (guint i = 0; i < groups->len; i++) {
    guint share = n / groups->len + (i < n % groups->len ? 1 : 0);

    draw_from (random, g_ptr_array_index (groups, turns[i]), share, order + done);
    done += share;
  }
}

guint *
fv_sampling_order (const FvSampling *self, GRand *random, guint n)
{
  guint *order = g_new (guint, n);

  if (self != NULL && self->kinds != NULL)
    fill_balanced (random, self->kinds, n, order);
  else
    for (guint i = 0; i < n; i++)
      order[i] = i;
  shuffle (random, order, n);
  return order;
}

/* (transfer full) */
static float *
compute_importances (const int *kinds, guint n)
{
  g_autoptr (GPtrArray) groups = group_by_kind (kinds, n);
  float *importances = g_new (float, n);
  double sum = 0;

  for (guint i = 0; i < groups->len; i++) {
    const GArray *group = g_ptr_array_index (groups, i);
    double importance = MIN ((double) n / groups->len / group->len, FV_SAMPLING_MAX_IMPORTANCE);

    sum += importance * group->len;
    for (guint j = 0; j < group->len; j++)
      importances[g_array_index (group, guint, j)] = (float) importance;
  }
  for (guint i = 0; i < n; i++)
    importances[i] = (float) (importances[i] * n / sum);
  return importances;
}

const float *
fv_sampling_get_importances (const FvSampling *self)
{
  return self != NULL ? self->importances : NULL;
}

/* -- making --------------------------------------------------------------------------------- */

FvSampling *
fv_sampling_new_of_kinds (const int *balanced, const int *weighed, guint n)
{
  FvSampling *self = g_new0 (FvSampling, 1);

  if (balanced != NULL)
    self->kinds = g_memdup2 (balanced, n * sizeof *balanced);
  if (weighed != NULL)
    self->importances = compute_importances (weighed, n);
  return self;
}

void
fv_sampling_free (FvSampling *self)
{
  if (self == NULL)
    return;
  g_free (self->kinds);
  g_free (self->importances);
  g_free (self);
}

/* Of the pictures of @split: of int. */
static GArray *
list_kinds (const FvDataset *dataset, FvSplit split, gboolean by_group)
{
  GArray *kinds = g_array_new (FALSE, FALSE, sizeof (int));

  for (gsize i = 0; i < fv_dataset_get_n_samples (dataset); i++) {
    const FvSample *sample = fv_dataset_get_sample (dataset, i);

    if (sample->split == split)
      g_array_append_vals (kinds, by_group ? &sample->group_id : &sample->label, 1);
  }
  return kinds;
}

FvSampling *
fv_sampling_new (const FvDataset *dataset, FvSplit split, FvBalance balance, gboolean reweight,
                 GError **error)
{
  gboolean has_groups = fv_dataset_get_n_groups (dataset) > 0;
  g_autoptr (GArray) balanced = list_kinds (dataset, split, balance == FV_BALANCE_GROUP);
  g_autoptr (GArray) weighed = list_kinds (dataset, split, has_groups);

  if (balance == FV_BALANCE_GROUP && !has_groups) {
    g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_ARGUMENT,
                 "“%s” has no groups to balance: balance its classes",
                 fv_dataset_get_path (dataset));
    return NULL;
  }
  return fv_sampling_new_of_kinds (balance != FV_BALANCE_NONE ? (const int *) balanced->data : NULL,
                                   reweight ? (const int *) weighed->data : NULL, balanced->len);
}

/* -- masks ---------------------------------------------------------------------------------- */

void
fv_sampling_keep_share (gboolean *flags, guint n, double share, guint64 seed)
{
  g_autoptr (GRand) random = fv_random_new (seed, PURPOSE);
  g_autoptr (GArray) set = g_array_new (FALSE, FALSE, sizeof (guint));
  guint n_kept;

  for (guint i = 0; i < n; i++)
    if (flags[i])
      g_array_append_val (set, i);
  n_kept = (guint) floor (share * set->len + 0.5);
  if (share > 0)
    n_kept = MAX (n_kept, MIN (set->len, 1));
  shuffle (random, (guint *) set->data, set->len);
  for (guint i = n_kept; i < set->len; i++)
    flags[g_array_index (set, guint, i)] = FALSE;
}
