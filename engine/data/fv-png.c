/* SPDX-License-Identifier: GPL-3.0-or-later */

/* libpng leaves a failed call by longjmp. Everything that lives across such a call is in a struct
 * on the caller's stack, and guard () alone calls setjmp: no local variable can be lost. */

#include "fv-png.h"

#include <png.h>
#include <string.h>

#include "fv-data-error.h"
#include "fv-image.h"
#include "fv-input-file.h"

#define MAX_FILE_BYTES (G_GINT64_CONSTANT (1) << 30)
#define PALETTE_SIZE 256
/* Masks are written after every stroke: speed counts more than the last per cent of size. */
#define COMPRESSION_LEVEL 1

/* One picture on its way in or out. */
typedef struct {
  png_structp png;
  png_infop info;
  FvPng *picture;
  char message[128]; /* why libpng gave up */

  const char *input; /* reading: what is left of the file */
  gsize n_input;

  GByteArray *output; /* writing */
  const guint8 *palette;
} Job;

static void
on_error (png_structp png, png_const_charp message)
{
  Job *job = png_get_error_ptr (png);

  g_strlcpy (job->message, message, sizeof job->message);
  png_longjmp (png, 1);
}

static void
on_warning (png_structp png, png_const_charp message)
{
  g_debug ("libpng: %s", message);
}

/* Runs @step. Returns: FALSE when libpng left it half-way; job->message then says why. */
static gboolean
guard (Job *job, void (*step) (Job *job))
{
  if (setjmp (png_jmpbuf (job->png)) != 0)
    return FALSE;
  step (job);
  return TRUE;
}

static void
on_read (png_structp png, png_bytep data, png_size_t size)
{
  Job *job = png_get_io_ptr (png);

  if (size > job->n_input)
    png_error (png, "the file is truncated");
  memcpy (data, job->input, size);
  job->input += size;
  job->n_input -= size;
}

static void
on_write (png_structp png, png_bytep data, png_size_t size)
{
  Job *job = png_get_io_ptr (png);

  g_byte_array_append (job->output, data, (guint) size);
}

static void
on_flush (png_structp png)
{
}

static void
read_header (Job *job)
{
  FvPng *picture = job->picture;
  int color;

  png_set_read_fn (job->png, job, on_read);
  /* Not libpng's own limit, whose message does not say what is wrong: see check_size (). */
  png_set_user_limits (job->png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
  png_read_info (job->png, job->info);
  color = png_get_color_type (job->png, job->info);
  picture->width = (int) png_get_image_width (job->png, job->info);
  picture->height = (int) png_get_image_height (job->png, job->info);
  picture->is_indexed = color == PNG_COLOR_TYPE_PALETTE;
  picture->channels = !picture->is_indexed && (color & PNG_COLOR_MASK_COLOR) != 0 ? 3 : 1;
}

static void
read_pixels (Job *job)
{
  const FvPng *picture = job->picture;
  gsize stride = (gsize) picture->width * picture->channels;
  int n_passes;

  if (picture->is_indexed)
    png_set_packing (job->png);
  else
    png_set_expand_gray_1_2_4_to_8 (job->png);
  png_set_strip_16 (job->png);
  png_set_strip_alpha (job->png);
  n_passes = png_set_interlace_handling (job->png);
  png_read_update_info (job->png, job->info);
  if (png_get_rowbytes (job->png, job->info) != stride)
    png_error (job->png, "its pixels have an unknown form");
  for (int pass = 0; pass < n_passes; pass++)
    for (int y = 0; y < picture->height; y++)
      png_read_row (job->png, picture->pixels + y * stride, NULL);
  png_read_end (job->png, NULL);
}

static void
write_picture (Job *job)
{
  const FvPng *picture = job->picture;
  gsize stride = (gsize) picture->width * picture->channels;
  png_color colors[PALETTE_SIZE];

  png_set_write_fn (job->png, job, on_write, on_flush);
  png_set_compression_level (job->png, COMPRESSION_LEVEL);
  png_set_IHDR (job->png, job->info, (png_uint_32) picture->width, (png_uint_32) picture->height, 8,
                picture->is_indexed ? PNG_COLOR_TYPE_PALETTE : PNG_COLOR_TYPE_RGB,
                PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  if (picture->is_indexed) {
    for (int i = 0; i < PALETTE_SIZE; i++)
      colors[i]
          = (png_color){ job->palette[3 * i], job->palette[3 * i + 1], job->palette[3 * i + 2] };
    png_set_PLTE (job->png, job->info, colors, PALETTE_SIZE);
  }
  png_write_info (job->png, job->info);
  for (int y = 0; y < picture->height; y++)
    png_write_row (job->png, picture->pixels + y * stride);
  png_write_end (job->png, NULL);
}

static gboolean
check_size (const FvPng *png, const char *path, GError **error)
{
  if (png->width <= FV_IMAGE_MAX_SIDE && png->height <= FV_IMAGE_MAX_SIDE
      && (gint64) png->width * png->height <= FV_IMAGE_MAX_PIXELS)
    return TRUE;
  fv_data_error_set (error, FV_DATA_ERROR_SIZE, path,
                     "has %d × %d pixels; at most %d a side and %d megapixels can be read",
                     png->width, png->height, FV_IMAGE_MAX_SIDE, FV_IMAGE_MAX_PIXELS / 1000000);
  return FALSE;
}

static gboolean
read_picture (Job *job, const char *path, GError **error)
{
  FvPng *picture = job->picture;
  gboolean done = guard (job, read_header);

  if (done) {
    if (!check_size (picture, path, error))
      return FALSE;
    picture->pixels = g_try_malloc0_n ((gsize) picture->width * picture->height, picture->channels);
    if (picture->pixels == NULL) {
      fv_data_error_set (error, FV_DATA_ERROR_SIZE, path, "does not fit into memory");
      return FALSE;
    }
    done = guard (job, read_pixels);
  }
  if (!done)
    fv_data_error_set (error, FV_DATA_ERROR_FORMAT, path, "is a damaged PNG: %s", job->message);
  return done;
}

FvPng *
fv_png_load (const char *path, GError **error)
{
  g_autoptr (FvPng) picture = g_new0 (FvPng, 1);
  g_autofree char *bytes = NULL;
  Job job = { .picture = picture };
  gboolean done;

  bytes = fv_input_file_read (path, MAX_FILE_BYTES, &job.n_input, error);
  if (bytes == NULL)
    return NULL;
  if (job.n_input < 8 || png_sig_cmp ((png_const_bytep) bytes, 0, 8) != 0) {
    fv_data_error_set (error, FV_DATA_ERROR_FORMAT, path, "is not a PNG file");
    return NULL;
  }
  job.input = bytes;
  job.png = png_create_read_struct (PNG_LIBPNG_VER_STRING, &job, on_error, on_warning);
  job.info = png_create_info_struct (job.png);
  done = read_picture (&job, path, error);
  png_destroy_read_struct (&job.png, &job.info, NULL);
  return done ? g_steal_pointer (&picture) : NULL;
}

gboolean
fv_png_save (const FvPng *png, const guint8 *palette, const char *path, FvOutputSafety safety,
             GError **error)
{
  g_autoptr (GByteArray) output = g_byte_array_new ();
  FvPng picture = *png;
  Job job = { .picture = &picture, .output = output, .palette = palette };
  gboolean done;

  job.png = png_create_write_struct (PNG_LIBPNG_VER_STRING, &job, on_error, on_warning);
  job.info = png_create_info_struct (job.png);
  done = guard (&job, write_picture);
  png_destroy_write_struct (&job.png, &job.info);
  if (done)
    return fv_output_file_write (path, output->data, output->len, safety, error);
  fv_data_error_set (error, FV_DATA_ERROR_IO, path, "cannot be written: %s", job.message);
  return FALSE;
}

void
fv_png_free (FvPng *png)
{
  g_return_if_fail (png != NULL);

  g_free (png->pixels);
  g_free (png);
}
