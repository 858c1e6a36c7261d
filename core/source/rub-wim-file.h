/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "source/rub-source.h"

G_BEGIN_DECLS

/**
 * rub_wim_read_file:
 * @source: an image
 * @wim: a WIM in it
 * @image_index: which Windows of the WIM, from 1
 * @path: a file of that, "Windows/Boot/EFI/bootmgfw.efi" say, in whatever case
 * @max_bytes: how large it may be
 * @bytes: (out) (transfer full) (nullable): what it holds; %NULL where there is no such file, or it
 *   cannot be unpacked
 * @error: return location
 *
 * Unpacks one file with libwim. That only opens files: it gets a sparse temporary one that has the
 * parts of the WIM that it takes. Errors: those of rub_source_read().
 *
 * Returns: whether the image could be read
 */
gboolean rub_wim_read_file(const RubSource *source, const RubEntry *wim, guint image_index,
                           const char *path, guint64 max_bytes, GBytes **bytes, GError **error);

G_END_DECLS
