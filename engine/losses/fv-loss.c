/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Names of losses. */

#include "fv-loss.h"

static const char *const names[FV_N_LOSSES]
    = { "ce", "camal", "swap", "contrast", "match", "rrr", "consistency" };

const char *
fv_loss_get_name (FvLossKind kind)
{
  g_return_val_if_fail (kind < FV_N_LOSSES, NULL);
  return names[kind];
}

gboolean
fv_loss_is_on_attention (FvLossKind kind)
{
  return kind != FV_LOSS_CROSS_ENTROPY && kind != FV_LOSS_CONSISTENCY;
}

gboolean
fv_loss_find (const char *name, FvLossKind *kind)
{
  for (int i = 0; i < FV_N_LOSSES; i++)
    if (g_str_equal (names[i], name)) {
      *kind = (FvLossKind) i;
      return TRUE;
    }
  return FALSE;
}
