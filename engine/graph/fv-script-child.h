/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The side of the TorchScript door where libtorch meets somebody's file: a short-lived process
 * that may use so much time and memory and write no file. It runs inside fovea-cli
 * ("model read-script", "model write-script"); fv-script-door.h is the side that starts it.
 * Threads: the process's only thread. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Limits this process for good: @seconds of processor time, memory in proportion to the file at
 * @path, no file written, death with its parent. */
void fv_script_child_limit (const char *path, guint seconds);

/* Checks the file, records its graph for pictures of @height × @width (0: finds a size that the
 * network takes) and writes the graph with its weights to the descriptor @fd: safetensors whose
 * metadata hold "graph" (see fv-graph-json.h), "height" and "width".
 * @output: (nullable): as for fv_script_record (). */
gboolean fv_script_child_read (const char *path, int height, int width, const char *output, int fd,
                               GError **error);

/* Writes the file's network with the parameters of the safetensors file @weights in place of its
 * own to the descriptor @fd, as TorchScript. */
gboolean fv_script_child_write (const char *path, const char *weights, int fd, GError **error);

G_END_DECLS
