/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A weights file, opened without trust: it may be a pipe that never answers, a folder, or shrink
 * while it is read. */

#include "fv-weights-file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* Bytes of a refusal beyond which it is cut: names in a file can be megabytes long. */
#define MAX_MESSAGE_BYTES 900

struct _FvWeightsFile {
  char *display_name;
  int fd;
  guint64 size;
};

static gboolean
fail_with_errno (const FvWeightsFile *self, const char *what, GError **error)
{
  int code = errno;

  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (code), "“%s” %s: %s",
               self->display_name, what, g_strerror (code));
  return FALSE;
}

static gboolean
check_kind (FvWeightsFile *self, GError **error)
{
  struct stat info;

  if (fstat (self->fd, &info) != 0)
    return fail_with_errno (self, "cannot be examined", error);
  if (S_ISDIR (info.st_mode))
    return fv_weights_file_refuse (self, error, "is a folder, not a file");
  if (!S_ISREG (info.st_mode))
    return fv_weights_file_refuse (self, error, "is not an ordinary file");
  if (info.st_size == 0)
    return fv_weights_file_refuse (self, error, "is empty");
  self->size = (guint64) info.st_size;
  return TRUE;
}

FvWeightsFile *
fv_weights_file_open (const char *path, GError **error)
{
  g_autoptr (FvWeightsFile) self = NULL;

  g_return_val_if_fail (path != NULL, NULL);

  self = g_new0 (FvWeightsFile, 1);
  self->display_name = g_filename_display_name (path);
  /* O_NONBLOCK: opening a pipe that nobody writes to would wait for ever. */
  self->fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (self->fd < 0) {
    fail_with_errno (self, "cannot be opened", error);
    return NULL;
  }
  if (!check_kind (self, error))
    return NULL;
  return g_steal_pointer (&self);
}

void
fv_weights_file_close (FvWeightsFile *self)
{
  if (self->fd >= 0)
    close (self->fd);
  g_free (self->display_name);
  g_free (self);
}

int
fv_weights_file_get_fd (const FvWeightsFile *self)
{
  return self->fd;
}

guint64
fv_weights_file_get_size (const FvWeightsFile *self)
{
  return self->size;
}

gboolean
fv_weights_file_read (const FvWeightsFile *self, guint64 offset, void *buffer, gsize n_bytes,
                      GError **error)
{
  guint8 *target = buffer;
  gsize done = 0;

  if (offset > self->size || n_bytes > self->size - offset)
    return fv_weights_file_refuse (self, error, "ends before its contents do");
  while (done < n_bytes) {
    gssize got = pread (self->fd, target + done, n_bytes - done, (off_t) (offset + done));

    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      return fail_with_errno (self, "cannot be read", error);
    if (got == 0)
      return fv_weights_file_refuse (self, error, "became shorter while it was being read");
    done += (gsize) got;
  }
  return TRUE;
}

gboolean
fv_weights_file_refuse (const FvWeightsFile *self, GError **error, const char *format, ...)
{
  g_autofree char *text = NULL;
  g_autofree char *valid = NULL;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);

  for (char *c = text; *c != '\0'; c++)
    if (g_ascii_iscntrl (*c))
      *c = '?';
  if (strlen (text) > MAX_MESSAGE_BYTES)
    text[MAX_MESSAGE_BYTES] = '\0';
  valid = g_utf8_make_valid (text, -1);
  g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_FILE, "“%s” %s", self->display_name, valid);
  return FALSE;
}

static gboolean
is_all_booleans (const guint8 *data, gsize n_bytes)
{
  for (gsize i = 0; i < n_bytes; i++)
    if (data[i] > 1)
      return FALSE;
  return TRUE;
}

FvTensor *
fv_weights_file_make_tensor (const FvWeightsFile *self, const char *name, FvDtype dtype,
                             const gint64 *shape, int n_dims, const void *data, gsize n_bytes,
                             GError **error)
{
  g_autoptr (FvTensor) tensor = NULL;
  g_autoptr (GError) reason = NULL;

  if (dtype == FV_DTYPE_BOOL && !is_all_booleans (data, n_bytes)) {
    fv_weights_file_refuse (self, error, "holds a boolean that is neither 0 nor 1 in “%s”", name);
    return NULL;
  }
  tensor = fv_tensor_new (dtype, shape, n_dims, data, n_bytes, &reason);
  if (tensor == NULL)
    fv_weights_file_refuse (self, error, "holds a tensor “%s” that cannot be made: %s", name,
                            reason->message);
  return g_steal_pointer (&tensor);
}

gboolean
fv_weights_count_bytes (FvDtype dtype, const gint64 *shape, int n_dims, gsize *n_bytes)
{
  gsize product = fv_dtype_get_size (dtype);
  gboolean is_empty = FALSE;

  for (int i = 0; i < n_dims; i++) {
    if (shape[i] < 0)
      return FALSE;
    is_empty |= shape[i] == 0;
    if (!g_size_checked_mul (&product, product, (gsize) MAX (shape[i], 1)))
      return FALSE;
  }
  *n_bytes = is_empty ? 0 : product;
  return product <= G_MAXSSIZE;
}
