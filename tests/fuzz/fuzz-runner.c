/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Runs a target without a fuzzer: its seeds, every truncation of them, and mutations that are the
 * same in every run. Under ASan and UBSan this is what CI does.
 *
 * usage: fuzz-NAME ITERATIONS   (prints TAP)
 *        fuzz-NAME FILE…        (replays files that a fuzzer has found) */

#include "fuzz-target.h"

#include <locale.h>
#include <string.h>

#define SEED 20
#define MAX_CHANGES 6
#define MAX_RUN 16
#define MAX_TRUNCATIONS 400

static GBytes *
draw_seed (const GPtrArray *seeds, GRand *rand)
{
  return g_ptr_array_index (seeds, g_rand_int_range (rand, 0, (gint32) seeds->len));
}

/* How many bytes to copy or remove. (Not inside MIN (), which would draw twice.) */
static guint
draw_length (GRand *rand)
{
  return (guint) g_rand_int_range (rand, 1, MAX_RUN + 1);
}

/* Numbers at which sizes and offsets go wrong, in either byte order. */
static void
overwrite_number (GByteArray *input, guint at, GRand *rand)
{
  static const guint64 numbers[] = { 0,
                                     1,
                                     0x7f,
                                     0x80,
                                     0xff,
                                     0xffff,
                                     0x7fffffff,
                                     0x80000000,
                                     0xffffffff,
                                     G_MAXINT64,
                                     (guint64) G_MAXINT64 + 1,
                                     G_MAXUINT64 };
  guint64 number = numbers[g_rand_int_range (rand, 0, G_N_ELEMENTS (numbers))];
  gsize n = (gsize) 1 << g_rand_int_range (rand, 0, 4);

  if (g_rand_boolean (rand))
    number = GUINT64_SWAP_LE_BE (number) >> (64 - 8 * n);
  memcpy (input->data + at, &number, MIN (n, input->len - at));
}

/* Copies a run of a seed over the input, or between its bytes. */
static void
splice (GByteArray *input, guint at, const GPtrArray *seeds, GRand *rand)
{
  gsize n_other;
  const guint8 *other = g_bytes_get_data (draw_seed (seeds, rand), &n_other);
  guint from = (guint) g_rand_int_range (rand, 0, (gint32) n_other);
  guint n = draw_length (rand);

  n = MIN (n, (guint) n_other - from);
  if (g_rand_boolean (rand)) {
    guint n_behind = input->len - at;

    g_byte_array_set_size (input, input->len + n);
    memmove (input->data + at + n, input->data + at, n_behind);
  }
  memcpy (input->data + at, other + from, MIN (n, input->len - at));
}

static void
change (GByteArray *input, const GPtrArray *seeds, GRand *rand)
{
  guint at = (guint) g_rand_int_range (rand, 0, (gint32) input->len);
  guint n = draw_length (rand);

  switch (g_rand_int_range (rand, 0, 5)) {
  case 0:
    input->data[at] ^= (guint8) (1 << g_rand_int_range (rand, 0, 8));
    break;
  case 1:
    input->data[at] = (guint8) g_rand_int (rand);
    break;
  case 2:
    overwrite_number (input, at, rand);
    break;
  case 3:
    splice (input, at, seeds, rand);
    break;
  default:
    g_byte_array_remove_range (input, at, MIN (n, input->len - at));
  }
}

static void
run_mutation (const GPtrArray *seeds, GRand *rand)
{
  gsize n;
  const guint8 *bytes = g_bytes_get_data (draw_seed (seeds, rand), &n);
  g_autoptr (GByteArray) input = g_byte_array_new ();

  g_byte_array_append (input, bytes, (guint) n);
  for (int left = g_rand_int_range (rand, 1, MAX_CHANGES + 1); left > 0 && input->len > 0; left--)
    change (input, seeds, rand);
  LLVMFuzzerTestOneInput (input->data, input->len);
}

static guint
run_truncations (GBytes *seed)
{
  gsize n;
  const guint8 *bytes = g_bytes_get_data (seed, &n);
  gsize step = n / MAX_TRUNCATIONS + 1;
  guint n_runs = 0;

  for (gsize end = 0; end < n; end += step, n_runs++)
    LLVMFuzzerTestOneInput (bytes, end);
  LLVMFuzzerTestOneInput (bytes, n);
  return n_runs + 1;
}

static void
replay (const char *path)
{
  g_autofree char *bytes = NULL;
  gsize n;

  g_assert_true (g_file_get_contents (path, &bytes, &n, NULL));
  LLVMFuzzerTestOneInput ((const uint8_t *) bytes, n);
}

int
main (int argc, char *argv[])
{
  g_autoptr (GPtrArray) seeds = fuzz_make_seeds ();
  g_autoptr (GRand) rand = g_rand_new_with_seed (SEED);
  guint64 n_iterations;
  guint n_runs = 0;

  setlocale (LC_ALL, "");
  g_ptr_array_set_free_func (seeds, (GDestroyNotify) g_bytes_unref);
  if (argc != 2 || !g_ascii_string_to_unsigned (argv[1], 10, 0, G_MAXUINT32, &n_iterations, NULL)) {
    for (int i = 1; i < argc; i++)
      replay (argv[i]);
    return 0;
  }
  for (guint i = 0; i < seeds->len; i++)
    n_runs += run_truncations (g_ptr_array_index (seeds, i));
  for (guint64 i = 0; i < n_iterations; i++)
    run_mutation (seeds, rand);
  g_print ("1..1\nok 1 %u seeds, %u truncations, %" G_GUINT64_FORMAT " mutations\n", seeds->len,
           n_runs, n_iterations);
  return 0;
}
