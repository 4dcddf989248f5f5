/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a lesson would be: how many steps and how long, or why it cannot be given. Counting its
 * pictures may open a folder, so the answer may come later.
 *
 * Signal: "changed": the answer is new. Threads: the main thread. */

#pragma once

#include "fv-session.h"

G_BEGIN_DECLS

#define FV_TYPE_OUTLOOK (fv_outlook_get_type ())
G_DECLARE_FINAL_TYPE (FvOutlook, fv_outlook, FV, OUTLOOK, GObject)

FvOutlook *fv_outlook_new (FvSession *session);

/* Looks at a lesson with @config (transfer full) on what is open now. */
void fv_outlook_set_config (FvOutlook *self, FvTrainConfig *config);
/* Says it anew: how fast the network is has been measured. */
void fv_outlook_refresh (FvOutlook *self);

/* The steps and their time, in a line or two, or why not, in a sentence; NULL while nothing is
 * open or the pictures are being counted. (transfer none) */
const char *fv_outlook_get_text (FvOutlook *self);
/* FALSE when the text says why not, or there is none. */
gboolean fv_outlook_is_possible (FvOutlook *self);

G_END_DECLS
