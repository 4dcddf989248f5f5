/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Warm-up, then a cosine. */

#include "fv-schedule.h"

#include <math.h>

double
fv_schedule_warm_up (const FvTrainConfig *config, int step, int n_steps)
{
  double warm_steps = config->warm_up * n_steps;

  return warm_steps > 0 ? MIN ((step + 1) / warm_steps, 1) : 1;
}

double
fv_schedule_rate (const FvTrainConfig *config, int step, int n_steps)
{
  double warm_steps = config->warm_up * n_steps;
  double progress = (step - warm_steps) / MAX (n_steps - warm_steps, 1);

  if (!config->cosine || progress <= 0)
    return fv_schedule_warm_up (config, step, n_steps);
  return 0.5 * (1 + cos (G_PI * MIN (progress, 1)));
}
