/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "rub-cli-options.h"
#include "target/rub-drive.h"
#include "target/rub-target.h"

G_BEGIN_DECLS

/**
 * RubCliDevice:
 * @target: what is written to
 * @drive: (nullable): the drive; %NULL for a disk-image file and for a disk that is in no list of
 *   drives
 * @number: its number in the list; 0 if it has none
 *
 * What the user named with -d.
 */
typedef struct {
    RubTarget *target;
    RubDrive *drive;
    guint number;
} RubCliDevice;

/**
 * rub_cli_device_open:
 * @options: what the user chose; a device is named
 * @cancellable: stops looking for drives
 * @error: return location
 *
 * Finds the target that the user named: a drive by its number, node or serial number, or a file.
 * Nothing is opened or made yet. Errors: %RUB_CODE_USAGE where there is none of that name, where a
 * size is missing or too much, and where image, target or log are the same file;
 * %RUB_CODE_DEVICE_CHANGED where the numbers are not those that were listed last.
 *
 * Returns: (transfer full) (nullable): the device
 */
RubCliDevice *rub_cli_device_open(const RubCliOptions *options, GCancellable *cancellable,
                                  GError **error);

/** rub_cli_device_free: frees it */
void rub_cli_device_free(RubCliDevice *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RubCliDevice, rub_cli_device_free)

G_END_DECLS
