/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Model cards: what is read, and what is refused by one sentence that names the file. */

#include "fv-card.h"
#include "temporary-folder.h"
#include "tensor-fixture.h"

#include <glib/gstdio.h>
#include <sys/stat.h>

typedef struct {
  char *folder;
  char *path;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer unused)
{
  fixture->folder = temporary_folder_new ();
  fixture->path = g_build_filename (fixture->folder, "card.json", NULL);
}

static void
tear_down (Fixture *fixture, gconstpointer unused)
{
  temporary_folder_remove (fixture->folder);
  g_free (fixture->folder);
  g_free (fixture->path);
}

static FvCard *
load (const Fixture *fixture, const char *text, gssize length, GError **error)
{
  g_remove (fixture->path); /* replacing a file would wait for the disk */
  g_assert_true (g_file_set_contents (fixture->path, text, length, NULL));
  return fv_card_load (fixture->path, NULL, error);
}

static void
assert_refused (const Fixture *fixture, const char *text, gssize length, const char *phrase)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FvCard) card = load (fixture, text, length, &error);

  if (card != NULL)
    g_error ("accepted: %.100s", text);
  assert_says (error, fixture->path);
  assert_says (error, phrase);
}

/* A card with one more field must be refused, and the sentence must name the field. */
static void
assert_field_refused (const Fixture *fixture, const char *field, const char *value)
{
  g_autofree char *text
      = g_strdup_printf ("{\"architecture\": \"resnet18\", \"%s\": %s}", field, value);
  g_autofree char *quoted = g_strdup_printf ("“%s”", field);

  assert_refused (fixture, text, -1, quoted);
}

static void
test_only_architecture (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FvCard) card = load (fixture, "{\"architecture\": \"resnet18\"}", -1, &error);

  g_assert_no_error (error);
  g_assert_cmpint (card->width, ==, 224);
  g_assert_cmpint (card->height, ==, 224);
  g_assert_cmpfloat (card->mean[1], ==, 0.456);
  g_assert_cmpfloat (card->crop_pct, ==, 0.875);
  g_assert_cmpfloat (card->scale, ==, 1);
  g_assert_false (card->same_padding || card->batch_norm_folded || card->bgr || card->bicubic);
  g_assert_null (card->classes);
  g_assert_null (fv_card_get_class_name (card, 0));
}

static void
assert_equal_cards (const FvCard *a, const FvCard *b)
{
  g_assert_cmpstr (a->architecture, ==, b->architecture);
  g_assert_cmpint (a->width, ==, b->width);
  g_assert_cmpint (a->height, ==, b->height);
  g_assert_cmpmem (a->mean, sizeof a->mean, b->mean, sizeof b->mean);
  g_assert_cmpmem (a->std, sizeof a->std, b->std, sizeof b->std);
  g_assert_cmpfloat (a->scale, ==, b->scale);
  g_assert_cmpfloat (a->crop_pct, ==, b->crop_pct);
  g_assert_cmpint (a->same_padding, ==, b->same_padding);
  g_assert_cmpint (a->batch_norm_folded, ==, b->batch_norm_folded);
  g_assert_cmpint (a->bgr, ==, b->bgr);
  g_assert_cmpint (a->bicubic, ==, b->bicubic);
  g_assert_cmpstrv (a->classes, b->classes);
}

static void
test_round_trip (Fixture *fixture, gconstpointer unused)
{
  static const char *const classes[] = { "Löwe", "a \"quoted\" name", "", NULL };
  g_autoptr (FvCard) card = fv_card_new ("mobilenet_v2");
  g_autoptr (FvCard) copy = NULL;
  g_autoptr (FvCard) loaded = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  card->width = 320;
  card->height = 8;
  card->scale = 255;
  card->mean[2] = -1.0 / 3;
  card->std[0] = 1e-3;
  card->crop_pct = 0.95;
  card->same_padding = card->batch_norm_folded = card->bgr = card->bicubic = TRUE;
  card->classes = g_strdupv ((char **) classes);
  copy = fv_card_copy (card);
  assert_equal_cards (card, copy);
  g_assert_true (fv_card_save (card, fixture->path, &error));
  loaded = fv_card_load (fixture->path, NULL, &error);
  g_assert_no_error (error);
  assert_equal_cards (card, loaded);
  g_assert_cmpstr (fv_card_get_class_name (loaded, 0), ==, "Löwe");
  g_assert_null (fv_card_get_class_name (loaded, 3));
  g_assert_null (fv_card_get_class_name (loaded, -1));
  g_file_get_contents (fixture->path, &text, NULL, NULL);
  g_assert_null (strstr (text, "320.0")); /* other programs want integers */
}

static void
test_failed_save_names_the_file (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvCard) card = fv_card_new ("resnet18");
  g_autofree char *path = g_build_filename (fixture->folder, "missing", "card.json", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_false (fv_card_save (card, path, &error));
  assert_says (error, path);
}

static void
test_wrong_fields (Fixture *fixture, gconstpointer unused)
{
  static const char *const wrong[][2] = {
    { "input_size", "224" },
    { "input_size", "[3, 224]" },
    { "input_size", "[1, 224, 224]" },
    { "input_size", "[3, 224, 224, 224]" },
    { "input_size", "[3, 7, 224]" },
    { "input_size", "[3, 224, 4097]" },
    { "input_size", "[3, 224, 1e300]" },
    { "input_size", "[3, 224.5, 224]" },
    { "input_size", "[3, -224, 224]" },
    { "input_size", "[3, \"224\", 224]" },
    { "input_size", "null" },
    { "scale", "0" },
    { "scale", "-1" },
    { "scale", "1e999" },
    { "scale", "\"255\"" },
    { "scale", "true" },
    { "crop_pct", "0" },
    { "crop_pct", "1e-300" },
    { "crop_pct", "1.5" },
    { "crop_pct", "[]" },
    { "mean", "0.5" },
    { "mean", "[0.5, 0.5]" },
    { "mean", "[0.5, 0.5, null]" },
    { "mean", "[0.5, 0.5, {}]" },
    { "mean", "[0.5, 0.5, 1e999]" },
    { "std", "[1, 1, 0]" },
    { "std", "[1, -1, 1]" },
    { "padding", "\"reflect\"" },
    { "padding", "1" },
    { "batch_norm", "\"\"" },
    { "batch_norm", "false" },
    { "channel_order", "\"rgb\"" },
    { "channel_order", "[\"RGB\"]" },
    { "interpolation", "\"nearest\"" },
    { "classes", "5" },
    { "classes", "{}" },
    { "classes", "[]" },
    { "classes", "[\"a\", 1]" },
    { "classes", "[\"a\", null]" },
    { "classes", "\"../classes.txt\"" },
    { "classes", "\"/etc/passwd\"" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    assert_field_refused (fixture, wrong[i][0], wrong[i][1]);
}

static void
test_architecture_is_needed (Fixture *fixture, gconstpointer unused)
{
  assert_refused (fixture, "{}", -1, "“architecture”");
  assert_refused (fixture, "{\"architecture\": null}", -1, "“architecture”");
  assert_refused (fixture, "{\"architecture\": [\"resnet18\"]}", -1, "“architecture”");
}

static void
test_hostile_text (Fixture *fixture, gconstpointer unused)
{
  static const char nul[] = "{\"architecture\": \"res\0net18\"}";
  g_autofree char *deep = g_strnfill (1000000, '[');

  assert_refused (fixture, "no JSON", -1, "not a model card");
  assert_refused (fixture, "[1]", -1, "no JSON object");
  assert_refused (fixture, "{\"architecture\": \"resnet18\"", -1, "not a model card");
  assert_refused (fixture, "", 0, "empty");
  assert_refused (fixture, nul, sizeof nul - 1, "UTF-8");
  assert_refused (fixture, "{\"architecture\": \"res\\u0000net18\"}", -1, "NUL");
  assert_refused (fixture, "{\"architecture\": \"\xff\"}", -1, "UTF-8");
  assert_refused (fixture, deep, -1, "nests deeper");
  assert_refused (fixture, "{\"architecture\": \"resnet18\", \"scale\": 1, \"scale\": 2}", -1,
                  "twice");
  assert_refused (fixture, "{\"architecture\": \"resnet18\", \"more\": [{\"a\": 1, \"a\": 2}]}", -1,
                  "twice");
}

/* Strings beyond what a card needs: 20 MB are refused by their size, 200,000 values by their
 * number, and a file that is none at all at once. */
static void
test_huge_and_strange_files (Fixture *fixture, gconstpointer unused)
{
  g_autofree char *large = g_strnfill (20 * 1000 * 1000, ' ');
  g_autoptr (GString) values = g_string_new ("{\"architecture\": \"resnet18\", \"classes\": [");
  g_autoptr (GError) pipe = NULL;
  g_autoptr (GError) folder = NULL;
  g_autoptr (GError) missing = NULL;

  assert_refused (fixture, large, -1, "larger than 16 MB");
  for (int i = 0; i < 300000; i++)
    g_string_append (values, "\"\",");
  g_string_append (values, "\"\"]}");
  assert_refused (fixture, values->str, -1, "more values");
  g_remove (fixture->path);
  g_assert_null (fv_card_load (fixture->path, NULL, &missing));
  assert_says (missing, fixture->path);
  g_assert_cmpint (mkfifo (fixture->path, 0600), ==, 0);
  g_assert_null (fv_card_load (fixture->path, NULL, &pipe));
  assert_says (pipe, fixture->path);
  g_assert_null (fv_card_load (fixture->folder, NULL, &folder));
  assert_says (folder, "is a folder");
}

static void
write_beside (const Fixture *fixture, const char *name, const char *text, gssize length)
{
  g_autofree char *path = g_build_filename (fixture->folder, name, NULL);

  g_assert_true (g_file_set_contents (path, text, length, NULL));
}

static void
test_class_file (Fixture *fixture, gconstpointer unused)
{
  static const char text[] = "{\"architecture\": \"resnet18\", \"classes\": \"names.txt\"}";
  static const char *const expected[] = { "first", "second one", "third", NULL };
  g_autoptr (FvCard) card = NULL;
  g_autoptr (GError) error = NULL;

  assert_refused (fixture, text, -1, "names.txt");
  write_beside (fixture, "names.txt", "first\r\nsecond one\r\nthird\r\n", -1);
  card = load (fixture, text, -1, &error);
  g_assert_no_error (error);
  g_assert_cmpstrv (card->classes, (char **) expected);
  write_beside (fixture, "names.txt", "first\0second\n", 13);
  assert_refused (fixture, text, -1, "UTF-8");
  write_beside (fixture, "names.txt", "\xff\xfe\n", -1);
  assert_refused (fixture, text, -1, "UTF-8");
  write_beside (fixture, "names.txt", "", 0);
  assert_refused (fixture, text, -1, "names.txt");
}

/* Said when it is so, and by nothing but true and false. */
static void
test_multi_label (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvCard) card = fv_card_new ("small_cnn");
  g_autoptr (FvCard) again = NULL;
  g_autofree char *text = NULL;

  g_assert_true (fv_card_save (card, fixture->path, NULL));
  g_assert_true (g_file_get_contents (fixture->path, &text, NULL, NULL));
  g_assert_null (strstr (text, "multi_label"));
  card->multi_label = TRUE;
  g_remove (fixture->path);
  g_assert_true (fv_card_save (card, fixture->path, NULL));
  again = fv_card_load (fixture->path, NULL, NULL);
  g_assert_true (again->multi_label);
  assert_field_refused (fixture, "multi_label", "1");
  assert_field_refused (fixture, "multi_label", "\"true\"");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)
  ADD ("/card/only-architecture", test_only_architecture);
  ADD ("/card/round-trip", test_round_trip);
  ADD ("/card/failed-save-names-the-file", test_failed_save_names_the_file);
  ADD ("/card/wrong-fields", test_wrong_fields);
  ADD ("/card/architecture-is-needed", test_architecture_is_needed);
  ADD ("/card/hostile-text", test_hostile_text);
  ADD ("/card/huge-and-strange-files", test_huge_and_strange_files);
  ADD ("/card/class-file", test_class_file);
  ADD ("/card/multi-label", test_multi_label);
#undef ADD
  return g_test_run ();
}
