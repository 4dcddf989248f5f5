/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the readers of the layouts fill in. Only fv-dataset*.c include this. */

#pragma once

#include "fv-coco.h"
#include "fv-dataset.h"

G_BEGIN_DECLS

struct _FvDataset {
  gatomicrefcount references;
  FvDataset *whole; /* whose strings and COCO file a part uses; NULL: its own */
  char *path;       /* as it was given */
  char *folder;     /* the names of samples are relative to it */
  FvCoco *coco;     /* NULL unless the layout is COCO */
  gsize n_left_out;
  GStringChunk *strings; /* every string of the samples, classes and groups */
  GArray *samples;       /* FvSample */
  GPtrArray *classes;    /* char *, by label */
  GPtrArray *groups;     /* char *, by group_id */
  gboolean has_drawn_splits;
  gsize n_in_split[FV_SPLIT_TEST + 1];
};

/* Adds the photo @name, relative to the folder, with the mask @mask_name (nullable), likewise. Its
 * split is TRAIN and it has no group. Returns: the sample, until the next one is added */
FvSample *fv_dataset_add_sample (FvDataset *self, const char *name, const char *mask_name,
                                 int label);

/* Orders pointers to strings by strcmp (), for g_ptr_array_sort (). */
int fv_dataset_compare_strings (gconstpointer a, gconstpointer b);

/* Fills @self from the folders images/CLASS or CLASS, or SPLIT/CLASS. @has_splits: whether the
 * folders told. */
gboolean fv_dataset_scan_folders (FvDataset *self, gboolean *has_splits, GError **error);

/* Where the instances file of a COCO dataset in @folder is; NULL when it has none. (transfer full)
 */
char *fv_dataset_find_coco (const char *folder);

/* Fills @self from the instances file @json_path, and sets its folder. */
gboolean fv_dataset_read_coco (FvDataset *self, const char *json_path, GError **error);

/* Fills @self from the file metadata.csv at @csv_path. @has_splits: whether it had that column. */
gboolean fv_dataset_read_metadata (FvDataset *self, const char *csv_path, gboolean *has_splits,
                                   GError **error);

G_END_DECLS
