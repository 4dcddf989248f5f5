/* SPDX-License-Identifier: GPL-3.0-or-later */

/* “What does the model see in this picture?”, and the answer: a map and the top predictions.
 * The answer is an immutable record, read on any thread. */

#pragma once

#include <glib.h>

#include "fv-image.h"
#include "fv-map.h"

G_BEGIN_DECLS

typedef struct {
  FvImage *image;
  const char *method; /* as fv_method_find () knows it; NULL: the first */
  const char *layer;  /* NULL: the model's default */
  int target;         /* class; −1: the predicted one */
  gboolean before;    /* also the map from before the last lesson */
  guint64 seed;       /* of a random map */
} FvInspectQuestion;

#define FV_INSPECT_N_TOP 5

typedef struct {
  FvMap *map;                            /* NULL: the network has no layer to draw one on */
  FvMap *before;                         /* before the last lesson; NULL when there was none */
  int n_top;                             /* ≤ FV_INSPECT_N_TOP */
  int classes[FV_INSPECT_N_TOP];         /* most probable first */
  char *names[FV_INSPECT_N_TOP + 1];     /* NULL-terminated */
  float probabilities[FV_INSPECT_N_TOP]; /* fv_inspection_get_probabilities () */
  int target;                            /* the class that @map explains, or that was asked for */
  char *target_name;
  char *before_name; /* of the class that @before explains; NULL without it */
  int width, height; /* of the model's input: the size alignment is measured at */
  double seconds;    /* what it took on the engine thread */
} FvInspectResult;

/* Takes @map (nullable). (transfer full) */
FvInspectResult *fv_inspect_result_new (FvMap *map);
FvInspectResult *fv_inspect_result_ref (FvInspectResult *self);
void fv_inspect_result_unref (FvInspectResult *self);

/* Fills in the top classes from @probabilities [@n_classes]. The names stay the caller's to set. */
void fv_inspect_result_rank (FvInspectResult *self, const float *probabilities, int n_classes);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FvInspectResult, fv_inspect_result_unref)

G_END_DECLS
