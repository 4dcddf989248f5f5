/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A main loop that knows only signals. */

#include "fv-cli-interrupt.h"

#include <glib-unix.h>

struct _FvCliInterrupt {
  GCancellable *cancellable;
  GMainContext *context;
  GMainLoop *loop;
  GThread *thread;
};

static gboolean
on_signal (gpointer user_data)
{
  g_cancellable_cancel (user_data);
  return G_SOURCE_CONTINUE;
}

static void
listen_for (FvCliInterrupt *self, int signum)
{
  g_autoptr (GSource) source = g_unix_signal_source_new (signum);

  g_source_set_callback (source, on_signal, self->cancellable, NULL);
  g_source_attach (source, self->context);
}

static gpointer
listen (gpointer data)
{
  FvCliInterrupt *self = data;

  g_main_loop_run (self->loop);
  return NULL;
}

FvCliInterrupt *
fv_cli_interrupt_new (void)
{
  FvCliInterrupt *self = g_new0 (FvCliInterrupt, 1);

  self->cancellable = g_cancellable_new ();
  self->context = g_main_context_new ();
  self->loop = g_main_loop_new (self->context, FALSE);
  listen_for (self, SIGINT);
  listen_for (self, SIGTERM);
  self->thread = g_thread_new ("signals", listen, self);
  return self;
}

static gboolean
on_quit (gpointer user_data)
{
  g_main_loop_quit (user_data);
  return G_SOURCE_REMOVE;
}

void
fv_cli_interrupt_free (FvCliInterrupt *self)
{
  g_autoptr (GSource) quit = NULL;

  if (self == NULL)
    return;
  quit = g_idle_source_new (); /* inside the loop: quitting one that has not begun does nothing */
  g_source_set_callback (quit, on_quit, self->loop, NULL);
  g_source_attach (quit, self->context);
  g_thread_join (self->thread);
  g_main_loop_unref (self->loop);
  g_main_context_unref (self->context);
  g_object_unref (self->cancellable);
  g_free (self);
}

GCancellable *
fv_cli_interrupt_get_cancellable (FvCliInterrupt *self)
{
  return self->cancellable;
}
