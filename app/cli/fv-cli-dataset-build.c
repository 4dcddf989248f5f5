/* SPDX-License-Identifier: GPL-3.0-or-later */

/* fovea-cli dataset build scenes|animals-scenes|stamps|clips DIR */

#include <math.h>

#include "fv-cli.h"
#include "fv-clips.h"
#include "fv-composer.h"
#include "fv-scenes.h"

#define STAMPS "/usr/share/tuxpaint/stamps"
/* A number that was not given. */
#define UNSET G_MININT
#define MIN_SIZE 32
#define MAX_SIZE 1024

/* Options as they are parsed; which have a default depends on the benchmark. */
typedef struct {
  double rho, validation_rho; /* NaN: not given */
  gboolean has_rho;           /* either was */
  int n_train, n_validation, n_test, size;
  char *objects, *stamps, *backgrounds;
} Choices;

static void
choices_clear (Choices *choices)
{
  g_free (choices->objects);
  g_free (choices->stamps);
  g_free (choices->backgrounds);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Choices, choices_clear)

static int
or_default (int value, int fallback)
{
  return value == UNSET ? fallback : value;
}

static FvCliStatus
check_share (const char *option, double *share, double fallback)
{
  if (isnan (*share))
    *share = fallback;
  if (!(*share >= 0 && *share <= 1))
    return fv_cli_usage_error ("--%s must be 0 to 1", option);
  return FV_CLI_DONE;
}

static gboolean
is_count (int n)
{
  return n == UNSET || (n >= 0 && n <= MIN (FV_SCENES_MAX_IMAGES, FV_COMPOSER_MAX_IMAGES));
}

/* Checks what every benchmark has, and fills in its probabilities. */
static FvCliStatus
check (Choices *choices)
{
  FvCliStatus status;

  choices->has_rho = !isnan (choices->rho) || !isnan (choices->validation_rho);
  status = check_share ("rho", &choices->rho, 0.95);

  if (status == FV_CLI_DONE)
    status = check_share ("validation-rho", &choices->validation_rho, choices->rho);
  if (status != FV_CLI_DONE)
    return status;
  if (!is_count (choices->n_train) || !is_count (choices->n_validation)
      || !is_count (choices->n_test))
    return fv_cli_usage_error ("the numbers of pictures must be 0 to %d", FV_SCENES_MAX_IMAGES);
  if (choices->size != UNSET && (choices->size < MIN_SIZE || choices->size > MAX_SIZE))
    return fv_cli_usage_error ("--size must be %d to %d", MIN_SIZE, MAX_SIZE);
  return FV_CLI_DONE;
}

/* -- the benchmarks ------------------------------------------------------------------------- */

static FvCliStatus
build_scenes (const Choices *choices, const char *folder, guint64 seed)
{
  FvScenesOptions scenes = fv_scenes_options_default ();
  g_autoptr (GError) error = NULL;

  if (choices->objects != NULL || choices->stamps != NULL || choices->backgrounds != NULL)
    return fv_cli_usage_error ("scenes are drawn: they take no --objects, --stamps, --backgrounds");
  if (choices->validation_rho != choices->rho)
    return fv_cli_usage_error ("scenes have one --rho for training and validation");
  scenes.rho = choices->rho;
  scenes.seed = seed;
  scenes.n_train = or_default (choices->n_train, scenes.n_train);
  scenes.n_validation = or_default (choices->n_validation, scenes.n_validation);
  scenes.n_test = or_default (choices->n_test, scenes.n_test);
  scenes.size = or_default (choices->size, scenes.size);
  return fv_scenes_build (folder, &scenes, NULL, &error) ? FV_CLI_DONE : fv_cli_fail (error);
}

/* Adds the backgrounds and composes. */
static FvCliStatus
compose (const Choices *choices, FvComposerParts *parts, const char *folder, guint64 seed)
{
  FvComposerOptions options = fv_composer_options_default ();
  g_autoptr (GError) error = NULL;

  options.rho = choices->rho;
  options.validation_rho = choices->validation_rho;
  options.seed = seed;
  options.n_train = or_default (choices->n_train, options.n_train);
  options.n_validation = or_default (choices->n_validation, options.n_validation);
  options.n_test = or_default (choices->n_test, options.n_test);
  options.size = or_default (choices->size, options.size);
  if (!fv_composer_parts_add_folder (parts, FV_PART_BACKGROUND, choices->backgrounds, &error)
      || !fv_composer_parts_split (parts, seed, &error)
      || !fv_composer_build (folder, parts, &options, NULL, &error))
    return fv_cli_fail (error);
  return FV_CLI_DONE;
}

static FvCliStatus
build_animals_scenes (const Choices *choices, const char *folder, guint64 seed)
{
  g_autoptr (FvComposerParts) parts = fv_composer_parts_new ();
  g_autoptr (GError) error = NULL;

  if (choices->objects == NULL || choices->backgrounds == NULL || choices->stamps != NULL)
    return fv_cli_usage_error ("animals-scenes is composed from --objects DIR (images/CLASS with "
                               "masks/CLASS) and --backgrounds DIR (PLACE/*)");
  if (!fv_composer_parts_add_folder (parts, FV_PART_OBJECT, choices->objects, &error))
    return fv_cli_fail (error);
  return compose (choices, parts, folder, seed);
}

/* Debian's packages hold some 45 background photos of no particular places: too few to be a
 * default. */
static FvCliStatus
build_stamps (const Choices *choices, const char *folder, guint64 seed)
{
  g_autoptr (FvComposerParts) parts = fv_composer_parts_new ();
  g_autoptr (GError) error = NULL;

  if (choices->objects != NULL)
    return fv_cli_usage_error ("the objects of stamps are Tux Paint's: name them with --stamps");
  if (choices->backgrounds == NULL)
    return fv_cli_usage_error ("--backgrounds is missing: a folder of photos, with a folder for "
                               "each of two or more places, at least four photos in each");
  if (!fv_composer_parts_add_stamps (parts, choices->stamps != NULL ? choices->stamps : STAMPS,
                                     &error))
    return fv_cli_fail (error);
  return compose (choices, parts, folder, seed);
}

static FvCliStatus
build_clips (const Choices *choices, const char *folder, guint64 seed)
{
  FvClipsOptions clips = fv_clips_options_default ();
  g_autoptr (GError) error = NULL;

  if (choices->objects != NULL || choices->stamps != NULL || choices->backgrounds != NULL
      || choices->has_rho)
    return fv_cli_usage_error ("clips are drawn, on any ground: they take no --rho, --objects, "
                               "--stamps, --backgrounds");
  clips.seed = seed;
  clips.n_train = or_default (choices->n_train, clips.n_train);
  clips.n_validation = or_default (choices->n_validation, clips.n_validation);
  clips.n_test = or_default (choices->n_test, clips.n_test);
  clips.size = or_default (choices->size, clips.size);
  if (clips.size > FV_CLIPS_MAX_SIZE)
    return fv_cli_usage_error ("--size of a clip's frame must be at most %d", FV_CLIPS_MAX_SIZE);
  return fv_clips_build (folder, &clips, NULL, &error) ? FV_CLI_DONE : fv_cli_fail (error);
}

static FvCliStatus
build_named (const char *name, Choices *choices, const char *folder, guint64 seed)
{
  static const struct {
    const char *name;
    FvCliStatus (*build) (const Choices *choices, const char *folder, guint64 seed);
  } benchmarks[] = {
    { "scenes", build_scenes },
    { "animals-scenes", build_animals_scenes },
    { "stamps", build_stamps },
    { "clips", build_clips },
  };
  FvCliStatus status = check (choices);

  if (status != FV_CLI_DONE)
    return status;
  for (gsize i = 0; i < G_N_ELEMENTS (benchmarks); i++)
    if (g_str_equal (name, benchmarks[i].name))
      return benchmarks[i].build (choices, folder, seed);
  return fv_cli_usage_error (
      "there is no benchmark “%s” to build, only scenes, animals-scenes, stamps and clips", name);
}

FvCliStatus
fv_cli_dataset_build (char **arguments)
{
  g_auto (FvCliOptions) options = { 0 };
  g_auto (Choices) choices = { .rho = NAN,
                               .validation_rho = NAN,
                               .n_train = UNSET,
                               .n_validation = UNSET,
                               .n_test = UNSET,
                               .size = UNSET };
  const GOptionEntry extra[] = {
    { "rho", 0, 0, G_OPTION_ARG_DOUBLE, &choices.rho,
      "Probability that a training picture stands on its class's ground (0.95)", "R" },
    { "validation-rho", 0, 0, G_OPTION_ARG_DOUBLE, &choices.validation_rho,
      "The same for validation pictures (as --rho)", "R" },
    { "n-train", 0, 0, G_OPTION_ARG_INT, &choices.n_train,
      "Training pictures (800; 576; clips 400)", "N" },
    { "n-validation", 0, 0, G_OPTION_ARG_INT, &choices.n_validation,
      "Validation pictures (200; 192; 100)", "N" },
    { "n-test", 0, 0, G_OPTION_ARG_INT, &choices.n_test,
      "Test pictures (400; every object on every ground; 200)", "N" },
    { "size", 0, 0, G_OPTION_ARG_INT, &choices.size,
      "Width and height in pixels (96; 224; of a frame 48)", "N" },
    { "objects", 0, 0, G_OPTION_ARG_FILENAME, &choices.objects,
      "Photos of objects with masks: images/CLASS and masks/CLASS", "DIR" },
    { "stamps", 0, 0, G_OPTION_ARG_FILENAME, &choices.stamps, "Tux Paint's stamps (" STAMPS ")",
      "DIR" },
    { "backgrounds", 0, 0, G_OPTION_ARG_FILENAME, &choices.backgrounds, "Photos of places: PLACE/*",
      "DIR" },
    G_OPTION_ENTRY_NULL,
  };
  FvCliStatus status
      = fv_cli_parse (arguments, "dataset build scenes|animals-scenes|stamps|clips DIR",
                      FV_CLI_TAKES_NOTHING, extra, 2, &options);

  if (status != FV_CLI_DONE)
    return status;
  return build_named (options.rest[0], &choices, options.rest[1], (guint64) options.seed);
}
