/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The table of architectures, and random weights for them. */

#include "fv-architecture.h"

#include <math.h>

#include "fv-autograd.h"
#include "fv-builders.h"
#include "fv-runtime.h"

typedef enum {
  FAMILY_RESNET,
  FAMILY_CIFAR_RESNET,
  FAMILY_MOBILENET_V2,
  FAMILY_SMALL_CNN,
  FAMILY_CLIP_CNN,
} Family;

typedef struct {
  const char *name;
  Family family;
  int depth;
} Architecture;

static const Architecture architectures[] = {
  { "resnet18", FAMILY_RESNET, 18 },
  { "resnet34", FAMILY_RESNET, 34 },
  { "resnet50", FAMILY_RESNET, 50 },
  { "cifar_resnet20", FAMILY_CIFAR_RESNET, 20 },
  { "cifar_resnet32", FAMILY_CIFAR_RESNET, 32 },
  { "cifar_resnet44", FAMILY_CIFAR_RESNET, 44 },
  { "cifar_resnet56", FAMILY_CIFAR_RESNET, 56 },
  { "mobilenet_v2", FAMILY_MOBILENET_V2, 0 },
  { "small_cnn", FAMILY_SMALL_CNN, 0 },
  { "clip_cnn", FAMILY_CLIP_CNN, 0 },
};

static const Architecture *
find (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (architectures); i++)
    if (g_str_equal (architectures[i].name, name))
      return &architectures[i];
  return NULL;
}

gboolean
fv_architecture_is_known (const char *name)
{
  return find (name) != NULL;
}

static void
set_unknown (const char *name, GError **error)
{
  g_autoptr (GString) names = g_string_new (NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (architectures); i++)
    g_string_append_printf (names, "%s%s", i > 0 ? ", " : "", architectures[i].name);
  g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_ARGUMENT,
               "Fovea knows no architecture “%s”; it knows %s", name, names->str);
}

static FvNodeId
build (FvGraph *graph, const Architecture *architecture, int n_classes, gboolean same_padding)
{
  switch (architecture->family) {
  case FAMILY_RESNET:
    return fv_build_resnet (graph, architecture->depth, n_classes);
  case FAMILY_CIFAR_RESNET:
    return fv_build_cifar_resnet (graph, architecture->depth, n_classes);
  case FAMILY_MOBILENET_V2:
    return fv_build_mobilenet_v2 (graph, n_classes, same_padding);
  case FAMILY_SMALL_CNN:
    return fv_build_small_cnn (graph, n_classes);
  case FAMILY_CLIP_CNN:
    return fv_build_clip_cnn (graph, n_classes);
  default:
    g_assert_not_reached ();
  }
}

gboolean
fv_architecture_build (FvGraph *graph, const char *name, int n_classes, gboolean same_padding,
                       GError **error)
{
  const Architecture *architecture = find (name);

  if (architecture == NULL) {
    set_unknown (name, error);
    return FALSE;
  }
  if (same_padding && architecture->family != FAMILY_MOBILENET_V2) {
    g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_ARGUMENT,
                 "the padding “same” is known for mobilenet_v2 only, not for %s", name);
    return FALSE;
  }
  fv_graph_set_output (graph, build (graph, architecture, n_classes, same_padding));
  return fv_graph_check (graph, error);
}

/* TRUE for operators whose second argument is a weight with a row for each output. */
static gboolean
has_rows (const FvGraph *graph, FvNodeId node)
{
  return fv_graph_is_op (graph, node, "aten::linear")
         || fv_graph_is_op (graph, node, "aten::conv2d")
         || fv_graph_is_op (graph, node, "aten::_convolution");
}

gboolean
fv_architecture_find_head (const FvGraph *graph, guint *weight, guint *bias)
{
  FvNodeId node = fv_graph_get_output (graph);
  const FvArgument *rows, *shift;

  while (node > 0 && !has_rows (graph, node))
    node--;
  if (!has_rows (graph, node))
    return FALSE;
  rows = fv_graph_get_argument (graph, node, 1);
  shift
      = fv_graph_get_n_arguments (graph, node) > 2 ? fv_graph_get_argument (graph, node, 2) : NULL;
  if (rows->kind != FV_ARGUMENT_PARAMETER)
    return FALSE;
  *weight = rows->index;
  *bias = shift != NULL && shift->kind == FV_ARGUMENT_PARAMETER ? shift->index : FV_NODE_NONE;
  return TRUE;
}

/* Values of @parameter drawn anew, borrowed from @scope; NULL leaves its zeros. */
static FvTensor *
draw (FvScope *scope, FvGraph *graph, guint parameter)
{
  FvTensor *tensor = fv_graph_get_parameter (graph, parameter);
  const char *name = fv_graph_get_parameter_name (graph, parameter);
  int n_dims = fv_tensor_get_n_dims (tensor);
  FvNodeId user = fv_graph_get_parameter_user (graph, parameter);

  if (n_dims >= 4) {
    double fan_out
        = (double) fv_tensor_get_n_elements (tensor) / (double) fv_tensor_get_size (tensor, 1);

    return fv_call (scope, "aten::normal_functional", fv_of (tensor), fv_real (0),
                    fv_real (sqrt (2 / fan_out)));
  }
  if (user != FV_NODE_NONE && fv_graph_is_op (graph, user, "aten::linear")) {
    guint weight = fv_graph_get_argument (graph, user, 1)->index;
    double bound
        = 1 / sqrt ((double) fv_tensor_get_size (fv_graph_get_parameter (graph, weight), 1));
    return fv_call (scope, "aten::uniform", fv_of (tensor), fv_real (-bound), fv_real (bound));
  }
  if (g_str_has_suffix (name, ".weight") || g_str_has_suffix (name, "running_var"))
    return fv_call (scope, "aten::ones_like", fv_of (tensor));
  return NULL;
}

static gboolean
draw_parameter (FvGraph *graph, guint parameter, GError **error)
{
  g_autoptr (FvScope) scope = fv_scope_new ();
  g_autoptr (FvNoGrad) no_grad = fv_no_grad_enter ();
  FvTensor *drawn = draw (scope, graph, parameter);

  if (!fv_scope_check (scope, error))
    return FALSE;
  return drawn == NULL
         || fv_tensor_copy_from (fv_graph_get_parameter (graph, parameter), drawn, error);
}

gboolean
fv_architecture_initialise (FvGraph *graph, gboolean only_head, guint64 seed, GError **error)
{
  guint weight = FV_NODE_NONE;
  guint bias = FV_NODE_NONE;

  fv_runtime_seed (seed);
  fv_architecture_find_head (graph, &weight, &bias);
  for (guint i = 0; i < fv_graph_get_n_parameters (graph); i++)
    if ((!only_head || i == weight || i == bias) && !draw_parameter (graph, i, error))
      return FALSE;
  return TRUE;
}
