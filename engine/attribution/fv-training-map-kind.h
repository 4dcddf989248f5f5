/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The maps that training can teach, by name (fv-training-map.h says what each is). Threads: any. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
  FV_TRAINING_MAP_CAM,
  FV_TRAINING_MAP_GRADCAM,
  FV_TRAINING_MAP_HIRESCAM,
  FV_TRAINING_MAP_LAYERCAM,
  FV_TRAINING_MAP_TRANSFORMER,
} FvTrainingMapKind;

#define FV_N_TRAINING_MAPS 5

/* "gradcam": the name that configurations and the command line share. */
const char *fv_training_map_get_name (FvTrainingMapKind kind);

G_END_DECLS
