/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See the header. */

#include "fv-script-child.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "fv-graph-json.h"
#include "fv-script-guard.h"
#include "fv-script-recorder.h"
#include "fv-weights.h"

/* Sizes tried when nothing says which: what most networks were made for, then smaller ones. */
static const int sizes[] = { 224, 299, 256, 384, 448, 512, 128, 96, 64, 32 };

/* -- limits --------------------------------------------------------------------------------- */

static void
set_limit (int resource, rlim_t value)
{
  struct rlimit limit = { value, value };
  struct rlimit now;

  if (getrlimit (resource, &now) == 0 && now.rlim_max < value)
    limit.rlim_cur = limit.rlim_max = now.rlim_max;
  setrlimit (resource, &limit);
}

/* AddressSanitizer reserves terabytes of addresses that it never fills. */
static void
limit_memory (const char *path)
{
#ifndef __SANITIZE_ADDRESS__
  const rlim_t gigabyte = (rlim_t) 1 << 30;
  struct stat status;
  rlim_t size = stat (path, &status) == 0 ? (rlim_t) status.st_size : 0;

  set_limit (RLIMIT_AS, 6 * gigabyte + 12 * size);
#else
  (void) path;
#endif
}

void
fv_script_child_limit (const char *path, guint seconds)
{
  prctl (PR_SET_PDEATHSIG, SIGKILL);
  prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  set_limit (RLIMIT_CORE, 0);
  set_limit (RLIMIT_FSIZE, 0);
  set_limit (RLIMIT_CPU, seconds);
  limit_memory (path);
}

/* -- reading -------------------------------------------------------------------------------- */

/* Failures that another size of picture may not have: shapes that do not fit. */
static gboolean
may_be_the_size (const GError *error)
{
  return g_error_matches (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_TORCH)
         || g_error_matches (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_ARGUMENT);
}

/* What was read besides the graph. */
typedef struct {
  int height, width; /* of the sample */
  int n_classes;
} Found;

static FvGraph *
record_any_size (FvScript *script, const char *output, Found *found, GError **error)
{
  GError *first = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++) {
    g_autoptr (GError) reason = NULL;
    FvGraph *graph
        = fv_script_record (script, sizes[i], sizes[i], output, &found->n_classes, &reason);

    if (graph != NULL || !may_be_the_size (reason)) {
      g_clear_error (&first);
      found->height = found->width = sizes[i];
      if (graph == NULL)
        g_propagate_error (error, g_steal_pointer (&reason));
      return graph;
    }
    if (first == NULL)
      first = g_steal_pointer (&reason);
  }
  g_propagate_prefixed_error (error, first, "no size of picture from 32 to 512 suits it: ");
  return NULL;
}

static gboolean
write_graph (const FvGraph *graph, const Found *found, int fd, GError **error)
{
  g_autoptr (FvStateDict) tensors = fv_state_dict_new ();
  g_autofree char *json = fv_graph_to_json (graph, tensors);
  g_autofree char *height = g_strdup_printf ("%d", found->height);
  g_autofree char *width = g_strdup_printf ("%d", found->width);
  g_autofree char *classes = g_strdup_printf ("%d", found->n_classes);
  const char *const metadata[]
      = { "graph", json, "height", height, "width", width, "classes", classes, NULL };

  return fv_safetensors_write (tensors, metadata, fd, error);
}

static FvScript *
load_checked (const char *path, GError **error)
{
  return fv_script_guard_check (path, error) ? fv_script_load (path, error) : NULL;
}

static FvGraph *
read_graph (const char *path, const char *output, Found *found, GError **error)
{
  g_autoptr (FvScript) script = load_checked (path, error);

  if (script == NULL)
    return NULL;
  if (found->height <= 0 || found->width <= 0)
    return record_any_size (script, output, found, error);
  return fv_script_record (script, found->height, found->width, output, &found->n_classes, error);
}

gboolean
fv_script_child_read (const char *path, int height, int width, const char *output, int fd,
                      GError **error)
{
  Found found = { height, width, 0 };
  g_autoptr (FvGraph) graph = read_graph (path, output, &found, error);

  return graph != NULL && write_graph (graph, &found, fd, error);
}

/* -- writing -------------------------------------------------------------------------------- */

/* A tensor of the network: whose attribute it is, and its name in a state dict. */
typedef struct {
  FvScriptObject *object;
  char *attribute;
  char *path;
  FvTensor *tensor;
} Slot;

static void
slot_clear (gpointer data)
{
  Slot *slot = data;

  g_free (slot->attribute);
  g_free (slot->path);
  fv_tensor_unref (slot->tensor);
}

static void
add_slot (GArray *slots, FvScriptObject *object, const char *attribute, const char *path,
          FvTensor *tensor)
{
  Slot slot = { object, g_strdup (attribute), g_strdup (path), fv_tensor_ref (tensor) };

  g_array_append_val (slots, slot);
}

/* Adds the tensors of @object and of every module in it. */
static gboolean
find_slots (GArray *slots, FvScriptObject *object, const char *path, GError **error)
{
  for (guint i = 0; i < fv_script_object_get_n_attributes (object); i++) {
    g_autofree char *name = fv_script_object_get_attribute_name (object, i);
    g_autofree char *inner = fv_module_join (path, name);
    g_autoptr (FvScriptDatum) datum = fv_script_object_get_attribute (object, name, error);

    if (datum == NULL)
      return FALSE;
    if (datum->kind == FV_SCRIPT_OBJECT && !find_slots (slots, datum->object, inner, error))
      return FALSE;
    if (datum->kind == FV_SCRIPT_VALUE && datum->value.kind == FV_VALUE_TENSOR)
      add_slot (slots, object, name, inner, datum->value.tensor);
  }
  return TRUE;
}

/* The new values of @slot: under its own name, or under that of a tensor it is tied to, which a
 * state dict holds once. NULL when it keeps its values. */
static FvTensor *
find_values (const GArray *slots, const Slot *slot, const FvStateDict *state)
{
  FvTensor *values = fv_state_dict_lookup (state, slot->path);

  for (guint i = 0; values == NULL && i < slots->len; i++) {
    const Slot *other = &g_array_index (slots, Slot, i);

    if (fv_tensor_is_same_view (other->tensor, slot->tensor))
      values = fv_state_dict_lookup (state, other->path);
  }
  return values;
}

static gboolean
set_tensors (FvScript *script, const FvStateDict *state, GError **error)
{
  g_autoptr (GArray) slots = g_array_new (FALSE, FALSE, sizeof (Slot));
  g_autoptr (GPtrArray) values = g_ptr_array_new ();

  g_array_set_clear_func (slots, slot_clear);
  if (!find_slots (slots, fv_script_get_root (script), "", error))
    return FALSE;
  /* Setting the first of two tied tensors unties them: all are found before any is set. */
  for (guint i = 0; i < slots->len; i++)
    g_ptr_array_add (values, find_values (slots, &g_array_index (slots, Slot, i), state));
  for (guint i = 0; i < slots->len; i++) {
    const Slot *slot = &g_array_index (slots, Slot, i);
    FvTensor *tensor = g_ptr_array_index (values, i);

    if (tensor != NULL
        && !fv_script_object_set_tensor (slot->object, slot->attribute, tensor, error))
      return FALSE;
  }
  return TRUE;
}

gboolean
fv_script_child_write (const char *path, const char *weights, int fd, GError **error)
{
  g_autoptr (FvStateDict) state = fv_safetensors_load (weights, error);
  g_autoptr (FvScript) script = state != NULL ? load_checked (path, error) : NULL;

  return script != NULL && set_tensors (script, state, error)
         && fv_script_write (script, fd, error);
}
