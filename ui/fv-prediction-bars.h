/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The top predictions as a row of buttons: class name, probability and a bar. Choosing one asks to
 * explain that class.
 *
 * Signal: "selected" (int class index): the user chose a class, by pointer or keyboard; never
 * emitted by the setters.
 * Threads: the main thread. */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define FV_PREDICTION_BARS_MAX 5

#define FV_TYPE_PREDICTION_BARS (fv_prediction_bars_get_type ())
G_DECLARE_FINAL_TYPE (FvPredictionBars, fv_prediction_bars, FV, PREDICTION_BARS, GtkWidget)

GtkWidget *fv_prediction_bars_new (void);

/* Shows the first @n (0 … ; at most FV_PREDICTION_BARS_MAX are shown) of the classes with their
 * names and probabilities (0 … 1), in the order given; all are copied. A name may be NULL: the
 * class is then called by its number. The selected class stays selected if it is among them. */
void fv_prediction_bars_set (FvPredictionBars *self, int n, const int *classes,
                             const char *const *names, const float *probabilities);

/* Marks the bar of @class_index, the class that is explained now; −1 or one that is not shown:
 * none. */
void fv_prediction_bars_set_selected (FvPredictionBars *self, int class_index);

/* The class index, or −1. */
int fv_prediction_bars_get_selected (FvPredictionBars *self);

G_END_DECLS
