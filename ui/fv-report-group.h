/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a lesson changed over the test pictures: paired differences with their intervals.
 * Threads: the main thread. */

#pragma once

#include <adwaita.h>

#include "fv-session-lesson.h"

G_BEGIN_DECLS

#define FV_TYPE_REPORT_GROUP (fv_report_group_get_type ())
G_DECLARE_FINAL_TYPE (FvReportGroup, fv_report_group, FV, REPORT_GROUP, AdwPreferencesGroup)

void fv_report_group_show (FvReportGroup *self, const FvLessonReport *report);

G_END_DECLS
