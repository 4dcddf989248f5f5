/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See the header. */

#include "fv-image-list.h"

#include <math.h>

#include "fv-image-cell.h"

struct _FvImageList {
  GtkWidget parent_instance;

  GtkSearchEntry *search;
  GtkDropDown *reading_choice;
  GtkToggleButton *worst_first;
  GtkWidget *range_child;
  GtkToggleButton *range;
  GtkToggleButton *wrong;
  GtkToggleButton *no_mask;
  GtkToggleButton *test;
  GtkGridView *grid;
  GtkStack *stack;

  FvImageListModel *model;
  GtkSingleSelection *selection;
  FvThumbnailLoader *loader;
  gssize selected;             /* sample that was announced last; −1: none */
  GdkFrameClock *settle_clock; /* while a frame is awaited, to scroll after its layout */
  double scroll;               /* to go back to, pixels */
};

enum { PROP_0, PROP_READING, PROP_WORST_FIRST, N_PROPERTIES };
enum { SELECTED, N_SIGNALS };

static GParamSpec *properties[N_PROPERTIES];
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FvImageList, fv_image_list, GTK_TYPE_WIDGET)

/* -- rows ----------------------------------------------------------------------------------- */

static void
on_setup (GtkSignalListItemFactory *factory, GtkListItem *row, FvImageList *self)
{
  gtk_list_item_set_child (row, fv_image_cell_new (self->loader));
}

static void
on_bind (GtkSignalListItemFactory *factory, GtkListItem *row, FvImageList *self)
{
  fv_image_cell_bind (FV_IMAGE_CELL (gtk_list_item_get_child (row)),
                      FV_IMAGE_ITEM (gtk_list_item_get_item (row)));
}

static void
on_unbind (GtkSignalListItemFactory *factory, GtkListItem *row, FvImageList *self)
{
  fv_image_cell_unbind (FV_IMAGE_CELL (gtk_list_item_get_child (row)));
}

static void
set_up_grid (FvImageList *self)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();

  g_signal_connect_object (factory, "setup", G_CALLBACK (on_setup), self, 0);
  g_signal_connect_object (factory, "bind", G_CALLBACK (on_bind), self, 0);
  g_signal_connect_object (factory, "unbind", G_CALLBACK (on_unbind), self, 0);
  gtk_grid_view_set_factory (self->grid, factory);
  gtk_grid_view_set_model (self->grid, GTK_SELECTION_MODEL (self->selection));
  g_object_unref (factory);
}

/* -- selection ------------------------------------------------------------------------------ */

static void
on_selected_item (FvImageList *self)
{
  FvImageItem *item = gtk_single_selection_get_selected_item (self->selection);
  gssize sample = item == NULL ? -1 : (gssize) fv_image_item_get_sample (item);

  if (sample < 0 || sample == self->selected)
    return;
  self->selected = sample;
  g_signal_emit (self, signals[SELECTED], 0, (guint64) sample);
}

static void
select_row (FvImageList *self, guint row)
{
  gtk_single_selection_set_selected (self->selection, row);
  gtk_widget_activate_action (GTK_WIDGET (self->grid), "list.scroll-to-item", "u", row);
}

void
fv_image_list_step (FvImageList *self, int n)
{
  guint n_rows = g_list_model_get_n_items (G_LIST_MODEL (self->model));
  guint row = gtk_single_selection_get_selected (self->selection);

  if (n_rows == 0)
    return;
  if (row == GTK_INVALID_LIST_POSITION)
    select_row (self, 0);
  else
    select_row (self, (guint) CLAMP ((gint64) row + n, 0, (gint64) n_rows - 1));
}

void
fv_image_list_select (FvImageList *self, gsize sample)
{
  gssize row = fv_image_list_model_find (self->model, sample);

  if (row >= 0)
    gtk_single_selection_set_selected (self->selection, (guint) row);
}

gssize
fv_image_list_get_selected (FvImageList *self)
{
  return self->selected;
}

/* -- order and filters ---------------------------------------------------------------------- */

static void
stop_settling (FvImageList *self)
{
  if (self->settle_clock != NULL)
    g_signal_handlers_disconnect_by_data (self->settle_clock, self);
  g_clear_object (&self->settle_clock);
}

static void
on_frame_painted (FvImageList *self)
{
  GtkAdjustment *adjustment = gtk_scrollable_get_vadjustment (GTK_SCROLLABLE (self->grid));

  stop_settling (self);
  gtk_adjustment_set_value (adjustment, self->scroll);
  g_signal_emit_by_name (adjustment, "value-changed");
}

/* GTK 4.8's grid follows its first visible item to wherever sorting takes it, and may then show an
 * empty area. It is put where it should be instead, after the next layout: before it, the rows have
 * no places to scroll to. */
static void
settle_at (FvImageList *self, double scroll)
{
  GdkFrameClock *clock = gtk_widget_get_frame_clock (GTK_WIDGET (self));

  self->scroll = scroll;
  if (self->settle_clock != NULL || clock == NULL)
    return;
  self->settle_clock = g_object_ref (clock);
  g_signal_connect_object (clock, "after-paint", G_CALLBACK (on_frame_painted), self,
                           G_CONNECT_SWAPPED);
  gtk_widget_queue_resize (GTK_WIDGET (self->grid));
}

/* The chosen picture stays on the canvas even when a filter hides its row. */
static void
keep_selection (FvImageList *self)
{
  gssize row
      = self->selected < 0 ? -1 : fv_image_list_model_find (self->model, (gsize) self->selected);

  gtk_single_selection_set_selected (self->selection,
                                     row < 0 ? GTK_INVALID_LIST_POSITION : (guint) row);
  gtk_stack_set_visible_child_name (
      self->stack, g_list_model_get_n_items (G_LIST_MODEL (self->model)) > 0 ? "grid" : "empty");
}

void
fv_image_list_resort (FvImageList *self)
{
  GtkAdjustment *adjustment = gtk_scrollable_get_vadjustment (GTK_SCROLLABLE (self->grid));

  settle_at (self, gtk_adjustment_get_value (adjustment));
  fv_image_list_model_resort (self->model);
  keep_selection (self);
}

static void
on_search_changed (FvImageList *self)
{
  fv_image_list_model_set_search (self->model, gtk_editable_get_text (GTK_EDITABLE (self->search)));
  keep_selection (self);
  settle_at (self, 0);
}

static void
on_order_toggled (FvImageList *self)
{
  fv_image_list_model_set_worst_first (self->model,
                                       gtk_toggle_button_get_active (self->worst_first));
  keep_selection (self);
  settle_at (self, 0);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_WORST_FIRST]);
}

static void
on_reading_selected (FvImageList *self)
{
  guint selected = gtk_drop_down_get_selected (self->reading_choice);

  if (selected == GTK_INVALID_LIST_POSITION)
    return;
  fv_image_list_model_set_reading (self->model, (FvReading) selected);
  keep_selection (self);
  settle_at (self, 0);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_READING]);
}

void
fv_image_list_set_reading (FvImageList *self, FvReading reading)
{
  gtk_drop_down_set_selected (self->reading_choice, reading);
}

void
fv_image_list_set_worst_first (FvImageList *self, gboolean worst_first)
{
  gtk_toggle_button_set_active (self->worst_first, worst_first);
}

/* A chip that is switched off has nothing to say any more. */
static void
on_range_toggled (FvImageList *self)
{
  if (gtk_toggle_button_get_active (self->range))
    return;
  gtk_widget_set_visible (self->range_child, FALSE);
  fv_image_list_model_set_range (self->model, FV_SPLIT_TEST, FV_READING_ENERGY, NAN, NAN);
  keep_selection (self);
  settle_at (self, 0);
}

void
fv_image_list_set_range (FvImageList *self, FvSplit split, FvReading reading, float low, float high)
{
  const char *name = fv_reading_get_info (reading)->name;
  g_autofree char *from = fv_reading_format (reading, low);
  g_autofree char *to = fv_reading_format (reading, high);
  g_autofree char *label = g_strdup_printf ("%s – %s", from, to);
  g_autofree char *tooltip
      = g_strdup_printf ("Only pictures with %s from %s to %s; press to show all", name, from, to);

  fv_image_list_model_set_range (self->model, split, reading, low, high);
  gtk_button_set_label (GTK_BUTTON (self->range), label);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->range), tooltip);
  gtk_widget_set_visible (self->range_child, TRUE);
  gtk_toggle_button_set_active (self->range, TRUE);
  keep_selection (self);
  settle_at (self, 0);
}

static void
on_filter_toggled (FvImageList *self)
{
  FvImageFilter filter = 0;

  if (gtk_toggle_button_get_active (self->wrong))
    filter |= FV_IMAGE_FILTER_WRONG;
  if (gtk_toggle_button_get_active (self->no_mask))
    filter |= FV_IMAGE_FILTER_NO_MASK;
  if (gtk_toggle_button_get_active (self->test))
    filter |= FV_IMAGE_FILTER_TEST;
  fv_image_list_model_set_filter (self->model, filter);
  keep_selection (self);
  settle_at (self, 0);
}

void
fv_image_list_show (FvImageList *self, gsize sample)
{
  gssize row = fv_image_list_model_find (self->model, sample);

  if (row < 0) {
    gtk_toggle_button_set_active (self->range, FALSE);
    row = fv_image_list_model_find (self->model, sample);
  }
  if (row >= 0) {
    select_row (self, (guint) row);
    return;
  }
  self->selected = (gssize) sample;
  keep_selection (self);
  g_signal_emit (self, signals[SELECTED], 0, (guint64) sample);
}

void
fv_image_list_set_can_be_wrong (FvImageList *self, gboolean can_be_wrong)
{
  gtk_widget_set_sensitive (GTK_WIDGET (self->wrong), can_be_wrong);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->wrong),
                               can_be_wrong ? "Only pictures that the model gets wrong"
                                            : "The model’s classes are not those of the folder");
  if (!can_be_wrong)
    gtk_toggle_button_set_active (self->wrong, FALSE);
}

void
fv_image_list_set_dataset (FvImageList *self, FvDataset *dataset)
{
  g_autofree char *hint = NULL;

  self->selected = -1;
  gtk_toggle_button_set_active (self->range, FALSE);
  fv_image_list_model_set_dataset (self->model, dataset);
  hint
      = g_strdup_printf ("Search %u images", g_list_model_get_n_items (G_LIST_MODEL (self->model)));
  g_object_set (self->search, "placeholder-text", hint, NULL);
  keep_selection (self);
  fv_image_list_step (self, 0);
}

FvImageListModel *
fv_image_list_get_model (FvImageList *self)
{
  return self->model;
}

void
fv_image_list_focus_search (FvImageList *self)
{
  gtk_widget_grab_focus (GTK_WIDGET (self->search));
}

/* -- object --------------------------------------------------------------------------------- */

static void
fv_image_list_dispose (GObject *object)
{
  FvImageList *self = FV_IMAGE_LIST (object);
  GtkWidget *child;

  stop_settling (self);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  g_clear_object (&self->selection);
  g_clear_object (&self->model);
  g_clear_object (&self->loader);

  G_OBJECT_CLASS (fv_image_list_parent_class)->dispose (object);
}

static void
fv_image_list_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  FvImageList *self = FV_IMAGE_LIST (object);
  FvReading reading = fv_image_list_model_get_reading (self->model);

  if (id == PROP_READING)
    g_value_set_static_string (value, fv_reading_get_info (reading)->key);
  else if (id == PROP_WORST_FIRST)
    g_value_set_boolean (value, gtk_toggle_button_get_active (self->worst_first));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
fv_image_list_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  FvImageList *self = FV_IMAGE_LIST (object);

  if (id == PROP_READING)
    fv_image_list_set_reading (self, fv_reading_find (g_value_get_string (value)));
  else if (id == PROP_WORST_FIRST)
    fv_image_list_set_worst_first (self, g_value_get_boolean (value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
fv_image_list_class_init (FvImageListClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  G_OBJECT_CLASS (klass)->dispose = fv_image_list_dispose;
  G_OBJECT_CLASS (klass)->get_property = fv_image_list_get_property;
  G_OBJECT_CLASS (klass)->set_property = fv_image_list_set_property;

  properties[PROP_READING] = g_param_spec_string ("reading", NULL, NULL, NULL, flags);
  properties[PROP_WORST_FIRST] = g_param_spec_boolean ("worst-first", NULL, NULL, TRUE, flags);
  g_object_class_install_properties (G_OBJECT_CLASS (klass), N_PROPERTIES, properties);

  signals[SELECTED] = g_signal_new ("selected", FV_TYPE_IMAGE_LIST, G_SIGNAL_RUN_LAST, 0, NULL,
                                    NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT64);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/fovea/Fovea/image-list.ui");
  gtk_widget_class_bind_template_child (widget_class, FvImageList, search);
  gtk_widget_class_bind_template_child (widget_class, FvImageList, reading_choice);
  gtk_widget_class_bind_template_child (widget_class, FvImageList, worst_first);
  gtk_widget_class_bind_template_child (widget_class, FvImageList, range_child);
  gtk_widget_class_bind_template_child (widget_class, FvImageList, range);
  gtk_widget_class_bind_template_child (widget_class, FvImageList, wrong);
  gtk_widget_class_bind_template_child (widget_class, FvImageList, no_mask);
  gtk_widget_class_bind_template_child (widget_class, FvImageList, test);
  gtk_widget_class_bind_template_child (widget_class, FvImageList, grid);
  gtk_widget_class_bind_template_child (widget_class, FvImageList, stack);
  gtk_widget_class_bind_template_callback (widget_class, on_search_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_reading_selected);
  gtk_widget_class_bind_template_callback (widget_class, on_order_toggled);
  gtk_widget_class_bind_template_callback (widget_class, on_range_toggled);
  gtk_widget_class_bind_template_callback (widget_class, on_filter_toggled);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
}

static void
fill_readings (FvImageList *self)
{
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);

  for (FvReading reading = 0; reading < FV_READING_N; reading++)
    gtk_string_list_append (names, fv_reading_get_info (reading)->name);
  gtk_drop_down_set_model (self->reading_choice, G_LIST_MODEL (names));
}

static void
fv_image_list_init (FvImageList *self)
{
  self->selected = -1;
  self->model = fv_image_list_model_new ();
  self->loader = fv_thumbnail_loader_new ();
  self->selection = gtk_single_selection_new (G_LIST_MODEL (g_object_ref (self->model)));
  gtk_single_selection_set_autoselect (self->selection, FALSE);
  gtk_single_selection_set_can_unselect (self->selection, TRUE);
  g_signal_connect_object (self->selection, "notify::selected-item", G_CALLBACK (on_selected_item),
                           self, G_CONNECT_SWAPPED);

  gtk_widget_init_template (GTK_WIDGET (self));
  set_up_grid (self);
  fill_readings (self);
}

GtkWidget *
fv_image_list_new (void)
{
  return g_object_new (FV_TYPE_IMAGE_LIST, NULL);
}
