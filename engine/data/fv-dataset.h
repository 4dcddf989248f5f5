/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A folder of labelled photos with masks: the PROJECT of the command line and of the window.
 *
 * Five layouts, the first that is there:
 *   metadata.csv          img_filename,y[,y_name][,split][,place][,place_name][,mask_filename]
 *   instances.json        COCO (fv-coco.h); also annotations.json, _annotations.coco.json, or a
 *                         file of any name that is opened instead of a folder
 *   images/CLASS/PHOTO    with masks/CLASS/STEM.png where there is a mask
 *   CLASS/PHOTO           with masks/CLASS/STEM.png likewise
 *   SPLIT/CLASS/PHOTO     with masks/SPLIT/CLASS/STEM.png, also in images/; SPLIT is train, val,
 *                         valid, validation or test, there is a train, and no other folder
 * (photos that stand directly in the folder, or in images/, are one class named after the folder).
 *
 * metadata.csv is the convention of Waterbirds: y is the class number, split 0, 1, 2 is train,
 * validation, test, place is the number of the background; we add the names of class and place and
 * the mask's file. Further columns are ignored. Paths are relative to the folder and stay in it.
 *
 * The photos of a COCO file lie beside it or in images/; for annotations/instances_NAME.json, in
 * NAME/ or images/NAME/ beside annotations/. All must be there. Several classes may be in one
 * photo: its label is that with the largest area (of equal ones the first), and photos in which no
 * object but a crowd is labelled are left out.
 *
 * STEM.mask.png beside a photo is its mask as edited in Fovea; it wins over the original.
 * Opening reads names only. A dataset does not change: it may be read from any thread. */

#pragma once

#include "fv-mask.h"

G_BEGIN_DECLS

typedef enum {
  FV_SPLIT_TRAIN,
  FV_SPLIT_VALIDATION,
  FV_SPLIT_TEST,
} FvSplit;

/* One photo. All strings belong to the dataset. */
typedef struct {
  char *path;             /* the photo */
  char *mask_path;        /* its original mask; NULL when it has none */
  char *edited_mask_path; /* where an edited mask is written, whether it exists or not */
  char *name;             /* path relative to the folder: unique, and the order of the samples */
  int label;              /* 0 … n_classes − 1 */
  char *group;            /* "class·place"; NULL when the dataset has no places */
  int group_id;           /* 0 … n_groups − 1; −1 when the dataset has no places */
  FvSplit split;
  const int *classes; /* the classes that are in the photo, ascending; NULL unless multi-label */
  int n_classes;      /* how many, the label among them; 1 unless multi-label */
  int record;         /* of a COCO file's photo: its number there; −1 elsewhere */
} FvSample;

typedef struct _FvDataset FvDataset;

/* Opens the folder, or the COCO file. Where nothing tells of splits each class is cut 60/15/25 into
 * train, validation and test along an order that is a hash of @seed and the photo's name: at round
 * (0.6 n) and round (0.75 n). @error: a folder without photos, or a line of metadata.csv that is
 * wrong (the message has its number). Returns: (transfer full): NULL with @error */
FvDataset *fv_dataset_open (const char *folder, guint64 seed, GError **error);

/* The dataset with the @n samples @indices (ascending) alone, each as it is there; it has the same
 * classes and groups, and path. (transfer full) */
FvDataset *fv_dataset_new_part (FvDataset *dataset, const gsize *indices, gsize n);

/* The dataset with all samples in the training split. (transfer full) */
FvDataset *fv_dataset_new_for_training (FvDataset *dataset);

FvDataset *fv_dataset_ref (FvDataset *dataset);
void fv_dataset_unref (FvDataset *dataset);

/* The path as it was given to fv_dataset_open (). */
const char *fv_dataset_get_path (const FvDataset *dataset);

gsize fv_dataset_get_n_samples (const FvDataset *dataset);

/* Sample @index (0 … n_samples − 1), sorted by name. Returns: (transfer none) */
const FvSample *fv_dataset_get_sample (const FvDataset *dataset, gsize index);

/* Whether the dataset does not say itself how it is cut: its splits hang on the seed then. */
gboolean fv_dataset_has_drawn_splits (const FvDataset *dataset);

/* How many samples are in @split. */
gsize fv_dataset_get_n_in_split (const FvDataset *dataset, FvSplit split);

/* Classes: folders sorted by name (strcmp), or the numbers of metadata.csv. */
int fv_dataset_get_n_classes (const FvDataset *dataset);
const char *fv_dataset_get_class_name (const FvDataset *dataset, int label);

/* Whether a photo may show several classes. */
gboolean fv_dataset_is_multi_label (const FvDataset *dataset);

/* Whether some photo does show several classes: then to learn it means to find each of them. */
gboolean fv_dataset_mixes_classes (const FvDataset *dataset);

/* Whether the class @label is in the photo of sample @index. */
gboolean fv_dataset_has_class (const FvDataset *dataset, gsize index, int label);

/* How many photos the dataset lists, but does not say what they show. */
gsize fv_dataset_get_n_left_out (const FvDataset *dataset);

/* Groups (class × place) that occur, sorted by name; 0 when the dataset has no places. */
int fv_dataset_get_n_groups (const FvDataset *dataset);
const char *fv_dataset_get_group_name (const FvDataset *dataset, int group_id);

/* The mask of sample @index, which must be @width × @height: the edited one if that file exists,
 * else the original. Returns: (transfer full): NULL without @error when it has no mask; NULL with
 * @error when the mask cannot be read or has another size */
FvMask *fv_dataset_load_mask (const FvDataset *dataset, gsize index, int width, int height,
                              GError **error);

/* The mask of one class in the photo of sample @index: that of fv_dataset_load_mask () for the
 * sample's label, and in a COCO dataset that of fv_coco_draw_mask () for every other class.
 * Returns: (transfer full): NULL without @error when nothing is known about that class there */
FvMask *fv_dataset_load_class_mask (const FvDataset *dataset, gsize index, int label, int width,
                                    int height, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FvDataset, fv_dataset_unref)

G_END_DECLS
