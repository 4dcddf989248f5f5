/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What Fovea suggests for teaching a network, and what a lesson will cost. Threads: any. */

#pragma once

#include "fv-lesson-pictures.h"
#include "fv-model-info.h"
#include "fv-train-config.h"

G_BEGIN_DECLS

/* Our own small network is trained rather than tuned: whole, at one rate, batch norm too. */
gboolean fv_lesson_plan_is_small (const FvModelInfo *model);

/* Settings for this network; its losses are those of the recommended recipe. (transfer full) */
FvTrainConfig *fv_lesson_plan_suggest (const FvModelInfo *model);

/* The learning rate of the body: far smaller without labels, since nothing then tells a network
 * that forgets its classes. */
double fv_lesson_plan_suggest_rate (const FvModelInfo *model, FvTrainMode mode);
/* That of the head beside @rate of the body. */
double fv_lesson_plan_get_head_rate (const FvModelInfo *model, FvTrainMode mode, double rate);

gsize fv_lesson_plan_count_steps (const FvTrainConfig *config, FvLessonPictures pictures);

/* Why a lesson without labels cannot be given, and what to do: one sentence; NULL when it can.
 * (transfer none) */
const char *fv_lesson_plan_find_refusal (const FvTrainConfig *config, const FvModelInfo *model,
                                         const FvDataset *dataset, FvLessonPictures pictures);

/* Seconds; 0 when nothing is known of the network's speed. */
typedef struct {
  double preparing; /* what is frozen looks at each picture once, unless an earlier run kept it */
  double steps;
} FvLessonCost;

/* Of training, when measuring one picture takes @seconds_per_image. */
FvLessonCost fv_lesson_plan_estimate (const FvTrainConfig *config, const FvModelInfo *model,
                                      FvLessonPictures pictures, double seconds_per_image);

/* "1:05" or "2:10:00" of seconds. (transfer full) */
char *fv_lesson_plan_format_seconds (double seconds);

G_END_DECLS
