/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Records what a TorchScript network does on one sample picture as a graph.
 *
 * Its code is interpreted here, name by name: calls are followed (which is how each node knows its
 * module's path), branches and loops are taken as the sample takes them, lists and tuples are
 * looked through, in-place operators become pure ones, and what depends on constants alone is
 * computed at once. Sizes stay nodes. A branch on a size becomes a guard of the graph; one on the
 * picture's values is refused. Batch norm's and dropout's flags become modes.
 *
 * This header is for those who record; fv-script-parts.h is for the parts of the recorder.
 * Threads: the engine thread. */

#pragma once

#include "fv-graph.h"
#include "fv-script.h"

G_BEGIN_DECLS

/* The graph of @script's forward, run on a sample of zeros [1,3,@height,@width].
 * @output: (nullable): the name of the result to take where forward returns several: a field of a
 * named tuple, a key of a dictionary, or a number. NULL: the only one that is [1, classes].
 * @n_classes: (out). NULL with one sentence. (transfer full) */
FvGraph *fv_script_record (FvScript *script, int height, int width, const char *output,
                           int *n_classes, GError **error);

G_END_DECLS
