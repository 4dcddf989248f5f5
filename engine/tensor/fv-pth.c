/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The zip archive of torch.save: TOP/data.pkl says what there is, TOP/data/KEY holds the values. */

#include "fv-weights.h"

#include <string.h>

#include "fv-pickle.h"
#include "fv-weights-file.h"
#include "fv-zip-archive.h"

#define HEAD_BYTES 16
/* The pickle of the largest published models takes about one megabyte. */
#define MAX_PICKLE_BYTES (16 * 1024 * 1024)
#define MAX_BYTE_ORDER_BYTES 16
/* A few bytes can describe any number of huge views of one storage. Views together may take this
 * many bytes, and that many times all values in the archive. */
#define VIEW_ALLOWANCE (64 * 1024 * 1024)
#define VIEW_RATIO 8
#define PARALLEL_PREFIX "module."

static const guint8 zip_magic[] = { 'P', 'K', 3, 4 };
/* PROTO 2, LONG1 of 10 bytes: the number that torch.save began with before 1.6. */
static const guint8 legacy_magic[]
    = { 0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19 };

typedef struct {
  const FvWeightsFile *file;
  FvZipArchive *archive;
  char *key;       /* of the storage that was read last */
  GBytes *storage; /* its bytes: neighbours often share it */
  guint64 budget;  /* bytes that may still be read and viewed */
} Loader;

static gboolean
check_head (const FvWeightsFile *file, GError **error)
{
  guint8 head[HEAD_BYTES] = { 0 };
  gsize n_head = (gsize) MIN (HEAD_BYTES, fv_weights_file_get_size (file));

  if (!fv_weights_file_read (file, 0, head, n_head, error))
    return FALSE;
  if (memcmp (head, zip_magic, sizeof zip_magic) == 0)
    return TRUE;
  if (memcmp (head, legacy_magic, sizeof legacy_magic) == 0)
    return fv_weights_file_refuse (
        file, error,
        "is in PyTorch's old format: load it in PyTorch 1.6 or newer and torch.save it again");
  return fv_weights_file_refuse (
      file, error, "is not a weights file: it is neither safetensors nor an archive of torch.save");
}

static gboolean
check_byte_order (const FvWeightsFile *file, const FvZipArchive *archive, GError **error)
{
  g_autoptr (GBytes) order = NULL;
  const char *text;
  gsize n_bytes;

  if (!fv_zip_archive_contains (archive, "byteorder"))
    return TRUE;
  if (fv_zip_archive_get_entry_size (archive, "byteorder") > MAX_BYTE_ORDER_BYTES)
    return fv_weights_file_refuse (file, error, "has an unknown byte order");
  order = fv_zip_archive_read (archive, "byteorder", error);
  if (order == NULL)
    return FALSE;
  text = g_bytes_get_data (order, &n_bytes);
  if (n_bytes != strlen ("little") || memcmp (text, "little", n_bytes) != 0)
    return fv_weights_file_refuse (file, error,
                                   "was saved on a big-endian machine, which Fovea does not read");
  return TRUE;
}

static FvPickle *
read_pickle (const FvWeightsFile *file, const FvZipArchive *archive, GError **error)
{
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (FvPickle) pickle = NULL;
  g_autoptr (GError) reason = NULL;
  gsize n_bytes;
  const guint8 *data;

  if (fv_zip_archive_contains (archive, "constants.pkl")) {
    fv_weights_file_refuse (file, error, "is a TorchScript program, not a state dict");
    return NULL;
  }
  if (!check_byte_order (file, archive, error))
    return NULL;
  if (fv_zip_archive_get_entry_size (archive, "data.pkl") > MAX_PICKLE_BYTES) {
    fv_weights_file_refuse (file, error, "has a data.pkl of more than %d MiB",
                            MAX_PICKLE_BYTES / (1024 * 1024));
    return NULL;
  }
  bytes = fv_zip_archive_read (archive, "data.pkl", error);
  if (bytes == NULL)
    return NULL;
  data = g_bytes_get_data (bytes, &n_bytes);
  pickle = fv_pickle_parse (data, n_bytes, &reason);
  if (pickle == NULL)
    fv_weights_file_refuse (file, error, "%s", reason->message);
  return g_steal_pointer (&pickle);
}

/* -- the dictionary --------------------------------------------------------------------------- */

/* The tensor of pair @index, or NULL when that pair is not a tensor under a name. */
static const FvPickleTensor *
get_named_tensor (const FvPickleValue *dict, guint index)
{
  if (fv_pickle_value_get_key (dict, index) == NULL)
    return NULL;
  return fv_pickle_value_get_tensor (fv_pickle_value_get_item (dict, index));
}

static gboolean
holds_tensors (const FvPickleValue *value)
{
  for (guint i = 0; i < fv_pickle_value_get_n_pairs (value); i++)
    if (get_named_tensor (value, i) != NULL)
      return TRUE;
  return FALSE;
}

/* The value under @key, the last one as in Python, or NULL. */
static const FvPickleValue *
lookup (const FvPickleValue *dict, const char *key)
{
  for (guint i = fv_pickle_value_get_n_pairs (dict); i > 0; i--)
    if (g_strcmp0 (fv_pickle_value_get_key (dict, i - 1), key) == 0)
      return fv_pickle_value_get_item (dict, i - 1);
  return NULL;
}

/* The dictionary of tensors: one that a checkpoint keeps under a usual name (a checkpoint may well
 * keep a lone tensor beside it), else the whole. NULL when there is none. */
static const FvPickleValue *
find_state_dict (const FvPickleValue *root)
{
  static const char *const wrappers[] = { "state_dict", "model", "model_state_dict" };

  for (gsize i = 0; i < G_N_ELEMENTS (wrappers); i++) {
    const FvPickleValue *wrapped = lookup (root, wrappers[i]);

    if (wrapped != NULL && holds_tensors (wrapped))
      return wrapped;
  }
  return holds_tensors (root) ? root : NULL;
}

/* Bytes of every name that data-parallel training put in front: those of "module.", or 0. */
static gsize
get_prefix_length (const FvPickleValue *dict)
{
  for (guint i = 0; i < fv_pickle_value_get_n_pairs (dict); i++)
    if (get_named_tensor (dict, i) != NULL
        && !g_str_has_prefix (fv_pickle_value_get_key (dict, i), PARALLEL_PREFIX))
      return 0;
  return strlen (PARALLEL_PREFIX);
}

/* -- values ----------------------------------------------------------------------------------- */

static gboolean
spend (Loader *loader, guint64 n_bytes, GError **error)
{
  if (n_bytes > loader->budget)
    return fv_weights_file_refuse (loader->file, error,
                                   "describes far larger tensors than it has values");
  loader->budget -= n_bytes;
  return TRUE;
}

/* Makes the storage of @tensor the loader's current one. */
static gboolean
read_storage (Loader *loader, const FvPickleTensor *tensor, GError **error)
{
  g_autofree char *entry = g_strconcat ("data/", tensor->storage_key, NULL);
  guint64 n_bytes = fv_zip_archive_get_entry_size (loader->archive, entry);

  if (n_bytes / fv_dtype_get_size (tensor->dtype) < (guint64) tensor->storage_elements)
    return fv_weights_file_refuse (loader->file, error, "has fewer values in “%s” than it claims",
                                   entry);
  if (g_strcmp0 (loader->key, tensor->storage_key) == 0)
    return TRUE;
  g_clear_pointer (&loader->key, g_free);
  g_clear_pointer (&loader->storage, g_bytes_unref);
  if (!spend (loader, n_bytes, error))
    return FALSE;
  loader->storage = fv_zip_archive_read (loader->archive, entry, error);
  if (loader->storage == NULL)
    return FALSE;
  loader->key = g_strdup (tensor->storage_key);
  return TRUE;
}

static gboolean
is_row_major (const FvPickleTensor *tensor)
{
  gint64 expected = 1;

  for (int i = tensor->n_dims - 1; i >= 0; i--) {
    if (tensor->shape[i] != 1 && tensor->strides[i] != expected)
      return FALSE;
    expected *= tensor->shape[i];
  }
  return TRUE;
}

/* Copies the elements of a strided view with at least one element to @target in row-major order.
 * @source: the whole storage. The offsets have been checked when the pickle was read. */
static void
gather (const FvPickleTensor *tensor, const guint8 *source, guint8 *target)
{
  gsize size = fv_dtype_get_size (tensor->dtype);
  gint64 index[FV_TENSOR_MAX_DIMS] = { 0 };
  gint64 at = tensor->offset;
  int dim;

  do {
    memcpy (target, source + (gsize) at * size, size);
    target += size;
    for (dim = tensor->n_dims - 1; dim >= 0; dim--) {
      at += tensor->strides[dim];
      if (++index[dim] < tensor->shape[dim])
        break;
      at -= tensor->strides[dim] * tensor->shape[dim];
      index[dim] = 0;
    }
  } while (dim >= 0);
}

static FvTensor *
make_tensor (Loader *loader, const char *name, const FvPickleTensor *tensor, GError **error)
{
  g_autofree guint8 *gathered = NULL;
  const guint8 *values;
  gsize n_bytes;

  fv_weights_count_bytes (tensor->dtype, tensor->shape, tensor->n_dims, &n_bytes);
  if (!spend (loader, n_bytes, error) || !read_storage (loader, tensor, error))
    return NULL;
  values = g_bytes_get_data (loader->storage, NULL);
  if (n_bytes > 0 && is_row_major (tensor)) {
    values += (gsize) tensor->offset * fv_dtype_get_size (tensor->dtype);
  } else if (n_bytes > 0) {
    gathered = g_try_malloc (n_bytes);
    if (gathered == NULL) {
      fv_weights_file_refuse (loader->file, error, "does not fit in memory");
      return NULL;
    }
    gather (tensor, values, gathered);
    values = gathered;
  }
  return fv_weights_file_make_tensor (loader->file, name, tensor->dtype, tensor->shape,
                                      tensor->n_dims, values, n_bytes, error);
}

static FvStateDict *
load_tensors (Loader *loader, const FvPickleValue *pairs, GError **error)
{
  g_autoptr (FvStateDict) dict = fv_state_dict_new ();
  gsize n_prefix = get_prefix_length (pairs);

  for (guint i = 0; i < fv_pickle_value_get_n_pairs (pairs); i++) {
    const FvPickleTensor *record = get_named_tensor (pairs, i);
    g_autoptr (FvTensor) tensor = NULL;
    const char *name;

    if (record == NULL)
      continue;
    name = fv_pickle_value_get_key (pairs, i) + n_prefix;
    tensor = make_tensor (loader, name, record, error);
    if (tensor == NULL)
      return NULL;
    if (!fv_state_dict_add (dict, name, tensor)) {
      fv_weights_file_refuse (loader->file, error, "names two tensors “%s”", name);
      return NULL;
    }
  }
  return g_steal_pointer (&dict);
}

FvStateDict *
fv_pth_load (const char *path, GError **error)
{
  g_autoptr (FvWeightsFile) file = fv_weights_file_open (path, error);
  g_autoptr (FvZipArchive) archive = NULL;
  g_autoptr (FvPickle) pickle = NULL;
  FvStateDict *dict;
  const FvPickleValue *pairs;
  Loader loader;

  if (file == NULL || !check_head (file, error))
    return NULL;
  archive = fv_zip_archive_open (file, error);
  if (archive == NULL)
    return NULL;
  pickle = read_pickle (file, archive, error);
  if (pickle == NULL)
    return NULL;
  pairs = find_state_dict (fv_pickle_get_root (pickle));
  if (pairs == NULL) {
    fv_weights_file_refuse (file, error, "holds no dictionary of tensors");
    return NULL;
  }
  loader = (Loader){ .file = file, .archive = archive };
  loader.budget = VIEW_ALLOWANCE + VIEW_RATIO * fv_zip_archive_get_total_size (archive);
  dict = load_tensors (&loader, pairs, error);
  g_free (loader.key);
  g_clear_pointer (&loader.storage, g_bytes_unref);
  return dict;
}
