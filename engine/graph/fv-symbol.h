/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a name of a TorchScript program stands for while its sample run is recorded: the value on
 * the sample, and where it comes from in the graph.
 *
 * One symbol is one object of the program: two names of a list share a symbol, and an in-place
 * operator changes the symbol, so every name sees it, while the recorded graph stays pure.
 * Private to the recording of scripts. Threads: the engine thread. */

#pragma once

#include "fv-graph.h"
#include "fv-script.h"

G_BEGIN_DECLS

typedef enum {
  FV_SYMBOL_VALUE,  /* value and argument */
  FV_SYMBOL_LIST,   /* items */
  FV_SYMBOL_TUPLE,  /* items, perhaps names */
  FV_SYMBOL_DICT,   /* items and names */
  FV_SYMBOL_OBJECT, /* object and path */
  FV_SYMBOL_OTHER,  /* something that Fovea has no notion of */
} FvSymbolKind;

typedef struct _FvSymbol FvSymbol;

struct _FvSymbol {
  FvSymbolKind kind;

  FvValue value;              /* on the sample; owned */
  FvArgument argument;        /* where the graph has it; a constant is `value` itself */
  gboolean from_picture;      /* depends on the picture's pixels, not only on its size */
  gboolean form_from_picture; /* even its shape does */

  GPtrArray *items; /* of FvSymbol */
  GPtrArray *names; /* of char *, or NULL */

  gboolean is_attribute; /* belongs to a module, for which it must not be changed */
  FvScriptObject *object;
  char *path; /* PyTorch's module path of the object */

  /* A tensor that looks into another one's memory. */
  FvSymbol *base;
  char *view_op;          /* the operator that made it, NULL when it cannot be turned round */
  GPtrArray *view_inputs; /* of FvSymbol: that operator's further arguments */
  guint version;          /* of a tensor without base: how often its memory was written */
  guint seen_version;     /* of a view: the version it shows */
  gboolean stale;         /* written through a view that could not be turned round */
};

FvSymbol *fv_symbol_new_value (FvValue value, FvArgument argument, gboolean from_picture);
/* Takes @value over. */
FvSymbol *fv_symbol_new_constant (FvValue value);
/* @kind: list, tuple or dict; without items. */
FvSymbol *fv_symbol_new_container (FvSymbolKind kind);
FvSymbol *fv_symbol_new_object (FvScriptObject *object, const char *path);
/* The constant or attribute @datum, whose objects lie at @path. It is marked as an attribute, with
 * all that is in it. */
FvSymbol *fv_symbol_new_datum (const FvScriptDatum *datum, const char *path);
FvSymbol *fv_symbol_ref (FvSymbol *self);
void fv_symbol_unref (FvSymbol *self);

/* @name: NULL in lists and plain tuples. Takes a reference of its own. */
void fv_symbol_add_item (FvSymbol *self, const char *name, FvSymbol *item);
/* The item of that name, or NULL. (transfer none) */
FvSymbol *fv_symbol_find_item (const FvSymbol *self, const char *name);

gboolean fv_symbol_is_constant (const FvSymbol *self);
/* TRUE for a value of that kind. */
gboolean fv_symbol_is_value (const FvSymbol *self, FvValueKind kind);

/* Makes @self a view of @base; @view_op may be NULL. @inputs: the operator's symbols after the
 * first. */
void fv_symbol_set_base (FvSymbol *self, FvSymbol *base, const char *view_op,
                         FvSymbol *const *inputs, gsize n_inputs);
/* The tensor at the end of the chain of bases. (transfer none) */
FvSymbol *fv_symbol_get_root (FvSymbol *self);
/* FALSE when its memory was written through another name in a way the graph cannot follow. */
gboolean fv_symbol_is_current (FvSymbol *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FvSymbol, fv_symbol_unref)

G_END_DECLS
