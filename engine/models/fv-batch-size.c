/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The peak of one picture, from a sample, against what the kernel says is available. */

#include "fv-batch-size.h"

#include <string.h>

#include "fv-autograd.h"
#include "fv-op.h"
#include "fv-sample.h"

/* Other programs want memory too, and so do operators while they work. */
#define SHARE_OF_FREE 4
/* Where the kernel does not say. */
#define ASSUMED_FREE_BYTES ((gsize) 1 << 30)

/* "MemAvailable:   12345 kB" */
gsize
fv_batch_size_get_free_bytes (void)
{
  g_autofree char *text = NULL;
  const char *line;

  if (!g_file_get_contents ("/proc/meminfo", &text, NULL, NULL))
    return ASSUMED_FREE_BYTES;
  line = strstr (text, "MemAvailable:");
  if (line == NULL)
    return ASSUMED_FREE_BYTES;
  return (gsize) g_ascii_strtoull (line + strlen ("MemAvailable:"), NULL, 10) * 1024;
}

int
fv_batch_size_fit (gsize bytes_per_picture, gsize free_bytes)
{
  int size = FV_BATCH_SIZE_MAX;

  while (size > 1 && (gsize) size * bytes_per_picture > free_bytes / SHARE_OF_FREE)
    size /= 2;
  return size;
}

int
fv_batch_size_choose (FvGraph *graph, int height, int width, GError **error)
{
  const FvNodeId output = fv_graph_get_output (graph);
  g_autoptr (FvNoGrad) no_grad = fv_no_grad_enter ();
  g_autoptr (FvScope) scope = fv_scope_new ();
  g_autoptr (FvActivations) sample = NULL;
  FvTensor *blank = fv_call (scope, "aten::zeros", fv_ints (1, 3, height, width));

  if (!fv_scope_check (scope, error))
    return 0;
  sample = fv_graph_run_sample (graph, blank, &output, 1, NULL, error);
  if (sample == NULL)
    return 0;
  return fv_batch_size_fit (fv_graph_estimate_peak (graph, sample),
                            fv_batch_size_get_free_bytes ());
}
