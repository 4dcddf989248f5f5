/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A folder for one test, and its removal with everything in it. */

#pragma once

#include <gio/gio.h>

static inline char *
temporary_folder_new (void)
{
  char *path = g_dir_make_tmp ("fovea-test-XXXXXX", NULL);

  g_assert_nonnull (path);
  return path;
}

static inline void
temporary_folder_remove (const char *path)
{
  const char *const arguments[] = { "rm", "-rf", path, NULL };
  g_autoptr (GSubprocess) process = g_subprocess_newv (arguments, G_SUBPROCESS_FLAGS_NONE, NULL);

  g_assert_true (g_subprocess_wait_check (process, NULL, NULL));
}
