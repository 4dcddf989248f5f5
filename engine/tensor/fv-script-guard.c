/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What libtorch reads of an archive: version, the source under code/, and pickles: constants.pkl
 * and data.pkl with their storages beside them, and one .debug_pkl for each source, read once an
 * error or a call stack asks for it. Of the older formats, model.json. The rest it leaves alone. */

#include "fv-script-guard.h"

#include <string.h>

#include "fv-pickle.h"
#include "fv-script-code.h"
#include "fv-weights-file.h"
#include "fv-zip-archive.h"

/* The newest format that libtorch 1.13 reads. */
#define MAX_VERSION 10
#define MAX_VERSION_BYTES 16
#define MAX_PART_BYTES (16 * 1024 * 1024)
#define MAX_PARTS_BYTES (64 * 1024 * 1024)
/* Of the name of a source; libtorch makes it from the names of packages. */
#define MAX_NAME_BYTES 500
/* libtorch reads a storage again for each tensor in it: this often, on average. */
#define STORAGE_RATIO 8

#define CODE_PREFIX "code/"
#define CODE_SUFFIX ".py"
#define DEBUG_SUFFIX ".debug_pkl"
#define PICKLE_SUFFIX ".pkl"
#define CUSTOM_CLASSES "code/__torch__/torch/classes"

typedef struct {
  const FvWeightsFile *file;
  FvZipArchive *archive;
  FvScriptCode *code;
  guint64 n_read;   /* bytes of code and pickles so far */
  guint64 n_stored; /* bytes of storages, counted for each mention */
} Guard;

/* -- is it one? ------------------------------------------------------------------------------- */

gboolean
fv_script_is_archive (const char *path)
{
  static const char *const parts[] = { "/" CODE_PREFIX, "/data" PICKLE_SUFFIX, NULL };
  g_autoptr (FvWeightsFile) file = fv_weights_file_open (path, NULL);

  return file != NULL && fv_zip_archive_mentions (file, parts);
}

/* -- parts ------------------------------------------------------------------------------------ */

/* The whole entry @name, or NULL with @error. (transfer full) */
static GBytes *
read_part (Guard *guard, const char *name, GError **error)
{
  guint64 size = fv_zip_archive_get_entry_size (guard->archive, name);

  if (size > MAX_PART_BYTES || size > MAX_PARTS_BYTES - guard->n_read) {
    fv_weights_file_refuse (guard->file, error,
                            "has more code or descriptions than a network needs, in “%s”", name);
    return NULL;
  }
  guard->n_read += size;
  return fv_zip_archive_read (guard->archive, name, error);
}

/* Makes @reason, which continues a sentence, say the file and the entry. Returns FALSE. */
static gboolean
refuse_part (const Guard *guard, const char *name, const GError *reason, GError **error)
{
  return fv_weights_file_refuse (guard->file, error, "%s (in its “%s”)", reason->message, name);
}

static gboolean
check_version (Guard *guard, const char *name, GError **error)
{
  g_autoptr (GBytes) bytes = NULL;
  g_autofree char *text = NULL;
  guint64 version;

  if (!fv_zip_archive_contains (guard->archive, name))
    return TRUE;
  if (fv_zip_archive_get_entry_size (guard->archive, name) > MAX_VERSION_BYTES)
    return fv_weights_file_refuse (guard->file, error, "has no sound format version");
  bytes = read_part (guard, name, error);
  if (bytes == NULL)
    return FALSE;
  text = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  g_strchomp (text);
  if (!g_ascii_string_to_unsigned (text, 10, 1, G_MAXUINT64, &version, NULL))
    return fv_weights_file_refuse (guard->file, error, "has no sound format version");
  if (version > MAX_VERSION)
    return fv_weights_file_refuse (guard->file, error,
                                   "was saved by a newer PyTorch, in format %" G_GUINT64_FORMAT
                                   " where Fovea reads up to %d: save it with PyTorch 1.13",
                                   version, MAX_VERSION);
  return TRUE;
}

/* -- sources ---------------------------------------------------------------------------------- */

static gboolean
add_source (Guard *guard, const char *name, GError **error)
{
  g_autoptr (GBytes) source = NULL;
  g_autofree char *module = NULL;
  g_autoptr (GError) reason = NULL;

  if (strlen (name) > MAX_NAME_BYTES)
    return fv_weights_file_refuse (guard->file, error,
                                   "has a source whose name is too long: “%.100s…”", name);
  if (g_str_has_prefix (name, CUSTOM_CLASSES))
    return fv_weights_file_refuse (guard->file, error,
                                   "was refused: it uses classes of PyTorch's own C++ code (“%s”), "
                                   "as quantised networks do: save it before it is quantised",
                                   name);
  source = read_part (guard, name, error);
  if (source == NULL)
    return FALSE;
  module = g_strndup (name + strlen (CODE_PREFIX),
                      strlen (name) - strlen (CODE_PREFIX) - strlen (CODE_SUFFIX));
  if (!fv_script_code_add (guard->code, module, source, &reason))
    return fv_weights_file_refuse (guard->file, error, "%s", reason->message);
  return TRUE;
}

static gboolean
check_sources (Guard *guard, GError **error)
{
  const GPtrArray *names = fv_zip_archive_get_names (guard->archive);
  g_autoptr (GError) reason = NULL;

  for (guint i = 0; i < names->len; i++) {
    const char *name = g_ptr_array_index (names, i);

    if (!g_str_has_prefix (name, CODE_PREFIX) || g_str_has_suffix (name, DEBUG_SUFFIX)
        || g_str_has_suffix (name, "/"))
      continue;
    if (!g_str_has_suffix (name, CODE_SUFFIX))
      return fv_weights_file_refuse (guard->file, error, "has “%s” where only source may be", name);
    if (!add_source (guard, name, error))
      return FALSE;
  }
  if (!fv_script_code_check (guard->code, &reason))
    return fv_weights_file_refuse (guard->file, error, "%s", reason->message);
  return TRUE;
}

/* -- pickles ---------------------------------------------------------------------------------- */

/* Every storage that @pickle names must be there, with as many bytes as are claimed: libtorch reads
 * beyond the end of one that is shorter. @folder: where its storages are. */
static gboolean
check_storages (Guard *guard, const FvPickle *pickle, const char *folder, GError **error)
{
  const FvPickleTensor *storage;
  guint index = 0;

  while ((storage = fv_pickle_next_storage (pickle, &index)) != NULL) {
    g_autofree char *entry = g_strconcat (folder, storage->storage_key, NULL);
    guint64 n_bytes = fv_zip_archive_get_entry_size (guard->archive, entry);

    if (n_bytes / fv_dtype_get_size (storage->dtype) < (guint64) storage->storage_elements)
      return fv_weights_file_refuse (guard->file, error, "has fewer values in “%s” than it claims",
                                     entry);
    guard->n_stored += n_bytes;
    if (guard->n_stored / STORAGE_RATIO > fv_zip_archive_get_total_size (guard->archive))
      return fv_weights_file_refuse (guard->file, error,
                                     "describes far larger tensors than it has values");
  }
  return TRUE;
}

static gboolean
check_pickle (Guard *guard, const char *name, GError **error)
{
  g_autofree char *folder = g_strndup (name, strlen (name) - strlen (PICKLE_SUFFIX));
  g_autofree char *folder_slash = g_strconcat (folder, "/", NULL);
  g_autoptr (GBytes) bytes = read_part (guard, name, error);
  g_autoptr (FvPickle) pickle = NULL;
  g_autoptr (GError) reason = NULL;
  gsize n_bytes;
  const guint8 *data;

  if (bytes == NULL)
    return FALSE;
  data = g_bytes_get_data (bytes, &n_bytes);
  pickle = fv_pickle_parse_script (data, n_bytes, fv_script_code_get_definitions (guard->code),
                                   &reason);
  if (pickle == NULL)
    return refuse_part (guard, name, reason, error);
  return check_storages (guard, pickle, folder_slash, error);
}

static gboolean
check_pickles (Guard *guard, GError **error)
{
  const GPtrArray *names = fv_zip_archive_get_names (guard->archive);

  for (guint i = 0; i < names->len; i++) {
    const char *name = g_ptr_array_index (names, i);

    if ((g_str_has_suffix (name, PICKLE_SUFFIX) || g_str_has_suffix (name, DEBUG_SUFFIX))
        && !check_pickle (guard, name, error))
      return FALSE;
  }
  return TRUE;
}

/* -- the guard -------------------------------------------------------------------------------- */

/* libtorch finds entries whatever their case: one with another case than it asks for would be read
 * by libtorch, but not here. */
static gboolean
is_disguised (const char *name)
{
  static const char *const wholes[] = { "version", ".data/version", "model.json" };
  static const char *const suffixes[] = { CODE_SUFFIX, PICKLE_SUFFIX, DEBUG_SUFFIX };
  g_autofree char *folded = g_ascii_strdown (name, -1);

  if (g_str_has_prefix (folded, CODE_PREFIX) && !g_str_has_prefix (name, CODE_PREFIX))
    return TRUE;
  for (gsize i = 0; i < G_N_ELEMENTS (wholes); i++)
    if (g_str_equal (folded, wholes[i]) && !g_str_equal (name, wholes[i]))
      return TRUE;
  for (gsize i = 0; i < G_N_ELEMENTS (suffixes); i++)
    if (g_str_has_suffix (folded, suffixes[i]) && !g_str_has_suffix (name, suffixes[i]))
      return TRUE;
  return FALSE;
}

static gboolean
check_names (Guard *guard, GError **error)
{
  static const char *const required[] = { "constants.pkl", "data.pkl" };
  const GPtrArray *names = fv_zip_archive_get_names (guard->archive);

  for (guint i = 0; i < names->len; i++)
    if (is_disguised (g_ptr_array_index (names, i)))
      return fv_weights_file_refuse (guard->file, error,
                                     "was refused: it spells “%s” unlike PyTorch",
                                     (const char *) g_ptr_array_index (names, i));
  for (gsize i = 0; i < G_N_ELEMENTS (required); i++)
    if (!fv_zip_archive_contains (guard->archive, required[i]))
      return fv_weights_file_refuse (guard->file, error, "has no “%s” in it", required[i]);
  if (!fv_zip_archive_contains (guard->archive, "version")
      && !fv_zip_archive_contains (guard->archive, ".data/version"))
    return fv_weights_file_refuse (guard->file, error, "has no format version");
  if (fv_zip_archive_contains (guard->archive, "model.json"))
    return fv_weights_file_refuse (
        guard->file, error,
        "is in the format of PyTorch 1.0: load it in a newer PyTorch and "
        "save it again");
  return TRUE;
}

static gboolean
check_archive (Guard *guard, GError **error)
{
  return check_names (guard, error) && check_version (guard, "version", error)
         && check_version (guard, ".data/version", error) && check_sources (guard, error)
         && check_pickles (guard, error);
}

gboolean
fv_script_guard_check (const char *path, GError **error)
{
  g_autoptr (FvWeightsFile) file = fv_weights_file_open (path, error);
  g_autoptr (FvZipArchive) archive = NULL;
  g_autoptr (FvScriptCode) code = fv_script_code_new ();
  Guard guard;

  if (file == NULL)
    return FALSE;
  archive = fv_zip_archive_open_strictly (file, error);
  if (archive == NULL)
    return FALSE;
  guard = (Guard){ .file = file, .archive = archive, .code = code };
  return check_archive (&guard, error);
}
