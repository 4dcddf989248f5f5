/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Names of maps. */

#include "fv-training-map-kind.h"

static const char *const names[FV_N_TRAINING_MAPS]
    = { "cam", "gradcam", "hirescam", "layercam", "transformer" };

const char *
fv_training_map_get_name (FvTrainingMapKind kind)
{
  g_return_val_if_fail (kind < FV_N_TRAINING_MAPS, NULL);
  return names[kind];
}
