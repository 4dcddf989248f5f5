/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The folder that feature caches are kept in, shared by all processes of a user: none of them may
 * fill the disk, and what one leaves when it is killed the next one removes.
 * Private to FvFeatureCache. Threads: any. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* How the names end of a whole cache, and of one that a process is writing, which holds a lock
 * (flock ()) on it as long as it lives. */
#define FV_FEATURE_FOLDER_KEPT ".features"
#define FV_FEATURE_FOLDER_PART ".part"

/* Removes what processes were writing that are no more. */
void fv_feature_folder_sweep (const char *folder);
/* Removes what was not used for longest until what is kept has @limit bytes together; never the
 * file @spared. A process that has one open reads on. */
void fv_feature_folder_evict (const char *folder, guint64 limit, const char *spared);

G_END_DECLS
