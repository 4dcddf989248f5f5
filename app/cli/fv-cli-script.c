/* SPDX-License-Identifier: GPL-3.0-or-later */

/* fovea-cli model read-script SECONDS FILE HEIGHT WIDTH [OUTPUT]
 * fovea-cli model write-script SECONDS FILE WEIGHTS
 *
 * Not for people: how the programs read and write TorchScript files in a process that may die
 * (fv-script-door.h). What they make goes to standard output. */

#include <unistd.h>

#include "fv-cli.h"
#include "fv-runtime.h"
#include "fv-script-child.h"

static int
number (const char *text)
{
  guint64 value;

  return g_ascii_string_to_unsigned (text, 10, 0, 65536, &value, NULL) ? (int) value : 0;
}

/* One thread: a single sample run gains little from more, and the window may be busy. */
static void
begin (char **arguments)
{
  fv_script_child_limit (arguments[1], (guint) number (arguments[0]));
  fv_runtime_start (1);
}

FvCliStatus
fv_cli_read_script (char **arguments)
{
  g_autoptr (GError) error = NULL;

  if (g_strv_length (arguments) < 4)
    return fv_cli_usage_error ("“model read-script” is for Fovea's own use");
  begin (arguments);
  if (!fv_script_child_read (arguments[1], number (arguments[2]), number (arguments[3]),
                             arguments[4], STDOUT_FILENO, &error))
    return fv_cli_fail (error);
  return FV_CLI_DONE;
}

FvCliStatus
fv_cli_write_script (char **arguments)
{
  g_autoptr (GError) error = NULL;

  if (g_strv_length (arguments) != 3)
    return fv_cli_usage_error ("“model write-script” is for Fovea's own use");
  begin (arguments);
  if (!fv_script_child_write (arguments[1], arguments[2], STDOUT_FILENO, &error))
    return fv_cli_fail (error);
  return FV_CLI_DONE;
}
