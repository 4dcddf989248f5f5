/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a lesson changed: the numbers of the test pictures before and after it, paired by picture.
 * Threads: made on the engine thread, read anywhere. */

#pragma once

#include "fv-evaluation.h"
#include "fv-model-info.h"

G_BEGIN_DECLS

/* What a lesson changed, over the test pictures. Without data, n is 0 and values are NaN. */
typedef struct {
  gboolean stopped;      /* before its planned end; what was learnt is kept */
  gboolean measured;     /* the test pictures, afterwards: else there are no numbers below */
  gboolean same_classes; /* else the head was replaced, and accuracy before has no meaning */
  int n_steps;           /* that were done */
  char *folder;          /* the run's */
  FvModelInfo *model;    /* that is in use now */
  FvEstimate energy_before, energy_after;
  FvEstimate accuracy_before, accuracy_after;
  FvEstimate worst_group_before, worst_group_after;
  FvDifference energy, accuracy;      /* after − before, paired by picture */
  double margin_before, margin_after; /* median share of the margin outside the mask, of pictures
                                       * where both are defined: below linear heads */
  FvEstimate margin;                  /* after − before */
  GArray *agreement_before; /* of double: r of as many test pictures as there are probes, */
  GArray *agreement_after;  /* in a lesson of consistency; NULL else */
  FvDifference agreement;   /* after − before, paired by picture */
  FvEstimate worst_group;   /* after − before, of groups that need not be the same */
} FvLessonReport;

void fv_lesson_report_free (FvLessonReport *self);

/* Fills in the numbers from two evaluations of the same pictures. */
void fv_lesson_report_compare (FvLessonReport *self, const FvEvaluation *before,
                               const FvEvaluation *after, guint64 seed);

/* Fills in how far ATCON's maps agree in the same pictures, both (transfer full). */
void fv_lesson_report_compare_agreement (FvLessonReport *self, GArray *before, GArray *after,
                                         guint64 seed);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FvLessonReport, fv_lesson_report_free)

G_END_DECLS
