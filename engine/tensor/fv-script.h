/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A TorchScript file as libtorch reads it: modules, their attributes, and their code as blocks of
 * nodes. Only for looking through: nothing here runs the file's code.
 *
 * A TorchScript file is a program, and reading it with libtorch already runs parts of one. Hand it
 * only what fv_script_guard_check () let through, in a process that may die (fv-script-child.h).
 * Objects, blocks, nodes and names belong to the FvScript and live as long as it.
 * Threads: the engine thread. */

#pragma once

#include "fv-op.h"

G_BEGIN_DECLS

typedef struct _FvScript FvScript;
typedef struct _FvScriptObject FvScriptObject; /* a module, or another object of a class */
typedef struct _FvScriptBlock FvScriptBlock;   /* code: of a method, or of a branch or loop in it */
typedef struct _FvScriptNode FvScriptNode;     /* one operation in a block */
typedef struct _FvScriptName FvScriptName;     /* what a node computes or uses */

/* An attribute or constant. */
typedef enum {
  FV_SCRIPT_VALUE,  /* one that FvValue holds */
  FV_SCRIPT_LIST,   /* items */
  FV_SCRIPT_TUPLE,  /* items, with names where it is a named tuple */
  FV_SCRIPT_DICT,   /* items, with their keys as names; keys that are no text have none */
  FV_SCRIPT_OBJECT, /* object */
  FV_SCRIPT_OTHER,  /* none of these */
} FvScriptDatumKind;

typedef struct _FvScriptDatum {
  FvScriptDatumKind kind;
  FvValue value;    /* owned */
  GPtrArray *items; /* of FvScriptDatum, or NULL */
  GStrv names;      /* of the items, or NULL */
  FvScriptObject *object;
} FvScriptDatum;

void fv_script_datum_free (FvScriptDatum *self);

typedef enum {
  FV_SCRIPT_PARAMETER, /* nn.Parameter */
  FV_SCRIPT_BUFFER,
  FV_SCRIPT_ATTRIBUTE,
} FvScriptRole;

/* Reads the file, puts the network into evaluation mode and its numbers into float32.
 * (transfer full) */
FvScript *fv_script_load (const char *path, GError **error);
void fv_script_free (FvScript *self);
FvScriptObject *fv_script_get_root (FvScript *self);
/* Writes the network with its present parameters as a TorchScript file to @fd. */
gboolean fv_script_write (FvScript *self, int fd, GError **error);

/* -- objects -------------------------------------------------------------------------------- */

guint fv_script_object_get_n_attributes (const FvScriptObject *self);
/* (transfer full) */
char *fv_script_object_get_attribute_name (const FvScriptObject *self, guint index);
FvScriptRole fv_script_object_get_attribute_role (const FvScriptObject *self, guint index);
/* (transfer full); NULL with @error when there is no such attribute. */
FvScriptDatum *fv_script_object_get_attribute (FvScriptObject *self, const char *name,
                                               GError **error);
/* Replaces the values of a parameter or buffer; the shape may change, the type may not. */
gboolean fv_script_object_set_tensor (FvScriptObject *self, const char *name, FvTensor *tensor,
                                      GError **error);
/* The code of a method; NULL with @error when there is none of that name. */
FvScriptBlock *fv_script_object_get_method (FvScriptObject *self, const char *name, GError **error);

/* The default of a method's argument; 0 is the object itself. NULL with @error when there is none.
 * (transfer full) */
FvScriptDatum *fv_script_object_get_default (FvScriptObject *self, const char *method, guint index,
                                             GError **error);

/* -- code ----------------------------------------------------------------------------------- */

/* What the block is given (a method's first is the object itself) and what it returns. */
guint fv_script_block_get_n_inputs (const FvScriptBlock *self);
FvScriptName *fv_script_block_get_input (FvScriptBlock *self, guint index);
guint fv_script_block_get_n_outputs (const FvScriptBlock *self);
FvScriptName *fv_script_block_get_output (FvScriptBlock *self, guint index);
/* The first node, and the one after; NULL at the end. */
FvScriptNode *fv_script_block_get_first (FvScriptBlock *self);
FvScriptNode *fv_script_node_get_next (FvScriptNode *self);

/* "aten::relu", "prim::If". (transfer none): lives as long as the process */
const char *fv_script_node_get_kind (const FvScriptNode *self);
/* With the overload, as fv_op_find () takes it: "aten::add.Tensor". (transfer full); NULL when the
 * node is no operator but structure. */
char *fv_script_node_get_op (const FvScriptNode *self);
guint fv_script_node_get_n_inputs (const FvScriptNode *self);
FvScriptName *fv_script_node_get_input (FvScriptNode *self, guint index);
guint fv_script_node_get_n_outputs (const FvScriptNode *self);
FvScriptName *fv_script_node_get_output (FvScriptNode *self, guint index);
guint fv_script_node_get_n_blocks (const FvScriptNode *self);
FvScriptBlock *fv_script_node_get_block (FvScriptNode *self, guint index);
/* The attribute's or method's name of a prim::GetAttr, SetAttr or CallMethod. (transfer full) */
char *fv_script_node_get_text (const FvScriptNode *self);
/* The value of a prim::Constant. (transfer full) */
FvScriptDatum *fv_script_node_get_constant (const FvScriptNode *self, GError **error);
/* The code that a prim::CallFunction calls; NULL with @error when it is not TorchScript. */
FvScriptBlock *fv_script_node_get_function (FvScriptNode *self, GError **error);
/* Fields of the named tuple that a prim::TupleConstruct makes; NULL for a plain one.
 * (transfer full) */
GStrv fv_script_node_get_fields (const FvScriptNode *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FvScript, fv_script_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FvScriptDatum, fv_script_datum_free)

G_END_DECLS
