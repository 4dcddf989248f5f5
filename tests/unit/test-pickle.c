/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Pickles in a sound archive: whatever is not a dictionary of tensors is refused without being run,
 * and no damage to a pickle crashes its reader. */

#include "pth-fixture.h"

#define TEST(name, function)                                                                       \
  g_test_add ("/pickle/" name, WeightsFixture, NULL, weights_fixture_set_up, function,             \
              weights_fixture_tear_down)

/* -- refused --------------------------------------------------------------------------------- */

#define MAX_INT64 LONG1 ("\xff\xff\xff\xff\xff\xff\xff\x7f")

static const struct {
  const char *name;
  const char *pickle;
  gsize n_bytes;
  const char *phrase;
} hostile[] = {
  { "os-system", BYTES (PROTO GLOBAL ("os", "system") TEXT ("\2", "ls") "\x85R."), "“os.system”" },
  { "posix-system", BYTES (PROTO GLOBAL ("posix", "system") "."), "“posix.system” is not allowed" },
  { "builtins-eval", BYTES (PROTO GLOBAL ("builtins", "eval") "."), "“builtins.eval”" },
  { "stack-global", BYTES ("\x80\4\x8c\2os\x8c\6system\x93."), "“os.system”" },
  { "stack-global-numbers", BYTES ("\x80\4K\1K\2\x93."), "not text" },
  { "torch-load-from-bytes", BYTES (PROTO GLOBAL ("torch.storage", "_load_from_bytes") "."),
    "_load_from_bytes" },
  { "torch-module", BYTES (PROTO GLOBAL ("torch.nn.modules.conv", "Conv2d") ")\x81."), "Conv2d" },
  { "global-with-newline-trick", BYTES (PROTO "ctorch\nFloatStorage.__init__\n."),
    "is not allowed" },
  { "global-without-end", BYTES (PROTO "cos"), "too early" },
  { "text-opcodes", BYTES ("cos\nsystem\n(S'ls'\ntR."), "“os.system”" },
  { "string-opcode", BYTES ("(S'ls'\nt."), "opcode 0x53" },
  { "newobj", BYTES (PROTO "))\x81."), "opcode 0x81" },
  { "inst", BYTES (PROTO "(ios\nsystem\n."), "opcode 0x69" },
  { "obj", BYTES (PROTO "(o."), "opcode 0x6f" },
  { "extension", BYTES (PROTO "\x82\1."), "opcode 0x82" },
  { "protocol-200", BYTES ("\x80\xc8N."), "protocol" },
  { "empty", BYTES (""), "too early" },
  { "no-stop", BYTES (PROTO "}"), "too early" },
  { "stop-on-empty-stack", BYTES (PROTO "."), "stack is empty" },
  { "root-number", BYTES (PROTO "K\1."), "no dictionary of tensors" },
  { "root-empty-dict", BYTES (PROTO "}."), "no dictionary of tensors" },
  { "root-tensor", BYTES (PROTO ROW "."), "no dictionary of tensors" },
  { "numbered-tensors", BYTES (PROTO "}K\1" ROW "s."), "no dictionary of tensors" },
  { "name-twice", BYTES (PROTO "}(" TEXT ("\1", "w") ROW TEXT ("\1", "w") ROW "u."),
    "two tensors" },
  { "pop-across-mark", BYTES (PROTO "}NN(s."), "stack is empty" },
  { "append-to-nothing", BYTES (PROTO "Na."), "stack is empty" },
  { "append-to-dict", BYTES (PROTO "}Na."), "not a list" },
  { "appends-to-nothing", BYTES (PROTO "(Ne."), "stack is empty" },
  { "appends-without-mark", BYTES (PROTO "]Ne."), "mark is missing" },
  { "setitem-on-list", BYTES (PROTO "]NNs."), "not a dictionary" },
  { "setitems-odd", BYTES (PROTO "}(NNNu."), "not a dictionary" },
  { "setitems-across-mark", BYTES (PROTO "}((NNuu."), "stack is empty" },
  { "tuple-without-mark", BYTES (PROTO "Nt."), "mark is missing" },
  { "tuple3-of-two", BYTES (PROTO "NN\x87."), "stack is empty" },
  { "memo-of-nothing", BYTES (PROTO "q\0."), "stack is empty" },
  { "memo-missing", BYTES (PROTO "h\7."), "has not said" },
  { "memo-missing-long", BYTES (PROTO "j\xff\xff\xff\xff."), "has not said" },
  { "text-too-long", BYTES (PROTO "X\xff\xff\xff\xffhello."), "too early" },
  { "text-not-utf8", BYTES (PROTO TEXT ("\2", "\xc3(") "."), "UTF-8" },
  { "text-with-nul", BYTES (PROTO TEXT ("\3", "a\0b") "."), "UTF-8" },
  { "frame-too-long", BYTES ("\x80\4\x95\xff\xff\xff\xff\xff\xff\xff\xffN."), "too early" },
  { "long-of-nine-bytes", BYTES (PROTO "\x8a\x09\1\1\1\1\1\1\1\1\1."), "64 bits" },
  { "cut-float", BYTES (PROTO "G\0\0\0."), "too early" },
  { "call-text", BYTES (PROTO TEXT ("\2", "os") ")R."), "not a function" },
  { "call-storage-type", BYTES (PROTO GLOBAL ("torch", "FloatStorage") ")R."), "FloatStorage" },
  { "call-without-tuple", BYTES (PROTO GLOBAL ("torch", "Size") "]R."), "not a function" },
  { "ordered-dict-arguments", BYTES (PROTO GLOBAL ("collections", "OrderedDict") "]\x85R."),
    "OrderedDict" },
  { "size-of-number", BYTES (PROTO GLOBAL ("torch", "Size") "K\1\x85R."), "torch.Size" },
  { "parameter-of-number",
    BYTES (PROTO GLOBAL ("torch._utils", "_rebuild_parameter") "K\1\x88N\x87R."),
    "_rebuild_parameter" },
  { "build-on-dict", BYTES (PROTO "}}b."), "sets the state" },
  { "build-with-list", BYTES (PROTO HOOKS "]b."), "sets the state" },
  { "storage-of-number", BYTES (PROTO "K\1Q."), "PyTorch does not" },
  { "storage-of-four", BYTES (PROTO "(NNNNtQ."), "PyTorch does not" },
  { "storage-of-nones", BYTES (PROTO "(NNNNNtQ."), "PyTorch does not" },
  { "storage-type-size",
    BYTES (PROTO "(" TEXT ("\7", "storage") GLOBAL ("torch", "Size") TEXT ("\1", "0") //
           TEXT ("\3", "cpu") "K\6tQ."),
    "PyTorch does not" },
  { "storage-count-negative", BYTES (PROTO STORAGE ("FloatStorage", "0", "J\xff\xff\xff\xff") "."),
    "PyTorch does not" },
  { "storage-missing",
    BYTES (DICT_OF (TENSOR_OF (STORAGE ("FloatStorage", "7", "K\0"), "K\0", "K\0\x85", "K\1\x85"))),
    "no “data/7”" },
  { "storage-longer-than-entry",
    BYTES (DICT_OF (TENSOR_OF (STORAGE ("FloatStorage", "0", "K\7"), "K\0", "K\6\x85", "K\1\x85"))),
    "fewer values" },
  { "storage-of-wider-type",
    BYTES (
        DICT_OF (TENSOR_OF (STORAGE ("DoubleStorage", "0", "K\6"), "K\0", "K\6\x85", "K\1\x85"))),
    "fewer values" },
  { "storage-huge",
    BYTES (DICT_OF (
        TENSOR_OF (STORAGE ("DoubleStorage", "0", MAX_INT64), "K\0", "K\6\x85", "K\1\x85"))),
    "fewer values" },
  { "tensor-of-tensor", BYTES (DICT_OF (TENSOR_OF (ROW, "K\0", "K\6\x85", "K\1\x85"))),
    "PyTorch does not" },
  { "tensor-without-arguments", BYTES (PROTO GLOBAL ("torch._utils", "_rebuild_tensor_v2") ")R."),
    "PyTorch does not" },
  { "offset-negative", BYTES (DICT_OF (TENSOR ("J\xff\xff\xff\xff", "K\1\x85", "K\1\x85"))),
    "PyTorch does not" },
  { "offset-beyond", BYTES (DICT_OF (TENSOR ("K\6", ")", ")"))), "beyond" },
  { "offset-huge", BYTES (DICT_OF (TENSOR (MAX_INT64, "K\2\x85", "K\1\x85"))), "beyond" },
  { "shape-beyond", BYTES (DICT_OF (TENSOR ("K\0", "K\7\x85", "K\1\x85"))), "beyond" },
  { "shape-negative", BYTES (DICT_OF (TENSOR ("K\0", "J\xff\xff\xff\xff\x85", "K\1\x85"))),
    "whole numbers" },
  { "shape-text", BYTES (DICT_OF (TENSOR ("K\0", TEXT ("\1", "6") "\x85", "K\1\x85"))),
    "whole numbers" },
  { "shape-list", BYTES (DICT_OF (TENSOR ("K\0", "]", "]"))), "whole numbers" },
  { "shape-overflow", BYTES (DICT_OF (TENSOR ("K\0", MAX_INT64 MAX_INT64 "\x86", "K\0K\0\x86"))),
    "beyond" },
  { "shape-overflow-behind-zero",
    BYTES (DICT_OF (TENSOR ("K\0", "K\0" MAX_INT64 MAX_INT64 "\x87", "K\0K\0K\0\x87"))), "beyond" },
  { "stride-beyond", BYTES (DICT_OF (TENSOR ("K\0", "K\3K\2\x86", "K\3K\1\x86"))), "beyond" },
  { "stride-negative", BYTES (DICT_OF (TENSOR ("K\5", "K\6\x85", "J\xff\xff\xff\xff\x85"))),
    "whole numbers" },
  { "stride-overflow", BYTES (DICT_OF (TENSOR ("K\0", "K\3\x85", MAX_INT64 "\x85"))), "beyond" },
  { "strides-too-few", BYTES (DICT_OF (TENSOR ("K\0", "K\2K\3\x86", "K\1\x85"))), "whole numbers" },
  { "nine-dimensions",
    BYTES (
        DICT_OF (TENSOR ("K\0", "(K\1K\1K\1K\1K\1K\1K\1K\1K\1t", "(K\1K\1K\1K\1K\1K\1K\1K\1K\1t"))),
    "at most 8" },
  { "expanded-to-a-terabyte",
    BYTES (DICT_OF (TENSOR ("K\0", "J\0\0\x10\0J\0\0\4\0\x86", "K\0K\0\x86"))), "far larger" },
};

static void
test_hostile (WeightsFixture *fixture, gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);

  pth_write (fixture, hostile[i].pickle, hostile[i].n_bytes, ZIP_CM_STORE);
  weights_fixture_assert_refused_flat (fixture, fv_weights_load, hostile[i].phrase);
}

/* Ten million lists in a pickle of ten megabytes. */
static void
test_too_many_objects (WeightsFixture *fixture, gconstpointer data)
{
  const gsize n_bytes = 10 * 1000 * 1000;
  g_autofree char *pickle = g_malloc (n_bytes);

  memset (pickle, ']', n_bytes);
  pth_write (fixture, pickle, n_bytes, ZIP_CM_STORE);
  weights_fixture_assert_refused (fixture, fv_pth_load, "more objects");
}

/* Each level holds the one before: freeing must not recurse. */
static void
test_deep_nesting (WeightsFixture *fixture, gconstpointer data)
{
  g_autoptr (GByteArray) pickle = g_byte_array_new ();
  g_autoptr (FvStateDict) dict = NULL;

  g_byte_array_append (pickle, (const guint8 *) BYTES (PROTO "}" TEXT ("\1", "w") ROW "sN"));
  for (int i = 0; i < 1000 * 1000; i++)
    g_byte_array_append (pickle, (const guint8 *) "\x85", 1);
  g_byte_array_append (pickle, (const guint8 *) BYTES ("\x85q\1."));
  pth_write (fixture, pickle->data, pickle->len, ZIP_CM_STORE);
  weights_fixture_assert_refused (fixture, fv_pth_load, "no dictionary of tensors");
}

/* Damage that a checksum hides in the test above: the pickle alone, packed soundly each time. */
static void
test_damaged_pickle (WeightsFixture *fixture, gconstpointer data)
{
  static const char pickle[]
      = PROTO HOOKS "q\0(" TEXT ("\1", "a") TENSOR ("K\0", "K\3K\2\x86", "K\1K\3\x86")         //
      TEXT ("\1", "b") GLOBAL ("torch._utils", "_rebuild_parameter") "(" ROW "\x88" HOOKS "tR" //
      TEXT ("\1", "l") "](K\1h\0eu}" TEXT ("\x09", "_metadata") HOOKS "sb.";
  g_autoptr (GRand) rand = g_rand_new_with_seed (2);
  char damaged[sizeof pickle - 1];

  for (int i = 0; i < N_FLIPS / 4; i++) {
    memcpy (damaged, pickle, sizeof damaged);
    for (int j = g_rand_int_range (rand, 1, 4); j > 0; j--)
      damaged[g_rand_int_range (rand, 0, sizeof damaged)] = (char) g_rand_int (rand);
    pth_write (fixture, damaged, sizeof damaged, ZIP_CM_STORE);
    weights_fixture_try (fixture, fv_pth_load);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (hostile); i++) {
    g_autofree char *path = g_strconcat ("/pickle/refuses/", hostile[i].name, NULL);

    g_test_add (path, WeightsFixture, GSIZE_TO_POINTER (i), weights_fixture_set_up, test_hostile,
                weights_fixture_tear_down);
  }
  TEST ("refuses/too-many-objects", test_too_many_objects);
  TEST ("refuses/deep-nesting", test_deep_nesting);
  TEST ("survives-damage", test_damaged_pickle);
  return g_test_run ();
}
