/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A file is a header and the rows. While it is written it has a name of its own, under a lock that
 * the kernel drops with the process: whoever comes next sees what a killed one left, and removes
 * it. A file that is too large to be kept has no name at all. */

#include "fv-feature-cache.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fv-batch-size.h"
#include "fv-feature-folder.h"
#include "fv-tensor.h"

#define MAX_MEMORY_BYTES ((guint64) 1 << 30)
#define MAX_DISK_BYTES ((guint64) 4 << 30)
#define SHARE_OF_FREE 4
#define MAGIC "fovea features 1" /* its 16 bytes without the NUL */
/* Bytes that are looked at in one go. */
#define BLOCK_BYTES ((gsize) 1 << 20)
#define CHECKSUM_START 0xcbf29ce484222325u
#define CHECKSUM_FACTOR 0x100000001b3u

typedef struct {
  char magic[16];
  guint64 n_rows, row_floats;
  guint64 checksum;
} Header;

struct _FvFeatureCache {
  char *folder;
  char *path; /* of the file to keep, */
  char *part; /* and of the one that is being written; NULL when it has no name */
  guint64 disk_limit;
  guint64 n_rows, row_floats, n_bytes;
  guint64 n_appended, checksum;
  float *rows; /* NULL: they are in the file */
  int file;    /* −1: they are in memory */
};

FvFeatureCacheLimits
fv_feature_cache_limits_default (char **folder)
{
  *folder = g_build_filename (g_get_user_cache_dir (), "fovea", "features", NULL);
  return (FvFeatureCacheLimits){
    .folder = *folder,
    .memory_limit = MIN (fv_batch_size_get_free_bytes () / SHARE_OF_FREE, MAX_MEMORY_BYTES),
    .disk_limit = MAX_DISK_BYTES,
  };
}

static void
leave_part (FvFeatureCache *self)
{
  if (self->part != NULL)
    g_unlink (self->part);
  g_clear_pointer (&self->part, g_free);
  if (self->file >= 0)
    close (self->file);
  self->file = -1;
}

void
fv_feature_cache_free (FvFeatureCache *self)
{
  if (self == NULL)
    return;
  leave_part (self);
  g_free (self->rows);
  g_free (self->folder);
  g_free (self->path);
  g_free (self);
}

guint64
fv_feature_cache_get_row_floats (const FvFeatureCache *self)
{
  return self->row_floats;
}

gboolean
fv_feature_cache_is_in_memory (const FvFeatureCache *self)
{
  return self->rows != NULL;
}

/* -- bytes ---------------------------------------------------------------------------------- */

static gboolean
set_error (const FvFeatureCache *self, const char *what, GError **error)
{
  g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_FILE,
               "“%s” cannot %s what the frozen part of the network computes: %s", self->folder,
               what, g_strerror (errno));
  return FALSE;
}

static gboolean
write_at (int file, const void *data, gsize n, guint64 offset)
{
  const char *from = data;

  while (n > 0) {
    gssize done = pwrite (file, from, n, (off_t) offset);

    if (done < 0 && errno == EINTR)
      continue;
    if (done <= 0)
      return FALSE;
    from += done;
    offset += (guint64) done;
    n -= (gsize) done;
  }
  return TRUE;
}

static gboolean
read_at (int file, void *data, gsize n, guint64 offset)
{
  char *to = data;

  while (n > 0) {
    gssize done = pread (file, to, n, (off_t) offset);

    if (done < 0 && errno == EINTR)
      continue;
    if (done == 0)
      errno = EIO; /* somebody has cut the file */
    if (done <= 0)
      return FALSE;
    to += done;
    offset += (guint64) done;
    n -= (gsize) done;
  }
  return TRUE;
}

/* FNV-1a over words: each step can be undone, so a single changed word always shows. */
static guint64
add_to_checksum (guint64 checksum, const float *rows, gsize n)
{
  for (gsize i = 0; i < n; i++) {
    guint32 word;

    memcpy (&word, rows + i, sizeof word);
    checksum = (checksum ^ word) * CHECKSUM_FACTOR;
  }
  return checksum;
}

/* -- making --------------------------------------------------------------------------------- */

static FvFeatureCache *
cache_new (const FvFeatureCacheLimits *limits, const char *key, guint64 n_rows, guint64 row_floats)
{
  FvFeatureCache *self = g_new0 (FvFeatureCache, 1);
  g_autofree char *name = g_strconcat (key, FV_FEATURE_FOLDER_KEPT, NULL);

  self->folder = g_strdup (limits->folder);
  self->path = g_build_filename (limits->folder, name, NULL);
  self->disk_limit = limits->disk_limit;
  self->n_rows = n_rows;
  self->row_floats = row_floats;
  self->checksum = CHECKSUM_START;
  self->file = -1;
  return self;
}

/* FALSE when the bytes are more than any machine has. */
static gboolean
count_bytes (FvFeatureCache *self)
{
  return g_uint64_checked_mul (&self->n_bytes, self->n_rows, self->row_floats)
         && g_uint64_checked_mul (&self->n_bytes, self->n_bytes, sizeof (float))
         && self->n_bytes < G_MAXINT64 - sizeof (Header);
}

static gboolean
can_be_kept (const FvFeatureCache *self)
{
  return self->n_bytes + sizeof (Header) <= self->disk_limit;
}

static gboolean
open_part (FvFeatureCache *self, GError **error)
{
  int reason;

  self->part = g_strconcat (self->path, ".XXXXXX" FV_FEATURE_FOLDER_PART, NULL);
  if (g_mkdir_with_parents (self->folder, 0700) != 0)
    return set_error (self, "hold", error);
  self->file = g_mkstemp_full (self->part, O_RDWR | O_CLOEXEC, 0600);
  if (self->file < 0)
    return set_error (self, "hold", error);
  flock (self->file, LOCK_EX | LOCK_NB);
  if (!can_be_kept (self)) {
    g_unlink (self->part);
    g_clear_pointer (&self->part, g_free);
  }
  reason = posix_fallocate (self->file, 0, (off_t) (self->n_bytes + sizeof (Header)));
  errno = reason;
  return reason == 0 || set_error (self, "hold", error);
}

FvFeatureCache *
fv_feature_cache_new (const FvFeatureCacheLimits *limits, const char *key, guint64 n_rows,
                      guint64 row_floats, GError **error)
{
  g_autoptr (FvFeatureCache) self = cache_new (limits, key, n_rows, row_floats);

  fv_feature_folder_sweep (limits->folder);
  if (!count_bytes (self)) {
    errno = EFBIG;
    set_error (self, "hold", error);
    return NULL;
  }
  if (self->n_bytes <= limits->memory_limit)
    self->rows = g_try_malloc (MAX (self->n_bytes, 1));
  return self->rows != NULL || open_part (self, error) ? g_steal_pointer (&self) : NULL;
}

gboolean
fv_feature_cache_append (FvFeatureCache *self, const float *rows, guint64 n, GError **error)
{
  guint64 first = self->n_appended * self->row_floats;
  gsize n_floats = n * self->row_floats;

  g_return_val_if_fail (n <= self->n_rows - self->n_appended, FALSE);

  if (self->rows != NULL)
    memcpy (self->rows + first, rows, n_floats * sizeof *rows);
  else if (!write_at (self->file, rows, n_floats * sizeof *rows,
                      sizeof (Header) + first * sizeof *rows))
    return set_error (self, "hold", error);
  self->checksum = add_to_checksum (self->checksum, rows, n_floats);
  self->n_appended += n;
  return TRUE;
}

/* -- keeping -------------------------------------------------------------------------------- */

static gboolean
write_whole (FvFeatureCache *self, GError **error)
{
  Header header = { .n_rows = self->n_rows, .row_floats = self->row_floats };

  memcpy (header.magic, MAGIC, sizeof header.magic);
  header.checksum = self->checksum;
  if (self->rows != NULL
      && (!open_part (self, error)
          || (!write_at (self->file, self->rows, self->n_bytes, sizeof header)
              && !set_error (self, "keep", error))))
    return FALSE;
  return (write_at (self->file, &header, sizeof header, 0)
          && g_rename (self->part, self->path) == 0)
         || set_error (self, "keep", error);
}

gboolean
fv_feature_cache_keep (FvFeatureCache *self, GError **error)
{
  gboolean done;

  g_return_val_if_fail (self->n_appended == self->n_rows, FALSE);

  if (!can_be_kept (self))
    return TRUE;
  done = write_whole (self, error);
  if (done) {
    g_clear_pointer (&self->part, g_free);
    fv_feature_folder_evict (self->folder, self->disk_limit, self->path);
  }
  if (self->rows != NULL)
    leave_part (self);
  return done;
}

/* -- reading -------------------------------------------------------------------------------- */

static gboolean
check_header (const FvFeatureCache *self, Header *header)
{
  struct stat status;

  return fstat (self->file, &status) == 0
         && (guint64) status.st_size == sizeof *header + self->n_bytes
         && read_at (self->file, header, sizeof *header, 0)
         && memcmp (header->magic, MAGIC, sizeof header->magic) == 0
         && header->n_rows == self->n_rows && header->row_floats == self->row_floats;
}

/* Reads all of it once, into memory where there is room. */
static gboolean
load (FvFeatureCache *self, guint64 wanted_checksum)
{
  g_autofree float *block = g_new (float, BLOCK_BYTES / sizeof (float));

  for (guint64 first = 0; first < self->n_bytes; first += BLOCK_BYTES) {
    gsize n = (gsize) MIN (self->n_bytes - first, BLOCK_BYTES);

    if (!read_at (self->file, block, n, sizeof (Header) + first))
      return FALSE;
    self->checksum = add_to_checksum (self->checksum, block, n / sizeof *block);
    if (self->rows != NULL)
      memcpy (self->rows + first / sizeof *block, block, n);
  }
  return self->checksum == wanted_checksum;
}

FvFeatureCache *
fv_feature_cache_open (const FvFeatureCacheLimits *limits, const char *key, guint64 n_rows,
                       guint64 row_floats)
{
  g_autoptr (FvFeatureCache) self = cache_new (limits, key, n_rows, row_floats);
  Header header;

  self->file = open (self->path, O_RDONLY | O_CLOEXEC);
  if (self->file < 0 || !count_bytes (self))
    return NULL;
  if (!check_header (self, &header)) {
    g_unlink (self->path);
    return NULL;
  }
  if (self->n_bytes <= limits->memory_limit)
    self->rows = g_try_malloc (MAX (self->n_bytes, 1));
  if (!load (self, header.checksum)) {
    g_unlink (self->path);
    return NULL;
  }
  self->n_appended = n_rows;
  futimens (self->file, NULL); /* used just now */
  if (self->rows != NULL)
    leave_part (self);
  return g_steal_pointer (&self);
}

gboolean
fv_feature_cache_read (const FvFeatureCache *self, guint64 row, float *to, GError **error)
{
  gsize n_bytes = self->row_floats * sizeof *to;

  g_return_val_if_fail (row < self->n_appended, FALSE);

  if (self->rows != NULL)
    memcpy (to, self->rows + row * self->row_floats, n_bytes);
  else if (!read_at (self->file, to, n_bytes, sizeof (Header) + row * n_bytes))
    return set_error (self, "give back", error);
  return TRUE;
}
