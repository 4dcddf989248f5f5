/* SPDX-License-Identifier: GPL-3.0-or-later */

/* PyTorch archives: tensors come out with their values, and whatever is not a sound archive of them
 * is refused. */

#include "pth-fixture.h"

#define TEST(name, function)                                                                       \
  g_test_add ("/pth/" name, WeightsFixture, NULL, weights_fixture_set_up, function,                \
              weights_fixture_tear_down)

static FvStateDict *
load (const WeightsFixture *fixture)
{
  g_autoptr (GError) error = NULL;
  FvStateDict *dict = fv_weights_load (fixture->path, &error);

  g_assert_no_error (error);
  return dict;
}

static FvStateDict *
load_pickle (const WeightsFixture *fixture, gconstpointer pickle, gsize n_bytes)
{
  pth_write (fixture, pickle, n_bytes, ZIP_CM_STORE);
  return load (fixture);
}

/* The names of @dict, in order, with a space after each. (transfer full) */
static char *
join_names (const FvStateDict *dict)
{
  GString *names = g_string_new (NULL);

  for (guint i = 0; i < fv_state_dict_get_length (dict); i++)
    g_string_append_printf (names, "%s ", fv_state_dict_get_name (dict, i));
  return g_string_free (names, FALSE);
}

static void
assert_names (const FvStateDict *dict, const char *expected)
{
  g_autofree char *names = join_names (dict);

  g_assert_cmpstr (names, ==, expected);
}

/* -- what is right ---------------------------------------------------------------------------- */

/* Views of the six floats, and what each must hold. */
static const struct {
  const char *name;
  const char *pickle;
  gsize n_bytes;
  int n_dims;
  gint64 shape[3];
  gsize n_values;
  float values[12];
} views[] = {
  { "row-major",
    BYTES (DICT_OF (TENSOR ("K\0", "K\2K\3\x86", "K\3K\1\x86"))),
    2,
    { 2, 3 },
    6,
    { 0, 1, 2, 3, 4, 5 } },
  { "transposed",
    BYTES (DICT_OF (TENSOR ("K\0", "K\3K\2\x86", "K\1K\3\x86"))),
    2,
    { 3, 2 },
    6,
    { 0, 3, 1, 4, 2, 5 } },
  { "offset", BYTES (DICT_OF (TENSOR ("K\4", "K\2\x85", "K\1\x85"))), 1, { 2 }, 2, { 4, 5 } },
  { "every-second",
    BYTES (DICT_OF (TENSOR ("K\1", "K\3\x85", "K\2\x85"))),
    1,
    { 3 },
    3,
    { 1, 3, 5 } },
  { "expanded",
    BYTES (DICT_OF (TENSOR ("K\2", "K\2K\3\x86", "K\0K\0\x86"))),
    2,
    { 2, 3 },
    6,
    { 2, 2, 2, 2, 2, 2 } },
  { "overlapping-windows",
    BYTES (DICT_OF (TENSOR ("K\0", "K\4K\3\x86", "K\1K\1\x86"))),
    2,
    { 4, 3 },
    12,
    { 0, 1, 2, 1, 2, 3, 2, 3, 4, 3, 4, 5 } },
  { "three-dimensions",
    BYTES (DICT_OF (TENSOR ("K\0", "K\3K\1K\2\x87", "K\2K\1K\1\x87"))),
    3,
    { 3, 1, 2 },
    6,
    { 0, 1, 2, 3, 4, 5 } },
  { "scalar", BYTES (DICT_OF (TENSOR ("K\5", ")", ")"))), 0, { 0 }, 1, { 5 } },
  { "empty", BYTES (DICT_OF (TENSOR ("K\0", "K\0K\3\x86", "K\3K\1\x86"))), 2, { 0, 3 }, 0, { 0 } },
  { "single-with-wild-stride",
    BYTES (DICT_OF (
        TENSOR ("K\5", "K\1K\1\x86", LONG1 ("\xff\xff\xff\xff\xff\xff\xff\x7f") "K\1\x86"))),
    2,
    { 1, 1 },
    1,
    { 5 } },
};

static void
test_view (WeightsFixture *fixture, gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);
  g_autoptr (FvStateDict) dict = load_pickle (fixture, views[i].pickle, views[i].n_bytes);
  const FvTensor *tensor = fv_state_dict_lookup (dict, "w");

  g_assert_nonnull (tensor);
  g_assert_cmpint (fv_tensor_get_n_dims (tensor), ==, views[i].n_dims);
  for (int j = 0; j < views[i].n_dims; j++)
    g_assert_cmpint (fv_tensor_get_size (tensor, j), ==, views[i].shape[j]);
  weights_assert_bytes (tensor, FV_DTYPE_FLOAT32, views[i].values,
                        views[i].n_values * sizeof (float));
}

static void
test_types (WeightsFixture *fixture, gconstpointer data)
{
  static const struct {
    FvDtype dtype;
    const char *pickle;
    gsize n_bytes;
  } types[] = {
    { FV_DTYPE_FLOAT32, BYTES (TYPED ("FloatStorage", "K\6")) },
    { FV_DTYPE_FLOAT64, BYTES (TYPED ("DoubleStorage", "K\3")) },
    { FV_DTYPE_FLOAT16, BYTES (TYPED ("HalfStorage", "K\x0c")) },
    { FV_DTYPE_BFLOAT16, BYTES (TYPED ("BFloat16Storage", "K\x0c")) },
    { FV_DTYPE_INT64, BYTES (TYPED ("LongStorage", "K\3")) },
    { FV_DTYPE_INT32, BYTES (TYPED ("IntStorage", "K\6")) },
    { FV_DTYPE_INT16, BYTES (TYPED ("ShortStorage", "K\x0c")) },
    { FV_DTYPE_INT8, BYTES (TYPED ("CharStorage", "K\x18")) },
    { FV_DTYPE_UINT8, BYTES (TYPED ("ByteStorage", "K\x18")) },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (types); i++) {
    g_autoptr (FvStateDict) dict = load_pickle (fixture, types[i].pickle, types[i].n_bytes);

    weights_assert_bytes (fv_state_dict_lookup (dict, "w"), types[i].dtype, pth_floats,
                          sizeof pth_floats);
  }
}

static void
test_booleans (WeightsFixture *fixture, gconstpointer data)
{
  static const char pickle[] = TYPED ("BoolStorage", "K\3");
  g_autoptr (FvStateDict) dict = NULL;
  zip_t *zip = pth_open_zip (fixture);

  pth_add_entry (zip, "top/data.pkl", BYTES (pickle), ZIP_CM_STORE);
  pth_add_entry (zip, "top/data/0", "\1\0\1", 3, ZIP_CM_STORE);
  g_assert_cmpint (zip_close (zip), ==, 0);
  dict = load (fixture);
  weights_assert_bytes (fv_state_dict_lookup (dict, "w"), FV_DTYPE_BOOL, "\1\0\1", 3);
}

static void
test_deflated (WeightsFixture *fixture, gconstpointer data)
{
  g_autoptr (FvStateDict) dict = NULL;

  pth_write (fixture, BYTES (DICT_OF (ROW)), ZIP_CM_DEFLATE);
  dict = load (fixture);
  weights_assert_bytes (fv_state_dict_lookup (dict, "w"), FV_DTYPE_FLOAT32, pth_floats,
                        sizeof pth_floats);
}

/* An ordered dictionary with `_metadata`, two names for one storage, a parameter, and entries that
 * are no tensors. */
static void
test_state_dict (WeightsFixture *fixture, gconstpointer data)
{
  static const char pickle[] = PROTO HOOKS "q\0("                                              //
      TEXT ("\1", "b") ROW                                                                     //
          TEXT ("\1", "n") "K\7" TEXT ("\1", "f") "G\0\0\0\0\0\0\0\0" TEXT ("\1", "x") "N"     //
      TEXT ("\1", "a") GLOBAL ("torch._utils", "_rebuild_parameter") "(" ROW "\x88" HOOKS "tR" //
      TEXT ("\1", "l") "](K\1K\2e" TEXT ("\1", "t") "\x88"                                     //
                                                    "K\3" ROW "u"
                                                    "}" TEXT ("\x09", "_metadata") HOOKS "sb.";
  g_autoptr (FvStateDict) dict = load_pickle (fixture, BYTES (pickle));

  assert_names (dict, "b a ");
  weights_assert_bytes (fv_state_dict_lookup (dict, "a"), FV_DTYPE_FLOAT32, pth_floats,
                        sizeof pth_floats);
}

/* A checkpoint: the dictionary is under a usual name, with a lone tensor beside it. */
static void
test_wrapped (WeightsFixture *fixture, gconstpointer data)
{
#define WRAPPED(length, name)                                                                      \
  PROTO "}(" TEXT ("\4", "best") ROW TEXT (length, name) "}" TEXT ("\1", "w") ROW "su."
  static const struct {
    const char *pickle;
    gsize n_bytes;
  } wrapped[] = {
    { BYTES (WRAPPED ("\x0a", "state_dict")) },
    { BYTES (WRAPPED ("\5", "model")) },
    { BYTES (WRAPPED ("\x10", "model_state_dict")) },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (wrapped); i++) {
    g_autoptr (FvStateDict) dict = load_pickle (fixture, wrapped[i].pickle, wrapped[i].n_bytes);

    assert_names (dict, "w ");
  }
}

static void
test_strips_module (WeightsFixture *fixture, gconstpointer data)
{
  static const char all[] = PROTO "}(" TEXT ("\x08", "module.a") ROW TEXT ("\1", "n") "K\1" //
      TEXT ("\x0f", "module.module.b") ROW "u.";
  static const char some[] = PROTO "}(" TEXT ("\x08", "module.a") ROW TEXT ("\1", "b") ROW "u.";
  g_autoptr (FvStateDict) stripped = load_pickle (fixture, BYTES (all));
  g_autoptr (FvStateDict) kept = load_pickle (fixture, BYTES (some));

  assert_names (stripped, "a module.b ");
  assert_names (kept, "module.a b ");
}

/* What pickle protocol 4 writes in place of the older opcodes. */
static void
test_protocol_4 (WeightsFixture *fixture, gconstpointer data)
{
  static const char pickle[] = "\x80\4\x95\x20\0\0\0\0\0\0\0"
                               "}\x94\x8c\1w\x94"
                               "\x8c\x0ctorch._utils\x94\x8c\x12_rebuild_tensor_v2\x94\x93\x94"
                               "((\x8c\7storage\x94\x8c\5torch\x94\x8c\x0c"
                               "FloatStorage\x94\x93\x94\x8c\1"
                               "0\x94\x8c\3cpu\x94K\6t\x94Q"
                               "K\0M\6\0\x85J\1\0\0\0\x85\x89" HOOKS "t\x94R\x94s"
                               "(h\1h\x0a\x86h\0th\0.";
  g_autoptr (FvStateDict) dict = load_pickle (fixture, BYTES (pickle));

  weights_assert_bytes (fv_state_dict_lookup (dict, "w"), FV_DTYPE_FLOAT32, pth_floats,
                        sizeof pth_floats);
}

/* A dictionary and a list that hold themselves, beside a tensor: nothing walks in a circle, and
 * the leak checker of CI sees whether they are freed. */
static void
test_circles (WeightsFixture *fixture, gconstpointer data)
{
  static const char pickle[] = PROTO "}q\0(" TEXT ("\5", "model") "h\0" TEXT ("\1", "l") //
      "]q\1h\1a" TEXT ("\1", "w") ROW "u.";
  g_autoptr (FvStateDict) dict = load_pickle (fixture, BYTES (pickle));

  assert_names (dict, "w ");
}

/* -- archives that are refused ---------------------------------------------------------------- */

static void
assert_entries_refused (WeightsFixture *fixture, const char *const *names, const char *phrase)
{
  zip_t *zip = pth_open_zip (fixture);

  pth_add_entry (zip, "top/data.pkl", BYTES (DICT_OF (ROW)), ZIP_CM_STORE);
  pth_add_entry (zip, "top/data/0", pth_floats, sizeof pth_floats, ZIP_CM_STORE);
  for (gsize i = 0; names[i] != NULL; i++)
    pth_add_entry (zip, names[i], "bigger", 6, ZIP_CM_STORE);
  g_assert_cmpint (zip_close (zip), ==, 0);
  weights_fixture_assert_refused (fixture, fv_weights_load, phrase);
}

static void
test_two_folders (WeightsFixture *fixture, gconstpointer data)
{
  assert_entries_refused (fixture, (const char *[]){ "other/version", NULL }, "“other/version”");
  assert_entries_refused (fixture, (const char *[]){ "version", NULL }, "“version”");
  assert_entries_refused (fixture, (const char *[]){ "top2/version", NULL }, "“top2/version”");
}

static void
test_climbing_names (WeightsFixture *fixture, gconstpointer data)
{
  assert_entries_refused (fixture, (const char *[]){ "top/../../etc/passwd", NULL }, "etc/passwd");
  assert_entries_refused (fixture, (const char *[]){ "/etc/passwd", NULL }, "etc/passwd");
}

static void
test_torchscript (WeightsFixture *fixture, gconstpointer data)
{
  assert_entries_refused (
      fixture, (const char *[]){ "top/constants.pkl", "top/code/__torch__/net.py", NULL },
      "TorchScript program");
}

static void
test_big_endian (WeightsFixture *fixture, gconstpointer data)
{
  assert_entries_refused (fixture, (const char *[]){ "top/byteorder", NULL }, "big-endian");
}

static void
test_little_endian (WeightsFixture *fixture, gconstpointer data)
{
  g_autoptr (FvStateDict) dict = NULL;
  zip_t *zip = pth_open_zip (fixture);

  pth_add_entry (zip, "top/byteorder", "little", 6, ZIP_CM_STORE);
  pth_add_entry (zip, "top/data.pkl", BYTES (DICT_OF (ROW)), ZIP_CM_STORE);
  pth_add_entry (zip, "top/data/0", pth_floats, sizeof pth_floats, ZIP_CM_STORE);
  g_assert_cmpint (zip_close (zip), ==, 0);
  dict = load (fixture);
  assert_names (dict, "w ");
}

static void
test_no_pickle (WeightsFixture *fixture, gconstpointer data)
{
  zip_t *zip = pth_open_zip (fixture);

  pth_add_entry (zip, "top/data/0", pth_floats, sizeof pth_floats, ZIP_CM_STORE);
  g_assert_cmpint (zip_close (zip), ==, 0);
  weights_fixture_assert_refused (fixture, fv_weights_load, "no “data.pkl”");
}

static void
test_deflate_bomb (WeightsFixture *fixture, gconstpointer data)
{
  const gsize n_bytes = 32 * 1024 * 1024;
  g_autofree guint8 *zeros = g_malloc0 (n_bytes);
  zip_t *zip = pth_open_zip (fixture);

  pth_add_entry (zip, "top/data.pkl", BYTES (DICT_OF (ROW)), ZIP_CM_STORE);
  pth_add_entry (zip, "top/data/0", zeros, n_bytes, ZIP_CM_DEFLATE);
  g_assert_cmpint (zip_close (zip), ==, 0);
  weights_fixture_assert_refused (fixture, fv_weights_load, "out of proportion");
}

static void
test_same_entry_twice (WeightsFixture *fixture, gconstpointer data)
{
  zip_t *zip = pth_open_zip (fixture);

  pth_add_entry (zip, "top/data.pkl", BYTES (DICT_OF (ROW)), ZIP_CM_STORE);
  pth_add_entry (zip, "top/data/0", pth_floats, sizeof pth_floats, ZIP_CM_STORE);
  pth_add_entry (zip, "top/data/1", pth_floats, sizeof pth_floats, ZIP_CM_STORE);
  g_assert_cmpint (zip_close (zip), ==, 0);
  weights_fixture_patch (fixture, "top/data/1", "top/data/0", strlen ("top/data/1"));
  weights_fixture_assert_refused (fixture, fv_weights_load, "“top/data/0”");
}

/* The sizes of "data/0", packed and unpacked, as the archive's directory gives them: 24 and 24. */
static void
test_false_sizes (WeightsFixture *fixture, gconstpointer data)
{
  pth_write (fixture, BYTES (DICT_OF (ROW)), ZIP_CM_STORE);
  weights_fixture_patch (fixture, "\x18\0\0\0\x18\0\0\0", "\x18\0\0\0\0\0\0\x40", 8);
  weights_fixture_assert_refused_flat (fixture, fv_weights_load, "a false size");
  weights_fixture_patch (fixture, "\x18\0\0\0\0\0\0\x40", "\0\0\0\x40\0\0\0\x40", 8);
  weights_fixture_assert_refused_flat (fixture, fv_weights_load, "more contents than");
}

static void
test_wrong_checksum (WeightsFixture *fixture, gconstpointer data)
{
  pth_write (fixture, BYTES (DICT_OF (ROW)), ZIP_CM_STORE);
  weights_fixture_patch (fixture, &pth_floats[3], &pth_floats[4], sizeof (float));
  weights_fixture_assert_refused (fixture, fv_weights_load, "damaged");
}

static void
test_bad_boolean (WeightsFixture *fixture, gconstpointer data)
{
  pth_write (fixture, BYTES (TYPED ("BoolStorage", "K\x18")), ZIP_CM_STORE);
  weights_fixture_assert_refused (fixture, fv_weights_load, "neither 0 nor 1");
}

static void
test_other_zip_method (WeightsFixture *fixture, gconstpointer data)
{
  if (!zip_compression_method_supported (ZIP_CM_BZIP2, 1)) {
    g_test_skip ("this libzip has no bzip2");
    return;
  }
  pth_write (fixture, BYTES (DICT_OF (ROW)), ZIP_CM_BZIP2);
  weights_fixture_assert_refused (fixture, fv_weights_load, "packed in a way");
}

static void
test_empty_zip (WeightsFixture *fixture, gconstpointer data)
{
  weights_fixture_write (fixture, "PK\5\6\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 22);
  weights_fixture_assert_refused (fixture, fv_weights_load, "is not a weights file");
}

static void
test_cut_zip (WeightsFixture *fixture, gconstpointer data)
{
  weights_fixture_write (fixture, "PK\3\4 and then nothing", 20);
  weights_fixture_assert_refused (fixture, fv_weights_load, "damaged or truncated");
}

/* -- not archives ----------------------------------------------------------------------------- */

static void
test_bare_pickle (WeightsFixture *fixture, gconstpointer data)
{
  weights_fixture_write (fixture, BYTES ("cos\nsystem\n(S'echo hello'\ntR."));
  weights_fixture_assert_refused (fixture, fv_weights_load, "is not a weights file");
  weights_fixture_assert_refused (fixture, fv_pth_load, "is not a weights file");
}

static void
test_legacy_format (WeightsFixture *fixture, gconstpointer data)
{
  weights_fixture_write (fixture, BYTES ("\x80\2\x8a\nl\xfc\x9c"
                                         "F\xf9 j\xa8P\x19.\x80\2M\xe9\3."));
  weights_fixture_assert_refused (fixture, fv_weights_load, "old format");
}

static void
test_folder (WeightsFixture *fixture, gconstpointer data)
{
  g_assert_cmpint (g_mkdir (fixture->path, 0700), ==, 0);
  weights_fixture_assert_refused (fixture, fv_pth_load, "folder");
}

static void
test_empty_file (WeightsFixture *fixture, gconstpointer data)
{
  weights_fixture_write (fixture, "", 0);
  weights_fixture_assert_refused (fixture, fv_pth_load, "is empty");
}

static void
test_missing_file (WeightsFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FvStateDict) dict = fv_pth_load (fixture->path, &error);

  g_assert_null (dict);
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
  weights_assert_sentence (error);
}

static void
test_damage (WeightsFixture *fixture, gconstpointer data)
{
  static const gint32 methods[] = { ZIP_CM_STORE, ZIP_CM_DEFLATE };

  for (gsize i = 0; i < G_N_ELEMENTS (methods); i++) {
    g_autoptr (GBytes) bytes = NULL;

    pth_write (fixture, BYTES (DICT_OF (TENSOR ("K\0", "K\3K\2\x86", "K\1K\3\x86"))), methods[i]);
    bytes = weights_fixture_read (fixture);
    weights_fixture_damage (fixture, fv_pth_load, bytes);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (views); i++) {
    g_autofree char *path = g_strconcat ("/pth/view/", views[i].name, NULL);

    g_test_add (path, WeightsFixture, GSIZE_TO_POINTER (i), weights_fixture_set_up, test_view,
                weights_fixture_tear_down);
  }
  TEST ("types", test_types);
  TEST ("booleans", test_booleans);
  TEST ("deflated", test_deflated);
  TEST ("state-dict", test_state_dict);
  TEST ("wrapped", test_wrapped);
  TEST ("strips-module", test_strips_module);
  TEST ("protocol-4", test_protocol_4);
  TEST ("circles", test_circles);
  TEST ("little-endian", test_little_endian);
  TEST ("refuses/two-folders", test_two_folders);
  TEST ("refuses/climbing-names", test_climbing_names);
  TEST ("refuses/torchscript", test_torchscript);
  TEST ("refuses/big-endian", test_big_endian);
  TEST ("refuses/no-pickle", test_no_pickle);
  TEST ("refuses/deflate-bomb", test_deflate_bomb);
  TEST ("refuses/same-entry-twice", test_same_entry_twice);
  TEST ("refuses/false-sizes", test_false_sizes);
  TEST ("refuses/wrong-checksum", test_wrong_checksum);
  TEST ("refuses/bad-boolean", test_bad_boolean);
  TEST ("refuses/other-zip-method", test_other_zip_method);
  TEST ("refuses/empty-zip", test_empty_zip);
  TEST ("refuses/cut-zip", test_cut_zip);
  TEST ("refuses/bare-pickle", test_bare_pickle);
  TEST ("refuses/legacy-format", test_legacy_format);
  TEST ("refuses/folder", test_folder);
  TEST ("refuses/empty-file", test_empty_file);
  TEST ("refuses/missing-file", test_missing_file);
  TEST ("survives-damage", test_damage);
  return g_test_run ();
}
