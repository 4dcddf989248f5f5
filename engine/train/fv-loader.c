/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A ring of slots. Each picture of a batch is a task of its own, pushed in order; whoever finishes
 * the last one of a slot wakes the engine thread. A slot is filled anew as soon as it is taken, so
 * that no thread is needed to oversee the others. */

#include "fv-loader.h"

#define MAX_SLOTS 4
#define MAX_BYTES ((gsize) 512 << 20)

/* A batch that is being prepared. */
typedef struct {
  int epoch;
  gsize n;
  guint *items, *views; /* [n] */
  int n_left;           /* atomic: pictures that are not ready */
  float *inputs;        /* pixels, or features */
  float *targets;       /* [n,C]; not used where pictures have one class */
  gsize n_rows;
  gsize *first_rows; /* [n + 1]: picture i has the rows from its own to the next one's */
  guint *masks;      /* [n_rows], as everything below: fv_training_set_get_mask () */
  float *inside, *opinion, *weight;
  gint64 *labels, *pictures;
  GError **errors; /* [n]: of each picture */
} Slot;

/* One picture of it. */
typedef struct {
  Slot *slot;
  gsize place;
} Task;

struct _FvLoader {
  FvTrainingSet *set;
  const FvFeatureCache *features; /* NULL: pictures are read */
  gboolean by_view;               /* each pass is a view of all pictures in their own order */
  guint64 seed;
  gsize batch_size, max_rows; /* max_rows: of a batch */
  int n_batches, n_begun, n_taken;
  guint *order; /* of the epoch that is being begun */
  GThreadPool *pool;
  gboolean is_stopped; /* atomic: leave the tasks that are left */
  GMutex lock;
  GCond ready; /* some slot's n_left has become 0 */
  int n_slots;
  Slot slots[MAX_SLOTS];
};

static gsize
input_floats (const FvLoader *self)
{
  const FvCard *card = fv_training_set_get_card (self->set);

  if (self->features != NULL)
    return (gsize) fv_feature_cache_get_row_floats (self->features);
  return 3 * (gsize) card->width * (gsize) card->height;
}

static gsize
map_cells (const FvLoader *self)
{
  return (gsize) fv_training_set_get_map_width (self->set)
         * (gsize) fv_training_set_get_map_height (self->set);
}

/* -- threads -------------------------------------------------------------------------------- */

static void
finish_picture (FvLoader *self, Slot *slot)
{
  if (!g_atomic_int_dec_and_test (&slot->n_left))
    return;
  g_mutex_lock (&self->lock);
  g_cond_signal (&self->ready);
  g_mutex_unlock (&self->lock);
}

static gsize
count_targets (const FvLoader *self)
{
  return (gsize) fv_training_set_get_n_targets (self->set);
}

static gboolean
read_row (const FvLoader *self, Slot *slot, gsize place, gsize row, float *pixels, GError **error)
{
  gsize cells = map_cells (self);

  return fv_training_set_read (self->set, slot->items[place], self->seed, slot->views[place],
                               slot->masks[row], pixels, slot->inside + row * cells,
                               slot->opinion + row * cells, &slot->weight[row], error);
}

static gboolean
read_picture (const FvLoader *self, Slot *slot, gsize place, GError **error)
{
  guint item = slot->items[place];
  guint view = slot->views[place];
  gsize first = slot->first_rows[place];
  float *inputs = slot->inputs + place * input_floats (self);
  guint64 cached = (guint64) view * fv_training_set_get_length (self->set) + item;

  if (self->features != NULL && !fv_feature_cache_read (self->features, cached, inputs, error))
    return FALSE;
  for (gsize row = first; row < slot->first_rows[place + 1]; row++) {
    gboolean reads_pixels = row == first && self->features == NULL;

    if (!read_row (self, slot, place, row, reads_pixels ? inputs : NULL, error))
      return FALSE;
  }
  return TRUE;
}

static void
prepare_picture (gpointer data, gpointer user_data)
{
  g_autofree Task *task = data;
  FvLoader *self = user_data;
  Slot *slot = task->slot;

  if (!g_atomic_int_get (&self->is_stopped))
    read_picture (self, slot, task->place, &slot->errors[task->place]);
  finish_picture (self, slot);
}

/* -- slots ---------------------------------------------------------------------------------- */

static void
slot_init (Slot *slot, FvLoader *loader)
{
  gsize n = loader->batch_size, rows = loader->max_rows;
  gsize n_cells = MAX (rows * map_cells (loader), 1);

  slot->items = g_new (guint, n);
  slot->views = g_new (guint, n);
  slot->inputs = g_new (float, n *input_floats (loader));
  slot->targets = g_new (float, n *count_targets (loader));
  slot->first_rows = g_new0 (gsize, n + 1);
  slot->masks = g_new (guint, rows);
  slot->inside = g_new (float, n_cells);
  slot->opinion = g_new (float, n_cells);
  slot->weight = g_new (float, rows);
  slot->labels = g_new (gint64, rows);
  slot->pictures = g_new (gint64, rows);
  slot->errors = g_new0 (GError *, n);
}

static void
slot_clear (Slot *slot)
{
  for (gsize i = 0; i < slot->n; i++)
    g_clear_error (&slot->errors[i]);
  g_free (slot->items);
  g_free (slot->views);
  g_free (slot->inputs);
  g_free (slot->targets);
  g_free (slot->first_rows);
  g_free (slot->masks);
  g_free (slot->pictures);
  g_free (slot->inside);
  g_free (slot->opinion);
  g_free (slot->weight);
  g_free (slot->labels);
  g_free (slot->errors);
}

/* The rows of the picture at @place, after those of the pictures before it. */
static void
choose_rows (const FvLoader *self, Slot *slot, gsize place)
{
  guint item = slot->items[place];
  guint n = fv_training_set_get_n_rows (self->set, item);

  slot->first_rows[place] = slot->n_rows;
  for (guint i = 0; i < n; i++) {
    gsize row = slot->n_rows++;

    slot->masks[row] = fv_training_set_get_mask (self->set, item, i, self->seed, slot->epoch);
    slot->labels[row] = fv_training_set_get_mask_class (self->set, item, slot->masks[row]);
    slot->pictures[row] = (gint64) place;
  }
  slot->first_rows[place + 1] = slot->n_rows;
}

/* Which pictures batch self->n_begun has. */
static void
choose_pictures (FvLoader *self, Slot *slot)
{
  gsize length = fv_training_set_get_length (self->set);
  gsize per_epoch = (length + self->batch_size - 1) / self->batch_size;
  gsize first = (gsize) self->n_begun % per_epoch * self->batch_size;

  slot->epoch = 1 + (int) ((gsize) self->n_begun / per_epoch);
  if ((first == 0 || self->order == NULL) && !self->by_view) {
    g_free (self->order);
    self->order = fv_training_set_order (self->set, self->seed, slot->epoch);
  }
  slot->n = MIN (self->batch_size, length - first);
  slot->n_rows = 0;
  for (gsize i = 0; i < slot->n; i++) {
    slot->items[i] = self->by_view ? (guint) (first + i) : self->order[first + i];
    slot->views[i] = self->by_view ? (guint) slot->epoch - 1
                                   : fv_training_set_get_view (self->set, slot->items[i],
                                                               self->seed, slot->epoch);
    fv_training_set_write_targets (self->set, slot->items[i],
                                   slot->targets + i * count_targets (self));
    choose_rows (self, slot, i);
  }
}

/* Begins the next batch, unless that was the last one. */
static void
begin_batch (FvLoader *self)
{
  Slot *slot = &self->slots[self->n_begun % self->n_slots];
  gsize n_cells;

  if (self->n_begun == self->n_batches)
    return;
  choose_pictures (self, slot);
  self->n_begun++;
  n_cells = slot->n_rows * map_cells (self);
  for (gsize i = 0; i < n_cells; i++)
    slot->inside[i] = slot->opinion[i] = 0;
  g_atomic_int_set (&slot->n_left, (int) slot->n);
  for (gsize i = 0; i < slot->n; i++) {
    Task *task = g_new (Task, 1);

    *task = (Task){ slot, i };
    g_thread_pool_push (self->pool, task, NULL);
  }
}

int
fv_loader_count_batches (const FvTrainingSet *set, int batch_size, int n_epochs)
{
  guint64 length = fv_training_set_get_length (set);
  guint64 per_epoch = (length + (guint64) batch_size - 1) / (guint64) batch_size;

  return (int) MIN (per_epoch * (guint64) n_epochs, G_MAXINT);
}

/* Begins; what the batches are made of has been set. */
static FvLoader *
loader_start (FvLoader *self, int batch_size, int n_passes)
{
  gsize length = fv_training_set_get_length (self->set);
  gsize slot_bytes;

  self->batch_size = MIN ((gsize) batch_size, length);
  self->max_rows = self->batch_size * fv_training_set_get_max_rows (self->set);
  self->n_batches = fv_loader_count_batches (self->set, batch_size, n_passes);
  slot_bytes = MAX (self->batch_size * input_floats (self) * sizeof (float), 1);
  self->n_slots = (int) CLAMP (MAX_BYTES / slot_bytes, 1, MAX_SLOTS);
  g_mutex_init (&self->lock);
  g_cond_init (&self->ready);
  self->pool
      = g_thread_pool_new (prepare_picture, self, (int) g_get_num_processors (), FALSE, NULL);
  for (int i = 0; i < self->n_slots; i++)
    slot_init (&self->slots[i], self);
  for (int i = 0; i < self->n_slots; i++)
    begin_batch (self);
  return self;
}

FvLoader *
fv_loader_new (FvTrainingSet *set, const FvFeatureCache *features, int batch_size, int n_epochs,
               guint64 seed, int first)
{
  FvLoader *self = g_new0 (FvLoader, 1);

  self->n_begun = self->n_taken = first;
  self->set = set;
  self->features = features;
  self->seed = seed;
  return loader_start (self, batch_size, n_epochs);
}

FvLoader *
fv_loader_new_of_views (FvTrainingSet *set, int batch_size, guint n_views, guint64 seed)
{
  FvLoader *self = g_new0 (FvLoader, 1);

  self->set = set;
  self->by_view = TRUE;
  self->seed = seed;
  return loader_start (self, batch_size, (int) n_views);
}

void
fv_loader_free (FvLoader *self)
{
  if (self == NULL)
    return;
  g_atomic_int_set (&self->is_stopped, TRUE);
  g_thread_pool_free (self->pool, FALSE, TRUE);
  for (int i = 0; i < self->n_slots; i++)
    slot_clear (&self->slots[i]);
  g_free (self->order);
  g_cond_clear (&self->ready);
  g_mutex_clear (&self->lock);
  g_free (self);
}

int
fv_loader_get_n_batches (const FvLoader *self)
{
  return self->n_batches;
}

/* -- batches -------------------------------------------------------------------------------- */

static FvTensor *
make_tensor (FvScope *scope, FvDtype dtype, const void *data, const gint64 *shape, int n_dims)
{
  gsize n_bytes = fv_dtype_get_size (dtype);
  GError *error = NULL;
  FvTensor *tensor;

  for (int i = 0; i < n_dims; i++)
    n_bytes *= (gsize) shape[i];
  tensor = fv_tensor_new (dtype, shape, n_dims, data, n_bytes, &error);
  if (tensor == NULL)
    fv_scope_fail (scope, error);
  return fv_scope_take (scope, tensor);
}

/* NULL where all pictures count the same. */
static FvTensor *
make_importance (const FvLoader *self, const Slot *slot, FvScope *scope)
{
  const float *all = fv_sampling_get_importances (fv_training_set_get_sampling (self->set));
  g_autofree float *importances = g_new (float, slot->n);
  const gint64 n = (gint64) slot->n;

  for (gsize i = 0; all != NULL && i < slot->n; i++)
    importances[i] = all[slot->items[i]];
  return all != NULL ? make_tensor (scope, FV_DTYPE_FLOAT32, importances, &n, 1) : NULL;
}

/* What the losses on attention look at. */
static void
fill_rows (const FvLoader *self, const Slot *slot, FvScope *scope, FvBatch *batch)
{
  const gint64 n = (gint64) slot->n_rows;
  const gint64 maps[] = { n, fv_training_set_get_map_height (self->set),
                          fv_training_set_get_map_width (self->set) };

  batch->rows = self->max_rows > self->batch_size
                    ? make_tensor (scope, FV_DTYPE_INT64, slot->pictures, &n, 1)
                    : NULL;
  batch->labels = make_tensor (scope, FV_DTYPE_INT64, slot->labels, &n, 1);
  batch->inside = make_tensor (scope, FV_DTYPE_FLOAT32, slot->inside, maps, 3);
  batch->opinion = make_tensor (scope, FV_DTYPE_FLOAT32, slot->opinion, maps, 3);
  batch->weight = make_tensor (scope, FV_DTYPE_FLOAT32, slot->weight, &n, 1);
  batch->any_mask = FALSE;
  for (gsize i = 0; i < slot->n_rows; i++)
    batch->any_mask |= slot->weight[i] > 0;
}

static void
fill_batch (const FvLoader *self, const Slot *slot, FvScope *scope, FvBatch *batch)
{
  const FvCard *card = fv_training_set_get_card (self->set);
  const gint64 n = (gint64) slot->n;
  const gint64 images[] = { n, 3, card->height, card->width };
  const gint64 features[] = { n, (gint64) input_floats (self) };
  const gint64 targets[] = { n, fv_training_set_get_n_targets (self->set) };

  batch->images = batch->features = NULL;
  if (self->features != NULL)
    batch->features = make_tensor (scope, FV_DTYPE_FLOAT32, slot->inputs, features, 2);
  else
    batch->images = make_tensor (scope, FV_DTYPE_FLOAT32, slot->inputs, images, 4);
  batch->targets
      = targets[1] > 0 ? make_tensor (scope, FV_DTYPE_FLOAT32, slot->targets, targets, 2) : NULL;
  fill_rows (self, slot, scope, batch);
  batch->importance = make_importance (self, slot, scope);
  batch->epoch = slot->epoch;
}

/* Waits until @slot is ready. Returns: the seconds that took */
static double
wait_for (FvLoader *self, Slot *slot)
{
  gint64 began = g_get_monotonic_time ();

  g_mutex_lock (&self->lock);
  while (g_atomic_int_get (&slot->n_left) > 0)
    g_cond_wait (&self->ready, &self->lock);
  g_mutex_unlock (&self->lock);
  return (double) (g_get_monotonic_time () - began) / G_USEC_PER_SEC;
}

gboolean
fv_loader_next (FvLoader *self, FvScope *scope, FvBatch *batch)
{
  Slot *slot;

  g_return_val_if_fail (self->n_taken < self->n_batches, FALSE);

  slot = &self->slots[self->n_taken++ % self->n_slots];
  batch->seconds = wait_for (self, slot);
  for (gsize i = 0; i < slot->n; i++)
    if (slot->errors[i] != NULL) {
      fv_scope_fail (scope, g_steal_pointer (&slot->errors[i]));
      return FALSE;
    }
  fill_batch (self, slot, scope, batch);
  begin_batch (self);
  return !fv_scope_has_failed (scope);
}
