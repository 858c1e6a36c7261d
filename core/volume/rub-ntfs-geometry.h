/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/** RUB_NTFS_BOOT_SECTOR_BYTES: how much rub_ntfs_geometry_parse() looks at */
#define RUB_NTFS_BOOT_SECTOR_BYTES 512

/**
 * RubNtfsGeometry:
 * @sector_size: bytes a sector
 * @cluster_bytes: bytes a cluster
 * @sector_count: sectors of the volume; its partition has one more, with the copy of the boot
 * sector
 * @hidden_sectors: what it says of its partition's start
 * @serial: its serial number; Windows shows the lower half
 *
 * What the boot sector of an NTFS volume says.
 */
typedef struct {
    guint sector_size;
    guint cluster_bytes;
    guint64 sector_count;
    guint32 hidden_sectors;
    guint64 serial;
} RubNtfsGeometry;

/**
 * rub_ntfs_geometry_parse:
 * @self: (out): what was found
 * @data: the volume's first %RUB_NTFS_BOOT_SECTOR_BYTES bytes
 * @size_bytes: the size of the partition
 * @error: return location
 *
 * Errors: %RUB_CODE_VOLUME_DAMAGED when it is not an NTFS volume or contradicts itself.
 *
 * Returns: whether it is an NTFS volume that can be in such a partition
 */
gboolean rub_ntfs_geometry_parse(RubNtfsGeometry *self, const guint8 *data, guint64 size_bytes,
                                 GError **error);

G_END_DECLS
