/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Named tensors in the order they were added: what PyTorch calls a state dict. Names are PyTorch's
 * (`layer1.0.conv1.weight`), so weights move between the two without renaming.
 * Threads: the engine thread. */

#pragma once

#include "fv-tensor.h"

G_BEGIN_DECLS

typedef struct _FvStateDict FvStateDict;

/* An empty dictionary. (transfer full) */
FvStateDict *fv_state_dict_new (void);
FvStateDict *fv_state_dict_ref (FvStateDict *self);
void fv_state_dict_unref (FvStateDict *self);

/* Adds a reference to @tensor under @name. Returns FALSE when the name is already there. */
gboolean fv_state_dict_add (FvStateDict *self, const char *name, FvTensor *tensor);
guint fv_state_dict_get_length (const FvStateDict *self);
const char *fv_state_dict_get_name (const FvStateDict *self, guint index);
/* (transfer none) */
FvTensor *fv_state_dict_get_tensor (const FvStateDict *self, guint index);
/* (transfer none), NULL when there is none of that name. */
FvTensor *fv_state_dict_lookup (const FvStateDict *self, const char *name);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FvStateDict, fv_state_dict_unref)

G_END_DECLS
