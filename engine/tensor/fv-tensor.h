/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A tensor of libtorch behind a C handle.
 *
 * Lifetime: a FvTensor is counted. Calls that return a FvTensor "(transfer full)" hand over one
 * reference; tensors made by fv_call () and its helpers belong to their FvScope (see fv-scope.h).
 * Threads: every call here belongs to the engine thread (or to a test's only thread); counting
 * references is safe from any thread. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _FvTensor FvTensor;

typedef enum {
  FV_DTYPE_FLOAT32,
  FV_DTYPE_FLOAT64,
  FV_DTYPE_FLOAT16,
  FV_DTYPE_BFLOAT16,
  FV_DTYPE_INT64,
  FV_DTYPE_INT32,
  FV_DTYPE_INT16,
  FV_DTYPE_INT8,
  FV_DTYPE_UINT8,
  FV_DTYPE_BOOL,
} FvDtype;

/* The most dimensions a tensor that Fovea reads from a file may have. */
#define FV_TENSOR_MAX_DIMS 8

#define FV_TENSOR_ERROR (fv_tensor_error_quark ())
GQuark fv_tensor_error_quark (void);

typedef enum {
  FV_TENSOR_ERROR_TORCH,    /* libtorch refused: the message is its first line */
  FV_TENSOR_ERROR_ARGUMENT, /* a value of the wrong kind, shape or count */
  FV_TENSOR_ERROR_NO_OP,    /* no operator of that name */
  FV_TENSOR_ERROR_FILE,     /* a file that is not what it claims to be */
} FvTensorError;

/* Bytes of one element. */
gsize fv_dtype_get_size (FvDtype dtype);

/* A new CPU tensor that holds a copy of `data`, row-major.
 * @shape: `n_dims` sizes, each >= 0; n_dims 0 makes a scalar.
 * @n_bytes: must equal the product of the shape times the element size.
 * Returns: (transfer full), or NULL with @error. */
FvTensor *fv_tensor_new (FvDtype dtype, const gint64 *shape, int n_dims, const void *data,
                         gsize n_bytes, GError **error);

FvTensor *fv_tensor_ref (FvTensor *self);
void fv_tensor_unref (FvTensor *self);

FvDtype fv_tensor_get_dtype (const FvTensor *self);
int fv_tensor_get_n_dims (const FvTensor *self);
/* Size of dimension @dim; negative counts from the end. A dimension it lacks has size 0. */
gint64 fv_tensor_get_size (const FvTensor *self, int dim);
gint64 fv_tensor_get_n_elements (const FvTensor *self);
/* "float32 [1, 64, 7, 7]", for messages. (transfer full) */
char *fv_tensor_describe (const FvTensor *self);

/* Copies the values, row-major and converted to @dtype, into @buffer.
 * @n_bytes: the buffer's capacity; must equal elements times element size, or it is an error. */
gboolean fv_tensor_read (const FvTensor *self, FvDtype dtype, void *buffer, gsize n_bytes,
                         GError **error);
/* All values as float32 or float64 in a new buffer, to be freed with g_free (); NULL on error. */
float *fv_tensor_to_floats (const FvTensor *self, gsize *n_elements, GError **error);
double *fv_tensor_to_doubles (const FvTensor *self, gsize *n_elements, GError **error);
/* The value of a tensor of one element, NaN where that fails. */
double fv_tensor_to_double (const FvTensor *self);

/* Overwrites the values in place with those of @source (same shape; the type is converted).
 * Not recorded by autograd: it is how weights are loaded. */
gboolean fv_tensor_copy_from (FvTensor *self, const FvTensor *source, GError **error);
/* A deep copy, detached from autograd. (transfer full) */
FvTensor *fv_tensor_clone (const FvTensor *self, GError **error);
/* How often operators, optimisers and fv_tensor_copy_from () have changed the values in place. */
guint64 fv_tensor_get_version (const FvTensor *self);
/* TRUE when type, shape and every bit of the values agree. */
gboolean fv_tensor_equal (const FvTensor *a, const FvTensor *b);
/* TRUE when both look at the same memory, as a view and its base do. */
gboolean fv_tensor_shares_memory (const FvTensor *a, const FvTensor *b);
/* TRUE when both are the very same numbers in memory, in the same order: tied weights. */
gboolean fv_tensor_is_same_view (const FvTensor *a, const FvTensor *b);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FvTensor, fv_tensor_unref)

G_END_DECLS
