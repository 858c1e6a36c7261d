/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "volume/rub-volume.h"

G_BEGIN_DECLS

/**
 * rub_folder_volume_new:
 * @path: where the volume is mounted, for writing
 * @error: return location
 *
 * Opens a volume that the kernel's driver writes: FAT of any kind. Names follow the rules of FAT
 * whatever the driver would take.
 *
 * The order in which the driver writes is not ours, so a cut spares less than with
 * rub_fat_writer_new(). Nothing is written before the first rub_volume_write() of a round, or its
 * rub_volume_commit(). Then the round's folders are made; what moves is copied, brought to the
 * medium, read back and compared; only then what moved, what is replaced and what is removed goes.
 * The new files come last. So a file that moves is whole in at least one of its two places at any
 * moment, and one that is replaced without being moved is gone once the round has begun. What was
 * written of a round that was not committed stays.
 *
 * At most about 16 MiB of what was written are not on the medium yet when rub_volume_write()
 * returns; rub_volume_commit() waits for everything.
 *
 * Errors: those of rub_folder_listing_read(). Of the functions of #RubVolume:
 * %RUB_CODE_WRITE_FAILED naming the file, also where the driver has made the filesystem read-only;
 * %RUB_CODE_VERIFY_FAILED naming a file that moves and cannot be read; %RUB_CODE_DEVICE_GONE.
 * After an error of rub_volume_write() or rub_volume_commit() the volume can only be freed.
 *
 * Returns: (transfer full) (nullable): a volume
 */
RubVolume *rub_folder_volume_new(const char *path, GError **error);

G_END_DECLS
