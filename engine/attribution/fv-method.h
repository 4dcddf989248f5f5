/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a method of attribution is called, and what its values are: rows of a table, so that the
 * command line and the window go through it instead of repeating names. Threads: any. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Rows are constants: they live as long as the program, and belong to nobody. */
typedef struct {
  const char *key;          /* on the command line and in FvMap */
  const char *name;         /* for people */
  const char *unit;         /* of its values */
  gboolean is_control;      /* it knows nothing of the network, and no class */
  gboolean needs_layer;     /* else the layer that is looked at changes nothing */
  gboolean needs_attention; /* only for networks with fv_model_get_attention () */
  guint n_runs; /* what a map costs unless settings are chosen, the inspection included: in
                 * forward passes, a backward counted as two */
} FvMethodInfo;

guint fv_method_get_n (void);
/* Row @index, as people are shown them: the first is what is taken unless somebody says
 * otherwise, and those that need attention come last. */
const FvMethodInfo *fv_method_get (guint index);
/* The method with that key; NULL when there is none. @key: (nullable). */
const FvMethodInfo *fv_method_find (const char *key);
/* "gradcam, guided_gradcam … and transformer": all keys. (transfer full) */
char *fv_method_list_keys (void);

G_END_DECLS
