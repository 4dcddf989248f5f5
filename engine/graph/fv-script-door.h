/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The door for TorchScript files. A file is a program of somebody's: this process never lets
 * libtorch read it. It starts "fovea-cli model read-script" (fv-script-child.h), which checks the
 * file, records its graph under limits of time and memory and hands the graph and the weights back
 * as plain data. Saving goes the same way.
 * The reader is fovea-cli beside the running program, or in the folder it was installed to; the
 * environment variable FOVEA_CLI names another one.
 * Threads: the engine thread; blocks while the child works. */

#pragma once

#include <gio/gio.h>

#include "fv-graph.h"

G_BEGIN_DECLS

/* Reads the network in the TorchScript file @path.
 * @output: (nullable): which of several results to take, see fv_script_record ().
 * @height, @width: (inout): the size of its pictures; 0 lets the reader find one.
 * @n_classes: (out).
 * NULL with one sentence that names the file. (transfer full) */
FvGraph *fv_script_door_open (const char *path, const char *output, int *height, int *width,
                              int *n_classes, GCancellable *cancellable, GError **error);

/* Writes the network of the TorchScript file @path with the parameters in the safetensors file
 * @weights (as fv_model_save () writes them) to @target: whole, or not at all. */
gboolean fv_script_door_save (const char *path, const char *weights, const char *target,
                              GCancellable *cancellable, GError **error);

G_END_DECLS
