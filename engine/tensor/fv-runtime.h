/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What libtorch keeps once per process or per thread: thread counts, random numbers. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* More threads of one operator than any machine has use for. */
#define FV_RUNTIME_MAX_THREADS 1024

/* Sets the number of threads that one operator may use, for operators run by the calling thread:
 * call it on the engine thread, first (OpenMP counts belong to the thread that sets them).
 * @n_threads: 0 means all processors this process may run on. Also asks for deterministic
 * algorithms, so that equal seeds give equal bytes. */
void fv_runtime_start (int n_threads);
/* How many that is for the calling thread. */
int fv_runtime_get_n_threads (void);
/* Seeds the generator that initialisation, dropout and aten::rand… draw from. */
void fv_runtime_seed (guint64 seed);
/* What equal inputs may give other last bits with: libtorch and its parts, processor, and threads
 * of the calling thread. For comparing, not for reading. (transfer full) */
char *fv_runtime_describe (void);

G_END_DECLS
