/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Which of GTK's renderers to use. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Asks for the Cairo renderer where there is no graphics processor (no render node in /dev/dri):
 * GTK would draw with OpenGL in software, ten times slower. What the user has set wins.
 * To be called before GTK is initialised. */
void fv_renderer_choose (void);

G_END_DECLS
