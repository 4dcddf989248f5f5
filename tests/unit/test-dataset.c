/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Project folders of all layouts, splits, groups, and hostile tables. */

#include "fv-csv.h"
#include "fv-data-error.h"
#include "fv-dataset.h"
#include "fv-mask-file.h"
#include "temporary-folder.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define HEADER "img_id,img_filename,y,split,place,place_filename\n"

typedef struct {
  char *folder;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = temporary_folder_new ();
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  temporary_folder_remove (fixture->folder);
  g_free (fixture->folder);
}

/* Writes @content to the file @name in the folder, whose parents are made. */
static void
put (Fixture *fixture, const char *name, const char *content)
{
  g_autofree char *path = g_build_filename (fixture->folder, name, NULL);
  g_autofree char *parent = g_path_get_dirname (path);

  g_assert_cmpint (g_mkdir_with_parents (parent, 0700), ==, 0);
  g_assert_true (g_file_set_contents (path, content, -1, NULL));
}

static void
put_mask (Fixture *fixture, const char *name, int width, int height, FvMaskState state)
{
  g_autofree char *path = g_build_filename (fixture->folder, name, NULL);
  g_autofree char *parent = g_path_get_dirname (path);
  g_autoptr (FvMask) mask = fv_mask_new (width, height);

  memset (fv_mask_get_data (mask), state, (gsize) width * height);
  g_assert_cmpint (g_mkdir_with_parents (parent, 0700), ==, 0);
  g_assert_true (fv_mask_file_save (mask, path, NULL));
}

static FvDataset *
open_folder (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  FvDataset *dataset = fv_dataset_open (fixture->folder, 0, &error);

  g_assert_no_error (error);
  return dataset;
}

static void
assert_refused (Fixture *fixture, FvDataError code, const char *word)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (fv_dataset_open (fixture->folder, 0, &error));
  g_assert_true (g_error_matches (error, FV_DATA_ERROR, code));
  g_assert_nonnull (strstr (error->message, fixture->folder));
  if (strstr (error->message, word) == NULL)
    g_error ("“%s” is not in: %s", word, error->message);
}

static void
test_images_and_masks (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvDataset) dataset = NULL;
  const FvSample *sample;

  put (fixture, "images/rhino/b.JPG", "x");
  put (fixture, "images/emu/a.jpeg", "x");
  put (fixture, "images/emu/a.mask.png", "x");
  put (fixture, "images/emu/notes.txt", "x");
  put (fixture, "images/emu/.hidden.jpg", "x");
  put (fixture, "images/emu/folder.jpg/c.jpg", "x");
  put (fixture, "images/.git/z.jpg", "x");
  put (fixture, "images/nothing/readme", "x");
  put (fixture, "masks/rhino/b.png", "x");

  dataset = open_folder (fixture);
  g_assert_cmpuint (fv_dataset_get_n_samples (dataset), ==, 2);
  g_assert_cmpint (fv_dataset_get_n_classes (dataset), ==, 2);
  g_assert_cmpstr (fv_dataset_get_class_name (dataset, 0), ==, "emu");
  g_assert_cmpstr (fv_dataset_get_class_name (dataset, 1), ==, "rhino");
  g_assert_cmpint (fv_dataset_get_n_groups (dataset), ==, 0);
  g_assert_cmpstr (fv_dataset_get_path (dataset), ==, fixture->folder);

  sample = fv_dataset_get_sample (dataset, 0);
  g_assert_cmpstr (sample->name, ==, "images/emu/a.jpeg");
  g_assert_true (g_str_has_suffix (sample->edited_mask_path, "/images/emu/a.mask.png"));
  g_assert_null (sample->mask_path);
  g_assert_null (sample->group);
  g_assert_cmpint (sample->group_id, ==, -1);
  sample = fv_dataset_get_sample (dataset, 1);
  g_assert_cmpint (sample->label, ==, 1);
  g_assert_true (g_str_has_prefix (sample->path, fixture->folder));
  g_assert_true (g_str_has_suffix (sample->path, "/images/rhino/b.JPG"));
  g_assert_true (g_str_has_suffix (sample->mask_path, "/masks/rhino/b.png"));
}

static void
test_class_folders (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvDataset) dataset = NULL;

  put (fixture, "b/1.png", "x");
  put (fixture, "a/2.webp", "x");
  put (fixture, "a/10.gif", "x");
  put (fixture, "masks/b/1.png", "x");
  put (fixture, "masks/stray.png", "x");
  dataset = open_folder (fixture);
  g_assert_cmpuint (fv_dataset_get_n_samples (dataset), ==, 3);
  g_assert_cmpint (fv_dataset_get_n_classes (dataset), ==, 2);
  g_assert_cmpstr (fv_dataset_get_sample (dataset, 0)->name, ==, "a/10.gif");
  g_assert_cmpstr (fv_dataset_get_sample (dataset, 1)->name, ==, "a/2.webp");
  g_assert_nonnull (fv_dataset_get_sample (dataset, 2)->mask_path);
}

/* Splits as folders, the way most data for classification comes: a class may be missing in one. */
static void
test_split_folders (Fixture *fixture, gconstpointer unused)
{
  static const struct {
    const char *name;
    int label;
    FvSplit split;
  } expected[] = {
    { "test/cat/3.jpg", 0, FV_SPLIT_TEST },      { "test/owl/1.jpg", 2, FV_SPLIT_TEST },
    { "train/cat/1.jpg", 0, FV_SPLIT_TRAIN },    { "train/dog/2.jpg", 1, FV_SPLIT_TRAIN },
    { "val/dog/1.jpg", 1, FV_SPLIT_VALIDATION },
  };
  g_autoptr (FvDataset) dataset = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (expected); i++)
    put (fixture, expected[i].name, "x");
  put (fixture, "masks/train/dog/2.png", "x");
  put (fixture, "train/empty/readme", "x");
  dataset = open_folder (fixture);
  g_assert_cmpuint (fv_dataset_get_n_samples (dataset), ==, G_N_ELEMENTS (expected));
  g_assert_cmpint (fv_dataset_get_n_classes (dataset), ==, 3);
  g_assert_cmpstr (fv_dataset_get_class_name (dataset, 2), ==, "owl");
  g_assert_false (fv_dataset_has_drawn_splits (dataset));
  for (gsize i = 0; i < G_N_ELEMENTS (expected); i++) {
    const FvSample *sample = fv_dataset_get_sample (dataset, i);

    g_assert_cmpstr (sample->name, ==, expected[i].name);
    g_assert_cmpint (sample->label, ==, expected[i].label);
    g_assert_cmpint (sample->split, ==, expected[i].split);
    g_assert_cmpint (sample->mask_path != NULL, ==, g_str_equal (sample->name, "train/dog/2.jpg"));
  }
}

/* Folders that are called like splits but hold photos are classes. */
static void
test_classes_called_like_splits (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvDataset) dataset = NULL;

  put (fixture, "images/train/1.jpg", "x");
  put (fixture, "images/test/2.jpg", "x");
  dataset = open_folder (fixture);
  g_assert_cmpint (fv_dataset_get_n_classes (dataset), ==, 2);
  g_assert_cmpstr (fv_dataset_get_class_name (dataset, 1), ==, "train");
  g_assert_true (fv_dataset_has_drawn_splits (dataset));
}

/* Photos without class folders can be looked at too. */
static void
test_flat_folder (Fixture *fixture, gconstpointer unused)
{
  g_autofree char *name = g_path_get_basename (fixture->folder);
  g_autoptr (FvDataset) dataset = NULL;

  put (fixture, "1.bmp", "x");
  put (fixture, "2.tiff", "x");
  put (fixture, "masks/2.png", "x");
  dataset = open_folder (fixture);
  g_assert_cmpuint (fv_dataset_get_n_samples (dataset), ==, 2);
  g_assert_cmpint (fv_dataset_get_n_classes (dataset), ==, 1);
  g_assert_cmpstr (fv_dataset_get_class_name (dataset, 0), ==, name);
  g_assert_null (fv_dataset_get_sample (dataset, 0)->mask_path);
  g_assert_nonnull (fv_dataset_get_sample (dataset, 1)->mask_path);
}

static void
test_symlink_loops (Fixture *fixture, gconstpointer unused)
{
  g_autofree char *loop = g_build_filename (fixture->folder, "loop", NULL);
  g_autofree char *up = g_build_filename (fixture->folder, "a", "up", NULL);
  g_autofree char *photo = g_build_filename (fixture->folder, "a", "self.jpg", NULL);
  g_autoptr (FvDataset) dataset = NULL;

  put (fixture, "a/1.png", "x");
  g_assert_cmpint (symlink ("loop", loop), ==, 0);
  g_assert_cmpint (symlink ("..", up), ==, 0);
  g_assert_cmpint (symlink ("self.jpg", photo), ==, 0);
  dataset = open_folder (fixture);
  g_assert_cmpuint (fv_dataset_get_n_samples (dataset), ==, 2);
}

static void
test_no_images (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;

  assert_refused (fixture, FV_DATA_ERROR_EMPTY, "has no images");
  put (fixture, "metadata.csv", HEADER);
  assert_refused (fixture, FV_DATA_ERROR_EMPTY, "has no images");
  g_assert_null (fv_dataset_open ("/nonexistent-folder", 0, &error));
  g_assert_error (error, FV_DATA_ERROR, FV_DATA_ERROR_IO);
  g_clear_error (&error);
  g_assert_null (fv_dataset_open ("/dev/null", 0, &error));
  g_assert_error (error, FV_DATA_ERROR, FV_DATA_ERROR_IO);
}

static void
put_class (Fixture *fixture, const char *class_name, int n)
{
  for (int i = 0; i < n; i++) {
    g_autofree char *name = g_strdup_printf ("%s/%03d.jpg", class_name, i);

    put (fixture, name, "x");
  }
}

/* As a string: the split of every sample. */
static char *
splits_of (const FvDataset *dataset)
{
  GString *splits = g_string_new (NULL);

  for (gsize i = 0; i < fv_dataset_get_n_samples (dataset); i++)
    g_string_append_c (splits, (char) ('0' + fv_dataset_get_sample (dataset, i)->split));
  return g_string_free (splits, FALSE);
}

/* 20 of class a: 12 / 3 / 5; 3 of class b: round (1.8) = 2, round (2.25) − 2 = 0, 1. */
static void
test_hashed_splits (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvDataset) first = NULL;
  g_autoptr (FvDataset) again = NULL;
  g_autoptr (FvDataset) other = NULL;
  g_autofree char *first_splits = NULL;
  g_autofree char *again_splits = NULL;
  g_autofree char *other_splits = NULL;
  int n[3] = { 0, 0, 0 };

  put_class (fixture, "a", 20);
  put_class (fixture, "b", 3);
  first = fv_dataset_open (fixture->folder, 1, NULL);
  again = fv_dataset_open (fixture->folder, 1, NULL);
  other = fv_dataset_open (fixture->folder, 2, NULL);
  first_splits = splits_of (first);
  again_splits = splits_of (again);
  other_splits = splits_of (other);
  g_assert_cmpstr (first_splits, ==, again_splits);
  g_assert_cmpstr (first_splits, !=, other_splits);
  for (int i = 0; i < 20; i++)
    n[first_splits[i] - '0']++;
  g_assert_cmpint (n[FV_SPLIT_TRAIN], ==, 12);
  g_assert_cmpint (n[FV_SPLIT_VALIDATION], ==, 3);
  g_assert_cmpint (n[FV_SPLIT_TEST], ==, 5);
  g_assert_cmpuint (fv_dataset_get_n_in_split (first, FV_SPLIT_TRAIN), ==, 14);
  g_assert_cmpuint (fv_dataset_get_n_in_split (first, FV_SPLIT_VALIDATION), ==, 3);
  g_assert_cmpuint (fv_dataset_get_n_in_split (first, FV_SPLIT_TEST), ==, 6);
}

static void
test_waterbirds (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvDataset) dataset = NULL;
  const FvSample *sample;

  put (fixture, "metadata.csv",
       HEADER "2,b/two.jpg,1,2,0,/f/forest/1.jpg\n1,a/one.jpg,0,0,1,/l/lake/2.jpg\n");
  dataset = open_folder (fixture);
  g_assert_cmpuint (fv_dataset_get_n_samples (dataset), ==, 2);
  sample = fv_dataset_get_sample (dataset, 0);
  g_assert_cmpstr (sample->name, ==, "a/one.jpg");
  g_assert_cmpint (sample->split, ==, FV_SPLIT_TRAIN);
  g_assert_cmpstr (sample->group, ==, "0·1");
  g_assert_null (sample->mask_path);
  sample = fv_dataset_get_sample (dataset, 1);
  g_assert_cmpint (sample->label, ==, 1);
  g_assert_cmpint (sample->split, ==, FV_SPLIT_TEST);
  g_assert_cmpstr (sample->group, ==, "1·0");
  g_assert_cmpstr (fv_dataset_get_class_name (dataset, 1), ==, "1");
}

static void
test_named_metadata (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvDataset) dataset = NULL;
  const FvSample *sample;

  put (fixture, "metadata.csv",
       "\xef\xbb\xbf place_name, img_filename ,mask_filename,y,y_name,place,more\r\n"
       "sea,\"a,1.png\",\"m/\"\"1\"\".png\",0,gull,0,\"two\nlines\"\r\n"
       "\r\n"
       "land,b.png,,2,wren,1,\r\n"
       "sea,c.png,,2,wren,0,");
  dataset = open_folder (fixture);
  g_assert_cmpuint (fv_dataset_get_n_samples (dataset), ==, 3);
  sample = fv_dataset_get_sample (dataset, 0);
  g_assert_cmpstr (sample->name, ==, "a,1.png");
  g_assert_true (g_str_has_suffix (sample->mask_path, "/m/\"1\".png"));
  g_assert_cmpstr (sample->group, ==, "gull·sea");
  g_assert_cmpint (fv_dataset_get_n_classes (dataset), ==, 3);
  g_assert_cmpstr (fv_dataset_get_class_name (dataset, 1), ==, "1");
  g_assert_cmpstr (fv_dataset_get_class_name (dataset, 2), ==, "wren");
  g_assert_cmpint (fv_dataset_get_n_groups (dataset), ==, 3);
  g_assert_cmpstr (fv_dataset_get_group_name (dataset, 1), ==, "wren·land");
  g_assert_cmpint (fv_dataset_get_sample (dataset, 1)->group_id, ==, 1);
  g_assert_cmpint (fv_dataset_get_sample (dataset, 2)->group_id, ==, 2);
}

static void
test_bad_lines (Fixture *fixture, gconstpointer unused)
{
  static const struct {
    const char *csv;
    const char *word;
  } cases[] = {
    { "img_filename,split\na.png,0\n", "line 1: the header has no column “y”" },
    { "y\n0\n", "line 1: the header has no column “img_filename”" },
    { "\n\n", "it has no header" },
    { HEADER "1,a.png,0,0,0,f\n2,b.png,0,3,0,f\n", "line 3: split is “3”" },
    { HEADER "1,a.png,-1,0,0,f\n", "line 2: y is “-1”" },
    { HEADER "1,a.png,99999999999,0,0,f\n", "line 2: y is" },
    { HEADER "1,a.png,0,0,,f\n", "line 2: place is “”" },
    { HEADER "1,a.png,0,0\n", "line 2: it has 4 fields, but the header has 6" },
    { HEADER "1,,0,0,0,f\n", "line 2: img_filename is empty" },
    { HEADER "1,../a.png,0,0,0,f\n", "line 2: img_filename “../a.png” leads out" },
    { HEADER "1,a/../../b.png,0,0,0,f\n", "leads out" },
    { HEADER "1,/etc/passwd,0,0,0,f\n", "leads out" },
    { HEADER "1,a.png,0,0,0,f\n2,a.png,0,0,0,f\n", "line 3: “a.png” is listed a second time" },
    { HEADER "1,\"a.png,0,0,0,f\n", "line 2: a quote is not closed" },
    { HEADER "1,\"a\".png,0,0,0,f\n", "line 2: a quote" },
    { HEADER "\n\n1,a\"b.png,0,0,0,f\n", "line 4: a quote" },
    { "img_filename,y,mask_filename\na.png,0,/m.png\n", "mask_filename “/m.png” leads out" },
    { "img_filename,y,y_name\na.png,0,x\nb.png,0,z\n", "line 3: class 0 is “z” here" },
    { "img_filename,y,y_name\na.png,0,x\nb.png,1,x\n", "line 3: “x” is class 1 here" },
    { "img_filename,y\na\xff.png,0\n", "UTF-8" },
    { "\xff\xfei\0m\0", "UTF-8" },
    { "y,img_filename,y\n0,a.png,1\n", "line 1: the header has two columns “y”" },
    { "img_filename,y\na.png,1.0\n", "line 2: y is “1.0”" },
    { "img_filename,y\na.png,nan\n", "line 2: y is “nan”" },
    { "img_filename,y\ra.png,0\r", "line 1: a quote or a carriage return" },
    { "img_filename,y,place\na.png,0,-1\n", "line 2: place is “-1”" },
    { "img_filename,y,split\na.png,0,\n", "line 2: split is “”" },
    { "img_filename,y,mask_filename\na.png,0,../../m.png\n", "leads out" },
    { "img_filename;y\na.png;0\n", "no column “img_filename”" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    put (fixture, "metadata.csv", cases[i].csv);
    assert_refused (fixture, FV_DATA_ERROR_FORMAT, cases[i].word);
  }
}

/* Cut anywhere and damaged at random: an answer or a sentence, never a crash. */
static void
test_damaged_metadata (Fixture *fixture, gconstpointer unused)
{
  const char csv[] = "img_filename,y,y_name,split,place,place_name,mask_filename\n"
                     "\"a\"\"b.png\",0,x,0,0,p,\"m,1.png\"\r\nc.png,1,z,2,1,q,\n";
  g_autofree char *path = g_build_filename (fixture->folder, "metadata.csv", NULL);
  g_autoptr (GRand) rand = g_rand_new_with_seed (8);

  for (int i = 0; i < 2000; i++) {
    g_autofree char *damaged = g_memdup2 (csv, sizeof csv);
    gssize n = i < (int) sizeof csv ? i : (gssize) sizeof csv - 1;
    g_autoptr (GError) error = NULL;
    g_autoptr (FvDataset) dataset = NULL;

    if (i >= (int) sizeof csv)
      for (int flips = g_rand_int_range (rand, 1, 6); flips > 0; flips--)
        damaged[g_rand_int_range (rand, 0, (int) n)]
            = ",\"\n\r0a\xff"[g_rand_int_range (rand, 0, 8)];
    g_unlink (path); /* a fresh file: nothing waits for the disk */
    g_assert_true (
        g_file_set_contents_full (path, damaged, n, G_FILE_SET_CONTENTS_NONE, 0644, NULL));
    dataset = fv_dataset_open (fixture->folder, 0, &error);
    g_assert_true ((dataset == NULL) == (error != NULL));
  }
}

static void
test_csv_rows (Fixture *fixture, gconstpointer unused)
{
  char text[] = "a,,\"b \"\"c\"\"\"\n\"\",\"x\ny\"\n\nlast";
  g_autoptr (GPtrArray) fields = g_ptr_array_new ();
  FvCsv csv;

  fv_csv_init (&csv, text);
  g_assert_true (fv_csv_next_row (&csv, fields));
  g_assert_cmpuint (fields->len, ==, 3);
  g_assert_cmpstr (fields->pdata[1], ==, "");
  g_assert_cmpstr (fields->pdata[2], ==, "b \"c\"");
  g_assert_true (fv_csv_next_row (&csv, fields));
  g_assert_cmpstr (fields->pdata[0], ==, "");
  g_assert_cmpstr (fields->pdata[1], ==, "x\ny");
  g_assert_true (fv_csv_next_row (&csv, fields));
  g_assert_cmpint (csv.row_line, ==, 5);
  g_assert_cmpstr (fields->pdata[0], ==, "last");
  g_assert_false (fv_csv_next_row (&csv, fields));
  g_assert_null (csv.problem);
}

static void
test_load_mask (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvDataset) dataset = NULL;
  g_autoptr (FvMask) original = NULL;
  g_autoptr (FvMask) edited = NULL;
  g_autoptr (GError) error = NULL;

  put (fixture, "images/a/1.jpg", "x");
  put (fixture, "images/a/2.jpg", "x");
  put_mask (fixture, "masks/a/1.png", 4, 3, FV_MASK_OUTSIDE);
  dataset = open_folder (fixture);

  g_assert_null (fv_dataset_load_mask (dataset, 1, 4, 3, &error));
  g_assert_no_error (error);
  original = fv_dataset_load_mask (dataset, 0, 4, 3, &error);
  g_assert_no_error (error);
  g_assert_true (fv_mask_is_empty (original));
  g_assert_null (fv_dataset_load_mask (dataset, 0, 3, 4, &error));
  g_assert_error (error, FV_DATA_ERROR, FV_DATA_ERROR_SIZE);
  g_clear_error (&error);

  put_mask (fixture, "images/a/1.mask.png", 4, 3, FV_MASK_INSIDE);
  edited = fv_dataset_load_mask (dataset, 0, 4, 3, &error);
  g_assert_no_error (error);
  g_assert_false (fv_mask_is_empty (edited));
}

static void
test_shared_animals (Fixture *fixture, gconstpointer unused)
{
  const char *shared = g_getenv ("FOVEA_SHARED_DATA");
  g_autofree char *folder = g_build_filename (shared != NULL ? shared : "", "animals", NULL);
  g_autoptr (FvDataset) dataset = NULL;

  if (shared == NULL || !g_file_test (folder, G_FILE_TEST_IS_DIR)) {
    g_test_skip ("no shared data");
    return;
  }
  dataset = fv_dataset_open (folder, 0, NULL);
  g_assert_nonnull (dataset);
  g_assert_cmpuint (fv_dataset_get_n_samples (dataset), ==, 243);
  g_assert_cmpint (fv_dataset_get_n_classes (dataset), ==, 4);
  g_assert_cmpstr (fv_dataset_get_class_name (dataset, 0), ==, "elephant");
  for (gsize i = 0; i < 243; i++)
    g_assert_nonnull (fv_dataset_get_sample (dataset, i)->mask_path);
}

int
main (int argc, char *argv[])
{
  static const struct {
    const char *name;
    void (*test) (Fixture *fixture, gconstpointer data);
  } tests[] = {
    { "/dataset/images-and-masks", test_images_and_masks },
    { "/dataset/class-folders", test_class_folders },
    { "/dataset/split-folders", test_split_folders },
    { "/dataset/classes-called-like-splits", test_classes_called_like_splits },
    { "/dataset/flat-folder", test_flat_folder },
    { "/dataset/symlink-loops", test_symlink_loops },
    { "/dataset/no-images", test_no_images },
    { "/dataset/hashed-splits", test_hashed_splits },
    { "/dataset/waterbirds", test_waterbirds },
    { "/dataset/named-metadata", test_named_metadata },
    { "/dataset/bad-lines", test_bad_lines },
    { "/dataset/damaged-metadata", test_damaged_metadata },
    { "/dataset/load-mask", test_load_mask },
    { "/dataset/shared-animals", test_shared_animals },
    { "/csv/rows", test_csv_rows },
  };

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].name, Fixture, NULL, set_up, tests[i].test, tear_down);
  return g_test_run ();
}
