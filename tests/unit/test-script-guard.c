/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a TorchScript archive says, in front of libtorch: code and descriptions that PyTorch would
 * write pass, and each way out that is known is refused, beside a twin that differs as little as
 * possible and passes. */

#include "fv-script-operators.h"
#include "script-fixture.h"

#define TEST(name, function)                                                                       \
  g_test_add ("/script-guard/" name, WeightsFixture, NULL, weights_fixture_set_up, function,       \
              weights_fixture_tear_down)

/* -- source ----------------------------------------------------------------------------------- */

#define FOREIGN "PyTorch does not write"

static const struct {
  const char *name;
  const char *body;
  const char *phrase;
} bodies[] = {
  { "plain", "x0 = torch.relu_(x)", NULL },
  { "from-file", "x0 = torch.from_file(\"x\", True, 10)", "(aten::from_file)" },
  { "blanks", "x0 = (torch\n      . # here\n  from_file)(\"x\", True, 10)", "(aten::from_file)" },
  { "list", "ops.prim.rpc_sync(x); torch.save(x)", FOREIGN },
  { "all-at-once", "ops.prim.rpc_sync(torch.save(x), \"x\".from_file(torch.save(x)))",
    "(aten::from_file, aten::save, prim::rpc_sync)" },
  { "random", "x0 = torch.randn([1])", "(aten::randn)" },
  { "random-layer", "x0 = torch.bernoulli_(x, 0.5)", NULL },
  { "other-library", "x0 = ops.torchvision.nms(x, x, 0.5)", "(torchvision::nms)" },
  { "method", "x0 = \"x\".from_file(True, 10)", "(aten::from_file)" },
  { "method-allowed", "x0 = x.relu()", NULL },
  { "method-kept", "x0 = \"x\".from_file", "(aten::from_file)" },
  { "method-unknown", "x0 = x.made_up()", "(aten::made_up)" },
  { "method-of-result", "x0 = \"{}\".format(1)\\\n.from_file(True, 10)", FOREIGN },
  { "getattr", "x0 = getattr(\"x\", \"from_file\")(True, 10)", "(aten::from_file)" },
  { "getattr-attribute", "x0 = getattr(getattr(self, \"0\"), \"w\")", NULL },
  { "getattr-joined", "x0 = getattr(\"x\", \"from_\" \"file\")(True, 10)", FOREIGN },
  { "getattr-escaped", "x0 = getattr(\"x\", \"from\\137file\")(True, 10)", FOREIGN },
  { "getattr-default", "x0 = getattr(\"x\", \"from_file\", \"w\")(True, 10)", FOREIGN },
  { "getattr-variable", "x0 = getattr(\"x\", y)(True, 10)", FOREIGN },
  { "getattr-renamed", "x0 = getattr\n    x1 = x0(\"x\", \"from_file\")", FOREIGN },
  { "torch-renamed", "t = torch\n    x0 = t.relu(x)", FOREIGN },
  { "torch-in-getattr", "x0 = getattr(torch, \"relu\")(x)", FOREIGN },
  { "torch-submodule", "x0 = torch.autograd.from_file(\"x\")", "aten::autograd, aten::from_file" },
  { "ops", "x0 = ops.aten.relu(x)", NULL },
  { "ops-renamed", "o = ops.aten\n    x0 = o.relu(x)", FOREIGN },
  { "constants", "x0 = CONSTANTS.c0", NULL },
  { "constants-other", "x0 = CONSTANTS.relu", FOREIGN },
  { "constants-renamed", "x0 = CONSTANTS", FOREIGN },
  { "class", "x0 = __torch__.net.Net(x)", NULL },
  { "class-new", "x0 = __torch__.net.Net.__new__(__torch__.net.Net)", NULL },
  { "class-undefined", "x0 = __torch__.net.Other(x)", FOREIGN },
  { "class-namespace", "x0 = __torch__.net", FOREIGN },
  { "class-custom", "x0 = __torch__.torch.classes.a.B(x)", FOREIGN },
  { "member-of-class", "x0 = __torch__.net.Net.from_file(x)", "(aten::from_file)" },
  { "fork", "x0 = fork(x)", "(prim::fork)" },
  { "text", "x0 = \"torch.save(x)\"", NULL },
  { "text-with-quote", "x0 = \"a\\\".from_file(True, 10)\"", NULL },
  { "text-before-method", "x0 = \"a\\\\\".from_file(True, 10)", "(aten::from_file)" },
  { "text-of-three", "x0 = \"\"\"a\"b\"\"\".from_file(True, 10)", "(aten::from_file)" },
  { "text-empty", "x0 = \"\".from_file(True, 10)", "(aten::from_file)" },
  { "text-open", "x0 = \"a", FOREIGN },
  { "comment", "x0 = x # torch.save(x)", NULL },
  { "comment-of-types", "x0 = x # type: torch.save(x)", "(aten::save)" },
  { "numbers", "x0 = [1, 1., .5, 1e-05, 2.5E3, 1j]", NULL },
  { "number-before-method", "x0 = 1..from_file(True, 10)", "(aten::from_file)" },
  { "number-hexadecimal", "x0 = 0x10", FOREIGN },
  { "carriage-return", "x0 = x\r", FOREIGN },
  { "not-ascii", "x0 = ü", FOREIGN },
  { "ellipsis", "x0 = x[..., 0]", NULL },
  { "brackets", "x0 = x)", FOREIGN },
  { "setstate", "x0 = self.__setstate__(x)", "while it is loaded" },
};

static void
test_body (WeightsFixture *fixture, gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);

  script_assert_parts (fixture, &(ScriptParts){ .body = bodies[i].body }, bodies[i].phrase);
}

static void
test_members (WeightsFixture *fixture, gconstpointer data)
{
  static const struct {
    const char *members;
    const char *body;
    const char *phrase;
  } members[] = {
    { "  def helper(self, x: Tensor) -> Tensor:\n    return x\n", "x0 = (self).helper(x)", NULL },
    { "  def from_file(self, x: Tensor) -> Tensor:\n    return x\n", "x0 = (self).from_file(x)",
      "(aten::from_file)" },
    { "  from_file : Tensor\n", "x0 = \"x\".from_file(True, 10)", "(aten::from_file)" },
    { "  factor : Tensor\n", "x0 = self.factor", NULL },
    { "  def __setstate__(self, x: Tensor) -> NoneType:\n    return None\n", "x0 = x",
      "“__setstate__” in line 4 of “__torch__/net.py”" },
    { "  def __getstate__(self) -> Tensor:\n    return self.w\n", "x0 = x", "“__getstate__”" },
    { "  def other(self, x: Tensor=torch.from_file(\"x\")) -> Tensor:\n    return x\n", "x0 = x",
      "(aten::from_file)" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (members); i++)
    script_assert_parts (fixture,
                         &(ScriptParts){ .members = members[i].members, .body = members[i].body },
                         members[i].phrase);
}

static void
test_nesting (WeightsFixture *fixture, gconstpointer data)
{
  const gsize depths[] = { 400, 600 };

  for (gsize i = 0; i < G_N_ELEMENTS (depths); i++) {
    g_autofree char *open = g_strnfill (depths[i], '(');
    g_autofree char *close = g_strnfill (depths[i], ')');
    g_autofree char *body = g_strconcat ("x0 = ", open, "x", close, NULL);

    script_assert_parts (fixture, &(ScriptParts){ .body = body }, i == 0 ? NULL : FOREIGN);
  }
}

/* More operators off the list than a sentence holds: their number is said. */
static void
test_long_list (WeightsFixture *fixture, gconstpointer data)
{
  g_autoptr (GString) body = g_string_new ("x0 = [");

  for (int i = 0; i < 1000; i++)
    g_string_append_printf (body, "torch.op%03d(x), ", i);
  g_string_append_c (body, ']');
  script_assert_parts (fixture, &(ScriptParts){ .body = body->str }, "aten::op000, aten::op001, ");
  weights_fixture_assert_refused (fixture, script_guard,
                                  "aten::op046 and 953 more): take them out");
}

/* -- pickles ---------------------------------------------------------------------------------- */

#define PICKLE(function, arguments) GLOBAL ("torch.jit._pickle", function) arguments "R"
#define TAGGED(length, type) PROTO PICKLE ("restore_type_tag", "]" TEXT (length, type) "\x86") "."

static const struct {
  const char *name;
  const char *pickle;
  gsize n_bytes;
  const char *phrase;
} pickles[] = {
  { "object", BYTES (NET), NULL },
  { "numbers", BYTES (PROTO "(NK\1\x88\x89" LONG1 ("\1\0\0\0\0\0\0\0") "G\0\0\0\0\0\0\0\0t."),
    NULL },
  { "list-of-integers", BYTES (PROTO PICKLE ("build_intlist", "](K\1K\2e\x85") "."), NULL },
  { "list-of-nothing", BYTES (PROTO PICKLE ("build_intlist", "K\1\x85") "."), "calls" },
  { "tagged", BYTES (TAGGED ("\x09", "List[str]")), NULL },
  { "tagged-by-code", BYTES (TAGGED ("\x05", "f(\"\")")), "calls" },
  { "tagged-by-class", BYTES (TAGGED ("\x0f", "torch.classes.A")), "calls" },
  { "device", BYTES (PROTO GLOBAL ("torch", "device") TEXT ("\3", "cpu") "\x85R."), NULL },
  { "complex", BYTES (PROTO GLOBAL ("builtins", "complex") "K\1K\1\x86R."), NULL },
  { "enumeration", BYTES (PROTO CLASS "K\1\x85R."), NULL },
  { "unknown-class", BYTES (PROTO GLOBAL ("__torch__.net", "Other") ")\x81."),
    "“__torch__.net.Other” is not allowed" },
  { "custom-class", BYTES (PROTO GLOBAL ("__torch__.torch.classes.a", "B") ")\x81."),
    "is not allowed" },
  { "function", BYTES (PROTO GLOBAL ("os", "system") TEXT ("\2", "ls") "\x85R."), "“os.system”" },
  { "object-of-list", BYTES (PROTO "])\x81."), "no class" },
  { "object-with-arguments", BYTES (PROTO CLASS "K\1\x85\x81."), "no class" },
  { "quantised", BYTES (PROTO GLOBAL ("torch._utils", "_rebuild_qtensor") "."), "not allowed" },
  { "endless", BYTES (PROTO "}"), "damaged pickle" },
  { "empty", "", 0, "damaged pickle" },
  { "longer", BYTES (NET "."), "damaged pickle" },
  { "two-values", BYTES (PROTO "K\1K\1."), "damaged pickle" },
  { "open-mark", BYTES (PROTO "(K\1."), "damaged pickle" },
  { "odd-dictionary", BYTES (PROTO "}(K\1u."), "damaged pickle" },
  { "memo", BYTES (PROTO "]q\0h\0\x86."), NULL },
  { "memo-gap", BYTES (PROTO "]r\xff\xff\xff\xff."), "damaged pickle" },
  { "newer-protocol", BYTES ("\x80\4)."), "damaged pickle" },
  { "no-protocol", BYTES (")."), "damaged pickle" },
  { "string-opcode", BYTES (PROTO "S'ls'\n."), "opcode 0x53" },
  { "long-storage", BYTES (PROTO STORAGE ("FloatStorage", "0", "K\7") "."), "fewer values" },
  { "missing-storage", BYTES (PROTO STORAGE ("FloatStorage", "1", "K\1") "."), "fewer values" },
  { "empty-storage", BYTES (PROTO STORAGE ("FloatStorage", "1", "K\0") "."), NULL },
  { "tensor-beyond", BYTES (PROTO TENSOR ("K\1", "K\6\x85", "K\1\x85") "."), "beyond its values" },
};

static void
test_pickle (WeightsFixture *fixture, gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);

  script_assert_parts (fixture,
                       &(ScriptParts){ .data = pickles[i].pickle, .n_data = pickles[i].n_bytes },
                       pickles[i].phrase);
}

static void
test_debug_pickle (WeightsFixture *fixture, gconstpointer data)
{
  static const struct {
    const char *pickle;
    gsize n_bytes;
    const char *phrase;
  } debug[] = {
    { BYTES (EMPTY), NULL },
    { BYTES (PROTO ")"), "(in its “code/__torch__/net.py.debug_pkl”)" },
    { BYTES (PROTO ROW "."), "fewer values" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (debug); i++)
    script_assert_parts (fixture,
                         &(ScriptParts){ .debug = debug[i].pickle, .n_debug = debug[i].n_bytes },
                         debug[i].phrase);
}

/* Three bytes of pickle would have libtorch read the same 40,000 bytes once more. */
static void
test_repeated_storage (WeightsFixture *fixture, gconstpointer data)
{
  const int n_times[] = { 4, 1000 };
  g_autofree guint8 *zeros = g_malloc0 (40000);

  for (gsize i = 0; i < G_N_ELEMENTS (n_times); i++) {
    g_autoptr (GString) pickle = g_string_new_len (BYTES (PROTO "(" TEXT ("\7", "storage")));
    ScriptParts parts = { 0 };
    g_autofree char *source = script_write_source (&parts);
    zip_t *zip;

    g_string_append_len (pickle, BYTES (GLOBAL ("torch", "FloatStorage") TEXT ("\1", "b")));
    g_string_append_len (pickle, BYTES (TEXT ("\3", "cpu") "M\x10\x27tq\0Q"));
    for (int j = 1; j < n_times[i]; j++)
      g_string_append_len (pickle, BYTES ("h\0Q\x86"));
    g_string_append_c (pickle, '.');
    parts = (ScriptParts){ .data = pickle->str, .n_data = pickle->len };
    zip = script_begin (fixture, &parts, source);
    pth_add_entry (zip, "top/data/b", zeros, 40000, ZIP_CM_STORE);
    g_assert_cmpint (zip_close (zip), ==, 0);
    if (i == 0)
      script_assert_passes (fixture);
    else
      weights_fixture_assert_refused (fixture, script_guard, "far larger tensors");
  }
}

/* -- the list --------------------------------------------------------------------------------- */

/* Every word of the list is found by the search, so the list is in order. */
static void
test_operators (void)
{
  g_autofree char *path = g_build_filename (g_getenv ("G_TEST_SRCDIR"), "..", "engine", "tensor",
                                            "fv-script-operators.c", NULL);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  const char *namespace = "aten";
  guint n_found = 0;
  g_auto (GStrv) lines = NULL;

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  lines = g_strsplit (text, "\n", -1);
  for (gsize i = 0; lines[i] != NULL && strstr (lines[i], "has_name (") == NULL; i++) {
    const char *start = strchr (lines[i], '"');
    g_auto (GStrv) words = NULL;

    if (strstr (lines[i], "prim_names[]") != NULL)
    namespace = "prim";
    if (start == NULL || g_str_has_prefix (lines[i], "#"))
      continue;
    words = g_strsplit_set (start, "\" ;", -1);
    for (gsize j = 0; words[j] != NULL; j++) {
      g_autofree char *name = g_strdup_printf ("%s::%s", namespace, words[j]);

      if (*words[j] == '\0')
        continue;
      g_assert_true (fv_script_operator_is_allowed (name));
      n_found++;
    }
  }
  g_assert_cmpuint (n_found, >, 800);
}

static void
test_operators_off_the_list (void)
{
  static const char *const names[] = { "aten::from_file",
                                       "aten::save",
                                       "aten::set_",
                                       "aten::cuda",
                                       "aten::wait",
                                       "aten::randn",
                                       "aten::",
                                       "aten::relu ",
                                       "aten::relu.",
                                       "aten::rel",
                                       "aten::relu relu",
                                       "aten::relu relu6",
                                       "prim::rpc_async",
                                       "prim::relu",
                                       "prim::fork",
                                       "relu",
                                       "",
                                       "torchvision::nms",
                                       "aten::~",
                                       "aten:: ",
                                       "quantized::add",
                                       "aten::_reshape_alias" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    g_assert_false (fv_script_operator_is_allowed (names[i]));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (bodies); i++) {
    g_autofree char *path = g_strconcat ("/script-guard/source/", bodies[i].name, NULL);

    g_test_add (path, WeightsFixture, GSIZE_TO_POINTER (i), weights_fixture_set_up, test_body,
                weights_fixture_tear_down);
  }
  for (gsize i = 0; i < G_N_ELEMENTS (pickles); i++) {
    g_autofree char *path = g_strconcat ("/script-guard/pickle/", pickles[i].name, NULL);

    g_test_add (path, WeightsFixture, GSIZE_TO_POINTER (i), weights_fixture_set_up, test_pickle,
                weights_fixture_tear_down);
  }
  TEST ("source/members", test_members);
  TEST ("source/nesting", test_nesting);
  TEST ("source/long-list", test_long_list);
  TEST ("pickle/debug", test_debug_pickle);
  TEST ("pickle/repeated-storage", test_repeated_storage);
  g_test_add_func ("/script-guard/operators/on-the-list", test_operators);
  g_test_add_func ("/script-guard/operators/off-the-list", test_operators_off_the_list);
  return g_test_run ();
}
