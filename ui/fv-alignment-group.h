/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The numbers that say how well the map on screen agrees with the mask, alive while painting.
 * Threads: the main thread. */

#pragma once

#include <adwaita.h>

#include "fv-subject.h"

G_BEGIN_DECLS

#define FV_TYPE_ALIGNMENT_GROUP (fv_alignment_group_get_type ())
G_DECLARE_FINAL_TYPE (FvAlignmentGroup, fv_alignment_group, FV, ALIGNMENT_GROUP,
                      AdwPreferencesGroup)

/* Follows @subject from now on. Call it once. */
void fv_alignment_group_set_subject (FvAlignmentGroup *self, FvSubject *subject);

G_END_DECLS
