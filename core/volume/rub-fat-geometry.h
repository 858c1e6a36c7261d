/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/** RUB_FAT_BOOT_SECTOR_BYTES: how much of a volume's start rub_fat_geometry_parse() looks at */
#define RUB_FAT_BOOT_SECTOR_BYTES 512

/** RUB_FAT_MIN_FAT32_CLUSTERS: with fewer clusters a volume is FAT16 by the Microsoft FAT
 * specification, "FAT Type Determination" */
#define RUB_FAT_MIN_FAT32_CLUSTERS 65525

/** RUB_FAT_DEFAULT_FAT32_BYTES: from this size on mkfs.fat makes FAT32 where nothing is asked for
 */
#define RUB_FAT_DEFAULT_FAT32_BYTES ((guint64) 512 << 20)

/** RUB_FAT_FIRST_CLUSTER: the number of the first cluster; entries 0 and 1 of the table hold the
 * media byte and the volume's state */
#define RUB_FAT_FIRST_CLUSTER 2

/**
 * RubFatType:
 *
 * The width of an entry of the file allocation table.
 */
typedef enum {
    RUB_FAT_12 = 12,
    RUB_FAT_16 = 16,
    RUB_FAT_32 = 32,
} RubFatType;

/**
 * RubFatGeometry:
 * @type: FAT12, FAT16 or FAT32
 * @sector_size: bytes in a sector of the volume
 * @sectors_per_cluster: sectors in a cluster
 * @cluster_bytes: bytes in a cluster
 * @reserved_sectors: sectors before the first table
 * @fat_count: how many copies of the table there are
 * @fat_size_sectors: sectors in one copy
 * @total_sectors: sectors in the volume
 * @root_start_sector: where the root folder of FAT12 and FAT16 begins; not used on FAT32
 * @root_entry_count: how many entries that root folder has; 0 on FAT32
 * @root_cluster: where the root folder of FAT32 begins; 0 on FAT12 and FAT16
 * @data_start_sector: where cluster %RUB_FAT_FIRST_CLUSTER begins
 * @cluster_count: how many clusters there are; the last one is number @cluster_count + 1
 * @fsinfo_sector: where FSInfo is; 0 where there is none
 * @backup_sector: where the copy of the boot sector is; 0 where there is none
 * @volume_id: the serial number
 * @hidden_sectors: sectors before the volume on its disk, as the volume says
 * @is_mirrored: whether all copies of the table are kept the same
 * @active_fat: the copy that counts; 0 when they are mirrored
 * @was_unclean: whether the boot sector says that the volume was not closed properly
 * @label: the label in the boot sector in its code page, padded with spaces, then a 0; the one
 *   that counts is in the root folder
 *
 * What the boot sector says about a volume. Sectors count from the volume's start.
 */
typedef struct {
    RubFatType type;
    guint sector_size;
    guint sectors_per_cluster;
    guint cluster_bytes;
    guint reserved_sectors;
    guint fat_count;
    guint32 fat_size_sectors;
    guint32 total_sectors;
    guint32 root_start_sector;
    guint root_entry_count;
    guint32 root_cluster;
    guint32 data_start_sector;
    guint32 cluster_count;
    guint fsinfo_sector;
    guint backup_sector;
    guint32 volume_id;
    guint32 hidden_sectors;
    gboolean is_mirrored;
    guint active_fat;
    gboolean was_unclean;
    char label[12];
} RubFatGeometry;

/**
 * rub_fat_geometry_parse:
 * @self: (out caller-allocates): what was found
 * @data: the first bytes of the volume
 * @size_bytes: how many there are; at least %RUB_FAT_BOOT_SECTOR_BYTES are needed
 * @volume_bytes: the size of the partition
 * @error: return location
 *
 * Reads a boot sector, and refuses one that contradicts itself or describes more than
 * @volume_bytes. A volume with the layout of FAT32 is FAT32 however few clusters it has, as in
 * Windows, Linux and UEFI. Errors: %RUB_CODE_VOLUME_DAMAGED.
 *
 * Returns: whether it is a FAT volume whose numbers hold together
 */
gboolean rub_fat_geometry_parse(RubFatGeometry *self, gconstpointer data, gsize size_bytes,
                                guint64 volume_bytes, GError **error);

/**
 * rub_fat_geometry_clear_unclean:
 * @self: the geometry of a FAT32 volume
 * @boot: its boot sector
 *
 * Clears the mark in the boot sector that the volume was not closed properly.
 *
 * Returns: whether it was there
 */
gboolean rub_fat_geometry_clear_unclean(RubFatGeometry *self, guint8 *boot);

/**
 * rub_fat_geometry_for_new:
 * @self: (out caller-allocates): the volume that mkfs.fat will make
 * @volume_bytes: the size of the partition
 * @sector_size: bytes in a logical sector of the disk, 512 to 4096
 *
 * Chooses the cluster size of a new FAT32 volume, and predicts what "mkfs.fat -F 32 -s
 * @sectors_per_cluster" makes of it: never more clusters than there will be. Volume number, label
 * and hidden sectors are left 0.
 *
 * Returns: whether the partition is large enough, and not too large, for FAT32
 */
gboolean rub_fat_geometry_for_new(RubFatGeometry *self, guint64 volume_bytes, guint sector_size);

/**
 * rub_fat_geometry_for_default:
 * @self: (out caller-allocates): the volume that mkfs.fat will make
 * @volume_bytes: the size of the partition
 * @sector_size: bytes in a logical sector of the disk, 512 to 4096
 *
 * Predicts what mkfs.fat makes where nobody says which FAT and which clusters, as the system's
 * services call it: FAT12 or FAT16 below 512 MiB, else FAT32; never more clusters than there will
 * be. Volume number, label and hidden sectors are left 0.
 *
 * Returns: whether it makes a filesystem of that size
 */
gboolean rub_fat_geometry_for_default(RubFatGeometry *self, guint64 volume_bytes,
                                      guint sector_size);

/**
 * rub_fat_geometry_has_cluster:
 * @self: a geometry
 * @cluster: a cluster's number
 *
 * Returns: whether there is such a cluster
 */
static inline gboolean
rub_fat_geometry_has_cluster(const RubFatGeometry *self, guint32 cluster)
{
    return cluster >= RUB_FAT_FIRST_CLUSTER &&
           cluster - RUB_FAT_FIRST_CLUSTER < self->cluster_count;
}

/**
 * rub_fat_geometry_get_cluster_offset:
 * @self: a geometry
 * @cluster: the number of a cluster that exists
 *
 * Returns: where it begins, in bytes from the start of the volume
 */
static inline guint64
rub_fat_geometry_get_cluster_offset(const RubFatGeometry *self, guint32 cluster)
{
    return (guint64) self->data_start_sector * self->sector_size +
           (guint64) (cluster - RUB_FAT_FIRST_CLUSTER) * self->cluster_bytes;
}

/**
 * rub_fat_geometry_get_clusters_for:
 * @self: a geometry
 * @size_bytes: a number of bytes
 *
 * Returns: how many clusters hold them
 */
static inline guint64
rub_fat_geometry_get_clusters_for(const RubFatGeometry *self, guint64 size_bytes)
{
    return size_bytes / self->cluster_bytes + (size_bytes % self->cluster_bytes != 0);
}

G_END_DECLS
