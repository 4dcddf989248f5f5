/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One gradient, four readings of it. */

#include "fv-gradient-maps.h"

#include <math.h>
#include <string.h>

#include "fv-rectifier.h"

typedef struct {
  const char *key;
  FvReduction reduction;
  gboolean has_rule;
  FvRuleKind rule;
} Kind;

static const Kind kinds[FV_N_GRADIENTS] = {
  [FV_GRADIENT_SALIENCY] = { "saliency", FV_REDUCTION_MAX_ABSOLUTE, FALSE, 0 },
  [FV_GRADIENT_INPUT_X_GRADIENT] = { "input_x_gradient", FV_REDUCTION_SUM, FALSE, 0 },
  [FV_GRADIENT_GUIDED_BACKPROP]
  = { "guided_backprop", FV_REDUCTION_SUM_ABSOLUTE, TRUE, FV_RULE_GUIDED },
  [FV_GRADIENT_DECONVNET] = { "deconvnet", FV_REDUCTION_SUM_ABSOLUTE, TRUE, FV_RULE_DECONV },
};

const char *
fv_gradient_get_key (FvGradientKind kind)
{
  g_return_val_if_fail (kind < FV_N_GRADIENTS, NULL);
  return kinds[kind].key;
}

typedef struct {
  FvGradientKind kind;
  const FvInputs *inputs;
  int index;
} Asked;

/* The picture itself is the only sample. */
static double
sample (guint number, float *slot, gpointer user_data)
{
  const Asked *asked = user_data;

  memcpy (slot, fv_inputs_peek (asked->inputs, asked->index),
          fv_inputs_get_size (asked->inputs) * sizeof (float));
  return 1;
}

static float
read_gradient (FvGradientKind kind, double gradient, float value)
{
  if (kind == FV_GRADIENT_SALIENCY)
    return (float) fabs (gradient);
  return (float) (kind == FV_GRADIENT_INPUT_X_GRADIENT ? gradient * value : gradient);
}

static FvMap *
make_map (const FvInputs *inputs, int index, gpointer user_data, GError **error)
{
  Asked asked = { *(FvGradientKind *) user_data, inputs, index };
  const Kind *kind = &kinds[asked.kind];
  const float *picture = fv_inputs_peek (inputs, index);
  gsize size = fv_inputs_get_size (inputs);
  g_autoptr (FvRule) rule = kind->has_rule ? fv_rule_new (kind->rule) : NULL;
  g_autofree double *gradient
      = fv_inputs_sum_gradients (inputs, index, rule, 1, sample, &asked, error);
  g_autofree float *values = NULL;
  FvMap *map;

  if (gradient == NULL)
    return NULL;
  values = g_new (float, size);
  for (gsize i = 0; i < size; i++)
    values[i] = read_gradient (asked.kind, gradient[i], picture[i]);
  map = fv_map_new_at_input (values, inputs->channels, inputs->width, inputs->height,
                             kind->reduction, kind->key, (int) inputs->targets[index]);
  map->forwards = 2;
  map->backwards = 1;
  return map;
}

GPtrArray *
fv_gradient_maps (const FvInputs *inputs, FvGradientKind kind, GError **error)
{
  g_return_val_if_fail (kind < FV_N_GRADIENTS, NULL);

  if (kinds[kind].has_rule
      && !fv_graph_check_rectifiers (
          fv_model_get_graph (fv_inspection_get_model (inputs->inspection)), error))
    return NULL;
  return fv_inputs_make_maps (inputs, make_map, &kind, error);
}
