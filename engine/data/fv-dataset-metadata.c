/* SPDX-License-Identifier: GPL-3.0-or-later */

/* metadata.csv. Nothing in it is trusted: the first line that is wrong ends the reading with one
 * sentence that has its number. */

#include "fv-dataset-private.h"

#include <string.h>

#include "fv-csv.h"
#include "fv-data-error.h"
#include "fv-input-file.h"

#define MAX_FILE_BYTES (256 << 20)
/* Keeps a wild number in the y column from making a list of that length. */
#define MAX_CLASSES 10000
#define MAX_PLACES 10000

typedef enum {
  COLUMN_IMAGE,
  COLUMN_LABEL,
  COLUMN_LABEL_NAME,
  COLUMN_SPLIT,
  COLUMN_PLACE,
  COLUMN_PLACE_NAME,
  COLUMN_MASK,
  N_COLUMNS,
} Column;

static const char *const column_names[N_COLUMNS] = {
  "img_filename", "y", "y_name", "split", "place", "place_name", "mask_filename",
};

typedef struct {
  FvDataset *dataset;
  const char *path; /* of the file, for messages */
  FvCsv csv;
  GPtrArray *fields;      /* of the row being read */
  guint n_fields;         /* of the header */
  int columns[N_COLUMNS]; /* index in fields; −1 when the file has no such column */
  GHashTable *names;      /* set of photos, to find duplicates */
  GHashTable *labels;     /* class name → label */
  GPtrArray *places;      /* by sample: the name of its place, when there is a place column */
} Reader;

static gboolean fail (const Reader *self, GError **error, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

/* Sets an error that names the line. Returns: FALSE */
static gboolean
fail (const Reader *self, GError **error, const char *format, ...)
{
  g_autofree char *problem = NULL;
  va_list arguments;

  va_start (arguments, format);
  problem = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  fv_data_error_set (error, FV_DATA_ERROR_FORMAT, self->path, "is wrong in line %d: %s",
                     self->csv.row_line, problem);
  return FALSE;
}

/* The field of the row, NULL when the file has no such column. */
static const char *
get_field (const Reader *self, Column column)
{
  int index = self->columns[column];

  return index >= 0 ? g_ptr_array_index (self->fields, index) : NULL;
}

/* A whole number 0 … @max in @column, which must exist. */
static gboolean
get_number (const Reader *self, Column column, guint max, int *number, GError **error)
{
  const char *field = get_field (self, column);
  guint64 value;

  if (!g_ascii_string_to_unsigned (field, 10, 0, max, &value, NULL))
    return fail (self, error, "%s is “%s”, but must be a number from 0 to %u", column_names[column],
                 field, max);
  *number = (int) value;
  return TRUE;
}

/* A path that leads to something in the folder. */
static gboolean
check_path (const Reader *self, Column column, GError **error)
{
  const char *field = get_field (self, column);
  g_auto (GStrv) parts = g_strsplit (field, "/", -1);

  if (field[0] == '\0')
    return fail (self, error, "%s is empty", column_names[column]);
  if (g_path_is_absolute (field) || g_strv_contains ((const char *const *) parts, ".."))
    return fail (self, error, "%s “%s” leads out of the folder", column_names[column], field);
  return TRUE;
}

/* Notes that class @label has the name that the row gives it, if it does. */
static gboolean
set_class_name (Reader *self, int label, GError **error)
{
  GPtrArray *classes = self->dataset->classes;
  const char *name = get_field (self, COLUMN_LABEL_NAME);
  const char *known;
  gpointer other;

  if (classes->len <= (guint) label)
    g_ptr_array_set_size (classes, label + 1);
  if (name == NULL || name[0] == '\0')
    return TRUE;
  known = g_ptr_array_index (classes, label);
  if (known != NULL && strcmp (known, name) != 0)
    return fail (self, error, "class %d is “%s” here, but “%s” before", label, name, known);
  if (known != NULL)
    return TRUE;
  if (g_hash_table_lookup_extended (self->labels, name, NULL, &other))
    return fail (self, error, "“%s” is class %d here, but class %d before", name, label,
                 GPOINTER_TO_INT (other));
  classes->pdata[label] = g_string_chunk_insert (self->dataset->strings, name);
  g_hash_table_insert (self->labels, classes->pdata[label], GINT_TO_POINTER (label));
  return TRUE;
}

/* Notes the place of the row, by its name or else its number. */
static gboolean
add_place (Reader *self, GError **error)
{
  const char *name = get_field (self, COLUMN_PLACE_NAME);
  int place;

  if (!get_number (self, COLUMN_PLACE, MAX_PLACES - 1, &place, error))
    return FALSE;
  if (name == NULL || name[0] == '\0')
    name = get_field (self, COLUMN_PLACE);
  g_ptr_array_add (self->places, g_string_chunk_insert_const (self->dataset->strings, name));
  return TRUE;
}

static gboolean
read_row (Reader *self, GError **error)
{
  const char *mask;
  FvSample *sample;
  int label, split = FV_SPLIT_TRAIN;

  if (self->fields->len != self->n_fields)
    return fail (self, error, "it has %u fields, but the header has %u", self->fields->len,
                 self->n_fields);
  if (!check_path (self, COLUMN_IMAGE, error)
      || !get_number (self, COLUMN_LABEL, MAX_CLASSES - 1, &label, error)
      || !set_class_name (self, label, error))
    return FALSE;
  mask = get_field (self, COLUMN_MASK);
  if (mask != NULL && mask[0] == '\0')
    mask = NULL;
  if (mask != NULL && !check_path (self, COLUMN_MASK, error))
    return FALSE;
  if (self->columns[COLUMN_SPLIT] >= 0
      && !get_number (self, COLUMN_SPLIT, FV_SPLIT_TEST, &split, error))
    return FALSE;
  if (self->columns[COLUMN_PLACE] >= 0 && !add_place (self, error))
    return FALSE;

  sample = fv_dataset_add_sample (self->dataset, get_field (self, COLUMN_IMAGE), mask, label);
  sample->split = (FvSplit) split;
  if (!g_hash_table_add (self->names, sample->name))
    return fail (self, error, "“%s” is listed a second time", sample->name);
  return TRUE;
}

/* Notes which field of the header is @column; blanks around a name do not matter. */
static gboolean
find_column (Reader *self, Column column, GError **error)
{
  self->columns[column] = -1;
  for (guint i = 0; i < self->n_fields; i++) {
    if (strcmp (g_strstrip (g_ptr_array_index (self->fields, i)), column_names[column]) != 0)
      continue;
    if (self->columns[column] >= 0)
      return fail (self, error, "the header has two columns “%s”", column_names[column]);
    self->columns[column] = (int) i;
  }
  return TRUE;
}

static gboolean
read_header (Reader *self, GError **error)
{
  if (!fv_csv_next_row (&self->csv, self->fields))
    return fail (self, error, "%s", self->csv.problem ? self->csv.problem : "it has no header");
  self->n_fields = self->fields->len;
  for (int column = 0; column < N_COLUMNS; column++)
    if (!find_column (self, (Column) column, error))
      return FALSE;
  for (int column = COLUMN_IMAGE; column <= COLUMN_LABEL; column++)
    if (self->columns[column] < 0)
      return fail (self, error, "the header has no column “%s”", column_names[column]);
  return TRUE;
}

/* Classes that were never named are called by their number. */
static void
name_classes (FvDataset *dataset)
{
  for (guint i = 0; i < dataset->classes->len; i++) {
    g_autofree char *number = g_strdup_printf ("%u", i);

    if (dataset->classes->pdata[i] == NULL)
      dataset->classes->pdata[i] = g_string_chunk_insert (dataset->strings, number);
  }
}

/* Makes the groups "class·place" and numbers them in the order of their names. */
static void
make_groups (Reader *self)
{
  FvDataset *dataset = self->dataset;
  g_autoptr (GHashTable) ids = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < self->places->len; i++) {
    FvSample *sample = &g_array_index (dataset->samples, FvSample, i);
    const char *class_name = g_ptr_array_index (dataset->classes, sample->label);
    const char *place = g_ptr_array_index (self->places, i);
    g_autofree char *group = g_strdup_printf ("%s·%s", class_name, place);

    sample->group = g_string_chunk_insert_const (dataset->strings, group);
    if (g_hash_table_add (ids, sample->group))
      g_ptr_array_add (dataset->groups, sample->group);
  }
  g_ptr_array_sort (dataset->groups, fv_dataset_compare_strings);
  for (guint i = 0; i < dataset->groups->len; i++)
    g_hash_table_replace (ids, dataset->groups->pdata[i], GUINT_TO_POINTER (i));
  for (guint i = 0; i < self->places->len; i++) {
    FvSample *sample = &g_array_index (dataset->samples, FvSample, i);

    sample->group_id = GPOINTER_TO_INT (g_hash_table_lookup (ids, sample->group));
  }
}

static gboolean
read_rows (Reader *self, GError **error)
{
  if (!read_header (self, error))
    return FALSE;
  while (fv_csv_next_row (&self->csv, self->fields))
    if (!read_row (self, error))
      return FALSE;
  if (self->csv.problem != NULL)
    return fail (self, error, "%s", self->csv.problem);
  name_classes (self->dataset);
  make_groups (self);
  return TRUE;
}

gboolean
fv_dataset_read_metadata (FvDataset *dataset, const char *csv_path, gboolean *has_splits,
                          GError **error)
{
  g_autofree char *text = NULL;
  g_autoptr (GPtrArray) fields = g_ptr_array_new ();
  g_autoptr (GPtrArray) places = g_ptr_array_new ();
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GHashTable) labels = g_hash_table_new (g_str_hash, g_str_equal);
  Reader reader = { .dataset = dataset,
                    .path = csv_path,
                    .fields = fields,
                    .names = names,
                    .labels = labels,
                    .places = places };
  gsize n;

  text = fv_input_file_read (csv_path, MAX_FILE_BYTES, &n, error);
  if (text == NULL)
    return FALSE;
  if (!g_utf8_validate (text, (gssize) n, NULL)) { /* also when it has a NUL */
    fv_data_error_set (error, FV_DATA_ERROR_FORMAT, csv_path, "is not text in UTF-8");
    return FALSE;
  }
  fv_csv_init (&reader.csv, text);
  if (!read_rows (&reader, error))
    return FALSE;
  *has_splits = reader.columns[COLUMN_SPLIT] >= 0;
  return TRUE;
}
