/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * rub_cli_size_parse:
 * @text: a size as a user types it
 * @size_bytes: (out): the size
 * @error: return location
 *
 * Understands what coreutils do: a whole number, alone for bytes, with K, M, G or T (or KiB, MiB,
 * GiB, TiB) for powers of 1024, with KB, MB, GB or TB for powers of 1000; upper and lower case are
 * the same. Errors: %RUB_CODE_USAGE, also for 0 and for what no file can have.
 *
 * Returns: whether @text is a size
 */
gboolean rub_cli_size_parse(const char *text, guint64 *size_bytes, GError **error);

G_END_DECLS
