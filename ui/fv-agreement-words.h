/* SPDX-License-Identifier: GPL-3.0-or-later */

/* ATCON's five steps in words: what each is called, its formula, and one plain sentence, by the way
 * in which the two maps are made. Threads: any. */

#pragma once

#include "fv-train-config.h"

G_BEGIN_DECLS

#define FV_N_AGREEMENT_STEPS 5

/* A plain record of static text. */
typedef struct {
  const char *title;
  const char *formula; /* Pango markup */
  const char *sentence;
} FvAgreementWords;

/* Step @step, which counts from 0. */
FvAgreementWords fv_agreement_words_get (guint step, const FvAgreementOptions *options,
                                         FvSimilarity similarity);

/* Of a mask that is flat: what that means, and what to do. */
const char *fv_agreement_words_get_flat (void);

G_END_DECLS
