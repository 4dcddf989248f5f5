/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Lists, tuples and dictionaries of a script exist only while it is recorded: the graph sees what
 * is in them. */

#include "fv-list.h"
#include "fv-script-parts.h"

typedef gboolean (*Handler) (FvRecorder *self, FvScriptNode *node, GError **error);

static FvSymbol *
first_input (FvRecorder *self, FvScriptNode *node)
{
  return fv_recorder_get_input (self, node, 0);
}

static void
take_same (FvRecorder *self, FvScriptNode *node, FvSymbol *symbol)
{
  if (fv_script_node_get_n_outputs (node) > 0)
    fv_recorder_take_output (self, node, 0, fv_symbol_ref (symbol));
}

/* -- making --------------------------------------------------------------------------------- */

static gboolean
make_list (FvRecorder *self, FvScriptNode *node, G_GNUC_UNUSED GError **error)
{
  FvSymbol *list = fv_symbol_new_container (FV_SYMBOL_LIST);

  for (guint i = 0; i < fv_script_node_get_n_inputs (node); i++)
    fv_symbol_add_item (list, NULL, fv_recorder_get_input (self, node, i));
  fv_recorder_take_output (self, node, 0, list);
  return TRUE;
}

static gboolean
make_tuple (FvRecorder *self, FvScriptNode *node, G_GNUC_UNUSED GError **error)
{
  FvSymbol *tuple = fv_symbol_new_container (FV_SYMBOL_TUPLE);
  g_auto (GStrv) fields = fv_script_node_get_fields (node);

  for (guint i = 0; i < fv_script_node_get_n_inputs (node); i++)
    fv_symbol_add_item (tuple, fields != NULL ? fields[i] : NULL,
                        fv_recorder_get_input (self, node, i));
  fv_recorder_take_output (self, node, 0, tuple);
  return TRUE;
}

static const char *
get_key (const FvRecorder *self, const FvSymbol *key, GError **error)
{
  if (fv_symbol_is_value (key, FV_VALUE_STRING) && fv_symbol_is_constant (key))
    return key->value.string;
  fv_recorder_refuse (self, error, "uses a dictionary whose keys are not text");
  return NULL;
}

static void
set_item (FvSymbol *dict, const char *key, FvSymbol *item)
{
  for (guint i = 0; dict->names != NULL && i < dict->names->len; i++)
    if (g_str_equal (g_ptr_array_index (dict->names, i), key)) {
      fv_symbol_unref (dict->items->pdata[i]);
      dict->items->pdata[i] = fv_symbol_ref (item);
      return;
    }
  fv_symbol_add_item (dict, key, item);
}

static gboolean
make_dict (FvRecorder *self, FvScriptNode *node, GError **error)
{
  g_autoptr (FvSymbol) dict = fv_symbol_new_container (FV_SYMBOL_DICT);

  for (guint i = 0; i + 1 < fv_script_node_get_n_inputs (node); i += 2) {
    const char *key = get_key (self, fv_recorder_get_input (self, node, i), error);

    if (key == NULL)
      return FALSE;
    set_item (dict, key, fv_recorder_get_input (self, node, i + 1));
  }
  fv_recorder_take_output (self, node, 0, g_steal_pointer (&dict));
  return TRUE;
}

/* OrderedDict () */
static gboolean
make_empty_dict (FvRecorder *self, FvScriptNode *node, GError **error)
{
  if (fv_script_node_get_n_inputs (node) > 0)
    return fv_recorder_refuse (self, error, "copies a dictionary, which Fovea cannot follow");
  fv_recorder_take_output (self, node, 0, fv_symbol_new_container (FV_SYMBOL_DICT));
  return TRUE;
}

/* -- opening -------------------------------------------------------------------------------- */

static FvSymbol *
item_of_value (FvRecorder *self, FvSymbol *list, gsize index, GError **error)
{
  FvValue value;
  FvSymbol *item;

  if (!fv_list_get_item (&list->value, (gint64) index, &value, error))
    return NULL;
  if (fv_symbol_is_constant (list))
    return fv_symbol_new_constant (value);
  item = fv_symbol_new_value (
      value,
      fv_from (fv_graph_add_item (self->graph, self->module, list->argument.index, (gint64) index)),
      list->from_picture);
  item->form_from_picture = list->form_from_picture;
  if (list->base != NULL) {
    fv_symbol_set_base (item, list->base, NULL, NULL, 0);
    item->seen_version = list->seen_version;
  }
  return item;
}

/* How many pieces aten::split or aten::chunk makes depends on the size of the picture. */
static void
guard_length (FvRecorder *self, const FvSymbol *list)
{
  const FvValue length = fv_int ((gint64) list->value.n);

  if (list->value.kind == FV_VALUE_TENSORS && !fv_symbol_is_constant (list))
    fv_guards_add (fv_graph_get_guards (self->graph),
                   fv_graph_add_op (self->graph, self->module, "aten::len.t", &list->argument, 1),
                   &length);
}

gboolean
fv_recorder_open_list (FvRecorder *self, FvSymbol *list, GError **error)
{
  gsize length;
  g_autoptr (FvSymbol) opened = NULL;

  if (list->kind != FV_SYMBOL_VALUE)
    return TRUE;
  length = fv_list_get_length (&list->value);
  if (length == G_MAXSIZE)
    return fv_recorder_refuse (self, error, "takes apart something that is no list");
  guard_length (self, list);
  opened = fv_symbol_new_container (FV_SYMBOL_LIST);
  for (gsize i = 0; i < length; i++) {
    g_autoptr (FvSymbol) item = item_of_value (self, list, i, error);

    if (item == NULL)
      return FALSE;
    fv_symbol_add_item (opened, NULL, item);
  }
  list->kind = FV_SYMBOL_LIST;
  list->items = g_steal_pointer (&opened->items);
  fv_value_clear (&list->value);
  return TRUE;
}

static gboolean
unpack (FvRecorder *self, FvScriptNode *node, GError **error)
{
  FvSymbol *container = first_input (self, node);
  guint n = fv_script_node_get_n_outputs (node);

  if (!fv_recorder_open_list (self, container, error))
    return FALSE;
  if (container->items == NULL || container->items->len != n)
    return fv_recorder_refuse (self, error, "takes a list of %u apart into %u",
                               container->items != NULL ? container->items->len : 0, n);
  for (guint i = 0; i < n; i++)
    fv_recorder_take_output (self, node, i,
                             fv_symbol_ref (g_ptr_array_index (container->items, i)));
  return TRUE;
}

/* -- lists ---------------------------------------------------------------------------------- */

/* The place that input @which names in @list, where @past_end allows one place more. */
static gboolean
get_index (FvRecorder *self, FvScriptNode *node, guint which, const FvSymbol *list,
           gboolean past_end, guint *index, GError **error)
{
  const FvValue *value
      = fv_recorder_decide (self, fv_recorder_get_input (self, node, which), error);
  gint64 place;

  if (value == NULL)
    return FALSE;
  place = value->integer < 0 ? value->integer + list->items->len : value->integer;
  if (place < 0 || place >= list->items->len + (past_end ? 1 : 0))
    return fv_recorder_refuse (self, error, "reads beyond the end of a list");
  *index = (guint) place;
  return TRUE;
}

static gboolean
list_get (FvRecorder *self, FvScriptNode *node, GError **error)
{
  FvSymbol *list = first_input (self, node);
  guint index;

  if (!get_index (self, node, 1, list, FALSE, &index, error))
    return FALSE;
  take_same (self, node, g_ptr_array_index (list->items, index));
  return TRUE;
}

static gboolean
list_set (FvRecorder *self, FvScriptNode *node, GError **error)
{
  FvSymbol *list = first_input (self, node);
  guint index;

  if (!get_index (self, node, 1, list, FALSE, &index, error))
    return FALSE;
  fv_symbol_unref (list->items->pdata[index]);
  list->items->pdata[index] = fv_symbol_ref (fv_recorder_get_input (self, node, 2));
  take_same (self, node, list);
  return TRUE;
}

static gboolean
list_append (FvRecorder *self, FvScriptNode *node, G_GNUC_UNUSED GError **error)
{
  FvSymbol *list = first_input (self, node);

  fv_symbol_add_item (list, NULL, fv_recorder_get_input (self, node, 1));
  take_same (self, node, list);
  return TRUE;
}

static gboolean
list_insert (FvRecorder *self, FvScriptNode *node, GError **error)
{
  FvSymbol *list = first_input (self, node);
  guint index;

  if (!get_index (self, node, 1, list, TRUE, &index, error))
    return FALSE;
  g_ptr_array_insert (list->items, (int) index,
                      fv_symbol_ref (fv_recorder_get_input (self, node, 2)));
  return TRUE;
}

static gboolean
list_pop (FvRecorder *self, FvScriptNode *node, GError **error)
{
  FvSymbol *list = first_input (self, node);
  guint index;

  if (!get_index (self, node, 1, list, FALSE, &index, error))
    return FALSE;
  fv_recorder_take_output (self, node, 0, g_ptr_array_steal_index (list->items, index));
  return TRUE;
}

static gboolean
list_reverse (FvRecorder *self, FvScriptNode *node, G_GNUC_UNUSED GError **error)
{
  GPtrArray *items = first_input (self, node)->items;

  for (guint i = 0; i < items->len / 2; i++) {
    gpointer other = items->pdata[items->len - 1 - i];

    items->pdata[items->len - 1 - i] = items->pdata[i];
    items->pdata[i] = other;
  }
  return TRUE;
}

static gboolean
list_clear (FvRecorder *self, FvScriptNode *node, G_GNUC_UNUSED GError **error)
{
  g_ptr_array_set_size (first_input (self, node)->items, 0);
  return TRUE;
}

static gboolean
append_all (FvRecorder *self, FvSymbol *list, FvSymbol *more, GError **error)
{
  if (!fv_recorder_open_list (self, more, error))
    return FALSE;
  for (guint i = 0, n = more->items->len; i < n; i++)
    fv_symbol_add_item (list, NULL, g_ptr_array_index (more->items, i));
  return TRUE;
}

static gboolean
list_extend (FvRecorder *self, FvScriptNode *node, GError **error)
{
  FvSymbol *list = first_input (self, node);

  if (!append_all (self, list, fv_recorder_get_input (self, node, 1), error))
    return FALSE;
  take_same (self, node, list);
  return TRUE;
}

static FvSymbol *
copy_list (const FvSymbol *list, guint start, guint end, guint step)
{
  FvSymbol *copy = fv_symbol_new_container (FV_SYMBOL_LIST);

  for (guint i = start; i < end; i += step)
    fv_symbol_add_item (copy, NULL, g_ptr_array_index (list->items, i));
  return copy;
}

static gboolean
list_copy (FvRecorder *self, FvScriptNode *node, G_GNUC_UNUSED GError **error)
{
  FvSymbol *list = first_input (self, node);

  fv_recorder_take_output (self, node, 0, copy_list (list, 0, list->items->len, 1));
  return TRUE;
}

static gboolean
list_add (FvRecorder *self, FvScriptNode *node, GError **error)
{
  FvSymbol *list = first_input (self, node);
  g_autoptr (FvSymbol) sum = copy_list (list, 0, list->items->len, 1);

  if (!append_all (self, sum, fv_recorder_get_input (self, node, 1), error))
    return FALSE;
  fv_recorder_take_output (self, node, 0, g_steal_pointer (&sum));
  return TRUE;
}

/* An end of a slice: NONE means @otherwise; what lies outside is cut off. */
static gboolean
get_bound (FvRecorder *self, FvScriptNode *node, guint which, guint length, guint otherwise,
           guint *bound, GError **error)
{
  FvSymbol *symbol = fv_recorder_get_input (self, node, which);
  const FvValue *value;
  gint64 place;

  *bound = otherwise;
  if (fv_symbol_is_value (symbol, FV_VALUE_NONE))
    return TRUE;
  value = fv_recorder_decide (self, symbol, error);
  if (value == NULL)
    return FALSE;
  place = value->integer < 0 ? value->integer + length : value->integer;
  *bound = (guint) CLAMP (place, 0, (gint64) length);
  return TRUE;
}

static gboolean
list_slice (FvRecorder *self, FvScriptNode *node, GError **error)
{
  FvSymbol *list = first_input (self, node);
  guint length = list->items->len;
  guint start, end;
  const FvValue *step;

  if (!get_bound (self, node, 1, length, 0, &start, error)
      || !get_bound (self, node, 2, length, length, &end, error))
    return FALSE;
  step = fv_recorder_decide (self, fv_recorder_get_input (self, node, 3), error);
  if (step == NULL)
    return FALSE;
  if (step->integer < 1 || step->integer > G_MAXINT16)
    return fv_recorder_refuse (self, error, "takes every %" G_GINT64_FORMAT "th element of a list",
                               step->integer);
  fv_recorder_take_output (self, node, 0, copy_list (list, start, end, (guint) step->integer));
  return TRUE;
}

/* Whether a list of constants holds a constant, as in “mode in ["batch", "row"]”. */
static gboolean
list_contains (FvRecorder *self, FvScriptNode *node, GError **error)
{
  const FvSymbol *list = first_input (self, node);
  const FvSymbol *wanted = fv_recorder_get_input (self, node, 1);
  gboolean found = FALSE;

  for (guint i = 0; i < list->items->len; i++) {
    const FvSymbol *item = g_ptr_array_index (list->items, i);

    if (!fv_symbol_is_constant (item) || !fv_symbol_is_constant (wanted))
      return fv_recorder_refuse (self, error,
                                 "looks for a size in a list, which Fovea cannot follow");
    found = found || fv_value_equal (&item->value, &wanted->value);
  }
  fv_recorder_take_output (self, node, 0, fv_symbol_new_constant (fv_bool (found)));
  return TRUE;
}

static gboolean
container_length (FvRecorder *self, FvScriptNode *node, G_GNUC_UNUSED GError **error)
{
  FvSymbol *container = first_input (self, node);

  fv_recorder_take_output (self, node, 0, fv_symbol_new_constant (fv_int (container->items->len)));
  return TRUE;
}

/* -- dictionaries --------------------------------------------------------------------------- */

static gboolean
dict_get (FvRecorder *self, FvScriptNode *node, GError **error)
{
  const char *key = get_key (self, fv_recorder_get_input (self, node, 1), error);
  FvSymbol *item = key != NULL ? fv_symbol_find_item (first_input (self, node), key) : NULL;

  if (key == NULL)
    return FALSE;
  if (item == NULL)
    return fv_recorder_refuse (self, error, "looks for “%s” in a dictionary that has none", key);
  take_same (self, node, item);
  return TRUE;
}

static gboolean
dict_set (FvRecorder *self, FvScriptNode *node, GError **error)
{
  const char *key = get_key (self, fv_recorder_get_input (self, node, 1), error);

  if (key == NULL)
    return FALSE;
  set_item (first_input (self, node), key, fv_recorder_get_input (self, node, 2));
  return TRUE;
}

static gboolean
dict_contains (FvRecorder *self, FvScriptNode *node, GError **error)
{
  const char *key = get_key (self, fv_recorder_get_input (self, node, 1), error);
  gboolean found;

  if (key == NULL)
    return FALSE;
  found = fv_symbol_find_item (first_input (self, node), key) != NULL;
  fv_recorder_take_output (self, node, 0, fv_symbol_new_constant (fv_bool (found)));
  return TRUE;
}

static gboolean
dict_keys (FvRecorder *self, FvScriptNode *node, G_GNUC_UNUSED GError **error)
{
  const FvSymbol *dict = first_input (self, node);
  FvSymbol *keys = fv_symbol_new_container (FV_SYMBOL_LIST);

  for (guint i = 0; i < dict->items->len; i++) {
    g_autoptr (FvSymbol) key
        = fv_symbol_new_constant (fv_string (g_strdup (g_ptr_array_index (dict->names, i))));

    fv_symbol_add_item (keys, NULL, key);
  }
  fv_recorder_take_output (self, node, 0, keys);
  return TRUE;
}

static gboolean
dict_items (FvRecorder *self, FvScriptNode *node, G_GNUC_UNUSED GError **error)
{
  const FvSymbol *dict = first_input (self, node);
  FvSymbol *pairs = fv_symbol_new_container (FV_SYMBOL_LIST);

  for (guint i = 0; i < dict->items->len; i++) {
    g_autoptr (FvSymbol) pair = fv_symbol_new_container (FV_SYMBOL_TUPLE);
    g_autoptr (FvSymbol) key
        = fv_symbol_new_constant (fv_string (g_strdup (g_ptr_array_index (dict->names, i))));

    fv_symbol_add_item (pair, NULL, key);
    fv_symbol_add_item (pair, NULL, g_ptr_array_index (dict->items, i));
    fv_symbol_add_item (pairs, NULL, pair);
  }
  fv_recorder_take_output (self, node, 0, pairs);
  return TRUE;
}

/* -- which ---------------------------------------------------------------------------------- */

static const struct {
  const char *kind;
  Handler run;
} makers[] = {
  { "prim::ListConstruct", make_list }, { "prim::TupleConstruct", make_tuple },
  { "prim::DictConstruct", make_dict }, { "aten::dict", make_empty_dict },
  { "prim::ListUnpack", unpack },       { "prim::TupleUnpack", unpack },
};

typedef enum {
  LOOKS = 0,
  OPENS = 1 << 0,  /* needs the elements of a list that the graph holds as one value */
  CHANGES = 1 << 1 /* the container itself */
} Effect;

static const struct {
  const char *kind;
  FvSymbolKind container;
  guint effect; /* Effect */
  Handler run;
} methods[] = {
  { "aten::__getitem__", FV_SYMBOL_LIST, LOOKS, list_get },
  { "prim::TupleIndex", FV_SYMBOL_TUPLE, LOOKS, list_get },
  { "aten::_set_item", FV_SYMBOL_LIST, OPENS | CHANGES, list_set },
  { "aten::append", FV_SYMBOL_LIST, OPENS | CHANGES, list_append },
  { "aten::insert", FV_SYMBOL_LIST, OPENS | CHANGES, list_insert },
  { "aten::pop", FV_SYMBOL_LIST, OPENS | CHANGES, list_pop },
  { "aten::extend", FV_SYMBOL_LIST, OPENS | CHANGES, list_extend },
  { "aten::add_", FV_SYMBOL_LIST, OPENS | CHANGES, list_extend },
  { "aten::reverse", FV_SYMBOL_LIST, OPENS | CHANGES, list_reverse },
  { "aten::clear", FV_SYMBOL_LIST, OPENS | CHANGES, list_clear },
  { "aten::add", FV_SYMBOL_LIST, OPENS, list_add },
  { "aten::list", FV_SYMBOL_LIST, OPENS, list_copy },
  { "aten::copy", FV_SYMBOL_LIST, OPENS, list_copy },
  { "aten::slice", FV_SYMBOL_LIST, OPENS, list_slice },
  { "aten::__contains__", FV_SYMBOL_LIST, LOOKS, list_contains },
  { "aten::len", FV_SYMBOL_LIST, LOOKS, container_length },
  { "aten::len", FV_SYMBOL_DICT, LOOKS, container_length },
  { "aten::__getitem__", FV_SYMBOL_DICT, LOOKS, dict_get },
  { "aten::_set_item", FV_SYMBOL_DICT, CHANGES, dict_set },
  { "aten::__contains__", FV_SYMBOL_DICT, LOOKS, dict_contains },
  { "aten::keys", FV_SYMBOL_DICT, LOOKS, dict_keys },
  { "aten::values", FV_SYMBOL_DICT, LOOKS, list_copy },
  { "aten::items", FV_SYMBOL_DICT, LOOKS, dict_items },
};

/* TRUE when the graph holds the list as one value: sizes, or what an operator returned. */
static gboolean
is_closed_list (const FvSymbol *symbol)
{
  return symbol->kind == FV_SYMBOL_VALUE && fv_list_get_length (&symbol->value) != G_MAXSIZE;
}

/* The place in methods[], or -1. */
static int
find_method (const char *kind, const FvSymbol *container)
{
  for (gsize i = 0; i < G_N_ELEMENTS (methods); i++)
    if (g_str_equal (methods[i].kind, kind)
        && (methods[i].container == container->kind
            || ((methods[i].effect & OPENS) != 0 && is_closed_list (container))))
      return (int) i;
  return -1;
}

static gboolean
run_method (FvRecorder *self, FvScriptNode *node, int method, GError **error)
{
  FvSymbol *container = first_input (self, node);

  if ((methods[method].effect & CHANGES) != 0 && container->is_attribute)
    return fv_recorder_refuse (self, error,
                               "changes its own state while it runs, which Fovea cannot follow");
  if (is_closed_list (container) && !fv_recorder_open_list (self, container, error))
    return FALSE;
  return methods[method].run (self, node, error);
}

static Handler
find_maker (FvScriptNode *node)
{
  const char *kind = fv_script_node_get_kind (node);

  for (gsize i = 0; i < G_N_ELEMENTS (makers); i++)
    if (g_str_equal (makers[i].kind, kind))
      return makers[i].run;
  return NULL;
}

gboolean
fv_recorder_run_container (FvRecorder *self, FvScriptNode *node, gboolean *handled, GError **error)
{
  Handler make = find_maker (node);
  int method = -1;

  *handled = TRUE;
  if (make != NULL)
    return make (self, node, error);
  if (fv_script_node_get_n_inputs (node) > 0)
    method = find_method (fv_script_node_get_kind (node), first_input (self, node));
  *handled = method >= 0;
  return method < 0 || run_method (self, node, method, error);
}
