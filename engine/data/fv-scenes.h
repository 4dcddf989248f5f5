/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The built-in benchmark: drawn objects of four classes on four textured grounds.
 *
 * In training and validation a class stands on its own ground with probability rho, else on one of
 * the other three; in the test split every class stands on every ground equally often (to one
 * picture). A network that learns the ground is then right in training and wrong in the test.
 * Groups are class × ground. */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Raised when equal options begin to give other pictures. */
#define FV_SCENES_VERSION 2

/* The most images a split may have. */
#define FV_SCENES_MAX_IMAGES 100000

typedef struct {
  double rho;   /* probability of the class's own ground in train and validation, 0 … 1 */
  guint64 seed; /* equal options give equal bytes */
  int n_train, n_validation, n_test; /* images, 0 … FV_SCENES_MAX_IMAGES; classes take turns */
  int size;                          /* width and height of an image in pixels, 32 … 1024 */
} FvScenesOptions;

/* rho 0.95, seed 0, 800 / 200 / 400 images of 96 pixels. */
FvScenesOptions fv_scenes_options_default (void);

/* Makes the folder @folder (and its parents) with images/NNNNN.png (RGB), masks/NNNNN.png (exact
 * index masks) and, last, metadata.csv (see fv-dataset.h). @options may be NULL for the defaults.
 * Blocks for some milliseconds an image, on all processors; any thread. @cancellable (nullable)
 * ends it between two images with G_IO_ERROR_CANCELLED; what was written so far stays, without
 * metadata.csv. */
gboolean fv_scenes_build (const char *folder, const FvScenesOptions *options,
                          GCancellable *cancellable, GError **error);

G_END_DECLS
