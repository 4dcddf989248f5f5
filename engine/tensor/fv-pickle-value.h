/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The values of a pickle and the arena that owns them. Private to fv-pickle*.c. */

#pragma once

#include "fv-pickle.h"

G_BEGIN_DECLS

typedef enum {
  FV_PICKLE_NONE, /* None, a boolean or a float: nothing that a dictionary of tensors asks about */
  FV_PICKLE_INT,
  FV_PICKLE_TEXT,
  FV_PICKLE_TUPLE,
  FV_PICKLE_LIST,
  FV_PICKLE_DICT,
  FV_PICKLE_ORDERED_DICT,
  FV_PICKLE_GLOBAL,
  FV_PICKLE_STORAGE,
  FV_PICKLE_TENSOR,
  FV_PICKLE_OBJECT, /* of a class of a TorchScript archive; what it holds is not kept */
} FvPickleKind;

/* What calling a global makes. */
typedef enum {
  FV_PICKLE_MAKES_ORDERED_DICT,
  FV_PICKLE_MAKES_SIZE,
  FV_PICKLE_MAKES_TENSOR,
  FV_PICKLE_MAKES_PARAMETER,
  FV_PICKLE_MAKES_STORAGE,
  FV_PICKLE_MAKES_COMPLEX,
  FV_PICKLE_MAKES_DEVICE,
  FV_PICKLE_MAKES_LIST,   /* the list it is given, now of one type */
  FV_PICKLE_MAKES_TAGGED, /* the list or dictionary it is given, now of the type it is told */
  FV_PICKLE_MAKES_OBJECT,
} FvPickleMakes;

typedef struct {
  const char *module;
  const char *name;
  FvPickleMakes makes;
  FvDtype dtype; /* of a storage */
} FvPickleGlobal;

struct _FvPickleValue {
  FvPickleKind kind;
  union {
    gint64 integer;
    const char *text;             /* UTF-8, in the arena */
    GPtrArray *items;             /* tuple, list; a dictionary's key, value, key, value, … */
    const FvPickleGlobal *global; /* static */
    FvPickleTensor *tensor;       /* of a storage: key, elements and type alone */
  };
};

struct _FvPickle {
  GPtrArray *values; /* every FvPickleValue made, owned */
  GStringChunk *texts;
  GHashTable *classes; /* of a TorchScript archive, borrowed while parsing; else NULL */
  const FvPickleValue *root;
};

FvPickle *fv_pickle_new (void);
/* A new value of @kind, its containers empty; NULL with @error when there are too many. */
FvPickleValue *fv_pickle_add_value (FvPickle *self, FvPickleKind kind, GError **error);

/* Sets FV_TENSOR_ERROR_FILE. Returns FALSE. */
gboolean fv_pickle_refuse (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* -- fv-pickle-build.c ------------------------------------------------------------------------ */

/* The global of that name if it is on the allow-list, else NULL with an @error that names it. */
const FvPickleGlobal *fv_pickle_find_global (const FvPickle *self, const char *module,
                                             const char *name, GError **error);
/* What calling @callable with the tuple @arguments makes, or NULL with @error. */
FvPickleValue *fv_pickle_call (FvPickle *self, const FvPickleValue *callable,
                               const FvPickleValue *arguments, GError **error);
/* The storage that the tuple @id names, or NULL with @error. */
FvPickleValue *fv_pickle_load_storage (FvPickle *self, const FvPickleValue *id, GError **error);

G_END_DECLS
