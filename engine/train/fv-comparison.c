/* SPDX-License-Identifier: GPL-3.0-or-later */

/* All tables in the order of the first one's pictures, then one row after another. */

#include "fv-comparison.h"

#include <math.h>

#include "fv-accuracy.h"

/* One side and run: its table, and where the pictures are in it. */
typedef struct {
  const FvResultTable *table;
  gsize *rows; /* [n] */
} Side;

typedef struct {
  Side *sides; /* [2 · n_runs]: A of each run, then B of each run */
  gsize n_runs, n;
  guint64 seed;
  int n_classes, n_groups;
  int *labels, *groups; /* [n]: of the first table */
  int **predictions;    /* [2 · n_runs][n] */
  GPtrArray *rows;
} Comparison;

static void
comparison_clear (Comparison *self)
{
  for (gsize i = 0; i < 2 * self->n_runs; i++) {
    g_free (self->sides[i].rows);
    g_free (self->predictions[i]);
  }
  g_free (self->sides);
  g_free (self->predictions);
  g_free (self->labels);
  g_free (self->groups);
  g_clear_pointer (&self->rows, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Comparison, comparison_clear)

static void
row_free (FvComparisonRow *row)
{
  g_free (row->key);
  g_free (row);
}

/* -- the same pictures everywhere ----------------------------------------------------------- */

static gboolean
fail_missing (const char *image, const FvResultTable *has, const FvResultTable *lacks,
              GError **error)
{
  g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_ARGUMENT,
               "“%s” is in “%s”, but not in “%s”: both must be measured on the same pictures",
               image, fv_result_table_get_name (has), fv_result_table_get_name (lacks));
  return FALSE;
}

static gboolean
match (Comparison *self, Side *side, GError **error)
{
  const FvResultTable *first = self->sides[0].table;

  side->rows = g_new (gsize, MAX (self->n, 1));
  for (gsize i = 0; i < self->n; i++) {
    const char *image = fv_result_table_get_image (first, i);
    gssize row = fv_result_table_find (side->table, image);

    if (row < 0)
      return fail_missing (image, first, side->table, error);
    side->rows[i] = (gsize) row;
  }
  for (gsize i = 0; i < fv_result_table_get_n (side->table); i++)
    if (fv_result_table_find (first, fv_result_table_get_image (side->table, i)) < 0)
      return fail_missing (fv_result_table_get_image (side->table, i), side->table, first, error);
  return TRUE;
}

/* Numbers for the groups, in the order they are met; −1 for none. */
static void
number_groups (Comparison *self)
{
  g_autoptr (GHashTable) numbers = g_hash_table_new (g_str_hash, g_str_equal);

  for (gsize i = 0; i < self->n; i++) {
    const char *group = fv_result_table_get_group (self->sides[0].table, i);

    self->groups[i] = -1;
    if (group == NULL)
      continue;
    if (!g_hash_table_contains (numbers, group))
      g_hash_table_insert (numbers, (gpointer) group, GINT_TO_POINTER (self->n_groups++));
    self->groups[i] = GPOINTER_TO_INT (g_hash_table_lookup (numbers, group));
  }
}

/* A class that is only ever predicted counts in F1, as it does in an evaluation. */
static void
read_classes (Comparison *self)
{
  self->labels = g_new (int, MAX (self->n, 1));
  self->groups = g_new (int, MAX (self->n, 1));
  for (gsize i = 0; i < self->n; i++)
    self->labels[i] = fv_result_table_get_label (self->sides[0].table, i);
  for (gsize k = 0; k < 2 * self->n_runs; k++)
    for (gsize i = 0; i < self->n; i++)
      self->predictions[k][i]
          = fv_result_table_get_prediction (self->sides[k].table, self->sides[k].rows[i]);
  for (gsize i = 0; i < self->n; i++) {
    self->n_classes = MAX (self->n_classes, self->labels[i] + 1);
    for (gsize k = 0; k < 2 * self->n_runs; k++)
      self->n_classes = MAX (self->n_classes, self->predictions[k][i] + 1);
  }
  number_groups (self);
}

static gboolean
set_up (Comparison *self, FvResultTable *const *a, FvResultTable *const *b, GError **error)
{
  self->sides = g_new0 (Side, 2 * self->n_runs);
  self->predictions = g_new0 (int *, 2 * self->n_runs);
  self->rows = g_ptr_array_new_with_free_func ((GDestroyNotify) row_free);
  self->n = fv_result_table_get_n (a[0]);
  for (gsize k = 0; k < 2 * self->n_runs; k++) {
    self->sides[k].table = k < self->n_runs ? a[k] : b[k - self->n_runs];
    self->predictions[k] = g_new (int, MAX (self->n, 1));
  }
  for (gsize k = 0; k < 2 * self->n_runs; k++)
    if (!match (self, &self->sides[k], error))
      return FALSE;
  read_classes (self);
  return TRUE;
}

/* -- rows ----------------------------------------------------------------------------------- */

static void
add_row (Comparison *self, const char *key, double a, double b, FvDifference difference)
{
  FvComparisonRow *row = g_new (FvComparisonRow, 1);

  *row = (FvComparisonRow){ g_strdup (key), a, b, difference, NAN };
  g_ptr_array_add (self->rows, row);
}

/* What side @k says of picture @i; NaN where it is undefined. */
typedef double (*Reading) (const Comparison *self, gsize k, gsize i, const char *key);

static double
read_value (const Comparison *self, gsize k, gsize i, const char *key)
{
  const Side *side = &self->sides[k];

  return fv_result_table_get_value (side->table, key, side->rows[i]);
}

static double
read_right (const Comparison *self, gsize k, gsize i, const char *key)
{
  int right = fv_result_table_get_right (self->sides[k].table, self->sides[k].rows[i]);

  return right >= 0 ? right : NAN;
}

static double
read_right_if (const Comparison *self, gsize k, gsize i, int aligned)
{
  return fv_result_table_get_aligned (self->sides[0].table, i) == aligned
             ? read_right (self, k, i, NULL)
             : NAN;
}

static double
read_aligned (const Comparison *self, gsize k, gsize i, const char *key)
{
  return read_right_if (self, k, i, 1);
}

static double
read_conflicting (const Comparison *self, gsize k, gsize i, const char *key)
{
  return read_right_if (self, k, i, 0);
}

typedef struct {
  double *values; /* [2 · n_runs][n] of the pictures that count */
  gsize n_runs, n;
} Means;

static double
mean_difference_of (gsize run, const gsize *indices, gsize n, gpointer user_data)
{
  const Means *means = user_data;
  const double *a = means->values + run * means->n;
  const double *b = means->values + (means->n_runs + run) * means->n;
  double sum = 0;

  for (gsize i = 0; i < n; i++)
    sum += b[indices[i]] - a[indices[i]];
  return sum / (double) n;
}

static double
mean_of_side (const Means *means, gboolean b)
{
  const double *values = means->values + (b ? means->n_runs * means->n : 0);
  double sum = 0;

  for (gsize i = 0; i < means->n_runs * means->n; i++)
    sum += values[i];
  return sum / (double) (means->n_runs * means->n);
}

static gboolean
is_defined (const Comparison *self, Reading read, gsize i, const char *key)
{
  for (gsize k = 0; k < 2 * self->n_runs; k++)
    if (isnan (read (self, k, i, key)))
      return FALSE;
  return TRUE;
}

/* A metric that is a mean over pictures. */
static void
add_mean (Comparison *self, const char *key, Reading read)
{
  g_autofree gsize *used = g_new (gsize, MAX (self->n, 1));
  g_autofree double *values = NULL;
  Means means = { .n_runs = self->n_runs };

  for (gsize i = 0; i < self->n; i++)
    if (is_defined (self, read, i, key))
      used[means.n++] = i;
  if (means.n == 0)
    return;
  means.values = values = g_new (double, 2 * self->n_runs * means.n);
  for (gsize k = 0; k < 2 * self->n_runs; k++)
    for (gsize i = 0; i < means.n; i++)
      values[k * means.n + i] = read (self, k, used[i], key);
  add_row (self, key, mean_of_side (&means, FALSE), mean_of_side (&means, TRUE),
           fv_estimate_over_runs (self->n_runs, means.n, mean_difference_of, &means, self->seed));
}

/* A statistic of the labels, predictions and groups of some pictures. */
typedef double (*Statistic) (const Comparison *self, const int *labels, const int *predictions,
                             const int *groups, gsize n);

static double
f1_of (const Comparison *self, const int *labels, const int *predictions, const int *groups,
       gsize n)
{
  return fv_f1_macro (labels, predictions, n, self->n_classes);
}

static double
worst_group_of (const Comparison *self, const int *labels, const int *predictions,
                const int *groups, gsize n)
{
  return fv_worst_group_accuracy (labels, predictions, groups, n, self->n_groups);
}

typedef struct {
  const Comparison *comparison;
  Statistic statistic;
  int *labels, *predictions, *groups; /* [n]: of a resample */
} Drawn;

static void
drawn_clear (Drawn *drawn)
{
  g_free (drawn->labels);
  g_free (drawn->predictions);
  g_free (drawn->groups);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Drawn, drawn_clear)

static double
statistic_of_side (Drawn *drawn, gsize k, const gsize *indices, gsize n)
{
  const Comparison *self = drawn->comparison;

  for (gsize i = 0; i < n; i++) {
    drawn->labels[i] = self->labels[indices[i]];
    drawn->predictions[i] = self->predictions[k][indices[i]];
    drawn->groups[i] = self->groups[indices[i]];
  }
  return drawn->statistic (self, drawn->labels, drawn->predictions, drawn->groups, n);
}

static double
statistic_difference_of (gsize run, const gsize *indices, gsize n, gpointer user_data)
{
  Drawn *drawn = user_data;

  return statistic_of_side (drawn, drawn->comparison->n_runs + run, indices, n)
         - statistic_of_side (drawn, run, indices, n);
}

static void
add_statistic (Comparison *self, const char *key, Statistic statistic)
{
  g_auto (Drawn) drawn = { .comparison = self,
                           .statistic = statistic,
                           .labels = g_new (int, self->n),
                           .predictions = g_new (int, self->n),
                           .groups = g_new (int, self->n) };
  g_autofree gsize *all = g_new (gsize, self->n);
  double sums[2] = { 0 };

  for (gsize i = 0; i < self->n; i++)
    all[i] = i;
  for (gsize k = 0; k < 2 * self->n_runs; k++)
    sums[k >= self->n_runs] += statistic_of_side (&drawn, k, all, self->n);
  add_row (
      self, key, sums[0] / (double) self->n_runs, sums[1] / (double) self->n_runs,
      fv_estimate_over_runs (self->n_runs, self->n, statistic_difference_of, &drawn, self->seed));
}

/* Right and wrong exist where every side knows them of every picture. */
static gboolean
knows_classes (const Comparison *self)
{
  for (gsize i = 0; i < self->n; i++)
    if (self->labels[i] < 0 || !is_defined (self, read_right, i, NULL))
      return FALSE;
  return self->n > 0;
}

static void
adjust (Comparison *self)
{
  g_autofree double *p = g_new (double, MAX (self->rows->len, 1));

  for (guint i = 0; i < self->rows->len; i++)
    p[i] = ((FvComparisonRow *) self->rows->pdata[i])->difference.p;
  fv_adjust_holm (p, self->rows->len, p);
  for (guint i = 0; i < self->rows->len; i++)
    ((FvComparisonRow *) self->rows->pdata[i])->p_holm = p[i];
}

GPtrArray *
fv_compare (FvResultTable *const *a, FvResultTable *const *b, gsize n_runs, guint64 seed,
            GError **error)
{
  g_auto (Comparison) self = { .n_runs = n_runs, .seed = seed };

  g_return_val_if_fail (n_runs > 0, NULL);

  if (!set_up (&self, a, b, error))
    return NULL;
  add_mean (&self, "accuracy", read_right);
  if (knows_classes (&self)) {
    add_statistic (&self, "f1_macro", f1_of);
    if (self.n_groups > 0)
      add_statistic (&self, "worst_group_accuracy", worst_group_of);
  }
  add_mean (&self, "aligned_accuracy", read_aligned);
  add_mean (&self, "conflicting_accuracy", read_conflicting);
  for (gsize i = 0; i < fv_result_table_get_n_columns (a[0]); i++)
    add_mean (&self, fv_result_table_get_key (a[0], i), read_value);
  adjust (&self);
  return g_steal_pointer (&self.rows);
}
