/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * rub_pe_resource_find:
 * @program: a whole PE file, of which nothing is trusted
 * @size_bytes: its size
 * @name: the name of a resource of raw data, in ASCII
 * @found_size: (out): how many bytes it has
 *
 * Returns: (transfer none) (nullable): the resource, in @program; %NULL if there is none
 */
const guint8 *rub_pe_resource_find(const guint8 *program, gsize size_bytes, const char *name,
                                   gsize *found_size);

G_END_DECLS
