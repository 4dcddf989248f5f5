/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Evidence swap, in the order of its equations. */

#include "fv-swap.h"

#include "fv-mask-cells.h"
#include "fv-multi-label.h"
#include "fv-op.h"

/* mean over cells of @share × @activation: [N,K]. */
static FvTensor *
pool (FvScope *scope, FvTensor *activation, FvTensor *share)
{
  FvTensor *shares = fv_call (scope, "aten::unsqueeze", fv_of (share), fv_int (1));
  FvTensor *kept = fv_call (scope, "aten::mul.Tensor", fv_of (activation), fv_of (shares));

  return fv_call (scope, "aten::mean.dim", fv_of (kept), fv_ints (2, 3));
}

FvEvidence
fv_evidence_split (FvScope *scope, FvTensor *activation, FvTensor *weight, FvTensor *bias,
                   FvTensor *inside, FvTensor *opinion)
{
  FvTensor *outside = fv_mask_cells_outside (scope, inside, opinion);
  FvTensor *rest = fv_call (scope, "aten::rsub.Scalar", fv_of (outside), fv_real (1));
  FvTensor *pooled_inside = pool (scope, activation, rest);
  FvTensor *pooled_outside = pool (scope, activation, outside);

  return (FvEvidence){
    .inside = bias != NULL ? fv_call (scope, "aten::linear", fv_of (pooled_inside), fv_of (weight),
                                      fv_of (bias))
                           : fv_call (scope, "aten::linear", fv_of (pooled_inside), fv_of (weight)),
    .outside = fv_call (scope, "aten::linear", fv_of (pooled_outside), fv_of (weight)),
  };
}

/* What i gives on the inside and j on the outside, joined by @op: [N,C] twice to [N,N,C]. */
static FvTensor *
join_pairs (FvScope *scope, const char *op, FvTensor *inside, FvTensor *outside)
{
  FvTensor *rows = fv_call (scope, "aten::unsqueeze", fv_of (inside), fv_int (1));
  FvTensor *columns = fv_call (scope, "aten::unsqueeze", fv_of (outside), fv_int (0));

  return fv_call (scope, op, fv_of (rows), fv_of (columns));
}

/* @values[i] for all j: [N,N,1]. */
static FvTensor *
repeat (FvScope *scope, FvTensor *values)
{
  gint64 n = values != NULL ? fv_tensor_get_size (values, 0) : 0;
  FvTensor *column = fv_call (scope, "aten::reshape", fv_of (values), fv_ints (n, 1, 1));

  return fv_call (scope, "aten::expand", fv_of (column), fv_ints (n, n, 1));
}

/* Mean of @values [N,N,1] over the pairs of pictures that @counts counts; 0 when there are none. */
static FvTensor *
average_pairs (FvScope *scope, FvTensor *values, FvTensor *counts)
{
  FvTensor *receivers = repeat (scope, counts);
  FvTensor *donors
      = fv_call (scope, "aten::transpose.int", fv_of (receivers), fv_int (0), fv_int (1));
  FvTensor *taking_part = fv_call (scope, "aten::mul.Tensor", fv_of (receivers), fv_of (donors));
  FvTensor *weighted = fv_call (scope, "aten::mul.Tensor", fv_of (values), fv_of (taking_part));
  FvTensor *n = fv_call (scope, "aten::clamp_min",
                         fv_of (fv_call (scope, "aten::sum", fv_of (taking_part))), fv_real (1));
  FvTensor *sum = fv_call (scope, "aten::sum", fv_of (weighted));

  return fv_call (scope, "aten::div.Tensor", fv_of (sum), fv_of (n));
}

FvTensor *
fv_evidence_swap (FvScope *scope, const FvEvidence *evidence, FvTensor *labels, FvTensor *counts)
{
  FvTensor *pairs = join_pairs (scope, "aten::add.Tensor", evidence->inside, evidence->outside);
  FvTensor *log = fv_call (scope, "aten::log_softmax.int", fv_of (pairs), fv_int (2));
  FvTensor *of_label
      = fv_call (scope, "aten::gather", fv_of (log), fv_int (2), fv_of (repeat (scope, labels)));

  return fv_call (scope, "aten::neg", fv_of (average_pairs (scope, of_label, counts)));
}

/* { y }: [N,C]. */
static FvTensor *
only_label (FvScope *scope, FvTensor *targets, FvTensor *labels)
{
  FvTensor *none = fv_call (scope, "aten::zeros_like", fv_of (targets));

  return fv_multi_label_with (scope, none, labels, 1);
}

FvTensor *
fv_evidence_swap_several (FvScope *scope, const FvEvidence *evidence, FvTensor *labels,
                          FvTensor *targets, FvTensor *counts)
{
  FvTensor *pairs = join_pairs (scope, "aten::add.Tensor", evidence->inside, evidence->outside);
  FvTensor *composed = join_pairs (scope, "aten::maximum", only_label (scope, targets, labels),
                                   fv_multi_label_with (scope, targets, labels, 0));
  FvTensor *each = fv_multi_label_loss (scope, pairs, composed);

  return average_pairs (scope, fv_call (scope, "aten::unsqueeze", fv_of (each), fv_int (2)),
                        counts);
}

FvTensor *
fv_evidence_donors (FvScope *scope, FvTensor *counts, guint32 draw)
{
  gsize n = 0;
  GError *error = NULL;
  g_autofree double *counted = NULL;
  g_autofree gint64 *donors = NULL;
  g_autofree gsize *places = NULL;
  gsize n_places = 0;

  if (fv_scope_has_failed (scope))
    return NULL;
  counted = fv_tensor_to_doubles (counts, &n, &error);
  if (counted == NULL) {
    fv_scope_fail (scope, error);
    return NULL;
  }
  donors = g_new (gint64, n);
  places = g_new (gsize, n);
  for (gsize i = 0; i < n; i++) {
    donors[i] = (gint64) i;
    if (counted[i] > 0)
      places[n_places++] = i;
  }
  for (gsize i = 0; i < n_places; i++)
    donors[places[i]] = (gint64) places[(i + draw) % n_places];
  return fv_scope_take (scope, fv_tensor_new (FV_DTYPE_INT64, (const gint64[]){ (gint64) n }, 1,
                                              donors, n * sizeof (gint64), NULL));
}

FvTensor *
fv_evidence_compose (FvScope *scope, FvTensor *activation, FvTensor *outside, FvTensor *donors)
{
  FvTensor *surroundings = fv_call (scope, "aten::mul.Tensor", fv_of (activation), fv_of (outside));
  FvTensor *own = fv_call (scope, "aten::sub.Tensor", fv_of (activation), fv_of (surroundings));
  FvTensor *given
      = fv_call (scope, "aten::index_select", fv_of (surroundings), fv_int (0), fv_of (donors));

  return fv_call (scope, "aten::add.Tensor", fv_of (own), fv_of (given));
}

FvTensor *
fv_evidence_decide (FvScope *scope, FvTensor *logits, FvTensor *labels, FvTensor *counts)
{
  FvTensor *log = fv_call (scope, "aten::log_softmax.int", fv_of (logits), fv_int (1));
  FvTensor *column = fv_call (scope, "aten::unsqueeze", fv_of (labels), fv_int (1));
  FvTensor *of_label = fv_call (scope, "aten::gather", fv_of (log), fv_int (1), fv_of (column));
  FvTensor *each
      = fv_call (scope, "aten::neg",
                 fv_of (fv_call (scope, "aten::squeeze.dim", fv_of (of_label), fv_int (1))));

  return fv_mask_cells_mean (scope, counts, each);
}

FvTensor *
fv_evidence_decide_several (FvScope *scope, FvTensor *logits, FvTensor *labels, FvTensor *targets,
                            FvTensor *donors, FvTensor *counts)
{
  FvTensor *others = fv_multi_label_with (scope, targets, labels, 0);
  FvTensor *given
      = fv_call (scope, "aten::index_select", fv_of (others), fv_int (0), fv_of (donors));
  FvTensor *composed = fv_call (scope, "aten::maximum", fv_of (only_label (scope, targets, labels)),
                                fv_of (given));

  return fv_mask_cells_mean (scope, counts, fv_multi_label_loss (scope, logits, composed));
}
