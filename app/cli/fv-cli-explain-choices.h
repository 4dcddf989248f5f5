/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The options of “explain” that say which map to make and how to write it, as they stand on the
 * command line. */

#pragma once

#include "fv-cli.h"
#include "fv-explain.h"

G_BEGIN_DECLS

/* Strings owned, NULL where not given. */
typedef struct {
  char *method, *layer, *size, *format, *baseline, *upsample;
  int target, steps, samples;
  double noise;
  gboolean no_relu;
  /* What fv_cli_explain_choices_check () makes of them. */
  int width, height; /* of --size; 0 keeps the map's own grid */
  gboolean npy, png, svg;
  FvExplainOptions options; /* but for targets, method borrowed */
} FvCliExplainChoices;

void fv_cli_explain_choices_init (FvCliExplainChoices *self);
void fv_cli_explain_choices_clear (FvCliExplainChoices *self);

FvCliStatus fv_cli_explain_choices_check (FvCliExplainChoices *self, guint64 seed);

/* Adds the settings that @map depends on to @line. */
void fv_cli_explain_choices_describe (const FvCliExplainChoices *self, const FvMap *map,
                                      JsonObject *line);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FvCliExplainChoices, fv_cli_explain_choices_clear)

G_END_DECLS
