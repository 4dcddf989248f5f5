/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The globals that a pickle of weights may name and what each one makes. Python looks the name up
 * and calls whatever it finds; here the list below is all there is. */

#include "fv-pickle-value.h"

#include <string.h>

#include "fv-weights-file.h"

/* ("storage", type, key, location, elements) */
#define N_STORAGE_ID_ITEMS 5
/* storage, offset, shape, strides, requires_grad, hooks and, in newer files, metadata */
#define MIN_TENSOR_ARGUMENTS 6
#define MAX_TENSOR_ARGUMENTS 7
/* tensor, requires_grad, hooks */
#define N_PARAMETER_ARGUMENTS 3
/* Brackets in the name of a container's type, and its length. */
#define MAX_TYPE_DEPTH 64
#define MAX_TYPE_BYTES 4096

static const FvPickleGlobal globals[] = {
  { "collections", "OrderedDict", FV_PICKLE_MAKES_ORDERED_DICT, 0 },
  { "torch", "BFloat16Storage", FV_PICKLE_MAKES_STORAGE, FV_DTYPE_BFLOAT16 },
  { "torch", "BoolStorage", FV_PICKLE_MAKES_STORAGE, FV_DTYPE_BOOL },
  { "torch", "ByteStorage", FV_PICKLE_MAKES_STORAGE, FV_DTYPE_UINT8 },
  { "torch", "CharStorage", FV_PICKLE_MAKES_STORAGE, FV_DTYPE_INT8 },
  { "torch", "DoubleStorage", FV_PICKLE_MAKES_STORAGE, FV_DTYPE_FLOAT64 },
  { "torch", "FloatStorage", FV_PICKLE_MAKES_STORAGE, FV_DTYPE_FLOAT32 },
  { "torch", "HalfStorage", FV_PICKLE_MAKES_STORAGE, FV_DTYPE_FLOAT16 },
  { "torch", "IntStorage", FV_PICKLE_MAKES_STORAGE, FV_DTYPE_INT32 },
  { "torch", "LongStorage", FV_PICKLE_MAKES_STORAGE, FV_DTYPE_INT64 },
  { "torch", "ShortStorage", FV_PICKLE_MAKES_STORAGE, FV_DTYPE_INT16 },
  { "torch", "Size", FV_PICKLE_MAKES_SIZE, 0 },
  { "torch._utils", "_rebuild_parameter", FV_PICKLE_MAKES_PARAMETER, 0 },
  { "torch._utils", "_rebuild_tensor_v2", FV_PICKLE_MAKES_TENSOR, 0 },
};

/* What the pickles of a TorchScript archive may name besides. */
static const FvPickleGlobal script_globals[] = {
  { "builtins", "complex", FV_PICKLE_MAKES_COMPLEX, 0 },
  { "torch", "device", FV_PICKLE_MAKES_DEVICE, 0 },
  { "torch.jit._pickle", "build_boollist", FV_PICKLE_MAKES_LIST, 0 },
  { "torch.jit._pickle", "build_doublelist", FV_PICKLE_MAKES_LIST, 0 },
  { "torch.jit._pickle", "build_intlist", FV_PICKLE_MAKES_LIST, 0 },
  { "torch.jit._pickle", "build_tensorlist", FV_PICKLE_MAKES_LIST, 0 },
  { "torch.jit._pickle", "restore_type_tag", FV_PICKLE_MAKES_TAGGED, 0 },
};

/* Any class of the archive. */
static const FvPickleGlobal script_class = { "__torch__", "*", FV_PICKLE_MAKES_OBJECT, 0 };

static const FvPickleGlobal *
search (const FvPickleGlobal *table, gsize n_globals, const char *module, const char *name)
{
  for (gsize i = 0; i < n_globals; i++)
    if (g_str_equal (module, table[i].module) && g_str_equal (name, table[i].name))
      return &table[i];
  return NULL;
}

const FvPickleGlobal *
fv_pickle_find_global (const FvPickle *self, const char *module, const char *name, GError **error)
{
  const FvPickleGlobal *found = search (globals, G_N_ELEMENTS (globals), module, name);
  g_autofree char *full_name = g_strconcat (module, ".", name, NULL);

  if (found == NULL && self->classes != NULL)
    found = search (script_globals, G_N_ELEMENTS (script_globals), module, name);
  if (found == NULL && self->classes != NULL && g_hash_table_contains (self->classes, full_name))
    found = &script_class;
  if (found != NULL)
    return found;
  fv_pickle_refuse (error, "was refused: “%.100s.%.100s” is not allowed in a weights file", module,
                    name);
  return NULL;
}

static const FvPickleValue *
get_item (const FvPickleValue *tuple, guint index)
{
  return g_ptr_array_index (tuple->items, index);
}

FvPickleValue *
fv_pickle_load_storage (FvPickle *self, const FvPickleValue *id, GError **error)
{
  const FvPickleValue *type;
  const FvPickleValue *key;
  const FvPickleValue *n_elements;
  FvPickleValue *storage;

  if (id->kind != FV_PICKLE_TUPLE || id->items->len != N_STORAGE_ID_ITEMS) {
    fv_pickle_refuse (error, "refers to values in a way PyTorch does not");
    return NULL;
  }
  type = get_item (id, 1);
  key = get_item (id, 2);
  n_elements = get_item (id, 4);
  if (get_item (id, 0)->kind != FV_PICKLE_TEXT || !g_str_equal (get_item (id, 0)->text, "storage")
      || type->kind != FV_PICKLE_GLOBAL || type->global->makes != FV_PICKLE_MAKES_STORAGE
      || key->kind != FV_PICKLE_TEXT || n_elements->kind != FV_PICKLE_INT
      || n_elements->integer < 0) {
    fv_pickle_refuse (error, "refers to values in a way PyTorch does not");
    return NULL;
  }
  storage = fv_pickle_add_value (self, FV_PICKLE_STORAGE, error);
  if (storage == NULL)
    return NULL;
  storage->tensor->storage_key = key->text;
  storage->tensor->storage_elements = n_elements->integer;
  storage->tensor->dtype = type->global->dtype;
  return storage;
}

/* Reads a tuple of at most FV_TENSOR_MAX_DIMS integers >= 0. */
static gboolean
read_sizes (const FvPickleValue *tuple, gint64 *sizes, int *n_sizes)
{
  if (tuple->kind != FV_PICKLE_TUPLE || tuple->items->len > FV_TENSOR_MAX_DIMS)
    return FALSE;
  *n_sizes = (int) tuple->items->len;
  for (int i = 0; i < *n_sizes; i++) {
    const FvPickleValue *item = get_item (tuple, (guint) i);

    if (item->kind != FV_PICKLE_INT || item->integer < 0)
      return FALSE;
    sizes[i] = item->integer;
  }
  return TRUE;
}

/* Whether every element of the view lies in its storage. */
static gboolean
is_in_storage (const FvPickleTensor *tensor)
{
  guint64 last = (guint64) tensor->offset;
  gboolean is_empty = FALSE;

  for (int i = 0; i < tensor->n_dims; i++) {
    guint64 reach;

    if (tensor->shape[i] == 0) {
      is_empty = TRUE;
      continue;
    }
    if (!g_uint64_checked_mul (&reach, (guint64) tensor->shape[i] - 1, (guint64) tensor->strides[i])
        || !g_uint64_checked_add (&last, last, reach))
      return FALSE;
  }
  return is_empty || last < (guint64) tensor->storage_elements;
}

static FvPickleValue *
make_tensor (FvPickle *self, const FvPickleValue *arguments, GError **error)
{
  FvPickleValue *value;
  FvPickleTensor *tensor;
  gsize n_bytes;
  int n_strides;

  if (arguments->items->len < MIN_TENSOR_ARGUMENTS || arguments->items->len > MAX_TENSOR_ARGUMENTS
      || get_item (arguments, 0)->kind != FV_PICKLE_STORAGE
      || get_item (arguments, 1)->kind != FV_PICKLE_INT || get_item (arguments, 1)->integer < 0) {
    fv_pickle_refuse (error, "describes a tensor in a way PyTorch does not");
    return NULL;
  }
  value = fv_pickle_add_value (self, FV_PICKLE_TENSOR, error);
  if (value == NULL)
    return NULL;
  tensor = value->tensor;
  *tensor = *get_item (arguments, 0)->tensor;
  tensor->offset = get_item (arguments, 1)->integer;
  if (!read_sizes (get_item (arguments, 2), tensor->shape, &tensor->n_dims)
      || !read_sizes (get_item (arguments, 3), tensor->strides, &n_strides)
      || tensor->n_dims != n_strides) {
    fv_pickle_refuse (error,
                      "has a tensor whose shape or strides are not whole numbers, at most "
                      "%d of them",
                      FV_TENSOR_MAX_DIMS);
    return NULL;
  }
  for (int i = 0; i < n_strides; i++)
    if (tensor->shape[i] == 1)
      tensor->strides[i] = 0;
  if (!fv_weights_count_bytes (tensor->dtype, tensor->shape, tensor->n_dims, &n_bytes)
      || !is_in_storage (tensor)) {
    fv_pickle_refuse (error, "has a tensor that reaches beyond its values");
    return NULL;
  }
  return value;
}

/* The type of a container, "Dict[str, List[int]]". libtorch parses it as it does source. */
static gboolean
is_type_text (const FvPickleValue *value)
{
  guint depth = 0;

  if (value->kind != FV_PICKLE_TEXT || strstr (value->text, "torch.classes") != NULL)
    return FALSE;
  for (const char *c = value->text; *c != '\0'; c++) {
    if (!g_ascii_isalnum (*c) && strchr ("_.,[] ", *c) == NULL)
      return FALSE;
    depth += *c == '[';
  }
  return depth <= MAX_TYPE_DEPTH && strlen (value->text) <= MAX_TYPE_BYTES;
}

static gboolean
is_container (const FvPickleValue *value)
{
  return value->kind == FV_PICKLE_LIST || value->kind == FV_PICKLE_DICT;
}

/* What a global of TorchScript makes of the tuple @arguments, or NULL when they do not fit. */
static FvPickleValue *
call_script (FvPickle *self, FvPickleMakes makes, const FvPickleValue *arguments, GError **error)
{
  guint n = arguments->items->len;
  FvPickleValue *first = n > 0 ? g_ptr_array_index (arguments->items, 0) : NULL;

  if (makes == FV_PICKLE_MAKES_COMPLEX && n == 2)
    return fv_pickle_add_value (self, FV_PICKLE_NONE, error);
  if (makes == FV_PICKLE_MAKES_DEVICE && n == 1 && first->kind == FV_PICKLE_TEXT)
    return fv_pickle_add_value (self, FV_PICKLE_NONE, error);
  if (makes == FV_PICKLE_MAKES_LIST && n == 1 && first->kind == FV_PICKLE_LIST)
    return first;
  if (makes == FV_PICKLE_MAKES_TAGGED && n == 2 && is_container (first)
      && is_type_text (get_item (arguments, 1)))
    return first;
  if (makes == FV_PICKLE_MAKES_OBJECT && n == 1) /* a value of an enumeration */
    return fv_pickle_add_value (self, FV_PICKLE_OBJECT, error);
  return NULL;
}

FvPickleValue *
fv_pickle_call (FvPickle *self, const FvPickleValue *callable, const FvPickleValue *arguments,
                GError **error)
{
  FvPickleValue *made = NULL;
  guint n_arguments;

  if (callable->kind != FV_PICKLE_GLOBAL || arguments->kind != FV_PICKLE_TUPLE) {
    fv_pickle_refuse (error, "was refused: it calls something that is not a function");
    return NULL;
  }
  n_arguments = arguments->items->len;
  switch (callable->global->makes) {
  case FV_PICKLE_MAKES_ORDERED_DICT:
    if (n_arguments == 0)
      return fv_pickle_add_value (self, FV_PICKLE_ORDERED_DICT, error);
    break;
  case FV_PICKLE_MAKES_SIZE:
    if (n_arguments == 1 && get_item (arguments, 0)->kind == FV_PICKLE_TUPLE)
      return g_ptr_array_index (arguments->items, 0);
    break;
  case FV_PICKLE_MAKES_TENSOR:
    return make_tensor (self, arguments, error);
  case FV_PICKLE_MAKES_PARAMETER:
    if (n_arguments == N_PARAMETER_ARGUMENTS && get_item (arguments, 0)->kind == FV_PICKLE_TENSOR)
      return g_ptr_array_index (arguments->items, 0);
    break;
  case FV_PICKLE_MAKES_STORAGE:
    break;
  case FV_PICKLE_MAKES_COMPLEX:
  case FV_PICKLE_MAKES_DEVICE:
  case FV_PICKLE_MAKES_LIST:
  case FV_PICKLE_MAKES_TAGGED:
  case FV_PICKLE_MAKES_OBJECT:
    made = call_script (self, callable->global->makes, arguments, error);
    break;
  default:
    g_assert_not_reached ();
  }
  if (made != NULL || (error != NULL && *error != NULL))
    return made;
  fv_pickle_refuse (error, "was refused: it calls “%s.%s” in a way PyTorch does not",
                    callable->global->module, callable->global->name);
  return NULL;
}
