/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The runs of the open project, newest first: when, with what, how far, how well. Each has a menu
 * with the window's actions win.run-open, -resume and -show, whose target is its folder.
 * Threads: the main thread. */

#pragma once

#include <adwaita.h>

#include "fv-run-list.h"

G_BEGIN_DECLS

#define FV_TYPE_RUN_LIST_VIEW (fv_run_list_view_get_type ())
G_DECLARE_FINAL_TYPE (FvRunListView, fv_run_list_view, FV, RUN_LIST_VIEW, AdwPreferencesGroup)

/* @runs: (element-type FvRunSummary). */
void fv_run_list_view_set_runs (FvRunListView *self, const GPtrArray *runs);

/* "22 Nov, 20:52": when a run began. (transfer full) */
char *fv_run_list_view_format_time (const FvRunSummary *run);
/* The target of the actions on a run: a folder's name need not be UTF-8. (transfer floating) */
GVariant *fv_run_list_view_make_target (const FvRunSummary *run);

G_END_DECLS
