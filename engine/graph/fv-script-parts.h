/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the parts of the recorder share: the state of one recording, and what each part does with a
 * node of the program. Private to the files fv-script-*.c.
 * Threads: the engine thread. */

#pragma once

#include "fv-script-recorder.h"
#include "fv-symbol.h"

G_BEGIN_DECLS

typedef struct {
  FvGraph *graph;
  GHashTable *names;      /* FvScriptName → FvSymbol: what each name stands for now */
  GHashTable *parameters; /* path of a parameter or buffer → FvSymbol */
  gboolean has_modules;   /* else layers are named by their operators: "conv2d_3" */
  GHashTable *counts;     /* name of an operator → how often it was recorded, for those names */
  const char *module;     /* path of the module whose code runs */
  int n_classes;          /* of the chosen output */
  guint depth;            /* of calls */
  guint n_steps;          /* nodes interpreted so far */
} FvRecorder;

/* -- names (fv-script-recorder.c) ----------------------------------------------------------- */

/* (transfer none); every name that a node uses has been made before. */
FvSymbol *fv_recorder_get_input (FvRecorder *self, FvScriptNode *node, guint index);
/* Binds the node's result; takes @symbol over. */
void fv_recorder_take_output (FvRecorder *self, FvScriptNode *node, guint index, FvSymbol *symbol);
/* FALSE with FV_TENSOR_ERROR_FILE, "layer “features.3” …". */
gboolean fv_recorder_refuse (const FvRecorder *self, GError **error, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

/* -- operators (fv-script-operators-run.c) -------------------------------------------------- */

/* Runs the operator @op on the sample and adds it to the graph; what depends on constants alone is
 * computed here and now. @results: (out): as many symbols as the operator has results. */
gboolean fv_recorder_call (FvRecorder *self, const char *op, FvSymbol *const *inputs,
                           gsize n_inputs, FvSymbol **results, GError **error);
/* The same for an operator with one result. (transfer full) */
FvSymbol *fv_recorder_call_one (FvRecorder *self, const char *op, FvSymbol *const *inputs,
                                gsize n_inputs, GError **error);
/* A node of the program that is an operator, in place or not. */
gboolean fv_recorder_run_operator (FvRecorder *self, FvScriptNode *node, GError **error);
/* The number or truth that steers the program; it becomes a guard where a size decided it. */
const FvValue *fv_recorder_decide (FvRecorder *self, FvSymbol *symbol, GError **error);

/* -- in place (fv-script-inplace.c) --------------------------------------------------------- */

/* TRUE for "aten::relu_", "aten::add_.Tensor" and the like. */
gboolean fv_script_is_in_place (const char *op);
/* Runs the pure twin of @op and makes its result what inputs[0] stands for, also seen through the
 * tensors it is a view of. */
gboolean fv_recorder_run_in_place (FvRecorder *self, const char *op, FvSymbol *const *inputs,
                                   gsize n_inputs, GError **error);

/* -- containers (fv-script-containers.c) ---------------------------------------------------- */

/* Makes of a list that the graph holds as one value a container of its elements. */
gboolean fv_recorder_open_list (FvRecorder *self, FvSymbol *list, GError **error);
/* Runs @node when it is about lists, tuples or dictionaries. @handled: (out). */
gboolean fv_recorder_run_container (FvRecorder *self, FvScriptNode *node, gboolean *handled,
                                    GError **error);

G_END_DECLS
