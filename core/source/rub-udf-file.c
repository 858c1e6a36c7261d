/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "source/rub-udf-private.h"

/* Nothing that is read whole (a folder, a symbolic link) is larger: about 500,000 names. */
#define WHOLE_FILE_MAX (64u << 20)

/* An allocation descriptor, short or long. */
typedef struct {
    guint type; /* ECMA-167 4/14.14.1.1 */
    guint32 size_bytes;
    RubUdfAddress address;
} Allocation;

/* Allocation descriptors being read; a chain of allocation extents continues them. */
typedef struct {
    RubBytes bytes;
    gsize at;
    guint kind;
    guint16 partition_reference; /* of the file entry: short descriptors do not name one */
    guint8 block[RUB_UDF_BLOCK_SIZE_MAX];
    guint chain_length;
    RubUdfAddress marker; /* an allocation extent that was followed before */
} Allocations;

/* What file entries of both kinds have in common. */
typedef struct {
    gsize fixed_size;
    gsize mtime_offset;
} EntryShape;

static const EntryShape file_entry_shape = {
    RUB_UDF_FILE_ENTRY_FIXED_SIZE,
    RUB_UDF_FILE_ENTRY_MTIME,
};
static const EntryShape extended_file_entry_shape = {
    RUB_UDF_EXTENDED_FILE_ENTRY_FIXED_SIZE,
    RUB_UDF_EXTENDED_FILE_ENTRY_MTIME,
};

static gboolean
is_same_address(RubUdfAddress a, RubUdfAddress b)
{
    return a.block == b.block && a.partition_reference == b.partition_reference;
}

/* %FALSE at the end: of the bytes, or an extent of length 0 (ECMA-167 4/12). */
static gboolean
next_allocation(Allocations *self, Allocation *allocation)
{
    gboolean is_long = self->kind == RUB_UDF_AD_KIND_LONG;
    gsize size = is_long ? RUB_UDF_LONG_AD_SIZE : RUB_UDF_SHORT_AD_SIZE;
    RubBytes bytes = rub_bytes_slice(&self->bytes, self->at, size);
    guint32 type_and_length = rub_bytes_u32le(&bytes, RUB_UDF_AD_LENGTH);
    allocation->type = type_and_length >> RUB_UDF_AD_TYPE_SHIFT;
    allocation->size_bytes = type_and_length & RUB_UDF_AD_LENGTH_MASK;
    if (is_long)
        allocation->address = rub_udf_address_parse(&bytes, 0);
    else
        allocation->address = (RubUdfAddress){
            .block = rub_bytes_u32le(&bytes, RUB_UDF_AD_BLOCK),
            .partition_reference = self->partition_reference,
        };
    self->at += size;
    return allocation->size_bytes > 0;
}

/* Brent's way to find a circle: the marker moves on after 1, 2, 4, 8... steps. */
static gboolean
check_chain(Allocations *self, RubUdfAddress next, GError **error)
{
    if (self->chain_length > 0 && is_same_address(next, self->marker)) {
        rub_udf_set_damaged(error, "its chain of allocation extents at block %u runs in a circle",
                            next.block);
        return FALSE;
    }
    if ((self->chain_length & (self->chain_length - 1)) == 0)
        self->marker = next;
    self->chain_length++;
    return TRUE;
}

static gboolean
follow_chain(RubUdfVolume *volume, Allocations *self, RubUdfAddress next, GError **error)
{
    guint64 offset_bytes;
    if (!check_chain(self, next, error) ||
        !rub_udf_volume_spend(volume, volume->block_size_bytes, error) ||
        !rub_udf_volume_read_descriptor(volume, next, self->block, &offset_bytes, error))
        return FALSE;
    RubBytes bytes = rub_bytes(self->block, volume->block_size_bytes);
    gsize size = rub_bytes_u32le(&bytes, RUB_UDF_ALLOCATION_EXTENT_ADS_SIZE);
    self->bytes = rub_bytes_slice(&bytes, RUB_UDF_ALLOCATION_EXTENT_ADS, size);
    self->at = 0;
    if (rub_udf_tag_get_identifier(&bytes) == RUB_UDF_ID_ALLOCATION_EXTENT && !bytes.overrun)
        return TRUE;
    rub_udf_set_damaged(error, "no allocation extent descriptor at byte %" G_GUINT64_FORMAT,
                        offset_bytes);
    return FALSE;
}

/* Extents that were allocated but never written hold whatever lay there: they read as zeros. */
static gboolean
add_allocation(RubUdfVolume *volume, const Allocation *allocation, guint64 size_bytes,
               RubEntry *data, GError **error)
{
    if (allocation->type == RUB_UDF_AD_RECORDED)
        return rub_udf_volume_add_extent(volume, allocation->address, size_bytes, data, error);
    if (!rub_udf_volume_spend(volume, sizeof(RubExtent), error))
        return FALSE;
    rub_entry_add_extent(data, RUB_EXTENT_HOLE, size_bytes);
    return TRUE;
}

/* What extents hold beyond the information length is the file's tail, no part of it: 4/12.1 */
static gboolean
load_extents(RubUdfVolume *volume, Allocations *allocations, RubEntry *data, GError **error)
{
    guint64 left_bytes = data->size_bytes;
    Allocation allocation;
    while (left_bytes > 0 && next_allocation(allocations, &allocation)) {
        if (allocation.type == RUB_UDF_AD_NEXT) {
            if (!follow_chain(volume, allocations, allocation.address, error))
                return FALSE;
            continue;
        }
        guint64 take_bytes = MIN(allocation.size_bytes, left_bytes);
        if (!add_allocation(volume, &allocation, take_bytes, data, error))
            return FALSE;
        left_bytes -= take_bytes;
    }
    if (left_bytes == 0)
        return TRUE;
    rub_udf_set_damaged(error,
                        "it is said to have %" G_GUINT64_FORMAT " bytes, but %" G_GUINT64_FORMAT
                        " of them have no place",
                        data->size_bytes, left_bytes);
    return FALSE;
}

static gboolean
embed(RubUdfFile *self, RubBytes *block, RubBytes *ads, GError **error)
{
    if (self->data->size_bytes > ads->size) {
        rub_udf_set_damaged(error,
                            "it is said to have %" G_GUINT64_FORMAT
                            " bytes, but only %" G_GSIZE_FORMAT " are embedded in its file entry",
                            self->data->size_bytes, ads->size);
        return FALSE;
    }
    guint64 skip = (guint64) (ads->data - block->data);
    rub_entry_add_extent(self->data, self->icb_offset_bytes + skip, self->data->size_bytes);
    return TRUE;
}

/* Takes the part after the fixed fields apart: extended attributes, then allocation descriptors. */
static gboolean
load_data(RubUdfVolume *volume, RubUdfFile *self, RubBytes *block, const EntryShape *shape,
          guint16 partition_reference, GError **error)
{
    gsize attributes_size =
        rub_bytes_u32le(block, shape->fixed_size - RUB_UDF_FILE_ENTRY_ATTRIBUTES_SIZE_BACK);
    gsize ads_size = rub_bytes_u32le(block, shape->fixed_size - RUB_UDF_FILE_ENTRY_ADS_SIZE_BACK);
    RubBytes ads = rub_bytes_slice(block, shape->fixed_size + attributes_size, ads_size);
    if (ads.overrun) {
        rub_udf_set_damaged(error, "the file entry at byte %" G_GUINT64_FORMAT " is overfull",
                            self->icb_offset_bytes);
        return FALSE;
    }
    Allocations allocations = {
        .bytes = ads,
        .kind = rub_bytes_u16le(block, RUB_UDF_ICB_FLAGS) & RUB_UDF_ICB_AD_KIND_MASK,
        .partition_reference = partition_reference,
    };
    switch (allocations.kind) {
    case RUB_UDF_AD_KIND_SHORT:
    case RUB_UDF_AD_KIND_LONG:
        return load_extents(volume, &allocations, self->data, error);
    case RUB_UDF_AD_KIND_EMBEDDED:
        return embed(self, block, &ads, error);
    default:
        rub_udf_set_damaged(error,
                            "the file entry at byte %" G_GUINT64_FORMAT
                            " has allocation descriptors of kind %u, which UDF does not allow",
                            self->icb_offset_bytes, allocations.kind);
        return FALSE;
    }
}

static const EntryShape *
find_shape(RubBytes *block, guint64 offset_bytes, GError **error)
{
    guint16 identifier = rub_udf_tag_get_identifier(block);
    guint16 strategy = rub_bytes_u16le(block, RUB_UDF_ICB_STRATEGY);
    if (identifier != RUB_UDF_ID_FILE_ENTRY && identifier != RUB_UDF_ID_EXTENDED_FILE_ENTRY) {
        rub_udf_set_damaged(error, "no file entry at byte %" G_GUINT64_FORMAT, offset_bytes);
        return NULL;
    }
    if (strategy != RUB_UDF_ICB_STRATEGY_DIRECT) {
        g_set_error(error, RUB_ERROR, RUB_CODE_IMAGE_UNREADABLE,
                    "the file entry at byte %" G_GUINT64_FORMAT
                    " uses strategy %u, as write-once discs do; only strategy 4 is supported",
                    offset_bytes, strategy);
        return NULL;
    }
    return identifier == RUB_UDF_ID_FILE_ENTRY ? &file_entry_shape : &extended_file_entry_shape;
}

RubUdfFile *
rub_udf_file_load(RubUdfVolume *volume, RubUdfAddress icb, GError **error)
{
    guint8 data[RUB_UDF_BLOCK_SIZE_MAX];
    RubBytes block = rub_bytes(data, volume->block_size_bytes);
    guint64 offset_bytes;
    if (!rub_udf_volume_read_descriptor(volume, icb, data, &offset_bytes, error))
        return NULL;
    const EntryShape *shape = find_shape(&block, offset_bytes, error);
    if (!shape)
        return NULL;
    g_autoptr(RubUdfFile) self = g_new0(RubUdfFile, 1);
    self->type = rub_bytes_u8(&block, RUB_UDF_ICB_FILE_TYPE);
    self->icb_offset_bytes = offset_bytes;
    self->data = rub_entry_new(RUB_ENTRY_FILE, NULL);
    self->data->size_bytes = rub_bytes_u64le(&block, RUB_UDF_ICB_INFORMATION_LENGTH);
    self->data->mtime_unix =
        rub_udf_time_decode(rub_bytes_slice(&block, shape->mtime_offset, RUB_UDF_TIME_SIZE));
    if (!load_data(volume, self, &block, shape, icb.partition_reference, error))
        return NULL;
    return g_steal_pointer(&self);
}

void
rub_udf_file_free(RubUdfFile *self)
{
    g_clear_pointer(&self->data, rub_entry_free);
    g_free(self);
}

guint8 *
rub_udf_file_read(RubUdfVolume *volume, const RubUdfFile *self, GError **error)
{
    guint64 size_bytes = self->data->size_bytes;
    if (size_bytes > WHOLE_FILE_MAX || size_bytes > volume->size_bytes) {
        rub_udf_set_damaged(error, "it is said to have %" G_GUINT64_FORMAT " bytes of names",
                            size_bytes);
        return NULL;
    }
    if (!rub_udf_volume_spend(volume, size_bytes, error))
        return NULL;
    g_autofree guint8 *data = g_malloc(size_bytes + 1);
    if (!rub_udf_reader_read_extents(volume->reader, self->data->extents, data, (gsize) size_bytes,
                                     error))
        return NULL;
    return g_steal_pointer(&data);
}
