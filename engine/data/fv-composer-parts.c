/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A kind's photos stay in one array; after shuffling, its splits are runs of it. */

#include "fv-composer-parts.h"

#include <string.h>

#include "fv-data-error.h"

/* Fewer photos of a kind cannot fill three splits. */
#define MIN_PARTS 4
/* A folder of stamps nests two deep; links could make it endless. */
#define MAX_DEPTH 8

typedef struct {
  char *name;
  GArray *parts;               /* FvPart */
  int ends[FV_SPLIT_TEST + 1]; /* where each split's run ends */
} Kind;

struct _FvComposerParts {
  GArray *kinds[FV_PART_BACKGROUND + 1]; /* Kind */
  char *folders[FV_PART_BACKGROUND + 1]; /* where they came from, for messages */
};

static void
clear_part (gpointer data)
{
  FvPart *part = data;

  g_free (part->path);
  g_free (part->mask_path);
  g_free (part->name);
}

static void
clear_kind (gpointer data)
{
  Kind *kind = data;

  g_free (kind->name);
  g_array_unref (kind->parts);
}

FvComposerParts *
fv_composer_parts_new (void)
{
  FvComposerParts *self = g_new0 (FvComposerParts, 1);

  for (int role = 0; role <= FV_PART_BACKGROUND; role++) {
    self->kinds[role] = g_array_new (FALSE, TRUE, sizeof (Kind));
    g_array_set_clear_func (self->kinds[role], clear_kind);
  }
  return self;
}

void
fv_composer_parts_free (FvComposerParts *self)
{
  if (self == NULL)
    return;
  for (int role = 0; role <= FV_PART_BACKGROUND; role++) {
    g_array_unref (self->kinds[role]);
    g_free (self->folders[role]);
  }
  g_free (self);
}

static Kind *
get_kind (const FvComposerParts *self, FvPartRole role, int kind)
{
  return &g_array_index (self->kinds[role], Kind, kind);
}

/* Names go into metadata.csv, which is UTF-8. */
static void
add_kind (FvComposerParts *self, FvPartRole role, const char *name)
{
  Kind kind = { .name = g_filename_display_name (name),
                .parts = g_array_new (FALSE, TRUE, sizeof (FvPart)) };

  g_array_set_clear_func (kind.parts, clear_part);
  g_array_append_val (self->kinds[role], kind);
}

static void
add_part (FvComposerParts *self, FvPartRole role, int kind, const char *path, const char *mask_path,
          const char *name)
{
  FvPart part = { g_strdup (path), g_strdup (mask_path), g_filename_display_name (name) };

  g_array_append_val (get_kind (self, role, kind)->parts, part);
}

static void
set_folder (FvComposerParts *self, FvPartRole role, const char *folder)
{
  g_free (self->folders[role]);
  self->folders[role] = g_strdup (folder);
}

gboolean
fv_composer_parts_add_folder (FvComposerParts *self, FvPartRole role, const char *folder,
                              GError **error)
{
  g_autoptr (FvDataset) dataset = NULL;
  int n_before = fv_composer_parts_get_n_kinds (self, role);

  dataset = fv_dataset_open (folder, 0, error);
  if (dataset == NULL)
    return FALSE;
  set_folder (self, role, folder);
  for (int i = 0; i < fv_dataset_get_n_classes (dataset); i++)
    add_kind (self, role, fv_dataset_get_class_name (dataset, i));
  for (gsize i = 0; i < fv_dataset_get_n_samples (dataset); i++) {
    const FvSample *sample = fv_dataset_get_sample (dataset, i);
    const char *mask = sample->mask_path;

    if (g_file_test (sample->edited_mask_path, G_FILE_TEST_EXISTS))
      mask = sample->edited_mask_path;
    if (role == FV_PART_OBJECT && mask == NULL) {
      fv_data_error_set (error, FV_DATA_ERROR_FORMAT, sample->path,
                         "has no mask to cut its object out with");
      return FALSE;
    }
    add_part (self, role, n_before + sample->label, sample->path, mask, sample->name);
  }
  return TRUE;
}

/* -- stamps --------------------------------------------------------------------------------- */

/* Whether a folder or stamp of that name is no photograph of what its class says. */
static gboolean
is_drawn (const char *name)
{
  static const char *const names[]
      = { "cartoon", "toys", "plastic", "echidna.png", "hedgehog.png", NULL };

  return g_strv_contains (names, name);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  const char *const *first = a;
  const char *const *second = b;

  return strcmp (*first, *second);
}

/* The names in @folder, sorted; empty when it cannot be listed. */
static GPtrArray *
list_sorted (const char *folder)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) listing = g_dir_open (folder, 0, NULL);
  const char *name;

  while (listing != NULL && (name = g_dir_read_name (listing)) != NULL)
    g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare_names);
  return names;
}

/* Adds the PNGs below @relative, itself relative to the stamps at @root. */
static void
add_stamps_below (FvComposerParts *self, int kind, const char *root, const char *relative,
                  int depth)
{
  g_autofree char *folder = g_build_filename (root, relative, NULL);
  g_autoptr (GPtrArray) names = list_sorted (folder);

  for (guint i = 0; i < names->len; i++) {
    const char *name = g_ptr_array_index (names, i);
    g_autofree char *child = g_build_filename (relative, name, NULL);
    g_autofree char *path = g_build_filename (root, child, NULL);

    if (is_drawn (name))
      continue;
    if (g_file_test (path, G_FILE_TEST_IS_DIR)) {
      if (depth < MAX_DEPTH)
        add_stamps_below (self, kind, root, child, depth + 1);
    } else if (g_str_has_suffix (name, ".png"))
      add_part (self, FV_PART_OBJECT, kind, path, NULL, child);
  }
}

gboolean
fv_composer_parts_add_stamps (FvComposerParts *self, const char *folder, GError **error)
{
  static const struct {
    const char *name;
    const char *folders[3];
  } classes[] = {
    { "bird", { "animals/birds" } },
    { "flower", { "plants/flowers" } },
    { "mammal", { "animals/mammals", "animals/marsupials" } },
  };

  if (!g_file_test (folder, G_FILE_TEST_IS_DIR)) {
    fv_data_error_set (error, FV_DATA_ERROR_IO, folder,
                       "is no folder of stamps: install tuxpaint-stamps-default, or name the "
                       "folder with --stamps");
    return FALSE;
  }
  set_folder (self, FV_PART_OBJECT, folder);
  for (gsize i = 0; i < G_N_ELEMENTS (classes); i++) {
    int kind = fv_composer_parts_get_n_kinds (self, FV_PART_OBJECT);

    add_kind (self, FV_PART_OBJECT, classes[i].name);
    for (int j = 0; classes[i].folders[j] != NULL; j++)
      add_stamps_below (self, kind, folder, classes[i].folders[j], 0);
  }
  return TRUE;
}

/* -- splits --------------------------------------------------------------------------------- */

static void
shuffle (GArray *parts, GRand *rand)
{
  FvPart *all = (FvPart *) parts->data;

  for (guint i = parts->len; i > 1; i--) {
    guint j = (guint) g_rand_int_range (rand, 0, (gint32) i);
    FvPart moved = all[i - 1];

    all[i - 1] = all[j];
    all[j] = moved;
  }
}

static gboolean
split_kind (const FvComposerParts *self, FvPartRole role, Kind *kind, GRand *rand, GError **error)
{
  int n = (int) kind->parts->len;

  if (n < MIN_PARTS) {
    fv_data_error_set (error, FV_DATA_ERROR_EMPTY, self->folders[role],
                       "has %d photo(s) of “%s”; three splits need at least %d", n, kind->name,
                       MIN_PARTS);
    return FALSE;
  }
  shuffle (kind->parts, rand);
  /* round (0.5 n) and round (0.65 n), with something left for each. */
  kind->ends[FV_SPLIT_TRAIN] = (int) ((10 * (gint64) n + 10) / 20);
  kind->ends[FV_SPLIT_VALIDATION]
      = CLAMP ((int) ((13 * (gint64) n + 10) / 20), kind->ends[FV_SPLIT_TRAIN] + 1, n - 1);
  kind->ends[FV_SPLIT_TEST] = n;
  return TRUE;
}

gboolean
fv_composer_parts_split (FvComposerParts *self, guint64 seed, GError **error)
{
  const char *const plurals[] = { "classes", "places" };
  const guint32 words[] = { (guint32) seed, (guint32) (seed >> 32), G_MAXUINT32 };
  g_autoptr (GRand) rand = g_rand_new_with_seed_array (words, G_N_ELEMENTS (words));

  for (int role = 0; role <= FV_PART_BACKGROUND; role++) {
    int n_kinds = fv_composer_parts_get_n_kinds (self, (FvPartRole) role);

    g_return_val_if_fail (self->folders[role] != NULL, FALSE);
    if (n_kinds < 2) {
      fv_data_error_set (error, FV_DATA_ERROR_EMPTY, self->folders[role],
                         "must have photos of at least two %s, in a folder for each",
                         plurals[role]);
      return FALSE;
    }
    for (int i = 0; i < n_kinds; i++)
      if (!split_kind (self, (FvPartRole) role, get_kind (self, (FvPartRole) role, i), rand, error))
        return FALSE;
  }
  return TRUE;
}

int
fv_composer_parts_get_n_kinds (const FvComposerParts *self, FvPartRole role)
{
  g_return_val_if_fail (self != NULL, 0);
  return (int) self->kinds[role]->len;
}

const char *
fv_composer_parts_get_kind_name (const FvComposerParts *self, FvPartRole role, int kind)
{
  g_return_val_if_fail (self != NULL, NULL);
  return get_kind (self, role, kind)->name;
}

static int
first_of_split (const Kind *kind, FvSplit split)
{
  return split == FV_SPLIT_TRAIN ? 0 : kind->ends[split - 1];
}

int
fv_composer_parts_count (const FvComposerParts *self, FvPartRole role, int kind, FvSplit split)
{
  const Kind *found = get_kind (self, role, kind);

  return found->ends[split] - first_of_split (found, split);
}

const FvPart *
fv_composer_parts_get (const FvComposerParts *self, FvPartRole role, int kind, FvSplit split,
                       int index)
{
  const Kind *found = get_kind (self, role, kind);

  g_return_val_if_fail (index >= 0 && index < fv_composer_parts_count (self, role, kind, split),
                        NULL);
  return &g_array_index (found->parts, FvPart, first_of_split (found, split) + index);
}
