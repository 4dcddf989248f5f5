/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See the header. */

#include "fv-measure-panel.h"

#include "fv-alignment-group.h"
#include "fv-measure-cost.h"
#include "fv-method-choice.h"

/* Alignment, before it, is always measured. */
#define FIRST_CHOSEN (FV_FAMILY_ALIGNMENT + 1)

struct _FvMeasurePanel {
  GtkWidget parent_instance;

  AdwComboRow *split_row;
  AdwComboRow *method_row;
  GtkSwitch *families[FV_N_FAMILIES]; /* called as the families; NULL for alignment */
  GtkWidget *consistency_row;
  GtkLabel *cost;
  GtkProgressBar *progress;
  GtkWidget *start;
  FvAlignmentGroup *alignment;

  FvSession *session;
  FvSubject *subject;
  gint64 start_time;           /* monotonic, µs: of the first progress; 0: none yet */
  guint64 start_done;          /* pictures that were done then */
  gsize runs;                  /* of the network for each of its pictures */
  gsize many_runs;             /* of the metrics that were last measured, when they took many */
  double seconds_per_many_run; /* what each of those took */
};

enum { PROP_0, PROP_SPLIT, N_PROPERTIES };

static GParamSpec *properties[N_PROPERTIES];

G_DEFINE_FINAL_TYPE (FvMeasurePanel, fv_measure_panel, GTK_TYPE_WIDGET)

FvSplit
fv_measure_panel_get_split (FvMeasurePanel *self)
{
  guint selected = adw_combo_row_get_selected (self->split_row);

  return selected == GTK_INVALID_LIST_POSITION ? FV_SPLIT_TEST : (FvSplit) selected;
}

/* A switch may have been set for another network. */
static gboolean
can_measure (FvMeasurePanel *self, FvMetricFamily family)
{
  return family != FV_FAMILY_CONSISTENCY || gtk_widget_get_sensitive (self->consistency_row);
}

FvMetricSelection
fv_measure_panel_get_metrics (FvMeasurePanel *self)
{
  FvMetricSelection metrics = fv_metric_selection_default ();

  for (FvMetricFamily family = FIRST_CHOSEN; family < FV_N_FAMILIES; family++)
    if (gtk_switch_get_active (self->families[family]) && can_measure (self, family))
      fv_metric_selection_add_family (&metrics, family);
  return metrics;
}

/* What a picture and each further run take: as the list found, or the picture on screen did; of
 * many runs, as the same ones took before. */
static char *
describe_cost (FvMeasurePanel *self, gsize runs, gsize n_pictures)
{
  const FvInspectResult *result = fv_subject_get_result (self->subject);
  double per_image = fv_session_get_seconds_per_image (self->session);
  double per_run = fv_session_get_seconds_per_run (self->session);

  if (per_image <= 0 && result != NULL && result->map != NULL)
    per_image = per_run = result->seconds / fv_method_find (result->map->method)->n_runs;
  if (runs == self->many_runs)
    per_run = self->seconds_per_many_run;
  return fv_measure_cost_describe (runs, n_pictures, per_image, per_run);
}

static void
update_cost (FvMeasurePanel *self)
{
  FvDataset *dataset = self->session == NULL ? NULL : fv_session_get_dataset (self->session);
  const FvModelInfo *model = self->session == NULL ? NULL : fv_session_get_model (self->session);
  FvMetricSelection metrics = fv_measure_panel_get_metrics (self);
  g_autofree char *text = NULL;

  if (dataset != NULL && model != NULL)
    text = describe_cost (
        self, fv_measure_cost_get_runs (model, fv_session_get_method (self->session), &metrics),
        fv_dataset_get_n_in_split (dataset, fv_measure_panel_get_split (self)));
  gtk_label_set_label (self->cost, text);
}

static void
on_choice_changed (FvMeasurePanel *self)
{
  update_cost (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SPLIT]);
}

/* The splits with their sizes; test pictures are what a number is about unless somebody says
 * otherwise. */
static void
on_dataset_changed (FvMeasurePanel *self)
{
  static const char *const names[] = { "training", "validation", "test" };
  FvDataset *dataset = fv_session_get_dataset (self->session);
  g_autoptr (GtkStringList) splits = gtk_string_list_new (NULL);
  guint chosen = FV_SPLIT_TRAIN;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    gsize n = dataset == NULL ? 0 : fv_dataset_get_n_in_split (dataset, (FvSplit) i);

    gtk_string_list_take (splits, g_strdup_printf ("%s · %" G_GSIZE_FORMAT, names[i], n));
    if (n > 0)
      chosen = i;
  }
  adw_combo_row_set_model (self->split_row, G_LIST_MODEL (splits));
  adw_combo_row_set_selected (self->split_row, chosen);
  update_cost (self);
}

static void
on_model_changed (FvMeasurePanel *self)
{
  const FvModelInfo *model = fv_session_get_model (self->session);

  self->many_runs = 0;
  gtk_widget_set_sensitive (self->consistency_row,
                            model == NULL || (model->can_show && model->has_rectifiers));
  update_cost (self);
}

static void
on_progress (FvMeasurePanel *self, guint64 done, guint64 total)
{
  gint64 now = g_get_monotonic_time ();
  g_autoptr (GString) text = g_string_new (NULL);

  g_string_printf (text, "%" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT, done, total);
  if (self->start_time == 0) {
    self->start_time = now;
    self->start_done = done;
  } else if (done > self->start_done) {
    double seconds
        = (double) (now - self->start_time) / G_USEC_PER_SEC / (double) (done - self->start_done);
    g_autofree char *left = fv_measure_cost_describe_time (seconds * (double) (total - done));

    g_string_append_printf (text, ", %s left", left);
    if (self->runs > 1) {
      self->many_runs = self->runs;
      self->seconds_per_many_run = seconds / (double) self->runs;
    }
  }
  gtk_progress_bar_set_fraction (self->progress, (double) done / (double) MAX (total, 1));
  gtk_progress_bar_set_text (self->progress, text->str);
}

void
fv_measure_panel_set_measuring (FvMeasurePanel *self, gboolean measuring)
{
  const FvModelInfo *model = fv_session_get_model (self->session);
  FvMetricSelection metrics = fv_measure_panel_get_metrics (self);

  self->start_time = 0;
  self->runs
      = model == NULL
            ? 1
            : fv_measure_cost_get_runs (model, fv_session_get_method (self->session), &metrics);
  gtk_progress_bar_set_fraction (self->progress, 0);
  gtk_progress_bar_set_text (self->progress, "waiting for the network");
  gtk_widget_set_visible (GTK_WIDGET (self->progress), measuring);
  update_cost (self);
}

void
fv_measure_panel_focus (FvMeasurePanel *self)
{
  gtk_widget_grab_focus (self->start);
}

void
fv_measure_panel_set_up (FvMeasurePanel *self, FvSession *session, FvSubject *subject)
{
  g_return_if_fail (self->session == NULL);

  self->session = g_object_ref (session);
  self->subject = g_object_ref (subject);
  fv_alignment_group_set_subject (self->alignment, subject);
  fv_method_choice_bind (G_OBJECT (self->method_row), session);
  g_signal_connect_object (session, "dataset-changed", G_CALLBACK (on_dataset_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "model-changed", G_CALLBACK (on_model_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (subject, "result-changed", G_CALLBACK (update_cost), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "notify::method", G_CALLBACK (update_cost), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "notify::evaluating", G_CALLBACK (update_cost), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "measure-progress", G_CALLBACK (on_progress), self,
                           G_CONNECT_SWAPPED);
  on_dataset_changed (self);
}

static void
fv_measure_panel_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_SPLIT)
    g_value_set_uint (value, fv_measure_panel_get_split (FV_MEASURE_PANEL (object)));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
fv_measure_panel_dispose (GObject *object)
{
  FvMeasurePanel *self = FV_MEASURE_PANEL (object);
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  g_clear_object (&self->session);
  g_clear_object (&self->subject);

  G_OBJECT_CLASS (fv_measure_panel_parent_class)->dispose (object);
}

static void
fv_measure_panel_class_init (FvMeasurePanelClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = fv_measure_panel_dispose;
  G_OBJECT_CLASS (klass)->get_property = fv_measure_panel_get_property;

  properties[PROP_SPLIT]
      = g_param_spec_uint ("split", NULL, NULL, FV_SPLIT_TRAIN, FV_SPLIT_TEST, FV_SPLIT_TEST,
                           G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (G_OBJECT_CLASS (klass), N_PROPERTIES, properties);

  g_type_ensure (FV_TYPE_ALIGNMENT_GROUP);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/fovea/Fovea/measure-panel.ui");
  gtk_widget_class_bind_template_child (widget_class, FvMeasurePanel, split_row);
  gtk_widget_class_bind_template_child (widget_class, FvMeasurePanel, method_row);
  for (FvMetricFamily family = FIRST_CHOSEN; family < FV_N_FAMILIES; family++)
    gtk_widget_class_bind_template_child_full (
        widget_class, fv_metric_family_get_name (family), FALSE,
        G_STRUCT_OFFSET (FvMeasurePanel, families) + (gssize) (family * sizeof (GtkSwitch *)));
  gtk_widget_class_bind_template_child (widget_class, FvMeasurePanel, consistency_row);
  gtk_widget_class_bind_template_child (widget_class, FvMeasurePanel, cost);
  gtk_widget_class_bind_template_child (widget_class, FvMeasurePanel, progress);
  gtk_widget_class_bind_template_child (widget_class, FvMeasurePanel, start);
  gtk_widget_class_bind_template_child (widget_class, FvMeasurePanel, alignment);
  gtk_widget_class_bind_template_callback (widget_class, on_choice_changed);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
}

static void
fv_measure_panel_init (FvMeasurePanel *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
