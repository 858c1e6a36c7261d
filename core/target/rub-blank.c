/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "target/rub-blank.h"

#include <string.h>

#define MIB ((gsize) 1024 * 1024)
/* What a new table and the wiping of old signatures would overwrite, and the second boot sector of
 * a FAT32 or the second header of a GPT with it. */
#define HEAD_BYTES (2 * MIB)
#define TAIL_BYTES MIB
#define SAMPLE_COUNT 16
#define SAMPLE_BYTES ((gsize) 64 * 1024)
/* Where the first cylinder of an MBR disk ended; tools for it have never begun a partition before.
 */
#define FIRST_PARTITION_LBA 63
#define MARK "Rescue USB Builder: nothing on this disk is in use."

static gboolean
is_zero_at(RubDisk *disk, guint64 start_bytes, gsize size_bytes)
{
    g_autofree guint8 *data = g_malloc(size_bytes);
    if (!rub_disk_read(disk, start_bytes, data, size_bytes, NULL))
        return FALSE;
    for (gsize i = 0; i < size_bytes; i++)
        if (data[i] != 0)
            return FALSE;
    return TRUE;
}

/* Where the sample of this number begins: at a whole sector. */
static guint64
place_sample(guint64 disk_bytes, guint number)
{
    guint64 step_bytes = (disk_bytes - HEAD_BYTES - TAIL_BYTES) / (SAMPLE_COUNT + 1);
    return (HEAD_BYTES + step_bytes * (number + 1)) / SAMPLE_BYTES * SAMPLE_BYTES;
}

static guint8 *
make_mark(gsize sector_size)
{
    guint8 *sector = g_malloc0(sector_size);
    memcpy(sector, MARK, strlen(MARK));
    return sector;
}

static gboolean
is_marked(RubDisk *disk)
{
    gsize sector_size = rub_disk_get_sector_size(disk);
    g_autofree guint8 *mark = make_mark(sector_size);
    g_autofree guint8 *sector = g_malloc(sector_size);
    return rub_disk_get_size_bytes(disk) >= MIB && is_zero_at(disk, 0, sector_size) &&
           rub_disk_read(disk, MIB - sector_size, sector, sector_size, NULL) &&
           memcmp(sector, mark, sector_size) == 0;
}

gboolean
rub_blank_mark(RubDisk *disk, GError **error)
{
    gsize sector_size = rub_disk_get_sector_size(disk);
    g_autofree guint8 *mark = make_mark(sector_size);
    g_autofree guint8 *nothing = g_malloc0(sector_size);
    return rub_disk_write(disk, MIB - sector_size, mark, sector_size, error) &&
           rub_disk_write(disk, 0, nothing, sector_size, error) && rub_disk_sync(disk, error);
}

gboolean
rub_blank_probe_behind_mbr(RubDisk *disk)
{
    gsize sector_size = rub_disk_get_sector_size(disk);
    guint64 end_bytes = MIN(rub_disk_get_size_bytes(disk), FIRST_PARTITION_LBA * sector_size);
    return is_zero_at(disk, sector_size, (gsize) (end_bytes - MIN(sector_size, end_bytes)));
}

gboolean
rub_blank_probe(RubDisk *disk)
{
    guint64 disk_bytes = rub_disk_get_size_bytes(disk);
    if (is_marked(disk))
        return TRUE;
    if (disk_bytes <= HEAD_BYTES + TAIL_BYTES + SAMPLE_COUNT * SAMPLE_BYTES)
        return is_zero_at(disk, 0, (gsize) disk_bytes);
    gboolean is_blank =
        is_zero_at(disk, 0, HEAD_BYTES) && is_zero_at(disk, disk_bytes - TAIL_BYTES, TAIL_BYTES);
    for (guint i = 0; is_blank && i < SAMPLE_COUNT; i++)
        is_blank = is_zero_at(disk, place_sample(disk_bytes, i), SAMPLE_BYTES);
    return is_blank;
}
