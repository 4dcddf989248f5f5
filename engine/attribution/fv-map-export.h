/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A map as a picture: the photo, the map over it in viridis with its raw scale, and a line that
 * says where it comes from, so that no exported map is without its provenance.
 * Threads: any, one at a time for a map. */

#pragma once

#include "fv-image.h"
#include "fv-map.h"

G_BEGIN_DECLS

/* @photo: (nullable) NULL draws the map alone, each cell enlarged.
 * @class_name: (nullable) of the map's target. Both replace the file whole or leave it alone. */
gboolean fv_map_export_png (const FvMap *map, const FvImage *photo, const char *class_name,
                            const char *path, GError **error);
gboolean fv_map_export_svg (const FvMap *map, const FvImage *photo, const char *class_name,
                            const char *path, GError **error);

/* The values, and those by channel, bilinearly resized (align_corners = false) to @width x @height
 * cells. (transfer full) */
FvMap *fv_map_resize (const FvMap *map, int width, int height);

G_END_DECLS
