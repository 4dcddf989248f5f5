/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Sums, differences and products of tensors, value by value and broadcast as libtorch does. Results
 * are borrowed from the scope, NULL when it failed. Threads: the engine thread. */

#pragma once

#include "fv-scope.h"

G_BEGIN_DECLS

FvTensor *fv_add (FvScope *scope, FvTensor *a, FvTensor *b);
FvTensor *fv_subtract (FvScope *scope, FvTensor *a, FvTensor *b);
FvTensor *fv_multiply (FvScope *scope, FvTensor *a, FvTensor *b);
FvTensor *fv_scale (FvScope *scope, FvTensor *a, double factor);

G_END_DECLS
