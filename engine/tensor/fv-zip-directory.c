/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The archive must end as PyTorch ends it: directory, its size in 64 bits if need be, end record,
 * no comment, nothing between and nothing behind. Records: PKWARE's APPNOTE.TXT 4.3.12 to 4.3.16.
 */

#include "fv-zip-directory.h"

#include <string.h>

#define END_BYTES 22
#define LOCATOR_BYTES 20
#define END64_BYTES 56
#define ENTRY_BYTES 46
#define EXTRA_HEAD_BYTES 4
#define EXTRA_UNICODE_PATH 0x7075
#define MAX_DIRECTORY_BYTES (64 * 1024 * 1024)
#define FLAG_ENCRYPTED 1

static const guint8 end_magic[] = { 'P', 'K', 5, 6 };
static const guint8 locator_magic[] = { 'P', 'K', 6, 7 };
static const guint8 end64_magic[] = { 'P', 'K', 6, 6 };
static const guint8 entry_magic[] = { 'P', 'K', 1, 2 };

/* Where the directory lies, in bytes from the start of the file. */
typedef struct {
  guint64 offset;
  guint64 size;
  guint64 n_entries;
  guint64 end; /* of the directory: where the first end record begins */
} Place;

/* A little-endian number of @n_bytes. */
static guint64
get_number (const guint8 *bytes, gsize n_bytes)
{
  guint64 number = 0;

  for (gsize i = 0; i < n_bytes; i++)
    number |= (guint64) bytes[i] << (8 * i);
  return number;
}

static gboolean
refuse_end (const FvWeightsFile *file, GError **error)
{
  return fv_weights_file_refuse (file, error,
                                 "does not end as a zip archive made by PyTorch does: two readers "
                                 "could see different contents in it");
}

/* The end record with 64-bit numbers, and the record that says where it is, in front of the one at
 * @place->end. Leaves @place alone when there are none. */
static gboolean
read_end64 (const FvWeightsFile *file, Place *place, GError **error)
{
  guint8 bytes[END64_BYTES + LOCATOR_BYTES];
  const guint8 *locator = bytes + END64_BYTES;
  guint64 start = place->end - sizeof bytes;

  if (place->end < sizeof bytes)
    return TRUE;
  if (!fv_weights_file_read (file, start, bytes, sizeof bytes, error))
    return FALSE;
  if (memcmp (locator, locator_magic, sizeof locator_magic) != 0)
    return TRUE;
  if (memcmp (bytes, end64_magic, sizeof end64_magic) != 0
      || get_number (bytes + 4, 8) != END64_BYTES - 12 || get_number (locator + 8, 8) != start
      || get_number (bytes + 16, 8) != 0 || get_number (locator + 4, 4) != 0
      || get_number (bytes + 24, 8) != get_number (bytes + 32, 8))
    return refuse_end (file, error);
  *place = (Place){ .n_entries = get_number (bytes + 32, 8),
                    .size = get_number (bytes + 40, 8),
                    .offset = get_number (bytes + 48, 8),
                    .end = start };
  return TRUE;
}

/* Whether the 16- or 32-bit number @small of the end record agrees with @number. */
static gboolean
agrees (guint64 small, guint64 number, guint64 largest)
{
  return small == number || (small == largest && number >= largest);
}

static gboolean
find_directory (const FvWeightsFile *file, Place *place, GError **error)
{
  guint64 size = fv_weights_file_get_size (file);
  guint8 end[END_BYTES];
  Place small;

  if (size < END_BYTES)
    return refuse_end (file, error);
  if (!fv_weights_file_read (file, size - END_BYTES, end, END_BYTES, error))
    return FALSE;
  if (memcmp (end, end_magic, sizeof end_magic) != 0 || get_number (end + 20, 2) != 0
      || get_number (end + 4, 4) != 0 || get_number (end + 8, 2) != get_number (end + 10, 2))
    return refuse_end (file, error);
  small = (Place){ .n_entries = get_number (end + 10, 2),
                   .size = get_number (end + 12, 4),
                   .offset = get_number (end + 16, 4),
                   .end = size - END_BYTES };
  *place = small;
  if (!read_end64 (file, place, error))
    return FALSE;
  if (!agrees (small.n_entries, place->n_entries, G_MAXUINT16)
      || !agrees (small.size, place->size, G_MAXUINT32)
      || !agrees (small.offset, place->offset, G_MAXUINT32) || place->offset > place->end
      || place->end - place->offset != place->size)
    return refuse_end (file, error);
  if (place->n_entries > FV_ZIP_DIRECTORY_MAX_ENTRIES || place->size > MAX_DIRECTORY_BYTES)
    return fv_weights_file_refuse (file, error, "has more than %d entries",
                                   FV_ZIP_DIRECTORY_MAX_ENTRIES);
  return TRUE;
}

/* Whether the extra fields of an entry are sound and rename nothing. */
static gboolean
check_extras (const guint8 *bytes, gsize n_bytes)
{
  while (n_bytes > 0) {
    gsize n_field;

    if (n_bytes < EXTRA_HEAD_BYTES)
      return FALSE;
    n_field = EXTRA_HEAD_BYTES + (gsize) get_number (bytes + 2, 2);
    if (n_field > n_bytes || get_number (bytes, 2) == EXTRA_UNICODE_PATH)
      return FALSE;
    bytes += n_field;
    n_bytes -= n_field;
  }
  return TRUE;
}

/* Plain text, that no reader shortens, converts or takes for a path out of the archive. */
static gboolean
check_name (const char *name, gsize n_name)
{
  if (n_name == 0 || *name == '/' || memchr (name, '\\', n_name) != NULL
      || g_strstr_len (name, (gssize) n_name, "..") != NULL)
    return FALSE;
  for (gsize i = 0; i < n_name; i++)
    if (g_ascii_iscntrl (name[i]))
      return FALSE;
  return g_utf8_validate_len (name, n_name, NULL);
}

/* The entry at @bytes. @names: a set of the names so far, without case, as miniz looks them up.
 * Returns: its length in bytes, or 0 with @error. */
static gsize
check_entry (const FvWeightsFile *file, const guint8 *bytes, gsize n_left, GHashTable *names,
             GError **error)
{
  const char *name = (const char *) bytes + ENTRY_BYTES;
  g_autofree char *folded = NULL;
  gsize n_name;
  gsize n_extra;
  gsize n_entry;

  if (n_left < ENTRY_BYTES || memcmp (bytes, entry_magic, sizeof entry_magic) != 0)
    return (gsize) refuse_end (file, error);
  n_name = (gsize) get_number (bytes + 28, 2);
  n_extra = (gsize) get_number (bytes + 30, 2);
  n_entry = ENTRY_BYTES + n_name + n_extra + (gsize) get_number (bytes + 32, 2);
  if (n_entry > n_left || !check_extras (bytes + ENTRY_BYTES + n_name, n_extra))
    return (gsize) refuse_end (file, error);
  if (!check_name (name, n_name))
    return (gsize) fv_weights_file_refuse (file, error,
                                           "has an entry “%.*s”, a name that leaves its folder or "
                                           "is not plain text",
                                           (int) MIN (n_name, 100), name);
  if ((get_number (bytes + 8, 2) & FLAG_ENCRYPTED) != 0)
    return (gsize) fv_weights_file_refuse (file, error, "is encrypted at “%.*s”", (int) n_name,
                                           name);
  folded = g_ascii_strdown (name, (gssize) n_name);
  if (!g_hash_table_add (names, g_steal_pointer (&folded)))
    return (gsize) fv_weights_file_refuse (file, error, "has two entries named “%.*s”",
                                           (int) n_name, name);
  return n_entry;
}

gboolean
fv_zip_directory_check (const FvWeightsFile *file, GError **error)
{
  g_autoptr (GHashTable) names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autofree guint8 *bytes = NULL;
  gsize at = 0;
  Place place = { 0 };

  if (!find_directory (file, &place, error))
    return FALSE;
  bytes = g_malloc (MAX (place.size, 1));
  if (!fv_weights_file_read (file, place.offset, bytes, place.size, error))
    return FALSE;
  for (guint64 i = 0; i < place.n_entries; i++) {
    gsize n_entry = check_entry (file, bytes + at, place.size - at, names, error);

    if (n_entry == 0)
      return FALSE;
    at += n_entry;
  }
  return at == place.size || refuse_end (file, error);
}
