/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Writing to a file descriptor: pipes and files in memory. Threads: any. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Writes all @n bytes at @data. FALSE with errno set when the other end takes no more. */
gboolean fv_descriptor_write (int fd, const void *data, gsize n);

G_END_DECLS
