/* SPDX-License-Identifier: GPL-3.0-or-later */

/* COCO instances: JSON, polygons, both forms of run lengths, and drawing them. */

#include "fuzz-target.h"

#include "fv-coco.h"

/* Masks larger than this are not drawn: the size is only a number there. */
#define MAX_PIXELS 10000

static void
draw (const FvCoco *coco)
{
  for (int i = 0; i < fv_coco_get_n_images (coco); i++) {
    const FvCocoImage *image = fv_coco_get_image (coco, i);

    if ((gint64) image->width * image->height > MAX_PIXELS)
      continue;
    for (int label = 0; label < fv_coco_get_n_classes (coco); label++) {
      GError *error = NULL;
      g_autoptr (FvMask) mask = fv_coco_draw_mask (coco, i, label, &error);

      fuzz_check (mask != NULL, error);
    }
  }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  GError *error = NULL;
  g_autoptr (FvCoco) coco = fv_coco_load (fuzz_file (data, size), &error);

  fuzz_check (coco != NULL, error);
  if (coco != NULL)
    draw (coco);
  return 0;
}

#define HEAD                                                                                       \
  "{\"images\":[{\"id\":7,\"file_name\":\"a.png\",\"width\":8,\"height\":10}],"                    \
  "\"categories\":[{\"id\":90,\"name\":\"z\"}],\"annotations\":[{\"image_id\":7,"                  \
  "\"category_id\":90,"
#define TAIL "}]}"

GPtrArray *
fuzz_make_seeds (void)
{
  GPtrArray *seeds = g_ptr_array_new ();

  fuzz_add_text (seeds, HEAD "\"segmentation\":[[0,1,2.5,1,2,3e1],[1,-1,9,9,0,4,3,3]]" TAIL);
  fuzz_add_text (seeds, HEAD "\"segmentation\":{\"size\":[10,8],\"counts\":[12,3,65]}" TAIL);
  fuzz_add_text (seeds,
                 HEAD "\"iscrowd\":1,\"segmentation\":{\"size\":[10,8],\"counts\":\"<3Q2\"}" TAIL);
  fuzz_add_text (seeds, HEAD "\"bbox\":[1,1.5,3,2],\"segmentation\":[],\"iscrowd\":0" TAIL);
  return seeds;
}
