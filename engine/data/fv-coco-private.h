/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What fv-coco-read.c fills in and fv-coco.c answers from. Only fv-coco*.c include this. */

#pragma once

#include "fv-coco.h"
#include "fv-coco-outline.h"

G_BEGIN_DECLS

/* One annotation. */
typedef struct {
  int image, label;
  gboolean is_crowd;
  FvCocoOutline outline;
} FvCocoObject;

struct _FvCoco {
  char *path;
  GStringChunk *strings;
  GArray *images;     /* FvCocoImage */
  GPtrArray *classes; /* char *, by label */
  GArray *objects;    /* FvCocoObject, sorted by image */
  GArray *first;      /* guint: where each image's objects begin, and the end */
};

/* An FvCoco without content. */
FvCoco *fv_coco_new (const char *path);

/* Sorts the objects by image once all are there. */
void fv_coco_index_objects (FvCoco *self);

G_END_DECLS
