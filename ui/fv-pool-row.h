/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Where a lesson's pictures without labels come from: the project's other training pictures, the
 * labelled ones, or another folder, which a dialog asks for.
 *
 * Signal: "changed". Threads: the main thread. */

#pragma once

#include <adwaita.h>

#include "fv-train-config.h"

G_BEGIN_DECLS

#define FV_TYPE_POOL_ROW (fv_pool_row_get_type ())
G_DECLARE_FINAL_TYPE (FvPoolRow, fv_pool_row, FV, POOL_ROW, AdwComboRow)

/* Chooses the folder @path; NULL: the project's other pictures again. */
void fv_pool_row_set_folder (FvPoolRow *self, const char *path);
/* Puts the choice into @config. */
void fv_pool_row_apply (FvPoolRow *self, FvTrainConfig *config);

G_END_DECLS
