/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "source/rub-udf-private.h"

RubUdfAddress
rub_udf_address_parse(RubBytes *bytes, gsize long_ad_offset)
{
    return (RubUdfAddress){
        .block = rub_bytes_u32le(bytes, long_ad_offset + RUB_UDF_AD_BLOCK),
        .partition_reference = rub_bytes_u16le(bytes, long_ad_offset + RUB_UDF_LONG_AD_PARTITION),
    };
}

RubUdfMap *
rub_udf_map_new(guint16 partition_number)
{
    RubUdfMap *self = g_new0(RubUdfMap, 1);
    self->partition_number = partition_number;
    self->runs = g_array_new(FALSE, FALSE, sizeof(RubUdfRun));
    return self;
}

void
rub_udf_map_free(RubUdfMap *self)
{
    g_array_unref(self->runs);
    g_free(self);
}

void
rub_udf_map_add_run(RubUdfMap *self, guint64 first_block, guint64 block_count, guint64 offset_bytes)
{
    if (block_count == 0)
        return;
    RubUdfRun run = {first_block, block_count, offset_bytes};
    g_array_append_val(self->runs, run);
}

static guint64
get_end_block(const RubUdfRun *run)
{
    return run->first_block + run->block_count;
}

/* The index of the first run that ends after @block. */
static guint
find_run(const RubUdfMap *self, guint64 block)
{
    guint low = 0;
    guint high = self->runs->len;
    while (low < high) {
        guint middle = low + (high - low) / 2;
        if (get_end_block(&g_array_index(self->runs, RubUdfRun, middle)) > block)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

/* %NULL where run @index does not hold @block. */
static const RubUdfRun *
get_run(const RubUdfMap *self, guint index, guint64 block)
{
    if (index >= self->runs->len)
        return NULL;
    const RubUdfRun *run = &g_array_index(self->runs, RubUdfRun, index);
    return run->first_block <= block ? run : NULL;
}

/* A truncated image and one that is wrong about itself call for different help: the first is to be
 * downloaded again. */
static gboolean
refuse_block(RubUdfVolume *volume, const RubUdfMap *map, RubUdfAddress address, guint64 size_bytes,
             GError **error)
{
    guint64 block_offset = (guint64) address.block * volume->block_size_bytes;
    if (map->is_physical &&
        !rub_udf_reader_check(volume->reader, map->offset_bytes + block_offset, size_bytes, error))
        return FALSE;
    rub_udf_set_damaged(error, "%" G_GUINT64_FORMAT " bytes at block %u are not in partition %u",
                        size_bytes, address.block, address.partition_reference);
    return FALSE;
}

gboolean
rub_udf_volume_add_extent(RubUdfVolume *self, RubUdfAddress address, guint64 size_bytes,
                          RubEntry *data, GError **error)
{
    if (address.partition_reference >= self->maps->len) {
        rub_udf_set_damaged(error, "there is no partition %u", address.partition_reference);
        return FALSE;
    }
    const RubUdfMap *map = g_ptr_array_index(self->maps, address.partition_reference);
    guint64 block = address.block;
    guint64 left_bytes = size_bytes;
    for (guint i = find_run(map, block); left_bytes > 0; i++) {
        const RubUdfRun *run = get_run(map, i, block);
        if (!run)
            return refuse_block(self, map, address, size_bytes, error);
        guint64 run_bytes = (get_end_block(run) - block) * self->block_size_bytes;
        guint64 take_bytes = MIN(run_bytes, left_bytes);
        guint64 offset_bytes =
            run->offset_bytes + (block - run->first_block) * self->block_size_bytes;
        if (!rub_udf_reader_check(self->reader, offset_bytes, take_bytes, error) ||
            !rub_udf_volume_spend(self, sizeof(RubExtent), error))
            return FALSE;
        rub_entry_add_extent(data, offset_bytes, take_bytes);
        left_bytes -= take_bytes;
        block = get_end_block(run);
    }
    return TRUE;
}
