/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The list of methods in a widget that chooses from one: all such widgets show the session's method
 * and set it. Threads: the main thread. */

#pragma once

#include "fv-session.h"

G_BEGIN_DECLS

/* @choice: a GtkDropDown or AdwComboRow; it gets its model here: the methods that the session's
 * network can be explained by. Call it once. */
void fv_method_choice_bind (GObject *choice, FvSession *session);

G_END_DECLS
