/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The network for clips: its map is laid out as the pictures are, and what happens in a frame shows
 * in that frame and its neighbours in time. */

#include <math.h>

#include "fv-autograd.h"
#include "fv-executor.h"
#include "fv-linear-head.h"
#include "fv-model.h"
#include "tensor-fixture.h"

#define FRAMES 8
#define SIDE 16
#define CELLS (SIDE / 4)

static FvModel *
new_model (void)
{
  g_autoptr (FvCard) card = fv_card_new ("clip_cnn");
  FvModel *model;

  g_assert_cmpint (card->height, ==, FRAMES * card->width);
  card->width = SIDE;
  card->height = FRAMES * SIDE;
  model = fv_model_new (card, 4, 3, NULL);
  g_assert_nonnull (model);
  return model;
}

static void
test_layout (void)
{
  g_autoptr (FvModel) model = new_model ();
  const FvLayer *layer = fv_model_get_default_layer (model, NULL);
  FvLinearHead head;

  g_assert_cmpstr (layer->name, ==, "strip");
  g_assert_cmpint (layer->width, ==, CELLS);
  g_assert_cmpint (layer->height, ==, FRAMES * CELLS);
  g_assert_true (fv_graph_find_linear_head (fv_model_get_graph (model), layer->node, &head));
}

/* The layer's values for a picture whose frame @frame is bright. [64, FRAMES, CELLS, CELLS] */
static double *
run (FvModel *model, int frame)
{
  const gint64 shape[] = { 1, 3, FRAMES * SIDE, SIDE };
  g_autofree float *pixels = g_new0 (float, 3 * FRAMES * SIDE * SIDE);
  g_autoptr (FvNoGrad) no_grad = fv_no_grad_enter ();
  g_autoptr (FvActivations) found = NULL;
  g_autoptr (FvTensor) input = NULL;
  FvNodeId node = fv_model_get_default_layer (model, NULL)->node;
  gsize n;

  for (int channel = 0; channel < 3; channel++)
    for (int i = 0; i < SIDE * SIDE && frame >= 0; i++)
      pixels[(channel * FRAMES + frame) * SIDE * SIDE + i] = 1;
  input = fv_tensor_new (FV_DTYPE_FLOAT32, shape, 4, pixels,
                         sizeof (float) * 3 * FRAMES * SIDE * SIDE, NULL);
  found = fv_model_run_exactly (model, input, &node, 1, NULL, NULL);
  g_assert_nonnull (found);
  return fv_tensor_to_doubles (fv_activations_get (found, node), &n, NULL);
}

/* Four convolutions see at most four frames to either side: bright frame 0 leaves 5, 6 and 7 as
 * they were. */
static void
test_frames (void)
{
  g_autoptr (FvModel) model = new_model ();
  g_autofree double *dark = run (model, -1);
  g_autofree double *bright = run (model, 0);
  double difference[FRAMES] = { 0 };

  for (int i = 0; i < 64 * FRAMES * CELLS * CELLS; i++)
    difference[i / (CELLS * CELLS) % FRAMES] += fabs (bright[i] - dark[i]);
  for (int frame = 0; frame < FRAMES; frame++)
    if (frame <= 4)
      g_assert_cmpfloat (difference[frame], >, 0);
    else
      g_assert_cmpfloat (difference[frame], ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/clip-network/layout", test_layout);
  g_test_add_func ("/clip-network/frames", test_frames);
  return g_test_run ();
}
