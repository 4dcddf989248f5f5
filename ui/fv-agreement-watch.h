/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How ATCON sees the picture on screen, for as long as somebody looks: asked for anew when the
 * picture, the network or the settings change, and, when told to, while the network learns.
 *
 * Signal: "changed": steps or problem are new. Threads: the main thread. */

#pragma once

#include "fv-session.h"
#include "fv-subject.h"

G_BEGIN_DECLS

#define FV_TYPE_AGREEMENT_WATCH (fv_agreement_watch_get_type ())
G_DECLARE_FINAL_TYPE (FvAgreementWatch, fv_agreement_watch, FV, AGREEMENT_WATCH, GObject)

FvAgreementWatch *fv_agreement_watch_new (FvSession *session, FvSubject *subject);

/* Looks by the settings of consistency in @config (copied); NULL: nobody looks. */
void fv_agreement_watch_set_config (FvAgreementWatch *self, const FvTrainConfig *config);
/* Asks again: the weights have changed. */
void fv_agreement_watch_refresh (FvAgreementWatch *self);

/* Of the picture on screen, maybe a moment old; NULL while there are none. (transfer none) */
const FvAgreementSteps *fv_agreement_watch_get_steps (FvAgreementWatch *self);
/* The predicted class. (transfer full): NULL without steps */
char *fv_agreement_watch_dup_class_name (FvAgreementWatch *self);
/* Why there are none: a sentence; NULL when nothing is wrong. (transfer none) */
const char *fv_agreement_watch_get_problem (FvAgreementWatch *self);
gboolean fv_agreement_watch_get_busy (FvAgreementWatch *self);

G_END_DECLS
