/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Lines are flushed one by one, so that only the last can be cut off by a kill. */

#include "fv-run-log.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

#include "fv-run.h"

/* Longer lines than any that is written here are no log's. */
#define MAX_LINE_BYTES 65536

struct _FvRunLog {
  FILE *file;
  char *path;
};

static gboolean
set_write_error (GError **error, const char *path)
{
  g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_FILE, "“%s” cannot be written: %s", path,
               g_strerror (errno));
  return FALSE;
}

/* The step that @line is about; −1 when it is no whole line of a log. */
static int
find_step (const char *line)
{
  int step;

  return g_str_has_suffix (line, "}\n") && sscanf (line, "{\"step\":%d,", &step) == 1 ? step : -1;
}

/* Bytes up to the first line that is none of the steps up to @n_steps. */
static long
find_end (FILE *file, int n_steps)
{
  g_autofree char *line = g_malloc (MAX_LINE_BYTES);
  long end = 0;

  while (fgets (line, MAX_LINE_BYTES, file) != NULL) {
    int step = find_step (line);

    if (step < 0 || step > n_steps)
      break;
    end = ftell (file);
  }
  return end;
}

/* The kernel drops the lock with the file, however the program ends. Where a file system knows no
 * locks, nobody is kept out. */
static gboolean
lock (FvRunLog *self, GError **error)
{
  if (flock (fileno (self->file), LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK)
    return TRUE;
  g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_FILE,
               "“%s” is being written by another training: wait until it has ended", self->path);
  return FALSE;
}

FvRunLog *
fv_run_log_open (const char *path, int n_steps, GError **error)
{
  g_autoptr (FvRunLog) self = g_new0 (FvRunLog, 1);
  long end;

  self->path = g_strdup (path);
  self->file = g_fopen (path, "a+");
  if (self->file == NULL || fseek (self->file, 0, SEEK_SET) != 0) {
    set_write_error (error, path);
    return NULL;
  }
  if (!lock (self, error))
    return NULL;
  end = find_end (self->file, n_steps);
  if (end < 0 || ftruncate (fileno (self->file), end) != 0
      || fseek (self->file, 0, SEEK_END) != 0) {
    set_write_error (error, path);
    return NULL;
  }
  return g_steal_pointer (&self);
}

void
fv_run_log_close (FvRunLog *self)
{
  if (self == NULL)
    return;
  if (self->file != NULL)
    fclose (self->file);
  g_free (self->path);
  g_free (self);
}

gboolean
fv_run_log_write (FvRunLog *self, const FvTrainProgress *progress, GError **error)
{
  g_autoptr (JsonNode) node = fv_train_progress_to_json (progress);
  g_autofree char *line = json_to_string (node, FALSE);

  if (fprintf (self->file, "%s\n", line) < 0 || fflush (self->file) != 0)
    return set_write_error (error, self->path);
  return TRUE;
}
