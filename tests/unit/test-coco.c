/* SPDX-License-Identifier: GPL-3.0-or-later */

/* COCO instances: every form of an outline, several classes in a photo, and hostile files. */

#include "fv-coco-outline.h"
#include "fv-coco.h"
#include "fv-data-error.h"
#include "fv-dataset.h"
#include "fv-image.h"
#include "fv-mask-file.h"
#include "temporary-folder.h"

#include <glib/gstdio.h>
#include <string.h>

/* A photo of 8 × 10 pixels and two categories whose ids have a gap. */
#define IMAGES                                                                                     \
  "\"images\":[{\"id\":7,\"file_name\":\"a.png\",\"width\":8,\"height\":10,\"license\":1}]"
#define CATEGORIES "\"categories\":[{\"id\":90,\"name\":\"zebra\"},{\"id\":3,\"name\":\"car\"}]"
#define ANNOTATION(rest) "{\"image_id\":7,\"category_id\":90," rest "}"
#define COCO(annotations)                                                                          \
  "{\"info\":{}," IMAGES "," CATEGORIES ",\"annotations\":[" annotations "]}"

typedef struct {
  char *folder;
  char *json;
} Fixture;

static void
put (Fixture *fixture, const char *name, const char *content)
{
  g_autofree char *path = g_build_filename (fixture->folder, name, NULL);
  g_autofree char *parent = g_path_get_dirname (path);

  g_assert_cmpint (g_mkdir_with_parents (parent, 0700), ==, 0);
  g_unlink (path);
  g_assert_true (
      g_file_set_contents_full (path, content, -1, G_FILE_SET_CONTENTS_NONE, 0644, NULL));
}

static void
set_up (Fixture *fixture, gconstpointer unused)
{
  fixture->folder = temporary_folder_new ();
  fixture->json = g_build_filename (fixture->folder, "instances.json", NULL);
  put (fixture, "images/a.png", "x");
}

static void
tear_down (Fixture *fixture, gconstpointer unused)
{
  temporary_folder_remove (fixture->folder);
  g_free (fixture->folder);
  g_free (fixture->json);
}

/* The mask of zebras that @annotations draw, row by row: '.' outside, '#' inside, '?' no opinion.
 */
static char *
draw (Fixture *fixture, const char *json)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FvCoco) coco = NULL;
  g_autoptr (FvMask) mask = NULL;
  GString *text = g_string_new (NULL);

  put (fixture, "instances.json", json);
  coco = fv_coco_load (fixture->json, &error);
  g_assert_no_error (error);
  mask = fv_coco_draw_mask (coco, 0, 1, &error);
  g_assert_no_error (error);
  g_assert_cmpint (fv_mask_get_width (mask), ==, 8);
  g_assert_cmpint (fv_mask_get_height (mask), ==, 10);
  for (int i = 0; i < 80; i++)
    g_string_append_printf (text, "%c%s", ".#?"[fv_mask_peek (mask)[i]], i % 8 == 7 ? "\n" : "");
  return g_string_free (text, FALSE);
}

#define EMPTY "........\n"

static void
test_polygons (Fixture *fixture, gconstpointer unused)
{
  /* Two boxes of one object; the second reaches over the edge. Centres at ½: 0.4 … 2.6 has three
   * of them, 5.6 … 99 has six and seven. */
  g_autofree char *boxes = draw (
      fixture, COCO (ANNOTATION (
                   "\"segmentation\":[[0.4,1,2.6,1,2.6,3,0.4,3],[5.6,8,99,8,99,1e9,5.6,1e9]]")));
  /* A keyhole: around a hole and back on its own path. */
  g_autofree char *hole = draw (
      fixture, COCO (ANNOTATION ("\"segmentation\":[[0,0,6,0,6,6,0,6,0,0, 2,2,4,2,4,4,2,4,2,2]]")));
  /* Overlapping polygons unite; another class does not count. */
  g_autofree char *both
      = draw (fixture, COCO (ANNOTATION ("\"segmentation\":[[0,0,4,0,4,1,0,1],[2,0,6,0,6,1,2,1]"
                                         "]") ","
                                              "{\"image_id\":7,\"category_id\":3,"
                                              "\"segmentation\":[[0,4,8,4,8,9,0,9]]}"));

  g_assert_cmpstr (
      boxes, ==, EMPTY "###.....\n###.....\n" EMPTY EMPTY EMPTY EMPTY EMPTY "......##\n......##\n");
  g_assert_cmpstr (
      hole, ==,
      "######..\n######..\n##..##..\n##..##..\n######..\n######..\n" EMPTY EMPTY EMPTY EMPTY);
  g_assert_cmpstr (both, ==, "######..\n" EMPTY EMPTY EMPTY EMPTY EMPTY EMPTY EMPTY EMPTY EMPTY);
}

/* Down the columns: 12 off, 3 on (column 1, rows 2 … 4), 65 off. The compressed form of
 * [12, 3, 65] is "<3Q2": 12 → '<', 3 → '3', 65 → 1 + 32, then 2. */
static void
test_runs (Fixture *fixture, gconstpointer unused)
{
  const char *const wanted
      = EMPTY EMPTY ".#......\n.#......\n.#......\n" EMPTY EMPTY EMPTY EMPTY EMPTY;
  g_autofree char *list = draw (
      fixture, COCO (ANNOTATION ("\"segmentation\":{\"size\":[10,8],\"counts\":[12,3,65]}")));
  g_autofree char *text = draw (
      fixture, COCO (ANNOTATION ("\"segmentation\":{\"size\":[10,8],\"counts\":\"<3Q2\"}")));

  g_assert_cmpstr (list, ==, wanted);
  g_assert_cmpstr (text, ==, wanted);
}

/* From the fourth run on differences are stored: [5, 2, 5, 3, 65] is 5, 2, 5, 3 − 2, 65 − 5. And a
 * negative one: [1, 40, 1, 2] ends in 2 − 40 = −38: −38 & 31 = 26, with more to come 58 → 'j';
 * the rest −2 = 30 with its sign → 'N'. */
static void
test_run_differences (Fixture *fixture, gconstpointer unused)
{
  const guint32 falling[] = { 1, 40, 1, 2 };
  const guint32 rising[] = { 5, 2, 5, 3, 65 };
  g_autoptr (GArray) runs = g_array_new (FALSE, FALSE, sizeof (guint32));

  g_assert_null (fv_coco_outline_decode_runs ("1X11jN", runs));
  g_assert_cmpmem (runs->data, runs->len * 4, falling, sizeof falling);
  g_assert_true (fv_coco_outline_runs_fit (runs, 44));
  g_assert_false (fv_coco_outline_runs_fit (runs, 45));
  g_array_set_size (runs, 0);
  g_assert_null (fv_coco_outline_decode_runs ("5251l1", runs));
  g_assert_cmpmem (runs->data, runs->len * 4, rising, sizeof rising);
  g_array_set_size (runs, 0);
  g_assert_nonnull (fv_coco_outline_decode_runs ("5l", runs));
}

/* A crowd is no opinion where no object is; an object without outline is no opinion in its box, or
 * everywhere. */
static void
test_no_opinion (Fixture *fixture, gconstpointer unused)
{
  g_autofree char *crowd
      = draw (fixture, COCO (ANNOTATION ("\"segmentation\":[[0,0,2,0,2,1,0,1]]") "," ANNOTATION (
                           "\"iscrowd\":1,\"segmentation\":"
                           "{\"size\":[10,8],\"counts\":[0,1,9,1,9,1,59]}")));
  g_autofree char *box = draw (
      fixture, COCO (ANNOTATION ("\"segmentation\":[],\"bbox\":[5,0,2,1.5],\"iscrowd\":false")));
  g_autofree char *nothing = draw (fixture, COCO (ANNOTATION ("\"area\":3")));

  g_assert_true (g_str_has_prefix (crowd, "##?.....\n" EMPTY));
  g_assert_true (g_str_has_prefix (box, ".....??.\n" EMPTY));
  g_assert_true (g_str_has_prefix (nothing, "????????\n????????\n"));
}

static void
test_dataset (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvDataset) dataset = NULL;
  g_autoptr (FvDataset) by_file = NULL;
  g_autoptr (FvMask) cars = NULL;
  g_autoptr (FvMask) zebras = NULL;
  g_autoptr (GError) error = NULL;
  const FvSample *sample;

  put (fixture, "images/b.png", "x");
  put (fixture, "images/c.png", "x");
  put (fixture, "instances.json",
       "{\"images\":[{\"id\":1,\"file_name\":\"b.png\",\"width\":8,\"height\":10},"
       "{\"id\":0,\"file_name\":\"a.png\",\"width\":8,\"height\":10},"
       "{\"id\":2,\"file_name\":\"c.png\",\"width\":8,\"height\":10}]," CATEGORIES
       ",\"annotations\":["
       "{\"image_id\":0,\"category_id\":90,\"segmentation\":[[0,0,8,0,8,1,0,1]]},"
       "{\"image_id\":0,\"category_id\":3,\"segmentation\":[[0,1,5,1,5,2,0,2]]},"
       "{\"image_id\":0,\"category_id\":3,\"segmentation\":[[0,2,5,2,5,3,0,3]]},"
       "{\"image_id\":1,\"category_id\":90,\"bbox\":[0,0,1,1]},"
       "{\"image_id\":2,\"category_id\":90,\"iscrowd\":1,\"bbox\":[0,0,1,1]}]}");
  dataset = fv_dataset_open (fixture->folder, 0, &error);
  g_assert_no_error (error);
  by_file = fv_dataset_open (fixture->json, 0, &error);
  g_assert_no_error (error);
  g_assert_true (fv_dataset_is_multi_label (dataset));
  g_assert_cmpuint (fv_dataset_get_n_samples (dataset), ==, 2);
  g_assert_cmpuint (fv_dataset_get_n_samples (by_file), ==, 2);
  g_assert_cmpstr (fv_dataset_get_path (by_file), ==, fixture->json);
  g_assert_cmpuint (fv_dataset_get_n_left_out (dataset), ==, 1);
  g_assert_cmpstr (fv_dataset_get_class_name (dataset, 0), ==, "car");
  g_assert_cmpstr (fv_dataset_get_class_name (dataset, 1), ==, "zebra");

  sample = fv_dataset_get_sample (dataset, 0);
  g_assert_cmpstr (sample->name, ==, "images/a.png");
  g_assert_cmpint (sample->label, ==, 0); /* two cars of 5 against a zebra of 8 */
  g_assert_cmpint (sample->n_classes, ==, 2);
  g_assert_cmpint (sample->classes[1], ==, 1);
  g_assert_true (fv_dataset_has_class (dataset, 0, 1));
  g_assert_false (fv_dataset_has_class (dataset, 1, 0));
  cars = fv_dataset_load_mask (dataset, 0, 8, 10, &error);
  g_assert_cmpuint (fv_mask_count (cars, FV_MASK_INSIDE), ==, 10);
  zebras = fv_dataset_load_class_mask (dataset, 0, 1, 8, 10, &error);
  g_assert_cmpuint (fv_mask_count (zebras, FV_MASK_INSIDE), ==, 8);
  g_assert_no_error (error);
  g_assert_null (fv_dataset_load_mask (dataset, 0, 10, 8, &error));
  g_assert_nonnull (strstr (error->message, "a.png” has 10 × 8 pixels"));
}

/* As COCO itself is laid out: annotations/instances_NAME.json beside NAME/. */
static void
test_official_layout (Fixture *fixture, gconstpointer unused)
{
  g_autofree char *json
      = g_build_filename (fixture->folder, "annotations", "instances_val.json", NULL);
  g_autofree char *in_images = g_build_filename (fixture->folder, "images", "a.png", NULL);
  g_autoptr (FvDataset) dataset = NULL;

  put (fixture, "val/a.png", "x");
  g_assert_cmpint (g_unlink (in_images), ==, 0);
  put (fixture, "annotations/instances_val.json", COCO (ANNOTATION ("\"bbox\":[0,0,1,1]")));
  dataset = fv_dataset_open (json, 0, NULL);
  g_assert_nonnull (dataset);
  g_assert_cmpstr (fv_dataset_get_sample (dataset, 0)->name, ==, "val/a.png");
}

/* A single-label dataset answers the same questions. */
static void
test_single_label (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvDataset) dataset = NULL;

  put (fixture, "images/x/1.png", "x");
  put (fixture, "images/y/1.png", "x");
  dataset = fv_dataset_open (fixture->folder, 0, NULL);
  g_assert_false (fv_dataset_is_multi_label (dataset));
  g_assert_cmpint (fv_dataset_get_sample (dataset, 1)->n_classes, ==, 1);
  g_assert_null (fv_dataset_get_sample (dataset, 1)->classes);
  g_assert_true (fv_dataset_has_class (dataset, 1, 1));
  g_assert_false (fv_dataset_has_class (dataset, 1, 0));
  g_assert_null (fv_dataset_load_class_mask (dataset, 1, 0, 8, 8, NULL));
}

static void
assert_refused (Fixture *fixture, const char *json, const char *word)
{
  g_autoptr (GError) error = NULL;

  put (fixture, "instances.json", json);
  g_assert_null (fv_dataset_open (fixture->folder, 0, &error));
  g_assert_cmpuint (error->domain, ==, FV_DATA_ERROR);
  g_assert_nonnull (strstr (error->message, fixture->folder));
  g_assert_null (strchr (error->message, '\n'));
  if (strstr (error->message, word) == NULL)
    g_error ("“%s” is not in: %s", word, error->message);
}

#define WITH_IMAGE(image) "{\"images\":[" image "]," CATEGORIES ",\"annotations\":[]}"
#define WITH_CATEGORY(category) "{" IMAGES ",\"categories\":[" category "],\"annotations\":[]}"
#define OUTLINE(outline) COCO (ANNOTATION ("\"segmentation\":" outline))
#define RUNS(runs) OUTLINE ("{\"size\":[10,8],\"counts\":" runs "}")
#define IMAGE(id, name, size) WITH_IMAGE ("{\"id\":" id ",\"file_name\":\"" name "\"," size "}")
#define SIZE "\"width\":8,\"height\":10"

static void
test_broken (Fixture *fixture, gconstpointer unused)
{
  static const struct {
    const char *json;
    const char *word;
  } cases[] = {
    { "", "is empty" },
    { "[]", "is no JSON object" },
    { "{\"images\":[", "is not JSON" },
    { "{\"images\":NaN}", "is not JSON" },
    { "{\"images\":[{\"id\":\"\xff\"}]}", "is not UTF-8" },
    { "{}", "has no list “images”" },
    { "{" IMAGES "}", "has no list “categories”" },
    { "{" IMAGES "," CATEGORIES "}", "has no list “annotations”" },
    { "{\"images\":{}}", "has no list “images”" },
    { WITH_IMAGE ("3"), "images[0]: it is no object" },
    { WITH_IMAGE ("{}"), "images[0]: it has no text “file_name”" },
    { IMAGE ("-1", "a.png", SIZE), "“id” is -1" },
    { IMAGE ("1.5", "a.png", SIZE), "“id” is 1.5" },
    { IMAGE ("1e300", "a.png", SIZE), "not so large" },
    { IMAGE ("1", "../a.png", SIZE), "leads out of the folder" },
    { IMAGE ("1", "/etc/passwd", SIZE), "leads out of the folder" },
    { IMAGE ("1", "", SIZE), "no text “file_name”" },
    { IMAGE ("1", "a.png", "\"width\":0,\"height\":10"), "“width” is 0" },
    { IMAGE ("1", "a.png", "\"width\":1000000000,\"height\":10"), "“width” is 1e+09" },
    { IMAGE ("1", "a.png", "\"width\":8"), "no number “height”" },
    { IMAGE ("1", "gone.png", SIZE), "lists “gone.png”, which is not there" },
    { WITH_IMAGE ("{\"id\":1,\"file_name\":\"a.png\"," SIZE "},{\"id\":1,\"file_name\":\"b\"," SIZE
                  "}"),
      "images[1]: its id 1 is taken" },
    { WITH_IMAGE ("{\"id\":1,\"file_name\":\"a.png\"," SIZE
                  "},{\"id\":2,\"file_name\":\"a.png\"," SIZE "}"),
      "“a.png” is listed a second time" },
    { WITH_CATEGORY ("{\"id\":1}"), "categories[0]: it has no text “name”" },
    { WITH_CATEGORY ("{\"id\":1,\"name\":\"x\"},{\"id\":2,\"name\":\"x\"}"),
      "names another category" },
    { WITH_CATEGORY ("{\"id\":1,\"name\":\"x\"},{\"id\":1,\"name\":\"y\"}"), "id 1 is taken" },
    { COCO ("{\"image_id\":8,\"category_id\":3}"), "nothing has the id 8 of its “image_id”" },
    { COCO ("{\"image_id\":7,\"category_id\":4}"), "nothing has the id 4 of its “category_id”" },
    { COCO ("{\"image_id\":\"7\",\"category_id\":3}"), "no number “image_id”" },
    { COCO (ANNOTATION ("\"iscrowd\":2")), "“iscrowd” is 2" },
    { COCO (ANNOTATION ("\"bbox\":[1,2,3]")), "“bbox” is not" },
    { COCO (ANNOTATION ("\"bbox\":[1,2,-3,4]")), "“bbox” has a negative size" },
    { COCO (ANNOTATION ("\"bbox\":[1,2,1e300,4]")), "“bbox” has something" },
    { OUTLINE ("7"), "“segmentation” is neither" },
    { OUTLINE ("[7]"), "annotations[0]: a polygon is not a list" },
    { OUTLINE ("[[1,2,3,4]]"), "a polygon is not a list of three" },
    { OUTLINE ("[[1,2,3,4,5,6,7]]"), "a polygon is not a list of three" },
    { OUTLINE ("[[1,2,3,4,5,\"6\"]]"), "a polygon has something" },
    { OUTLINE ("[[1,2,3,4,5,1e400]]"), "a polygon has something" },
    { OUTLINE ("{\"counts\":[80]}"), "no “size”" },
    { OUTLINE ("{\"size\":[8,10],\"counts\":[80]}"), "its runs are for 10 × 8 pixels" },
    { RUNS ("3"), "“counts” is neither" },
    { RUNS ("[81]"), "do not add up" },
    { RUNS ("[79]"), "do not add up" },
    { RUNS ("[4294967295,4294967295,82]"), "do not add up" },
    { RUNS ("[-1,81]"), "“counts” has something" },
    { RUNS ("[1e30]"), "“counts” has something" },
    { RUNS ("\"o\""), "“counts” is cut off" },
    { RUNS ("\"!\""), "“counts” is cut off" },
    { RUNS ("\"oooooooooo1\""), "“counts” is cut off" },
    { RUNS ("\"N\""), "a run of a length that cannot be" },
    { COCO (""), "has no images with labelled objects" },
  };
  g_autofree char *deep = g_strnfill (100000, '[');

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    assert_refused (fixture, cases[i].json, cases[i].word);
  assert_refused (fixture, deep, "nests deeper");
}

/* Outlines that would keep the program busy for hours are refused when they are drawn. */
static void
test_intricate (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (GString) json
      = g_string_new ("{\"images\":[{\"id\":7,\"file_name\":\"a.png\",\"width\":8,"
                      "\"height\":20000}]," CATEGORIES ",\"annotations\":[");
  g_autoptr (FvCoco) coco = NULL;
  g_autoptr (GError) error = NULL;

  g_string_append (json, "{\"image_id\":7,\"category_id\":3,\"segmentation\":[[0,0");
  for (int i = 0; i < 60000; i++)
    g_string_append (json, i % 2 ? ",8,9" : ",0,1");
  g_string_append (json, "]]}]}");
  put (fixture, "instances.json", json->str);
  coco = fv_coco_load (fixture->json, &error);
  g_assert_no_error (error);
  g_assert_null (fv_coco_draw_mask (coco, 0, 0, &error));
  g_assert_nonnull (strstr (error->message, "too intricate"));
}

/* Damaged at random: an answer or a sentence, never a crash. */
static void
test_damaged (Fixture *fixture, gconstpointer unused)
{
  const char json[] = COCO (
      ANNOTATION ("\"segmentation\":[[0,1,2.5,1,2,3e1,0.4,3]],\"bbox\":[0,0,1,1]") "," ANNOTATION (
          "\"iscrowd\":1,\"segmentation\":{\"size\":[10,8],\"counts\":\"<3Q2\"}"));
  g_autoptr (GRand) rand = g_rand_new_with_seed (5);

  for (int i = 0; i < 3000; i++) {
    g_autofree char *damaged = g_strdup (json);
    g_autoptr (GError) error = NULL;
    g_autoptr (FvCoco) coco = NULL;

    for (int flips = g_rand_int_range (rand, 1, 4); flips > 0; flips--)
      damaged[g_rand_int_range (rand, 0, sizeof json - 1)]
          = "[]{},:\"-9e0 1"[g_rand_int_range (rand, 0, 14)];
    put (fixture, "instances.json", damaged);
    coco = fv_coco_load (fixture->json, &error);
    g_assert_true ((coco == NULL) == (error != NULL));
    for (int image = 0; coco != NULL && image < fv_coco_get_n_images (coco); image++)
      for (int label = 0; label < fv_coco_get_n_classes (coco); label++) {
        const FvCocoImage *photo = fv_coco_get_image (coco, image);

        if (photo->width <= 99 && photo->height <= 99)
          fv_mask_unref (fv_coco_draw_mask (coco, image, label, NULL));
      }
  }
}

static void
test_shared_coco (Fixture *fixture, gconstpointer unused)
{
  const char *shared = g_getenv ("FOVEA_SHARED_DATA");
  g_autofree char *folder = g_build_filename (shared != NULL ? shared : "", "coco", NULL);
  g_autoptr (FvDataset) dataset = NULL;
  g_autoptr (GError) error = NULL;
  gsize n_present = 0;

  if (shared == NULL || !g_file_test (folder, G_FILE_TEST_IS_DIR)) {
    g_test_skip ("no shared data");
    return;
  }
  dataset = fv_dataset_open (folder, 0, &error);
  g_assert_no_error (error);
  g_assert_cmpint (fv_dataset_get_n_classes (dataset), ==, 80);
  g_assert_cmpuint (fv_dataset_get_n_samples (dataset) + fv_dataset_get_n_left_out (dataset), ==,
                    138);
  for (gsize i = 0; i < fv_dataset_get_n_samples (dataset); i++) {
    const FvSample *sample = fv_dataset_get_sample (dataset, i);
    g_autoptr (FvImage) image = fv_image_load (sample->path, &error);
    g_autoptr (FvMask) mask = NULL;

    g_assert_no_error (error);
    mask = fv_dataset_load_mask (dataset, i, fv_image_get_width (image),
                                 fv_image_get_height (image), &error);
    g_assert_no_error (error);
    g_assert_false (fv_mask_is_empty (mask));
    n_present += (gsize) sample->n_classes;
  }
  g_assert_cmpuint (n_present, >, fv_dataset_get_n_samples (dataset));
}

int
main (int argc, char *argv[])
{
  static const struct {
    const char *name;
    void (*test) (Fixture *fixture, gconstpointer data);
  } tests[] = {
    { "/coco/polygons", test_polygons },
    { "/coco/runs", test_runs },
    { "/coco/run-differences", test_run_differences },
    { "/coco/no-opinion", test_no_opinion },
    { "/coco/dataset", test_dataset },
    { "/coco/official-layout", test_official_layout },
    { "/coco/single-label", test_single_label },
    { "/coco/broken", test_broken },
    { "/coco/intricate", test_intricate },
    { "/coco/damaged", test_damaged },
    { "/coco/shared-coco", test_shared_coco },
  };

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].name, Fixture, NULL, set_up, tests[i].test, tear_down);
  return g_test_run ();
}
