/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How the learning rate and the weights of losses on attention move while a network learns: pure
 * functions of the step. Private to training. Threads: any. */

#pragma once

#include "fv-train-config.h"

G_BEGIN_DECLS

/* Share of the full weights of losses on attention at @step of @n_steps, which counts from 0: a
 * straight line up to 1 over the warm-up. */
double fv_schedule_warm_up (const FvTrainConfig *config, int step, int n_steps);
/* Share of the full learning rate: the same line, then, unless it is to stay, half a cosine down to
 * 0. */
double fv_schedule_rate (const FvTrainConfig *config, int step, int n_steps);

G_END_DECLS
