/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Tensors: making, reading, comparing. */

#include "fv-handles.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <sstream>
#include <stdexcept>

G_DEFINE_QUARK (fv - tensor - error - quark, fv_tensor_error)

namespace
{

/* In the order of FvDtype. */
constexpr std::array<at::ScalarType, 10> torch_types = {
  at::kFloat, at::kDouble, at::kHalf, at::kBFloat16, at::kLong,
  at::kInt,   at::kShort,  at::kChar, at::kByte,     at::kBool,
};

constexpr std::array<const char *, 10> type_names = {
  "float32", "float64", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8", "bool",
};

/* Elements of @shape, or -1 when a size is negative or the product overflows. A size of 0 does not
 * hide an overflow of the others: libtorch multiplies them for the strides. */
gint64
count_elements (const gint64 *shape, int n_dims)
{
  gint64 count = 1;
  bool is_empty = false;

  for (int i = 0; i < n_dims; i++) {
    if (shape[i] < 0 || __builtin_mul_overflow (count, MAX (shape[i], 1), &count))
      return -1;
    is_empty |= shape[i] == 0;
  }
  return is_empty ? 0 : count;
}

template <typename Number>
Number *
read_all (const FvTensor *self, FvDtype dtype, gsize *n_elements, GError **error)
{
  gsize n = (gsize) fv_tensor_get_n_elements (self);
  Number *values = g_new (Number, MAX (n, 1));

  if (!fv_tensor_read (self, dtype, values, n * sizeof (Number), error))
    g_clear_pointer (&values, g_free);
  if (n_elements != nullptr)
    *n_elements = n;
  return values;
}

} // namespace

FvTensor *
fv_handle_new (at::Tensor value)
{
  auto *self = new FvTensor{};

  g_atomic_ref_count_init (&self->references);
  self->value = std::move (value);
  return self;
}

at::Tensor
fv_handle_unwrap (const FvTensor *tensor)
{
  if (tensor == nullptr)
    throw std::invalid_argument ("a tensor is missing");
  return tensor->value;
}

at::ScalarType
fv_dtype_to_torch (FvDtype dtype)
{
  return torch_types.at ((size_t) dtype);
}

bool
fv_dtype_is_known (at::ScalarType type)
{
  return std::find (torch_types.begin (), torch_types.end (), type) != torch_types.end ();
}

std::string
fv_first_line (const char *message)
{
  std::string line (message);

  /* The compiler of TorchScript begins with an empty line, and ends the next with a colon before
   * the source that it is about. */
  line.erase (0, line.find_first_not_of ('\n'));
  line = line.substr (0, line.find ('\n'));
  line = line.substr (0, line.find (" (most recent call first)"));
  return line.substr (0, line.find_last_not_of (": ") + 1);
}

void
fv_set_torch_error (GError **error, const char *what, const char *message)
{
  g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_TORCH, "%s: %s", what,
               fv_first_line (message).c_str ());
}

gsize
fv_dtype_get_size (FvDtype dtype)
{
  return c10::elementSize (fv_dtype_to_torch (dtype));
}

FvTensor *
fv_tensor_new (FvDtype dtype, const gint64 *shape, int n_dims, const void *data, gsize n_bytes,
               GError **error)
{
  gint64 count = count_elements (shape, n_dims);
  gsize expected;

  if (count < 0 || __builtin_mul_overflow ((gsize) count, fv_dtype_get_size (dtype), &expected)
      || expected != n_bytes) {
    g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_ARGUMENT,
                 "a tensor's shape does not fit its %" G_GSIZE_FORMAT " bytes", n_bytes);
    return nullptr;
  }
  return fv_guarded<FvTensor *> ("new tensor", error, nullptr, [&] {
    at::Tensor value = at::empty ({ shape, (size_t) n_dims }, fv_dtype_to_torch (dtype));
    if (n_bytes > 0)
      memcpy (value.data_ptr (), data, n_bytes);
    return fv_handle_new (std::move (value));
  });
}

FvTensor *
fv_tensor_ref (FvTensor *self)
{
  g_atomic_ref_count_inc (&self->references);
  return self;
}

void
fv_tensor_unref (FvTensor *self)
{
  if (self != nullptr && g_atomic_ref_count_dec (&self->references))
    delete self;
}

FvDtype
fv_tensor_get_dtype (const FvTensor *self)
{
  for (size_t i = 0; i < torch_types.size (); i++)
    if (torch_types[i] == self->value.scalar_type ())
      return (FvDtype) i;
  g_assert_not_reached ();
}

int
fv_tensor_get_n_dims (const FvTensor *self)
{
  return (int) self->value.dim ();
}

gint64
fv_tensor_get_size (const FvTensor *self, int dim)
{
  int n_dims = fv_tensor_get_n_dims (self);

  if (dim < 0)
    dim += n_dims;
  return dim >= 0 && dim < n_dims ? self->value.size (dim) : 0;
}

gint64
fv_tensor_get_n_elements (const FvTensor *self)
{
  return self->value.numel ();
}

char *
fv_tensor_describe (const FvTensor *self)
{
  std::ostringstream text;

  text << type_names[fv_tensor_get_dtype (self)] << ' ' << self->value.sizes ();
  return g_strdup (text.str ().c_str ());
}

gboolean
fv_tensor_read (const FvTensor *self, FvDtype dtype, void *buffer, gsize n_bytes, GError **error)
{
  if (n_bytes != (gsize) self->value.numel () * fv_dtype_get_size (dtype)) {
    g_autofree char *description = fv_tensor_describe (self);
    g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_ARGUMENT,
                 "%s does not fit a buffer of %" G_GSIZE_FORMAT " bytes", description, n_bytes);
    return FALSE;
  }
  return fv_guarded<gboolean> ("read tensor", error, FALSE, [&] {
    at::Tensor values
        = self->value.detach ().to (at::kCPU, fv_dtype_to_torch (dtype)).contiguous ();
    if (n_bytes > 0)
      memcpy (buffer, values.data_ptr (), n_bytes);
    return TRUE;
  });
}

float *
fv_tensor_to_floats (const FvTensor *self, gsize *n_elements, GError **error)
{
  return read_all<float> (self, FV_DTYPE_FLOAT32, n_elements, error);
}

double *
fv_tensor_to_doubles (const FvTensor *self, gsize *n_elements, GError **error)
{
  return read_all<double> (self, FV_DTYPE_FLOAT64, n_elements, error);
}

double
fv_tensor_to_double (const FvTensor *self)
{
  double value = NAN;

  if (self == nullptr || self->value.numel () != 1
      || !fv_tensor_read (self, FV_DTYPE_FLOAT64, &value, sizeof value, nullptr))
    return NAN;
  return value;
}

gboolean
fv_tensor_copy_from (FvTensor *self, const FvTensor *source, GError **error)
{
  if (self->value.sizes () != source->value.sizes ()) {
    g_autofree char *to = fv_tensor_describe (self);
    g_autofree char *from = fv_tensor_describe (source);
    g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_ARGUMENT, "%s cannot be copied into %s",
                 from, to);
    return FALSE;
  }
  return fv_guarded<gboolean> ("copy tensor", error, FALSE, [&] {
    self->value.detach ().copy_ (source->value.detach ());
    return TRUE;
  });
}

FvTensor *
fv_tensor_clone (const FvTensor *self, GError **error)
{
  return fv_guarded<FvTensor *> ("clone tensor", error, nullptr, [&] {
    return fv_handle_new (self->value.detach ().clone (at::MemoryFormat::Contiguous));
  });
}

guint64
fv_tensor_get_version (const FvTensor *self)
{
  return self->value._version ();
}

gboolean
fv_tensor_shares_memory (const FvTensor *a, const FvTensor *b)
{
  return a->value.is_alias_of (b->value);
}

gboolean
fv_tensor_is_same_view (const FvTensor *a, const FvTensor *b)
{
  return a->value.numel () > 0 && a->value.is_alias_of (b->value)
         && a->value.storage_offset () == b->value.storage_offset ()
         && a->value.sizes () == b->value.sizes () && a->value.strides () == b->value.strides ();
}

gboolean
fv_tensor_equal (const FvTensor *a, const FvTensor *b)
{
  if (a->value.scalar_type () != b->value.scalar_type () || a->value.sizes () != b->value.sizes ())
    return FALSE;
  return fv_guarded<gboolean> ("compare tensors", nullptr, FALSE, [&] {
    at::Tensor x = a->value.detach ().cpu ().contiguous ();
    at::Tensor y = b->value.detach ().cpu ().contiguous ();
    return x.nbytes () == 0 || memcmp (x.data_ptr (), y.data_ptr (), x.nbytes ()) == 0;
  });
}
