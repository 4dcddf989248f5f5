/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The loss of consistency and its gradients, for comparison with another program's.
 *
 *   dump-consistency ARCHITECTURE WEIGHTS LAYER INPUT.npy PIXELS OMEGA GRADIENTS.safetensors
 *       PIXELS: 0 guided backprop, 1 integrated gradients; prints R of each picture, a line each */

#include <stdio.h>
#include <stdlib.h>

#include "fv-agreement.h"
#include "fv-autograd.h"
#include "fv-consistency.h"
#include "fv-input.h"
#include "fv-model.h"
#include "fv-op.h"
#include "fv-runtime.h"
#include "fv-weights.h"

static void
print_values (FvTensor *values)
{
  gsize n;
  g_autofree double *each = fv_tensor_to_doubles (values, &n, NULL);

  for (gsize i = 0; i < n; i++)
    printf ("%.9g\n", each[i]);
}

/* With the masks, as "T". */
static void
save_gradients (FvScope *scope, FvGraph *graph, FvTensor *masks, const char *path)
{
  g_autoptr (FvStateDict) gradients = fv_state_dict_new ();

  fv_state_dict_add (gradients, "T", fv_detach (scope, masks, FALSE));
  for (guint i = 0; i < fv_graph_get_n_parameters (graph); i++) {
    FvTensor *gradient = fv_tensor_get_gradient (scope, fv_graph_get_parameter (graph, i));

    if (gradient != NULL)
      fv_state_dict_add (gradients, fv_graph_get_parameter_name (graph, i), gradient);
  }
  g_assert_true (fv_safetensors_save (gradients, NULL, path, NULL));
}

static void
dump (char *argv[])
{
  FvModelSource source = { .model = argv[1], .weights = argv[2] };
  g_autoptr (GError) error = NULL;
  g_autoptr (FvModel) model = fv_model_open (&source, 0, &error);
  g_autoptr (FvScope) scope = fv_scope_new ();
  FvAgreementOptions options = fv_agreement_options_default ();
  const FvLayer *layer;
  FvTensor *images, *values;
  FvAgreement found;
  FvGraph *graph;

  g_assert_no_error (error);
  graph = fv_model_get_graph (model);
  images = fv_input_load (scope, fv_model_get_card (model), argv[4], FALSE);
  layer = fv_model_find_layer (model, argv[3], &error);
  g_assert_no_error (error);
  options.pixels = (FvAgreementPixels) atoi (argv[5]);
  options.omega = g_ascii_strtod (argv[6], NULL);
  for (guint i = 0; i < fv_graph_get_n_parameters (graph); i++)
    if (fv_graph_get_parameter_role (graph, i) == FV_PARAMETER_WEIGHT)
      fv_tensor_set_requires_grad (fv_graph_get_parameter (graph, i), TRUE);
  g_assert_true (fv_agreement_find (scope, graph, layer, images, NULL, &options, TRUE, &found));
  values = fv_consistency (scope, FV_SIMILARITY_PEARSON, found.first, found.second);
  print_values (values);
  g_assert_true (fv_backward (fv_call (scope, "aten::mean", fv_of (values)), NULL));
  save_gradients (scope, graph, found.mask, argv[7]);
}

int
main (int argc, char *argv[])
{
  if (argc != 8)
    return 2;
  fv_runtime_start (1);
  dump (argv);
  return 0;
}
