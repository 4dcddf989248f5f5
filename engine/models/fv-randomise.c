/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Shuffling what a network has learned. */

#include "fv-randomise.h"

#include <string.h>

/* The module that holds a parameter: its name up to the last dot; without one, the name itself.
 * (transfer full) */
static char *
module_of (const char *parameter)
{
  const char *dot = strrchr (parameter, '.');

  return dot != NULL ? g_strndup (parameter, (gsize) (dot - parameter)) : g_strdup (parameter);
}

/* Learned parameters that are used, by falling position of their first user. */
static gint
compare_users (gconstpointer a, gconstpointer b, gpointer user_data)
{
  const FvGraph *graph = user_data;
  guint x = *(const guint *) a, y = *(const guint *) b;
  FvNodeId user_x = fv_graph_get_parameter_user (graph, x);
  FvNodeId user_y = fv_graph_get_parameter_user (graph, y);

  return user_x != user_y ? (user_x < user_y) - (user_x > user_y) : (x > y) - (x < y);
}

/* (transfer full): of guint */
static GArray *
list_parameters (const FvGraph *graph)
{
  GArray *parameters = g_array_new (FALSE, FALSE, sizeof (guint));

  for (guint i = 0; i < fv_graph_get_n_parameters (graph); i++)
    if (fv_graph_get_parameter_role (graph, i) == FV_PARAMETER_WEIGHT
        && fv_graph_get_parameter_user (graph, i) != FV_NODE_NONE)
      g_array_append_val (parameters, i);
  g_array_sort_with_data (parameters, compare_users, (gpointer) graph);
  return parameters;
}

GPtrArray *
fv_randomise_list_modules (const FvModel *model)
{
  const FvGraph *graph = fv_model_get_graph (model);
  g_autoptr (GArray) parameters = list_parameters (graph);
  GPtrArray *modules = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < parameters->len; i++) {
    guint parameter = g_array_index (parameters, guint, i);
    char *module = module_of (fv_graph_get_parameter_name (graph, parameter));

    if (g_ptr_array_find_with_equal_func (modules, module, g_str_equal, NULL))
      g_free (module);
    else
      g_ptr_array_add (modules, module);
  }
  return modules;
}

FvModel *
fv_randomise_copy (const FvModel *model, GError **error)
{
  const FvCard *card = fv_model_get_card (model);
  g_autoptr (GStrvBuilder) numbers = g_strv_builder_new ();
  g_auto (GStrv) names = NULL;

  for (int i = 0; i < fv_model_get_n_classes (model); i++) {
    g_autofree char *number = g_strdup_printf ("%d", i);

    g_strv_builder_add (numbers, card->classes != NULL ? card->classes[i] : number);
  }
  names = g_strv_builder_end (numbers);
  return fv_model_with_names (model, (const char *const *) names, error);
}

static gboolean
shuffle (FvTensor *tensor, guint64 seed, guint parameter, GError **error)
{
  const guint32 words[] = { (guint32) seed, (guint32) (seed >> 32), parameter };
  g_autoptr (GRand) rand = g_rand_new_with_seed_array (words, G_N_ELEMENTS (words));
  gint64 shape[FV_TENSOR_MAX_DIMS];
  gsize n = 0;
  g_autofree float *values = fv_tensor_to_floats (tensor, &n, error);
  g_autoptr (FvTensor) shuffled = NULL;

  if (values == NULL)
    return FALSE;
  for (gsize i = n; i > 1; i--) {
    gsize other = (gsize) (g_rand_double (rand) * (double) i);
    float value = values[i - 1];

    values[i - 1] = values[other];
    values[other] = value;
  }
  for (int i = 0; i < fv_tensor_get_n_dims (tensor); i++)
    shape[i] = fv_tensor_get_size (tensor, i);
  shuffled = fv_tensor_new (FV_DTYPE_FLOAT32, shape, fv_tensor_get_n_dims (tensor), values,
                            n * sizeof (float), error);
  return shuffled != NULL && fv_tensor_copy_from (tensor, shuffled, error);
}

gboolean
fv_randomise_modules (FvModel *model, guint first, guint n, guint64 seed, GError **error)
{
  FvGraph *graph = fv_model_get_graph (model);
  g_autoptr (GPtrArray) modules = fv_randomise_list_modules (model);
  g_autoptr (GArray) parameters = list_parameters (graph);

  for (guint i = 0; i < parameters->len; i++) {
    guint parameter = g_array_index (parameters, guint, i), at = 0;
    g_autofree char *module = module_of (fv_graph_get_parameter_name (graph, parameter));

    g_ptr_array_find_with_equal_func (modules, module, g_str_equal, &at);
    if (at >= first && at - first < n
        && !shuffle (fv_graph_get_parameter (graph, parameter), seed, parameter, error))
      return FALSE;
  }
  return TRUE;
}
