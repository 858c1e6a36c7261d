/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "volume/rub-ntfs-order.h"

#include <errno.h>

#define BLOCK_BYTES 4096

enum {
    RANK_FREE,
    RANK_BITMAPS,
    RANK_RECORDS,
    RANK_FIRST_RECORDS,
    RANK_COPY,
    RANK_FOLDERS,
};
G_STATIC_ASSERT(RANK_FOLDERS + 1 == RUB_NTFS_ORDER_RANKS);

struct _RubNtfsOrder {
    ntfs_volume *volume;
    guint8 *used; /* a bit for each cluster that was in use */
    guint64 used_bytes;
};

RubNtfsOrder *
rub_ntfs_order_new(ntfs_volume *volume)
{
    g_autoptr(RubNtfsOrder) self = g_new0(RubNtfsOrder, 1);
    s64 size_bytes = volume->lcnbmp_na->data_size;
    self->volume = volume;
    self->used_bytes = (guint64) size_bytes;
    self->used = g_try_malloc(self->used_bytes);
    if (!self->used) {
        errno = ENOMEM;
        return NULL;
    }
    if (ntfs_attr_pread(volume->lcnbmp_na, 0, size_bytes, self->used) != size_bytes)
        return NULL;
    return g_steal_pointer(&self);
}

void
rub_ntfs_order_free(RubNtfsOrder *self)
{
    g_free(self->used);
    g_free(self);
}

/* Which of the clusters of an attribute it is, or -1. */
static VCN
find(const ntfs_attr *attribute, LCN cluster)
{
    for (const runlist_element *run = attribute->rl; run && run->length > 0; run++)
        if (run->lcn >= 0 && cluster >= run->lcn && cluster < run->lcn + run->length)
            return run->vcn + (cluster - run->lcn);
    return -1;
}

gboolean
rub_ntfs_order_was_free(const RubNtfsOrder *self, guint64 cluster)
{
    guint64 byte = cluster / 8;
    return byte < self->used_bytes && !(self->used[byte] & (1u << (cluster % 8)));
}

guint
rub_ntfs_order_get_rank(guint64 offset_bytes, gpointer user_data)
{
    const RubNtfsOrder *self = user_data;
    const ntfs_volume *volume = self->volume;
    guint64 end_bytes = offset_bytes + BLOCK_BYTES;
    /* Blocks may hold several clusters: it is the first of those in use that counts. */
    while (offset_bytes < end_bytes &&
           rub_ntfs_order_was_free(self, offset_bytes / volume->cluster_size))
        offset_bytes += MIN(volume->cluster_size, BLOCK_BYTES);
    LCN cluster = (LCN) (offset_bytes / volume->cluster_size);
    if (offset_bytes >= end_bytes)
        return RANK_FREE;
    if (find(volume->lcnbmp_na, cluster) >= 0 || find(volume->mftbmp_na, cluster) >= 0)
        return RANK_BITMAPS;
    VCN in_table = find(volume->mft_na, cluster);
    if (in_table >= 0) {
        guint64 at =
            (guint64) in_table * volume->cluster_size + offset_bytes % volume->cluster_size;
        return at < FILE_first_user * volume->mft_record_size ? RANK_FIRST_RECORDS : RANK_RECORDS;
    }
    return find(volume->mftmirr_na, cluster) >= 0 ? RANK_COPY : RANK_FOLDERS;
}
