/* SPDX-License-Identifier: GPL-3.0-or-later */

/* MNIST, Fashion-MNIST and the like as a project folder. */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* For a number of pictures: see fv_idx_import (). */
#define FV_IDX_IMPORT_ALL (-1)

typedef struct {
  /* A shortcut of our own making, after Ross, Hughes and Doshi-Velez (IJCAI 2017): a patch of 4 × 4
   * pixels in a corner that is drawn for each picture. In train and validation its shade is that of
   * the class, 255 − 25 · class (modulo 10); in the test that of a class that is drawn. */
  gboolean decoy;
  guint64 seed;                      /* of corners and shades; equal options give equal bytes */
  int n_train, n_validation, n_test; /* the first ones of each, or FV_IDX_IMPORT_ALL */
} FvIdxImportOptions;

/* No decoy, seed 0, all pictures. */
FvIdxImportOptions fv_idx_import_options_default (void);

/* Reads train-images-idx3-ubyte, train-labels-idx1-ubyte and, where they are,
 * t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte (each with .gz or without) in @source, and
 * makes @folder with images/NNNNN.png, masks/NNNNN.png and metadata.csv (fv-dataset.h). The mask is
 * what is brighter than 0, without the patch. The last sixth of the training file is validation, or
 * the n_validation pictures that follow the n_train first ones. With a decoy the place is the class
 * whose shade the patch has. @folder appears whole or not at all (fv-new-folder.h).
 * @error: a file that is missing, wrong, or has fewer pictures than were asked for */
gboolean fv_idx_import (const char *source, const char *folder, const FvIdxImportOptions *options,
                        GCancellable *cancellable, GError **error);

G_END_DECLS
