/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See the header. */

#include "fv-renderer.h"

static gboolean
has_render_node (void)
{
  g_autoptr (GDir) dir = g_dir_open ("/dev/dri", 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_prefix (name, "renderD"))
      return TRUE;
  return FALSE;
}

void
fv_renderer_choose (void)
{
  if (!has_render_node ())
    g_setenv ("GSK_RENDERER", "cairo", FALSE);
}
