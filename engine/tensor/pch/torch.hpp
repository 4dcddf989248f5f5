/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Precompiled: libtorch's headers take most of a unit's compile time. */

#include <ATen/ATen.h>
#include <torch/csrc/jit/runtime/operator.h>
#include <torch/optim.h>
