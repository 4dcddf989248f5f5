/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Pickles by themselves, of weights and of TorchScript. */

#include "fv-pickle.h"
#include "zip-seed.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GHashTable) classes = g_hash_table_new (g_str_hash, g_str_equal);
  GError *error = NULL;
  GError *script_error = NULL;
  g_autoptr (FvPickle) plain = fv_pickle_parse (data, size, &error);
  g_autoptr (FvPickle) script = NULL;

  g_hash_table_add (classes, (gpointer) "__torch__.net.Net");
  script = fv_pickle_parse_script (data, size, classes, &script_error);
  g_assert_true ((plain != NULL) == (error == NULL));
  g_assert_true ((script != NULL) == (script_error == NULL));
  g_clear_error (&error);
  g_clear_error (&script_error);
  return 0;
}

GPtrArray *
fuzz_make_seeds (void)
{
  GPtrArray *seeds = g_ptr_array_new ();

  fuzz_add_bytes (seeds, BYTES (DICT_OF (ROW)));
  fuzz_add_bytes (seeds, BYTES (DICT_OF (LONG1 ("\1\0\0\0\0\0\0\0"))));
  fuzz_add_bytes (
      seeds, BYTES (PROTO GLOBAL ("__torch__.net", "Net") ")\x81}q\0(" TEXT ("\1", "w") ROW "ub."));
  return seeds;
}
