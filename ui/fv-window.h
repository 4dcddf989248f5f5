/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The window: images on the left, canvas in the middle, the mode's panel on the right.
 * Everything a user can do is an action of it (win.*); shortcuts and tests use the same ones.
 * Threads: the main thread. */

#pragma once

#include <adwaita.h>

#include "fv-agreement-watch.h"
#include "fv-subject.h"

G_BEGIN_DECLS

#define FV_TYPE_WINDOW (fv_window_get_type ())
G_DECLARE_FINAL_TYPE (FvWindow, fv_window, FV, WINDOW, AdwApplicationWindow)

/* @settings: NULL when no schema is installed: nothing is remembered then. */
FvWindow *fv_window_new (AdwApplication *application, GSettings *settings);

/* Opens a folder of pictures, a model (weights file or run folder), or both; NULL: not this one. */
void fv_window_open (FvWindow *self, const char *folder, const char *model);
/* Opens the pictures and the network that come with Fovea. */
void fv_window_open_builtin (FvWindow *self);

/* (transfer none) */
FvSession *fv_window_get_session (FvWindow *self);
FvSubject *fv_window_get_subject (FvWindow *self);
/* How ATCON sees its picture, while somebody looks. (transfer none) */
FvAgreementWatch *fv_window_get_agreement (FvWindow *self);

G_END_DECLS
