/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The application: one process, its windows, the command line `fovea [FOLDER] [--model M]`.
 * Threads: the main thread. */

#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define FV_APPLICATION_ID "io.github.fovea.Fovea"

#define FV_TYPE_APPLICATION (fv_application_get_type ())
G_DECLARE_FINAL_TYPE (FvApplication, fv_application, FV, APPLICATION, AdwApplication)

/* @version: shown in the About window. */
FvApplication *fv_application_new (const char *version);

G_END_DECLS
