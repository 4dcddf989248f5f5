/* SPDX-License-Identifier: GPL-3.0-or-later */

/* SGD, Adam and AdamW are libtorch's; this file only picks one and fills in its options. */

#include "fv-handles.hpp"
#include "fv-optimizer.h"

#include <torch/nn/utils/clip_grad.h>
#include <torch/optim/adam.h>
#include <torch/optim/adamw.h>
#include <torch/optim/sgd.h>

#include <memory>
#include <vector>

namespace optim = torch::optim;

struct _FvOptimizer {
  std::unique_ptr<optim::Optimizer> optimizer;
};

namespace
{

std::unique_ptr<optim::OptimizerOptions>
group_options (FvOptimizerKind kind, const FvParameterGroup &group, double momentum)
{
  if (kind == FV_OPTIMIZER_SGD) {
    auto options = std::make_unique<optim::SGDOptions> (group.learning_rate);
    options->momentum (momentum).weight_decay (group.weight_decay);
    return options;
  }
  if (kind == FV_OPTIMIZER_ADAM) {
    auto options = std::make_unique<optim::AdamOptions> (group.learning_rate);
    options->weight_decay (group.weight_decay);
    return options;
  }
  auto options = std::make_unique<optim::AdamWOptions> (group.learning_rate);
  options->weight_decay (group.weight_decay);
  return options;
}

optim::OptimizerParamGroup
make_group (FvOptimizerKind kind, const FvParameterGroup &group, double momentum)
{
  std::vector<at::Tensor> parameters;

  for (gsize i = 0; i < group.n_parameters; i++)
    parameters.push_back (group.parameters[i]->value);
  return { parameters, group_options (kind, group, momentum) };
}

std::unique_ptr<optim::Optimizer>
make_optimizer (FvOptimizerKind kind, const std::vector<optim::OptimizerParamGroup> &groups)
{
  /* Each group carries its own options; the defaults' learning rate is never used. */
  if (kind == FV_OPTIMIZER_SGD)
    return std::make_unique<optim::SGD> (groups, optim::SGDOptions (1e-3));
  if (kind == FV_OPTIMIZER_ADAM)
    return std::make_unique<optim::Adam> (groups, optim::AdamOptions (1e-3));
  return std::make_unique<optim::AdamW> (groups, optim::AdamWOptions (1e-3));
}

} // namespace

FvOptimizer *
fv_optimizer_new (FvOptimizerKind kind, const FvParameterGroup *groups, gsize n_groups,
                  double momentum, GError **error)
{
  return fv_guarded<FvOptimizer *> ("optimizer", error, nullptr, [&] {
    std::vector<optim::OptimizerParamGroup> made;
    for (gsize i = 0; i < n_groups; i++)
      made.push_back (make_group (kind, groups[i], momentum));
    return new FvOptimizer{ make_optimizer (kind, made) };
  });
}

void
fv_optimizer_free (FvOptimizer *self)
{
  delete self;
}

void
fv_optimizer_set_learning_rate (FvOptimizer *self, gsize group, double learning_rate)
{
  auto &groups = self->optimizer->param_groups ();

  g_return_if_fail (group < groups.size ());
  groups[group].options ().set_lr (learning_rate);
}

void
fv_optimizer_zero_gradients (FvOptimizer *self)
{
  for (auto &group : self->optimizer->param_groups ())
    for (auto &parameter : group.params ())
      parameter.mutable_grad ().reset ();
}

double
fv_optimizer_clip_gradients (FvOptimizer *self, double max_norm)
{
  return fv_guarded<double> ("clip gradients", nullptr, 0.0, [&] {
    std::vector<at::Tensor> all;
    for (auto &group : self->optimizer->param_groups ())
      for (auto &parameter : group.params ())
        all.push_back (parameter);
    return torch::nn::utils::clip_grad_norm_ (all, max_norm);
  });
}

gboolean
fv_optimizer_step (FvOptimizer *self, GError **error)
{
  return fv_guarded<gboolean> ("optimizer step", error, FALSE, [&] {
    self->optimizer->step ();
    /* It writes past the counters that say when a tensor has changed. */
    for (const auto &group : self->optimizer->param_groups ())
      for (const auto &parameter : group.params ())
        parameter.unsafeGetTensorImpl ()->bump_version ();
    return TRUE;
  });
}
