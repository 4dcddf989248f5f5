/* SPDX-License-Identifier: GPL-3.0-or-later */

/* metadata.csv, and with it CSV. */

#include "fuzz-target.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "fv-dataset.h"

/* The folder whose metadata.csv changes; removed when the program ends. */
static char *folder;

static void
remove_folder (void)
{
  g_autofree char *path = g_build_filename (folder, "metadata.csv", NULL);

  g_unlink (path);
  g_rmdir (folder);
  g_free (folder);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *path = NULL;
  g_autoptr (FvDataset) dataset = NULL;
  GError *error = NULL;
  int fd;

  if (folder == NULL) {
    folder = g_dir_make_tmp ("fovea-fuzz-XXXXXX", NULL);
    g_assert_nonnull (folder);
    atexit (remove_folder);
  }
  path = g_build_filename (folder, "metadata.csv", NULL);
  fd = g_open (path, O_WRONLY | O_CREAT, 0600);
  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (write (fd, data, size), ==, (gssize) size);
  g_assert_cmpint (ftruncate (fd, (off_t) size), ==, 0);
  close (fd);
  dataset = fv_dataset_open (folder, 0, &error);
  fuzz_check (dataset != NULL, error);
  return 0;
}

GPtrArray *
fuzz_make_seeds (void)
{
  GPtrArray *seeds = g_ptr_array_new ();

  fuzz_add_text (seeds, "img_filename,y\na.png,0\n");
  fuzz_add_text (seeds, "\xef\xbb\xbfimg_id,img_filename,y,split,place,place_filename\r\n"
                        "1,\"a,b\"\"c\"\".png\",3,0,1,x\r\n\r\n2,d.png,0,2,0,\"two\nlines\"");
  fuzz_add_text (seeds, "y_name,y,img_filename,mask_filename,place_name,place\n"
                        "gull,1,a/1.png,m/1.png,sea,0\nwren,0,b/2.png,,land,1\n");
  return seeds;
}
