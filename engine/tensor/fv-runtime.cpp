/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Threads, random numbers, freed memory. */

#include "fv-handles.hpp"
#include "fv-runtime.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <c10/util/Logging.h>

#include <malloc.h>

#include <cstring>

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

/* The line "model name : …" of the first processor; none where the kernel does not say. */
std::string
processor_name ()
{
  g_autofree char *text = nullptr;
  const char *line = nullptr;

  if (g_file_get_contents ("/proc/cpuinfo", &text, nullptr, nullptr))
    line = strstr (text, "model name");
  return line != nullptr ? std::string (line, strcspn (line, "\n")) : "";
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

char *
fv_runtime_describe (void)
{
  return fv_guarded<char *> ("description", nullptr, nullptr, [] {
    const char *blas = g_getenv ("OPENBLAS_CORETYPE");
    std::string text = at::show_config () + processor_name () + (blas != nullptr ? blas : "") + ", "
                       + std::to_string (at::get_num_threads ()) + " threads";

    return g_strdup (text.c_str ());
  });
}

int
fv_runtime_get_n_threads (void)
{
  return at::get_num_threads ();
}
