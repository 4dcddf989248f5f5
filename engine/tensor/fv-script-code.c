/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Two passes over the words of all modules: what they define, then what they use. */

#include "fv-script-code.h"

#include <string.h>

#include "fv-op.h"
#include "fv-script-lexer.h"
#include "fv-script-operators.h"

/* What makes an object of one of the archive's own classes: __torch__.net.Net.__new__ (…). */
#define NEW_OBJECT "__new__"
#define MAX_DEPTH 500
/* Names that all modules together may define, and use; the largest networks have some thousands. */
#define MAX_NAMES 100000
/* Bytes of a full name, "__torch__.a.b.Class". */
#define MAX_PATH_BYTES 1000
/* Beyond so many bytes a sentence lists no more operators; and bytes of each that it shows. */
#define MAX_LIST_BYTES 600
#define MAX_LISTED_BYTES 60

typedef struct {
  char *path;
  GBytes *source;
} Module;

struct _FvScriptCode {
  GPtrArray *modules;      /* Module *, owned */
  GHashTable *definitions; /* full names of classes and functions */
  GHashTable *declared;    /* methods, attributes and fields of any class, without path */
  GHashTable *known;       /* name -> whether a program may use it, as found before */
  GHashTable *refused;     /* operators off the list, "aten::from_file" */
};

/* An opened bracket. */
typedef struct {
  gboolean is_getattr;
  guint n_commas;
} Bracket;

/* Where the second pass stands in one module. */
typedef struct {
  FvScriptCode *code;
  FvScriptLexer lexer;
  FvScriptWord word;
  FvScriptWord last[2]; /* the words before it, nearest first */
  GArray *brackets;     /* Bracket */
} Walk;

static void
free_module (Module *module)
{
  g_free (module->path);
  g_bytes_unref (module->source);
  g_free (module);
}

static GHashTable *
new_set (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

FvScriptCode *
fv_script_code_new (void)
{
  FvScriptCode *self = g_new (FvScriptCode, 1);

  self->modules = g_ptr_array_new_with_free_func ((GDestroyNotify) free_module);
  self->definitions = new_set ();
  self->declared = new_set ();
  self->known = new_set ();
  self->refused = new_set ();
  return self;
}

void
fv_script_code_free (FvScriptCode *self)
{
  g_ptr_array_unref (self->modules);
  g_hash_table_unref (self->definitions);
  g_hash_table_unref (self->declared);
  g_hash_table_unref (self->known);
  g_hash_table_unref (self->refused);
  g_free (self);
}

GHashTable *
fv_script_code_get_definitions (const FvScriptCode *self)
{
  return self->definitions;
}

/* The methods that libtorch calls by itself. */
static gboolean
is_load_method (const FvScriptWord *word)
{
  return fv_script_word_is (word, "__setstate__") || fv_script_word_is (word, "__getstate__");
}

/* Refuses @module for what it has at @word. Returns FALSE. */
static gboolean
refuse_word (const Module *module, const FvScriptWord *word, GError **error)
{
  const char *source = g_bytes_get_data (module->source, NULL);
  guint line = 1;

  for (const char *c = source; c < word->text; c++)
    line += *c == '\n';
  if (is_load_method (word))
    g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_FILE,
                 "was refused: it would run code of its own while it is loaded, by “%.*s” in line "
                 "%u of “%s.py”",
                 (int) word->n_bytes, word->text, line, module->path);
  else
    g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_FILE,
                 "was refused: it has code that PyTorch does not write, in line %u of “%s.py”",
                 line, module->path);
  return FALSE;
}

/* -- what the modules define ------------------------------------------------------------------ */

static char *
dup_word (const FvScriptWord *word)
{
  return g_strndup (word->text, word->n_bytes);
}

/* @word begins a line, or follows what did. Names of local variables are noted as well; that does
 * no harm, as a name that is declared still must not be that of an operator. */
static void
note_definition (FvScriptCode *self, const char *qualifier, const FvScriptWord *word,
                 const FvScriptWord *next)
{
  gboolean defines = fv_script_word_is (word, "def") || fv_script_word_is (word, "class");

  if (defines && next->kind == FV_SCRIPT_NAME) {
    g_hash_table_add (self->declared, dup_word (next));
    if (!word->is_indented)
      g_hash_table_add (self->definitions,
                        g_strdup_printf ("%s.%.*s", qualifier, (int) next->n_bytes, next->text));
  } else if (fv_script_word_is (next, ":") || fv_script_word_is (next, "=")) {
    g_hash_table_add (self->declared, dup_word (word));
  }
}

gboolean
fv_script_code_add (FvScriptCode *self, const char *path, GBytes *source, GError **error)
{
  gsize n_bytes;
  const char *text = g_bytes_get_data (source, &n_bytes);
  FvScriptLexer lexer = fv_script_lexer_start (text, n_bytes);
  g_autofree char *qualifier = g_strdelimit (g_strdup (path), "/", '.');
  FvScriptWord word;
  FvScriptWord next;
  Module *module = g_new (Module, 1);

  *module = (Module){ .path = g_strdup (path), .source = g_bytes_ref (source) };
  g_ptr_array_add (self->modules, module);
  if (!fv_script_lexer_next (&lexer, &word))
    return refuse_word (module, &word, error);
  for (; word.kind != FV_SCRIPT_END; word = next) {
    if (!fv_script_lexer_next (&lexer, &next))
      return refuse_word (module, &next, error);
    if (word.starts_line && word.kind == FV_SCRIPT_NAME)
      note_definition (self, qualifier, &word, &next);
    if (g_hash_table_size (self->declared) > MAX_NAMES)
      return refuse_word (module, &word, error);
  }
  return TRUE;
}

/* -- names ------------------------------------------------------------------------------------ */

static void
use_operator (FvScriptCode *self, const char *name)
{
  if (!fv_script_operator_is_allowed (name))
    g_hash_table_add (self->refused, g_strdup (name));
}

/* Whether @name may stand behind a dot. Values find operators of these two namespaces. */
static gboolean
find_out_member (const FvScriptCode *self, const char *name)
{
  g_autofree char *aten = g_strconcat ("aten::", name, NULL);
  g_autofree char *prim = g_strconcat ("prim::", name, NULL);

  if (fv_script_operator_is_allowed (aten) || fv_script_operator_is_allowed (prim)
      || g_str_equal (name, NEW_OBJECT))
    return TRUE;
  return g_hash_table_contains (self->declared, name) && !fv_op_is_known (aten)
         && !fv_op_is_known (prim);
}

/* @word stands behind a dot: a method, an attribute, or an operator called as a method. */
static void
use_member (FvScriptCode *self, const FvScriptWord *word)
{
  g_autofree char *name = dup_word (word);
  gpointer is_fine;

  if (!g_hash_table_lookup_extended (self->known, name, NULL, &is_fine)) {
    is_fine = GINT_TO_POINTER (find_out_member (self, name));
    g_hash_table_insert (self->known, g_strdup (name), is_fine);
  }
  if (!GPOINTER_TO_INT (is_fine))
    g_hash_table_add (self->refused, g_strconcat ("aten::", name, NULL));
}

/* -- the second pass -------------------------------------------------------------------------- */

static gboolean
advance (Walk *walk)
{
  walk->last[1] = walk->last[0];
  walk->last[0] = walk->word;
  return fv_script_lexer_next (&walk->lexer, &walk->word);
}

/* Takes a dot and a name, which becomes the current word. */
static gboolean
advance_to_member (Walk *walk)
{
  return advance (walk) && fv_script_word_is (&walk->word, ".") && advance (walk)
         && walk->word.kind == FV_SCRIPT_NAME;
}

/* torch.NAME */
static gboolean
walk_torch (Walk *walk)
{
  g_autofree char *name = NULL;

  if (!advance_to_member (walk))
    return FALSE;
  name = g_strdup_printf ("aten::%.*s", (int) walk->word.n_bytes, walk->word.text);
  use_operator (walk->code, name);
  return TRUE;
}

/* ops.NAMESPACE.NAME */
static gboolean
walk_ops (Walk *walk)
{
  g_autofree char *namespace = NULL;
  g_autofree char *name = NULL;

  if (!advance_to_member (walk))
    return FALSE;
  namespace = dup_word (&walk->word);
  if (!advance_to_member (walk))
    return FALSE;
  name = g_strdup_printf ("%s::%.*s", namespace, (int) walk->word.n_bytes, walk->word.text);
  use_operator (walk->code, name);
  return TRUE;
}

/* CONSTANTS.c12 */
static gboolean
walk_constants (Walk *walk)
{
  if (!advance_to_member (walk) || walk->word.n_bytes < 2 || walk->word.text[0] != 'c')
    return FALSE;
  for (gsize i = 1; i < walk->word.n_bytes; i++)
    if (!g_ascii_isdigit (walk->word.text[i]))
      return FALSE;
  return TRUE;
}

/* __torch__.a.b.Class, up to the first thing on the way that is defined. Its own name is looked at
 * as a member's is, or a class could lend an operator its name. */
static gboolean
walk_definition (Walk *walk)
{
  g_autoptr (GString) path = g_string_new ("__torch__");

  while (!g_hash_table_contains (walk->code->definitions, path->str)) {
    if (path->len > MAX_PATH_BYTES || !advance_to_member (walk))
      return FALSE;
    g_string_append_c (path, '.');
    g_string_append_len (path, walk->word.text, (gssize) walk->word.n_bytes);
  }
  use_member (walk->code, &walk->word);
  return TRUE;
}

static gboolean
walk_name (Walk *walk)
{
  if (is_load_method (&walk->word) || g_hash_table_size (walk->code->known) > MAX_NAMES
      || g_hash_table_size (walk->code->refused) > MAX_NAMES)
    return FALSE;
  if (fv_script_word_is (&walk->last[0], "."))
    use_member (walk->code, &walk->word);
  else if (fv_script_word_is (&walk->word, "torch"))
    return walk_torch (walk);
  else if (fv_script_word_is (&walk->word, "ops"))
    return walk_ops (walk);
  else if (fv_script_word_is (&walk->word, "CONSTANTS"))
    return walk_constants (walk);
  else if (fv_script_word_is (&walk->word, "__torch__"))
    return walk_definition (walk);
  else if (fv_script_word_is (&walk->word, "fork"))
    use_operator (walk->code, "prim::fork");
  return TRUE;
}

/* The end of getattr (VALUE, "NAME"): a text that is no identifier can only be an attribute. */
static gboolean
walk_getattr (Walk *walk, const Bracket *bracket)
{
  FvScriptWord name = walk->last[0];

  if (bracket->n_commas != 1 || name.kind != FV_SCRIPT_STRING
      || !fv_script_word_is (&walk->last[1], ",") || name.n_bytes < 3
      || memchr (name.text, '\\', name.n_bytes) != NULL)
    return FALSE;
  name.text++;
  name.n_bytes -= 2;
  if (g_ascii_isdigit (*name.text))
    return TRUE;
  for (gsize i = 0; i < name.n_bytes; i++)
    if (!g_ascii_isalnum (name.text[i]) && name.text[i] != '_')
      return TRUE;
  use_member (walk->code, &name);
  return TRUE;
}

static gboolean
walk_mark (Walk *walk)
{
  GArray *brackets = walk->brackets;
  Bracket *top = brackets->len > 0 ? &g_array_index (brackets, Bracket, brackets->len - 1) : NULL;
  gboolean is_fine = TRUE;

  switch (*walk->word.text) {
  case '(':
  case '[':
  case '{': {
    Bracket bracket = { fv_script_word_is (&walk->last[0], "getattr"), 0 };

    g_array_append_val (brackets, bracket);
    return brackets->len <= MAX_DEPTH;
  }
  case ')':
  case ']':
  case '}':
    if (top == NULL)
      return FALSE;
    if (top->is_getattr)
      is_fine = walk_getattr (walk, top);
    g_array_set_size (brackets, brackets->len - 1);
    return is_fine;
  case ',':
    if (top != NULL)
      top->n_commas++;
    return TRUE;
  default:
    return TRUE;
  }
}

/* FALSE at the word that must not be there. */
static gboolean
walk_word (Walk *walk)
{
  if (fv_script_word_is (&walk->last[0], "getattr") && !fv_script_word_is (&walk->word, "("))
    return FALSE;
  if (walk->word.kind == FV_SCRIPT_NAME)
    return walk_name (walk);
  if (walk->word.kind == FV_SCRIPT_MARK)
    return walk_mark (walk);
  return TRUE;
}

static gboolean
check_module (FvScriptCode *self, const Module *module, GError **error)
{
  g_autoptr (GArray) brackets = g_array_new (FALSE, FALSE, sizeof (Bracket));
  gsize n_bytes;
  const char *text = g_bytes_get_data (module->source, &n_bytes);
  Walk walk = { .code = self, .brackets = brackets };

  walk.lexer = fv_script_lexer_start (text, n_bytes);
  do
    if (!advance (&walk) || !walk_word (&walk))
      return refuse_word (module, &walk.word, error);
  while (walk.word.kind != FV_SCRIPT_END);
  return TRUE;
}

/* Names all refused operators in one sentence, in order. Returns FALSE. */
static gboolean
refuse_operators (const FvScriptCode *self, GError **error)
{
  g_autoptr (GList) names
      = g_list_sort (g_hash_table_get_keys (self->refused), (GCompareFunc) strcmp);
  g_autoptr (GString) list = g_string_new (NULL);
  guint n_listed = 0;

  for (const GList *l = names; l != NULL && list->len < MAX_LIST_BYTES; l = l->next, n_listed++)
    g_string_append_printf (list, "%s%.*s", n_listed > 0 ? ", " : "", MAX_LISTED_BYTES,
                            (const char *) l->data);
  if (g_hash_table_size (self->refused) > n_listed)
    g_string_append_printf (list, " and %u more", g_hash_table_size (self->refused) - n_listed);
  g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_FILE,
               "was refused: it uses operators that Fovea does not run (%s): take them out of the "
               "network and save it again",
               list->str);
  return FALSE;
}

gboolean
fv_script_code_check (FvScriptCode *self, GError **error)
{
  for (guint i = 0; i < self->modules->len; i++)
    if (!check_module (self, g_ptr_array_index (self->modules, i), error))
      return FALSE;
  if (g_hash_table_size (self->refused) > 0)
    return refuse_operators (self, error);
  return TRUE;
}
