/* SPDX-License-Identifier: GPL-3.0-or-later */

/* TorchScript source: its words, and what it may name. */

#include "fuzz-target.h"

#include "fv-script-code.h"
#include "fv-script-lexer.h"

/* Words lie behind one another in the source. */
static void
read_words (const uint8_t *data, size_t size)
{
  const char *source = (const char *) data;
  FvScriptLexer lexer = fv_script_lexer_start (source, size);
  const char *behind = source;
  FvScriptWord word;

  while (fv_script_lexer_next (&lexer, &word) && word.kind != FV_SCRIPT_END) {
    g_assert_true (word.n_bytes > 0 && word.text >= behind);
    behind = word.text + word.n_bytes;
    g_assert_true (behind <= source + size);
  }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (FvScriptCode) code = fv_script_code_new ();
  g_autoptr (GBytes) source = g_bytes_new (data, size);
  GError *error = NULL;
  gboolean sound;

  if (size > 0)
    read_words (data, size);
  sound = fv_script_code_add (code, "__torch__/net", source, &error)
          && fv_script_code_check (code, &error);
  g_assert_true (sound == (error == NULL));
  g_clear_error (&error);
  return 0;
}

GPtrArray *
fuzz_make_seeds (void)
{
  GPtrArray *seeds = g_ptr_array_new ();

  fuzz_add_text (seeds, "class Net(Module):\n"
                        "  __parameters__ = [\"w\", ]\n"
                        "  w : Tensor\n"
                        "  def forward(self: __torch__.net.Net,\n"
                        "    x: Tensor) -> Tensor:\n"
                        "    w = self.w # torch.save\n"
                        "    x0 = torch.relu(x)\n"
                        "    return torch.mul(x, getattr(self, \"w\"))\n");
  fuzz_add_text (seeds, "def f(x: Tensor) -> Tensor:\n"
                        "  a = \"te\\\"xt\"; b = 1.5e-3; c = CONSTANTS.c0\n"
                        "  if torch.gt(a, 0):\n    d = ops.prim.NumToTensor(b)\n"
                        "  else:\n    d = [b, c, ...]\n  return d\n");
  return seeds;
}
