/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Private to the C++ files of engine/tensor: what the handles hold, and the one guard that turns
 * every exception into a GError. Nothing that throws may cross the wall. */

#pragma once

#include <ATen/ATen.h>

#include <ATen/core/ivalue.h>

#include <exception>
#include <string>

#include "fv-value.h"

struct _FvTensor {
  gatomicrefcount references;
  at::Tensor value;
};

/* A new handle with one reference. */
FvTensor *fv_handle_new (at::Tensor value);
/* What @tensor holds; throws when it is NULL. */
at::Tensor fv_handle_unwrap (const FvTensor *tensor);

at::ScalarType fv_dtype_to_torch (FvDtype dtype);
/* TRUE when the type has an FvDtype. */
bool fv_dtype_is_known (at::ScalarType type);

/* What @value holds, owned; throws on kinds that FvValue has not. */
FvValue fv_unbox (const c10::IValue &value);

/* The first line of libtorch's message, without its source positions. */
std::string fv_first_line (const char *message);

void fv_set_torch_error (GError **error, const char *what, const char *message);

/* Runs @body; an exception becomes @error, said to have happened in @what, and @otherwise is
 * returned. */
template <typename Result, typename Body>
Result
fv_guarded (const char *what, GError **error, Result otherwise, Body body) noexcept
{
  try {
    return body ();
  } catch (const std::exception &exception) {
    fv_set_torch_error (error, what, exception.what ());
  } catch (...) {
    fv_set_torch_error (error, what, "an unknown failure");
  }
  return otherwise;
}
