/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How hard the losses on attention pull beside the task's own. Private to training.
 * Threads: the engine thread. */

#pragma once

#include "fv-scope.h"

G_BEGIN_DECLS

/* |∇ (total − task)| / |∇ task|, L2 norms over all @parameters together, where @task and @total are
 * scalars that depend on them. It costs two backward passes and leaves what was recorded, and the
 * gradients of the leaves, as they were. NaN when the task's gradient is 0, or the scope failed. */
double fv_gradient_ratio (FvScope *scope, FvTensor *task, FvTensor *total,
                          FvTensor *const *parameters, gsize n_parameters);

G_END_DECLS
