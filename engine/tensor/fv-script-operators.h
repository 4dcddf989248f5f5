/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The operators that a TorchScript file may name: those that compute a value from values and do
 * nothing else. Everything that is not listed is refused, so a newer libtorch brings no surprise.
 * Threads: any. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* @name: with its namespace and without overload, as "aten::relu" or "prim::ListConstruct".
 * Other namespaces are never allowed. */
gboolean fv_script_operator_is_allowed (const char *name);

G_END_DECLS
