/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the commands of fovea-cli share: options, exit codes, output. Each command is one file with
 * one function that takes what stands behind its name on the command line. */

#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

#include "fv-dataset.h"
#include "fv-inspection.h"
#include "fv-model.h"

G_BEGIN_DECLS

typedef enum {
  FV_CLI_DONE = 0,
  FV_CLI_FAILED = 1, /* one line on stderr says why */
  FV_CLI_USAGE = 2,
} FvCliStatus;

/* Options that many commands have. Strings owned. */
typedef struct {
  gboolean json;
  gint64 seed;
  int threads;
  char *device;
  char *model, *weights, *card;
  char *logits; /* which of several results of a TorchScript network */
  char *output;
  char **rest; /* what is no option */
} FvCliOptions;

void fv_cli_options_clear (FvCliOptions *options);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FvCliOptions, fv_cli_options_clear)

/* Which of the shared options a command takes beyond --json --seed --threads --device. */
typedef enum {
  FV_CLI_TAKES_NOTHING = 0,
  FV_CLI_TAKES_MODEL = 1 << 0, /* --model --weights --card --logits */
  FV_CLI_TAKES_OUTPUT = 1 << 1,
  FV_CLI_TAKES_FEWER = 1 << 2, /* arguments that are no options may be left out */
} FvCliTakes;

/* Parses @arguments, starts the engine with --threads and checks --device.
 * @usage: what follows the program's name, for --help; @extra: the command's own options.
 * @n_rest: how many arguments that are no options there must be; −1 means one or more. */
FvCliStatus fv_cli_parse (char **arguments, const char *usage, FvCliTakes takes,
                          const GOptionEntry *extra, int n_rest, FvCliOptions *options);

/* Prints "fovea-cli: …" on stderr and returns FV_CLI_FAILED. */
FvCliStatus fv_cli_fail (const GError *error);
/* The exit code when a command ended with @status: a failure, with its sentence, when what it
 * printed did not reach the disk or the next program. */
FvCliStatus fv_cli_finish (FvCliStatus status);
/* Prints the sentence made from @format and how to get help; returns FV_CLI_USAGE. */
FvCliStatus fv_cli_usage_error (const char *format, ...) G_GNUC_PRINTF (1, 2);

/* @node as one line of UTF-8; in a file name that is not, bytes become U+FFFD. (transfer full) */
char *fv_cli_json_to_line (JsonNode *node);
/* Prints @node (transfer full) as one line on stdout. */
void fv_cli_print_json (JsonNode *node);

/* The MODEL @model with what --weights, --card and --logits say; NULL with @error. */
FvModel *fv_cli_open_source (const FvCliOptions *options, const char *model, GError **error);
/* The MODEL that --model, --weights and --card name; NULL with @error. */
FvModel *fv_cli_open_model (const FvCliOptions *options, GError **error);
/* The PROJECT at @path. */
FvDataset *fv_cli_open_dataset (const FvCliOptions *options, const char *path, GError **error);
/* Warns when @model is a run that learned from pictures that are in another split of @dataset now.
 */
void fv_cli_warn_of_other_split (const FvCliOptions *options, const char *model,
                                 const FvDataset *dataset);

/* [{"index", "name", "probability"}, …]: the five likeliest classes of picture @image. */
JsonArray *fv_cli_top_five (const FvInspection *inspection, int image);
/* "name 97.1 %", … for people. (transfer full) */
char *fv_cli_describe_top_five (const FvInspection *inspection, int image);

/* "train", "validation" or "test". FALSE when @name is none of them. */
gboolean fv_cli_parse_split (const char *name, FvSplit *split);

/* -- the commands --------------------------------------------------------------------------- */

FvCliStatus fv_cli_dataset (char **arguments);
FvCliStatus fv_cli_dataset_build (char **arguments);
FvCliStatus fv_cli_dataset_import (char **arguments);
FvCliStatus fv_cli_model (char **arguments);
/* The parts of “model” that read and write TorchScript files for other processes of Fovea. */
FvCliStatus fv_cli_read_script (char **arguments);
FvCliStatus fv_cli_write_script (char **arguments);
FvCliStatus fv_cli_predict (char **arguments);
FvCliStatus fv_cli_explain (char **arguments);
FvCliStatus fv_cli_train (char **arguments);
FvCliStatus fv_cli_evaluate (char **arguments);
FvCliStatus fv_cli_compare (char **arguments);

G_END_DECLS
