/* SPDX-License-Identifier: GPL-3.0-or-later */

/* fovea: the window. */

#include <locale.h>
#include <signal.h>

#include "fv-application.h"
#include "fv-blas.h"
#include "fv-renderer.h"

int
main (int argc, char **argv)
{
  g_autoptr (FvApplication) application = NULL;
  g_autoptr (GError) error = NULL;

  /* A full disk and a reader that has gone are errors to report, not signals to die of. */
  signal (SIGPIPE, SIG_IGN);
  signal (SIGXFSZ, SIG_IGN);
  setlocale (LC_ALL, "");
  if (!fv_blas_choose_kernel (argv, &error)) {
    g_printerr ("fovea: %s\n", error->message);
    return 1;
  }
  fv_renderer_choose ();
  application = fv_application_new (FOVEA_VERSION);
  return g_application_run (G_APPLICATION (application), argc, argv);
}
