/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The part of Python's pickle format that describes a dictionary of tensors, and the part that
 * TorchScript adds. A pickle is a program; this one is never run as such. The machine knows the
 * opcodes that torch.save writes, and the constructors of an ordered dictionary, a size, a storage,
 * a tensor and a parameter; for TorchScript also objects of the archive's own classes, lists of a
 * type, devices and complex numbers. Anything else is refused by name. Tensors come out as records
 * that say where in the archive their values lie. Values may hold one another in a circle; all
 * belong to the FvPickle and go with it. Threads: the engine thread. */

#pragma once

#include "fv-tensor.h"

G_BEGIN_DECLS

typedef struct _FvPickle FvPickle;
typedef struct _FvPickleValue FvPickleValue;

/* A tensor as the pickle describes it: a view of a storage. All of it lies inside the
 * `storage_elements` that the pickle claims for that storage; whether the archive really holds so
 * many is for the reader of the archive to check. Sizes, strides and offset are in elements. */
typedef struct {
  const char *storage_key; /* names the entry "data/KEY" */
  gint64 storage_elements;
  FvDtype dtype;
  gint64 offset;
  int n_dims;
  gint64 shape[FV_TENSOR_MAX_DIMS];
  gint64
      strides[FV_TENSOR_MAX_DIMS]; /* >= 0; 0 repeats an element, or the dimension has just one */
} FvPickleTensor;

/* Reads the pickle in @data. The values keep no pointer into it.
 * Returns: (transfer full), or NULL with FV_TENSOR_ERROR_FILE, whose message continues a sentence
 * that begins with the file's name. */
FvPickle *fv_pickle_parse (const guint8 *data, gsize n_bytes, GError **error);
/* The same for a pickle of a TorchScript archive, read as strictly as libtorch's reader would need
 * it: protocol 2, memo indexes without gaps, one value, and nothing behind its end.
 * @classes: full names ("__torch__.net.Net") of the classes that it may make; a set. */
FvPickle *fv_pickle_parse_script (const guint8 *data, gsize n_bytes, GHashTable *classes,
                                  GError **error);
void fv_pickle_free (FvPickle *self);

/* The value that the pickle describes. (transfer none), as all values below. */
const FvPickleValue *fv_pickle_get_root (const FvPickle *self);

/* Walks over every storage that the pickle names, whether or not a tensor views it. Begin with an
 * @index of 0. Returns: a record whose shape means nothing, or NULL after the last. */
const FvPickleTensor *fv_pickle_next_storage (const FvPickle *self, guint *index);

/* Pairs of a dictionary, in order, keys possibly repeated; 0 for any other value. */
guint fv_pickle_value_get_n_pairs (const FvPickleValue *self);
/* The key of pair @index when it is text, else NULL. */
const char *fv_pickle_value_get_key (const FvPickleValue *self, guint index);
const FvPickleValue *fv_pickle_value_get_item (const FvPickleValue *self, guint index);
/* The tensor that the value is, or NULL. */
const FvPickleTensor *fv_pickle_value_get_tensor (const FvPickleValue *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FvPickle, fv_pickle_free)

G_END_DECLS
