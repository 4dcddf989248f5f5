/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A model card: the JSON beside the weights that says what the numbers do not: which architecture,
 * how a picture becomes its input, and what the classes are called.
 *
 *   {"architecture": "mobilenet_v2", "padding": "same", "batch_norm": "folded",
 *    "input_size": [3, 224, 224], "scale": 1, "mean": […], "std": […], "channel_order": "RGB",
 *    "interpolation": "bilinear", "crop_pct": 0.875, "classes": ["elephant", …] or "names.txt"}
 *
 * A channel's value is (pixel / 255 · scale − mean) / std. Threads: any. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The architecture of a network that brings its own code. */
#define FV_CARD_TORCHSCRIPT "torchscript"

typedef struct {
  char *architecture;         /* "torchscript" for a network that brings its own code */
  char *logits;               /* which of several results of such a network; NULL is the only one */
  gboolean same_padding;      /* TensorFlow's "same": at stride 2 more on the right and bottom */
  gboolean batch_norm_folded; /* its batch norms are identities: training them is refused */
  int width, height;          /* of the input, pixels */
  double scale;
  double mean[3];
  double std[3];
  gboolean bgr;
  gboolean bicubic;     /* else bilinear; both antialiased */
  double crop_pct;      /* share of the shorter side that a centre crop keeps */
  GStrv classes;        /* NULL when they have no names */
  gboolean multi_label; /* several classes may be in one photo: the probability of each is the
                         * sigmoid of its logit; else the softmax over all */
} FvCard;

/* The card that torchvision's weights of this architecture expect; no class names.
 * (transfer full); never fails: an unknown architecture gets ImageNet's numbers. */
FvCard *fv_card_new (const char *architecture);
FvCard *fv_card_copy (const FvCard *self);
void fv_card_free (FvCard *self);

/* Reads a card. Every field but "architecture" may be missing, and that too where
 * @default_architecture (nullable) says what it is; one of the wrong kind, or a size or
 * scale that makes no sense, is refused by name. A "classes" string names a text file beside the
 * card with a class on each line. (transfer full) */
FvCard *fv_card_load (const char *path, const char *default_architecture, GError **error);
/* Replaces the file whole or leaves it alone. */
gboolean fv_card_save (const FvCard *self, const char *path, GError **error);

/* The class's name, or NULL. */
const char *fv_card_get_class_name (const FvCard *self, int index);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FvCard, fv_card_free)

G_END_DECLS
