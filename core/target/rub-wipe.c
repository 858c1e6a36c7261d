/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "target/rub-wipe.h"

#include <string.h>

/* Old signatures lie near the start of a disk (a GPT 512 bytes in, ISO 9660 at 32 KiB) or of a
 * partition (btrfs at 64 KiB, ZFS at 256 KiB, UDF at 512 KiB), and near the end (the second GPT
 * header, metadata of RAID and ZFS). 1 MiB at each place takes all of them. */
#define WIPE_BYTES ((gsize) 1024 * 1024)

gboolean
rub_wipe_ends(RubDisk *disk, guint64 start_bytes, guint64 size_bytes, GError **error)
{
    return rub_wipe_ends_for(disk, start_bytes, size_bytes, NULL, 0, error);
}

gboolean
rub_wipe_ends_for(RubDisk *disk, guint64 start_bytes, guint64 size_bytes, const guint8 *head,
                  gsize head_bytes, GError **error)
{
    g_autofree guint8 *first = g_malloc0(WIPE_BYTES);
    g_autofree guint8 *last = g_malloc0(WIPE_BYTES);
    gsize count = (gsize) MIN(WIPE_BYTES, size_bytes);
    g_return_val_if_fail(head_bytes <= count, FALSE);
    if (head)
        memcpy(first, head, head_bytes);
    return rub_disk_write(disk, start_bytes, first, count, error) &&
           rub_disk_write(disk, start_bytes + size_bytes - count, last, count, error);
}
