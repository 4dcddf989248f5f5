/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Which of the results of a script's forward are the logits. Private to the recorder.
 * Threads: the engine thread. */

#pragma once

#include "fv-script-parts.h"

G_BEGIN_DECLS

/* Makes the result called @name (NULL: the only one of shape [1, classes]) the graph's output.
 * FALSE with a sentence that lists the results' names. */
gboolean fv_script_choose_output (FvRecorder *recorder, FvSymbol *result, const char *name,
                                  GError **error);

G_END_DECLS
