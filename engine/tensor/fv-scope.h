/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Scopes: who frees short-lived tensors, and where an error waits until somebody asks.
 *
 * Every tensor that fv_call () makes belongs to the scope it was made in and is freed with it.
 * The first failure sticks to the scope: from then on each call in it returns NULL at once, so
 * tensor mathematics reads as mathematics, nested calls included, and is checked once at the end:
 *
 *   g_autoptr(FvScope) scope = fv_scope_new ();
 *   FvTensor *square = fv_call (scope, "aten::mul.Tensor", fv_of (residual), fv_of (residual));
 *   FvTensor *loss = fv_call (scope, "aten::mean", fv_of (square));
 *   if (!fv_scope_check (scope, error))
 *     return NULL;
 *   return fv_scope_keep (scope, loss);
 *
 * Scopes nest by simply existing beside each other: one for a training step, one for an evaluated
 * image. They are for short mathematics; the graph executor frees its values at their last use.
 * Threads: a scope belongs to the thread that made it. */

#pragma once

#include "fv-tensor.h"

G_BEGIN_DECLS

typedef struct _FvScope FvScope;

FvScope *fv_scope_new (void);
/* Frees the scope and every tensor in it. */
void fv_scope_free (FvScope *self);

/* Puts @tensor (transfer full, may be NULL) into the scope and returns it as borrowed. */
FvTensor *fv_scope_take (FvScope *self, FvTensor *tensor);
/* A reference to @tensor that outlives the scope; NULL when @tensor is NULL. (transfer full) */
FvTensor *fv_scope_keep (FvScope *self, FvTensor *tensor);

/* Records a failure unless one is recorded already. @error is (transfer full). */
void fv_scope_fail (FvScope *self, GError *error);
/* TRUE once anything in this scope has failed. */
gboolean fv_scope_has_failed (const FvScope *self);
/* TRUE when nothing failed; else FALSE and a copy of the first failure in @error. */
gboolean fv_scope_check (const FvScope *self, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FvScope, fv_scope_free)

G_END_DECLS
