/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A clock and a path. */

#include "fv-keeper.h"

/* Of the time that goes by, checkpoints after epochs may take one part in so many. */
#define SHARE 20

struct _FvKeeper {
  char *path;
  double seconds;
  int step;       /* of the checkpoint on disk; −1: there is none */
  gint64 written; /* monotonic time, µs, when writing was last tried */
  gint64 cost;    /* µs that it took */
  char *problem;
};

FvKeeper *
fv_keeper_new (const char *path, double seconds, const FvCheckpoint *from)
{
  FvKeeper *self = g_new0 (FvKeeper, 1);

  self->path = g_strdup (path);
  self->seconds = seconds;
  self->step = from != NULL ? from->step : -1;
  self->written = g_get_monotonic_time ();
  return self;
}

void
fv_keeper_free (FvKeeper *self)
{
  if (self == NULL)
    return;
  g_free (self->path);
  g_free (self->problem);
  g_free (self);
}

gboolean
fv_keeper_is_due (const FvKeeper *self, gboolean at_end_of_epoch)
{
  gint64 passed = g_get_monotonic_time () - self->written;

  if (self->path == NULL)
    return FALSE;
  return (double) passed >= self->seconds * G_USEC_PER_SEC
         || (at_end_of_epoch && passed >= SHARE * self->cost);
}

gboolean
fv_keeper_lacks (const FvKeeper *self, int step)
{
  return self->path != NULL && self->step < step;
}

gboolean
fv_keeper_write (FvKeeper *self, const FvCheckpoint *checkpoint, GError **error)
{
  gint64 start = g_get_monotonic_time ();
  g_autoptr (GError) reason = NULL;

  g_clear_pointer (&self->problem, g_free);
  if (fv_checkpoint_save (checkpoint, self->path, &reason)) {
    self->step = checkpoint->step;
  } else {
    self->problem = g_strdup (reason->message);
    g_propagate_error (error, g_steal_pointer (&reason));
  }
  self->written = g_get_monotonic_time ();
  self->cost = self->written - start;
  return self->problem == NULL;
}

const char *
fv_keeper_get_problem (const FvKeeper *self)
{
  return self->problem;
}
