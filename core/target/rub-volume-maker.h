/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "target/rub-disk.h"
#include "target/rub-target.h"

G_BEGIN_DECLS

/**
 * rub_volume_make:
 * @disk: a disk that is open for writing
 * @volume: what to format
 * @cancellable: (nullable): to stop it
 * @error: return location
 *
 * Makes the filesystem that @volume asks for. Errors: those of rub_fat_make() and
 * rub_ntfs_make().
 *
 * Returns: whether it is there
 */
gboolean rub_volume_make(RubDisk *disk, const RubNewVolume *volume, GCancellable *cancellable,
                         GError **error);

G_END_DECLS
