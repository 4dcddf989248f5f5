/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a loss that matches a map with a mask is made of (fv-match.h says what each means), the
 * published ones among them, and the names of all. Threads: any. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
  FV_MATCH_MSE,
  FV_MATCH_L1,
  FV_MATCH_BCE,
  FV_MATCH_INSIDE,
  FV_MATCH_ENERGY,
  FV_MATCH_OUTSIDE,
  FV_MATCH_FGBG,
  FV_MATCH_RES,
} FvMatchDistance;

typedef enum {
  FV_MATCH_BY_MAX,  /* "relu" */
  FV_MATCH_MIN_MAX, /* "minmax" */
  FV_MATCH_RAW,     /* "raw" */
} FvMatchNormalisation;

typedef enum {
  FV_MATCH_OF_LABEL,     /* "label" */
  FV_MATCH_OF_PREDICTED, /* "predicted": the class of the highest logit */
} FvMatchTarget;

#define FV_N_MATCH_DISTANCES 8
#define FV_N_MATCH_NORMALISATIONS 3
#define FV_N_MATCH_TARGETS 2

typedef struct {
  FvMatchDistance distance;
  FvMatchNormalisation normalisation;
  FvMatchTarget target;
} FvMatch;

/* A published loss of this form. */
typedef struct {
  const char *name;     /* "gain" */
  const char *source;   /* authors, title or venue, year */
  const char *equation; /* and what of theirs is left out */
  FvMatch match;
} FvMatchPreset;

/* All presets; *n says how many. (transfer none) */
const FvMatchPreset *fv_match_get_presets (gsize *n);
/* NULL when there is none of that name. (transfer none) */
const FvMatchPreset *fv_match_find_preset (const char *name);

/* The names that configurations and the command line share. */
const char *fv_match_get_distance_name (FvMatchDistance distance);
const char *fv_match_get_normalisation_name (FvMatchNormalisation normalisation);
const char *fv_match_get_target_name (FvMatchTarget target);

G_END_DECLS
