/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Everything that decides a training run, so that config.json repeats it. A plain record.
 * Threads: any. */

#pragma once

#include <json-glib/json-glib.h>

#include "fv-agreement.h"
#include "fv-consistency.h"
#include "fv-loss.h"
#include "fv-match-preset.h"
#include "fv-optimizer.h"
#include "fv-sampling.h"
#include "fv-training-map-kind.h"

G_BEGIN_DECLS

/* Which epoch's weights a training ends with. */
typedef enum { FV_KEEP_LAST, FV_KEEP_BEST } FvKeep;

/* What the attention losses are compared with. */
typedef enum {
  FV_CONTROL_NONE,
  FV_CONTROL_REWEIGHT, /* cross-entropy counts all groups (classes, where there are none) the same:
                          fv_sampling_get_importances () */
} FvControl;

/* Of a picture of several classes, which one's map and mask losses on attention look at. */
typedef enum {
  FV_ATTENTION_ONE_CLASS,   /* one that has a mask, drawn anew in each epoch */
  FV_ATTENTION_ALL_CLASSES, /* each that has a mask, as if it were a picture of its own */
} FvAttentionClasses;

/* What steps are taken with (fv-turns.h). */
typedef enum {
  FV_MODE_SUPERVISED,   /* labelled pictures */
  FV_MODE_UNSUPERVISED, /* the pool, by the loss of consistency alone: no label is read */
  FV_MODE_ALTERNATING,  /* either, drawn anew for each step */
  FV_MODE_COMBINED,     /* a batch of each in every step */
} FvTrainMode;

#define FV_N_TRAIN_MODES 4

/* What validation goes by. */
typedef enum {
  FV_CHOOSE_BY_LABELS,      /* cross-entropy */
  FV_CHOOSE_BY_CONSISTENCY, /* the loss of consistency, which reads no label */
} FvChooseBy;

typedef struct {
  double weights[FV_N_LOSSES]; /* of the losses, by FvLossKind; 0 leaves one out */
  FvMatch match;               /* what FV_LOSS_MATCH is */
  FvTrainingMapKind map;       /* that losses on maps teach */
  FvAttentionClasses attention_classes;
  char *layer;               /* layers of the maps, joined by commas; NULL: the default */
  char *freeze_below;        /* every parameter of nodes before this layer stays; NULL: all learn */
  gboolean train_batch_norm; /* batch statistics, for networks trained from scratch */
  int epochs;
  int batch_size;
  double learning_rate;      /* of the body */
  double head_learning_rate; /* of the last linear layer */
  double weight_decay;
  FvOptimizerKind optimizer;
  double warm_up;      /* share of the steps over which the learning rate and the weights of
                          losses on attention rise from 0 */
  gboolean cosine;     /* then the learning rate falls along a cosine; else it stays */
  double max_gradient; /* norm to clip at; 0 never clips */
  guint augment;       /* FvAugment flags: how pictures are changed, mask and all */
  int views;         /* of a picture, that take turns by epoch; 0: each epoch changes it anew. Only
                        where more than mirroring is done, which has two views */
  guint64 seed;      /* order of the data, augmentation, dropout, fresh head */
  FvBalance balance; /* what comes equally often in an epoch */
  double mask_share; /* of the masks, 0 … 1, that are used; the other pictures have none */
  FvControl control;
  int patience; /* epochs without a lower cross-entropy on the validation split after which
                   training ends; 0: never */
  FvKeep keep;  /* the best epoch is that of the lowest cross-entropy there */
  FvTrainMode mode;
  int labelled;       /* training pictures of each class whose labels are used; 0: all */
  char *unlabelled;   /* the pool, see fv_pool_choose (); NULL: the default */
  double alternation; /* in alternating mode: passes over the labelled for one over the pool */
  FvAgreementOptions agreement; /* the two maps that FV_LOSS_CONSISTENCY compares */
  FvSimilarity similarity;      /* and how */
  FvChooseBy choose_by;
  double checkpoint_seconds; /* at most so long a way is lost when the program is killed; 0: a step.
                                It changes nothing that is learned. */
} FvTrainConfig;

/* Fine-tuning as Fovea suggests it: AdamW, 6 epochs of 32, body 2e-4, head 2e-3, decay 1e-4,
 * warm-up 0.1, cosine, clip 5, flips, batch norm in evaluation; cross-entropy and the two-term
 * loss, both of weight 1, on Grad-CAM; a match loss would be the mean square of the label's
 * stretched map; the last epoch's weights; a checkpoint a minute. (transfer full) */
FvTrainConfig *fv_train_config_new (void);
FvTrainConfig *fv_train_config_copy (const FvTrainConfig *self);
void fv_train_config_free (FvTrainConfig *self);

/* FALSE with a sentence about the first value that makes no sense. */
gboolean fv_train_config_check (const FvTrainConfig *self, GError **error);
/* Its settings as members of a JSON object, by the names that the command line has for them, with
 * _ for -. (transfer full) */
JsonObject *fv_train_config_to_json (const FvTrainConfig *self);
/* Reads them back; other members are left alone, and settings without a member are those of
 * fv_train_config_new (), but for the losses: those that are not named have weight 0. A member of
 * the wrong kind, or that makes no sense, is refused by name, @path being where it was read.
 * (transfer full) */
FvTrainConfig *fv_train_config_from_json (JsonObject *object, const char *path, GError **error);
/* Sets a setting whose values are words ("optimizer"). FALSE when @word is none of them. */
gboolean fv_train_config_set_word (FvTrainConfig *self, const char *name, const char *word);
/* The first option whose setting differs ("--batch-norm") among those that decide what is learned;
 * NULL when none does. */
const char *fv_train_config_find_difference (const FvTrainConfig *self, const FvTrainConfig *other);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FvTrainConfig, fv_train_config_free)

G_END_DECLS
