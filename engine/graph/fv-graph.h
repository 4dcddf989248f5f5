/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A model as data: a list of operator nodes in the order they run, and named parameters.
 *
 * A node's arguments are earlier nodes, parameters, constants, or a *mode* that is only known when
 * the graph runs (is batch norm training? does dropout drop?). Each node knows the module it
 * computes inside by PyTorch's path ("layer4.1.conv2"); a layer's name is such a path and means
 * that module's output: the last node at or below it. Sizes are nodes too, never numbers of a
 * sample, so one graph runs at any batch and resolution that the network allows.
 *
 * Building uses a sticky error, as scopes do: add nodes, then ask fv_graph_check () once.
 * Threads: the engine thread. */

#pragma once

#include "fv-guards.h"
#include "fv-op.h"

G_BEGIN_DECLS

typedef struct _FvGraph FvGraph;

typedef enum {
  FV_NODE_INPUT, /* the picture batch, given by whoever runs the graph */
  FV_NODE_OP,    /* one operator of libtorch */
  FV_NODE_LIST,  /* values of one kind gathered into a list */
  FV_NODE_ITEM,  /* one of several results, or of a list: the node, and a constant index */
} FvNodeKind;

typedef enum {
  FV_ARGUMENT_NODE,
  FV_ARGUMENT_PARAMETER,
  FV_ARGUMENT_CONSTANT,
  FV_ARGUMENT_BATCH_NORM_TRAINING, /* TRUE when batch norm uses the batch's statistics */
  FV_ARGUMENT_DROPOUT_TRAINING,    /* TRUE when dropout drops */
} FvArgumentKind;

/* An argument borrows what @constant points to until fv_graph_add_op () has copied it. */
typedef struct {
  FvArgumentKind kind;
  guint index; /* of the node or parameter */
  FvValue constant;
} FvArgument;

static inline FvArgument
fv_from (FvNodeId node)
{
  return (FvArgument){ .kind = FV_ARGUMENT_NODE, .index = node };
}

static inline FvArgument
fv_parameter (guint parameter)
{
  return (FvArgument){ .kind = FV_ARGUMENT_PARAMETER, .index = parameter };
}

static inline FvArgument
fv_constant (FvValue value)
{
  return (FvArgument){ .kind = FV_ARGUMENT_CONSTANT, .constant = value };
}

static inline FvArgument
fv_mode (FvArgumentKind mode)
{
  return (FvArgument){ .kind = mode };
}

typedef enum {
  FV_PARAMETER_WEIGHT, /* learned by gradients */
  FV_PARAMETER_BUFFER, /* running statistics and counters */
} FvParameterRole;

FvGraph *fv_graph_new (void);
FvGraph *fv_graph_ref (FvGraph *self);
void fv_graph_unref (FvGraph *self);

/* -- building ------------------------------------------------------------------------------- */

/* The one input. */
FvNodeId fv_graph_add_input (FvGraph *self);
/* A parameter of zeros, float32 or, for counters, int64. Its name must be new. */
guint fv_graph_add_parameter (FvGraph *self, const char *name, FvDtype dtype, const gint64 *shape,
                              int n_dims, FvParameterRole role);
/* The same around a tensor that is there already; its name must be new. */
guint fv_graph_add_parameter_tensor (FvGraph *self, const char *name, FvTensor *tensor,
                                     FvParameterRole role);
/* @module: PyTorch's path of the module, "" for the network itself. */
FvNodeId fv_graph_add_op (FvGraph *self, const char *module, const char *op,
                          const FvArgument *arguments, gsize n_arguments);
FvNodeId fv_graph_add_list (FvGraph *self, const char *module, const FvArgument *arguments,
                            gsize n_arguments);
FvNodeId fv_graph_add_item (FvGraph *self, const char *module, FvNodeId node, gint64 index);
void fv_graph_set_output (FvGraph *self, FvNodeId node);
/* Says which node is the output of the module named @layer, where that is not simply the last node
 * at or below it: a module may hand its input through. */
void fv_graph_set_layer_output (FvGraph *self, const char *layer, FvNodeId node);
/* FALSE with the first mistake made while building. */
gboolean fv_graph_check (const FvGraph *self, GError **error);

/* fv_op_node (graph, "conv1", "aten::relu", fv_from (x)) */
#define fv_op_node(graph, module, op, ...)                                                         \
  fv_graph_add_op (graph, module, op, (const FvArgument[]){ __VA_ARGS__ },                         \
                   G_N_ELEMENTS (((const FvArgument[]){ __VA_ARGS__ })))

/* -- reading -------------------------------------------------------------------------------- */

guint fv_graph_get_n_nodes (const FvGraph *self);
FvNodeId fv_graph_get_input (const FvGraph *self);
FvNodeId fv_graph_get_output (const FvGraph *self);
FvNodeKind fv_graph_get_node_kind (const FvGraph *self, FvNodeId node);
/* NULL unless the node is an operator. */
const FvOp *fv_graph_get_op (const FvGraph *self, FvNodeId node);
const char *fv_graph_get_module (const FvGraph *self, FvNodeId node);
gsize fv_graph_get_n_arguments (const FvGraph *self, FvNodeId node);
const FvArgument *fv_graph_get_argument (const FvGraph *self, FvNodeId node, gsize index);
/* What must hold for this list of nodes to be the network; empty for one made by a builder.
 * (transfer none) */
FvGuards *fv_graph_get_guards (const FvGraph *self);
/* TRUE when @node is the operator @op ("aten::relu"). */
gboolean fv_graph_is_op (const FvGraph *self, FvNodeId node, const char *op);

/* -- layers --------------------------------------------------------------------------------- */

/* PyTorch's path of @child inside @parent: "layer1.0", "conv1" in "" is "conv1". (transfer full) */
char *fv_module_join (const char *parent, const char *child);
/* The node set with fv_graph_set_layer_output (), or FV_NODE_NONE. */
FvNodeId fv_graph_get_layer_output (const FvGraph *self, const char *layer);
/* The output of the module named @layer; FV_NODE_NONE with a sentence when there is none. */
FvNodeId fv_graph_find_layer (const FvGraph *self, const char *layer, GError **error);
/* The first node of the module named @layer: everything before it can be frozen. */
FvNodeId fv_graph_find_layer_start (const FvGraph *self, const char *layer, GError **error);
/* The names of all modules, also of those that hold others, each once, in the order in which
 * their outputs are made. (transfer full): strings owned by the array */
GPtrArray *fv_graph_list_layers (const FvGraph *self);

/* -- cutting -------------------------------------------------------------------------------- */

/* The nodes at or before @node whose values are used after it, @node itself first: given these,
 * everything after @node runs without anything before it. (transfer full): FvNodeId */
GArray *fv_graph_frontier (const FvGraph *self, FvNodeId node);

/* -- parameters ----------------------------------------------------------------------------- */

guint fv_graph_get_n_parameters (const FvGraph *self);
const char *fv_graph_get_parameter_name (const FvGraph *self, guint parameter);
FvParameterRole fv_graph_get_parameter_role (const FvGraph *self, guint parameter);
/* (transfer none): changes when the parameter is replaced. */
FvTensor *fv_graph_get_parameter (const FvGraph *self, guint parameter);
/* The parameter of that name, or FV_NODE_NONE. */
guint fv_graph_find_parameter (const FvGraph *self, const char *name);
/* Replaces the tensor itself, type and shape included. */
void fv_graph_set_parameter (FvGraph *self, guint parameter, FvTensor *tensor);
/* Grows whenever a parameter's values are changed in place: an equal sum of the same tensors means
 * that none has changed. */
guint64 fv_graph_get_version (const FvGraph *self);
/* The first node that uses the parameter, or FV_NODE_NONE. */
FvNodeId fv_graph_get_parameter_user (const FvGraph *self, guint parameter);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FvGraph, fv_graph_unref)

G_END_DECLS
