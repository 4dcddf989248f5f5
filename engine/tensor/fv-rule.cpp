/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A rule is a node of autograd's behind each rectifier, with two ways back: to the rectifier's
 * output, whose own derivative follows, and around it, to its input. Which one a gradient takes,
 * and whether it is rectified itself, is decided when it comes by. */

#include "fv-handles.hpp"
#include "fv-rule.h"

#include <torch/csrc/autograd/function.h>
#include <torch/csrc/autograd/functions/utils.h>

#include <atomic>
#include <memory>

namespace
{

/* Shared by all nodes of a rule; they may outlive its handle. */
struct Gate {
  explicit Gate (FvRuleKind rule_kind) : kind (rule_kind) {}

  const FvRuleKind kind;
  std::atomic<bool> is_open{ false };
};

struct RuleBackward : public torch::autograd::Node {
  explicit RuleBackward (std::shared_ptr<Gate> shared) : gate (std::move (shared)) {}

  /* To {around the rectifier, through it}. relu () rather than clamp_min (): the derivative of the
   * latter is 1 where the gradient is 0. */
  torch::autograd::variable_list
  apply (torch::autograd::variable_list &&gradients) override
  {
    const at::Tensor &gradient = gradients[0];

    if (!gradient.defined () || !gate->is_open)
      return { at::Tensor (), gradient };
    if (gate->kind == FV_RULE_DECONV)
      return { at::relu (gradient), at::Tensor () };
    return { at::Tensor (), at::relu (gradient) };
  }

  std::shared_ptr<Gate> gate;
};

at::Tensor
put_behind (const std::shared_ptr<Gate> &gate, const at::Tensor &input, const at::Tensor &output)
{
  if (!output.requires_grad ())
    return output;
  auto node = std::shared_ptr<RuleBackward> (new RuleBackward (gate), torch::autograd::deleteNode);
  at::Tensor ruled = output.variable_data ();

  node->set_next_edges (torch::autograd::collect_next_edges (input, output));
  torch::autograd::set_history (ruled, node);
  return ruled;
}

} // namespace

struct _FvRule {
  std::shared_ptr<Gate> gate;
};

FvRule *
fv_rule_new (FvRuleKind kind)
{
  return new FvRule{ std::make_shared<Gate> (kind) };
}

void
fv_rule_free (FvRule *self)
{
  if (self != nullptr)
    fv_rule_end (self);
  delete self;
}

void
fv_rule_begin (FvRule *self)
{
  self->gate->is_open = true;
}

void
fv_rule_end (FvRule *self)
{
  self->gate->is_open = false;
}

FvTensor *
fv_rule_apply (FvRule *self, const FvTensor *input, FvTensor *output, GError **error)
{
  return fv_guarded<FvTensor *> ("rule", error, nullptr, [&] {
    return fv_handle_new (
        put_behind (self->gate, fv_handle_unwrap (input), fv_handle_unwrap (output)));
  });
}
