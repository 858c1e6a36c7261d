/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "source/rub-image-file.h"

G_BEGIN_DECLS

/**
 * RubElToritoPlatform:
 *
 * What a boot image of a disc is for, with the numbers of the boot catalogue. Any other number
 * may come up, too.
 */
typedef enum {
    RUB_EL_TORITO_BIOS = 0x00,
    RUB_EL_TORITO_POWERPC = 0x01,
    RUB_EL_TORITO_MAC = 0x02,
    RUB_EL_TORITO_EFI = 0xef,
} RubElToritoPlatform;

/**
 * RubElToritoEntry:
 * @platform: what it is for: a #RubElToritoPlatform
 * @is_bootable: whether the catalogue marks it so
 * @emulation: how it is started: 0 as it is, 1 to 3 as a floppy disk, 4 as a hard disk
 * @offset_bytes: where it begins in the image file; always inside the file
 * @sector_count: how many sectors of 512 bytes the firmware loads; may be 0 or 1 for an EFI image,
 *   whose own filesystem says how large it is
 *
 * A boot image of a disc.
 */
typedef struct {
    guint8 platform;
    gboolean is_bootable;
    guint8 emulation;
    guint64 offset_bytes;
    guint sector_count;
} RubElToritoEntry;

/**
 * rub_el_torito_parse:
 * @catalogue: the first bytes of a boot catalogue
 * @size: how many they are
 * @file_size_bytes: the size of the image file
 *
 * Returns: (transfer full) (nullable) (element-type RubElToritoEntry): the boot images that begin
 *   inside the file, in the order of the catalogue; %NULL where its checksum is wrong, so that
 *   firmware would refuse it
 */
GArray *rub_el_torito_parse(const guint8 *catalogue, gsize size, guint64 file_size_bytes);

/**
 * rub_el_torito_read:
 * @file: an image
 * @entries: (out) (transfer full) (nullable) (element-type RubElToritoEntry): the boot images, in
 *   the order of the catalogue; %NULL where the image has no boot catalogue, or one that firmware
 *   would refuse
 * @error: return location
 *
 * Reads the boot catalogue, as rub_el_torito_parse() does. Errors: %RUB_CODE_IMAGE_UNREADABLE
 * where the file cannot be read.
 *
 * Returns: whether the image could be read
 */
gboolean rub_el_torito_read(RubImageFile *file, GArray **entries, GError **error);

G_END_DECLS
