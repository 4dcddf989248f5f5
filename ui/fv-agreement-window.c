/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See the header. */

#include "fv-agreement-window.h"

#include "fv-cell-scatter.h"
#include "fv-number.h"
#include "fv-step-card.h"
#include "fv-step-picture.h"
#include "fv-step-texture.h"
#include "fv-value-histogram.h"

#define SIDE 176
#define SMALL_SIDE 84

struct _FvAgreementWindow {
  AdwWindow parent_instance;

  GtkSpinButton *omega;
  GtkToggleButton *normalised;
  GtkStack *stack; /* "steps", "problem" */
  AdwStatusPage *problem;
  GtkInfoBar *flat;
  GtkLabel *flat_label;
  GtkBox *cards;

  FvStepCard *steps[FV_N_AGREEMENT_STEPS];
  FvStepPicture *picture, *cam;   /* step 1 */
  FvStepPicture *pixels;          /* step 2 */
  FvStepPicture *mask;            /* step 3 */
  FvValueHistogram *histogram;    /* of the mask */
  FvStepPicture *masked, *second; /* step 4 */
  FvStepPicture *u, *v;           /* step 5 */
  FvCellScatter *scatter;         /* of u and v */
  GtkLabel *r;

  FvAgreementWatch *watch;
};

G_DEFINE_FINAL_TYPE (FvAgreementWindow, fv_agreement_window, ADW_TYPE_WINDOW)

/* -- the steps ------------------------------------------------------------------------------ */

/* "M₁  −0.12 … 3.4". (transfer full) */
static char *
caption_range (const char *symbol, const FvPlane *plane)
{
  g_autofree char *low = fv_number_format ((double) plane->low);
  g_autofree char *high = fv_number_format ((double) plane->high);

  return g_strdup_printf ("%s  %s … %s", symbol, low, high);
}

static void
show_first (FvAgreementWindow *self, const FvAgreementSteps *steps, const char *name)
{
  g_autofree char *escaped = g_markup_escape_text (name, -1);
  g_autofree char *class = g_strdup_printf ("<i>x</i>, predicted “%s”", escaped);
  g_autofree char *caption = caption_range ("<i>M</i><sub>1</sub>", steps->cam);

  fv_step_picture_set (self->picture,
                       fv_step_texture_new_picture (steps->picture, steps->width, steps->height),
                       class, "The picture as the network sees it");
  fv_step_picture_set (
      self->cam, fv_step_texture_new_map (steps->cam, steps->picture, steps->width, steps->height),
      caption, "Grad-CAM over the picture");
}

static void
show_pixels (FvAgreementWindow *self, const FvAgreementSteps *steps)
{
  g_autofree char *caption = caption_range ("<i>g</i>", steps->pixels);

  fv_step_picture_set (self->pixels,
                       fv_step_texture_new_values (steps->pixels, (double) steps->pixels->low,
                                                   fv_step_texture_find_top (steps->pixels)),
                       caption, "The pixels that matter, light");
}

static void
show_mask (FvAgreementWindow *self, const FvAgreementSteps *steps)
{
  const FvPlane *mask = steps->mask;
  g_autofree char *omega = fv_number_format (steps->options.omega);
  g_autofree char *caption = NULL;

  gtk_widget_set_visible (GTK_WIDGET (self->mask), mask != NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->histogram), mask != NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->masked), mask != NULL);
  gtk_info_bar_set_revealed (self->flat, steps->is_flat);
  if (mask == NULL)
    return;
  caption = g_strdup_printf ("<i>T</i>  %.3f … %.3f, ω = %s", (double) mask->low,
                             (double) mask->high, omega);
  fv_step_picture_set (self->mask, fv_step_texture_new_mask (mask), caption,
                       "The mask, white where the picture is kept");
  fv_value_histogram_set (self->histogram, mask->values, fv_plane_get_size (mask), NULL, 0);
  fv_step_picture_set (self->masked,
                       fv_step_texture_new_picture (steps->masked, steps->width, steps->height),
                       "<i>T</i> · <i>x</i>", "The masked picture as the network sees it");
}

static void
show_second (FvAgreementWindow *self, const FvAgreementSteps *steps)
{
  g_autofree char *caption = caption_range ("<i>M</i><sub>2</sub>", steps->second);
  const guint8 *ground = steps->masked != NULL ? steps->masked : steps->picture;

  fv_step_picture_set (self->second,
                       fv_step_texture_new_map (steps->second, ground, steps->width, steps->height),
                       caption, "The second map over its picture");
}

static void
show_comparison (FvAgreementWindow *self, const FvAgreementSteps *steps)
{
  g_autofree char *r = g_strdup_printf ("r = %.3f", steps->r);

  fv_step_picture_set (self->u, fv_step_texture_new_values (steps->u, 0, 1), "<i>u</i>",
                       "The first map’s sigmoids");
  fv_step_picture_set (self->v, fv_step_texture_new_values (steps->v, 0, 1), "<i>v</i>",
                       "The second map’s sigmoids");
  fv_cell_scatter_set (self->scatter, "u", steps->u, "v", steps->v);
  gtk_label_set_label (self->r, r);
}

static void
show_words (FvAgreementWindow *self, const FvAgreementSteps *steps)
{
  for (guint i = 0; i < FV_N_AGREEMENT_STEPS; i++) {
    FvAgreementWords words = fv_agreement_words_get (i, &steps->options, steps->similarity);

    fv_step_card_set_words (self->steps[i], &words);
  }
}

static void
on_changed (FvAgreementWindow *self)
{
  const FvAgreementSteps *steps = fv_agreement_watch_get_steps (self->watch);
  const char *problem = fv_agreement_watch_get_problem (self->watch);
  g_autofree char *name = fv_agreement_watch_dup_class_name (self->watch);

  if (problem != NULL)
    adw_status_page_set_description (self->problem, problem);
  gtk_stack_set_visible_child_name (self->stack, steps != NULL     ? "steps"
                                                 : problem != NULL ? "problem"
                                                                   : "waiting");
  if (steps == NULL)
    return;
  show_words (self, steps);
  show_first (self, steps, name);
  show_pixels (self, steps);
  show_mask (self, steps);
  show_second (self, steps);
  show_comparison (self, steps);
}

/* -- building ------------------------------------------------------------------------------- */

static FvStepPicture *
add_picture (FvAgreementWindow *self, guint step, int side)
{
  FvStepPicture *picture = fv_step_picture_new (side);

  fv_step_card_add (self->steps[step], GTK_WIDGET (picture));
  return picture;
}

static void
add_comparison (FvAgreementWindow *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);

  self->u = fv_step_picture_new (SMALL_SIDE);
  self->v = fv_step_picture_new (SMALL_SIDE);
  self->r = GTK_LABEL (gtk_label_new (""));
  self->scatter = g_object_new (FV_TYPE_CELL_SCATTER, NULL);
  gtk_widget_add_css_class (GTK_WIDGET (self->r), "title-2");
  gtk_widget_add_css_class (GTK_WIDGET (self->r), "numeric");
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->u));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->v));
  fv_step_card_add (self->steps[4], box);
  fv_step_card_add (self->steps[4], GTK_WIDGET (self->r));
  fv_step_card_add (self->steps[4], GTK_WIDGET (self->scatter));
}

static void
add_steps (FvAgreementWindow *self)
{
  g_autoptr (GtkSizeGroup) formulas = gtk_size_group_new (GTK_SIZE_GROUP_VERTICAL);
  g_autoptr (GtkSizeGroup) sentences = gtk_size_group_new (GTK_SIZE_GROUP_VERTICAL);

  for (guint i = 0; i < FV_N_AGREEMENT_STEPS; i++) {
    self->steps[i] = fv_step_card_new (i + 1);
    fv_step_card_align (self->steps[i], formulas, sentences);
    gtk_box_append (self->cards, GTK_WIDGET (self->steps[i]));
  }
  self->picture = add_picture (self, 0, SIDE);
  self->cam = add_picture (self, 0, SIDE);
  self->pixels = add_picture (self, 1, SIDE);
  self->mask = add_picture (self, 2, SIDE);
  self->histogram = g_object_new (FV_TYPE_VALUE_HISTOGRAM, NULL);
  fv_value_histogram_set_up (self->histogram, "T", "pixels", (FvPlotRange){ 0, 1 });
  fv_step_card_add (self->steps[2], GTK_WIDGET (self->histogram));
  self->masked = add_picture (self, 3, SIDE);
  self->second = add_picture (self, 3, SIDE);
  add_comparison (self);
}

/* -- object --------------------------------------------------------------------------------- */

static void
fv_agreement_window_dispose (GObject *object)
{
  FvAgreementWindow *self = FV_AGREEMENT_WINDOW (object);

  /* Nobody looks any more, which the watch tells while this is going on. */
  if (self->watch != NULL)
    g_signal_handlers_disconnect_by_data (self->watch, self);
  g_clear_object (&self->watch);

  G_OBJECT_CLASS (fv_agreement_window_parent_class)->dispose (object);
}

static void
fv_agreement_window_class_init (FvAgreementWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = fv_agreement_window_dispose;

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/fovea/Fovea/agreement-window.ui");
  gtk_widget_class_bind_template_child (widget_class, FvAgreementWindow, omega);
  gtk_widget_class_bind_template_child (widget_class, FvAgreementWindow, normalised);
  gtk_widget_class_bind_template_child (widget_class, FvAgreementWindow, stack);
  gtk_widget_class_bind_template_child (widget_class, FvAgreementWindow, problem);
  gtk_widget_class_bind_template_child (widget_class, FvAgreementWindow, flat);
  gtk_widget_class_bind_template_child (widget_class, FvAgreementWindow, flat_label);
  gtk_widget_class_bind_template_child (widget_class, FvAgreementWindow, cards);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
fv_agreement_window_init (FvAgreementWindow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_label_set_label (self->flat_label, fv_agreement_words_get_flat ());
  add_steps (self);
}

FvAgreementWindow *
fv_agreement_window_new (GtkWindow *parent, FvAgreementWatch *watch, GtkAdjustment *omega,
                         GtkSwitch *normalised)
{
  FvAgreementWindow *self
      = g_object_new (FV_TYPE_AGREEMENT_WINDOW, "transient-for", parent, "destroy-with-parent",
                      TRUE, "application", gtk_window_get_application (parent), NULL);

  self->watch = g_object_ref (watch);
  gtk_spin_button_set_adjustment (self->omega, omega);
  g_object_bind_property (normalised, "active", self->normalised, "active",
                          G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE);
  g_signal_connect_object (watch, "changed", G_CALLBACK (on_changed), self, G_CONNECT_SWAPPED);
  on_changed (self);
  return self;
}
