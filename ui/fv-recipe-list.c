/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See the header. */

#include "fv-recipe-list.h"

#define WIDTH 320
#define MAX_HEIGHT 460

struct _FvRecipeList {
  GtkPopover parent_instance;

  GtkListBox *list;
  gboolean can_swap;
};

enum { CHOSEN, N_SIGNALS };

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FvRecipeList, fv_recipe_list, GTK_TYPE_POPOVER)

/* Rows are in the order of the recipes. */
static const FvRecipe *
get_recipe (GtkListBoxRow *row)
{
  gsize n;

  return &fv_recipe_get_all (&n)[gtk_list_box_row_get_index (row)];
}

static GtkWidget *
make_label (const char *text, const char *style)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  if (style != NULL)
    gtk_widget_add_css_class (label, style);
  return label;
}

static GtkWidget *
make_row (const FvRecipe *recipe)
{
  const char *source = fv_recipe_get_source (recipe);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 3);
  GtkWidget *row = gtk_list_box_row_new ();

  gtk_box_append (GTK_BOX (box), make_label (recipe->title, NULL));
  if (source != NULL) {
    gtk_box_append (GTK_BOX (box), make_label (source, "caption"));
    gtk_widget_add_css_class (gtk_widget_get_last_child (box), "dim-label");
  }
  gtk_widget_set_margin_top (box, 6);
  gtk_widget_set_margin_bottom (box, 6);
  gtk_widget_set_margin_start (box, 6);
  gtk_widget_set_margin_end (box, 6);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  recipe->title, GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, recipe->help,
                                  -1);
  gtk_widget_set_tooltip_text (row, recipe->help);
  return row;
}

static void
add_heading (GtkListBoxRow *row, GtkListBoxRow *before, gpointer user_data)
{
  FvRecipeFamily family = get_recipe (row)->family;
  GtkWidget *heading;

  if (before != NULL && get_recipe (before)->family == family) {
    gtk_list_box_row_set_header (row, NULL);
    return;
  }
  heading = make_label (fv_recipe_get_family_title (family), "heading");
  gtk_widget_set_margin_top (heading, before == NULL ? 3 : 12);
  gtk_widget_set_margin_bottom (heading, 3);
  gtk_widget_set_margin_start (heading, 6);
  gtk_list_box_row_set_header (row, heading);
}

static gboolean
is_possible (GtkListBoxRow *row, gpointer user_data)
{
  return FV_RECIPE_LIST (user_data)->can_swap || !fv_recipe_needs_swap (get_recipe (row));
}

static void
on_activated (FvRecipeList *self, GtkListBoxRow *row)
{
  gtk_popover_popdown (GTK_POPOVER (self));
  g_signal_emit (self, signals[CHOSEN], 0, get_recipe (row));
}

void
fv_recipe_list_set_can_swap (FvRecipeList *self, gboolean can_swap)
{
  self->can_swap = can_swap;
  gtk_list_box_invalidate_filter (self->list);
}

void
fv_recipe_list_set_selected (FvRecipeList *self, const FvRecipe *recipe)
{
  gsize n;
  const FvRecipe *all = fv_recipe_get_all (&n);

  gtk_list_box_select_row (
      self->list,
      recipe == NULL ? NULL : gtk_list_box_get_row_at_index (self->list, (int) (recipe - all)));
}

static void
fv_recipe_list_class_init (FvRecipeListClass *klass)
{
  signals[CHOSEN] = g_signal_new ("chosen", FV_TYPE_RECIPE_LIST, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                  NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);
}

static void
fv_recipe_list_init (FvRecipeList *self)
{
  GtkWidget *scroller = gtk_scrolled_window_new ();
  gsize n;
  const FvRecipe *recipes = fv_recipe_get_all (&n);

  self->can_swap = TRUE;
  self->list = GTK_LIST_BOX (gtk_list_box_new ());
  for (gsize i = 0; i < n; i++)
    gtk_list_box_append (self->list, make_row (&recipes[i]));
  gtk_list_box_set_header_func (self->list, add_heading, NULL, NULL);
  gtk_list_box_set_filter_func (self->list, is_possible, self, NULL);
  gtk_widget_add_css_class (GTK_WIDGET (self->list), "recipes");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->list), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  "Losses", -1);
  g_signal_connect_object (self->list, "row-activated", G_CALLBACK (on_activated), self,
                           G_CONNECT_SWAPPED);

  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (scroller), MAX_HEIGHT);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (scroller), TRUE);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), GTK_WIDGET (self->list));
  gtk_widget_set_size_request (scroller, WIDTH, -1);
  gtk_popover_set_child (GTK_POPOVER (self), scroller);
}
