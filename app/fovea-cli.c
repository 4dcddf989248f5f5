/* SPDX-License-Identifier: GPL-3.0-or-later */

/* fovea-cli: everything the window can do to a model or a dataset, without a window. */

#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <unistd.h>

#include "fv-blas.h"
#include "fv-cli.h"

typedef struct {
  const char *name;
  FvCliStatus (*run) (char **arguments);
  const char *summary;
} Command;

static const Command commands[] = {
  { "dataset", fv_cli_dataset, "info PROJECT · build scenes DIR" },
  { "model", fv_cli_model, "info MODEL [--weights F]" },
  { "predict", fv_cli_predict, "IMAGE… --model M [--weights F]" },
  { "explain", fv_cli_explain, "IMAGE… --model M --method NAME --output DIR" },
  { "train", fv_cli_train, "PROJECT --model M --output RUN" },
  { "evaluate", fv_cli_evaluate, "PROJECT --model RUN|M" },
  { "compare", fv_cli_compare, "RUN_A RUN_B [--data PROJECT]" },
};

static FvCliStatus
print_help (void)
{
  g_print ("Usage: fovea-cli COMMAND …\n\n"
           "Shows where a vision model looks, and teaches it where it should.\n\n");
  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    g_print ("  %-10s %s\n", commands[i].name, commands[i].summary);
  g_print ("\n“fovea-cli COMMAND --help” lists a command's options; “man fovea-cli” says more.\n");
  return FV_CLI_DONE;
}

static FvCliStatus
run (char **arguments)
{
  if (arguments[0] == NULL)
    return fv_cli_usage_error ("a command is missing");
  if (g_str_equal (arguments[0], "--help") || g_str_equal (arguments[0], "help"))
    return print_help ();
  if (g_str_equal (arguments[0], "--version")) {
    g_print ("fovea-cli " FOVEA_VERSION "\n");
    return FV_CLI_DONE;
  }
  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    if (g_str_equal (arguments[0], commands[i].name))
      return commands[i].run (arguments + 1);
  return fv_cli_usage_error ("there is no command “%s”", arguments[0]);
}

/* A full disk, a file size limit and a reader that has gone are errors to report, not signals to
 * die of. A standard stream that was closed must not become the descriptor of a weights file. */
static void
prepare_streams (void)
{
  int fd;

  signal (SIGPIPE, SIG_IGN);
  signal (SIGXFSZ, SIG_IGN);
  do
    fd = open ("/dev/null", O_RDWR);
  while (fd >= 0 && fd <= STDERR_FILENO);
  if (fd >= 0)
    close (fd);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;

  prepare_streams ();
  setlocale (LC_ALL, "");
  if (!fv_blas_choose_kernel (argv, &error))
    return fv_cli_fail (error);
  return fv_cli_finish (run (argv + 1));
}
