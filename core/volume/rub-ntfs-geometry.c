/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "volume/rub-ntfs-geometry.h"

#include "base/rub-bytes.h"
#include "base/rub-error.h"

/* Fields of the boot sector, see NTFS_BOOT_SECTOR in ntfs-3g/layout.h. */
#define OEM_ID 3
#define BYTES_PER_SECTOR 11
#define SECTORS_PER_CLUSTER 13
#define RESERVED_SECTORS 14
#define HIDDEN_SECTORS 28
#define NUMBER_OF_SECTORS 40
#define MFT_CLUSTER 48
#define MFT_COPY_CLUSTER 56
#define RECORD_SIZE 64
#define INDEX_BLOCK_SIZE 68
#define SERIAL 72

#define NTFS_OEM_ID "NTFS    "
#define MIN_SECTOR_SIZE 256
#define MAX_SECTOR_SIZE 4096
#define MAX_CLUSTER_BYTES ((guint64) 2 * 1024 * 1024)
#define MAX_PLAIN_SECTORS_PER_CLUSTER 0x80
#define MAX_TABLE_BLOCK_BYTES 65536

static gboolean
is_power_of_two(guint64 number)
{
    return number != 0 && (number & (number - 1)) == 0;
}

/* More than 128 sectors a cluster are told by their logarithm, as a negative number. */
static guint64
decode_cluster_sectors(guint8 byte)
{
    if (byte <= MAX_PLAIN_SECTORS_PER_CLUSTER)
        return byte;
    guint shift = 256u - byte;
    return shift < 32 ? G_GUINT64_CONSTANT(1) << shift : 0;
}

/* Clusters, or the logarithm of bytes as a negative number. */
static guint64
decode_block_bytes(guint8 byte, guint64 cluster_bytes)
{
    if (byte < 0x80)
        return byte * cluster_bytes;
    guint shift = 256u - byte;
    return shift < 32 ? G_GUINT64_CONSTANT(1) << shift : 0;
}

static gboolean
is_block_size(guint64 size_bytes)
{
    return is_power_of_two(size_bytes) && size_bytes >= 512 && size_bytes <= MAX_TABLE_BLOCK_BYTES;
}

static gboolean
is_plausible(RubBytes *sector, guint64 sector_size, guint64 cluster_bytes, guint64 sector_count,
             guint64 size_bytes)
{
    if (!is_power_of_two(sector_size) || sector_size < MIN_SECTOR_SIZE ||
        sector_size > MAX_SECTOR_SIZE || !is_power_of_two(cluster_bytes) ||
        cluster_bytes > MAX_CLUSTER_BYTES)
        return FALSE;
    guint64 cluster_count = sector_count / (cluster_bytes / sector_size);
    return cluster_count > 0 && sector_count <= size_bytes / sector_size &&
           rub_bytes_u16le(sector, RESERVED_SECTORS) == 0 &&
           rub_bytes_u64le(sector, MFT_CLUSTER) < cluster_count &&
           rub_bytes_u64le(sector, MFT_COPY_CLUSTER) < cluster_count &&
           is_block_size(decode_block_bytes(rub_bytes_u8(sector, RECORD_SIZE), cluster_bytes)) &&
           is_block_size(decode_block_bytes(rub_bytes_u8(sector, INDEX_BLOCK_SIZE), cluster_bytes));
}

gboolean
rub_ntfs_geometry_parse(RubNtfsGeometry *self, const guint8 *data, guint64 size_bytes,
                        GError **error)
{
    RubBytes sector = rub_bytes(data, RUB_NTFS_BOOT_SECTOR_BYTES);
    guint64 sector_size = rub_bytes_u16le(&sector, BYTES_PER_SECTOR);
    guint64 cluster_bytes =
        decode_cluster_sectors(rub_bytes_u8(&sector, SECTORS_PER_CLUSTER)) * sector_size;
    guint64 sector_count = rub_bytes_u64le(&sector, NUMBER_OF_SECTORS);
    if (memcmp(data + OEM_ID, NTFS_OEM_ID, strlen(NTFS_OEM_ID)) != 0) {
        rub_error_set_text(error, RUB_CODE_VOLUME_DAMAGED, N_("it is not an NTFS filesystem"),
                           NULL);
        return FALSE;
    }
    if (!is_plausible(&sector, sector_size, cluster_bytes, sector_count, size_bytes)) {
        rub_error_set_text(error, RUB_CODE_VOLUME_DAMAGED,
                           N_("the boot sector of the NTFS filesystem contradicts itself"), NULL);
        return FALSE;
    }
    *self = (RubNtfsGeometry){.sector_size = (guint) sector_size,
                              .cluster_bytes = (guint) cluster_bytes,
                              .sector_count = sector_count,
                              .hidden_sectors = rub_bytes_u32le(&sector, HIDDEN_SECTORS),
                              .serial = rub_bytes_u64le(&sector, SERIAL)};
    return TRUE;
}
