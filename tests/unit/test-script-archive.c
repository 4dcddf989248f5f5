/* SPDX-License-Identifier: GPL-3.0-or-later */

/* TorchScript archives as files, in front of libtorch: what is missing, too large, in another
 * version or could be read in two ways is refused, and no damage crashes the guard. */

#include "script-fixture.h"

#define TEST(name, function)                                                                       \
  g_test_add ("/script-archive/" name, WeightsFixture, NULL, weights_fixture_set_up, function,     \
              weights_fixture_tear_down)

/* -- archives --------------------------------------------------------------------------------- */

static void
test_version (WeightsFixture *fixture, gconstpointer data)
{
  script_assert_parts (fixture, &(ScriptParts){ .version = "10\n" }, NULL);
  script_assert_parts (fixture, &(ScriptParts){ .version = "11\n" }, "newer PyTorch, in format 11");
  script_assert_parts (fixture, &(ScriptParts){ .version = "3 11\n" }, "no sound format version");
  script_assert_parts (fixture, &(ScriptParts){ .version = "-3\n" }, "no sound format version");
  script_assert_parts (fixture, &(ScriptParts){ .version = "99999999999999999999\n" },
                       "format version");
}

static void
test_left_out (WeightsFixture *fixture, gconstpointer data)
{
  script_assert_parts (fixture, &(ScriptParts){ .left_out = "top/version" }, "no format version");
  script_assert_parts (fixture, &(ScriptParts){ .left_out = "top/constants.pkl" },
                       "no “constants.pkl”");
  script_assert_parts (fixture, &(ScriptParts){ .left_out = "top/data.pkl" }, "no “data.pkl”");
  script_assert_parts (fixture, &(ScriptParts){ .left_out = "top/data/0" }, "fewer values");
  script_assert_parts (fixture, &(ScriptParts){ .left_out = "top/code/__torch__/net.py" },
                       "is not allowed");
}

/* One more entry of six bytes, in an archive that passes without it. */
static void
assert_entry (const WeightsFixture *fixture, const char *name, const char *phrase)
{
  const ScriptParts parts = { 0 };
  g_autofree char *source = script_write_source (&parts);
  zip_t *zip = script_begin (fixture, &parts, source);

  pth_add_entry (zip, name, "bigger", 6, ZIP_CM_STORE);
  g_assert_cmpint (zip_close (zip), ==, 0);
  if (phrase == NULL)
    script_assert_passes (fixture);
  else
    weights_fixture_assert_refused (fixture, script_guard, phrase);
}

static void
test_entries (WeightsFixture *fixture, gconstpointer data)
{
  assert_entry (fixture, "top/extra/labels.txt", NULL);
  assert_entry (fixture, "top/../extra/labels.txt", "leaves its folder");
  assert_entry (fixture, "top/..", "leaves its folder");
  assert_entry (fixture, "/top/labels.txt", "leaves its folder");
  assert_entry (fixture, "top\\labels.txt", "leaves its folder");
  assert_entry (fixture, "top/la\nbels.txt", "leaves its folder");
  assert_entry (fixture, "other/labels.txt", "“other/labels.txt”");
  assert_entry (fixture, "top/Data.pkl", "two entries named “top/Data.pkl”");
  assert_entry (fixture, "top/Code/__torch__/evil.py", "unlike PyTorch");
  assert_entry (fixture, "top/code/__torch__/evil.PY", "unlike PyTorch");
  assert_entry (fixture, "top/code/__torch__/net.py.DEBUG_PKL", "unlike PyTorch");
  assert_entry (fixture, "top/Model.json", "unlike PyTorch");
  assert_entry (fixture, "top/.data/Version", "unlike PyTorch");
  assert_entry (fixture, "top/model.json", "PyTorch 1.0");
  assert_entry (fixture, "top/.data/version", "no sound format version");
  assert_entry (fixture, "top/code/evil.txt", "only source may be");
  assert_entry (fixture, "top/code/__torch__/torch/classes/evil.py", "C++ code");
  assert_entry (fixture, "top/other.pkl", "damaged pickle");
}

/* A reader may honour the name in this field of an entry, or the one in the usual place. */
static void
test_second_name (WeightsFixture *fixture, gconstpointer data)
{
  const ScriptParts parts = { 0 };
  g_autofree char *source = script_write_source (&parts);
  zip_t *zip = script_begin (fixture, &parts, source);

  g_assert_cmpint (zip_file_extra_field_set (zip, 0, 0x7a7a, 0, (const zip_uint8_t *) "\1....x", 6,
                                             ZIP_FL_LOCAL | ZIP_FL_CENTRAL),
                   ==, 0);
  g_assert_cmpint (zip_close (zip), ==, 0);
  script_assert_passes (fixture);
  weights_fixture_patch (fixture, "\x7a\x7a\6\0\1....x", "\x75\x70\6\0\1....x", 10);
  weights_fixture_assert_refused (fixture, script_guard, "two readers");
}

/* What follows the directory may be another directory. */
static void
test_end (WeightsFixture *fixture, gconstpointer data)
{
  const ScriptParts parts = { 0 };
  g_autofree char *source = script_write_source (&parts);
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GByteArray) longer = g_byte_array_new ();
  zip_t *zip = script_begin (fixture, &parts, source);

  g_assert_cmpint (zip_set_archive_comment (zip, "hello", 5), ==, 0);
  g_assert_cmpint (zip_close (zip), ==, 0);
  weights_fixture_assert_refused (fixture, script_guard, "two readers");

  script_write (fixture, &parts);
  bytes = weights_fixture_read (fixture);
  g_byte_array_append (longer, g_bytes_get_data (bytes, NULL), (guint) g_bytes_get_size (bytes));
  g_byte_array_append (longer, (const guint8 *) "more", 4);
  weights_fixture_write (fixture, longer->data, longer->len);
  weights_fixture_assert_refused (fixture, script_guard, "two readers");
}

/* The archive of the file hides in the comment of one in front of it, and the other way round. */
static void
test_two_directories (WeightsFixture *fixture, gconstpointer data)
{
  const ScriptParts parts = { 0 };
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GByteArray) both = g_byte_array_new ();
  const guint8 *single;
  gsize n_single;

  script_write (fixture, &parts);
  bytes = weights_fixture_read (fixture);
  single = g_bytes_get_data (bytes, &n_single);
  g_byte_array_append (both, single, (guint) n_single);
  g_byte_array_append (both, single + n_single - 22, 22);
  weights_fixture_write (fixture, both->data, both->len);
  weights_fixture_assert_refused (fixture, script_guard, "two readers");
  both->data[n_single - 2] = 22;
  weights_fixture_write (fixture, both->data, both->len);
  weights_fixture_assert_refused (fixture, script_guard, "two readers");
}

/* Bit 0 of the flags of every entry, in the directory. */
static void
test_encrypted (WeightsFixture *fixture, gconstpointer data)
{
  GBytes *bytes = NULL;
  g_autofree guint8 *file = NULL;
  gsize n_file;
  guint8 *entry;

  script_write (fixture, &(ScriptParts){ 0 });
  bytes = weights_fixture_read (fixture);
  file = g_bytes_unref_to_data (bytes, &n_file);
  entry = memmem (file, n_file, "PK\1\2", 4);
  entry[8] |= 1;
  weights_fixture_write (fixture, file, n_file);
  weights_fixture_assert_refused (fixture, script_guard, "is encrypted");
}

/* What the directory says of an entry, and what stands in front of the entry itself. */
static void
test_two_names (WeightsFixture *fixture, gconstpointer data)
{
  GBytes *bytes = NULL;
  g_autofree guint8 *file = NULL;
  gsize n_file;
  guint8 *name;

  script_write (fixture, &(ScriptParts){ 0 });
  bytes = weights_fixture_read (fixture);
  file = g_bytes_unref_to_data (bytes, &n_file);
  name = memmem (file, n_file, "net.py", 6);
  name[0] = 'x';
  weights_fixture_write (fixture, file, n_file);
  weights_fixture_assert_refused (fixture, script_guard, "damaged");
}

static void
assert_big_entry_refused (const WeightsFixture *fixture, gsize n_bytes, gint32 method,
                          const char *phrase)
{
  const ScriptParts parts = { 0 };
  g_autofree char *source = script_write_source (&parts);
  g_autofree char *big = g_strnfill (n_bytes, '\n');
  zip_t *zip = script_begin (fixture, &parts, source);

  pth_add_entry (zip, "top/code/__torch__/big.py", big, n_bytes, method);
  g_assert_cmpint (zip_close (zip), ==, 0);
  weights_fixture_assert_refused (fixture, script_guard, phrase);
}

static void
test_sizes (WeightsFixture *fixture, gconstpointer data)
{
  assert_big_entry_refused (fixture, 17 * 1024 * 1024, ZIP_CM_STORE, "more code");
  assert_big_entry_refused (fixture, 17 * 1024 * 1024, ZIP_CM_DEFLATE, "out of proportion");
}

static void
test_many_entries (WeightsFixture *fixture, gconstpointer data)
{
  const ScriptParts parts = { 0 };
  g_autofree char *source = script_write_source (&parts);
  zip_t *zip = script_begin (fixture, &parts, source);

  for (int i = 0; i <= 100000; i++) {
    g_autofree char *name = g_strdup_printf ("top/extra/%d", i);

    pth_add_entry (zip, name, "", 0, ZIP_CM_STORE);
  }
  g_assert_cmpint (zip_close (zip), ==, 0);
  weights_fixture_assert_refused (fixture, script_guard, "more than 100000 entries");
}

static void
test_no_archive (WeightsFixture *fixture, gconstpointer data)
{
  g_assert_false (fv_script_is_archive (fixture->path));
  weights_fixture_write (fixture, "hello", 5);
  g_assert_false (fv_script_is_archive (fixture->path));
  weights_fixture_assert_refused (fixture, script_guard, "does not end as a zip archive");
  pth_write (fixture, BYTES (DICT_OF (ROW)), ZIP_CM_STORE);
  g_assert_false (fv_script_is_archive (fixture->path));
  assert_entry (fixture, "top/../etc/passwd", "leaves its folder");
  g_assert_true (fv_script_is_archive (fixture->path));
}

static void
test_damage (WeightsFixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) bytes = NULL;

  script_write (fixture, &(ScriptParts){ .debug = EMPTY, .n_debug = sizeof EMPTY - 1 });
  script_assert_passes (fixture);
  bytes = weights_fixture_read (fixture);
  weights_fixture_damage (fixture, script_guard, bytes);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  TEST ("version", test_version);
  TEST ("left-out", test_left_out);
  TEST ("entries", test_entries);
  TEST ("second-name", test_second_name);
  TEST ("end", test_end);
  TEST ("two-directories", test_two_directories);
  TEST ("two-names", test_two_names);
  TEST ("encrypted", test_encrypted);
  TEST ("sizes", test_sizes);
  TEST ("many-entries", test_many_entries);
  TEST ("no-archive", test_no_archive);
  TEST ("survives-damage", test_damage);
  return g_test_run ();
}
