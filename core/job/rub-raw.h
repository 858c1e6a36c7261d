/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "base/rub-progress.h"
#include "source/rub-image-file.h"
#include "target/rub-disk.h"

G_BEGIN_DECLS

/**
 * rub_raw_write:
 * @image: an image that was made to start when it is written byte by byte
 * @disk: a disk that is at least as large
 * @progress: its current step counts the bytes of the image
 * @cancellable: (nullable): stops it between two pieces
 * @error: return location
 *
 * Writes the image as it is. Its first piece, with the table and the boot code, comes last, and the
 * old one goes first: what is cut off starts nothing and shows no partitions. What other tables
 * have at the end of a disk goes, too. Errors: those of rub_image_file_read(), rub_disk_write()
 * and, before the first piece, rub_image_file_check_unchanged(); %RUB_CODE_DISK_TOO_SMALL,
 * %RUB_CODE_CANCELLED.
 *
 * Returns: whether all of it is on the medium
 */
gboolean rub_raw_write(RubImageFile *image, RubDisk *disk, RubProgress *progress,
                       GCancellable *cancellable, GError **error);

/**
 * rub_raw_compare:
 * @image: an image
 * @disk: a disk, whose cached contents were dropped
 * @progress: its current step counts the bytes of the image
 * @cancellable: (nullable): stops it between two pieces
 * @error: return location
 *
 * Compares a disk with the image that was written to it. Errors: %RUB_CODE_VERIFY_FAILED with the
 * first byte that differs, or where the disk is smaller or cannot be read; those of
 * rub_image_file_read() and rub_image_file_check_unchanged(); %RUB_CODE_DEVICE_GONE,
 * %RUB_CODE_CANCELLED.
 *
 * Returns: whether they are the same
 */
gboolean rub_raw_compare(RubImageFile *image, RubDisk *disk, RubProgress *progress,
                         GCancellable *cancellable, GError **error);

G_END_DECLS
