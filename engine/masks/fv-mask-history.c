/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Undo by tiles. A step holds tiles "as they are not now": undoing swaps them with the mask, which
 * turns the very same step into what redo needs. */

#include "fv-mask-history.h"

#include <string.h>

#define TILE_SIDE 64

typedef struct {
  FvRect rect;    /* clipped to the mask */
  guint8 *states; /* [rect.height, rect.width] */
} Tile;

typedef struct {
  GArray *tiles; /* Tile */
  gsize n_bytes;
} Step;

struct _FvMaskHistory {
  FvMask *mask;
  gsize max_bytes;
  gsize n_bytes;   /* of all steps in undo and redo */
  GQueue undo;     /* Step, oldest first */
  GQueue redo;     /* Step, next one last */
  Step *open;      /* the stroke being painted, or NULL */
  guint8 *touched; /* per tile: whether the open step has it */
  int tiles_per_row;
  gsize n_tiles;
};

static void
tile_clear (gpointer data)
{
  Tile *tile = data;

  g_free (tile->states);
}

static Step *
step_new (void)
{
  Step *step = g_new0 (Step, 1);

  step->tiles = g_array_new (FALSE, FALSE, sizeof (Tile));
  g_array_set_clear_func (step->tiles, tile_clear);
  return step;
}

static void
step_free (Step *step)
{
  g_array_unref (step->tiles);
  g_free (step);
}

static guint8 *
row_in_mask (FvMask *mask, const Tile *tile, int row)
{
  gsize y = (gsize) tile->rect.y + row;

  return fv_mask_get_data (mask) + y * fv_mask_get_width (mask) + tile->rect.x;
}

static guint8 *
row_in_tile (const Tile *tile, int row)
{
  return tile->states + (gsize) row * tile->rect.width;
}

static gboolean
tile_is_unchanged (const Tile *tile, FvMask *mask)
{
  for (int row = 0; row < tile->rect.height; row++)
    if (memcmp (row_in_tile (tile, row), row_in_mask (mask, tile, row), tile->rect.width) != 0)
      return FALSE;
  return TRUE;
}

static void
tile_swap (Tile *tile, FvMask *mask)
{
  guint8 kept[TILE_SIDE];

  for (int row = 0; row < tile->rect.height; row++) {
    memcpy (kept, row_in_mask (mask, tile, row), tile->rect.width);
    memcpy (row_in_mask (mask, tile, row), row_in_tile (tile, row), tile->rect.width);
    memcpy (row_in_tile (tile, row), kept, tile->rect.width);
  }
}

/* Swaps all tiles of the step with the mask. Returns: the rectangle around them. */
static FvRect
step_swap (Step *step, FvMask *mask)
{
  FvRect changed = { 0, 0, 0, 0 };

  for (guint i = 0; i < step->tiles->len; i++) {
    Tile *tile = &g_array_index (step->tiles, Tile, i);

    tile_swap (tile, mask);
    changed = fv_rect_union (changed, tile->rect);
  }
  return changed;
}

static void
forget_steps (FvMaskHistory *self, GQueue *steps, guint n_kept)
{
  while (steps->length > n_kept) {
    Step *step = g_queue_pop_head (steps);

    self->n_bytes -= step->n_bytes;
    step_free (step);
  }
}

static void
save_tile (FvMaskHistory *self, int column, int row)
{
  FvRect whole = { 0, 0, fv_mask_get_width (self->mask), fv_mask_get_height (self->mask) };
  FvRect square = { column * TILE_SIDE, row * TILE_SIDE, TILE_SIDE, TILE_SIDE };
  gsize index = (gsize) row * self->tiles_per_row + column;
  Tile tile;

  if (self->touched[index])
    return;
  self->touched[index] = TRUE;
  tile.rect = fv_rect_intersect (square, whole);
  tile.states = g_malloc ((gsize) tile.rect.width * tile.rect.height);
  for (int i = 0; i < tile.rect.height; i++)
    memcpy (row_in_tile (&tile, i), row_in_mask (self->mask, &tile, i), tile.rect.width);
  g_array_append_val (self->open->tiles, tile);
}

/* Lets go of the tiles of the open step that the stroke left as they were, and adds up the rest. */
static void
drop_unchanged_tiles (FvMaskHistory *self)
{
  GArray *tiles = self->open->tiles;

  for (guint i = tiles->len; i-- > 0;) {
    Tile *tile = &g_array_index (tiles, Tile, i);

    if (tile_is_unchanged (tile, self->mask))
      g_array_remove_index_fast (tiles, i);
    else
      self->open->n_bytes += sizeof (Tile) + (gsize) tile->rect.width * tile->rect.height;
  }
}

FvMaskHistory *
fv_mask_history_new (FvMask *mask, gsize max_bytes)
{
  FvMaskHistory *self;
  int rows;

  g_return_val_if_fail (mask != NULL, NULL);

  self = g_new0 (FvMaskHistory, 1);
  self->mask = fv_mask_ref (mask);
  self->max_bytes = max_bytes;
  g_queue_init (&self->undo);
  g_queue_init (&self->redo);
  self->tiles_per_row = (fv_mask_get_width (mask) + TILE_SIDE - 1) / TILE_SIDE;
  rows = (fv_mask_get_height (mask) + TILE_SIDE - 1) / TILE_SIDE;
  self->n_tiles = (gsize) self->tiles_per_row * rows;
  self->touched = g_new0 (guint8, self->n_tiles);
  return self;
}

void
fv_mask_history_free (FvMaskHistory *self)
{
  g_return_if_fail (self != NULL);

  forget_steps (self, &self->undo, 0);
  forget_steps (self, &self->redo, 0);
  g_clear_pointer (&self->open, step_free);
  g_free (self->touched);
  fv_mask_unref (self->mask);
  g_free (self);
}

void
fv_mask_history_begin (FvMaskHistory *self)
{
  g_return_if_fail (self != NULL && self->open == NULL);

  self->open = step_new ();
  memset (self->touched, 0, self->n_tiles);
}

void
fv_mask_history_touch (FvMaskHistory *self, FvRect rect)
{
  FvRect inside;

  g_return_if_fail (self != NULL && self->open != NULL);

  inside = fv_rect_intersect (
      rect, (FvRect){ 0, 0, fv_mask_get_width (self->mask), fv_mask_get_height (self->mask) });
  if (fv_rect_is_empty (inside))
    return;
  for (int row = inside.y / TILE_SIDE; row <= (inside.y + inside.height - 1) / TILE_SIDE; row++)
    for (int column = inside.x / TILE_SIDE; column <= (inside.x + inside.width - 1) / TILE_SIDE;
         column++)
      save_tile (self, column, row);
}

void
fv_mask_history_end (FvMaskHistory *self)
{
  g_return_if_fail (self != NULL && self->open != NULL);

  drop_unchanged_tiles (self);
  if (self->open->tiles->len == 0) {
    g_clear_pointer (&self->open, step_free);
    return;
  }
  forget_steps (self, &self->redo, 0);
  self->n_bytes += self->open->n_bytes;
  g_queue_push_tail (&self->undo, g_steal_pointer (&self->open));
  while (self->n_bytes > self->max_bytes && self->undo.length > 1)
    forget_steps (self, &self->undo, self->undo.length - 1);
}

gboolean
fv_mask_history_can_undo (const FvMaskHistory *self)
{
  g_return_val_if_fail (self != NULL, FALSE);
  return self->undo.length > 0;
}

gboolean
fv_mask_history_can_redo (const FvMaskHistory *self)
{
  g_return_val_if_fail (self != NULL, FALSE);
  return self->redo.length > 0;
}

static FvRect
move_step (FvMaskHistory *self, GQueue *from, GQueue *to)
{
  FvRect changed = { 0, 0, 0, 0 };
  Step *step = g_queue_pop_tail (from);

  if (step == NULL)
    return changed;
  changed = step_swap (step, self->mask);
  g_queue_push_tail (to, step);
  return changed;
}

FvRect
fv_mask_history_undo (FvMaskHistory *self)
{
  g_return_val_if_fail (self != NULL && self->open == NULL, ((FvRect){ 0, 0, 0, 0 }));
  return move_step (self, &self->undo, &self->redo);
}

FvRect
fv_mask_history_redo (FvMaskHistory *self)
{
  g_return_val_if_fail (self != NULL && self->open == NULL, ((FvRect){ 0, 0, 0, 0 }));
  return move_step (self, &self->redo, &self->undo);
}
