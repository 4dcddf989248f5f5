/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See the header. */

#include "fv-task.h"

static gboolean
on_idle (gpointer user_data)
{
  return G_SOURCE_REMOVE;
}

void
fv_task_release (GTask *task)
{
  g_autoptr (GSource) source = g_idle_source_new ();
  GMainContext *context = g_task_get_context (task);

  g_source_set_callback (source, on_idle, task, g_object_unref);
  g_source_attach (source, context);
}
