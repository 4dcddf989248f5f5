/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Recipes: each is a training that makes sense, says what it is, and is recognised again. */

#include "fv-recipe.h"

#include <string.h>

/* Pango's tags are GMarkup. */
static void
assert_is_markup (const char *text)
{
  static const GMarkupParser parser = { NULL, NULL, NULL, NULL, NULL };
  g_autofree char *document = g_strdup_printf ("<markup>%s</markup>", text);
  g_autoptr (GMarkupParseContext) context = g_markup_parse_context_new (&parser, 0, NULL, NULL);
  GError *error = NULL;

  g_markup_parse_context_parse (context, document, -1, &error);
  g_assert_no_error (error);
  g_markup_parse_context_end_parse (context, &error);
  g_assert_no_error (error);
}

static void
test_each_says_what_it_is (void)
{
  gsize n;
  const FvRecipe *recipes = fv_recipe_get_all (&n);

  for (gsize i = 0; i < n; i++) {
    g_autofree char *equation = fv_recipe_dup_equation (&recipes[i]);

    assert_is_markup (equation);
    g_assert_nonnull (strstr (equation, "<i>R</i>"));
    g_assert_true (g_str_has_suffix (recipes[i].help, "."));
    g_assert_true (fv_recipe_find (recipes[i].name) == &recipes[i]);
    g_assert_true (i == 0 || recipes[i].family >= recipes[i - 1].family);
    if (recipes[i].family == FV_RECIPE_PUBLISHED)
      g_assert_nonnull (fv_recipe_get_source (&recipes[i]));
  }
  g_assert_null (fv_recipe_find ("wish"));
}

static void
test_all_presets_can_be_chosen (void)
{
  gsize n;
  const FvMatchPreset *presets = fv_match_get_presets (&n);

  for (gsize i = 0; i < n; i++)
    g_assert_cmpstr (fv_recipe_find (presets[i].name)->preset, ==, presets[i].name);
}

static void
test_applied_and_recognised (void)
{
  static const double strengths[] = { 0.1, 1, 3 };
  gsize n;
  const FvRecipe *recipes = fv_recipe_get_all (&n);

  for (gsize i = 0; i < n; i++)
    for (gsize k = 0; k < G_N_ELEMENTS (strengths); k++) {
      g_autoptr (FvTrainConfig) config = fv_train_config_new ();
      double strength;
      GError *error = NULL;

      fv_recipe_apply (&recipes[i], strengths[k], config);
      fv_train_config_check (config, &error);
      g_assert_no_error (error);
      g_assert_true (fv_recipe_recognise (config, &strength) == &recipes[i]);
      g_assert_cmpfloat_with_epsilon (
          strength, recipes[i].family == FV_RECIPE_CONTROL ? 1 : strengths[k], 1e-9);
    }
}

static void
test_recommended (void)
{
  g_autoptr (FvTrainConfig) config = fv_train_config_new ();
  g_autofree char *text = NULL;

  fv_recipe_apply (fv_recipe_get_recommended (TRUE), 2, config);
  g_assert_cmpfloat (config->weights[FV_LOSS_CROSS_ENTROPY], ==, 1);
  g_assert_cmpfloat (config->weights[FV_LOSS_SWAP], ==, 2);
  g_assert_cmpfloat (config->weights[FV_LOSS_CAMAL], ==, 1);
  text = fv_recipe_describe (config);
  g_assert_cmpstr (text, ==, "Recommended, λ 2");
  g_assert_false (fv_recipe_needs_swap (fv_recipe_get_recommended (FALSE)));
}

static void
test_modes (void)
{
  const FvRecipe *atcon = fv_recipe_find ("atcon");
  g_autoptr (FvTrainConfig) config = fv_train_config_new ();
  g_autofree char *text = NULL;
  double strength;

  g_assert_true (fv_recipe_is_consistent (atcon));
  fv_recipe_apply (atcon, 1, config);
  g_assert_cmpint (config->mode, ==, FV_MODE_UNSUPERVISED);
  config->weights[FV_LOSS_CROSS_ENTROPY] = 0; /* as the command line has it */
  g_assert_true (fv_recipe_recognise (config, &strength) == atcon);
  config->mode = FV_MODE_COMBINED;
  g_assert_null (fv_recipe_recognise (config, &strength));
  fv_recipe_apply (atcon, 0.2, config);
  g_assert_cmpint (config->mode, ==, FV_MODE_COMBINED);
  text = fv_recipe_describe (config);
  g_assert_cmpstr (text, ==, "Make Two Maps Agree (ATCON), λ 0.2");
  fv_recipe_apply (fv_recipe_get_recommended (TRUE), 1, config);
  g_assert_cmpint (config->mode, ==, FV_MODE_SUPERVISED);
}

static void
test_a_mixture_of_ones_own (void)
{
  g_autoptr (FvTrainConfig) config = fv_train_config_new ();
  g_autofree char *text = NULL;
  double strength;

  fv_recipe_apply (fv_recipe_find ("swap"), 1, config);
  config->weights[FV_LOSS_CAMAL] = 0.25;
  g_assert_null (fv_recipe_recognise (config, &strength));
  text = fv_recipe_describe (config);
  g_assert_cmpstr (text, ==, "camal 0.25 + swap 1");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/recipe/each-says-what-it-is", test_each_says_what_it_is);
  g_test_add_func ("/recipe/all-presets-can-be-chosen", test_all_presets_can_be_chosen);
  g_test_add_func ("/recipe/applied-and-recognised", test_applied_and_recognised);
  g_test_add_func ("/recipe/recommended", test_recommended);
  g_test_add_func ("/recipe/modes", test_modes);
  g_test_add_func ("/recipe/a-mixture-of-ones-own", test_a_mixture_of_ones_own);
  return g_test_run ();
}
