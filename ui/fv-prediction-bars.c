/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A row of toggle buttons, made once and reused: keyboard and screen readers come with them. */

#include "fv-prediction-bars.h"

#include <math.h>

#define NOTHING -1

/* Unit: pixels. */
#define SPACING 8

typedef struct {
  GtkWidget *button;
  GtkWidget *name;
  GtkWidget *share;
  GtkWidget *bar;
  int class_index;
} Bar;

struct _FvPredictionBars {
  GtkWidget parent_instance;

  Bar bars[FV_PREDICTION_BARS_MAX];
  int n_bars; /* shown */
  int selected;
};

enum { SELECTED, N_SIGNALS };

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FvPredictionBars, fv_prediction_bars, GTK_TYPE_WIDGET)

static void
mark_selected (FvPredictionBars *self)
{
  for (int i = 0; i < FV_PREDICTION_BARS_MAX; i++) {
    gboolean active = i < self->n_bars && self->bars[i].class_index == self->selected;

    gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->bars[i].button), active);
  }
}

/* A click has toggled the button by now; which one is down is decided here. */
static void
on_clicked (GtkButton *button, FvPredictionBars *self)
{
  for (int i = 0; i < self->n_bars; i++)
    if (self->bars[i].button == GTK_WIDGET (button))
      self->selected = self->bars[i].class_index;
  mark_selected (self);
  g_signal_emit (self, signals[SELECTED], 0, self->selected);
}

static void
fv_prediction_bars_dispose (GObject *object)
{
  FvPredictionBars *self = FV_PREDICTION_BARS (object);

  for (int i = 0; i < FV_PREDICTION_BARS_MAX; i++)
    g_clear_pointer (&self->bars[i].button, gtk_widget_unparent);
  self->n_bars = 0;
  G_OBJECT_CLASS (fv_prediction_bars_parent_class)->dispose (object);
}

static void
fv_prediction_bars_class_init (FvPredictionBarsClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = fv_prediction_bars_dispose;
  signals[SELECTED] = g_signal_new ("selected", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                    NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_INT);
  gtk_widget_class_set_css_name (widget_class, "fv-prediction-bars");
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BOX_LAYOUT);
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
bar_init (Bar *bar)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, SPACING / 2);
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, SPACING);

  bar->name = gtk_label_new (NULL);
  gtk_label_set_ellipsize (GTK_LABEL (bar->name), PANGO_ELLIPSIZE_END);
  gtk_label_set_xalign (GTK_LABEL (bar->name), 0);
  gtk_widget_set_hexpand (bar->name, TRUE);
  bar->share = gtk_label_new (NULL);
  gtk_widget_add_css_class (bar->share, "numeric");
  bar->bar = gtk_progress_bar_new ();
  gtk_widget_set_margin_bottom (bar->bar, SPACING / 2);

  gtk_box_append (GTK_BOX (row), bar->name);
  gtk_box_append (GTK_BOX (row), bar->share);
  gtk_box_append (GTK_BOX (box), row);
  gtk_box_append (GTK_BOX (box), bar->bar);
  bar->button = gtk_toggle_button_new ();
  gtk_button_set_child (GTK_BUTTON (bar->button), box);
  gtk_widget_hide (bar->button);
}

static void
fv_prediction_bars_init (FvPredictionBars *self)
{
  GtkLayoutManager *layout = gtk_widget_get_layout_manager (GTK_WIDGET (self));

  gtk_box_layout_set_homogeneous (GTK_BOX_LAYOUT (layout), TRUE);
  gtk_box_layout_set_spacing (GTK_BOX_LAYOUT (layout), SPACING);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  "Predictions", -1);
  self->selected = NOTHING;
  for (int i = 0; i < FV_PREDICTION_BARS_MAX; i++) {
    bar_init (&self->bars[i]);
    g_signal_connect (self->bars[i].button, "clicked", G_CALLBACK (on_clicked), self);
    gtk_widget_set_parent (self->bars[i].button, GTK_WIDGET (self));
  }
}

GtkWidget *
fv_prediction_bars_new (void)
{
  return g_object_new (FV_TYPE_PREDICTION_BARS, NULL);
}

/* Small ones are not written as nothing: “< 0.1 %”; a network that is broken gives NaN. */
static char *
format_share (double probability)
{
  if (isnan (probability))
    return g_strdup ("–");
  if (probability > 0 && probability < 0.0005)
    return g_strdup ("< 0.1 %");
  return g_strdup_printf ("%.1f %%", 100 * probability);
}

static void
bar_set (Bar *bar, int class_index, const char *name, double probability)
{
  g_autofree char *number = g_strdup_printf ("class %d", class_index);
  g_autofree char *share = format_share (probability);
  g_autofree char *spoken = NULL;

  name = name != NULL ? name : number;
  spoken = g_strdup_printf ("%s, %s", name, share);
  bar->class_index = class_index;
  gtk_label_set_text (GTK_LABEL (bar->name), name);
  gtk_label_set_text (GTK_LABEL (bar->share), share);
  gtk_progress_bar_set_fraction (GTK_PROGRESS_BAR (bar->bar), fmax (0, fmin (probability, 1)));
  gtk_widget_set_tooltip_text (bar->button, spoken);
  gtk_accessible_update_property (GTK_ACCESSIBLE (bar->button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  spoken, -1);
}

void
fv_prediction_bars_set (FvPredictionBars *self, int n, const int *classes, const char *const *names,
                        const float *probabilities)
{
  g_return_if_fail (FV_IS_PREDICTION_BARS (self));
  g_return_if_fail (n <= 0 || (classes != NULL && names != NULL && probabilities != NULL));

  self->n_bars = CLAMP (n, 0, FV_PREDICTION_BARS_MAX);
  for (int i = 0; i < FV_PREDICTION_BARS_MAX; i++) {
    if (i < self->n_bars)
      bar_set (&self->bars[i], classes[i], names[i], (double) probabilities[i]);
    gtk_widget_set_visible (self->bars[i].button, i < self->n_bars);
  }
  mark_selected (self);
}

void
fv_prediction_bars_set_selected (FvPredictionBars *self, int class_index)
{
  g_return_if_fail (FV_IS_PREDICTION_BARS (self));

  self->selected = class_index;
  mark_selected (self);
}

int
fv_prediction_bars_get_selected (FvPredictionBars *self)
{
  g_return_val_if_fail (FV_IS_PREDICTION_BARS (self), NOTHING);

  return self->selected;
}
