/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Ctrl-C and SIGTERM as a request to stop in good order. */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _FvCliInterrupt FvCliInterrupt;

/* From now on the first SIGINT or SIGTERM cancels the cancellable. A thread of its own listens, so
 * that no work needs to look at signals. (transfer full) */
FvCliInterrupt *fv_cli_interrupt_new (void);
/* Signals end the program again. */
void fv_cli_interrupt_free (FvCliInterrupt *self);
/* (transfer none) */
GCancellable *fv_cli_interrupt_get_cancellable (FvCliInterrupt *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FvCliInterrupt, fv_cli_interrupt_free)

G_END_DECLS
