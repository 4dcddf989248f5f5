/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Rows that are kept: the same wherever they are, and nobody is given what is not whole. */

#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fv-feature-cache.h"
#include "temporary-folder.h"

#define N_ROWS 7
#define ROW_FLOATS 5
#define N_BYTES (N_ROWS * ROW_FLOATS * sizeof (float))
/* Of a file: what comes before the rows. */
#define HEADER_BYTES 40
#define PLENTY ((guint64) 1 << 30)

typedef struct {
  char *folder;
  FvFeatureCacheLimits in_memory, in_file;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer unused)
{
  fixture->folder = temporary_folder_new ();
  fixture->in_memory = (FvFeatureCacheLimits){ fixture->folder, PLENTY, PLENTY };
  fixture->in_file = (FvFeatureCacheLimits){ fixture->folder, 0, PLENTY };
}

static void
tear_down (Fixture *fixture, gconstpointer unused)
{
  temporary_folder_remove (fixture->folder);
  g_free (fixture->folder);
}

static float
value_at (guint64 row, guint64 column)
{
  return (float) row + (float) column / 8;
}

static void
fill (FvFeatureCache *cache, guint64 n_rows)
{
  g_autoptr (GError) error = NULL;

  for (guint64 row = 0; row < n_rows; row++) {
    float values[ROW_FLOATS];

    for (guint64 i = 0; i < ROW_FLOATS; i++)
      values[i] = value_at (row, i);
    fv_feature_cache_append (cache, values, 1, &error);
    g_assert_no_error (error);
  }
}

static FvFeatureCache *
new_full (const FvFeatureCacheLimits *limits, const char *key)
{
  g_autoptr (GError) error = NULL;
  FvFeatureCache *cache = fv_feature_cache_new (limits, key, N_ROWS, ROW_FLOATS, &error);

  g_assert_no_error (error);
  fill (cache, N_ROWS);
  return cache;
}

static void
keep (const FvFeatureCacheLimits *limits, const char *key)
{
  g_autoptr (FvFeatureCache) cache = new_full (limits, key);

  g_assert_true (fv_feature_cache_keep (cache, NULL));
}

static void
assert_full (const FvFeatureCache *cache)
{
  g_assert_nonnull (cache);
  g_assert_cmpuint (fv_feature_cache_get_row_floats (cache), ==, ROW_FLOATS);
  for (guint64 row = N_ROWS; row-- > 0;) {
    float values[ROW_FLOATS + 1];

    values[ROW_FLOATS] = 99;
    g_assert_true (fv_feature_cache_read (cache, row, values, NULL));
    for (guint64 i = 0; i < ROW_FLOATS; i++)
      g_assert_cmpfloat (values[i], ==, value_at (row, i));
    g_assert_cmpfloat (values[ROW_FLOATS], ==, 99);
  }
}

static int
count_files (const Fixture *fixture)
{
  g_autoptr (GDir) dir = g_dir_open (fixture->folder, 0, NULL);
  int n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

static char *
path_of (const Fixture *fixture, const char *key)
{
  g_autofree char *name = g_strconcat (key, ".features", NULL);

  return g_build_filename (fixture->folder, name, NULL);
}

/* Nobody else can read them, and they are gone with the cache unless they were to be kept. */
static void
test_memory_and_file (Fixture *fixture, gconstpointer unused)
{
  const FvFeatureCacheLimits *all[] = { &fixture->in_memory, &fixture->in_file };

  for (gsize i = 0; i < G_N_ELEMENTS (all); i++) {
    g_autoptr (FvFeatureCache) cache = new_full (all[i], "a");
    g_autoptr (FvFeatureCache) kept = NULL;
    g_autofree char *path = path_of (fixture, "a");
    GStatBuf status;

    g_assert_true (fv_feature_cache_is_in_memory (cache) == (i == 0));
    assert_full (cache);
    fv_feature_cache_free (g_steal_pointer (&cache));
    g_assert_cmpint (count_files (fixture), ==, 0);
    g_assert_null (fv_feature_cache_open (all[i], "a", N_ROWS, ROW_FLOATS));
    cache = new_full (all[i], "a");
    g_assert_true (fv_feature_cache_keep (cache, NULL));
    assert_full (cache);
    g_assert_cmpint (count_files (fixture), ==, 1);
    g_assert_cmpint (g_stat (path, &status), ==, 0);
    g_assert_cmpint (status.st_mode & 0777, ==, 0600);
    g_assert_cmpint (status.st_size, ==, HEADER_BYTES + N_BYTES);
    kept = fv_feature_cache_open (all[1 - i], "a", N_ROWS, ROW_FLOATS);
    assert_full (kept);
    g_assert_null (fv_feature_cache_open (all[i], "b", N_ROWS, ROW_FLOATS));
    g_assert_cmpint (g_unlink (path), ==, 0);
    assert_full (kept); /* whoever has it open reads on */
  }
}

/* A file that is larger than all that may be kept has no name, not even while it is used. */
static void
test_too_large_to_keep (Fixture *fixture, gconstpointer unused)
{
  fixture->in_file.disk_limit = fixture->in_memory.disk_limit = HEADER_BYTES + N_BYTES - 1;
  for (int i = 0; i < 2; i++) {
    g_autoptr (FvFeatureCache) cache
        = new_full (i == 0 ? &fixture->in_file : &fixture->in_memory, "a");

    g_assert_cmpint (count_files (fixture), ==, 0);
    g_assert_true (fv_feature_cache_keep (cache, NULL));
    g_assert_cmpint (count_files (fixture), ==, 0);
    assert_full (cache);
  }
}

/* Whatever byte is another one, and whatever is missing or too much. */
static void
test_damaged (Fixture *fixture, gconstpointer unused)
{
  g_autofree char *path = path_of (fixture, "a");
  g_autofree char *good = NULL;
  gsize n;

  keep (&fixture->in_memory, "a");
  g_assert_true (g_file_get_contents (path, &good, &n, NULL));
  for (gsize i = 0; i < n + 4; i++) {
    g_autofree char *bad = g_malloc0 (n + 8);
    gsize n_bad = i < n ? n : i == n ? 0 : i == n + 1 ? n - 1 : i == n + 2 ? HEADER_BYTES : n + 4;

    memcpy (bad, good, n);
    if (i < n)
      bad[i] = (char) (bad[i] ^ 1 << i % 8);
    g_assert_true (g_file_set_contents (path, bad, (gssize) n_bad, NULL));
    g_assert_null (fv_feature_cache_open (i % 2 ? &fixture->in_memory : &fixture->in_file, "a",
                                          N_ROWS, ROW_FLOATS));
    g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
  }
  keep (&fixture->in_memory, "a");
  g_assert_null (fv_feature_cache_open (&fixture->in_memory, "a", ROW_FLOATS, N_ROWS));
}

static void
set_time (const Fixture *fixture, const char *key, time_t seconds)
{
  g_autofree char *path = path_of (fixture, key);
  const struct timespec times[2] = { { .tv_sec = seconds }, { .tv_sec = seconds } };

  g_assert_cmpint (utimensat (AT_FDCWD, path, times, 0), ==, 0);
}

static gboolean
is_kept (const Fixture *fixture, const char *key)
{
  g_autofree char *path = path_of (fixture, key);

  return g_file_test (path, G_FILE_TEST_EXISTS);
}

static void
test_oldest_goes_first (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvFeatureCache) used = NULL;

  fixture->in_memory.disk_limit = 2 * (HEADER_BYTES + N_BYTES);
  keep (&fixture->in_memory, "a");
  keep (&fixture->in_memory, "b");
  set_time (fixture, "a", 1000);
  set_time (fixture, "b", 2000);
  used = fv_feature_cache_open (&fixture->in_memory, "a", N_ROWS, ROW_FLOATS);
  keep (&fixture->in_memory, "c");
  g_assert_true (is_kept (fixture, "a"));
  g_assert_false (is_kept (fixture, "b"));
  g_assert_true (is_kept (fixture, "c"));
}

static void
test_killed (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvFeatureCache) living = new_full (&fixture->in_file, "living");
  g_autoptr (FvFeatureCache) cache = NULL;

  g_setenv ("FOVEA_TEST_FOLDER", fixture->folder, TRUE);
  g_test_trap_subprocess ("/feature-cache/subprocess/half", 0, 0);
  g_test_trap_assert_failed ();
  g_assert_cmpint (count_files (fixture), ==, 2); /* what it left, and ours */
  g_assert_null (fv_feature_cache_open (&fixture->in_file, "half", N_ROWS, ROW_FLOATS));
  cache = new_full (&fixture->in_file, "half");
  g_assert_cmpint (count_files (fixture), ==, 2); /* and now ours and ours */
  g_assert_true (fv_feature_cache_keep (living, NULL));
  g_assert_true (fv_feature_cache_keep (cache, NULL));
  g_assert_true (is_kept (fixture, "living") && is_kept (fixture, "half"));
  g_assert_cmpint (count_files (fixture), ==, 2);
}

static void
write_half (void)
{
  const FvFeatureCacheLimits limits = { g_getenv ("FOVEA_TEST_FOLDER"), 0, PLENTY };
  FvFeatureCache *cache = fv_feature_cache_new (&limits, "half", N_ROWS, ROW_FLOATS, NULL);

  fill (cache, N_ROWS / 2);
  raise (SIGKILL);
}

/* Both compute it, both keep it, whoever comes later has it. */
static void
test_two_at_once (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvFeatureCache) a = new_full (&fixture->in_file, "same");
  g_autoptr (FvFeatureCache) b = new_full (&fixture->in_file, "same");
  g_autoptr (FvFeatureCache) c = NULL;

  g_assert_true (fv_feature_cache_keep (a, NULL));
  g_assert_true (fv_feature_cache_keep (b, NULL));
  g_assert_cmpint (count_files (fixture), ==, 1);
  c = fv_feature_cache_open (&fixture->in_file, "same", N_ROWS, ROW_FLOATS);
  assert_full (a);
  assert_full (b);
  assert_full (c);
}

/* A limit of the process stands for a full disk. */
static void
test_full_disk (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvFeatureCache) in_memory = new_full (&fixture->in_memory, "a");
  g_autoptr (GError) no_room = NULL;
  g_autoptr (GError) not_kept = NULL;
  struct rlimit before, small;

  signal (SIGXFSZ, SIG_IGN);
  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &before), ==, 0);
  small = before;
  small.rlim_cur = N_BYTES;
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &small), ==, 0);
  g_assert_null (fv_feature_cache_new (&fixture->in_file, "b", N_ROWS, ROW_FLOATS, &no_room));
  g_assert_false (fv_feature_cache_keep (in_memory, &not_kept));
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &before), ==, 0);
  g_assert_nonnull (strstr (no_room->message, fixture->folder));
  g_assert_nonnull (strstr (not_kept->message, fixture->folder));
  g_assert_cmpint (count_files (fixture), ==, 0);
  assert_full (in_memory);
}

/* A file where the folder should be, and sizes that no number holds. */
static void
test_impossible (Fixture *fixture, gconstpointer unused)
{
  g_autofree char *file = g_build_filename (fixture->folder, "file", NULL);
  const FvFeatureCacheLimits nowhere = { file, 0, PLENTY };
  g_autoptr (GError) no_folder = NULL;
  g_autoptr (GError) too_many = NULL;

  g_assert_true (g_file_set_contents (file, "", 0, NULL));
  g_assert_null (fv_feature_cache_new (&nowhere, "a", N_ROWS, ROW_FLOATS, &no_folder));
  g_assert_nonnull (strstr (no_folder->message, file));
  g_assert_null (fv_feature_cache_new (&fixture->in_memory, "a", G_MAXUINT64 / 2, 3, &too_many));
  g_assert_nonnull (strstr (too_many->message, fixture->folder));
  g_assert_null (fv_feature_cache_open (&fixture->in_memory, "a", G_MAXUINT64 / 2, 3));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)
  ADD ("/feature-cache/memory-and-file", test_memory_and_file);
  ADD ("/feature-cache/too-large-to-keep", test_too_large_to_keep);
  ADD ("/feature-cache/damaged", test_damaged);
  ADD ("/feature-cache/oldest-goes-first", test_oldest_goes_first);
  ADD ("/feature-cache/killed", test_killed);
  ADD ("/feature-cache/two-at-once", test_two_at_once);
  ADD ("/feature-cache/full-disk", test_full_disk);
  ADD ("/feature-cache/impossible", test_impossible);
#undef ADD
  g_test_add_func ("/feature-cache/subprocess/half", write_half);
  return g_test_run ();
}
