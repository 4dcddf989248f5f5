/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Threads, random numbers, freed memory. */

#include "fv-handles.hpp"
#include "fv-runtime.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <c10/util/Logging.h>

#include <malloc.h>

namespace
{

/* Activations are tens of megabytes and live for milliseconds. By default glibc maps and unmaps
 * each one, and the kernel zeroes its pages every time: half of a training step. */
void
keep_freed_memory ()
{
#ifdef __GLIBC__
  mallopt (M_ARENA_MAX, 1);
  mallopt (M_MMAP_THRESHOLD, 32 << 20); /* the most glibc allows */
  mallopt (M_TRIM_THRESHOLD, 512 << 20);
#endif
}

/* libtorch warns its own developers on stderr, where a program's messages belong. */
void
silence_warnings ()
{
#ifdef C10_USE_GLOG
  FLAGS_minloglevel = google::GLOG_ERROR;
#endif
}

} // namespace

void
fv_runtime_start (int n_threads)
{
  keep_freed_memory ();
  silence_warnings ();
  fv_guarded<bool> ("threads", nullptr, false, [&] {
    at::set_num_threads (n_threads > 0 ? n_threads : (int) g_get_num_processors ());
    at::globalContext ().setDeterministicAlgorithms (true, true);
    return true;
  });
}

void
fv_runtime_seed (guint64 seed)
{
  at::manual_seed (seed);
}
