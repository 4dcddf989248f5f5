/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The pickle machine: a stack, marks that fence parts of it off, and a memo of values to repeat.
 * An opcode without a handler in the table at the end is refused, so what is not here cannot
 * happen. Opcodes: https://docs.python.org/3/library/pickletools.html */

#include "fv-pickle-value.h"

#include <string.h>

#define MAX_PROTOCOL 5
#define SCRIPT_PROTOCOL 2
#define PROTO 0x80
#define NEW_OBJECT 0x81
#define DAMAGED "describes its tensors by a damaged pickle"

typedef struct {
  const guint8 *at; /* the next byte */
  const guint8 *end;
  FvPickle *pickle;
  GPtrArray *stack; /* FvPickleValue *, of the arena */
  GArray *marks;    /* guint, lengths of the stack */
  GHashTable *memo; /* index -> FvPickleValue * */
  gboolean has_stopped;
} Machine;

/* @argument: what tells apart the opcodes that share a handler: see the table. */
typedef gboolean (*Handler) (Machine *machine, guint argument, GError **error);

/* -- reading and the stack -------------------------------------------------------------------- */

/* The next @n_bytes, or NULL with @error. */
static const guint8 *
take (Machine *machine, gsize n_bytes, GError **error)
{
  const guint8 *bytes = machine->at;

  if (n_bytes > (gsize) (machine->end - machine->at)) {
    fv_pickle_refuse (error, DAMAGED ": it ends too early");
    return NULL;
  }
  machine->at += n_bytes;
  return bytes;
}

/* An unsigned little-endian number of @n_bytes, 1 to 8. */
static gboolean
take_number (Machine *machine, gsize n_bytes, guint64 *number, GError **error)
{
  const guint8 *bytes = take (machine, n_bytes, error);

  if (bytes == NULL)
    return FALSE;
  *number = 0;
  for (gsize i = 0; i < n_bytes; i++)
    *number |= (guint64) bytes[i] << (8 * i);
  return TRUE;
}

static gboolean
push (Machine *machine, FvPickleValue *value)
{
  if (value != NULL)
    g_ptr_array_add (machine->stack, value);
  return value != NULL;
}

/* Values above the last mark. */
static guint
count_available (const Machine *machine)
{
  guint n_marks = machine->marks->len;
  guint floor = n_marks > 0 ? g_array_index (machine->marks, guint, n_marks - 1) : 0;

  return machine->stack->len - floor;
}

static FvPickleValue *
peek (Machine *machine, GError **error)
{
  if (count_available (machine) == 0) {
    fv_pickle_refuse (error, DAMAGED ": its stack is empty");
    return NULL;
  }
  return g_ptr_array_index (machine->stack, machine->stack->len - 1);
}

static FvPickleValue *
pop (Machine *machine, GError **error)
{
  FvPickleValue *value = peek (machine, error);

  if (value != NULL)
    g_ptr_array_set_size (machine->stack, (gint) machine->stack->len - 1);
  return value;
}

/* Takes the last mark away. @start: (out): index of the first value that stood above it. */
static gboolean
pop_mark (Machine *machine, guint *start, GError **error)
{
  guint n_marks = machine->marks->len;

  if (n_marks == 0)
    return fv_pickle_refuse (error, DAMAGED ": a mark is missing");
  *start = g_array_index (machine->marks, guint, n_marks - 1);
  g_array_set_size (machine->marks, n_marks - 1);
  return TRUE;
}

/* Moves the values from index @start of the stack up to the end of the items of @container. */
static void
move_items (Machine *machine, guint start, FvPickleValue *container)
{
  for (guint i = start; i < machine->stack->len; i++)
    g_ptr_array_add (container->items, g_ptr_array_index (machine->stack, i));
  g_ptr_array_set_size (machine->stack, (gint) start);
}

/* -- opcodes: frame and constants ------------------------------------------------------------- */

static gboolean
op_proto (Machine *machine, guint argument, GError **error)
{
  guint64 protocol;

  if (!take_number (machine, 1, &protocol, error))
    return FALSE;
  if (protocol > MAX_PROTOCOL)
    return fv_pickle_refuse (error, "uses a pickle protocol Fovea does not know");
  return TRUE;
}

static gboolean
op_frame (Machine *machine, guint argument, GError **error)
{
  guint64 n_bytes;

  if (!take_number (machine, 8, &n_bytes, error))
    return FALSE;
  if (n_bytes > (guint64) (machine->end - machine->at))
    return fv_pickle_refuse (error, DAMAGED ": it ends too early");
  return TRUE;
}

static gboolean
op_stop (Machine *machine, guint argument, GError **error)
{
  machine->pickle->root = pop (machine, error);
  machine->has_stopped = TRUE;
  return machine->pickle->root != NULL;
}

/* A new value of the kind @argument. */
static gboolean
op_new (Machine *machine, guint argument, GError **error)
{
  return push (machine, fv_pickle_add_value (machine->pickle, (FvPickleKind) argument, error));
}

static gboolean
op_float (Machine *machine, guint argument, GError **error)
{
  return take (machine, sizeof (double), error) != NULL && op_new (machine, FV_PICKLE_NONE, error);
}

static gboolean
push_integer (Machine *machine, gint64 integer, GError **error)
{
  FvPickleValue *value = fv_pickle_add_value (machine->pickle, FV_PICKLE_INT, error);

  if (value != NULL)
    value->integer = integer;
  return push (machine, value);
}

/* A number of @argument bytes. */
static gboolean
op_unsigned (Machine *machine, guint argument, GError **error)
{
  guint64 number;

  return take_number (machine, argument, &number, error)
         && push_integer (machine, (gint64) number, error);
}

/* A number of @argument bytes, at most 8, in two's complement. */
static gboolean
op_signed (Machine *machine, guint argument, GError **error)
{
  guint64 number;

  if (!take_number (machine, argument, &number, error))
    return FALSE;
  if (argument > 0 && argument < 8 && (number >> (8 * argument - 1)) != 0)
    number |= G_MAXUINT64 << (8 * argument);
  return push_integer (machine, (gint64) number, error);
}

static gboolean
op_long (Machine *machine, guint argument, GError **error)
{
  guint64 n_bytes;

  if (!take_number (machine, 1, &n_bytes, error))
    return FALSE;
  if (n_bytes > 8)
    return fv_pickle_refuse (error, "holds an integer of more than 64 bits");
  return op_signed (machine, (guint) n_bytes, error);
}

/* A text whose length is a number of @argument bytes. */
static gboolean
op_text (Machine *machine, guint argument, GError **error)
{
  FvPickleValue *value;
  const char *text;
  guint64 n_bytes;

  if (!take_number (machine, argument, &n_bytes, error))
    return FALSE;
  text = (const char *) take (machine, (gsize) n_bytes, error);
  if (text == NULL)
    return FALSE;
  if (!g_utf8_validate_len (text, (gsize) n_bytes, NULL))
    return fv_pickle_refuse (error, "holds a name that is not UTF-8 text");
  value = fv_pickle_add_value (machine->pickle, FV_PICKLE_TEXT, error);
  if (value != NULL)
    value->text = g_string_chunk_insert_len (machine->pickle->texts, text, (gssize) n_bytes);
  return push (machine, value);
}

/* -- opcodes: containers ---------------------------------------------------------------------- */

static gboolean
op_mark (Machine *machine, guint argument, GError **error)
{
  g_array_append_val (machine->marks, machine->stack->len);
  return TRUE;
}

/* Replaces the values from index @start of the stack up by a tuple of them. */
static gboolean
push_tuple (Machine *machine, guint start, GError **error)
{
  FvPickleValue *tuple = fv_pickle_add_value (machine->pickle, FV_PICKLE_TUPLE, error);

  if (tuple == NULL)
    return FALSE;
  move_items (machine, start, tuple);
  return push (machine, tuple);
}

/* A tuple of the last @argument values. */
static gboolean
op_short_tuple (Machine *machine, guint argument, GError **error)
{
  if (count_available (machine) < argument)
    return fv_pickle_refuse (error, DAMAGED ": its stack is empty");
  return push_tuple (machine, machine->stack->len - argument, error);
}

static gboolean
op_tuple (Machine *machine, guint argument, GError **error)
{
  guint start = 0;

  return pop_mark (machine, &start, error) && push_tuple (machine, start, error);
}

/* Adds the values from index @start of the stack up to the list below them. */
static gboolean
extend_list (Machine *machine, guint start, GError **error)
{
  FvPickleValue *list = g_ptr_array_index (machine->stack, start - 1);

  if (list->kind != FV_PICKLE_LIST)
    return fv_pickle_refuse (error, DAMAGED ": it adds to something that is not a list");
  move_items (machine, start, list);
  return TRUE;
}

/* Adds the keys and values from index @start of the stack up to the dictionary below them. */
static gboolean
extend_dict (Machine *machine, guint start, GError **error)
{
  FvPickleValue *dict = g_ptr_array_index (machine->stack, start - 1);

  if ((dict->kind != FV_PICKLE_DICT && dict->kind != FV_PICKLE_ORDERED_DICT)
      || (machine->stack->len - start) % 2 != 0)
    return fv_pickle_refuse (error, DAMAGED ": it adds to something that is not a dictionary");
  move_items (machine, start, dict);
  return TRUE;
}

static gboolean
op_append (Machine *machine, guint argument, GError **error)
{
  if (count_available (machine) < 2)
    return fv_pickle_refuse (error, DAMAGED ": its stack is empty");
  return extend_list (machine, machine->stack->len - 1, error);
}

static gboolean
op_setitem (Machine *machine, guint argument, GError **error)
{
  if (count_available (machine) < 3)
    return fv_pickle_refuse (error, DAMAGED ": its stack is empty");
  return extend_dict (machine, machine->stack->len - 2, error);
}

/* Takes the last mark away, and looks that a container stands below it. */
static gboolean
pop_mark_of_container (Machine *machine, guint *start, GError **error)
{
  guint n_marked = count_available (machine);

  if (!pop_mark (machine, start, error))
    return FALSE;
  if (count_available (machine) == n_marked)
    return fv_pickle_refuse (error, DAMAGED ": its stack is empty");
  return TRUE;
}

static gboolean
op_appends (Machine *machine, guint argument, GError **error)
{
  guint start = 0;

  return pop_mark_of_container (machine, &start, error) && extend_list (machine, start, error);
}

static gboolean
op_setitems (Machine *machine, guint argument, GError **error)
{
  guint start = 0;

  return pop_mark_of_container (machine, &start, error) && extend_dict (machine, start, error);
}

/* -- opcodes: memo ---------------------------------------------------------------------------- */

static gboolean
memoize (Machine *machine, guint64 index, GError **error)
{
  FvPickleValue *value = peek (machine, error);

  if (value != NULL)
    g_hash_table_insert (machine->memo, GSIZE_TO_POINTER (index), value);
  return value != NULL;
}

/* Remembers the last value under an index of @argument bytes. libtorch's memo is an array: a large
 * index alone would fill the memory. */
static gboolean
op_put (Machine *machine, guint argument, GError **error)
{
  guint64 index;

  if (!take_number (machine, argument, &index, error))
    return FALSE;
  if (machine->pickle->classes != NULL && index > g_hash_table_size (machine->memo))
    return fv_pickle_refuse (error, DAMAGED ": its memo has gaps");
  return memoize (machine, index, error);
}

/* Remembers the last value under the next index. */
static gboolean
op_memoize (Machine *machine, guint argument, GError **error)
{
  return memoize (machine, g_hash_table_size (machine->memo), error);
}

/* Repeats the value under an index of @argument bytes. */
static gboolean
op_get (Machine *machine, guint argument, GError **error)
{
  FvPickleValue *value;
  guint64 index;

  if (!take_number (machine, argument, &index, error))
    return FALSE;
  value = g_hash_table_lookup (machine->memo, GSIZE_TO_POINTER (index));
  if (value == NULL)
    return fv_pickle_refuse (error, DAMAGED ": it repeats what it has not said");
  return push (machine, value);
}

/* -- opcodes: objects ------------------------------------------------------------------------- */

static gboolean
push_global (Machine *machine, const char *module, const char *name, GError **error)
{
  const FvPickleGlobal *global = fv_pickle_find_global (machine->pickle, module, name, error);
  FvPickleValue *value;

  if (global == NULL)
    return FALSE;
  value = fv_pickle_add_value (machine->pickle, FV_PICKLE_GLOBAL, error);
  if (value != NULL)
    value->global = global;
  return push (machine, value);
}

/* The next line without its end, (transfer full). */
static char *
take_line (Machine *machine, GError **error)
{
  const guint8 *start = machine->at;
  const guint8 *end = memchr (start, '\n', (gsize) (machine->end - start));

  if (end == NULL) {
    fv_pickle_refuse (error, DAMAGED ": it ends too early");
    return NULL;
  }
  machine->at = end + 1;
  return g_strndup ((const char *) start, (gsize) (end - start));
}

static gboolean
op_global (Machine *machine, guint argument, GError **error)
{
  g_autofree char *module = take_line (machine, error);
  g_autofree char *name = module != NULL ? take_line (machine, error) : NULL;

  return name != NULL && push_global (machine, module, name, error);
}

static gboolean
op_stack_global (Machine *machine, guint argument, GError **error)
{
  const FvPickleValue *name = pop (machine, error);
  const FvPickleValue *module = name != NULL ? pop (machine, error) : NULL;

  if (module == NULL)
    return FALSE;
  if (name->kind != FV_PICKLE_TEXT || module->kind != FV_PICKLE_TEXT)
    return fv_pickle_refuse (error, DAMAGED ": a name in it is not text");
  return push_global (machine, module->text, name->text, error);
}

static gboolean
op_storage (Machine *machine, guint argument, GError **error)
{
  const FvPickleValue *id = pop (machine, error);

  return id != NULL && push (machine, fv_pickle_load_storage (machine->pickle, id, error));
}

static gboolean
op_reduce (Machine *machine, guint argument, GError **error)
{
  const FvPickleValue *arguments = pop (machine, error);
  const FvPickleValue *callable = arguments != NULL ? pop (machine, error) : NULL;

  return callable != NULL
         && push (machine, fv_pickle_call (machine->pickle, callable, arguments, error));
}

/* A new object of a class of a TorchScript archive. */
static gboolean
op_new_object (Machine *machine, guint argument, GError **error)
{
  const FvPickleValue *arguments = pop (machine, error);
  const FvPickleValue *class = arguments != NULL ? pop (machine, error) : NULL;

  if (class == NULL)
    return FALSE;
  if (class->kind != FV_PICKLE_GLOBAL || class->global->makes != FV_PICKLE_MAKES_OBJECT
      || arguments->kind != FV_PICKLE_TUPLE || arguments->items->len > 0)
    return fv_pickle_refuse (error,
                             "was refused: it makes an object of something that is no class");
  return op_new (machine, FV_PICKLE_OBJECT, error);
}

/* The only state that weights carry is the `_metadata` of an ordered dictionary: not needed. That
 * of an object is its attributes. */
static gboolean
op_build (Machine *machine, guint argument, GError **error)
{
  const FvPickleValue *state = pop (machine, error);
  const FvPickleValue *object = state != NULL ? peek (machine, error) : NULL;

  if (object == NULL)
    return FALSE;
  if ((object->kind != FV_PICKLE_ORDERED_DICT && object->kind != FV_PICKLE_OBJECT)
      || state->kind != FV_PICKLE_DICT)
    return fv_pickle_refuse (error, "was refused: it sets the state of an object that is not a "
                                    "dictionary");
  return TRUE;
}

/* -- the machine ------------------------------------------------------------------------------ */

static const struct {
  Handler handler;
  guint argument;
} opcodes[256] = {
  ['('] = { op_mark, 0 },
  [')'] = { op_new, FV_PICKLE_TUPLE },
  ['.'] = { op_stop, 0 },
  ['G'] = { op_float, 0 },
  ['J'] = { op_signed, 4 },
  ['K'] = { op_unsigned, 1 },
  ['M'] = { op_unsigned, 2 },
  ['N'] = { op_new, FV_PICKLE_NONE },
  ['Q'] = { op_storage, 0 },
  ['R'] = { op_reduce, 0 },
  ['X'] = { op_text, 4 },
  [']'] = { op_new, FV_PICKLE_LIST },
  ['a'] = { op_append, 0 },
  ['b'] = { op_build, 0 },
  ['c'] = { op_global, 0 },
  ['e'] = { op_appends, 0 },
  ['h'] = { op_get, 1 },
  ['j'] = { op_get, 4 },
  ['q'] = { op_put, 1 },
  ['r'] = { op_put, 4 },
  ['s'] = { op_setitem, 0 },
  ['t'] = { op_tuple, 0 },
  ['u'] = { op_setitems, 0 },
  ['}'] = { op_new, FV_PICKLE_DICT },
  [PROTO] = { op_proto, 0 },
  [NEW_OBJECT] = { op_new_object, 0 },
  [0x85] = { op_short_tuple, 1 },
  [0x86] = { op_short_tuple, 2 },
  [0x87] = { op_short_tuple, 3 },
  [0x88] = { op_new, FV_PICKLE_NONE }, /* True */
  [0x89] = { op_new, FV_PICKLE_NONE }, /* False */
  [0x8a] = { op_long, 0 },
  [0x8c] = { op_text, 1 },
  [0x93] = { op_stack_global, 0 },
  [0x94] = { op_memoize, 0 },
  [0x95] = { op_frame, 0 },
};

static gboolean
run (Machine *machine, GError **error)
{
  while (!machine->has_stopped) {
    const guint8 *code = take (machine, 1, error);

    if (code == NULL)
      return FALSE;
    if (opcodes[*code].handler == NULL || (*code == NEW_OBJECT && machine->pickle->classes == NULL))
      return fv_pickle_refuse (
          error, "was refused: pickle opcode 0x%02x is not allowed in a weights file", *code);
    if (!opcodes[*code].handler (machine, opcodes[*code].argument, error))
      return FALSE;
  }
  return TRUE;
}

static FvPickle *
parse (const guint8 *data, gsize n_bytes, GHashTable *classes, GError **error)
{
  g_autoptr (FvPickle) pickle = fv_pickle_new ();
  g_autoptr (GPtrArray) stack = g_ptr_array_new ();
  g_autoptr (GArray) marks = g_array_new (FALSE, FALSE, sizeof (guint));
  g_autoptr (GHashTable) memo = g_hash_table_new (NULL, NULL);
  Machine machine = { .at = data,
                      .end = data + n_bytes,
                      .pickle = pickle,
                      .stack = stack,
                      .marks = marks,
                      .memo = memo };

  pickle->classes = classes;
  if (!run (&machine, error))
    return NULL;
  if (classes != NULL && (stack->len > 0 || marks->len > 0 || machine.at != machine.end)) {
    fv_pickle_refuse (error, DAMAGED ": something is left at its end");
    return NULL;
  }
  pickle->classes = NULL;
  return g_steal_pointer (&pickle);
}

FvPickle *
fv_pickle_parse (const guint8 *data, gsize n_bytes, GError **error)
{
  return parse (data, n_bytes, NULL, error);
}

FvPickle *
fv_pickle_parse_script (const guint8 *data, gsize n_bytes, GHashTable *classes, GError **error)
{
  if (n_bytes < 2 || data[0] != PROTO || data[1] != SCRIPT_PROTOCOL) {
    fv_pickle_refuse (error, DAMAGED ": it does not begin like one");
    return NULL;
  }
  return parse (data, n_bytes, classes, error);
}
