/* SPDX-License-Identifier: GPL-3.0-or-later */

/* ATCON's two maps and the mask of the picture on screen, live: how far they agree, how far the
 * mask goes, and a warning when it is flat. Threads: the main thread. */

#pragma once

#include <adwaita.h>

#include "fv-agreement-watch.h"

G_BEGIN_DECLS

#define FV_TYPE_AGREEMENT_GROUP (fv_agreement_group_get_type ())
G_DECLARE_FINAL_TYPE (FvAgreementGroup, fv_agreement_group, FV, AGREEMENT_GROUP,
                      AdwPreferencesGroup)

/* Shows what @watch sees from now on. Call it once. */
void fv_agreement_group_set_up (FvAgreementGroup *self, FvAgreementWatch *watch);

G_END_DECLS
