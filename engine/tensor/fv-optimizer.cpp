/* SPDX-License-Identifier: GPL-3.0-or-later */

/* SGD, Adam and AdamW are libtorch's; this file only picks one and fills in its options. */

#include "fv-handles.hpp"
#include "fv-optimizer.h"

#include <torch/nn/utils/clip_grad.h>
#include <torch/optim/adam.h>
#include <torch/optim/adamw.h>
#include <torch/optim/sgd.h>

#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace optim = torch::optim;

struct _FvOptimizer {
  FvOptimizerKind kind;
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
    return new FvOptimizer{ kind, make_optimizer (kind, made) };
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

/* -- state ---------------------------------------------------------------------------------- */

namespace
{

using ParameterState = std::unique_ptr<optim::OptimizerParamState>;

/* By what libtorch knows a parameter: its address, which older versions write as text. */
template <typename Map>
typename Map::key_type
key_of (const at::Tensor &parameter)
{
  if constexpr (std::is_same_v<typename Map::key_type, std::string>) {
    std::ostringstream text;
    text << parameter.unsafeGetTensorImpl ();
    return text.str ();
  } else {
    return parameter.unsafeGetTensorImpl ();
  }
}

std::vector<at::Tensor>
list_parameters (const FvOptimizer *self)
{
  std::vector<at::Tensor> all;

  for (const auto &group : self->optimizer->param_groups ())
    all.insert (all.end (), group.params ().begin (), group.params ().end ());
  return all;
}

std::string
name_of (gsize index, const char *what)
{
  return std::to_string (index) + "." + what;
}

void
add (FvStateDict *dict, gsize index, const char *what, const at::Tensor &value)
{
  g_autoptr (FvTensor) tensor = fv_handle_new (value);

  fv_state_dict_add (dict, name_of (index, what).c_str (), tensor);
}

template <typename State>
void
add_moments (FvStateDict *dict, gsize index, const optim::OptimizerParamState &state)
{
  const auto &moments = static_cast<const State &> (state);

  add (dict, index, "step", at::scalar_tensor (moments.step (), at::kLong));
  add (dict, index, "exp_avg", moments.exp_avg ());
  add (dict, index, "exp_avg_sq", moments.exp_avg_sq ());
}

void
add_state (FvOptimizerKind kind, FvStateDict *dict, gsize index,
           const optim::OptimizerParamState &state)
{
  if (kind == FV_OPTIMIZER_ADAM)
    add_moments<optim::AdamParamState> (dict, index, state);
  else if (kind == FV_OPTIMIZER_ADAMW)
    add_moments<optim::AdamWParamState> (dict, index, state);
  else
    add (dict, index, "momentum_buffer",
         static_cast<const optim::SGDParamState &> (state).momentum_buffer ());
}

/* Takes named tensors out of a state and counts them. */
struct Reader {
  const FvStateDict *dict;
  guint n_read;

  bool
  has (gsize index, const char *what) const
  {
    return fv_state_dict_lookup (dict, name_of (index, what).c_str ()) != nullptr;
  }

  at::Tensor
  find (gsize index, const char *what, at::ScalarType type, at::IntArrayRef shape)
  {
    const std::string name = name_of (index, what);
    const FvTensor *tensor = fv_state_dict_lookup (dict, name.c_str ());

    if (tensor == nullptr)
      throw std::invalid_argument ("“" + name + "” is missing");
    if (tensor->value.scalar_type () != type || tensor->value.sizes () != shape)
      throw std::invalid_argument ("“" + name + "” has another type or shape than its parameter");
    n_read++;
    return tensor->value;
  }

  /* A copy in the parameter's own memory layout: sums of other layouts round differently. */
  at::Tensor
  copy (gsize index, const char *what, const at::Tensor &parameter)
  {
    at::Tensor value = find (index, what, parameter.scalar_type (), parameter.sizes ());

    return at::empty_like (parameter).copy_ (value).detach ();
  }
};

template <typename State>
ParameterState
read_moments (Reader &reader, gsize index, const at::Tensor &parameter)
{
  auto state = std::make_unique<State> ();
  const auto step = reader.find (index, "step", at::kLong, {}).item<int64_t> ();

  if (step < 0)
    throw std::invalid_argument ("“" + name_of (index, "step") + "” is below 0");
  state->step (step);
  state->exp_avg (reader.copy (index, "exp_avg", parameter));
  state->exp_avg_sq (reader.copy (index, "exp_avg_sq", parameter));
  return state;
}

/* NULL when there is nothing for this parameter. */
ParameterState
read_state (FvOptimizerKind kind, Reader &reader, gsize index, const at::Tensor &parameter)
{
  if (!reader.has (index, kind == FV_OPTIMIZER_SGD ? "momentum_buffer" : "step"))
    return nullptr;
  if (kind == FV_OPTIMIZER_ADAM)
    return read_moments<optim::AdamParamState> (reader, index, parameter);
  if (kind == FV_OPTIMIZER_ADAMW)
    return read_moments<optim::AdamWParamState> (reader, index, parameter);
  auto state = std::make_unique<optim::SGDParamState> ();
  state->momentum_buffer (reader.copy (index, "momentum_buffer", parameter));
  return state;
}

} // namespace

FvStateDict *
fv_optimizer_get_state (const FvOptimizer *self, GError **error)
{
  return fv_guarded<FvStateDict *> ("optimizer state", error, nullptr, [&] {
    g_autoptr (FvStateDict) dict = fv_state_dict_new ();
    auto &states = self->optimizer->state ();
    const auto parameters = list_parameters (self);

    for (gsize i = 0; i < parameters.size (); i++) {
      auto found = states.find (key_of<std::decay_t<decltype (states)> > (parameters[i]));
      if (found != states.end ())
        add_state (self->kind, dict, i, *found->second);
    }
    return (FvStateDict *) g_steal_pointer (&dict);
  });
}

gboolean
fv_optimizer_set_state (FvOptimizer *self, const FvStateDict *state, const char *source,
                        GError **error)
{
  g_autofree char *what = g_strdup_printf ("“%s” holds the state of another optimiser", source);

  return fv_guarded<gboolean> (what, error, FALSE, [&] {
    at::NoGradGuard no_grad;
    auto &states = self->optimizer->state ();
    const auto parameters = list_parameters (self);
    std::vector<ParameterState> read;
    Reader reader = { state, 0 };

    for (gsize i = 0; i < parameters.size (); i++)
      read.push_back (read_state (self->kind, reader, i, parameters[i]));
    if (reader.n_read != fv_state_dict_get_length (state))
      throw std::invalid_argument ("it has more values than the parameters need");
    states.clear ();
    for (gsize i = 0; i < parameters.size (); i++)
      if (read[i] != nullptr)
        states[key_of<std::decay_t<decltype (states)> > (parameters[i])] = std::move (read[i]);
    return TRUE;
  });
}
