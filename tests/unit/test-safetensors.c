/* SPDX-License-Identifier: GPL-3.0-or-later */

/* safetensors: bytes in and out are exactly those of the published format, and every lie that a
 * header can tell is refused. */

#include "weights-fixture.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#define TEST(name, function)                                                                       \
  g_test_add ("/safetensors/" name, WeightsFixture, NULL, weights_fixture_set_up, function,        \
              weights_fixture_tear_down)

/* -- building files --------------------------------------------------------------------------- */

/* A file of @header and @n_data zero bytes, the header's length being what it says. */
static void
write_file (WeightsFixture *fixture, gconstpointer header, guint64 n_header, gsize n_data)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autofree guint8 *data = g_malloc0 (n_data + 1);

  g_byte_array_append (bytes, (const guint8 *) &n_header, sizeof n_header);
  g_byte_array_append (bytes, header, (guint) n_header);
  g_byte_array_append (bytes, data, (guint) n_data);
  weights_fixture_write (fixture, bytes->data, bytes->len);
}

static FvStateDict *
load (WeightsFixture *fixture)
{
  g_autoptr (GError) error = NULL;
  FvStateDict *dict = fv_weights_load (fixture->path, &error);

  g_assert_no_error (error);
  return dict;
}

static void
save (WeightsFixture *fixture, const FvStateDict *dict, const char *const *metadata)
{
  g_autoptr (GError) error = NULL;

  fv_safetensors_save (dict, metadata, fixture->path, &error);
  g_assert_no_error (error);
}

static void
add (FvStateDict *dict, const char *name, FvDtype dtype, const gint64 *shape, int n_dims,
     gconstpointer data, gsize n_bytes)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FvTensor) tensor = fv_tensor_new (dtype, shape, n_dims, data, n_bytes, &error);

  g_assert_no_error (error);
  g_assert_true (fv_state_dict_add (dict, name, tensor));
}

/* One tensor [2, 3] of each type, a scalar, an empty one, and names that need escapes. */
static FvStateDict *
make_dict (void)
{
  FvStateDict *dict = fv_state_dict_new ();
  guint8 bytes[48];

  for (guint i = 0; i < sizeof bytes; i++)
    bytes[i] = (guint8) (i * 37 + 5);
  for (FvDtype dtype = FV_DTYPE_FLOAT32; dtype < FV_DTYPE_BOOL; dtype++) {
    g_autofree char *name = g_strdup_printf ("layer.%d", dtype);

    add (dict, name, dtype, (gint64[]){ 2, 3 }, 2, bytes, 6 * fv_dtype_get_size (dtype));
  }
  add (dict, "flags", FV_DTYPE_BOOL, (gint64[]){ 2, 3 }, 2, (guint8[]){ 1, 0, 0, 1, 1, 0 }, 6);
  add (dict, "scalar", FV_DTYPE_INT64, NULL, 0, bytes, 8);
  add (dict, "nothing", FV_DTYPE_FLOAT32, (gint64[]){ 3, 0, 2 }, 3, bytes, 0);
  add (dict, "a \"quoted\\\" ünïcode\n name", FV_DTYPE_UINT8, (gint64[]){ 1 }, 1, bytes, 1);
  return dict;
}

static void
assert_equal_dicts (const FvStateDict *a, const FvStateDict *b)
{
  g_assert_cmpuint (fv_state_dict_get_length (a), ==, fv_state_dict_get_length (b));
  for (guint i = 0; i < fv_state_dict_get_length (a); i++) {
    g_assert_cmpstr (fv_state_dict_get_name (a, i), ==, fv_state_dict_get_name (b, i));
    g_assert_true (
        fv_tensor_equal (fv_state_dict_get_tensor (a, i), fv_state_dict_get_tensor (b, i)));
  }
}

/* -- what is right ---------------------------------------------------------------------------- */

static void
test_round_trip (WeightsFixture *fixture, gconstpointer data)
{
  g_autoptr (FvStateDict) dict = make_dict ();
  g_autoptr (FvStateDict) loaded = NULL;

  save (fixture, dict, NULL);
  loaded = load (fixture);
  assert_equal_dicts (dict, loaded);
}

static void
test_empty_dict (WeightsFixture *fixture, gconstpointer data)
{
  g_autoptr (FvStateDict) dict = fv_state_dict_new ();
  g_autoptr (FvStateDict) loaded = NULL;

  save (fixture, dict, NULL);
  loaded = load (fixture);
  g_assert_cmpuint (fv_state_dict_get_length (loaded), ==, 0);
}

static void
test_exact_bytes (WeightsFixture *fixture, gconstpointer data)
{
  static const char expected[] = "\x90\0\0\0\0\0\0\0"
                                 "{\"__metadata__\":{\"format\":\"pt\"},"
                                 "\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
                                 "\"aa\":{\"dtype\":\"U8\",\"shape\":[],\"data_offsets\":[8,9]}}"
                                 "       "
                                 "\0\0\x80\x3f\0\0\0\xc0"
                                 "\x07";
  g_autoptr (FvStateDict) dict = fv_state_dict_new ();
  g_autoptr (GBytes) first = NULL;
  g_autoptr (GBytes) second = NULL;

  add (dict, "b", FV_DTYPE_FLOAT32, (gint64[]){ 2 }, 1, (float[]){ 1, -2 }, 8);
  add (dict, "aa", FV_DTYPE_UINT8, NULL, 0, (guint8[]){ 7 }, 1);
  save (fixture, dict, (const char *[]){ "format", "pt", NULL });
  first = weights_fixture_read (fixture);
  g_assert_cmpmem (g_bytes_get_data (first, NULL), g_bytes_get_size (first), expected,
                   sizeof expected - 1);
  save (fixture, dict, (const char *[]){ "format", "pt", NULL });
  second = weights_fixture_read (fixture);
  g_assert_true (g_bytes_equal (first, second));
}

/* Offsets out of the header's order, a header with spaces, values at an odd offset. */
static void
test_reads_values (WeightsFixture *fixture, gconstpointer data)
{
  static const char file[]
      = "\x84\0\0\0\0\0\0\0"
        "{\"w\": {\"shape\": [1, 2], \"dtype\": \"F32\", \"data_offsets\": [1, 9]},\n"
        " \"\\u0062\": {\"dtype\": \"BOOL\", \"shape\": [1], \"data_offsets\": [0, 1]}}"
        "\1\0\0\x80\x3f\0\0\0\xc0";
  g_autoptr (FvStateDict) dict = NULL;

  weights_fixture_write (fixture, file, sizeof file - 1);
  dict = load (fixture);
  g_assert_cmpuint (fv_state_dict_get_length (dict), ==, 2);
  g_assert_cmpstr (fv_state_dict_get_name (dict, 0), ==, "w");
  weights_assert_bytes (fv_state_dict_lookup (dict, "w"), FV_DTYPE_FLOAT32, (float[]){ 1, -2 }, 8);
  weights_assert_bytes (fv_state_dict_lookup (dict, "b"), FV_DTYPE_BOOL, "\1", 1);
  g_assert_cmpint (fv_tensor_get_n_dims (fv_state_dict_lookup (dict, "w")), ==, 2);
  g_assert_cmpint (fv_tensor_get_size (fv_state_dict_lookup (dict, "w"), 1), ==, 2);
}

static void
test_shared_weights (void)
{
  static const char *const names[]
      = { "mobilenet_v2_imagenet.safetensors", "resnet56_cifar10.safetensors" };
  const char *folder = g_getenv ("FOVEA_SHARED_DATA");

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autofree char *path
        = g_build_filename (folder != NULL ? folder : ".", "weights", names[i], NULL);
    g_autoptr (FvStateDict) dict = NULL;
    g_autoptr (GError) error = NULL;

    if (!g_file_test (path, G_FILE_TEST_EXISTS)) {
      g_test_skip ("the shared weights are not on this machine");
      return;
    }
    dict = fv_weights_load (path, &error);
    g_assert_no_error (error);
    g_assert_cmpuint (fv_state_dict_get_length (dict), >, 100);
  }
}

/* -- saving that fails ------------------------------------------------------------------------ */

static void
test_full_disk_keeps_older_file (WeightsFixture *fixture, gconstpointer data)
{
  g_autofree guint8 *zeros = g_malloc0 (1 << 16);
  g_autoptr (FvStateDict) older = make_dict ();
  g_autoptr (FvStateDict) dict = fv_state_dict_new ();
  g_autoptr (FvStateDict) loaded = NULL;
  g_autoptr (GError) error = NULL;
  struct rlimit before;
  struct rlimit limit;

  save (fixture, older, NULL);
  add (dict, "w", FV_DTYPE_UINT8, (gint64[]){ 1 << 16 }, 1, zeros, 1 << 16);
  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &before), ==, 0);
  limit = before;
  limit.rlim_cur = 4096;
  signal (SIGXFSZ, SIG_IGN);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
  g_assert_false (fv_safetensors_save (dict, NULL, fixture->path, &error));
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &before), ==, 0);
  g_assert_nonnull (error);
  g_assert_true (error->domain == G_FILE_ERROR);
  weights_assert_sentence (error);
  loaded = load (fixture);
  assert_equal_dicts (older, loaded);
}

static void
test_save_needs_the_folder (WeightsFixture *fixture, gconstpointer data)
{
  g_autoptr (FvStateDict) dict = make_dict ();
  g_autofree char *path = g_build_filename (fixture->folder, "missing", WEIGHTS_FILE_NAME, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_false (fv_safetensors_save (dict, NULL, path, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
  weights_assert_sentence (error);
}

static void
test_save_refuses_names (WeightsFixture *fixture, gconstpointer data)
{
  static const char *const names[] = { "__metadata__", "\xff" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autoptr (FvStateDict) dict = fv_state_dict_new ();
    g_autoptr (GError) error = NULL;

    add (dict, names[i], FV_DTYPE_UINT8, NULL, 0, "", 1);
    g_assert_false (fv_safetensors_save (dict, NULL, fixture->path, &error));
    g_assert_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_ARGUMENT);
    weights_assert_sentence (error);
    g_assert_false (g_file_test (fixture->path, G_FILE_TEST_EXISTS));
  }
}

/* -- what is refused -------------------------------------------------------------------------- */

#define F32_4 "\"dtype\":\"F32\",\"shape\":[4],"
#define W(fields) "{\"w\":{" fields "}}"
#define SHAPE(shape) W ("\"dtype\":\"U8\",\"shape\":" shape ",\"data_offsets\":[0,16]")
#define OFFSETS(offsets) W (F32_4 "\"data_offsets\":" offsets)
#define U8_AT(name, n, offsets)                                                                    \
  "\"" name "\":{\"dtype\":\"U8\",\"shape\":[" n "],\"data_offsets\":" offsets "}"
#define PAIR(offsets_a, offsets_b)                                                                 \
  "{" U8_AT ("a", "8", offsets_a) "," U8_AT ("b", "8", offsets_b) "}"

/* Every header is followed by 16 bytes of values. */
static const struct {
  const char *name;
  const char *header;
  const char *phrase;
} hostile[] = {
  { "not-json", "{hello", "not JSON" },
  { "cut-json", "{\"w\":{\"dtype\":\"U8\"", "not JSON" },
  { "empty-header", "", "not JSON" },
  { "comment", "{/*\"*/}", "not JSON" },
  { "single-quotes", "{'w':3}", "not JSON" },
  { "octal", SHAPE ("[020]"), "not JSON" },
  { "array-header", "[1,2]", "not a JSON object" },
  { "null-header", "null", "not a JSON object" },
  { "entry-not-object", "{\"w\":3}", "by an object" },
  { "no-dtype", W ("\"shape\":[4],\"data_offsets\":[0,16]"), "dtype" },
  { "no-shape", W ("\"dtype\":\"F32\",\"data_offsets\":[0,16]"), "shape" },
  { "no-offsets", W ("\"dtype\":\"F32\",\"shape\":[4]"), "data_offsets" },
  { "dtype-number", W ("\"dtype\":7,\"shape\":[4],\"data_offsets\":[0,16]"), "dtype" },
  { "dtype-null", W ("\"dtype\":null,\"shape\":[4],\"data_offsets\":[0,16]"), "dtype" },
  { "dtype-array", W ("\"dtype\":[],\"shape\":[4],\"data_offsets\":[0,16]"), "dtype" },
  { "dtype-unknown", W ("\"dtype\":\"F8_E4M3\",\"shape\":[16],\"data_offsets\":[0,16]"),
    "F8_E4M3" },
  { "dtype-lower-case", W ("\"dtype\":\"u8\",\"shape\":[16],\"data_offsets\":[0,16]"), "“u8”" },
  { "shape-text", SHAPE ("\"16\""), "shape" },
  { "shape-object", SHAPE ("{}"), "shape" },
  { "size-text", SHAPE ("[\"16\"]"), "whole numbers" },
  { "size-null", SHAPE ("[null]"), "whole numbers" },
  { "size-array", SHAPE ("[[]]"), "nests" },
  { "size-negative", SHAPE ("[-16]"), "whole numbers" },
  { "size-two-negatives", SHAPE ("[-4,-4]"), "whole numbers" },
  { "size-fraction", SHAPE ("[3.5]"), "whole numbers" },
  { "size-exponent", SHAPE ("[1e30]"), "whole numbers" },
  { "size-above-int64", SHAPE ("[9223372036854775808]"), "whole numbers" },
  { "size-above-uint64", SHAPE ("[18446744073709551632]"), "whole numbers" },
  { "shape-overflow", SHAPE ("[4611686018427387904,4]"), "impossibly large" },
  { "shape-overflow-to-16", SHAPE ("[4294967296,4294967296,16]"), "impossibly large" },
  { "shape-overflow-behind-zero", SHAPE ("[0,4611686018427387904,4]"), "impossibly large" },
  { "nine-dimensions", SHAPE ("[1,1,1,1,1,1,1,1,16]"), "dimensions" },
  { "offsets-text", OFFSETS ("\"0,16\""), "data_offsets" },
  { "offsets-one", OFFSETS ("[16]"), "two whole numbers" },
  { "offsets-three", OFFSETS ("[0,16,16]"), "two whole numbers" },
  { "offsets-negative", OFFSETS ("[-16,0]"), "two whole numbers" },
  { "offsets-fraction", OFFSETS ("[0.0,16.0]"), "two whole numbers" },
  { "offsets-reversed", OFFSETS ("[16,0]"), "reversed" },
  { "offsets-beyond-file", OFFSETS ("[4,20]"), "ends before" },
  { "offsets-far-beyond-file", OFFSETS ("[9223372036854775791,9223372036854775807]"),
    "ends before" },
  { "length-not-product", OFFSETS ("[0,12]"), "whose shape takes 16" },
  { "overlapping", PAIR ("[0,8]", "[4,12]"), "overlap" },
  { "equal-offsets", PAIR ("[0,8]", "[0,8]"), "overlap" },
  { "hole", "{" U8_AT ("a", "4", "[0,4]") "," U8_AT ("b", "8", "[8,16]") "}", "hole" },
  { "hole-at-start", "{" U8_AT ("a", "8", "[8,16]") "}", "hole" },
  { "trailing-bytes", "{" U8_AT ("a", "8", "[0,8]") "}", "goes on" },
  { "empty-tensor-beyond-file", "{" U8_AT ("a", "16", "[0,16]") "," U8_AT ("b", "0", "[99,99]") "}",
    "ends before" },
  { "name-twice", "{" U8_AT ("a", "16", "[0,16]") "," U8_AT ("a", "16", "[0,16]") "}", "twice" },
  { "name-twice-by-escape",
    "{" U8_AT ("a", "16", "[0,16]") "," U8_AT ("\\u0061", "16", "[0,16]") "}", "twice" },
  { "field-twice", W ("\"dtype\":\"U8\",\"dtype\":\"U8\",\"shape\":[16],\"data_offsets\":[0,16]"),
    "twice" },
  { "unknown-field", W ("\"dtype\":\"U8\",\"shape\":[16],\"data_offsets\":[0,16],\"more\":1"),
    "says more" },
  { "metadata-array", "{\"__metadata__\":[]}", "metadata" },
  { "metadata-number", "{\"__metadata__\":{\"a\":1}}", "metadata" },
  { "metadata-twice",
    "{\"__metadata__\":{\"a\":\"1\",\"a\":\"2\"}," U8_AT ("a", "16", "[0,16]") "}", "twice" },
  { "name-with-nul", "{" U8_AT ("a\\u0000b", "16", "[0,16]") "}", "NUL" },
  { "name-not-utf8", "{" U8_AT ("a\xff", "16", "[0,16]") "}", "UTF-8" },
  { "name-lone-high-surrogate", "{" U8_AT ("\\ud800", "16", "[0,16]") "}", "not JSON" },
  { "name-lone-low-surrogate", "{" U8_AT ("\\udc00\\udc00", "16", "[0,16]") "}", "not JSON" },
  { "name-broken-pair", "{" U8_AT ("\\ud800\\u0041", "16", "[0,16]") "}", "not JSON" },
  { "name-short-escape", "{" U8_AT ("\\u12", "16", "[0,16]") "}", "not JSON" },
  { "name-with-newline", "{" U8_AT ("a\nb", "16", "[0,16]") "}", "not JSON" },
};

static void
test_hostile (WeightsFixture *fixture, gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);

  write_file (fixture, hostile[i].header, strlen (hostile[i].header), 16);
  weights_fixture_assert_refused (fixture, fv_safetensors_load, hostile[i].phrase);
}

static void
test_too_short (WeightsFixture *fixture, gconstpointer data)
{
  weights_fixture_write (fixture, "\2\0\0\0\0\0\0", 7);
  weights_fixture_assert_refused (fixture, fv_safetensors_load, "too short");
  weights_fixture_assert_refused (fixture, fv_weights_load, "is not a weights file");
}

static void
test_header_longer_than_file (WeightsFixture *fixture, gconstpointer data)
{
  static const guint64 lengths[]
      = { 3, G_GUINT64_CONSTANT (1) << 62, G_MAXUINT64, G_MAXUINT64 - 7 };

  for (gsize i = 0; i < G_N_ELEMENTS (lengths); i++) {
    char file[10] = "        {}";

    memcpy (file, &lengths[i], sizeof lengths[i]);
    weights_fixture_write (fixture, file, sizeof file);
    weights_fixture_assert_refused_flat (fixture, fv_safetensors_load, "more than the file has");
    weights_fixture_assert_refused_flat (fixture, fv_weights_load, "more than the file has");
  }
}

static void
test_header_over_100_mb (WeightsFixture *fixture, gconstpointer data)
{
  guint64 n_header = 100 * 1000 * 1000 + 1;

  weights_fixture_write (fixture, &n_header, sizeof n_header);
  g_assert_cmpint (truncate (fixture->path, (off_t) n_header + 8), ==, 0);
  weights_fixture_assert_refused_flat (fixture, fv_safetensors_load, "100 MB");
}

static void
test_embedded_nul (WeightsFixture *fixture, gconstpointer data)
{
  static const char header[] = "{\"a\0b\":{}}";

  write_file (fixture, header, sizeof header - 1, 0);
  weights_fixture_assert_refused (fixture, fv_safetensors_load, "UTF-8");
}

/* A parser that recurses for each bracket runs out of stack long before this. */
static void
test_deep_nesting (WeightsFixture *fixture, gconstpointer data)
{
  const gsize depth = 20 * 1000 * 1000;
  g_autofree char *header = g_malloc (depth);

  memset (header, '[', depth);
  write_file (fixture, header, depth, 0);
  weights_fixture_assert_refused (fixture, fv_safetensors_load, "nests");
}

static void
test_many_values (WeightsFixture *fixture, gconstpointer data)
{
  g_autoptr (GString) header = g_string_new ("{\"a\":[0");

  for (int i = 0; i < 2 * 1000 * 1000; i++)
    g_string_append (header, ",0");
  g_string_append (header, "]}");
  write_file (fixture, header->str, header->len, 0);
  weights_fixture_assert_refused_flat (fixture, fv_safetensors_load, "more values");
}

static void
test_lying_shape_allocates_nothing (WeightsFixture *fixture, gconstpointer data)
{
  static const char header[]
      = W ("\"dtype\":\"F32\",\"shape\":[268435456],\"data_offsets\":[0,1073741824]");

  write_file (fixture, header, sizeof header - 1, 16);
  weights_fixture_assert_refused_flat (fixture, fv_safetensors_load, "ends before");
}

static void
test_bad_boolean (WeightsFixture *fixture, gconstpointer data)
{
  static const char file[] = "\x38\0\0\0\0\0\0\0"
                             "{\"w\":{\"dtype\":\"BOOL\",\"shape\":[2],\"data_offsets\":[0,2]}} "
                             "\1\2";

  weights_fixture_write (fixture, file, sizeof file - 1);
  weights_fixture_assert_refused (fixture, fv_safetensors_load, "neither 0 nor 1");
}

/* Names from the file reach the sentence without line ends and not by the megabyte. */
static void
test_long_name_makes_short_sentence (WeightsFixture *fixture, gconstpointer data)
{
  g_autoptr (GString) header = g_string_new ("{\"\\n");
  g_autoptr (FvStateDict) dict = NULL;
  g_autoptr (GError) error = NULL;

  for (int i = 0; i < 100000; i++)
    g_string_append (header, "ü");
  g_string_append (header, "\":{}}");
  write_file (fixture, header->str, header->len, 0);
  dict = fv_safetensors_load (fixture->path, &error);
  g_assert_null (dict);
  g_assert_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_FILE);
  weights_assert_sentence (error);
  g_assert_cmpuint (strlen (error->message), <, 1000);
}

static void
test_damage (WeightsFixture *fixture, gconstpointer data)
{
  g_autoptr (FvStateDict) dict = make_dict ();
  g_autoptr (GBytes) bytes = NULL;

  save (fixture, dict, (const char *[]){ "format", "pt", NULL });
  bytes = weights_fixture_read (fixture);
  weights_fixture_damage (fixture, fv_safetensors_load, bytes);
}

/* -- not a file ------------------------------------------------------------------------------- */

static void
test_empty_file (WeightsFixture *fixture, gconstpointer data)
{
  weights_fixture_write (fixture, "", 0);
  weights_fixture_assert_refused (fixture, fv_weights_load, "is empty");
  weights_fixture_assert_refused (fixture, fv_safetensors_load, "is empty");
}

static void
test_folder (WeightsFixture *fixture, gconstpointer data)
{
  g_assert_cmpint (g_mkdir (fixture->path, 0700), ==, 0);
  weights_fixture_assert_refused (fixture, fv_weights_load, "folder");
}

static void
test_pipe (WeightsFixture *fixture, gconstpointer data)
{
  g_assert_cmpint (mkfifo (fixture->path, 0600), ==, 0);
  weights_fixture_assert_refused (fixture, fv_weights_load, "ordinary file");
}

static void
test_missing_file (WeightsFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FvStateDict) dict = fv_weights_load (fixture->path, &error);

  g_assert_null (dict);
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
  weights_assert_sentence (error);
}

static void
test_text_file (WeightsFixture *fixture, gconstpointer data)
{
  weights_fixture_write (fixture, "These are not weights.\n", 23);
  weights_fixture_assert_refused (fixture, fv_weights_load, "is not a weights file");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  TEST ("round-trip", test_round_trip);
  TEST ("empty-dict", test_empty_dict);
  TEST ("exact-bytes", test_exact_bytes);
  TEST ("reads-values", test_reads_values);
  g_test_add_func ("/safetensors/shared-weights", test_shared_weights);
  TEST ("full-disk-keeps-older-file", test_full_disk_keeps_older_file);
  TEST ("save-needs-the-folder", test_save_needs_the_folder);
  TEST ("save-refuses-names", test_save_refuses_names);
  for (gsize i = 0; i < G_N_ELEMENTS (hostile); i++) {
    g_autofree char *path = g_strconcat ("/safetensors/refuses/", hostile[i].name, NULL);

    g_test_add (path, WeightsFixture, GSIZE_TO_POINTER (i), weights_fixture_set_up, test_hostile,
                weights_fixture_tear_down);
  }
  TEST ("refuses/too-short", test_too_short);
  TEST ("refuses/header-longer-than-file", test_header_longer_than_file);
  TEST ("refuses/header-over-100-mb", test_header_over_100_mb);
  TEST ("refuses/embedded-nul", test_embedded_nul);
  TEST ("refuses/deep-nesting", test_deep_nesting);
  TEST ("refuses/many-values", test_many_values);
  TEST ("refuses/lying-shape-allocates-nothing", test_lying_shape_allocates_nothing);
  TEST ("refuses/bad-boolean", test_bad_boolean);
  TEST ("refuses/long-name-makes-short-sentence", test_long_name_makes_short_sentence);
  TEST ("refuses/empty-file", test_empty_file);
  TEST ("refuses/folder", test_folder);
  TEST ("refuses/pipe", test_pipe);
  TEST ("refuses/missing-file", test_missing_file);
  TEST ("refuses/text-file", test_text_file);
  TEST ("survives-damage", test_damage);
  return g_test_run ();
}
