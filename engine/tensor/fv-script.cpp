/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The TorchScript reader: handles are libtorch's own pointers under C names. */

#include "fv-descriptor.h"
#include "fv-handles.hpp"
#include "fv-script.h"

#include <torch/csrc/jit/api/function_impl.h>
#include <torch/csrc/jit/ir/constants.h>
#include <torch/csrc/jit/ir/ir.h>
#include <torch/csrc/jit/serialization/export.h>
#include <torch/csrc/jit/serialization/import.h>

#include <cerrno>
#include <stdexcept>

namespace jit = torch::jit;

struct _FvScript {
  jit::Module module;
};

namespace
{

c10::ivalue::Object *
unwrap (const FvScriptObject *object)
{
  return (c10::ivalue::Object *) object;
}

jit::Block *
unwrap (const FvScriptBlock *block)
{
  return (jit::Block *) block;
}

jit::Node *
unwrap (const FvScriptNode *node)
{
  return (jit::Node *) node;
}

FvScriptName *
wrap (jit::Value *value)
{
  return (FvScriptName *) value;
}

FvScriptBlock *
wrap (jit::Block *block)
{
  return (FvScriptBlock *) block;
}

FvScriptBlock *
code_of (jit::Function &function)
{
  auto *graph_function = jit::tryToGraphFunction (function);

  if (graph_function == nullptr)
    throw std::invalid_argument ("“" + function.name () + "” is not TorchScript");
  return wrap (graph_function->graph ()->block ());
}

FvScriptDatum *new_datum (const c10::IValue &value);

void
add_item (FvScriptDatum *datum, const c10::IValue &item)
{
  g_ptr_array_add (datum->items, new_datum (item));
}

GStrv
copy_names (const std::vector<std::string> &names)
{
  GStrv copies = g_new0 (char *, names.size () + 1);

  for (size_t i = 0; i < names.size (); i++)
    copies[i] = g_strdup (names[i].c_str ());
  return copies;
}

GStrv
fields_of (const c10::TypePtr &type)
{
  auto tuple = type->cast<c10::TupleType> ();
  std::vector<std::string> names;

  if (tuple == nullptr || tuple->schema () == nullptr)
    return nullptr;
  for (const auto &field : tuple->schema ()->arguments ())
    names.push_back (field.name ());
  return copy_names (names);
}

void
fill_dict (FvScriptDatum *datum, const c10::IValue &value)
{
  std::vector<std::string> keys;

  for (const auto &entry : value.toGenericDict ()) {
    keys.push_back (entry.key ().isString () ? entry.key ().toStringRef () : "");
    add_item (datum, entry.value ());
  }
  datum->names = copy_names (keys);
}

/* Lists of plain values stay one value unless they are empty, where the type of what will be in
 * them is not known. */
bool
is_plain (const c10::IValue &value)
{
  return value.isTensor () || value.isNone () || value.isInt () || value.isDouble ()
         || value.isBool () || value.isString () || value.isDevice ();
}

void
fill_datum (FvScriptDatum *datum, const c10::IValue &value)
{
  if (is_plain (value)) {
    datum->value = fv_unbox (value);
    return;
  }
  datum->items = g_ptr_array_new_with_free_func ((GDestroyNotify) fv_script_datum_free);
  if (value.isList ()) {
    datum->kind = FV_SCRIPT_LIST;
    for (const auto &item : value.toListRef ())
      add_item (datum, item);
  } else if (value.isTuple ()) {
    datum->kind = FV_SCRIPT_TUPLE;
    datum->names = fields_of (value.type ());
    for (const auto &item : value.toTupleRef ().elements ())
      add_item (datum, item);
  } else if (value.isGenericDict ()) {
    datum->kind = FV_SCRIPT_DICT;
    fill_dict (datum, value);
  } else if (value.isObject ()) {
    datum->kind = FV_SCRIPT_OBJECT;
    datum->object = (FvScriptObject *) value.toObject ().get ();
  } else {
    datum->kind = FV_SCRIPT_OTHER;
  }
}

FvScriptDatum *
new_datum (const c10::IValue &value)
{
  auto *datum = g_new0 (FvScriptDatum, 1);

  try {
    fill_datum (datum, value);
  } catch (...) {
    fv_script_datum_free (datum);
    throw;
  }
  return datum;
}

size_t
find_slot (const FvScriptObject *object, const char *name)
{
  auto slot = unwrap (object)->type ()->findAttributeSlot (name);

  if (!slot.has_value ())
    throw std::invalid_argument (std::string ("there is no attribute “") + name + "”");
  return *slot;
}

/* Numbers of half or double precision become float32; indices and masks stay what they are. */
void
use_float32 (jit::Module &module)
{
  auto convert = [] (at::Tensor tensor) {
    if (tensor.is_floating_point ())
      tensor.set_data (tensor.to (at::kFloat));
  };

  for (at::Tensor tensor : module.parameters ())
    convert (tensor);
  for (at::Tensor tensor : module.buffers ())
    convert (tensor);
}

bool
is_structure (const jit::Node *node)
{
  return node->maybeSchema () == nullptr;
}

} // namespace

void
fv_script_datum_free (FvScriptDatum *self)
{
  if (self == nullptr)
    return;
  fv_value_clear (&self->value);
  g_clear_pointer (&self->items, g_ptr_array_unref);
  g_strfreev (self->names);
  g_free (self);
}

FvScript *
fv_script_load (const char *path, GError **error)
{
  return fv_guarded<FvScript *> (path, error, nullptr, [&] {
    auto module = jit::load (path, c10::Device (c10::kCPU));

    module.eval ();
    use_float32 (module);
    return new FvScript{ module };
  });
}

void
fv_script_free (FvScript *self)
{
  delete self;
}

FvScriptObject *
fv_script_get_root (FvScript *self)
{
  return (FvScriptObject *) self->module._ivalue ().get ();
}

gboolean
fv_script_write (FvScript *self, int fd, GError **error)
{
  return fv_guarded<bool> ("saving", error, false, [&] {
    jit::ExportModule (self->module, [fd] (const void *data, size_t n) {
      if (!fv_descriptor_write (fd, data, n))
        throw std::runtime_error (std::string ("writing failed: ") + g_strerror (errno));
      return n;
    });
    return true;
  });
}

guint
fv_script_object_get_n_attributes (const FvScriptObject *self)
{
  return (guint) unwrap (self)->type ()->numAttributes ();
}

char *
fv_script_object_get_attribute_name (const FvScriptObject *self, guint index)
{
  return g_strdup (unwrap (self)->type ()->getAttributeName (index).c_str ());
}

FvScriptRole
fv_script_object_get_attribute_role (const FvScriptObject *self, guint index)
{
  auto type = unwrap (self)->type ();

  if (type->is_parameter (index))
    return FV_SCRIPT_PARAMETER;
  return type->is_buffer (index) ? FV_SCRIPT_BUFFER : FV_SCRIPT_ATTRIBUTE;
}

FvScriptDatum *
fv_script_object_get_attribute (FvScriptObject *self, const char *name, GError **error)
{
  return fv_guarded<FvScriptDatum *> (name, error, nullptr, [&] {
    return new_datum (unwrap (self)->getSlot (find_slot (self, name)));
  });
}

gboolean
fv_script_object_set_tensor (FvScriptObject *self, const char *name, FvTensor *tensor,
                             GError **error)
{
  return fv_guarded<bool> (name, error, false, [&] {
    auto target = unwrap (self)->getSlot (find_slot (self, name)).toTensor ();
    auto source = fv_handle_unwrap (tensor);

    if (target.scalar_type () != source.scalar_type ())
      throw std::invalid_argument ("the type of its numbers differs");
    target.set_data (source.detach ());
    return true;
  });
}

FvScriptBlock *
fv_script_object_get_method (FvScriptObject *self, const char *name, GError **error)
{
  return fv_guarded<FvScriptBlock *> (
      name, error, nullptr, [&] { return code_of (unwrap (self)->type ()->getMethod (name)); });
}

FvScriptDatum *
fv_script_object_get_default (FvScriptObject *self, const char *method, guint index, GError **error)
{
  return fv_guarded<FvScriptDatum *> (method, error, nullptr, [&] {
    const auto &argument
        = unwrap (self)->type ()->getMethod (method).getSchema ().arguments ().at (index);

    if (!argument.default_value ().has_value ())
      throw std::invalid_argument ("its argument “" + argument.name ()
                                   + "” has no default: Fovea gives a network one picture alone");
    return new_datum (*argument.default_value ());
  });
}

guint
fv_script_block_get_n_inputs (const FvScriptBlock *self)
{
  return (guint) unwrap (self)->inputs ().size ();
}

FvScriptName *
fv_script_block_get_input (FvScriptBlock *self, guint index)
{
  return wrap (unwrap (self)->inputs ().at (index));
}

guint
fv_script_block_get_n_outputs (const FvScriptBlock *self)
{
  return (guint) unwrap (self)->outputs ().size ();
}

FvScriptName *
fv_script_block_get_output (FvScriptBlock *self, guint index)
{
  return wrap (unwrap (self)->outputs ().at (index));
}

static FvScriptNode *
node_unless_end (FvScriptBlock *block, jit::Node *node)
{
  return node == unwrap (block)->return_node () ? nullptr : (FvScriptNode *) node;
}

FvScriptNode *
fv_script_block_get_first (FvScriptBlock *self)
{
  return node_unless_end (self, unwrap (self)->param_node ()->next ());
}

FvScriptNode *
fv_script_node_get_next (FvScriptNode *self)
{
  auto *node = unwrap (self);

  return node_unless_end (wrap (node->owningBlock ()), node->next ());
}

const char *
fv_script_node_get_kind (const FvScriptNode *self)
{
  return unwrap (self)->kind ().toQualString ();
}

char *
fv_script_node_get_op (const FvScriptNode *self)
{
  auto *node = unwrap (self);

  if (is_structure (node))
    return nullptr;
  const auto &schema = node->schema ();
  if (schema.overload_name ().empty ())
    return g_strdup (schema.name ().c_str ());
  return g_strconcat (schema.name ().c_str (), ".", schema.overload_name ().c_str (), nullptr);
}

guint
fv_script_node_get_n_inputs (const FvScriptNode *self)
{
  return (guint) unwrap (self)->inputs ().size ();
}

FvScriptName *
fv_script_node_get_input (FvScriptNode *self, guint index)
{
  return wrap (unwrap (self)->inputs ().at (index));
}

guint
fv_script_node_get_n_outputs (const FvScriptNode *self)
{
  return (guint) unwrap (self)->outputs ().size ();
}

FvScriptName *
fv_script_node_get_output (FvScriptNode *self, guint index)
{
  return wrap (unwrap (self)->outputs ().at (index));
}

guint
fv_script_node_get_n_blocks (const FvScriptNode *self)
{
  return (guint) unwrap (self)->blocks ().size ();
}

FvScriptBlock *
fv_script_node_get_block (FvScriptNode *self, guint index)
{
  return wrap (unwrap (self)->blocks ().at (index));
}

char *
fv_script_node_get_text (const FvScriptNode *self)
{
  auto *node = unwrap (self);

  return g_strdup (node->hasAttribute (jit::attr::name) ? node->s (jit::attr::name).c_str () : "");
}

FvScriptDatum *
fv_script_node_get_constant (const FvScriptNode *self, GError **error)
{
  return fv_guarded<FvScriptDatum *> ("a constant", error, nullptr, [&] {
    auto value = jit::toIValue (unwrap (self)->output ());

    return new_datum (value.has_value () ? *value : c10::IValue ());
  });
}

FvScriptBlock *
fv_script_node_get_function (FvScriptNode *self, GError **error)
{
  return fv_guarded<FvScriptBlock *> ("a function", error, nullptr, [&] {
    auto type = unwrap (self)->inputs ().at (0)->type ()->expect<c10::FunctionType> ();

    return code_of (*type->function ());
  });
}

GStrv
fv_script_node_get_fields (const FvScriptNode *self)
{
  return fields_of (unwrap (self)->output ()->type ());
}
