/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See the header. What the child writes is gathered in a file without a name, in memory. */

#include "fv-script-door.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fv-descriptor.h"
#include "fv-graph-json.h"
#include "fv-weights.h"

#define DEFAULT_SECONDS 60
#define MAX_MESSAGE 8192
#define POLL_MILLISECONDS 100
#define REAP_MICROSECONDS 2000

typedef struct {
  GPid pid;
  int output; /* pipes of the child */
  int errors;
  int gathered;     /* descriptor of the file in memory */
  GString *message; /* its last words */
  gint64 deadline;  /* microseconds */
} Child;

static void
close_pipe (int *fd)
{
  if (*fd >= 0)
    close (*fd);
  *fd = -1;
}

static void
child_clear (Child *child)
{
  if (child->pid > 0) {
    kill (child->pid, SIGKILL);
    waitpid (child->pid, NULL, 0);
  }
  close_pipe (&child->output);
  close_pipe (&child->errors);
  close_pipe (&child->gathered);
  if (child->message != NULL)
    g_string_free (child->message, TRUE);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Child, child_clear)

/* -- starting ------------------------------------------------------------------------------- */

/* Seconds of processor time that a child may take. */
static guint
get_seconds (void)
{
  const char *text = g_getenv ("FOVEA_SCRIPT_SECONDS");
  guint64 seconds;

  if (text != NULL && g_ascii_string_to_unsigned (text, 10, 1, 3600, &seconds, NULL))
    return (guint) seconds;
  return DEFAULT_SECONDS;
}

/* (transfer full) */
static char *
find_reader (void)
{
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *folder = program != NULL ? g_path_get_dirname (program) : NULL;
  g_autofree char *beside = folder != NULL ? g_build_filename (folder, "fovea-cli", NULL) : NULL;

  if (g_getenv ("FOVEA_CLI") != NULL)
    return g_strdup (g_getenv ("FOVEA_CLI"));
  if (beside != NULL && g_file_test (beside, G_FILE_TEST_IS_EXECUTABLE))
    return g_steal_pointer (&beside);
  return g_build_filename (FOVEA_BINDIR, "fovea-cli", NULL);
}

static gboolean
start (Child *child, const char *const *arguments, GError **error)
{
  g_autofree char *reader = find_reader ();
  g_autofree char *seconds = g_strdup_printf ("%u", get_seconds ());
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();

  g_ptr_array_add (argv, reader);
  g_ptr_array_add (argv, (char *) "model");
  g_ptr_array_add (argv, (char *) arguments[0]);
  g_ptr_array_add (argv, seconds);
  for (gsize i = 1; arguments[i] != NULL; i++)
    g_ptr_array_add (argv, (char *) arguments[i]);
  g_ptr_array_add (argv, NULL);
  child->message = g_string_new (NULL);
  child->deadline = g_get_monotonic_time () + (gint64) get_seconds () * 2 * G_USEC_PER_SEC;
  child->gathered = memfd_create ("fovea-script", MFD_CLOEXEC);
  if (child->gathered < 0) {
    g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno), "no memory to read into: %s",
                 g_strerror (errno));
    return FALSE;
  }
  return g_spawn_async_with_pipes (NULL, (char **) argv->pdata, NULL, G_SPAWN_DO_NOT_REAP_CHILD,
                                   NULL, NULL, &child->pid, NULL, &child->output, &child->errors,
                                   error);
}

/* -- gathering ------------------------------------------------------------------------------ */

/* Moves what a pipe holds; closes it at its end. FALSE when the memory is full. */
static gboolean
drain (Child *child, int *pipe)
{
  char buffer[65536];
  gssize n = read (*pipe, buffer, sizeof buffer);

  if (n < 0 && (errno == EINTR || errno == EAGAIN))
    return TRUE;
  if (n <= 0)
    close_pipe (pipe);
  else if (pipe == &child->output)
    return fv_descriptor_write (child->gathered, buffer, (gsize) n);
  else if (child->message->len < MAX_MESSAGE)
    g_string_append_len (child->message, buffer, n);
  return TRUE;
}

static gboolean
gather (Child *child, GCancellable *cancellable, GError **error)
{
  while (child->output >= 0 || child->errors >= 0) {
    struct pollfd polls[] = { { child->output, POLLIN, 0 }, { child->errors, POLLIN, 0 } };

    if (g_cancellable_set_error_if_cancelled (cancellable, error))
      return FALSE;
    if (g_get_monotonic_time () > child->deadline) {
      g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_FILE, "reading it takes too long");
      return FALSE;
    }
    if (poll (polls, G_N_ELEMENTS (polls), POLL_MILLISECONDS) <= 0)
      continue;
    if ((polls[0].revents != 0 && !drain (child, &child->output))
        || (polls[1].revents != 0 && !drain (child, &child->errors))) {
      g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_FILE, "it does not fit in memory");
      return FALSE;
    }
  }
  return TRUE;
}

/* -- ending --------------------------------------------------------------------------------- */

/* The child's last line without the program's name. (transfer full); NULL when it said nothing */
static char *
get_last_words (const Child *child)
{
  const char *prefix = "fovea-cli: ";
  g_auto (GStrv) lines = NULL;
  const char *last = NULL;

  lines = g_strsplit (child->message->str, "\n", -1);
  for (gsize i = 0; lines[i] != NULL; i++)
    if (g_str_has_prefix (lines[i], prefix))
      last = lines[i] + strlen (prefix);
  return last != NULL ? g_utf8_make_valid (last, -1) : NULL;
}

static gboolean
is_about_memory (const char *words)
{
  return strstr (words, "bad_alloc") != NULL || strstr (words, "allocate") != NULL;
}

static void
set_failure (const Child *child, int status, GError **error)
{
  g_autofree char *words = get_last_words (child);

  if (WIFSIGNALED (status) && (WTERMSIG (status) == SIGXCPU || WTERMSIG (status) == SIGKILL))
    g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_FILE,
                 "reading it takes more than %u seconds", get_seconds ());
  else if (words != NULL && is_about_memory (words))
    g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_FILE,
                 "reading it takes more memory than a network of its size may need");
  else if (words != NULL)
    g_set_error_literal (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_FILE, words);
  else
    g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_FILE,
                 "libtorch gave up while reading it; the file is probably damaged");
}

/* Its pipes are closed; what does not end by itself now is ended. */
static int
reap (Child *child)
{
  int status = 0;

  while (waitpid (child->pid, &status, WNOHANG) == 0) {
    if (g_get_monotonic_time () > child->deadline)
      kill (child->pid, SIGKILL);
    g_usleep (REAP_MICROSECONDS);
  }
  child->pid = 0;
  return status;
}

static gboolean
wait_for_end (Child *child, GError **error)
{
  int status = reap (child);

  if (WIFEXITED (status) && WEXITSTATUS (status) == 0)
    return TRUE;
  set_failure (child, status, error);
  return FALSE;
}

/* One sentence that names the file, whoever found the fault. */
static void
name_file (GError **error, const char *path)
{
  g_autofree char *name = g_filename_display_name (path);
  g_autofree char *quoted = g_strdup_printf ("“%s”", name);

  if (error != NULL && *error != NULL && strstr ((*error)->message, quoted) == NULL)
    g_prefix_error (error, "%s cannot be used: ", quoted);
}

/* Runs the child to its end; what it wrote is in child->gathered. */
static gboolean
run (Child *child, const char *path, const char *const *arguments, GCancellable *cancellable,
     GError **error)
{
  if (start (child, arguments, error) && gather (child, cancellable, error)
      && wait_for_end (child, error))
    return TRUE;
  name_file (error, path);
  return FALSE;
}

/* -- the door ------------------------------------------------------------------------------- */

static int
get_size (GHashTable *metadata, const char *name)
{
  const char *text = g_hash_table_lookup (metadata, name);
  guint64 size;

  return text != NULL && g_ascii_string_to_unsigned (text, 10, 1, 65536, &size, NULL) ? (int) size
                                                                                      : 0;
}

static FvGraph *
read_gathered (const Child *child, int *height, int *width, int *n_classes, GError **error)
{
  g_autofree char *gathered = g_strdup_printf ("/proc/self/fd/%d", child->gathered);
  g_autoptr (GHashTable) metadata = NULL;
  g_autoptr (FvStateDict) tensors = fv_safetensors_load_with_metadata (gathered, &metadata, error);
  const char *json;

  if (tensors == NULL)
    return NULL;
  json = g_hash_table_lookup (metadata, "graph");
  *height = get_size (metadata, "height");
  *width = get_size (metadata, "width");
  *n_classes = get_size (metadata, "classes");
  return fv_graph_from_json (json != NULL ? json : "", tensors, error);
}

FvGraph *
fv_script_door_open (const char *path, const char *output, int *height, int *width, int *n_classes,
                     GCancellable *cancellable, GError **error)
{
  g_auto (Child) child = { .output = -1, .errors = -1, .gathered = -1 };
  g_autofree char *rows = g_strdup_printf ("%d", *height);
  g_autofree char *columns = g_strdup_printf ("%d", *width);
  const char *const arguments[] = { "read-script", path, rows, columns, output, NULL };
  FvGraph *graph;

  if (!run (&child, path, arguments, cancellable, error))
    return NULL;
  graph = read_gathered (&child, height, width, n_classes, error);
  if (graph == NULL)
    name_file (error, path);
  return graph;
}

static GBytes *
map_gathered (const Child *child, GError **error)
{
  g_autoptr (GMappedFile) mapped = g_mapped_file_new_from_fd (child->gathered, FALSE, error);

  return mapped != NULL ? g_mapped_file_get_bytes (mapped) : NULL;
}

gboolean
fv_script_door_save (const char *path, const char *weights, const char *target,
                     GCancellable *cancellable, GError **error)
{
  g_auto (Child) child = { .output = -1, .errors = -1, .gathered = -1 };
  const char *const arguments[] = { "write-script", path, weights, NULL };
  g_autoptr (GBytes) bytes = NULL;
  const char *data;
  gsize n;

  if (!run (&child, path, arguments, cancellable, error))
    return FALSE;
  bytes = map_gathered (&child, error);
  if (bytes == NULL)
    return FALSE;
  data = g_bytes_get_data (bytes, &n);
  return g_file_set_contents_full (target, data, (gssize) n,
                                   G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE,
                                   0666, error);
}
