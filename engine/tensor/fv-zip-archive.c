/* SPDX-License-Identifier: GPL-3.0-or-later */

/* libzip, and around it the checks that a file from outside needs. */

#include "fv-zip-archive.h"

#include <string.h>
#include <unistd.h>
#include <zip.h>

#include "fv-zip-directory.h"

/* Bytes that deflated entries may unpack to, together: the first alone, whatever the file's size;
 * then that many times the file's size; and never more than the last. */
#define DEFLATED_ALLOWANCE (16 * 1024 * 1024)
#define DEFLATED_RATIO 100
#define DEFLATED_MAX (G_GUINT64_CONSTANT (4) << 30)

typedef struct {
  zip_uint64_t index;
  guint64 size; /* bytes when unpacked */
} Entry;

struct _FvZipArchive {
  const FvWeightsFile *file;
  zip_t *zip;
  GHashTable *entries; /* name without the top folder -> Entry *, both owned */
  GPtrArray *names;    /* the same names, borrowed, in the archive's order */
  guint64 total_size;
};

G_DEFINE_AUTOPTR_CLEANUP_FUNC (zip_file_t, zip_fclose)

static gboolean
open_zip (FvZipArchive *self, int flags, GError **error)
{
  int fd = dup (fv_weights_file_get_fd (self->file));
  zip_error_t reason;
  int code = ZIP_ER_OPEN;

  if (fd >= 0)
    self->zip = zip_fdopen (fd, flags, &code);
  if (self->zip != NULL)
    return TRUE;
  if (fd >= 0)
    close (fd);
  zip_error_init_with_code (&reason, code);
  fv_weights_file_refuse (self->file, error, "is a damaged or truncated zip archive: %s",
                          zip_error_strerror (&reason));
  zip_error_fini (&reason);
  return FALSE;
}

/* The part of @name behind the top folder, which all entries share. NULL when it has none, or when
 * the name would leave the folder. */
static const char *
strip_top_folder (const char *name, const char *top)
{
  const char *slash = strchr (name, '/');
  gsize n_top = strcspn (top, "/") + 1;

  if (slash == NULL || slash == name || strncmp (name, top, n_top) != 0)
    return NULL;
  if (strstr (name, "..") != NULL || strchr (name, '\\') != NULL)
    return NULL;
  return slash + 1;
}

static gboolean
add_entry (FvZipArchive *self, zip_uint64_t index, const char *top, guint64 *n_stored,
           GError **error)
{
  const zip_uint64_t needed = ZIP_STAT_NAME | ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE
                              | ZIP_STAT_COMP_METHOD | ZIP_STAT_ENCRYPTION_METHOD;
  g_autofree char *owned = NULL;
  const char *name;
  zip_stat_t info;
  Entry *entry;

  if (zip_stat_index (self->zip, index, 0, &info) != 0 || (info.valid & needed) != needed)
    return fv_weights_file_refuse (self->file, error, "has an entry that cannot be examined");
  name = strip_top_folder (info.name, top);
  if (name == NULL)
    return fv_weights_file_refuse (self->file, error,
                                   "is not an archive made by torch.save: “%s” is not in the one "
                                   "folder that such an archive has",
                                   info.name);
  if (info.encryption_method != ZIP_EM_NONE
      || (info.comp_method != ZIP_CM_STORE && info.comp_method != ZIP_CM_DEFLATE))
    return fv_weights_file_refuse (self->file, error,
                                   "has “%s” packed in a way Fovea does not read", info.name);
  if ((info.comp_method == ZIP_CM_STORE && info.size != info.comp_size)
      || !g_uint64_checked_add (&self->total_size, self->total_size, info.size))
    return fv_weights_file_refuse (self->file, error, "has a false size for “%s”", info.name);
  if (info.comp_method == ZIP_CM_STORE)
    *n_stored += info.size;
  entry = g_new (Entry, 1);
  *entry = (Entry){ .index = index, .size = info.size };
  owned = g_strdup (name);
  g_ptr_array_add (self->names, owned);
  if (!g_hash_table_insert (self->entries, g_steal_pointer (&owned), entry))
    return fv_weights_file_refuse (self->file, error, "has two entries named “%s”", info.name);
  return TRUE;
}

/* Stored entries cannot hold more than the file does; deflated ones not plausibly much more. */
static gboolean
check_sizes (const FvZipArchive *self, guint64 n_stored, GError **error)
{
  guint64 file_size = fv_weights_file_get_size (self->file);
  guint64 n_deflated = self->total_size - n_stored;

  if (n_stored > file_size)
    return fv_weights_file_refuse (self->file, error, "claims more contents than it has bytes");
  if (n_deflated > DEFLATED_MAX
      || (n_deflated > DEFLATED_ALLOWANCE && n_deflated / DEFLATED_RATIO > file_size))
    return fv_weights_file_refuse (self->file, error,
                                   "would unpack to %" G_GUINT64_FORMAT
                                   " bytes, which is out of proportion to its size",
                                   n_deflated);
  return TRUE;
}

static gboolean
read_directory (FvZipArchive *self, GError **error)
{
  zip_int64_t n_entries = zip_get_num_entries (self->zip, 0);
  const char *top = n_entries > 0 ? zip_get_name (self->zip, 0, 0) : NULL;
  guint64 n_stored = 0;

  if (top == NULL)
    return fv_weights_file_refuse (self->file, error, "is an empty archive");
  for (zip_int64_t i = 0; i < n_entries; i++)
    if (!add_entry (self, (zip_uint64_t) i, top, &n_stored, error))
      return FALSE;
  return check_sizes (self, n_stored, error);
}

static FvZipArchive *
open_archive (const FvWeightsFile *file, int flags, GError **error)
{
  g_autoptr (FvZipArchive) self = g_new0 (FvZipArchive, 1);

  self->file = file;
  self->entries = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->names = g_ptr_array_new ();
  if (!open_zip (self, flags, error) || !read_directory (self, error))
    return NULL;
  return g_steal_pointer (&self);
}

FvZipArchive *
fv_zip_archive_open (const FvWeightsFile *file, GError **error)
{
  return open_archive (file, 0, error);
}

FvZipArchive *
fv_zip_archive_open_strictly (const FvWeightsFile *file, GError **error)
{
  if (!fv_zip_directory_check (file, error))
    return NULL;
  return open_archive (file, ZIP_CHECKCONS, error);
}

void
fv_zip_archive_close (FvZipArchive *self)
{
  g_hash_table_unref (self->entries);
  g_ptr_array_unref (self->names);
  if (self->zip != NULL)
    zip_discard (self->zip);
  g_free (self);
}

static gboolean
has_name_with (zip_t *zip, const char *part)
{
  for (zip_int64_t i = 0; i < zip_get_num_entries (zip, 0); i++) {
    const char *name = zip_get_name (zip, (zip_uint64_t) i, ZIP_FL_ENC_RAW);

    if (name != NULL && strstr (name, part) != NULL)
      return TRUE;
  }
  return FALSE;
}

gboolean
fv_zip_archive_mentions (const FvWeightsFile *file, const char *const *parts)
{
  FvZipArchive archive = { .file = file };
  gboolean has_all = open_zip (&archive, 0, NULL);

  if (!has_all)
    return FALSE;
  for (gsize i = 0; parts[i] != NULL; i++)
    has_all = has_all && has_name_with (archive.zip, parts[i]);
  zip_discard (archive.zip);
  return has_all;
}

const GPtrArray *
fv_zip_archive_get_names (const FvZipArchive *self)
{
  return self->names;
}

gboolean
fv_zip_archive_contains (const FvZipArchive *self, const char *name)
{
  return g_hash_table_contains (self->entries, name);
}

guint64
fv_zip_archive_get_total_size (const FvZipArchive *self)
{
  return self->total_size;
}

guint64
fv_zip_archive_get_entry_size (const FvZipArchive *self, const char *name)
{
  const Entry *entry = g_hash_table_lookup (self->entries, name);

  return entry != NULL ? entry->size : 0;
}

/* Fills @buffer. One more read at the end makes libzip compare the checksum, and proves that the
 * entry is no longer than it claims. */
static gboolean
read_entry (const FvZipArchive *self, const Entry *entry, guint8 *buffer)
{
  g_autoptr (zip_file_t) stream = zip_fopen_index (self->zip, entry->index, 0);
  guint64 done = 0;
  guint8 extra;

  if (stream == NULL)
    return FALSE;
  while (done < entry->size) {
    zip_int64_t got = zip_fread (stream, buffer + done, entry->size - done);

    if (got <= 0)
      return FALSE;
    done += (guint64) got;
  }
  return zip_fread (stream, &extra, 1) == 0;
}

GBytes *
fv_zip_archive_read (const FvZipArchive *self, const char *name, GError **error)
{
  const Entry *entry = g_hash_table_lookup (self->entries, name);
  g_autofree guint8 *buffer = NULL;

  if (entry == NULL) {
    fv_weights_file_refuse (self->file, error, "has no “%s” in it", name);
    return NULL;
  }
  buffer = g_try_malloc (MAX (entry->size, 1));
  if (buffer == NULL) {
    fv_weights_file_refuse (self->file, error, "does not fit in memory");
    return NULL;
  }
  if (!read_entry (self, entry, buffer)) {
    fv_weights_file_refuse (self->file, error, "is damaged at “%s”", name);
    return NULL;
  }
  return g_bytes_new_take (g_steal_pointer (&buffer), entry->size);
}
