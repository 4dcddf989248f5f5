/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Putting values into a list and taking one out again. Threads: the engine thread. */

#pragma once

#include "fv-value.h"

G_BEGIN_DECLS

/* A list of @items, all integers, floats, booleans, or tensors (NONE among tensors is "no
 * tensor"); of none it is a list of integers, which every operator takes for empty.
 * @list: (out): owned. FALSE with @error when the kinds differ. */
gboolean fv_list_make (const FvValue *items, gsize n_items, FvValue *list, GError **error);

/* Element @index (negative counts from the end) of a list or tuple. @item: (out): owned. */
gboolean fv_list_get_item (const FvValue *list, gint64 index, FvValue *item, GError **error);

/* Elements of a list or tuple; G_MAXSIZE when @value is neither. */
gsize fv_list_get_length (const FvValue *value);

G_END_DECLS
