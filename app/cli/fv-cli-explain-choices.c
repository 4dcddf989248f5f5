/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See the header. */

#include "fv-cli-explain-choices.h"

#include <math.h>
#include <stdio.h>

#include "fv-method.h"

/* Of --size: 64 MB a map. */
#define MAX_SIDE 4096

/* Stands for the class that the network predicts. */
#define PREDICTED (-1)

void
fv_cli_explain_choices_init (FvCliExplainChoices *self)
{
  FvExplainOptions options = fv_explain_options_default (NULL);

  *self = (FvCliExplainChoices){ .target = PREDICTED,
                                 .steps = (int) options.steps,
                                 .samples = (int) options.samples,
                                 .noise = options.noise };
}

void
fv_cli_explain_choices_clear (FvCliExplainChoices *self)
{
  g_free (self->method);
  g_free (self->layer);
  g_free (self->size);
  g_free (self->format);
  g_free (self->baseline);
  g_free (self->upsample);
}

/* -- checking ------------------------------------------------------------------------------- */

static FvCliStatus
check_formats (FvCliExplainChoices *self)
{
  g_auto (GStrv) names = g_strsplit (self->format != NULL ? self->format : "npy", ",", -1);

  for (char **name = names; *name != NULL; name++) {
    if (g_str_equal (*name, "npy"))
      self->npy = TRUE;
    else if (g_str_equal (*name, "png"))
      self->png = TRUE;
    else if (g_str_equal (*name, "svg"))
      self->svg = TRUE;
    else
      return fv_cli_usage_error ("--format %s: the formats are npy, png and svg", *name);
  }
  if (names[0] == NULL)
    return fv_cli_usage_error ("--format is empty: the formats are npy, png and svg");
  return FV_CLI_DONE;
}

static FvCliStatus
check_size (FvCliExplainChoices *self)
{
  char rest;

  if (self->size == NULL)
    return FV_CLI_DONE;
  if (sscanf (self->size, "%5dx%5d%c", &self->width, &self->height, &rest) != 2 || self->width < 1
      || self->height < 1 || self->width > MAX_SIDE || self->height > MAX_SIDE)
    return fv_cli_usage_error ("--size %s: write it as 224x224, with sides of at most %d",
                               self->size, MAX_SIDE);
  return FV_CLI_DONE;
}

static FvCliStatus
check_method (const FvCliExplainChoices *self)
{
  const FvMethodInfo *method = fv_method_find (self->method);
  g_autofree char *keys = fv_method_list_keys ();

  if (self->method == NULL)
    return fv_cli_usage_error ("--method is missing: it is one of %s", keys);
  if (method == NULL)
    return fv_cli_usage_error ("there is no method “%s”: the methods are %s", self->method, keys);
  if (self->layer != NULL && !method->needs_layer)
    return fv_cli_usage_error ("--layer has no meaning with --method %s", method->key);
  if (self->no_relu && !g_str_equal (method->key, "gradcam"))
    return fv_cli_usage_error ("--no-relu is for gradcam alone");
  return FV_CLI_DONE;
}

static FvCliStatus
check_settings (const FvCliExplainChoices *self, FvBaseline *baseline)
{
  if (self->target < PREDICTED)
    return fv_cli_usage_error ("--target must be the number of a class, 0 or more");
  if (self->steps < 1 || self->steps > FV_EXPLAIN_MAX_SAMPLES)
    return fv_cli_usage_error ("--steps is 1 to %d", FV_EXPLAIN_MAX_SAMPLES);
  if (self->samples < 1 || self->samples > FV_EXPLAIN_MAX_SAMPLES)
    return fv_cli_usage_error ("--samples is 1 to %d", FV_EXPLAIN_MAX_SAMPLES);
  if (!(self->noise >= 0 && self->noise <= 1))
    return fv_cli_usage_error ("--noise is a share of the picture's range, 0 to 1");
  if (self->baseline != NULL && !fv_baseline_find (self->baseline, baseline))
    return fv_cli_usage_error ("--baseline is mean, blur, noise or zero");
  if (self->upsample != NULL && !g_str_equal (self->upsample, "nearest")
      && !g_str_equal (self->upsample, "bilinear"))
    return fv_cli_usage_error ("--upsample is bilinear or nearest");
  return FV_CLI_DONE;
}

FvCliStatus
fv_cli_explain_choices_check (FvCliExplainChoices *self, guint64 seed)
{
  FvCliStatus status = check_formats (self);

  self->options = fv_explain_options_default (self->method);
  if (status == FV_CLI_DONE)
    status = check_size (self);
  if (status == FV_CLI_DONE)
    status = check_method (self);
  if (status == FV_CLI_DONE)
    status = check_settings (self, &self->options.baseline);
  self->options.keep_sign = self->no_relu;
  self->options.steps = (guint) self->steps;
  self->options.samples = (guint) self->samples;
  self->options.noise = self->noise;
  self->options.nearest = g_strcmp0 (self->upsample, "nearest") == 0;
  self->options.seed = seed;
  return status;
}

/* -- provenance ----------------------------------------------------------------------------- */

void
fv_cli_explain_choices_describe (const FvCliExplainChoices *self, const FvMap *map,
                                 JsonObject *line)
{
  const FvExplainOptions *options = &self->options;
  gboolean draws = g_str_equal (map->method, "smoothgrad") || g_str_equal (map->method, "random");

  if (g_str_equal (map->method, "gradcam"))
    json_object_set_boolean_member (line, "relu", !options->keep_sign);
  if (g_str_equal (map->method, "guided_gradcam"))
    json_object_set_string_member (line, "upsample", options->nearest ? "nearest" : "bilinear");
  if (g_str_equal (map->method, "smoothgrad")) {
    json_object_set_int_member (line, "samples", options->samples);
    json_object_set_double_member (line, "noise", options->noise);
  }
  if (isfinite (map->gain)) {
    json_object_set_int_member (line, "steps", options->steps);
    json_object_set_string_member (line, "baseline", fv_baseline_get_name (options->baseline));
    json_object_set_double_member (line, "gain", map->gain);
    json_object_set_double_member (line, "completeness_residual", map->residual);
    draws = options->baseline == FV_BASELINE_NOISE;
  }
  if (draws)
    json_object_set_int_member (line, "seed", (gint64) options->seed);
}
