/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A benchmark composed of real photos: objects cut out by their masks, put on photos of places.
 *
 * Class i belongs to place i (modulo the places, both in the order of their names). In training a
 * class stands on its own place with probability rho, else on one of the others; a network that
 * learns the place is then right in training and wrong in the test, where every object stands on
 * every place equally often: aligned pictures there are those on the class's own place, conflicting
 * ones the others, shifted is all of them. Groups are class × place. Objects and backgrounds are
 * disjoint between the splits (see fv-composer-parts.h).
 *
 * Validation has rho of its own. Equal to the training's it is what somebody has who knows nothing
 * of the shift; 1 / places (Waterbirds) lets the choice of a setting see it. */

#pragma once

#include <gio/gio.h>

#include "fv-composer-parts.h"

G_BEGIN_DECLS

/* Raised when equal options begin to give other pictures. */
#define FV_COMPOSER_VERSION 1

/* The most images a split may have. */
#define FV_COMPOSER_MAX_IMAGES 100000

/* For n_test: every test object once on every place. */
#define FV_COMPOSER_ALL (-1)

typedef struct {
  double rho;                /* probability of the class's own place in train, 0 … 1 */
  double validation_rho;     /* the same in validation */
  guint64 seed;              /* equal options and parts give equal bytes */
  int n_train, n_validation; /* images, 0 … FV_COMPOSER_MAX_IMAGES; classes take turns */
  int n_test;                /* likewise, classes and then places take turns; or FV_COMPOSER_ALL */
  int size;                  /* width and height of an image in pixels, 32 … 1024 */
} FvComposerOptions;

/* rho 0.95 in train and validation, seed 0, 576 / 192 / all images of 224 pixels. */
FvComposerOptions fv_composer_options_default (void);

/* Makes the folder @folder with images/NNNNN.png (RGB), masks/NNNNN.png (exact index masks) and
 * metadata.csv (fv-dataset.h; place_filename and object_filename say what a picture is made of).
 * It appears whole or not at all, and only where nothing is or an empty folder (fv-new-folder.h).
 * An object's longest side is 45 … 60 % of the picture's; its place, size and mirroring, and the
 * background's cut and mirroring, are drawn for each picture by (seed, number).
 * @parts have been split. Blocks for some 10 ms an image, on all processors; any thread. */
gboolean fv_composer_build (const char *folder, const FvComposerParts *parts,
                            const FvComposerOptions *options, GCancellable *cancellable,
                            GError **error);

G_END_DECLS
