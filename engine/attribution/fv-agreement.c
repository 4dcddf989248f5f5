/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The five steps, and the other ways to bring two maps to one resolution. */

#include "fv-agreement.h"

#include "fv-autograd.h"
#include "fv-channel-weights.h"
#include "fv-executor.h"
#include "fv-op.h"
#include "fv-soft-mask.h"
#include "fv-training-map.h"

#define OMEGA 40.0
#define CAM_OMEGA 32.0 /* of masks made of Grad-CAM */
#define N_POINTS 6     /* of integrated gradients */
#define N_SAMPLES 25   /* of SmoothGrad */
#define NOISE 0.15     /* its standard deviation, as a share of a picture's range */

typedef struct {
  FvScope *scope;
  FvGraph *graph;
  const FvLayer *layer;
  const FvAgreementOptions *options;
  gboolean create_graph;
  FvTensor *targets; /* [N] */
} Search;

/* A recorded run, from pictures that gradients can be asked for. */
typedef struct {
  FvRule *rule; /* NULL: plain */
  FvTensor *images;
  FvTensor *logits;
  FvTensor *activation;
} Run;

static void
run_clear (Run *run)
{
  g_clear_pointer (&run->rule, fv_rule_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Run, run_clear)

FvAgreementOptions
fv_agreement_options_default (void)
{
  return (FvAgreementOptions){ FV_AGREEMENT_GUIDED, FV_AGREEMENT_MASKED, OMEGA, FALSE, FALSE };
}

gboolean
fv_agreement_needs_rectifiers (const FvAgreementOptions *options)
{
  return options->pixels == FV_AGREEMENT_GUIDED && options->way != FV_AGREEMENT_SMOOTH;
}

/* -- the network ---------------------------------------------------------------------------- */

static void
run_network (const Search *search, FvTensor *images, gboolean guided, Run *run)
{
  const FvNodeId wanted[] = { fv_graph_get_output (search->graph), search->layer->node };
  g_autoptr (FvActivations) given = fv_activations_new ();
  g_autoptr (FvActivations) found = NULL;
  GError *error = NULL;

  if (fv_scope_has_failed (search->scope))
    return;
  run->rule = guided ? fv_rule_new (FV_RULE_GUIDED) : NULL;
  run->images = images;
  fv_activations_set (given, fv_graph_get_input (search->graph), images);
  found = fv_graph_run (search->graph, given, wanted, G_N_ELEMENTS (wanted),
                        (FvRunMode){ .rule = run->rule }, NULL, &error);
  if (found == NULL) {
    fv_scope_fail (search->scope, error);
    return;
  }
  run->logits
      = fv_scope_take (search->scope, fv_tensor_ref (fv_activations_get (found, wanted[0])));
  run->activation
      = fv_scope_take (search->scope, fv_tensor_ref (fv_activations_get (found, wanted[1])));
}

/* Grad-CAM with its sign, [N,h,w]. */
static FvTensor *
draw_cam (const Search *search, const Run *run)
{
  const FvMapSource source = { .graph = search->graph,
                               .layer = search->layer,
                               .activation = run->activation,
                               .logits = run->logits };

  if (fv_scope_has_failed (search->scope))
    return NULL;
  return fv_training_map (search->scope, FV_TRAINING_MAP_GRADCAM, &source, search->targets);
}

/* The absolute values of @attributions [N,channels,H,W], summed over channels. */
static FvTensor *
join_channels (const Search *search, FvTensor *attributions)
{
  FvTensor *size = fv_call (search->scope, "aten::abs", fv_of (attributions));

  return fv_call (search->scope, "aten::sum.dim_IntList", fv_of (size), fv_ints (1));
}

/* -- pixels --------------------------------------------------------------------------------- */

static FvTensor *
guided_pixels (const Search *search, const Run *run)
{
  FvTensor *sum = fv_channels_sum_logits (search->scope, run->logits, search->targets);
  FvTensor *gradient = NULL;
  FvTensor *images = run->images;

  if (fv_scope_has_failed (search->scope))
    return NULL;
  fv_rule_begin (run->rule);
  fv_gradient (search->scope, sum, NULL, &images, 1, search->create_graph, &gradient);
  fv_rule_end (run->rule);
  return join_channels (search, gradient);
}

/* The same for each of @n copies of the pictures, which follow each other. */
static FvTensor *
repeat (const Search *search, FvTensor *values, gint64 n)
{
  g_autofree FvTensor **copies = g_new (FvTensor *, n);

  for (gint64 i = 0; i < n; i++)
    copies[i] = values;
  return fv_call (search->scope, "aten::cat", fv_tensor_list (copies, (gsize) n), fv_int (0));
}

/* Of copies of the pictures, the mean: [n N,channels,H,W] → [N,channels,H,W]. */
static FvTensor *
average_copies (const Search *search, FvTensor *values, gint64 n)
{
  FvTensor *copies;

  if (values == NULL)
    return NULL;
  copies = fv_call (search->scope, "aten::unflatten.int", fv_of (values), fv_int (0),
                    fv_ints (n, fv_tensor_get_size (values, 0) / n));
  return fv_call (search->scope, "aten::mean.dim", fv_of (copies), fv_ints (0));
}

/* Gradients of the targets' logits, or of their probabilities, at @n copies of the pictures that
 * were changed: [n N,channels,H,W]. */
static FvTensor *
gradients_at (const Search *search, FvTensor *copies, gint64 n, gboolean probabilities)
{
  FvScope *scope = search->scope;
  g_auto (Run) run = { NULL };
  FvTensor *targets = repeat (search, search->targets, n), *scores, *gradient = NULL;

  run_network (search, copies, FALSE, &run);
  scores = probabilities ? fv_call (scope, "aten::softmax.int", fv_of (run.logits), fv_int (1))
                         : run.logits;
  if (!fv_gradient (scope, fv_channels_sum_logits (scope, scores, targets), NULL, &copies, 1,
                    search->create_graph, &gradient))
    return NULL;
  return gradient;
}

static FvTensor *
integrated_pixels (const Search *search, FvTensor *images)
{
  FvScope *scope = search->scope;
  FvTensor *points[N_POINTS], *path, *mean;

  for (int i = 0; i < N_POINTS; i++)
    points[i] = fv_call (scope, "aten::mul.Scalar", fv_of (images),
                         fv_real ((double) i / (N_POINTS - 1)));
  path = fv_call (scope, "aten::cat", fv_tensor_list (points, N_POINTS), fv_int (0));
  mean = average_copies (search, gradients_at (search, path, N_POINTS, TRUE), N_POINTS);
  return join_channels (search, fv_call (scope, "aten::mul.Tensor", fv_of (mean), fv_of (images)));
}

static FvTensor *
smooth_pixels (const Search *search, FvTensor *images)
{
  FvScope *scope = search->scope;
  FvTensor *copies = repeat (search, images, N_SAMPLES);
  FvTensor *most = fv_call (scope, "aten::amax", fv_of (copies), fv_ints (1, 2, 3), fv_bool (TRUE));
  FvTensor *least
      = fv_call (scope, "aten::amin", fv_of (copies), fv_ints (1, 2, 3), fv_bool (TRUE));
  FvTensor *range = fv_call (scope, "aten::sub.Tensor", fv_of (most), fv_of (least));
  FvTensor *noise = fv_call (scope, "aten::randn_like", fv_of (copies));
  FvTensor *gradients;

  noise = fv_call (scope, "aten::mul.Tensor", fv_of (noise), fv_of (range));
  copies = fv_call (scope, "aten::add.Tensor", fv_of (copies), fv_of (noise), fv_real (NOISE));
  gradients = gradients_at (search, copies, N_SAMPLES, FALSE);
  gradients = fv_call (scope, "aten::mul.Tensor", fv_of (gradients), fv_of (gradients));
  return join_channels (search, average_copies (search, gradients, N_SAMPLES));
}

/* -- one resolution ------------------------------------------------------------------------- */

/* [N,h,w] → [N,1,h,w] → an operator with a size → [N,H,W]. */
static FvTensor *
resize (const Search *search, const char *op, FvTensor *maps, FvValue size, FvValue setting)
{
  FvTensor *planes = fv_call (search->scope, "aten::unsqueeze", fv_of (maps), fv_int (1));
  FvTensor *resized = fv_call (search->scope, op, fv_of (planes), size, setting);

  return fv_call (search->scope, "aten::squeeze.dim", fv_of (resized), fv_int (1));
}

static FvTensor *
enlarge (const Search *search, FvTensor *maps, FvTensor *images)
{
  return resize (search, "aten::upsample_bilinear2d", maps,
                 fv_ints (fv_tensor_get_size (images, 2), fv_tensor_get_size (images, 3)),
                 fv_bool (FALSE));
}

static FvTensor *
pool (const Search *search, FvTensor *pixels)
{
  FvTensor *planes = fv_call (search->scope, "aten::unsqueeze", fv_of (pixels), fv_int (1));
  FvTensor *cells = fv_call (search->scope, "aten::adaptive_avg_pool2d", fv_of (planes),
                             fv_ints (search->layer->height, search->layer->width));

  return fv_call (search->scope, "aten::squeeze.dim", fv_of (cells), fv_int (1));
}

/* -- the ways ------------------------------------------------------------------------------- */

static FvTensor *
mask_images (const Search *search, FvTensor *by, double omega, FvTensor *images, FvAgreement *found)
{
  FvTensor *mask = fv_soft_mask (search->scope, by, omega, search->options->normalised);
  FvTensor *planes;

  found->mask = search->options->detached && !fv_scope_has_failed (search->scope)
                    ? fv_detach (search->scope, mask, FALSE)
                    : mask;
  planes = fv_call (search->scope, "aten::unsqueeze", fv_of (found->mask), fv_int (1));
  return fv_call (search->scope, "aten::mul.Tensor", fv_of (images), fv_of (planes));
}

/* Guided or integrated, as is asked for. */
static FvTensor *
find_pixels (const Search *search, const Run *run)
{
  return search->options->pixels == FV_AGREEMENT_GUIDED ? guided_pixels (search, run)
                                                        : integrated_pixels (search, run->images);
}

static void
compare_masked (const Search *search, const Run *run, FvAgreement *found)
{
  g_auto (Run) again = { NULL };

  found->pixels = find_pixels (search, run);
  found->masked = mask_images (search, found->pixels, search->options->omega, run->images, found);
  run_network (search, found->masked, FALSE, &again);
  found->second = draw_cam (search, &again);
}

static void
compare_masked_by_cam (const Search *search, const Run *run, FvAgreement *found)
{
  g_auto (Run) again = { NULL };
  FvTensor *large = enlarge (search, found->first, run->images);

  found->pixels = find_pixels (search, run);
  found->masked = mask_images (search, large, CAM_OMEGA, run->images, found);
  found->first = found->pixels;
  run_network (search, found->masked, search->options->pixels == FV_AGREEMENT_GUIDED, &again);
  if (!fv_scope_has_failed (search->scope))
    found->second = find_pixels (search, &again);
}

static void
compare (const Search *search, const Run *run, FvAgreement *found)
{
  switch (search->options->way) {
  case FV_AGREEMENT_ENLARGED:
    found->first = enlarge (search, found->first, run->images);
    found->second = found->pixels = find_pixels (search, run);
    return;
  case FV_AGREEMENT_POOLED:
    found->pixels = find_pixels (search, run);
    found->second = pool (search, found->pixels);
    return;
  case FV_AGREEMENT_MASKED_BY_CAM:
    compare_masked_by_cam (search, run, found);
    return;
  case FV_AGREEMENT_SMOOTH:
    found->pixels = smooth_pixels (search, run->images);
    found->second = pool (search, found->pixels);
    return;
  case FV_AGREEMENT_MASKED:
  default:
    compare_masked (search, run, found);
    return;
  }
}

gboolean
fv_agreement_find (FvScope *scope, FvGraph *graph, const FvLayer *layer, FvTensor *images,
                   FvTensor *targets, const FvAgreementOptions *options, gboolean create_graph,
                   FvAgreement *found)
{
  Search search = { scope, graph, layer, options, create_graph, targets };
  g_auto (Run) run = { NULL };

  *found = (FvAgreement){ NULL };
  run_network (&search, fv_detach (scope, images, TRUE), fv_agreement_needs_rectifiers (options),
               &run);
  if (targets == NULL)
    search.targets = fv_call (scope, "aten::argmax", fv_of (run.logits), fv_int (1));
  found->logits = run.logits;
  found->targets = search.targets;
  found->cam = found->first = draw_cam (&search, &run);
  if (!fv_scope_has_failed (scope))
    compare (&search, &run, found);
  return !fv_scope_has_failed (scope);
}
