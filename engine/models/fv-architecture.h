/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The architectures Fovea can build, by name, with torchvision's parameter and module names:
 *   resnet18 resnet34 resnet50              He et al. 2016, as torchvision
 *   cifar_resnet20 32 44 56                 He et al. 2016 §4.2, option-A shortcuts
 *   mobilenet_v2                            Sandler et al. 2018, as torchvision
 *   small_cnn                               ours: four conv blocks for pictures of 64 to 128 px
 *   clip_cnn                                ours: convolutions over time and place, for clips
 * Threads: the engine thread. */

#pragma once

#include "fv-graph.h"

G_BEGIN_DECLS

/* Fills an empty graph. @same_padding: TensorFlow's padding, MobileNetV2 only.
 * FALSE with a sentence that lists the names when the architecture is unknown. */
gboolean fv_architecture_build (FvGraph *graph, const char *name, int n_classes,
                                gboolean same_padding, GError **error);
/* TRUE for a name in the list above. */
gboolean fv_architecture_is_known (const char *name);
/* Draws all weights anew: He-normal convolutions (fan out), unit batch norms, uniform linear
 * layers, as torchvision initialises them. @only_head: only the head's parameters. */
gboolean fv_architecture_initialise (FvGraph *graph, gboolean only_head, guint64 seed,
                                     GError **error);
/* Parameters of the last linear layer or convolution before the output: a row for each class.
 * @bias: FV_NODE_NONE when it has none. FALSE when there is no such layer. */
gboolean fv_architecture_find_head (const FvGraph *graph, guint *weight, guint *bias);

G_END_DECLS
