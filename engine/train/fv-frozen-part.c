/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A frontier of the graph, the shapes of what crosses it, and the rewritten twin of what is below.
 */

#include "fv-frozen-part.h"

#include "fv-autograd.h"
#include "fv-inference.h"
#include "fv-op.h"

/* What one node gives, for one picture. */
typedef struct {
  gint64 shape[FV_TENSOR_MAX_DIMS]; /* shape[0] is the number of pictures */
  int n_dims;
  gsize n_floats;
} Value;

struct _FvFrozenPart {
  FvGraph *graph;
  FvNodeId start;
  GArray *nodes;       /* FvNodeId: what crosses */
  GArray *values;      /* Value, by node; empty when they do not belong to single pictures */
  gsize row_floats;    /* of all together */
  gboolean is_ready;   /* the twin has been asked for */
  FvInference *twin;   /* NULL: there is none, the graph itself is run */
  FvTensor *blueprint; /* [1,3,H,W]: the picture that the twin is checked on */
};

void
fv_frozen_part_free (FvFrozenPart *self)
{
  if (self == NULL)
    return;
  fv_inference_free (self->twin);
  fv_tensor_unref (self->blueprint);
  g_array_unref (self->nodes);
  g_array_unref (self->values);
  fv_graph_unref (self->graph);
  g_free (self);
}

FvGraph *
fv_frozen_part_get_graph (const FvFrozenPart *self)
{
  return self->graph;
}

FvNodeId
fv_frozen_part_get_start (const FvFrozenPart *self)
{
  return self->start;
}

const GArray *
fv_frozen_part_get_nodes (const FvFrozenPart *self)
{
  return self->nodes;
}

gsize
fv_frozen_part_get_row_floats (const FvFrozenPart *self)
{
  return self->row_floats;
}

/* -- what crosses --------------------------------------------------------------------------- */

static FvActivations *
run_graph (const FvFrozenPart *self, FvTensor *images, GCancellable *cancellable, GError **error)
{
  g_autoptr (FvNoGrad) no_grad = fv_no_grad_enter ();
  g_autoptr (FvActivations) given = fv_activations_new ();

  fv_activations_set (given, fv_graph_get_input (self->graph), images);
  return fv_graph_run (self->graph, given, (const FvNodeId *) self->nodes->data, self->nodes->len,
                       (FvRunMode){ 0 }, cancellable, error);
}

/* TRUE when the tensors are those of one picture and of two, which differ in nothing else. */
static gboolean
is_by_picture (const FvTensor *one, const FvTensor *two)
{
  int n_dims = one != NULL ? fv_tensor_get_n_dims (one) : 0;

  if (n_dims == 0 || n_dims > FV_TENSOR_MAX_DIMS || two == NULL
      || fv_tensor_get_n_dims (two) != n_dims || fv_tensor_get_dtype (one) != FV_DTYPE_FLOAT32
      || fv_tensor_get_size (one, 0) != 1 || fv_tensor_get_size (two, 0) != 2)
    return FALSE;
  for (int i = 1; i < n_dims; i++)
    if (fv_tensor_get_size (one, i) != fv_tensor_get_size (two, i))
      return FALSE;
  return TRUE;
}

static void
add_value (FvFrozenPart *self, const FvTensor *tensor)
{
  Value value = { .n_dims = fv_tensor_get_n_dims (tensor) };

  value.n_floats = (gsize) fv_tensor_get_n_elements (tensor);
  for (int i = 0; i < value.n_dims; i++)
    value.shape[i] = fv_tensor_get_size (tensor, i);
  self->row_floats += value.n_floats;
  g_array_append_val (self->values, value);
}

static gboolean
find_values (FvFrozenPart *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (FvScope) scope = fv_scope_new ();
  g_autoptr (FvActivations) one = NULL;
  g_autoptr (FvActivations) two = NULL;
  FvTensor *pair = fv_call (
      scope, "aten::cat",
      fv_tensor_list ((FvTensor *const[]){ self->blueprint, self->blueprint }, 2), fv_int (0));

  if (!fv_scope_check (scope, error))
    return FALSE;
  one = run_graph (self, self->blueprint, cancellable, error);
  two = one != NULL ? run_graph (self, pair, cancellable, error) : NULL;
  if (two == NULL)
    return FALSE;
  for (guint i = 0; i < self->nodes->len; i++) {
    FvNodeId node = g_array_index (self->nodes, FvNodeId, i);

    if (!is_by_picture (fv_activations_get (one, node), fv_activations_get (two, node))) {
      g_array_set_size (self->values, 0);
      self->row_floats = 0;
      break;
    }
    add_value (self, fv_activations_get (one, node));
  }
  return TRUE;
}

/* The same picture for every run, so that the twin does not hang on the data: grey levels that rise
 * over what normalised pictures have. */
static FvTensor *
make_blueprint (const FvCard *card, GError **error)
{
  g_autoptr (FvScope) scope = fv_scope_new ();
  gint64 n = 3 * (gint64) card->height * card->width;
  FvTensor *ramp = fv_call (scope, "aten::linspace", fv_real (-2), fv_real (2), fv_int (n));

  ramp = fv_call (scope, "aten::reshape", fv_of (ramp), fv_ints (1, 3, card->height, card->width));
  return fv_scope_check (scope, error) ? fv_scope_keep (scope, ramp) : NULL;
}

/* Unless it is there. */
static void
add_node (GArray *nodes, FvNodeId node)
{
  for (guint i = 0; i < nodes->len; i++)
    if (g_array_index (nodes, FvNodeId, i) == node)
      return;
  g_array_append_val (nodes, node);
}

FvFrozenPart *
fv_frozen_part_new (FvGraph *graph, const FvCard *card, FvNodeId start, const FvNodeId *also,
                    gsize n_also, GCancellable *cancellable, GError **error)
{
  g_autoptr (FvFrozenPart) self = g_new0 (FvFrozenPart, 1);

  g_return_val_if_fail (start > fv_graph_get_input (graph) + 1, NULL);

  self->graph = fv_graph_ref (graph);
  self->start = start;
  self->nodes = fv_graph_frontier (graph, start - 1);
  self->values = g_array_new (FALSE, FALSE, sizeof (Value));
  for (gsize i = 0; i < n_also; i++)
    if (also[i] < start)
      add_node (self->nodes, also[i]);
  self->blueprint = make_blueprint (card, error);
  if (self->blueprint == NULL || !find_values (self, cancellable, error))
    return NULL;
  return g_steal_pointer (&self);
}

/* -- running -------------------------------------------------------------------------------- */

static gboolean
make_twin (FvFrozenPart *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (FvNoGrad) no_grad = fv_no_grad_enter ();
  GError *reason = NULL;

  if (self->is_ready)
    return TRUE;
  self->twin = fv_inference_new (self->graph, self->blueprint, (const FvNodeId *) self->nodes->data,
                                 self->nodes->len, cancellable, &reason);
  self->is_ready = reason == NULL;
  if (reason != NULL)
    g_propagate_error (error, reason);
  return self->is_ready;
}

/* One picture [1,3,H,W], by the twin where it can. */
static FvActivations *
run_picture (FvFrozenPart *self, FvTensor *picture, GCancellable *cancellable, GError **error)
{
  g_autoptr (FvNoGrad) no_grad = fv_no_grad_enter ();
  g_autoptr (GError) reason = NULL;
  FvActivations *found = NULL;

  if (!make_twin (self, cancellable, error))
    return NULL;
  if (self->twin != NULL)
    found = fv_inference_run (self->twin, picture, cancellable, &reason);
  if (found != NULL)
    return found;
  if (!g_error_matches (reason, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return run_graph (self, picture, cancellable, error);
  g_propagate_error (error, g_steal_pointer (&reason));
  return NULL;
}

static gboolean
write_picture (FvFrozenPart *self, FvTensor *picture, float *row, GCancellable *cancellable,
               GError **error)
{
  g_autoptr (FvActivations) found = run_picture (self, picture, cancellable, error);

  for (guint i = 0; found != NULL && i < self->nodes->len; i++) {
    FvTensor *tensor = fv_activations_get (found, g_array_index (self->nodes, FvNodeId, i));
    gsize n = g_array_index (self->values, Value, i).n_floats;

    if (!fv_tensor_read (tensor, FV_DTYPE_FLOAT32, row, n * sizeof *row, error))
      return FALSE;
    row += n;
  }
  return found != NULL;
}

gboolean
fv_frozen_part_write (FvFrozenPart *self, FvTensor *images, float *rows, GCancellable *cancellable,
                      GError **error)
{
  g_return_val_if_fail (self->row_floats > 0, FALSE);

  for (gint64 i = 0; i < fv_tensor_get_size (images, 0); i++) {
    g_autoptr (FvScope) scope = fv_scope_new ();
    FvTensor *picture
        = fv_call (scope, "aten::narrow", fv_of (images), fv_int (0), fv_int (i), fv_int (1));

    if (!fv_scope_check (scope, error)
        || !write_picture (self, picture, rows + (gsize) i * self->row_floats, cancellable, error))
      return FALSE;
  }
  return TRUE;
}

FvActivations *
fv_frozen_part_unpack (const FvFrozenPart *self, FvTensor *rows, GError **error)
{
  g_autoptr (FvScope) scope = fv_scope_new ();
  g_autoptr (FvActivations) values = fv_activations_new ();
  gint64 first = 0;

  for (guint i = 0; i < self->nodes->len; i++) {
    Value value = g_array_index (self->values, Value, i);
    FvTensor *part = fv_call (scope, "aten::narrow", fv_of (rows), fv_int (1), fv_int (first),
                              fv_int ((gint64) value.n_floats));

    value.shape[0] = fv_tensor_get_size (rows, 0);
    part = fv_call (scope, "aten::reshape", fv_of (part),
                    fv_int_list (value.shape, (gsize) value.n_dims));
    part = fv_call (scope, "aten::contiguous", fv_of (part));
    if (!fv_scope_check (scope, error))
      return NULL;
    fv_activations_set (values, g_array_index (self->nodes, FvNodeId, i), part);
    first += (gint64) value.n_floats;
  }
  return g_steal_pointer (&values);
}

FvActivations *
fv_frozen_part_run (FvFrozenPart *self, FvTensor *images, GCancellable *cancellable, GError **error)
{
  const gint64 shape[] = { fv_tensor_get_size (images, 0), (gint64) self->row_floats };
  gsize n_bytes = (gsize) shape[0] * self->row_floats * sizeof (float);
  g_autofree float *rows = NULL;
  g_autoptr (FvTensor) tensor = NULL;

  if (self->row_floats == 0)
    return run_graph (self, images, cancellable, error);
  rows = g_malloc (n_bytes);
  if (!fv_frozen_part_write (self, images, rows, cancellable, error))
    return NULL;
  tensor = fv_tensor_new (FV_DTYPE_FLOAT32, shape, 2, rows, n_bytes, error);
  return tensor != NULL ? fv_frozen_part_unpack (self, tensor, error) : NULL;
}
