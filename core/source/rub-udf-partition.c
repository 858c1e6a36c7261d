/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "source/rub-udf-private.h"

/* A packet of a sparable partition that was moved to a spare one. */
typedef struct {
    guint32 original_block; /* in the partition */
    guint32 mapped_block;   /* in the volume */
} Spare;

typedef struct {
    guint32 packet_blocks;
    guint32 sequence;
    GArray *spares; /* of Spare */
} SparingTable;

static const RubUdfPartition *
find_partition(RubUdfVolume *self, guint16 number, GError **error)
{
    for (guint i = 0; i < self->partitions->len; i++) {
        const RubUdfPartition *partition = &g_array_index(self->partitions, RubUdfPartition, i);
        if (partition->number == number)
            return partition;
    }
    rub_udf_set_damaged(error, "no descriptor for partition %u", number);
    return NULL;
}

static RubUdfMap *
physical_map_new(RubUdfVolume *self, const RubUdfPartition *partition)
{
    RubUdfMap *map = rub_udf_map_new(partition->number);
    map->is_physical = TRUE;
    map->offset_bytes = (guint64) partition->start_block * self->block_size_bytes;
    return map;
}

static RubUdfMap *
load_type_1(RubUdfVolume *self, RubBytes *bytes, GError **error)
{
    guint16 number = rub_bytes_u16le(bytes, RUB_UDF_MAP_1_NUMBER);
    const RubUdfPartition *partition = find_partition(self, number, error);
    if (!partition)
        return NULL;
    RubUdfMap *map = physical_map_new(self, partition);
    rub_udf_map_add_run(map, 0, partition->block_count, map->offset_bytes);
    return map;
}

static int
compare_spares(gconstpointer a, gconstpointer b)
{
    guint32 original_a = ((const Spare *) a)->original_block;
    guint32 original_b = ((const Spare *) b)->original_block;
    return (original_a > original_b) - (original_a < original_b);
}

/* Entries that stand for free or defective spare packets are left out. */
static void
take_spares(SparingTable *table, RubBytes *bytes)
{
    guint count = rub_bytes_u16le(bytes, RUB_UDF_SPARING_COUNT);
    g_array_set_size(table->spares, 0);
    for (guint i = 0; i < count; i++) {
        gsize at = RUB_UDF_SPARING_ENTRIES + (gsize) i * RUB_UDF_SPARING_ENTRY_SIZE;
        Spare spare = {
            .original_block = rub_bytes_u32le(bytes, at + RUB_UDF_SPARING_ENTRY_ORIGINAL),
            .mapped_block = rub_bytes_u32le(bytes, at + RUB_UDF_SPARING_ENTRY_MAPPED),
        };
        if (spare.original_block < RUB_UDF_SPARING_UNUSED)
            g_array_append_val(table->spares, spare);
    }
    g_array_sort(table->spares, compare_spares);
}

static gboolean
check_sparing_table(RubBytes *bytes, guint32 location, guint64 offset_bytes, GError **error)
{
    static const char identifier[] = "*UDF Sparing Table";
    if (!rub_udf_tag_check_at(bytes, offset_bytes, location, error))
        return FALSE;
    const guint8 *name = rub_bytes_at(bytes, RUB_UDF_SPARING_IDENTIFIER, sizeof identifier);
    gsize entries_size =
        (gsize) rub_bytes_u16le(bytes, RUB_UDF_SPARING_COUNT) * RUB_UDF_SPARING_ENTRY_SIZE;
    if (rub_udf_tag_get_identifier(bytes) == RUB_UDF_ID_SPARING_TABLE && name &&
        memcmp(name, identifier, sizeof identifier) == 0 &&
        rub_bytes_at(bytes, RUB_UDF_SPARING_ENTRIES, entries_size))
        return TRUE;
    rub_udf_set_damaged(error, "no valid sparing table at byte %" G_GUINT64_FORMAT, offset_bytes);
    return FALSE;
}

/* All tables should say the same; a newer one counts more. */
static gboolean
load_sparing_table(RubUdfVolume *self, guint32 location, gsize size, SparingTable *table,
                   GError **error)
{
    guint64 offset_bytes = (guint64) location * self->block_size_bytes;
    g_autofree guint8 *data = g_malloc(size);
    RubBytes bytes = rub_bytes(data, size);
    if (!rub_udf_reader_read(self->reader, offset_bytes, data, size, error) ||
        !check_sparing_table(&bytes, location, offset_bytes, error))
        return FALSE;
    guint32 sequence = rub_bytes_u32le(&bytes, RUB_UDF_SPARING_SEQUENCE);
    if (table->sequence <= sequence) {
        table->sequence = sequence;
        take_spares(table, &bytes);
    }
    return TRUE;
}

/* One good table is enough: that is what the others are for. */
static gboolean
load_sparing_tables(RubUdfVolume *self, RubBytes *map, SparingTable *table, GError **error)
{
    g_autoptr(GError) first_error = NULL;
    guint count = rub_bytes_u8(map, RUB_UDF_MAP_SPARABLE_TABLE_COUNT);
    guint32 size = rub_bytes_u32le(map, RUB_UDF_MAP_SPARABLE_TABLE_SIZE);
    gboolean found = FALSE;
    table->packet_blocks = rub_bytes_u16le(map, RUB_UDF_MAP_SPARABLE_PACKET_BLOCKS);
    if (table->packet_blocks == 0 || count == 0 || count > RUB_UDF_MAP_SPARABLE_TABLES_MAX ||
        size < RUB_UDF_SPARING_ENTRIES || size > RUB_UDF_SPARING_TABLE_SIZE_MAX) {
        rub_udf_set_damaged(error, "its sparable partition map makes no sense");
        return FALSE;
    }
    for (guint i = 0; i < count; i++) {
        guint32 location = rub_bytes_u32le(map, RUB_UDF_MAP_SPARABLE_TABLES + i * 4);
        if (load_sparing_table(self, location, size, table, first_error ? NULL : &first_error))
            found = TRUE;
    }
    if (!found)
        g_propagate_error(error, g_steal_pointer(&first_error));
    return found;
}

/* Runs between and over the packets that were moved. */
static gboolean
add_sparable_runs(RubUdfVolume *self, RubUdfMap *map, const SparingTable *table,
                  guint64 block_count, GError **error)
{
    guint64 next_block = 0;
    for (guint i = 0; i < table->spares->len; i++) {
        const Spare *spare = &g_array_index(table->spares, Spare, i);
        if (spare->original_block < next_block || spare->original_block >= block_count) {
            rub_udf_set_damaged(error, "its sparing table moves block %u, which it must not",
                                spare->original_block);
            return FALSE;
        }
        rub_udf_map_add_run(map, next_block, spare->original_block - next_block,
                            map->offset_bytes + next_block * self->block_size_bytes);
        guint64 packet_blocks = MIN(table->packet_blocks, block_count - spare->original_block);
        rub_udf_map_add_run(map, spare->original_block, packet_blocks,
                            (guint64) spare->mapped_block * self->block_size_bytes);
        next_block = spare->original_block + packet_blocks;
    }
    rub_udf_map_add_run(map, next_block, block_count - next_block,
                        map->offset_bytes + next_block * self->block_size_bytes);
    return TRUE;
}

static RubUdfMap *
load_sparable(RubUdfVolume *self, RubBytes *bytes, GError **error)
{
    g_autoptr(GArray) spares = g_array_new(FALSE, FALSE, sizeof(Spare));
    SparingTable table = {.spares = spares};
    guint16 number = rub_bytes_u16le(bytes, RUB_UDF_MAP_2_NUMBER);
    const RubUdfPartition *partition = find_partition(self, number, error);
    if (!partition || !load_sparing_tables(self, bytes, &table, error))
        return NULL;
    g_autoptr(RubUdfMap) map = physical_map_new(self, partition);
    if (!add_sparable_runs(self, map, &table, partition->block_count, error))
        return NULL;
    return g_steal_pointer(&map);
}

/* The metadata file lies in the partition of the same number: UDF 2.2.10 */
static gboolean
find_physical_reference(RubUdfVolume *self, guint16 number, guint16 *reference, GError **error)
{
    for (guint i = 0; i < self->maps->len; i++) {
        const RubUdfMap *map = g_ptr_array_index(self->maps, i);
        if (map->is_physical && map->partition_number == number) {
            *reference = (guint16) i;
            return TRUE;
        }
    }
    rub_udf_set_damaged(error, "its metadata partition is in partition %u, which does not exist",
                        number);
    return FALSE;
}

/* Holes of the metadata file are gaps in the map: nothing may refer to them. */
static void
add_metadata_runs(RubUdfVolume *self, RubUdfMap *map, const GArray *extents)
{
    guint64 position_bytes = 0;
    for (guint i = 0; i < extents->len; i++) {
        const RubExtent *extent = &g_array_index(extents, RubExtent, i);
        if (extent->offset_bytes != RUB_EXTENT_HOLE)
            rub_udf_map_add_run(map, position_bytes / self->block_size_bytes,
                                extent->size_bytes / self->block_size_bytes, extent->offset_bytes);
        position_bytes += extent->size_bytes;
    }
}

static gboolean
load_metadata(RubUdfVolume *self, RubUdfMap *map, RubBytes *bytes, RubUdfMetadataCopy copy,
              GError **error)
{
    gboolean is_main = copy == RUB_UDF_METADATA_MAIN;
    RubUdfAddress icb = {
        .block = rub_bytes_u32le(bytes,
                                 is_main ? RUB_UDF_MAP_METADATA_MAIN : RUB_UDF_MAP_METADATA_MIRROR),
    };
    if (!find_physical_reference(self, map->partition_number, &icb.partition_reference, error))
        return FALSE;
    g_autoptr(RubUdfFile) file = rub_udf_file_load(self, icb, error);
    if (!file)
        return FALSE;
    guint8 type = is_main ? RUB_UDF_FILE_TYPE_METADATA : RUB_UDF_FILE_TYPE_METADATA_MIRROR;
    if (file->type != type) {
        rub_udf_set_damaged(error, "the file at block %u is not the metadata file", icb.block);
        return FALSE;
    }
    add_metadata_runs(self, map, file->data->extents);
    return TRUE;
}

static gboolean
is_kind(RubBytes *map, const char *kind)
{
    char name[RUB_UDF_REGID_NAME_SIZE + 1] = {0};
    memcpy(name, map->data + RUB_UDF_MAP_2_IDENTIFIER, RUB_UDF_REGID_NAME_SIZE);
    return g_str_equal(name, kind);
}

static gboolean
is_metadata(RubBytes *map)
{
    return map->size == RUB_UDF_MAP_2_TOTAL && is_kind(map, "*UDF Metadata Partition");
}

static RubUdfMap *
load_type_2(RubUdfVolume *self, RubBytes *bytes, GError **error)
{
    if (is_kind(bytes, "*UDF Sparable Partition"))
        return load_sparable(self, bytes, error);
    if (is_metadata(bytes)) /* filled in once the physical partitions are known */
        return rub_udf_map_new(rub_bytes_u16le(bytes, RUB_UDF_MAP_2_NUMBER));
    if (is_kind(bytes, "*UDF Virtual Partition"))
        g_set_error_literal(error, RUB_ERROR, RUB_CODE_IMAGE_UNREADABLE,
                            "the UDF volume has a virtual partition (VAT), as write-once discs "
                            "have; these are not supported");
    else
        g_set_error_literal(error, RUB_ERROR, RUB_CODE_IMAGE_UNREADABLE,
                            "the UDF volume has a partition of an unknown kind");
    return NULL;
}

static RubUdfMap *
load_map(RubUdfVolume *self, RubBytes *bytes, GError **error)
{
    guint8 type = rub_bytes_u8(bytes, RUB_UDF_MAP_TYPE);
    if (type == 1 && bytes->size == RUB_UDF_MAP_1_TOTAL)
        return load_type_1(self, bytes, error);
    if (type == 2 && bytes->size == RUB_UDF_MAP_2_TOTAL)
        return load_type_2(self, bytes, error);
    rub_udf_set_damaged(error, "a partition map of type %u with %" G_GSIZE_FORMAT " bytes", type,
                        bytes->size);
    return NULL;
}

static RubBytes
get_maps(RubBytes *logical_volume)
{
    gsize size = rub_bytes_u32le(logical_volume, RUB_UDF_LOGICAL_VOLUME_MAPS_SIZE);
    return rub_bytes_slice(logical_volume, RUB_UDF_LOGICAL_VOLUME_MAPS, size);
}

static gboolean
next_map(RubBytes *maps, gsize *at, RubBytes *map, GError **error)
{
    gsize size = rub_bytes_u8(maps, *at + RUB_UDF_MAP_SIZE);
    if (size > RUB_UDF_MAP_SIZE) {
        *map = rub_bytes_slice(maps, *at, size);
        *at += size;
    }
    if (size > RUB_UDF_MAP_SIZE && !map->overrun)
        return TRUE;
    rub_udf_set_damaged(error, "its partition maps do not fit their descriptor");
    return FALSE;
}

gboolean
rub_udf_volume_load_maps(RubUdfVolume *self, RubBytes *logical_volume, GError **error)
{
    RubBytes maps = get_maps(logical_volume);
    guint32 count = rub_bytes_u32le(logical_volume, RUB_UDF_LOGICAL_VOLUME_MAP_COUNT);
    gsize at = 0;
    for (guint32 i = 0; i < count; i++) {
        RubBytes bytes;
        RubUdfMap *map = next_map(&maps, &at, &bytes, error) ? load_map(self, &bytes, error) : NULL;
        if (!map)
            return FALSE;
        g_ptr_array_add(self->maps, map);
    }
    return TRUE;
}

gboolean
rub_udf_volume_load_metadata(RubUdfVolume *self, RubBytes *logical_volume, RubUdfMetadataCopy copy,
                             GError **error)
{
    RubBytes maps = get_maps(logical_volume);
    gboolean found = FALSE;
    gsize at = 0;
    for (guint i = 0; i < self->maps->len; i++) {
        RubBytes bytes;
        if (!next_map(&maps, &at, &bytes, error))
            return FALSE;
        if (!is_metadata(&bytes))
            continue;
        if (!load_metadata(self, g_ptr_array_index(self->maps, i), &bytes, copy, error))
            return FALSE;
        found = TRUE;
    }
    if (found || copy == RUB_UDF_METADATA_MAIN)
        return TRUE;
    rub_udf_set_damaged(error, "there is no metadata partition that has a mirror");
    return FALSE;
}
