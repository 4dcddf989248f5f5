/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Model cards. */

#include "fuzz-target.h"

#include "fv-card.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  GError *error = NULL;
  FvCard *card = fv_card_load (fuzz_file (data, size), NULL, &error);

  fuzz_check (card != NULL, error);
  fv_card_free (card);
  return 0;
}

GPtrArray *
fuzz_make_seeds (void)
{
  GPtrArray *seeds = g_ptr_array_new ();

  fuzz_add_text (seeds, "{\"architecture\":\"small_cnn\"}");
  fuzz_add_text (seeds, "{\"architecture\": \"mobilenet_v2\", \"padding\": \"same\",\n"
                        "\"batch_norm\": \"folded\", \"input_size\": [3, 224, 224], \"scale\": 2,\n"
                        "\"mean\": [0.5, 0.5, 5e-1], \"std\": [1, 1, 1], \"channel_order\": "
                        "\"BGR\",\n\"interpolation\": \"bicubic\", \"crop_pct\": 0.875,\n"
                        "\"classes\": [\"a\", \"\\u00e9\", \"\\ud83d\\ude00\"]}");
  fuzz_add_text (seeds, "{\"architecture\":\"x\",\"classes\":\"names.txt\",\"logits\":\"out\"}");
  return seeds;
}
