/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How ATCON sees the picture on screen: watched while somebody looks, in the Teach panel or on the
 * page with the five steps. */

#include "fv-window-private.h"

#include "fv-agreement-window.h"

static gboolean
is_taught_in_view (FvWindow *self, const FvTrainConfig *config)
{
  return config->weights[FV_LOSS_CONSISTENCY] > 0
         && g_strcmp0 (adw_view_stack_get_visible_child_name (self->panels), "teach") == 0;
}

static void
update_watch (FvWindow *self)
{
  g_autoptr (FvTrainConfig) config = fv_teach_panel_dup_config (self->teach_panel);
  gboolean wanted = self->agreement_window != NULL || is_taught_in_view (self, config);

  if (self->agreement == NULL)
    return;
  /* The page may be open while another loss is chosen. */
  if (config->mode == FV_MODE_SUPERVISED)
    config->mode = FV_MODE_UNSUPERVISED;
  fv_agreement_watch_set_config (self->agreement, wanted ? config : NULL);
}

static void
on_plan_changed (FvWindow *self)
{
  update_watch (self);
  fv_window_update_actions (self);
}

static void
on_agreement_changed (FvWindow *self)
{
  const FvAgreementSteps *steps = fv_agreement_watch_get_steps (self->agreement);

  if (steps != NULL && fv_session_get_teaching (self->session))
    fv_teach_dock_add_picture_agreement (self->dock, steps->r);
}

static void
on_page_destroyed (FvWindow *self)
{
  g_clear_weak_pointer (&self->agreement_window);
  if (!self->closing)
    update_watch (self);
}

void
fv_window_show_agreement (FvWindow *self)
{
  FvConsistencyGroup *consistency = fv_teach_panel_get_consistency (self->teach_panel);

  if (self->agreement_window == NULL) {
    FvAgreementWindow *page = fv_agreement_window_new (
        GTK_WINDOW (self), self->agreement, fv_consistency_group_get_omega (consistency),
        fv_consistency_group_get_normalised (consistency));

    g_set_weak_pointer (&self->agreement_window, GTK_WINDOW (page));
    g_signal_connect_object (page, "destroy", G_CALLBACK (on_page_destroyed), self,
                             G_CONNECT_SWAPPED);
    update_watch (self);
  }
  gtk_window_present (self->agreement_window);
}

void
fv_window_connect_agreement (FvWindow *self)
{
  g_signal_connect_object (self->teach_panel, "plan-changed", G_CALLBACK (on_plan_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->agreement, "changed", G_CALLBACK (on_agreement_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->panels, "notify::visible-child-name", G_CALLBACK (update_watch),
                           self, G_CONNECT_SWAPPED);
}
