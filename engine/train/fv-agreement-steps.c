/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Tensors of one picture → plain data. */

#include "fv-agreement-steps.h"

#include "fv-consistency-term.h"
#include "fv-scope.h"
#include "fv-soft-mask.h"

void
fv_agreement_steps_free (FvAgreementSteps *self)
{
  if (self == NULL)
    return;
  g_free (self->picture);
  g_free (self->masked);
  g_clear_pointer (&self->cam, fv_plane_free);
  g_clear_pointer (&self->pixels, fv_plane_free);
  g_clear_pointer (&self->mask, fv_plane_free);
  g_clear_pointer (&self->first, fv_plane_free);
  g_clear_pointer (&self->second, fv_plane_free);
  g_clear_pointer (&self->u, fv_plane_free);
  g_clear_pointer (&self->v, fv_plane_free);
  g_free (self);
}

/* Of [1,h,w]; NULL for NULL, or when the scope failed. */
static FvPlane *
read_plane (FvScope *scope, FvTensor *tensor)
{
  GError *error = NULL;
  float *values;

  if (tensor == NULL || fv_scope_has_failed (scope))
    return NULL;
  values = fv_tensor_to_floats (tensor, NULL, &error);
  if (values == NULL) {
    fv_scope_fail (scope, error);
    return NULL;
  }
  return fv_plane_new ((int) fv_tensor_get_size (tensor, 2), (int) fv_tensor_get_size (tensor, 1),
                       values);
}

/* What preprocessing made of a channel's value, undone. */
static guint8
restore_channel (const FvCard *card, int channel, float value)
{
  double pixel = ((double) value * card->std[channel] + card->mean[channel]) / card->scale * 255;

  return (guint8) (CLAMP (pixel, 0, 255) + 0.5);
}

/* What [1,3,H,W] looks like; NULL for NULL, or when the scope failed. */
static guint8 *
read_picture (FvScope *scope, const FvCard *card, FvTensor *tensor)
{
  GError *error = NULL;
  g_autofree float *values = NULL;
  gsize n, n_pixels;
  guint8 *rgb;

  if (tensor == NULL || fv_scope_has_failed (scope))
    return NULL;
  values = fv_tensor_to_floats (tensor, &n, &error);
  if (values == NULL) {
    fv_scope_fail (scope, error);
    return NULL;
  }
  n_pixels = n / 3;
  rgb = g_new (guint8, n);
  for (gsize i = 0; i < n_pixels; i++)
    for (int k = 0; k < 3; k++) {
      int channel = card->bgr ? 2 - k : k;

      rgb[3 * i + (gsize) k]
          = restore_channel (card, channel, values[(gsize) channel * n_pixels + i]);
    }
  return rgb;
}

static double
compare (FvScope *scope, FvSimilarity similarity, const FvAgreement *found)
{
  FvTensor *value = fv_consistency (scope, similarity, found->first, found->second);

  return value != NULL ? fv_tensor_to_double (value) : 0;
}

static void
fill (FvAgreementSteps *self, FvScope *scope, const FvCard *card, FvTensor *input,
      const FvAgreement *found)
{
  self->target = (int) fv_tensor_to_double (found->targets);
  self->picture = read_picture (scope, card, input);
  self->cam = read_plane (scope, found->cam);
  self->pixels = read_plane (scope, found->pixels);
  self->mask = read_plane (scope, found->mask);
  self->masked = read_picture (scope, card, found->masked);
  self->first = read_plane (scope, found->first);
  self->second = read_plane (scope, found->second);
  self->u = read_plane (scope, fv_consistency_squash (scope, found->first));
  self->v = read_plane (scope, fv_consistency_squash (scope, found->second));
  self->r = -compare (scope, FV_SIMILARITY_PEARSON, found);
  self->loss = compare (scope, self->similarity, found);
  self->is_flat = self->mask != NULL
                  && fv_soft_mask_is_flat ((double) self->mask->low, (double) self->mask->high);
}

FvAgreementSteps *
fv_agreement_steps_find (FvModel *model, FvTensor *input, const FvTrainConfig *config,
                         GError **error)
{
  const FvLayer *layer = fv_consistency_term_find_layer (model, config, error);
  g_autoptr (FvAgreementSteps) self = NULL;
  g_autoptr (FvScope) scope = NULL;
  FvAgreement found;

  if (layer == NULL)
    return NULL;
  self = g_new0 (FvAgreementSteps, 1);
  scope = fv_scope_new ();
  self->options = config->agreement;
  self->similarity = config->similarity;
  self->width = (int) fv_tensor_get_size (input, 3);
  self->height = (int) fv_tensor_get_size (input, 2);
  if (fv_agreement_find (scope, fv_model_get_graph (model), layer, input, NULL, &config->agreement,
                         FALSE, &found))
    fill (self, scope, fv_model_get_card (model), input, &found);
  return fv_scope_check (scope, error) ? g_steal_pointer (&self) : NULL;
}
