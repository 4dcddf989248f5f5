/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One step of ATCON: its number and title, its formula, a plain sentence, and below them whatever
 * shows it. Threads: the main thread. */

#pragma once

#include <gtk/gtk.h>

#include "fv-agreement-words.h"

G_BEGIN_DECLS

#define FV_TYPE_STEP_CARD (fv_step_card_get_type ())
G_DECLARE_FINAL_TYPE (FvStepCard, fv_step_card, FV, STEP_CARD, GtkBox)

/* @number: counts from 1. */
FvStepCard *fv_step_card_new (guint number);
/* Adds something that shows the step. */
void fv_step_card_add (FvStepCard *self, GtkWidget *view);
/* Gives its words as much room as those of other cards, so that what is below them is in one line.
 */
void fv_step_card_align (FvStepCard *self, GtkSizeGroup *formulas, GtkSizeGroup *sentences);
void fv_step_card_set_words (FvStepCard *self, const FvAgreementWords *words);

G_END_DECLS
