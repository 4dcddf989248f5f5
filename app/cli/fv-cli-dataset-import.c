/* SPDX-License-Identifier: GPL-3.0-or-later */

/* fovea-cli dataset import idx SOURCE DIR */

#include "fv-cli.h"
#include "fv-idx-import.h"

FvCliStatus
fv_cli_dataset_import (char **arguments)
{
  g_auto (FvCliOptions) options = { 0 };
  g_autoptr (GError) error = NULL;
  FvIdxImportOptions import = fv_idx_import_options_default ();
  const GOptionEntry extra[] = {
    { "decoy", 0, 0, G_OPTION_ARG_NONE, &import.decoy,
      "A patch in a corner whose shade tells the class, but not in the test", NULL },
    { "n-train", 0, 0, G_OPTION_ARG_INT, &import.n_train, "Training pictures (all but validation)",
      "N" },
    { "n-validation", 0, 0, G_OPTION_ARG_INT, &import.n_validation,
      "Validation pictures (a sixth of all, or a fifth of --n-train)", "N" },
    { "n-test", 0, 0, G_OPTION_ARG_INT, &import.n_test, "Test pictures (all)", "N" },
    G_OPTION_ENTRY_NULL,
  };
  FvCliStatus status = fv_cli_parse (arguments, "dataset import idx SOURCE DIR",
                                     FV_CLI_TAKES_NOTHING, extra, 3, &options);

  if (status != FV_CLI_DONE)
    return status;
  if (!g_str_equal (options.rest[0], "idx"))
    return fv_cli_usage_error ("there is no format “%s” to import, only idx; folders, metadata.csv "
                               "and COCO files open as they are",
                               options.rest[0]);
  import.seed = (guint64) options.seed;
  if (!fv_idx_import (options.rest[1], options.rest[2], &import, NULL, &error))
    return fv_cli_fail (error);
  return FV_CLI_DONE;
}
