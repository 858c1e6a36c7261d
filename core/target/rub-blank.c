/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "target/rub-blank.h"

#define MIB ((gsize) 1024 * 1024)
/* What a new table and the wiping of old signatures would overwrite, and the second boot sector of
 * a FAT32 or the second header of a GPT with it. */
#define HEAD_BYTES (2 * MIB)
#define TAIL_BYTES MIB
#define SAMPLE_COUNT 16
#define SAMPLE_BYTES ((gsize) 64 * 1024)

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

gboolean
rub_blank_probe(RubDisk *disk)
{
    guint64 disk_bytes = rub_disk_get_size_bytes(disk);
    if (disk_bytes <= HEAD_BYTES + TAIL_BYTES + SAMPLE_COUNT * SAMPLE_BYTES)
        return is_zero_at(disk, 0, (gsize) disk_bytes);
    gboolean is_blank =
        is_zero_at(disk, 0, HEAD_BYTES) && is_zero_at(disk, disk_bytes - TAIL_BYTES, TAIL_BYTES);
    for (guint i = 0; is_blank && i < SAMPLE_COUNT; i++)
        is_blank = is_zero_at(disk, place_sample(disk_bytes, i), SAMPLE_BYTES);
    return is_blank;
}
