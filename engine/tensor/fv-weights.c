/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Which of the two formats a file holds. The first bytes decide: people rename weights. */

#include "fv-weights.h"

#include <string.h>

#include "fv-weights-file.h"

/* The header's length, then the brace that the published format asks for. */
#define SAFETENSORS_BRACE 8

FvStateDict *
fv_weights_load (const char *path, GError **error)
{
  g_autoptr (FvWeightsFile) file = fv_weights_file_open (path, error);
  guint8 head[SAFETENSORS_BRACE + 1] = { 0 };
  gsize n_head;

  if (file == NULL)
    return NULL;
  n_head = (gsize) MIN (sizeof head, fv_weights_file_get_size (file));
  if (!fv_weights_file_read (file, 0, head, n_head, error))
    return NULL;
  if (head[SAFETENSORS_BRACE] == '{')
    return fv_safetensors_load (path, error);
  return fv_pth_load (path, error);
}
