/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Gradients, through libtorch's engine. */

#include "fv-autograd.h"
#include "fv-handles.hpp"

#include <torch/csrc/autograd/autograd.h>

struct _FvNoGrad {
  at::NoGradGuard guard;
};

namespace
{

at::Tensor
seed_gradient (const FvTensor *output, const FvTensor *output_gradient)
{
  return output_gradient != nullptr ? output_gradient->value : at::Tensor ();
}

void
collect (FvScope *scope, const torch::autograd::variable_list &found, FvTensor *const *inputs,
         FvTensor **gradients)
{
  for (size_t i = 0; i < found.size (); i++) {
    at::Tensor gradient = found[i].defined () ? found[i] : at::zeros_like (inputs[i]->value);
    gradients[i] = fv_scope_take (scope, fv_handle_new (gradient));
  }
}

} // namespace

FvNoGrad *
fv_no_grad_enter (void)
{
  return new FvNoGrad{};
}

void
fv_no_grad_leave (FvNoGrad *self)
{
  delete self;
}

FvTensor *
fv_detach (FvScope *scope, FvTensor *tensor, gboolean requires_grad)
{
  GError *error = nullptr;
  FvTensor *leaf;

  if (fv_scope_has_failed (scope))
    return nullptr;
  leaf = fv_guarded<FvTensor *> ("detach", &error, nullptr, [&] {
    at::Tensor detached = fv_handle_unwrap (tensor).detach ();
    return fv_handle_new (detached.requires_grad_ (requires_grad != FALSE));
  });
  if (leaf == nullptr)
    fv_scope_fail (scope, error);
  return fv_scope_take (scope, leaf);
}

gboolean
fv_tensor_requires_grad (const FvTensor *self)
{
  return self->value.requires_grad ();
}

void
fv_tensor_set_requires_grad (FvTensor *self, gboolean requires_grad)
{
  fv_guarded<bool> ("requires_grad", nullptr, false, [&] {
    self->value.requires_grad_ (requires_grad != FALSE);
    return true;
  });
}

FvTensor *
fv_tensor_get_gradient (FvScope *scope, const FvTensor *self)
{
  const at::Tensor &gradient = self->value.grad ();

  return gradient.defined () ? fv_scope_take (scope, fv_handle_new (gradient)) : nullptr;
}

static gboolean
gradient (FvScope *scope, FvTensor *output, FvTensor *output_gradient, FvTensor *const *inputs,
          gsize n_inputs, bool keep_graph, bool create_graph, FvTensor **gradients)
{
  GError *error = nullptr;

  if (fv_scope_has_failed (scope))
    return FALSE;
  if (fv_guarded<bool> ("gradient", &error, false, [&] {
        torch::autograd::variable_list leaves;
        for (gsize i = 0; i < n_inputs; i++)
          leaves.push_back (fv_handle_unwrap (inputs[i]));
        collect (scope,
                 torch::autograd::grad ({ fv_handle_unwrap (output) }, leaves,
                                        { seed_gradient (output, output_gradient) }, keep_graph,
                                        create_graph, true),
                 inputs, gradients);
        return true;
      }))
    return TRUE;
  fv_scope_fail (scope, error);
  return FALSE;
}

gboolean
fv_gradient (FvScope *scope, FvTensor *output, FvTensor *output_gradient, FvTensor *const *inputs,
             gsize n_inputs, gboolean create_graph, FvTensor **gradients)
{
  return gradient (scope, output, output_gradient, inputs, n_inputs, create_graph != FALSE,
                   create_graph != FALSE, gradients);
}

gboolean
fv_gradient_keeping (FvScope *scope, FvTensor *output, FvTensor *const *inputs, gsize n_inputs,
                     FvTensor **gradients)
{
  return gradient (scope, output, nullptr, inputs, n_inputs, true, false, gradients);
}

gboolean
fv_backward (FvTensor *loss, GError **error)
{
  return fv_guarded<gboolean> ("backward", error, FALSE, [&] {
    torch::autograd::backward ({ loss->value }, { at::Tensor () });
    return TRUE;
  });
}
