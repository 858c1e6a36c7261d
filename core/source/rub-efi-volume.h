/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "source/rub-entry.h"
#include "source/rub-image-file.h"

G_BEGIN_DECLS

/**
 * rub_efi_volume_list:
 * @file: an image
 * @offset_bytes: where the boot image for UEFI begins in it: a FAT filesystem (UEFI Specification
 *   13.3.2.1)
 * @listing: (out) (transfer full) (nullable): what is in it; the extents are in bytes of the image
 *   file. %NULL where there is no such filesystem, or a damaged one
 * @error: return location
 *
 * Lists what firmware sees of a disc. The size that the boot catalogue gives is often wrong, so
 * that the filesystem's own counts. Errors: %RUB_CODE_IMAGE_UNREADABLE.
 *
 * Returns: whether the image could be read
 */
gboolean rub_efi_volume_list(const RubImageFile *file, guint64 offset_bytes, RubListing **listing,
                             GError **error);

/**
 * rub_efi_volume_check_whole:
 * @file: an image
 * @offset_bytes: where a table says that an EFI system partition begins
 * @partition_bytes: how large it is by that table
 * @error: return location
 *
 * Looks whether the image ends before the partition's filesystem does. What the table says beyond
 * that does not count: sizes in it are rounded up, and images go without the padding. Nor does a
 * partition that begins far behind the image. Errors: %RUB_CODE_IMAGE_INCOMPLETE, those of
 * rub_image_file_read().
 *
 * Returns: whether there is nothing that is missing
 */
gboolean rub_efi_volume_check_whole(RubImageFile *file, guint64 offset_bytes,
                                    guint64 partition_bytes, GError **error);

G_END_DECLS
