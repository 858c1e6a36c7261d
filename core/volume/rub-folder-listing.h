/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "source/rub-entry.h"

G_BEGIN_DECLS

/**
 * rub_folder_listing_read:
 * @folder: where a volume is mounted
 * @cancellable: (nullable): to stop it
 * @error: return location
 *
 * Lists all that is on a mounted volume, without following links and without going into what else
 * is mounted there. The entries have no extents, and 8.3 aliases where the kernel's driver of FAT
 * tells them; the listing has no volume name. Errors:
 * %RUB_CODE_VERIFY_FAILED naming the folder that cannot be read, %RUB_CODE_VOLUME_DAMAGED where
 * folders are nested deeper than any FAT path reaches or have more files than any stick,
 * %RUB_CODE_DEVICE_GONE, %RUB_CODE_CANCELLED.
 *
 * Returns: (transfer full) (nullable): the listing
 */
RubListing *rub_folder_listing_read(const char *folder, GCancellable *cancellable, GError **error);

G_END_DECLS
