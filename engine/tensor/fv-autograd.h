/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Gradients. Recording is on by default and follows libtorch's rules; a FvNoGrad region switches
 * it off for the calling thread until it ends.
 * Threads: the engine thread. */

#pragma once

#include "fv-scope.h"

G_BEGIN_DECLS

typedef struct _FvNoGrad FvNoGrad;

/* Nothing is recorded until the region is left. Regions nest. */
FvNoGrad *fv_no_grad_enter (void);
void fv_no_grad_leave (FvNoGrad *self);

/* The same values cut off from what made them, and, with @requires_grad, a leaf that gradients
 * can be asked for. Shares memory with @tensor. Borrowed from @scope. */
FvTensor *fv_detach (FvScope *scope, FvTensor *tensor, gboolean requires_grad);

gboolean fv_tensor_requires_grad (const FvTensor *self);
/* For leaves only (parameters). */
void fv_tensor_set_requires_grad (FvTensor *self, gboolean requires_grad);
/* The gradient that fv_backward () left in a leaf, borrowed from @scope; NULL, without failing
 * the scope, when there is none. */
FvTensor *fv_tensor_get_gradient (FvScope *scope, const FvTensor *self);

/* d output / d inputs[i] into gradients[i], borrowed from @scope; no leaf's gradient is touched.
 * @output: one element, or any shape together with @output_gradient of that shape.
 * @create_graph: TRUE when the gradients themselves will be differentiated.
 * An input that @output does not depend on gets zeros. Returns FALSE when the scope failed. */
gboolean fv_gradient (FvScope *scope, FvTensor *output, FvTensor *output_gradient,
                      FvTensor *const *inputs, gsize n_inputs, gboolean create_graph,
                      FvTensor **gradients);

/* The same for an @output of one element, not to be differentiated again, leaving what was recorded
 * for another backward pass. */
gboolean fv_gradient_keeping (FvScope *scope, FvTensor *output, FvTensor *const *inputs,
                              gsize n_inputs, FvTensor **gradients);

/* Adds d loss / d leaf to the gradient of every leaf that @loss (one element) depends on. */
gboolean fv_backward (FvTensor *loss, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FvNoGrad, fv_no_grad_leave)

G_END_DECLS
