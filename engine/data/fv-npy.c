/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The .npy format: "\x93NUMPY", version (2 bytes), header length (2 bytes in 1.0, 4 in 2.0, little
 * endian), the header as a Python dictionary ending in a newline, then the bare values.
 *
 * The dictionary is read by a scanner for exactly the text that NumPy writes: the three keys in any
 * order, single or double quotes, free blanks. */

#include "fv-npy.h"

#include <string.h>

#include "fv-data-error.h"
#include "fv-input-file.h"
#include "fv-output-file.h"

#define MAGIC "\x93NUMPY"
#define MAGIC_SIZE 6
#define PREFIX_SIZE 10 /* magic, version 1.0, header length */
#define ALIGNMENT 64   /* the values start at a multiple of this */
#define MAX_FILE_BYTES (G_GINT64_CONSTANT (4) << 30)

/* What the header says, and where the scanner is. */
typedef struct {
  const char *next;
  const char *end;
  gint64 shape[FV_NPY_MAX_DIMS];
  int n_dims;
  gboolean has_type, has_order, has_shape;
} Header;

static void
skip_blanks (Header *header)
{
  while (header->next < header->end && (*header->next == ' ' || *header->next == '\n'))
    header->next++;
}

/* Takes @text, after blanks, if it is next. */
static gboolean
take (Header *header, const char *text)
{
  gsize n = strlen (text);

  skip_blanks (header);
  if ((gsize) (header->end - header->next) < n || memcmp (header->next, text, n) != 0)
    return FALSE;
  header->next += n;
  return TRUE;
}

/* Takes the string @text in either kind of quotes. */
static gboolean
take_string (Header *header, const char *text)
{
  g_autofree char *single_quoted = g_strdup_printf ("'%s'", text);
  g_autofree char *double_quoted = g_strdup_printf ("\"%s\"", text);

  return take (header, single_quoted) || take (header, double_quoted);
}

static gboolean
take_size (Header *header, gint64 *size)
{
  gboolean found = FALSE;

  skip_blanks (header);
  *size = 0;
  for (; header->next < header->end && g_ascii_isdigit (*header->next); header->next++) {
    if (*size > G_MAXINT64 / 10 - 1)
      return FALSE;
    *size = *size * 10 + (*header->next - '0');
    found = TRUE;
  }
  return found;
}

/* "(2, 3)", "(2,)" or "()". */
static gboolean
take_shape (Header *header)
{
  if (!take (header, "("))
    return FALSE;
  for (header->n_dims = 0; !take (header, ")"); header->n_dims++) {
    if (header->n_dims == FV_NPY_MAX_DIMS || !take_size (header, &header->shape[header->n_dims]))
      return FALSE;
    if (!take (header, ",")) {
      header->n_dims++;
      return header->n_dims > 1 && take (header, ")");
    }
  }
  return TRUE;
}

/* One "key: value". Returns: NULL, or what is wrong with it. */
static const char *
take_entry (Header *header)
{
  if (!header->has_type && take_string (header, "descr") && take (header, ":")) {
    header->has_type = take_string (header, "<f4");
    return header->has_type ? NULL : "does not hold float32 values ('<f4')";
  }
  if (!header->has_order && take_string (header, "fortran_order") && take (header, ":")) {
    header->has_order = take (header, "False");
    return header->has_order ? NULL : "is in Fortran order; only C order can be read";
  }
  if (!header->has_shape && take_string (header, "shape") && take (header, ":")) {
    header->has_shape = take_shape (header);
    return header->has_shape ? NULL : "has a shape that cannot be read (at most 8 dimensions)";
  }
  return "has a damaged header";
}

/* Returns: NULL when the header is whole and correct, or what is wrong with it. */
static const char *
parse_header (Header *header)
{
  if (!take (header, "{"))
    return "has a damaged header";
  while (!take (header, "}")) {
    const char *problem = take_entry (header);

    if (problem != NULL)
      return problem;
    if (!take (header, ",")) {
      if (take (header, "}"))
        break;
      return "has a damaged header";
    }
  }
  skip_blanks (header);
  if (header->next != header->end || !header->has_type || !header->has_order || !header->has_shape)
    return "has a damaged header";
  return NULL;
}

/* The product of the shape in @n. Returns: FALSE when it is more than @max. */
static gboolean
count_elements (const gint64 *shape, int n_dims, guint64 max, guint64 *n)
{
  *n = 1;
  for (int i = 0; i < n_dims; i++)
    if (shape[i] == 0) {
      *n = 0;
      return TRUE;
    }
  for (int i = 0; i < n_dims; i++) {
    if ((guint64) shape[i] > max / *n)
      return FALSE;
    *n *= (guint64) shape[i];
  }
  return TRUE;
}

/* Finds the header in the file. Returns: NULL, or what is wrong. */
static const char *
find_header (const char *bytes, gsize n_bytes, Header *header)
{
  const guint8 *raw = (const guint8 *) bytes;
  gsize start = PREFIX_SIZE, length;

  if (n_bytes < MAGIC_SIZE || memcmp (bytes, MAGIC, MAGIC_SIZE) != 0)
    return "is not a .npy file";
  if (n_bytes < PREFIX_SIZE + 2)
    return "is truncated";
  if ((raw[6] != 1 && raw[6] != 2) || raw[7] != 0)
    return "has an unknown .npy version; 1.0 and 2.0 can be read";
  length = raw[8] | (gsize) raw[9] << 8;
  if (raw[6] == 2) {
    length |= (gsize) raw[10] << 16 | (gsize) raw[11] << 24;
    start += 2;
  }
  if (length > n_bytes - start)
    return "is truncated";
  header->next = bytes + start;
  header->end = header->next + length;
  return NULL;
}

float *
fv_npy_load (const char *path, gint64 *shape, int *n_dims, gsize *n_elements, GError **error)
{
  g_autofree char *bytes = NULL;
  Header header = { NULL };
  const char *problem;
  gsize n_bytes, n_data;
  guint64 n;
  float *data;

  g_return_val_if_fail (path != NULL && shape != NULL, NULL);
  g_return_val_if_fail (n_dims != NULL && n_elements != NULL, NULL);

  bytes = fv_input_file_read (path, MAX_FILE_BYTES, &n_bytes, error);
  if (bytes == NULL)
    return NULL;
  problem = find_header (bytes, n_bytes, &header);
  if (problem == NULL)
    problem = parse_header (&header);
  if (problem != NULL) {
    fv_data_error_set (error, FV_DATA_ERROR_FORMAT, path, "%s", problem);
    return NULL;
  }
  n_data = n_bytes - (gsize) (header.end - bytes);
  if (!count_elements (header.shape, header.n_dims, n_data / sizeof (float), &n)
      || n * sizeof (float) != n_data) {
    fv_data_error_set (error, FV_DATA_ERROR_FORMAT, path,
                       "has %" G_GSIZE_FORMAT " bytes of values, which is not what its shape says",
                       n_data);
    return NULL;
  }

  /* One byte more, so that an array without elements is not NULL. */
  data = g_malloc (n_data + 1);
  memcpy (data, header.end, n_data);
  memcpy (shape, header.shape, header.n_dims * sizeof *shape);
  *n_dims = header.n_dims;
  *n_elements = n;
  return data;
}

/* The bytes before the values, padded so that these are aligned. */
static GString *
format_header (const gint64 *shape, int n_dims)
{
  GString *header = g_string_new_len (MAGIC "\x01\0\0\0", PREFIX_SIZE);
  gsize length;

  g_string_append (header, "{'descr': '<f4', 'fortran_order': False, 'shape': (");
  for (int i = 0; i < n_dims; i++)
    g_string_append_printf (header, "%s%" G_GINT64_FORMAT, i > 0 ? ", " : "", shape[i]);
  g_string_append (header, n_dims == 1 ? ",), }" : "), }");
  while ((header->len + 1) % ALIGNMENT != 0)
    g_string_append_c (header, ' ');
  g_string_append_c (header, '\n');
  length = header->len - PREFIX_SIZE;
  header->str[8] = (char) (length & 0xff);
  header->str[9] = (char) (length >> 8);
  return header;
}

gboolean
fv_npy_save (const char *path, const float *data, const gint64 *shape, int n_dims, GError **error)
{
  g_autoptr (GString) content = NULL;
  guint64 n;

  G_STATIC_ASSERT (G_BYTE_ORDER == G_LITTLE_ENDIAN && sizeof (float) == 4);
  g_return_val_if_fail (path != NULL, FALSE);
  g_return_val_if_fail (n_dims >= 0 && n_dims <= FV_NPY_MAX_DIMS, FALSE);
  g_return_val_if_fail (count_elements (shape, n_dims, G_MAXSIZE / sizeof (float), &n), FALSE);

  content = format_header (shape, n_dims);
  g_string_append_len (content, (const char *) data, (gssize) (n * sizeof (float)));
  return fv_output_file_write (path, content->str, content->len, FV_OUTPUT_ATOMIC, error);
}
