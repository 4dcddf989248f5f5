/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Donors of backgrounds, strided over the split: neighbours by name are of one class and place. */

#include "fv-donors.h"

#include "fv-input.h"

/* Appends the picture unless it has no mask. */
static gboolean
add_donor (FvDonors *self, FvModel *model, const FvDataset *dataset, gsize sample, GError **error)
{
  g_autoptr (FvImage) image = fv_image_load (fv_dataset_get_sample (dataset, sample)->path, error);
  g_autoptr (FvScope) scope = fv_scope_new ();
  g_autoptr (GError) reason = NULL;
  FvMask *mask;
  FvTensor *input;

  if (image == NULL)
    return FALSE;
  mask = fv_dataset_load_mask (dataset, sample, fv_image_get_width (image),
                               fv_image_get_height (image), &reason);
  if (reason != NULL) {
    g_propagate_error (error, g_steal_pointer (&reason));
    return FALSE;
  }
  if (mask == NULL)
    return TRUE;
  input = fv_input_from_image (scope, fv_model_get_card (model), image, FALSE);
  if (!fv_scope_check (scope, error)) {
    fv_mask_unref (mask);
    return FALSE;
  }
  self->inputs[self->n] = fv_scope_keep (scope, input);
  self->masks[self->n++] = mask;
  return TRUE;
}

static gboolean
can_lend (const FvDataset *dataset, gsize sample, gsize donor)
{
  const FvSample *asks = fv_dataset_get_sample (dataset, sample);
  const FvSample *lends = fv_dataset_get_sample (dataset, donor);

  return lends->split == asks->split && !fv_dataset_has_class (dataset, donor, asks->label);
}

gboolean
fv_donors_load (FvDonors *self, FvModel *model, const FvDataset *dataset, gsize sample,
                GError **error)
{
  gsize n = fv_dataset_get_n_samples (dataset);
  g_autoptr (GArray) able = g_array_new (FALSE, FALSE, sizeof (gsize));

  for (gsize i = 1; i < n; i++) {
    gsize donor = (sample + i) % n;

    if (can_lend (dataset, sample, donor))
      g_array_append_val (able, donor);
  }
  for (gsize i = 0; i < able->len && self->n < FV_DONORS_MAX; i++) {
    gsize stride = MAX (able->len / FV_DONORS_MAX, 1);

    if (i % stride == 0 && !add_donor (self, model, dataset, g_array_index (able, gsize, i), error))
      return FALSE;
  }
  return TRUE;
}

void
fv_donors_clear (FvDonors *self)
{
  for (gsize i = 0; i < self->n; i++) {
    fv_tensor_unref (self->inputs[i]);
    fv_mask_unref (self->masks[i]);
  }
  self->n = 0;
}
