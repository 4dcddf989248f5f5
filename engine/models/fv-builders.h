/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The builders behind fv_architecture_build (), one file a family. Private to engine/models.
 * Each adds the input and all nodes and returns the node of the logits. */

#pragma once

#include "fv-graph.h"

G_BEGIN_DECLS

/* @depth: 18, 34 or 50. */
FvNodeId fv_build_resnet (FvGraph *graph, int depth, int n_classes);
/* @depth: 6 n + 2. */
FvNodeId fv_build_cifar_resnet (FvGraph *graph, int depth, int n_classes);
FvNodeId fv_build_mobilenet_v2 (FvGraph *graph, int n_classes, gboolean same_padding);
FvNodeId fv_build_small_cnn (FvGraph *graph, int n_classes);
/* For pictures of FV_CLIP_CNN_FRAMES frames, one below the other. */
#define FV_CLIP_CNN_FRAMES 8
FvNodeId fv_build_clip_cnn (FvGraph *graph, int n_classes);

G_END_DECLS
