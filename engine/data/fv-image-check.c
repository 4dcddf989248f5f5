/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Each format is walked block by block; every step checks that the file still has the bytes. */

#include "fv-image-check.h"

#include <string.h>

/* The part of the file that has not been walked yet. */
typedef struct {
  const guint8 *next;
  gsize n_left;
} Cursor;

static gboolean
skip (Cursor *cursor, guint64 n)
{
  if (n > cursor->n_left)
    return FALSE;
  cursor->next += n;
  cursor->n_left -= n;
  return TRUE;
}

static guint32
little_endian (const guint8 *bytes, int n)
{
  guint32 value = 0;

  for (int i = n - 1; i >= 0; i--)
    value = value << 8 | bytes[i];
  return value;
}

static guint32
big_endian (const guint8 *bytes, int n)
{
  guint32 value = 0;

  for (int i = 0; i < n; i++)
    value = value << 8 | bytes[i];
  return value;
}

/* Moves behind the next JPEG marker. Returns: its code, or −1 at the end of the file. Inside
 * compressed data FF 00 is a byte of data and FF D0 … D7 a restart: neither ends it. */
static int
next_jpeg_marker (Cursor *cursor)
{
  while (cursor->n_left >= 2) {
    const guint8 *found = memchr (cursor->next, 0xff, cursor->n_left - 1);
    int code;

    if (found == NULL)
      return -1;
    code = found[1];
    if (code == 0xff) { /* a fill byte: look again from the next one */
      skip (cursor, (guint64) (found - cursor->next) + 1);
      continue;
    }
    skip (cursor, (guint64) (found - cursor->next) + 2);
    if (code != 0 && (code < 0xd0 || code > 0xd7))
      return code;
  }
  return -1;
}

static gboolean
is_complete_jpeg (Cursor cursor)
{
  for (;;) {
    int code = next_jpeg_marker (&cursor);

    if (code == 0xd9) /* end of image */
      return TRUE;
    if (code < 0)
      return FALSE;
    if (code == 0xd8 || code == 0x01) /* start of image and TEM have no length */
      continue;
    if (cursor.n_left < 2 || !skip (&cursor, big_endian (cursor.next, 2)))
      return FALSE;
  }
}

/* PNG: 8 bytes of signature, then chunks of length, name, data and check sum. */
static gboolean
is_complete_png (Cursor cursor)
{
  if (!skip (&cursor, 8))
    return FALSE;
  while (cursor.n_left >= 12) {
    if (memcmp (cursor.next + 4, "IEND", 4) == 0)
      return TRUE;
    if (!skip (&cursor, 12 + (guint64) big_endian (cursor.next, 4)))
      return FALSE;
  }
  return FALSE;
}

static gboolean
skip_gif_palette (Cursor *cursor, guint8 flags)
{
  return (flags & 0x80) == 0 || skip (cursor, 3u << ((flags & 7) + 1));
}

/* GIF data comes in blocks with their length before them, up to one of length 0. */
static gboolean
skip_gif_blocks (Cursor *cursor)
{
  while (cursor->n_left > 0) {
    guint8 length = cursor->next[0];

    if (!skip (cursor, (guint64) length + 1))
      return FALSE;
    if (length == 0)
      return TRUE;
  }
  return FALSE;
}

static gboolean
is_complete_gif (Cursor cursor)
{
  /* A header of 13 bytes, whose eleventh tells of the palette. */
  if (!skip (&cursor, 13) || !skip_gif_palette (&cursor, cursor.next[-3]))
    return FALSE;
  while (cursor.n_left >= 10) {
    guint8 kind = cursor.next[0];

    if (kind == 0x2c) /* the first picture: 10 bytes, its palette, a code size, its data */
      return skip (&cursor, 10) && skip_gif_palette (&cursor, cursor.next[-1]) && skip (&cursor, 1)
             && skip_gif_blocks (&cursor);
    if (kind != 0x21 || !skip (&cursor, 2) || !skip_gif_blocks (&cursor))
      return FALSE;
  }
  return FALSE;
}

/* BMP without compression (0) or with channel masks (3): rows are padded to 4 bytes. The header
 * that says so has at least 40 bytes; older and run-length coded ones are left to the decoder. */
static gboolean
is_complete_bmp (Cursor cursor)
{
  guint64 offset, width, stride;
  gint32 height;

  if (cursor.n_left < 34 || little_endian (cursor.next + 14, 4) < 40)
    return TRUE;
  if (cursor.next[30] != 0 && cursor.next[30] != 3)
    return TRUE;
  offset = little_endian (cursor.next + 10, 4);
  width = little_endian (cursor.next + 18, 4);
  height = (gint32) little_endian (cursor.next + 22, 4);
  stride = (width * little_endian (cursor.next + 28, 2) + 31) / 32 * 4;
  return skip (&cursor, offset) && stride * (guint64) ABS ((gint64) height) <= cursor.n_left;
}

/* WebP: the RIFF header has the length of all that follows it. */
static gboolean
is_complete_webp (Cursor cursor)
{
  return cursor.n_left >= 12 && little_endian (cursor.next + 4, 4) <= cursor.n_left - 8;
}

gboolean
fv_image_check_complete (const guint8 *bytes, gsize n, const char *format)
{
  static const struct {
    const char *format;
    gboolean (*is_complete) (Cursor cursor);
  } checks[] = {
    { "jpeg", is_complete_jpeg }, { "png", is_complete_png },   { "gif", is_complete_gif },
    { "bmp", is_complete_bmp },   { "webp", is_complete_webp },
  };
  Cursor cursor = { bytes, n };

  for (gsize i = 0; i < G_N_ELEMENTS (checks); i++)
    if (strcmp (format, checks[i].format) == 0)
      return checks[i].is_complete (cursor);
  return TRUE;
}
