/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "target/rub-mbr-editor.h"

#include <string.h>

#include "base/rub-bytes.h"
#include "base/rub-error.h"
#include "base/rub-mbr.h"
#include "target/rub-layout-probe.h"

#define MAX_SECTOR_BYTES 4096
#define MEMORY_ALIGNMENT 4096

/* The geometry that every BIOS of today gives a stick. */
#define HEADS 255
#define SECTORS_PER_TRACK 63
#define MAX_CYLINDER 1023

/* What lies beyond the last cylinder gets its last sector, as all partitioning tools do. */
static void
put_chs(guint8 *chs, guint64 lba)
{
    guint64 cylinder = lba / SECTORS_PER_TRACK / HEADS;
    guint head = (guint) (lba / SECTORS_PER_TRACK % HEADS);
    guint sector = (guint) (lba % SECTORS_PER_TRACK) + 1;
    if (cylinder > MAX_CYLINDER) {
        cylinder = MAX_CYLINDER;
        head = HEADS - 1;
        sector = SECTORS_PER_TRACK;
    }
    chs[0] = (guint8) head;
    chs[1] = (guint8) (sector | (cylinder >> 8) << 6);
    chs[2] = (guint8) cylinder;
}

static void
put_entry(guint8 *entry, const RubNewVolume *volume)
{
    memset(entry, 0, RUB_MBR_ENTRY_BYTES);
    put_chs(entry + RUB_MBR_ENTRY_FIRST_CHS, volume->start_lba);
    put_chs(entry + RUB_MBR_ENTRY_LAST_CHS, volume->start_lba + volume->sector_count - 1);
    entry[RUB_MBR_ENTRY_TYPE] = volume->mbr_type;
    rub_put_u32le(entry + RUB_MBR_ENTRY_START_LBA, (guint32) volume->start_lba);
    rub_put_u32le(entry + RUB_MBR_ENTRY_SECTOR_COUNT, (guint32) volume->sector_count);
}

static RubLayout *
read_table(RubDisk *disk, GError **error)
{
    g_autoptr(RubLayout) layout = rub_layout_new(rub_disk_get_name(disk), 0);
    GError *io_error = NULL;
    if (!rub_layout_probe_table(layout, disk, &io_error)) {
        rub_disk_propagate_error(error, io_error, RUB_CODE_INIT_FAILED);
        return NULL;
    }
    if (layout->table == RUB_TABLE_MBR)
        return g_steal_pointer(&layout);
    g_set_error(error, RUB_ERROR, RUB_CODE_INIT_FAILED, "%s has no MBR partition table",
                layout->name);
    return NULL;
}

static const RubPartition *
find_partition(const RubLayout *layout, guint number)
{
    for (guint i = 0; i < layout->partitions->len; i++) {
        const RubPartition *partition = g_ptr_array_index(layout->partitions, i);
        if (partition->number == number)
            return partition;
    }
    return NULL;
}

static gboolean
check_number(const RubLayout *layout, guint number, GError **error)
{
    if (number >= 1 && number <= RUB_MBR_ENTRY_COUNT)
        return TRUE;
    g_set_error(error, RUB_ERROR, RUB_CODE_INIT_FAILED,
                "partition %u of %s is none of the four of its table", number, layout->name);
    return FALSE;
}

static gboolean
is_on_disk(const RubLayout *layout, const RubNewVolume *volume)
{
    guint64 disk_sectors = MIN(layout->size_bytes / layout->sector_size, (guint64) G_MAXUINT32 + 1);
    return volume->start_lba > 0 && volume->sector_count > 0 && volume->start_lba < disk_sectors &&
           volume->sector_count <= disk_sectors - volume->start_lba &&
           volume->sector_count <= G_MAXUINT32;
}

static gboolean
overlaps(const RubPartition *partition, const RubNewVolume *volume)
{
    return partition->start_lba < volume->start_lba + volume->sector_count &&
           volume->start_lba < partition->start_lba + partition->sector_count;
}

static gboolean
check_sectors_are_free(const RubLayout *layout, const RubNewVolume *volume, GError **error)
{
    gboolean is_free = is_on_disk(layout, volume);
    for (guint i = 0; is_free && i < layout->partitions->len; i++)
        is_free = !overlaps(g_ptr_array_index(layout->partitions, i), volume);
    if (!is_free)
        g_set_error(error, RUB_ERROR, RUB_CODE_NO_FREE_SPACE,
                    "%" G_GUINT64_FORMAT " sectors from sector %" G_GUINT64_FORMAT
                    " of %s are not free",
                    volume->sector_count, volume->start_lba, layout->name);
    return is_free;
}

/* Writes the entry, or zeros where there is none, into the sector as it is on the disk. */
static gboolean
write_entry(RubDisk *disk, guint number, const RubNewVolume *volume, GError **error)
{
    guint sector_size = rub_disk_get_sector_size(disk);
    guint8 *sector = g_aligned_alloc(1, MAX_SECTOR_BYTES, MEMORY_ALIGNMENT);
    GError *io_error = NULL;
    gboolean is_written = rub_disk_read(disk, 0, sector, sector_size, &io_error);
    if (is_written) {
        guint8 *entry = sector + RUB_MBR_TABLE + (number - 1) * RUB_MBR_ENTRY_BYTES;
        if (volume)
            put_entry(entry, volume);
        else
            memset(entry, 0, RUB_MBR_ENTRY_BYTES);
        is_written = rub_disk_write(disk, 0, sector, sector_size, &io_error);
    }
    g_aligned_free(sector);
    if (!is_written)
        rub_disk_propagate_error(error, io_error, RUB_CODE_INIT_FAILED);
    return is_written;
}

static gboolean
is_same(const RubPartition *one, const RubPartition *other)
{
    return other && one->start_lba == other->start_lba &&
           one->sector_count == other->sector_count && one->mbr_type == other->mbr_type &&
           one->is_active == other->is_active;
}

static gboolean
has_all_but(const RubLayout *layout, const RubLayout *expected, guint number)
{
    for (guint i = 0; i < expected->partitions->len; i++) {
        const RubPartition *partition = g_ptr_array_index(expected->partitions, i);
        if (partition->number != number &&
            !is_same(partition, find_partition(layout, partition->number)))
            return FALSE;
    }
    return TRUE;
}

/* Reads the table again: what was there is there, and nothing but the one entry has changed. */
static gboolean
check_table(RubDisk *disk, const RubLayout *before, guint number, const RubNewVolume *volume,
            GError **error)
{
    g_autoptr(RubLayout) now = read_table(disk, error);
    if (!now)
        return FALSE;
    const RubPartition *found = find_partition(now, number);
    gboolean is_right = !volume && !found;
    if (volume) {
        RubPartition wanted = {.start_lba = volume->start_lba,
                               .sector_count = volume->sector_count,
                               .mbr_type = volume->mbr_type};
        is_right = is_same(&wanted, found);
    }
    if (is_right && has_all_but(now, before, number) && has_all_but(before, now, number))
        return TRUE;
    g_set_error(error, RUB_ERROR, RUB_CODE_INIT_FAILED,
                "the partition table of %s is not as written when read again", now->name);
    return FALSE;
}

gboolean
rub_mbr_add_partition(RubDisk *disk, const RubNewVolume *volume, GError **error)
{
    g_autoptr(RubLayout) before = read_table(disk, error);
    if (!before || !check_number(before, volume->number, error))
        return FALSE;
    if (find_partition(before, volume->number)) {
        g_set_error(error, RUB_ERROR, RUB_CODE_MAX_PARTITIONS, "%s has a partition %u already",
                    before->name, volume->number);
        return FALSE;
    }
    return check_sectors_are_free(before, volume, error) &&
           write_entry(disk, volume->number, volume, error) &&
           check_table(disk, before, volume->number, volume, error);
}

gboolean
rub_mbr_remove_partition(RubDisk *disk, guint number, GError **error)
{
    g_autoptr(RubLayout) before = read_table(disk, error);
    if (!before || !check_number(before, number, error))
        return FALSE;
    const RubPartition *partition = find_partition(before, number);
    if (!partition)
        return TRUE;
    if (partition->is_container) {
        g_set_error(error, RUB_ERROR, RUB_CODE_INIT_FAILED, "partition %u of %s holds others",
                    number, before->name);
        return FALSE;
    }
    return write_entry(disk, number, NULL, error) && check_table(disk, before, number, NULL, error);
}
