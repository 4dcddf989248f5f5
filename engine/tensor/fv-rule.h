/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Another backward for rectifiers than their own derivative, where and while an attribution wants
 * it. With g, the gradient at a rectifier's output, and x, its input:
 *   plain     g · r'(x)                the derivative; what happens without a rule, or outside
 *                                      fv_rule_begin () … fv_rule_end ()
 *   guided    max (g, 0) · r'(x)       guided backprop (Springenberg et al. 2015, arXiv 1412.6806)
 *   deconv    max (g, 0)               DeconvNet (Zeiler & Fergus 2014, arXiv 1311.2901)
 * r' is the operator's own: [x > 0] for ReLU, [0 < x < 6] for ReLU6.
 *
 * A network is run once with a rule, and serves several backwards, each plain or by the rule:
 *
 *   g_autoptr (FvRule) rule = fv_rule_new (FV_RULE_GUIDED);
 *   run the graph with FvRunMode.rule = rule;
 *   fv_rule_begin (rule);
 *   fv_gradient (…, create_graph, &guided);
 *   fv_rule_end (rule);
 *   plain gradients of the same run; the backward of a loss that holds @guided.
 *
 * What guided backprop computes can be differentiated (create_graph), by [g > 0] for max (g, 0).
 * Such a backward of a loss goes through the rectifiers of the run too and must find the rule
 * ended, or it would be rewritten as well.
 * Threads: the engine thread. */

#pragma once

#include "fv-tensor.h"

G_BEGIN_DECLS

typedef enum {
  FV_RULE_GUIDED,
  FV_RULE_DECONV,
} FvRuleKind;

typedef struct _FvRule FvRule;

/* (transfer full) */
FvRule *fv_rule_new (FvRuleKind kind);
/* What was run with the rule stays usable, and is plain from now on. */
void fv_rule_free (FvRule *self);

/* Backwards between the two go by the rule. */
void fv_rule_begin (FvRule *self);
void fv_rule_end (FvRule *self);

/* @output, what a rectifier made of @input, with a backward that asks the rule: the same values in
 * the same memory. @output itself where nothing is recorded. (transfer full); NULL with @error */
FvTensor *fv_rule_apply (FvRule *self, const FvTensor *input, FvTensor *output, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FvRule, fv_rule_free)

G_END_DECLS
