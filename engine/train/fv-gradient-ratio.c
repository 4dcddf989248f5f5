/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Two gradients and their difference. */

#include "fv-gradient-ratio.h"

#include <math.h>

#include "fv-autograd.h"
#include "fv-op.h"

static double
square_norm (FvScope *scope, FvTensor *tensor)
{
  double norm = fv_tensor_to_double (fv_call (scope, "aten::norm.Scalar", fv_of (tensor)));

  return norm * norm;
}

double
fv_gradient_ratio (FvScope *scope, FvTensor *task, FvTensor *total, FvTensor *const *parameters,
                   gsize n_parameters)
{
  g_autofree FvTensor **of_task = g_new0 (FvTensor *, n_parameters);
  g_autofree FvTensor **of_total = g_new0 (FvTensor *, n_parameters);
  double rest = 0, whole = 0;

  if (!fv_gradient_keeping (scope, task, parameters, n_parameters, of_task)
      || !fv_gradient_keeping (scope, total, parameters, n_parameters, of_total))
    return NAN;
  for (gsize i = 0; i < n_parameters; i++) {
    rest += square_norm (
        scope, fv_call (scope, "aten::sub.Tensor", fv_of (of_total[i]), fv_of (of_task[i])));
    whole += square_norm (scope, of_task[i]);
  }
  return whole > 0 ? sqrt (rest / whole) : NAN;
}
