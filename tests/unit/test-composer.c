/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Benchmarks composed of photos: splits that share nothing, exact masks, equal bytes. */

#include "fv-composer.h"
#include "fv-csv.h"
#include "fv-cutout.h"
#include "fv-mask-file.h"
#include "fv-new-folder.h"
#include "temporary-folder.h"

#include <gdk-pixbuf/gdk-pixbuf.h>
#include <glib/gstdio.h>
#include <string.h>

#define N_CLASSES 3
#define N_PLACES 3
#define N_OBJECTS 8
#define N_BACKGROUNDS 12

static const char *const class_names[N_CLASSES] = { "ape", "bee", "cow" };
static const char *const place_names[N_PLACES] = { "air, sky", "ice", "sea" };

typedef struct {
  char *folder;
} Fixture;

/* The folder of the file @format below the fixture's exists afterwards. (transfer full) */
static char *make_path (Fixture *fixture, const char *format, ...) G_GNUC_PRINTF (2, 3);

static char *
make_path (Fixture *fixture, const char *format, ...)
{
  g_autofree char *name = NULL;
  g_autofree char *parent = NULL;
  char *path;
  va_list values;

  va_start (values, format);
  name = g_strdup_vprintf (format, values);
  va_end (values);
  path = g_build_filename (fixture->folder, name, NULL);
  parent = g_path_get_dirname (path);
  g_assert_cmpint (g_mkdir_with_parents (parent, 0700), ==, 0);
  return path;
}

/* A photo of one colour. */
static void
save_plain (const char *path, int width, int height, int red, int green, int blue)
{
  g_autoptr (FvImage) image = fv_image_new (width, height);
  guint8 *to = fv_image_get_data (image);

  for (int i = 0; i < width * height; i++, to += 3) {
    to[0] = (guint8) red;
    to[1] = (guint8) green;
    to[2] = (guint8) blue;
  }
  g_assert_true (fv_image_save_png (image, path, NULL));
}

/* Objects are red (200, class, object) rectangles in white surroundings, masks say where. */
static void
make_objects (Fixture *fixture)
{
  for (int c = 0; c < N_CLASSES; c++)
    for (int i = 0; i < N_OBJECTS; i++) {
      g_autofree char *path = make_path (fixture, "objects/images/%s/%d.png", class_names[c], i);
      g_autofree char *mask_path
          = make_path (fixture, "objects/masks/%s/%d.png", class_names[c], i);
      g_autoptr (FvImage) image = fv_image_new (40, 30);
      g_autoptr (FvMask) mask = fv_mask_new (40, 30);

      memset (fv_image_get_data (image), 255, 40 * 30 * 3);
      for (int y = 5; y < 25; y++)
        for (int x = 10; x < 20; x++) {
          guint8 *pixel = fv_image_get_data (image) + (y * 40 + x) * 3;

          pixel[0] = 200;
          pixel[1] = (guint8) c;
          pixel[2] = (guint8) i;
          fv_mask_get_data (mask)[y * 40 + x] = FV_MASK_INSIDE;
        }
      g_assert_true (fv_image_save_png (image, path, NULL));
      g_assert_true (fv_mask_file_write (mask, mask_path, FV_OUTPUT_ATOMIC, NULL));
    }
}

/* Backgrounds are black-green: (0, place, background). */
static void
set_up (Fixture *fixture, gconstpointer unused)
{
  fixture->folder = temporary_folder_new ();
  make_objects (fixture);
  for (int p = 0; p < N_PLACES; p++)
    for (int i = 0; i < N_BACKGROUNDS; i++) {
      g_autofree char *path = make_path (fixture, "grounds/%s/%d.png", place_names[p], i);

      save_plain (path, 50, 36, 0, p, i);
    }
}

static void
tear_down (Fixture *fixture, gconstpointer unused)
{
  temporary_folder_remove (fixture->folder);
  g_free (fixture->folder);
}

static FvComposerParts *
make_parts (Fixture *fixture, guint64 seed)
{
  g_autofree char *objects = g_build_filename (fixture->folder, "objects", NULL);
  g_autofree char *grounds = g_build_filename (fixture->folder, "grounds", NULL);
  FvComposerParts *parts = fv_composer_parts_new ();

  g_assert_true (fv_composer_parts_add_folder (parts, FV_PART_OBJECT, objects, NULL));
  g_assert_true (fv_composer_parts_add_folder (parts, FV_PART_BACKGROUND, grounds, NULL));
  g_assert_true (fv_composer_parts_split (parts, seed, NULL));
  return parts;
}

static char *
build (Fixture *fixture, const char *name, const FvComposerOptions *options)
{
  g_autoptr (FvComposerParts) parts = make_parts (fixture, options->seed);
  char *folder = g_build_filename (fixture->folder, name, NULL);
  g_autoptr (GError) error = NULL;

  fv_composer_build (folder, parts, options, NULL, &error);
  g_assert_no_error (error);
  return folder;
}

static FvComposerOptions
small_options (void)
{
  FvComposerOptions options = fv_composer_options_default ();

  options.size = 32;
  options.n_train = 60;
  options.n_validation = 30;
  options.seed = 7;
  return options;
}

/* 8 objects: round (4), round (5.2) → 4, 1, 3; 12 backgrounds: 6, round (7.8) − 6 = 2, 4. */
static void
test_splits (Fixture *fixture, gconstpointer unused)
{
  const int n_objects[] = { 4, 1, 3 };
  const int n_backgrounds[] = { 6, 2, 4 };
  g_autoptr (FvComposerParts) parts = make_parts (fixture, 1);

  g_assert_cmpint (fv_composer_parts_get_n_kinds (parts, FV_PART_OBJECT), ==, N_CLASSES);
  for (int kind = 0; kind < N_CLASSES; kind++) {
    g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

    g_assert_cmpstr (fv_composer_parts_get_kind_name (parts, FV_PART_OBJECT, kind), ==,
                     class_names[kind]);
    for (int split = 0; split < 3; split++) {
      g_assert_cmpint (fv_composer_parts_count (parts, FV_PART_OBJECT, kind, (FvSplit) split), ==,
                       n_objects[split]);
      g_assert_cmpint (fv_composer_parts_count (parts, FV_PART_BACKGROUND, kind, (FvSplit) split),
                       ==, n_backgrounds[split]);
      for (int i = 0; i < n_objects[split]; i++)
        g_assert_true (g_hash_table_add (
            seen, fv_composer_parts_get (parts, FV_PART_OBJECT, kind, (FvSplit) split, i)->name));
    }
  }
}

/* However few there are, each split gets one. */
static void
test_few (Fixture *fixture, gconstpointer unused)
{
  for (int n = 4; n < N_BACKGROUNDS; n++) {
    g_autoptr (FvComposerParts) parts = NULL;

    for (int i = n; i < N_BACKGROUNDS; i++) {
      g_autofree char *path = make_path (fixture, "grounds/ice/%d.png", i);

      g_unlink (path);
    }
    for (int i = 0; i < n; i++) {
      g_autofree char *path = make_path (fixture, "grounds/ice/%d.png", i);

      save_plain (path, 20, 20, 0, 0, 0);
    }
    parts = make_parts (fixture, (guint64) n);
    for (int split = 0; split < 3; split++)
      g_assert_cmpint (fv_composer_parts_count (parts, FV_PART_BACKGROUND, 1, (FvSplit) split), >=,
                       1);
  }
}

/* What one row of metadata.csv says. */
typedef struct {
  int split, class_id, place;
  char object[64], background[64];
} Row;

static GArray *
read_rows (const char *folder)
{
  g_autofree char *path = g_build_filename (folder, "metadata.csv", NULL);
  g_autofree char *text = NULL;
  g_autoptr (GPtrArray) fields = g_ptr_array_new ();
  GArray *rows = g_array_new (FALSE, TRUE, sizeof (Row));
  FvCsv csv;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  fv_csv_init (&csv, text);
  g_assert_true (fv_csv_next_row (&csv, fields));
  g_assert_cmpstr (fields->pdata[5], ==, "place_filename");
  while (fv_csv_next_row (&csv, fields)) {
    Row row = { .class_id = atoi (fields->pdata[2]),
                .split = atoi (fields->pdata[3]),
                .place = atoi (fields->pdata[4]) };

    g_strlcpy (row.background, fields->pdata[5], sizeof row.background);
    g_strlcpy (row.object, fields->pdata[6], sizeof row.object);
    g_array_append_val (rows, row);
  }
  g_assert_null (csv.problem);
  return rows;
}

static void
test_disjoint (Fixture *fixture, gconstpointer unused)
{
  FvComposerOptions options = small_options ();
  g_autofree char *folder = build (fixture, "out", &options);
  g_autoptr (GArray) rows = read_rows (folder);
  g_autoptr (GHashTable) splits = g_hash_table_new (g_str_hash, g_str_equal);

  g_assert_cmpuint (rows->len, ==, 60 + 30 + 3 * N_CLASSES * N_PLACES);
  for (guint i = 0; i < rows->len; i++) {
    Row *row = &g_array_index (rows, Row, i);
    const char *const names[] = { row->object, row->background };

    for (int j = 0; j < 2; j++) {
      gpointer split;

      if (g_hash_table_lookup_extended (splits, names[j], NULL, &split))
        g_assert_cmpint (GPOINTER_TO_INT (split), ==, row->split);
      g_hash_table_insert (splits, (gpointer) names[j], GINT_TO_POINTER (row->split));
    }
  }
}

/* Each test object stands on each place exactly once, whatever rho; classes take turns in train. */
static void
test_groups (Fixture *fixture, gconstpointer unused)
{
  FvComposerOptions options = small_options ();
  int in_test[N_CLASSES][N_PLACES] = { { 0 } };
  int in_train[N_CLASSES] = { 0 };
  g_autoptr (GHashTable) pairs = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autofree char *folder = NULL;
  g_autoptr (GArray) rows = NULL;

  options.rho = options.validation_rho = 1;
  folder = build (fixture, "out", &options);
  rows = read_rows (folder);
  for (guint i = 0; i < rows->len; i++) {
    const Row *row = &g_array_index (rows, Row, i);

    if (row->split == FV_SPLIT_TEST) {
      in_test[row->class_id][row->place]++;
      g_assert_true (
          g_hash_table_add (pairs, g_strdup_printf ("%s on %d", row->object, row->place)));
    } else {
      g_assert_cmpint (row->place, ==, row->class_id);
      in_train[row->class_id] += row->split == FV_SPLIT_TRAIN;
    }
  }
  for (int c = 0; c < N_CLASSES; c++) {
    g_assert_cmpint (in_train[c], ==, 20);
    for (int p = 0; p < N_PLACES; p++)
      g_assert_cmpint (in_test[c][p], ==, 3);
  }
}

static int
count_own (const GArray *rows, FvSplit split)
{
  int n = 0;

  for (guint i = 0; i < rows->len; i++) {
    const Row *row = &g_array_index (rows, Row, i);

    n += row->split == (int) split && row->place == row->class_id;
  }
  return n;
}

static void
test_rho (Fixture *fixture, gconstpointer unused)
{
  FvComposerOptions options = small_options ();
  g_autofree char *folder = NULL;
  g_autoptr (GArray) rows = NULL;

  options.rho = 0;
  options.validation_rho = 1;
  options.n_test = 18;
  folder = build (fixture, "out", &options);
  rows = read_rows (folder);
  g_assert_cmpuint (rows->len, ==, 60 + 30 + 18);
  g_assert_cmpint (count_own (rows, FV_SPLIT_TRAIN), ==, 0);
  g_assert_cmpint (count_own (rows, FV_SPLIT_VALIDATION), ==, 30);
  g_assert_cmpint (count_own (rows, FV_SPLIT_TEST), ==, 6);
}

/* With this fixture a pixel tells how far it is covered: red is 200 × coverage. The mask is INSIDE
 * exactly where that is at least half, and every colour is the object's, the ground's or a mix. */
static void
test_masks_are_exact (Fixture *fixture, gconstpointer unused)
{
  FvComposerOptions options = small_options ();
  g_autofree char *folder = build (fixture, "out", &options);
  g_autoptr (FvDataset) dataset = fv_dataset_open (folder, 0, NULL);
  g_autoptr (GArray) rows = read_rows (folder);

  g_assert_nonnull (dataset);
  for (gsize i = 0; i < fv_dataset_get_n_samples (dataset); i++) {
    const FvSample *sample = fv_dataset_get_sample (dataset, i);
    const Row *row = &g_array_index (rows, Row, i);
    g_autoptr (FvImage) image = fv_image_load (sample->path, NULL);
    g_autoptr (FvMask) mask = fv_dataset_load_mask (dataset, i, 32, 32, NULL);
    int n_solid = 0;

    g_assert_nonnull (mask);
    for (gsize j = 0; j < 32 * 32; j++) {
      const guint8 *pixel = fv_image_peek (image) + j * 3;
      gboolean inside = fv_mask_peek (mask)[j] == FV_MASK_INSIDE;

      if (pixel[0] <= 99 || pixel[0] >= 102)
        g_assert_cmpint (inside, ==, pixel[0] > 100);
      g_assert_cmpint (pixel[1], <=, 3);
      g_assert_cmpint (pixel[2], <=, N_BACKGROUNDS);
      if (pixel[0] == 0)
        g_assert_cmpint (pixel[1], ==, row->place);
      if (pixel[0] == 200)
        g_assert_cmpint (pixel[1], ==, row->class_id);
      n_solid += inside;
    }
    /* 45 … 60 % of 32 pixels by half of that, with a pixel's play. */
    g_assert_cmpint (n_solid, >=, 13 * 6);
    g_assert_cmpint (n_solid, <=, 20 * 10);
  }
}

static char *
checksum (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autofree char *bytes = NULL;
  gsize n;

  g_assert_true (g_file_get_contents (path, &bytes, &n, NULL));
  return g_compute_checksum_for_data (G_CHECKSUM_SHA256, (const guchar *) bytes, n);
}

/* Threads race for the pictures in each of the builds; bytes do not tell. */
static void
test_bytes (Fixture *fixture, gconstpointer unused)
{
  FvComposerOptions options = small_options ();
  g_autofree char *first = build (fixture, "first", &options);
  g_autofree char *again = build (fixture, "again", &options);
  g_autofree char *other = NULL;

  options.seed++;
  other = build (fixture, "other", &options);
  for (int i = 0; i < 117; i += 9) {
    g_autofree char *name = g_strdup_printf ("%s/%05d.png", i % 2 == 0 ? "images" : "masks", i);
    g_autofree char *a = checksum (first, name);
    g_autofree char *b = checksum (again, name);
    g_autofree char *c = checksum (other, name);

    g_assert_cmpstr (a, ==, b);
    g_assert_cmpstr (a, !=, c);
  }
  {
    g_autofree char *a = checksum (first, "metadata.csv");
    g_autofree char *b = checksum (again, "metadata.csv");

    g_assert_cmpstr (a, ==, b);
  }
}

static void
assert_refused (Fixture *fixture, const char *objects, const char *grounds, const char *word)
{
  g_autofree char *object_folder = g_build_filename (fixture->folder, objects, NULL);
  g_autofree char *ground_folder = g_build_filename (fixture->folder, grounds, NULL);
  g_autofree char *folder = g_build_filename (fixture->folder, "refused", NULL);
  g_autoptr (FvComposerParts) parts = fv_composer_parts_new ();
  FvComposerOptions options = small_options ();
  g_autoptr (GError) error = NULL;

  g_assert_false (fv_composer_parts_add_folder (parts, FV_PART_OBJECT, object_folder, &error)
                  && fv_composer_parts_add_folder (parts, FV_PART_BACKGROUND, ground_folder, &error)
                  && fv_composer_parts_split (parts, 0, &error)
                  && fv_composer_build (folder, parts, &options, NULL, &error));
  g_assert_nonnull (strstr (error->message, fixture->folder));
  if (strstr (error->message, word) == NULL)
    g_error ("“%s” is not in: %s", word, error->message);
  g_assert_false (g_file_test (folder, G_FILE_TEST_EXISTS));
}

/* Parts that cannot be composed: one sentence, and nothing is left behind. */
static void
test_bad_parts (Fixture *fixture, gconstpointer unused)
{
  g_autofree char *mask = make_path (fixture, "objects/masks/bee/3.png");
  g_autofree char *photo = make_path (fixture, "grounds/ice/2.png");
  g_autofree char *lone = make_path (fixture, "one/ape/1.png");
  g_autofree char *few = make_path (fixture, "few/%s/1.png", "ape");
  g_autofree char *few_too = make_path (fixture, "few/%s/1.png", "bee");
  g_autoptr (FvMask) empty = fv_mask_new (40, 30);

  assert_refused (fixture, "nowhere", "grounds", "does not exist");
  assert_refused (fixture, "grounds", "grounds", "has no mask");
  save_plain (lone, 20, 20, 0, 0, 0);
  assert_refused (fixture, "objects", "one", "at least two places");
  save_plain (few, 20, 20, 0, 0, 0);
  save_plain (few_too, 20, 20, 0, 0, 0);
  assert_refused (fixture, "objects", "few", "has 1 photo(s) of “ape”");
  g_assert_true (fv_mask_file_write (empty, mask, FV_OUTPUT_ATOMIC, NULL));
  assert_refused (fixture, "objects", "grounds", "bee/3.png” covers no object");
  g_assert_cmpint (g_unlink (mask), ==, 0);
  assert_refused (fixture, "objects", "grounds", "bee/3.png” has no mask");
  for (int i = 0; i < N_OBJECTS; i++) {
    g_autofree char *other = make_path (fixture, "objects/images/bee/%d.png", i);

    g_assert_cmpint (g_unlink (other), ==, 0);
  }
  g_assert_true (g_file_set_contents (photo, "no PNG", -1, NULL));
  assert_refused (fixture, "objects", "grounds", "ice/2.png” is not a");
}

static void
test_folder_in_use (Fixture *fixture, gconstpointer unused)
{
  FvComposerOptions options = small_options ();
  g_autoptr (FvComposerParts) parts = make_parts (fixture, 7);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autofree char *empty = make_path (fixture, "empty/x");
  g_autofree char *file = make_path (fixture, "grounds/ice/2.png");
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_path_get_dirname (empty);

  options.n_train = 1;
  options.n_validation = options.n_test = 0;
  g_cancellable_cancel (cancellable);
  g_assert_false (fv_composer_build (folder, parts, &options, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_true (fv_composer_build (folder, parts, &options, NULL, &error));
  g_assert_no_error (error);
  g_assert_false (fv_composer_build (folder, parts, &options, NULL, &error));
  g_assert_nonnull (strstr (error->message, "is not empty"));
  g_clear_error (&error);
  g_assert_false (fv_composer_build (file, parts, &options, NULL, &error));
  g_assert_nonnull (strstr (error->message, "is no folder"));
}

/* A red square of @n × @n pixels in the middle of 20 × 20 that are transparent green. */
static void
save_stamp (const char *path, int n)
{
  GdkPixbuf *pixbuf = gdk_pixbuf_new (GDK_COLORSPACE_RGB, TRUE, 8, 20, 20);
  g_autoptr (GError) error = NULL;

  gdk_pixbuf_fill (pixbuf, 0x00ff0000);
  for (int y = 10 - n / 2; y < 10 + n / 2; y++)
    for (int x = 10 - n / 2; x < 10 + n / 2; x++)
      memcpy (gdk_pixbuf_get_pixels (pixbuf) + y * gdk_pixbuf_get_rowstride (pixbuf) + x * 4,
              (const guint8[]){ 250, 0, 0, 255 }, 4);
  gdk_pixbuf_save (pixbuf, path, "png", &error, NULL);
  g_assert_no_error (error);
  g_object_unref (pixbuf);
}

/* What alpha covers is cut out; colours under it do not bleed into the edge. */
static void
test_alpha (Fixture *fixture, gconstpointer unused)
{
  g_autofree char *path = make_path (fixture, "stamp.png");
  const FvCutoutPose pose = { .longest_side = 1, .x = 0.5, .y = 0 };
  g_autoptr (FvImage) image = fv_image_new (40, 60);
  g_autoptr (FvCutout) cutout = NULL;
  g_autoptr (FvMask) mask = NULL;

  save_stamp (path, 10);
  cutout = fv_cutout_load (path, NULL, NULL);
  g_assert_nonnull (cutout);
  mask = fv_cutout_paste (cutout, &pose, image);
  g_assert_cmpuint (fv_mask_count (mask, FV_MASK_INSIDE), ==, 40 * 40);
  for (gsize i = 0; i < 40 * 60; i++) {
    const guint8 *pixel = fv_image_peek (image) + i * 3;

    g_assert_cmpint (pixel[0], ==, i < 40 * 40 ? 250 : 0);
    g_assert_cmpint (pixel[1], ==, 0);
  }
}

/* Folders nest; drawings, toys and what is no PNG are left out. */
static void
test_stamps (Fixture *fixture, gconstpointer unused)
{
  static const char *const names[] = { "animals/birds/a.png",
                                       "animals/birds/b.png",
                                       "animals/birds/c.png",
                                       "animals/birds/d.png",
                                       "animals/birds/a.txt",
                                       "animals/birds/cartoon/x.png",
                                       "plants/flowers/a.png",
                                       "plants/flowers/b.png",
                                       "plants/flowers/c.png",
                                       "plants/flowers/d.png",
                                       "plants/flowers/e.png",
                                       "plants/flowers/plastic/x.png",
                                       "animals/mammals/hedgehog.png",
                                       "animals/mammals/cats/a.png",
                                       "animals/mammals/cats/b.png",
                                       "animals/mammals/bears/toys/x.png",
                                       "animals/marsupials/a.png",
                                       "animals/marsupials/b.png",
                                       "animals/fish/a.png" };
  const int wanted[] = { 4, 5, 4 };
  g_autofree char *stamps = g_build_filename (fixture->folder, "stamps", NULL);
  g_autofree char *grounds = g_build_filename (fixture->folder, "grounds", NULL);
  g_autoptr (FvComposerParts) parts = fv_composer_parts_new ();
  FvComposerOptions options = small_options ();
  g_autofree char *folder = g_build_filename (fixture->folder, "out", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_false (fv_composer_parts_add_stamps (parts, stamps, &error));
  g_assert_nonnull (strstr (error->message, "tuxpaint-stamps-default"));
  g_clear_error (&error);
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autofree char *path = make_path (fixture, "stamps/%s", names[i]);

    save_stamp (path, 10);
  }
  g_assert_true (fv_composer_parts_add_stamps (parts, stamps, NULL));
  g_assert_true (fv_composer_parts_add_folder (parts, FV_PART_BACKGROUND, grounds, NULL));
  g_assert_true (fv_composer_parts_split (parts, 0, NULL));
  for (int kind = 0; kind < 3; kind++) {
    int n = 0;

    for (int split = 0; split < 3; split++)
      n += fv_composer_parts_count (parts, FV_PART_OBJECT, kind, (FvSplit) split);
    g_assert_cmpint (n, ==, wanted[kind]);
  }
  g_assert_cmpstr (fv_composer_parts_get_kind_name (parts, FV_PART_OBJECT, 2), ==, "mammal");
  options.n_train = options.n_validation = 3;
  fv_composer_build (folder, parts, &options, NULL, &error);
  g_assert_no_error (error);
}

int
main (int argc, char *argv[])
{
  static const struct {
    const char *name;
    void (*test) (Fixture *fixture, gconstpointer data);
  } tests[] = {
    { "/composer/splits", test_splits },
    { "/composer/few", test_few },
    { "/composer/disjoint", test_disjoint },
    { "/composer/groups", test_groups },
    { "/composer/rho", test_rho },
    { "/composer/masks-are-exact", test_masks_are_exact },
    { "/composer/bytes", test_bytes },
    { "/composer/bad-parts", test_bad_parts },
    { "/composer/folder-in-use", test_folder_in_use },
    { "/composer/stamps", test_stamps },
    { "/cutout/alpha", test_alpha },
  };

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].name, Fixture, NULL, set_up, tests[i].test, tear_down);
  return g_test_run ();
}
