/* SPDX-License-Identifier: GPL-3.0-or-later */

/* “How ATCON sees this picture”: the five steps side by side, with the real tensors of the picture
 * on screen, its mask's steepness to play with, and all of it moving while the network learns. For
 * teaching. Threads: the main thread. */

#pragma once

#include <adwaita.h>

#include "fv-agreement-watch.h"

G_BEGIN_DECLS

#define FV_TYPE_AGREEMENT_WINDOW (fv_agreement_window_get_type ())
G_DECLARE_FINAL_TYPE (FvAgreementWindow, fv_agreement_window, FV, AGREEMENT_WINDOW, AdwWindow)

/* @omega, @normalised: the ones that the lesson is planned with. */
FvAgreementWindow *fv_agreement_window_new (GtkWindow *parent, FvAgreementWatch *watch,
                                            GtkAdjustment *omega, GtkSwitch *normalised);

G_END_DECLS
