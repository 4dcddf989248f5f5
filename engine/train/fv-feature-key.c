/* SPDX-License-Identifier: GPL-3.0-or-later */

/* SHA-256 over one description after another, each with its length, so that none can run into the
 * next. */

#include "fv-feature-key.h"

#include <string.h>
#include <sys/stat.h>

#include "fv-graph-json.h"
#include "fv-runtime.h"

/* Counts up when equal inputs no longer give equal features. */
#define FORMAT "features 1"

static void
add_bytes (GChecksum *sum, const void *data, gsize n)
{
  guint64 length = n;

  g_checksum_update (sum, (const guchar *) &length, sizeof length);
  g_checksum_update (sum, data, (gssize) n);
}

static void
add_text (GChecksum *sum, const char *text)
{
  add_bytes (sum, text, strlen (text));
}

static void
add_number (GChecksum *sum, gint64 number)
{
  add_bytes (sum, &number, sizeof number);
}

static void
add_real (GChecksum *sum, double real)
{
  add_bytes (sum, &real, sizeof real);
}

static void
add_tensor (GChecksum *sum, const FvTensor *tensor)
{
  FvDtype dtype = fv_tensor_get_dtype (tensor);
  g_autofree char *description = fv_tensor_describe (tensor);
  gsize n_bytes = (gsize) fv_tensor_get_n_elements (tensor) * fv_dtype_get_size (dtype);
  g_autofree guint8 *bytes = g_malloc (MAX (n_bytes, 1));

  add_text (sum, description);
  if (fv_tensor_read (tensor, dtype, bytes, n_bytes, NULL))
    add_bytes (sum, bytes, n_bytes);
}

/* The weights of the whole graph, but for those that only later nodes use; constants too, which
 * have names that no parameter has. */
static void
add_weights (GChecksum *sum, const FvFrozenPart *frozen, const FvStateDict *tensors)
{
  const FvGraph *graph = fv_frozen_part_get_graph (frozen);

  for (guint i = 0; i < fv_state_dict_get_length (tensors); i++) {
    const char *name = fv_state_dict_get_name (tensors, i);
    guint parameter = fv_graph_find_parameter (graph, name);

    if (parameter != FV_NODE_NONE
        && fv_graph_get_parameter_user (graph, parameter) >= fv_frozen_part_get_start (frozen))
      continue;
    add_text (sum, name);
    add_tensor (sum, fv_state_dict_get_tensor (tensors, i));
  }
}

static void
add_graph (GChecksum *sum, const FvFrozenPart *frozen)
{
  g_autoptr (FvStateDict) tensors = fv_state_dict_new ();
  g_autofree char *json = fv_graph_to_json (fv_frozen_part_get_graph (frozen), tensors);
  const GArray *nodes = fv_frozen_part_get_nodes (frozen);

  add_text (sum, json);
  add_bytes (sum, nodes->data, nodes->len * sizeof (FvNodeId));
  add_weights (sum, frozen, tensors);
}

/* What of the card turns a photo into the network's input. */
static void
add_card (GChecksum *sum, const FvCard *card)
{
  add_number (sum, card->width);
  add_number (sum, card->height);
  add_number (sum, card->bgr);
  add_number (sum, card->bicubic);
  add_real (sum, card->scale);
  for (int i = 0; i < 3; i++) {
    add_real (sum, card->mean[i]);
    add_real (sum, card->std[i]);
  }
}

static void
add_pictures (GChecksum *sum, const FvTrainingSet *set)
{
  for (guint i = 0; i < fv_training_set_get_length (set); i++) {
    g_autofree char *path = g_canonicalize_filename (fv_training_set_get_path (set, i), NULL);
    struct stat status = { 0 };

    add_text (sum, path);
    if (fv_training_set_get_mask_digest (set, i) != NULL)
      add_text (sum, fv_training_set_get_mask_digest (set, i));
    if (stat (path, &status) != 0)
      continue;
    add_number (sum, status.st_size);
    add_number (sum, status.st_mtim.tv_sec);
    add_number (sum, status.st_mtim.tv_nsec);
  }
}

char *
fv_feature_key_new (const FvFrozenPart *frozen, const FvTrainingSet *set, guint n_views,
                    guint64 seed)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autofree char *runtime = fv_runtime_describe ();

  add_text (sum, FORMAT);
  add_text (sum, FOVEA_VERSION);
  add_text (sum, runtime);
  add_graph (sum, frozen);
  add_card (sum, fv_training_set_get_card (set));
  add_pictures (sum, set);
  add_number (sum, fv_training_set_get_augment (set));
  add_number (sum, n_views);
  add_number (sum, fv_training_set_views_are_drawn (set) ? (gint64) seed : 0);
  return g_strdup (g_checksum_get_string (sum));
}
