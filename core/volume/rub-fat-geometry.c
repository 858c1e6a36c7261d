/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "volume/rub-fat-geometry.h"

#include <string.h>

#include "base/rub-bytes.h"
#include "base/rub-error.h"

/* Offsets in the boot sector: Microsoft FAT specification, "Boot Sector and BPB". */
#define BPB_BYTES_PER_SECTOR 11
#define BPB_SECTORS_PER_CLUSTER 13
#define BPB_RESERVED_SECTORS 14
#define BPB_FAT_COUNT 16
#define BPB_ROOT_ENTRIES 17
#define BPB_TOTAL_SECTORS_16 19
#define BPB_MEDIA 21
#define BPB_FAT_SIZE_16 22
#define BPB_HIDDEN_SECTORS 28
#define BPB_TOTAL_SECTORS_32 32
#define BPB_FAT_SIZE_32 36
#define BPB_EXT_FLAGS 40
#define BPB_FS_VERSION 42
#define BPB_ROOT_CLUSTER 44
#define BPB_FSINFO_SECTOR 48
#define BPB_BACKUP_SECTOR 50
#define SIGNATURE 510

/* The same fields lie at one place on FAT12 and FAT16 and at another one on FAT32. */
#define EXTENDED_16 36
#define EXTENDED_32 64
#define EXTENDED_STATE 1
#define EXTENDED_SIGNATURE 2
#define EXTENDED_VOLUME_ID 3
#define EXTENDED_LABEL 7

/* Not closed properly, and: the drive is to be tested. */
#define STATE_UNCLEAN 0x03
#define STATE_NOT_CLOSED 0x01
#define EXT_FLAGS_ACTIVE_FAT 0x0f
#define EXT_FLAGS_NOT_MIRRORED 0x80
#define MAX_FAT12_CLUSTERS 4084
#define MAX_FAT16_CLUSTERS 65524
/* Numbers from 0x0ffffff7 mean "bad" and "end"; the first cluster is number 2. */
#define MAX_FAT32_CLUSTERS (0x0ffffff7 - RUB_FAT_FIRST_CLUSTER)
#define SLOT_BYTES 32

/* What mkfs.fat 4.2 does for FAT32. */
#define MKFS_RESERVED_SECTORS 32
#define MKFS_FAT_COUNT 2
#define MKFS_SHORT_TRACK_SECTORS 32
#define MKFS_LONG_TRACK_SECTORS 63

/* What it does where nothing is asked for. */
#define MKFS_ROOT_ENTRIES 512
#define MKFS_MIN_SECTORS_PER_CLUSTER 4
#define MKFS_MAX_SECTORS_PER_CLUSTER 128

/* A volume stays FAT32 also when another tool counts a few clusters less. */
#define SPARE_CLUSTERS 16

/* Names the field as the specification does: that is for those who help, in any language. */
static gboolean
damaged(GError **error, const char *field, guint32 value)
{
    g_autofree char *details = g_strdup_printf("%s = %u", field, value);
    rub_error_set_text(error, RUB_CODE_VOLUME_DAMAGED, N_("not a valid FAT volume ({details})"),
                       "details", details, NULL);
    return FALSE;
}

static gboolean
is_power_of_two(guint value)
{
    return value != 0 && (value & (value - 1)) == 0;
}

static gboolean
parse_sectors(RubFatGeometry *self, RubBytes *boot, GError **error)
{
    self->sector_size = rub_bytes_u16le(boot, BPB_BYTES_PER_SECTOR);
    self->sectors_per_cluster = rub_bytes_u8(boot, BPB_SECTORS_PER_CLUSTER);
    self->reserved_sectors = rub_bytes_u16le(boot, BPB_RESERVED_SECTORS);
    self->fat_count = rub_bytes_u8(boot, BPB_FAT_COUNT);
    self->root_entry_count = rub_bytes_u16le(boot, BPB_ROOT_ENTRIES);
    self->hidden_sectors = rub_bytes_u32le(boot, BPB_HIDDEN_SECTORS);
    guint media = rub_bytes_u8(boot, BPB_MEDIA);

    if (rub_bytes_u16le(boot, SIGNATURE) != 0xaa55)
        return damaged(error, "Signature_word", rub_bytes_u16le(boot, SIGNATURE));
    if (!is_power_of_two(self->sector_size) || self->sector_size < 512 || self->sector_size > 4096)
        return damaged(error, "BPB_BytsPerSec", self->sector_size);
    if (!is_power_of_two(self->sectors_per_cluster))
        return damaged(error, "BPB_SecPerClus", self->sectors_per_cluster);
    if (self->reserved_sectors == 0)
        return damaged(error, "BPB_RsvdSecCnt", 0);
    if (self->fat_count == 0)
        return damaged(error, "BPB_NumFATs", 0);
    if (media != 0xf0 && media < 0xf8)
        return damaged(error, "BPB_Media", media);
    self->cluster_bytes = self->sector_size * self->sectors_per_cluster;
    return TRUE;
}

/* mkfs.fat uses the 16-bit count also on FAT32 when the number fits. */
static void
parse_totals(RubFatGeometry *self, RubBytes *boot)
{
    self->total_sectors = rub_bytes_u16le(boot, BPB_TOTAL_SECTORS_16);
    if (self->total_sectors == 0)
        self->total_sectors = rub_bytes_u32le(boot, BPB_TOTAL_SECTORS_32);
    self->fat_size_sectors = rub_bytes_u16le(boot, BPB_FAT_SIZE_16);
    if (self->fat_size_sectors != 0)
        return;
    self->type = RUB_FAT_32;
    self->fat_size_sectors = rub_bytes_u32le(boot, BPB_FAT_SIZE_32);
}

static guint64
table_capacity(const RubFatGeometry *self)
{
    return (guint64) self->fat_size_sectors * self->sector_size * 8 / self->type;
}

static gboolean
parse_areas(RubFatGeometry *self, guint64 volume_bytes, GError **error)
{
    guint64 root_sectors =
        ((guint64) self->root_entry_count * SLOT_BYTES + self->sector_size - 1) / self->sector_size;
    guint64 root_start =
        self->reserved_sectors + (guint64) self->fat_count * self->fat_size_sectors;
    guint64 data_start = root_start + root_sectors;

    if (self->fat_size_sectors == 0)
        return damaged(error, "BPB_FATSz", 0);
    if (self->total_sectors > volume_bytes / self->sector_size)
        return damaged(error, "BPB_TotSec", self->total_sectors);
    if (data_start >= self->total_sectors)
        return damaged(error, "BPB_TotSec", self->total_sectors);
    self->root_start_sector = (guint32) root_start;
    self->data_start_sector = (guint32) data_start;
    self->cluster_count =
        (self->total_sectors - self->data_start_sector) / self->sectors_per_cluster;
    if (self->cluster_count == 0)
        return damaged(error, "CountofClusters", 0);
    if (self->type != RUB_FAT_32)
        self->type = self->cluster_count <= MAX_FAT12_CLUSTERS ? RUB_FAT_12 : RUB_FAT_16;
    if (table_capacity(self) < (guint64) self->cluster_count + RUB_FAT_FIRST_CLUSTER)
        return damaged(error, "BPB_FATSz", self->fat_size_sectors);
    return TRUE;
}

/* Some tools write 0xffff for "none". */
static guint
parse_reserved_sector_number(const RubFatGeometry *self, RubBytes *boot, gsize offset)
{
    guint sector = rub_bytes_u16le(boot, offset);
    return sector < self->reserved_sectors ? sector : 0;
}

static void
parse_extended(RubFatGeometry *self, RubBytes *boot)
{
    gsize at = self->type == RUB_FAT_32 ? EXTENDED_32 : EXTENDED_16;
    guint signature = rub_bytes_u8(boot, at + EXTENDED_SIGNATURE);
    if (signature != 0x28 && signature != 0x29)
        return;
    self->was_unclean = (rub_bytes_u8(boot, at + EXTENDED_STATE) & STATE_UNCLEAN) != 0;
    self->volume_id = rub_bytes_u32le(boot, at + EXTENDED_VOLUME_ID);
    const guint8 *label = rub_bytes_at(boot, at + EXTENDED_LABEL, sizeof self->label - 1);
    if (signature == 0x29 && label)
        memcpy(self->label, label, sizeof self->label - 1);
}

static gboolean
parse_fat32(RubFatGeometry *self, RubBytes *boot, GError **error)
{
    guint flags = rub_bytes_u16le(boot, BPB_EXT_FLAGS);
    self->is_mirrored = (flags & EXT_FLAGS_NOT_MIRRORED) == 0;
    self->active_fat = self->is_mirrored ? 0 : flags & EXT_FLAGS_ACTIVE_FAT;
    self->root_cluster = rub_bytes_u32le(boot, BPB_ROOT_CLUSTER);
    self->fsinfo_sector = parse_reserved_sector_number(self, boot, BPB_FSINFO_SECTOR);
    self->backup_sector = parse_reserved_sector_number(self, boot, BPB_BACKUP_SECTOR);

    if (rub_bytes_u16le(boot, BPB_FS_VERSION) != 0)
        return damaged(error, "BPB_FSVer", rub_bytes_u16le(boot, BPB_FS_VERSION));
    if (self->root_entry_count != 0)
        return damaged(error, "BPB_RootEntCnt", self->root_entry_count);
    if (self->cluster_count > MAX_FAT32_CLUSTERS)
        return damaged(error, "CountofClusters", self->cluster_count);
    if (self->active_fat >= self->fat_count)
        return damaged(error, "BPB_ExtFlags", flags);
    if (!rub_fat_geometry_has_cluster(self, self->root_cluster))
        return damaged(error, "BPB_RootClus", self->root_cluster);
    return TRUE;
}

static gboolean
parse_fat16(RubFatGeometry *self, GError **error)
{
    self->is_mirrored = TRUE;
    if (self->root_entry_count == 0)
        return damaged(error, "BPB_RootEntCnt", 0);
    if (self->cluster_count > MAX_FAT16_CLUSTERS)
        return damaged(error, "CountofClusters", self->cluster_count);
    return TRUE;
}

gboolean
rub_fat_geometry_parse(RubFatGeometry *self, gconstpointer data, gsize size_bytes,
                       guint64 volume_bytes, GError **error)
{
    RubBytes boot = rub_bytes(data, size_bytes);
    memset(self, 0, sizeof *self);
    if (size_bytes < RUB_FAT_BOOT_SECTOR_BYTES)
        return damaged(error, "BPB_BytsPerSec", (guint32) size_bytes);
    if (!parse_sectors(self, &boot, error))
        return FALSE;
    parse_totals(self, &boot);
    if (!parse_areas(self, volume_bytes, error))
        return FALSE;
    parse_extended(self, &boot);
    return self->type == RUB_FAT_32 ? parse_fat32(self, &boot, error) : parse_fat16(self, error);
}

gboolean
rub_fat_geometry_clear_unclean(RubFatGeometry *self, guint8 *boot)
{
    guint8 *state = boot + EXTENDED_32 + EXTENDED_STATE;
    if (!self->was_unclean || (*state & STATE_NOT_CLOSED) == 0)
        return FALSE;
    *state &= (guint8) ~STATE_NOT_CLOSED;
    self->was_unclean = (*state & STATE_UNCLEAN) != 0;
    return TRUE;
}

/* What mkfs.fat chooses by itself, which is also Microsoft's table up to 32 KiB. */
static guint
preferred_cluster_bytes(guint64 volume_bytes)
{
    const guint64 gib = G_GUINT64_CONSTANT(1) << 30;
    if (volume_bytes <= 8 * gib)
        return 4096;
    if (volume_bytes <= 16 * gib)
        return 8192;
    return volume_bytes <= 32 * gib ? 16384 : 32768;
}

static guint32
round_up(guint64 value, guint multiple)
{
    return (guint32) ((value + multiple - 1) / multiple * multiple);
}

/* mkfs.fat cuts the volume to whole tracks: of 32 sectors up to 2^19 sectors, else of 63 or what
 * the drive says. The worse of the two is taken. */
static guint64
whole_tracks(guint64 sectors)
{
    return MIN(sectors / MKFS_SHORT_TRACK_SECTORS * MKFS_SHORT_TRACK_SECTORS,
               sectors / MKFS_LONG_TRACK_SECTORS * MKFS_LONG_TRACK_SECTORS);
}

/* mkfs.fat rounds the reserved area and each table up to whole clusters. */
static gboolean
predict(RubFatGeometry *self, guint64 total_sectors, guint sector_size, guint sectors_per_cluster)
{
    guint reserved = round_up(MKFS_RESERVED_SECTORS, sectors_per_cluster);
    if (total_sectors <= reserved)
        return FALSE;
    guint64 rest = total_sectors - reserved;
    guint cluster_bytes = sector_size * sectors_per_cluster;
    /* Each cluster costs itself and 4 bytes in each table; entries 0 and 1 cost 8 in each. */
    guint64 clusters =
        (rest * sector_size + MKFS_FAT_COUNT * 8) / (cluster_bytes + MKFS_FAT_COUNT * 4);
    guint64 table_sectors =
        ((clusters + RUB_FAT_FIRST_CLUSTER) * 4 + sector_size - 1) / sector_size;
    guint32 fat_size = round_up(table_sectors, sectors_per_cluster);
    if (rest <= (guint64) MKFS_FAT_COUNT * fat_size)
        return FALSE;
    *self = (RubFatGeometry){
        .type = RUB_FAT_32,
        .sector_size = sector_size,
        .sectors_per_cluster = sectors_per_cluster,
        .cluster_bytes = cluster_bytes,
        .reserved_sectors = reserved,
        .fat_count = MKFS_FAT_COUNT,
        .fat_size_sectors = fat_size,
        .total_sectors = (guint32) total_sectors,
        .root_start_sector = reserved + MKFS_FAT_COUNT * fat_size,
        .data_start_sector = reserved + MKFS_FAT_COUNT * fat_size,
        .root_cluster = RUB_FAT_FIRST_CLUSTER,
        .cluster_count = (guint32) ((rest - MKFS_FAT_COUNT * fat_size) / sectors_per_cluster),
        .fsinfo_sector = 1,
        .backup_sector = 6,
        .is_mirrored = TRUE,
    };
    return self->cluster_count >= RUB_FAT_MIN_FAT32_CLUSTERS + SPARE_CLUSTERS &&
           self->cluster_count <= MAX_FAT32_CLUSTERS;
}

gboolean
rub_fat_geometry_for_new(RubFatGeometry *self, guint64 volume_bytes, guint sector_size)
{
    guint64 total_sectors = whole_tracks(volume_bytes / sector_size);
    if (total_sectors > G_MAXUINT32)
        return FALSE;
    guint cluster_bytes = preferred_cluster_bytes(volume_bytes);
    for (; cluster_bytes >= sector_size; cluster_bytes /= 2)
        if (predict(self, total_sectors, sector_size, cluster_bytes / sector_size))
            return TRUE;
    return FALSE;
}

/* Its table counts sectors, as if all had 512 bytes. */
static guint
default_sectors_per_cluster(guint64 total_sectors)
{
    const guint64 sectors_per_mib = 2048;
    guint64 mib = (total_sectors + sectors_per_mib - 1) / sectors_per_mib;
    if (mib <= 260)
        return 1;
    if (mib <= 8 * 1024)
        return 8;
    if (mib <= 16 * 1024)
        return 16;
    return mib <= 32 * 1024 ? 32 : 64;
}

/* Root folder and each table begin on a whole cluster. */
static gboolean
predict_fat16(RubFatGeometry *self, guint64 total_sectors, guint sector_size,
              guint sectors_per_cluster)
{
    guint reserved = sectors_per_cluster;
    guint32 root = round_up(MKFS_ROOT_ENTRIES * SLOT_BYTES / sector_size, sectors_per_cluster);
    if (total_sectors <= reserved + root)
        return FALSE;
    guint64 rest = total_sectors - reserved - root;
    guint cluster_bytes = sector_size * sectors_per_cluster;
    /* Each cluster costs itself and 2 bytes in each table. */
    guint64 clusters = rest * sector_size / (cluster_bytes + MKFS_FAT_COUNT * 2);
    guint64 table_sectors =
        ((clusters + RUB_FAT_FIRST_CLUSTER) * 2 + sector_size - 1) / sector_size;
    guint32 fat_size = round_up(table_sectors, sectors_per_cluster);
    if (rest <= (guint64) MKFS_FAT_COUNT * fat_size)
        return FALSE;
    *self = (RubFatGeometry){
        .sector_size = sector_size,
        .sectors_per_cluster = sectors_per_cluster,
        .cluster_bytes = cluster_bytes,
        .reserved_sectors = reserved,
        .fat_count = MKFS_FAT_COUNT,
        .fat_size_sectors = fat_size,
        .total_sectors = (guint32) total_sectors,
        .root_start_sector = reserved + MKFS_FAT_COUNT * fat_size,
        .root_entry_count = MKFS_ROOT_ENTRIES,
        .data_start_sector = reserved + MKFS_FAT_COUNT * fat_size + root,
        .cluster_count = (guint32) ((rest - MKFS_FAT_COUNT * fat_size) / sectors_per_cluster),
        .is_mirrored = TRUE,
    };
    self->type = self->cluster_count <= MAX_FAT12_CLUSTERS ? RUB_FAT_12 : RUB_FAT_16;
    return self->cluster_count > 0 && self->cluster_count <= MAX_FAT16_CLUSTERS;
}

gboolean
rub_fat_geometry_for_default(RubFatGeometry *self, guint64 volume_bytes, guint sector_size)
{
    guint64 total_sectors = whole_tracks(volume_bytes / sector_size);
    if (total_sectors > G_MAXUINT32)
        return FALSE;
    if (volume_bytes >= RUB_FAT_DEFAULT_FAT32_BYTES)
        return predict(self, total_sectors, sector_size,
                       default_sectors_per_cluster(volume_bytes / sector_size));
    for (guint count = MKFS_MIN_SECTORS_PER_CLUSTER; count <= MKFS_MAX_SECTORS_PER_CLUSTER;
         count *= 2)
        if (predict_fat16(self, total_sectors, sector_size, count))
            return TRUE;
    return FALSE;
}
