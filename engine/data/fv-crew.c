/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Threads that take the next number from a shared counter until none is left. */

#include "fv-crew.h"

typedef struct {
  FvCrewTask task;
  gpointer user_data;
  GCancellable *cancellable;
  int n;
  int next; /* atomic: the first task that nobody has taken */
  GMutex lock;
  GError *error; /* the first one, behind the lock */
} Crew;

static gboolean
do_task (const Crew *crew, int index, GError **error)
{
  return !g_cancellable_set_error_if_cancelled (crew->cancellable, error)
         && crew->task (index, crew->user_data, error);
}

static gpointer
work (gpointer data)
{
  Crew *crew = data;
  int index;

  while ((index = g_atomic_int_add (&crew->next, 1)) < crew->n) {
    GError *error = NULL;

    if (do_task (crew, index, &error))
      continue;
    g_atomic_int_set (&crew->next, crew->n);
    g_mutex_lock (&crew->lock);
    if (crew->error == NULL)
      crew->error = g_steal_pointer (&error);
    g_mutex_unlock (&crew->lock);
    g_clear_error (&error);
  }
  return NULL;
}

gboolean
fv_crew_run (int n, FvCrewTask task, gpointer user_data, GCancellable *cancellable, GError **error)
{
  Crew crew = { .task = task, .user_data = user_data, .cancellable = cancellable, .n = n };
  g_autoptr (GPtrArray) helpers = g_ptr_array_new ();
  int n_helpers = MIN ((int) g_get_num_processors (), n) - 1;

  g_mutex_init (&crew.lock);
  for (int i = 0; i < n_helpers; i++)
    g_ptr_array_add (helpers, g_thread_new ("crew", work, &crew));
  work (&crew);
  for (guint i = 0; i < helpers->len; i++)
    g_thread_join (g_ptr_array_index (helpers, i));
  g_mutex_clear (&crew.lock);
  if (crew.error != NULL)
    g_propagate_error (error, crew.error);
  return crew.error == NULL;
}
