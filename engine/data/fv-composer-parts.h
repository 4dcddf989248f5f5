/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a benchmark is composed of: photos of objects by class and photos of backgrounds by place,
 * each in one of the three splits. Threads: one at a time; reading it from any. */

#pragma once

#include "fv-dataset.h"

G_BEGIN_DECLS

typedef enum {
  FV_PART_OBJECT,     /* kinds are classes */
  FV_PART_BACKGROUND, /* kinds are places */
} FvPartRole;

/* One photo. */
typedef struct {
  char *path;
  char *mask_path; /* of an object; NULL: its alpha is the mask */
  char *name;      /* for metadata.csv: the path relative to the folder it came from */
} FvPart;

typedef struct _FvComposerParts FvComposerParts;

/* Returns: (transfer full) */
FvComposerParts *fv_composer_parts_new (void);
void fv_composer_parts_free (FvComposerParts *self);

/* Adds the project folder @folder (images/CLASS with masks/CLASS, or CLASS; see fv-dataset.h):
 * every photo with its mask as an object of its class, or every photo as a background of the place
 * that its class names. @error: no photos, or an object without a mask */
gboolean fv_composer_parts_add_folder (FvComposerParts *self, FvPartRole role, const char *folder,
                                       GError **error);

/* Adds Tux Paint's stamps in @folder as objects: the photographs with exact alpha of which there
 * are enough, as classes bird (animals/birds), flower (plants/flowers) and mammal (animals/mammals
 * with all its folders and animals/marsupials). Drawn ones and toys are left out. */
gboolean fv_composer_parts_add_stamps (FvComposerParts *self, const char *folder, GError **error);

/* Cuts each kind 50/15/35 into train, validation and test, along an order drawn from @seed, at
 * least one for each. Needs two classes, two places, and four photos of each. No photo is in two
 * splits. */
gboolean fv_composer_parts_split (FvComposerParts *self, guint64 seed, GError **error);

/* Classes or places, in the order of their names. */
int fv_composer_parts_get_n_kinds (const FvComposerParts *self, FvPartRole role);
const char *fv_composer_parts_get_kind_name (const FvComposerParts *self, FvPartRole role,
                                             int kind);
/* The parts of one kind in one split; at least one after splitting. */
int fv_composer_parts_count (const FvComposerParts *self, FvPartRole role, int kind, FvSplit split);
const FvPart *fv_composer_parts_get (const FvComposerParts *self, FvPartRole role, int kind,
                                     FvSplit split, int index);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FvComposerParts, fv_composer_parts_free)

G_END_DECLS
