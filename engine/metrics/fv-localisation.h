/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Weakly supervised localisation: does the map alone find the object, as a region or as a box?
 *
 * The truth is the mask of the explained class: its INSIDE pixels S, or their tight bounding box.
 * NO_OPINION pixels do not count against masks; a box is a box, all its pixels count.
 *
 *   key          value, 0 … 1, higher is better
 *   miou_mask    IoU of the binarised map with S
 *   miou_box     IoU of the binarised map with the box of S, as regions of pixels
 *   cam_box_iou  IoU of two boxes: that of S, and the tight box around the largest 4-connected
 *                region of { A ≥ max A / 5 }, A the positive part of the map brought to the
 *                evaluated size bilinearly; of equally large regions the first in row order
 *                (Zhou et al. 2016, arXiv 1512.04150)
 *
 * The first two follow ATCON's protocol (Mirzazadeh et al. 2022, its published code): the signed
 * map, standardised and scaled to 0 … 1, is resized to 256 × 256 with nearest neighbours; its
 * minimum is taken off, then its median − 0.5; it is clipped to 0 … mean + 2 standard deviations
 * (of the population, after that shift), divided by its maximum, and on where it is above 0.5.
 * Standardising changes nothing that the scaling does not undo, so it is left out here. Only
 * pictures that the network names right count there; callers leave the others out (a comparison
 * then uses those that both name right).
 *
 * Undefined (NaN): an empty mask; the first two also for a constant map or one that is not finite,
 * cam_box_iou for a dead map. Pure functions: any thread. */

#pragma once

#include "fv-mask.h"
#include "fv-metric.h"

G_BEGIN_DECLS

typedef enum {
  FV_LOCALISATION_MASK,
  FV_LOCALISATION_BOX,
  FV_LOCALISATION_CAM_BOX,
  FV_LOCALISATION_N
} FvLocalisationMetric;

/* By FvLocalisationMetric; NaN where undefined. */
typedef struct {
  double values[FV_LOCALISATION_N];
} FvLocalisation;

/* The row of @metric. Returns: (transfer none) */
const FvMetricInfo *fv_localisation_metric_info (FvLocalisationMetric metric);

FvLocalisation fv_localisation_undefined (void);

/* @map: raw and signed, [map_height,map_width]; @mask of any size; @width × @height: where
 * cam_box_iou is measured. */
FvLocalisation fv_localisation_measure (const float *map, int map_width, int map_height,
                                        const FvMask *mask, int width, int height);

G_END_DECLS
