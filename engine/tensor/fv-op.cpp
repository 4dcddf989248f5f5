/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Operators by name: finding one, boxing its arguments, running it, unboxing its results. */

#include "fv-handles.hpp"
#include "fv-op.h"

#include <torch/csrc/jit/frontend/builtin_functions.h>
#include <torch/csrc/jit/ir/ir.h>
#include <torch/csrc/jit/runtime/operator.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <mutex>
#include <sstream>
#include <stdexcept>
#include <unordered_map>

namespace jit = torch::jit;

struct _FvOp {
  std::string name;
  std::shared_ptr<jit::Operator> op;
  c10::optional<jit::Operation> bound; /* to its attributes, where it has some */
};

namespace
{

/* Operators found so far. Looking one up costs more than running a small one. */
class Registry
{
public:
  const FvOp *
  find (const std::string &name)
  {
    std::lock_guard<std::mutex> lock (mutex);
    auto known = operators.find (name);

    if (known != operators.end ())
      return known->second.get ();
    auto bracket = name.find ('[');
    auto found = look_up (name.substr (0, bracket));
    if (found == nullptr)
      return nullptr;
    c10::optional<jit::Operation> bound;
    if (bracket != std::string::npos)
      bound = bind (*found, name.substr (bracket + 1, name.rfind (']') - bracket - 1));
    return (operators[name] = std::make_unique<FvOp> (FvOp{ name, found, bound })).get ();
  }

private:
  /* The operation with its node's attributes, "name=number" with blanks between. It keeps what it
   * needs of them: the node may go. */
  static jit::Operation
  bind (const jit::Operator &op, const std::string &attributes)
  {
    jit::Graph graph;
    auto *node = graph.create (at::Symbol::fromQualString (op.schema ().name ()), 1);
    std::istringstream words (attributes);

    for (std::string word; words >> word;) {
      auto equals = word.find ('=');
      node->f_ (at::Symbol::attr (word.substr (0, equals)), std::stod (word.substr (equals + 1)));
    }
    graph.insertNode (node);
    return op.getOperation (node);
  }

  static std::shared_ptr<jit::Operator>
  look_up (const std::string &name)
  {
    auto dot = name.find ('.');
    std::string overload = dot == std::string::npos ? "" : name.substr (dot + 1);

    for (const auto &op :
         jit::getAllOperatorsFor (at::Symbol::fromQualString (name.substr (0, dot))))
      if (op->schema ().overload_name () == overload)
        return op;
    return nullptr;
  }

  std::mutex mutex;
  std::unordered_map<std::string, std::unique_ptr<FvOp> > operators;
};

Registry &
registry ()
{
  static Registry instance;
  return instance;
}

/* C may keep any number in an enumeration; C++ must not even read a wrong one. */
bool
has_kind (const FvValue &value)
{
  static_assert (sizeof value.kind == sizeof (guint), "an enumeration is as long as an int");
  guint kind;

  memcpy (&kind, &value.kind, sizeof kind);
  return kind <= FV_VALUE_TUPLE;
}

/* The type of a list's elements, where the schema takes a list (perhaps an optional one). */
c10::TypePtr
element_type (const c10::TypePtr &type)
{
  if (auto optional = type->cast<c10::OptionalType> ())
    return element_type (optional->getElementType ());
  if (auto list = type->cast<c10::ListType> ())
    return list->getElementType ();
  return nullptr;
}

c10::IValue
box_tensors (const FvValue &value, const c10::TypePtr &type)
{
  auto element = element_type (type);

  if (element != nullptr && element->kind () == c10::TypeKind::OptionalType) {
    c10::List<c10::optional<at::Tensor> > list;
    for (gsize i = 0; i < value.n; i++)
      list.push_back (value.tensors[i] != nullptr
                          ? c10::optional<at::Tensor> (fv_handle_unwrap (value.tensors[i]))
                          : c10::nullopt);
    return list;
  }
  c10::List<at::Tensor> list;
  for (gsize i = 0; i < value.n; i++)
    list.push_back (fv_handle_unwrap (value.tensors[i]));
  return list;
}

c10::IValue
box_bools (const FvValue &value)
{
  c10::List<bool> list;

  for (gsize i = 0; i < value.n; i++)
    list.push_back (value.booleans[i] != FALSE);
  return list;
}

bool
takes_device (const c10::TypePtr &type)
{
  if (auto optional = type->cast<c10::OptionalType> ())
    return takes_device (optional->getElementType ());
  return type->kind () == c10::TypeKind::DeviceObjType;
}

/* An empty list carries no type of its own: it gets the one the schema asks for. */
c10::IValue
box_empty_list (const c10::TypePtr &type)
{
  auto element = element_type (type);

  return c10::impl::GenericList (element != nullptr ? element : c10::IntType::get ());
}

bool
is_empty_list (const FvValue &value)
{
  return value.n == 0 && value.kind >= FV_VALUE_INTS && value.kind <= FV_VALUE_TENSORS;
}

c10::IValue
box (const FvValue &value, const c10::TypePtr &type)
{
  if (!has_kind (value))
    throw std::invalid_argument ("an argument of an unknown kind");
  if (is_empty_list (value))
    return box_empty_list (type);
  switch (value.kind) {
  case FV_VALUE_NONE:
    return {};
  case FV_VALUE_TENSOR:
    return fv_handle_unwrap (value.tensor);
  case FV_VALUE_INT:
    return value.integer;
  case FV_VALUE_FLOAT:
    return value.real;
  case FV_VALUE_BOOL:
    return value.boolean != FALSE;
  case FV_VALUE_STRING:
    if (takes_device (type))
      return c10::Device (value.string);
    return std::string (value.string);
  case FV_VALUE_INTS:
    return c10::List<int64_t> (at::ArrayRef<int64_t> ((const int64_t *) value.ints, value.n));
  case FV_VALUE_REALS:
    return c10::List<double> (at::ArrayRef<double> (value.reals, value.n));
  case FV_VALUE_BOOLS:
    return box_bools (value);
  case FV_VALUE_TENSORS:
    return box_tensors (value, type);
  case FV_VALUE_TUPLE:
    break;
  }
  throw std::invalid_argument ("an argument that no operator takes");
}

FvValue
unbox_ints (const c10::IValue &value)
{
  auto list = value.toIntVector ();
  auto *ints = g_new (gint64, MAX (list.size (), 1));

  std::copy (list.begin (), list.end (), ints);
  return fv_int_list (ints, list.size ());
}

/* Handles hold only the types of FvDtype, so that describing one never fails. */
void
require_known_type (const at::Tensor &tensor)
{
  if (!fv_dtype_is_known (tensor.scalar_type ()))
    throw std::invalid_argument (std::string ("Fovea has no type for a result of ")
                                 + c10::toString (tensor.scalar_type ()));
}

/* An undefined tensor is a result that the operator was not asked for. */
FvValue
unbox_tensor (const at::Tensor &tensor)
{
  if (!tensor.defined ())
    return fv_none ();
  require_known_type (tensor);
  return fv_of (fv_handle_new (tensor));
}

FvValue
unbox_tensors (const c10::IValue &value)
{
  auto list = value.toTensorVector ();

  std::for_each (list.begin (), list.end (), require_known_type);
  auto **tensors = g_new (FvTensor *, MAX (list.size (), 1));

  for (size_t i = 0; i < list.size (); i++)
    tensors[i] = fv_handle_new (list[i]);
  return fv_tensor_list (tensors, list.size ());
}

FvValue
unbox_reals (const c10::IValue &value)
{
  auto list = value.toDoubleVector ();

  return fv_real_list ((const double *) g_memdup2 (list.data (), list.size () * sizeof (double)),
                       list.size ());
}

FvValue
unbox_bools (const c10::IValue &value)
{
  auto list = value.toBoolList ();
  auto *booleans = g_new (gboolean, MAX (list.size (), 1));

  std::copy (list.begin (), list.end (), booleans);
  return fv_bool_list (booleans, list.size ());
}

} // namespace

FvValue
fv_unbox (const c10::IValue &value)
{
  if (value.isTensor ())
    return unbox_tensor (value.toTensor ());
  if (value.isInt ())
    return fv_int (value.toInt ());
  if (value.isDouble ())
    return fv_real (value.toDouble ());
  if (value.isBool ())
    return fv_bool (value.toBool ());
  if (value.isString ())
    return fv_string (g_strdup (value.toStringRef ().c_str ()));
  if (value.isIntList ())
    return unbox_ints (value);
  if (value.isTensorList ())
    return unbox_tensors (value);
  if (value.isDoubleList ())
    return unbox_reals (value);
  if (value.isBoolList ())
    return unbox_bools (value);
  if (value.isDevice ())
    return fv_string (g_strdup (value.toDevice ().str ().c_str ()));
  if (value.isNone ())
    return fv_none ();
  throw std::invalid_argument ("a result of an unknown kind");
}

namespace
{

jit::Stack
box_all (const c10::FunctionSchema &schema, const FvValue *arguments, gsize n_arguments)
{
  jit::Stack stack;
  const auto &declared = schema.arguments ();

  if (n_arguments > declared.size () && !schema.is_vararg ())
    throw std::invalid_argument ("too many arguments");
  stack.reserve (n_arguments + declared.size () + 1);
  for (gsize i = 0; i < n_arguments; i++)
    stack.push_back (
        box (arguments[i], i < declared.size () ? declared[i].type () : c10::AnyType::get ()));
  for (gsize i = n_arguments; i < declared.size (); i++) {
    if (!declared[i].default_value ().has_value ())
      throw std::invalid_argument ("argument “" + declared[i].name () + "” is missing");
    stack.push_back (*declared[i].default_value ());
  }
  /* An operator of any number of arguments asks how many there are. */
  if (schema.is_vararg ())
    stack.push_back ((int64_t) n_arguments);
  return stack;
}

/* All results or, with an exception, none. */
void
unbox_all (const jit::Stack &stack, FvValue *results)
{
  size_t n = 0;

  try {
    for (; n < stack.size (); n++)
      results[n] = fv_unbox (stack[n]);
  } catch (...) {
    while (n-- > 0)
      fv_value_clear (&results[n]);
    throw;
  }
}

/* "aten::conv2d (float32 [1, 3, 8, 8], float32 [4, 3, 3, 3])", for messages. */
std::string
describe_call (const FvOp *op, const FvValue *arguments, gsize n_arguments)
{
  std::string text = op->name + " (";
  bool first = true;

  for (gsize i = 0; i < n_arguments; i++) {
    const FvValue &value = arguments[i];

    if (!has_kind (value) || value.kind != FV_VALUE_TENSOR || value.tensor == nullptr)
      continue;
    g_autofree char *tensor = fv_tensor_describe (value.tensor);
    text += (first ? "" : ", ") + std::string (tensor);
    first = false;
  }
  return text + ")";
}

bool
run (const FvOp *self, const FvValue *arguments, gsize n_arguments, FvValue *results,
     gsize n_results)
{
  jit::Stack stack = box_all (self->op->schema (), arguments, n_arguments);

  jit::Operation operation = self->bound ? *self->bound : self->op->getOperation ();

  operation (stack);
  if (stack.size () > n_results)
    throw std::invalid_argument ("more results than the caller has room for");
  unbox_all (stack, results);
  return true;
}

} // namespace

const FvOp *
fv_op_find (const char *name, GError **error)
{
  const FvOp *op
      = fv_guarded<const FvOp *> (name, nullptr, nullptr, [&] { return registry ().find (name); });

  if (op == nullptr)
    g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_NO_OP,
                 "this libtorch has no operator “%s”", name);
  return op;
}

/* TorchScript looks names up in the same two places. */
gboolean
fv_op_is_known (const char *name)
{
  return fv_guarded<bool> (name, nullptr, true, [&] {
    auto symbol = at::Symbol::fromQualString (name);

    return !jit::getAllOperatorsFor (symbol).empty ()
           || !jit::getAllBuiltinFunctionsFor (symbol).empty ();
  });
}

const char *
fv_op_get_name (const FvOp *self)
{
  return self->name.c_str ();
}

gsize
fv_op_get_n_results (const FvOp *self)
{
  return self->op->schema ().returns ().size ();
}

gboolean
fv_op_writes (const FvOp *self)
{
  for (const auto &argument : self->op->schema ().arguments ())
    if (argument.alias_info () != nullptr && argument.alias_info ()->isWrite ())
      return TRUE;
  return FALSE;
}

gboolean
fv_op_run (const FvOp *self, const FvValue *arguments, gsize n_arguments, FvValue *results,
           gsize n_results, GError **error)
{
  g_autoptr (GError) reason = nullptr;

  if (fv_guarded<bool> (self->name.c_str (), &reason, false,
                        [&] { return run (self, arguments, n_arguments, results, n_results); }))
    return TRUE;
  /* Describing the call is only paid for when it failed. */
  std::string call = describe_call (self, arguments, n_arguments);
  const char *colon = strstr (reason->message, ": ");
  g_set_error (error, reason->domain, reason->code, "%s: %s", call.c_str (),
               colon != nullptr ? colon + 2 : reason->message);
  return FALSE;
}

FvTensor *
fv_call_values (FvScope *scope, const char *name, const FvValue *arguments, gsize n_arguments)
{
  GError *error = nullptr;
  FvValue results[8] = {};
  const FvOp *op;

  if (fv_scope_has_failed (scope))
    return nullptr;
  op = fv_op_find (name, &error);
  if (op == nullptr || !fv_op_run (op, arguments, n_arguments, results, 8, &error)) {
    fv_scope_fail (scope, error);
    return nullptr;
  }
  for (int i = 1; i < 8; i++)
    fv_value_clear (&results[i]);
  if (results[0].kind == FV_VALUE_TENSOR)
    return fv_scope_take (scope, results[0].tensor);
  fv_value_clear (&results[0]);
  fv_scope_fail (scope, g_error_new (FV_TENSOR_ERROR, FV_TENSOR_ERROR_ARGUMENT,
                                     "%s: its result is no tensor", name));
  return nullptr;
}
