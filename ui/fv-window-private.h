/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the files of the window share: fv-window.c (widgets and the picture on screen),
 * fv-window-actions.c (commands and shortcuts), fv-window-open.c (folders, models, drops),
 * fv-window-refusals.c (what cannot be opened), fv-window-list.c (measuring the pictures of the
 * list), fv-window-measure.c (measuring on demand), fv-window-teach.c (lessons), fv-window-runs.c
 * (what lessons left), fv-window-agreement.c (how ATCON sees the picture on screen). */

#pragma once

#include "fv-window.h"

#include "fv-agreement-watch.h"
#include "fv-annotate-panel.h"
#include "fv-canvas.h"
#include "fv-image-list.h"
#include "fv-inspect-panel.h"
#include "fv-measure-dock.h"
#include "fv-measure-panel.h"
#include "fv-prediction-bars.h"
#include "fv-teach-dock.h"
#include "fv-teach-panel.h"

G_BEGIN_DECLS

struct _FvWindow {
  AdwApplicationWindow parent_instance;

  AdwToastOverlay *toasts;
  GtkStack *title_stack;
  GtkLabel *model_label;
  GtkSpinner *spinner;
  GtkStack *content; /* "empty", "starting", "main" */
  AdwStatusPage *starting;
  GtkWidget *list_box;
  FvImageList *list;
  GtkStack *canvas_stack; /* "canvas", "broken" */
  FvCanvas *canvas;
  AdwStatusPage *broken;
  GtkButton *zoom_button;
  GtkLabel *note;
  FvPredictionBars *bars;
  GtkInfoBar *interrupted; /* offers to go on with a run */
  GtkLabel *interrupted_label;
  GtkButton *interrupted_button;
  GtkRevealer *dock_revealer;
  FvTeachDock *dock;
  FvMeasureDock *measure_dock;
  AdwViewStack *panels; /* "inspect", "annotate", "teach", "measure" */
  FvInspectPanel *inspect_panel;
  FvAnnotatePanel *annotate_panel;
  FvTeachPanel *teach_panel;
  FvMeasurePanel *measure_panel;

  GSettings *settings; /* nullable */
  FvSession *session;
  FvSubject *subject;
  FvAgreementWatch *agreement;
  GtkWindow *agreement_window; /* the page with its five steps, while it is open */
  FvMaskEditor *editor;        /* whose undo the actions follow; nullable */
  GCancellable *opening;       /* what is being opened; nullable */
  GCancellable *evaluating;    /* the measurement of the whole list; nullable */
  GCancellable *measuring;     /* the measurement somebody asked for; nullable */
  GCancellable *stop;          /* of the lesson: ends its training; nullable */
  GCancellable *lesson;        /* ends all of it; nullable */
  FvLessonStage lesson_stage;
  guint resort_source;
  gint64 last_refresh; /* of the map during a lesson; monotonic time, µs */
  guint n_opening_models;
  gboolean preparing;        /* the built-in pictures are being drawn */
  gboolean wants_builtin;    /* and will be opened then */
  gint64 choose_first_until; /* monotonic time, µs: until then the list may choose; 0: never */
  gssize chosen_by_nobody;   /* sample that is shown because there must be one */
  gboolean offers_resume;    /* of an interrupted run, once the runs are listed */
  gboolean flushing;         /* the user wants to close: masks are being written */
  gboolean closing;          /* masks are safe, or the user gives them up */
};

/* One sentence at the bottom, for a few seconds. */
void fv_window_toast (FvWindow *self, const char *message);
/* Fits titles, notes and enabled commands to what is open. */
void fv_window_update_state (FvWindow *self);

void fv_window_add_actions (FvWindow *self);
/* For dispose: these actions keep widgets of the window alive. */
void fv_window_remove_property_actions (FvWindow *self);
void fv_window_add_plain_keys (FvWindow *self);
/* Enables the commands that make sense now. */
void fv_window_update_actions (FvWindow *self);

/* Opens a weights file, a TorchScript file or a run folder. @logits: (nullable): which of several
 * results of a TorchScript network. */
void fv_window_open_network (FvWindow *self, const char *path, const char *logits);
/* A sentence of any length, in a dialog. */
void fv_window_refuse (FvWindow *self, const char *title, const char *sentence);
/* The same for a network; where the sentence asks for a result by name, it can be given here. */
void fv_window_refuse_network (FvWindow *self, const char *path, const char *sentence);

void fv_window_add_drop_target (FvWindow *self);
void fv_window_choose_folder (FvWindow *self);
void fv_window_choose_weights (FvWindow *self);
void fv_window_choose_run (FvWindow *self);
/* @chosen is called with the path of a file to write, unless the person thinks better of it. */
typedef void (*FvFileChosen) (FvWindow *self, const char *path);
void fv_window_choose_new_file (FvWindow *self, const char *title, const char *name,
                                FvFileChosen chosen);

void fv_window_connect_list (FvWindow *self);
/* A folder is being opened for somebody who has not chosen a picture yet: once it is measured, the
 * list chooses one that tells something. */
void fv_window_let_list_choose (FvWindow *self);
/* Stops all measuring, also what somebody asked for. */
void fv_window_stop_evaluation (FvWindow *self);
/* Measures all pictures again, if there is a model. */
void fv_window_start_evaluation (FvWindow *self);
/* Measures the pictures that are not measured yet. */
void fv_window_continue_evaluation (FvWindow *self);

void fv_window_connect_measuring (FvWindow *self);
void fv_window_show_measure (FvWindow *self);
void fv_window_refresh_plots (FvWindow *self);
void fv_window_start_measuring (FvWindow *self);
void fv_window_stop_measuring (FvWindow *self);
void fv_window_copy_table (FvWindow *self);
void fv_window_save_table (FvWindow *self);
void fv_window_save_histogram (FvWindow *self);
void fv_window_save_scatter (FvWindow *self);

void fv_window_connect_teaching (FvWindow *self);
void fv_window_start_lesson (FvWindow *self);
/* Pauses the lesson, or lets it go on. */
void fv_window_pause_lesson (FvWindow *self);
/* Ends the training and lets the lesson measure; once more, or then, ends that too. */
void fv_window_stop_lesson (FvWindow *self);
/* Ends the lesson at once; what was learnt is kept in its run. */
void fv_window_abandon_lesson (FvWindow *self);
void fv_window_undo_lesson (FvWindow *self);
/* Goes on with the run in @folder. */
void fv_window_resume_lesson (FvWindow *self, const char *folder);

void fv_window_connect_agreement (FvWindow *self);
/* Opens the page with the five steps, or brings it to the front. */
void fv_window_show_agreement (FvWindow *self);

void fv_window_connect_runs (FvWindow *self);
void fv_window_add_run_actions (FvWindow *self);

G_END_DECLS
