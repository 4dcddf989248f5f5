/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One call that reaches every operator of libtorch, by name, with boxed values.
 *
 * An operator is named as in its schema, overload included: "aten::relu", "aten::add.Tensor".
 * Arguments go by position; trailing ones that the schema has a default for may be left out.
 * Both dispatcher and interpreter-only operators ("aten::len", "prim::NumToTensor") are found.
 * The few whose settings are attributes of a TorchScript node have them in brackets:
 * "prim::MKLDNNHardTanh_[min_val=0 max_val=6]".
 * Threads: the engine thread; fv_op_find () and fv_op_is_known () from any thread. */

#pragma once

#include "fv-scope.h"
#include "fv-value.h"

G_BEGIN_DECLS

/* Numbers of element types, as operators such as "aten::to.dtype" take them. */
enum { FV_TORCH_UINT8 = 0, FV_TORCH_FLOAT32 = 6 };

/* An operator found by name; it lives as long as the process. */
typedef struct _FvOp FvOp;

/* NULL with FV_TENSOR_ERROR_NO_OP when there is no such operator or overload. */
const FvOp *fv_op_find (const char *name, GError **error);
/* Whether libtorch has an operator or a built-in function @name, given without overload, which a
 * TorchScript program could call. */
gboolean fv_op_is_known (const char *name);
const char *fv_op_get_name (const FvOp *self);
gsize fv_op_get_n_results (const FvOp *self);
/* TRUE when it changes one of its arguments in memory. */
gboolean fv_op_writes (const FvOp *self);

/* Runs the operator. On success @results holds fv_op_get_n_results () owned values.
 * @n_results: the capacity of @results. On failure nothing is written and @error says the
 * operator's name, the shapes it was given and libtorch's reason. */
gboolean fv_op_run (const FvOp *self, const FvValue *arguments, gsize n_arguments, FvValue *results,
                    gsize n_results, GError **error);

/* Runs an operator whose first result is a tensor, inside a scope: a failed scope or a NULL
 * tensor among the arguments returns NULL without running; a failure sticks to the scope.
 * Returns: the first result, borrowed from @scope. */
FvTensor *fv_call_values (FvScope *scope, const char *name, const FvValue *arguments,
                          gsize n_arguments);

/* fv_call (scope, "aten::softmax.int", fv_of (x), fv_int (1)) */
#define fv_call(scope, name, ...)                                                                  \
  fv_call_values (scope, name, (const FvValue[]){ __VA_ARGS__ },                                   \
                  G_N_ELEMENTS (((const FvValue[]){ __VA_ARGS__ })))

G_END_DECLS
