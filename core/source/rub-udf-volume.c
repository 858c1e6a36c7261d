/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "source/rub-udf-private.h"

/* A sequence has about 6 descriptors; more than this is a loop of volume descriptor pointers. */
#define DESCRIPTORS_MAX 1024

/* A volume of a million files stays below; nothing that is built from a stick's size needs more. */
#define BUDGET_BYTES (256u << 20)

/* What is needed out of a volume descriptor sequence: ECMA-167 3/8.4.2 */
typedef struct {
    GArray *partitions; /* of RubUdfPartition; borrowed */
    gboolean has_logical_volume;
    guint8 logical_volume[RUB_UDF_BLOCK_SIZE_MAX];
    RubBytes bytes;   /* of the logical volume descriptor */
    guint32 location; /* block of the next descriptor */
    guint32 left;     /* how many blocks may still hold one */
} Sequence;

void
rub_udf_volume_free(RubUdfVolume *self)
{
    rub_udf_reader_free(self->reader);
    g_free(self->name);
    g_array_unref(self->partitions);
    g_ptr_array_unref(self->maps);
    g_free(self);
}

gboolean
rub_udf_volume_spend(RubUdfVolume *self, guint64 size_bytes, GError **error)
{
    if (size_bytes > self->budget_bytes) {
        rub_udf_set_damaged(error, "its folders and file entries would take more than %u MiB",
                            BUDGET_BYTES >> 20);
        return FALSE;
    }
    self->budget_bytes -= size_bytes;
    return TRUE;
}

gboolean
rub_udf_volume_read_descriptor(RubUdfVolume *self, RubUdfAddress address, guint8 *block,
                               guint64 *offset_bytes, GError **error)
{
    g_autoptr(RubEntry) place = rub_entry_new(RUB_ENTRY_FILE, NULL);
    RubBytes bytes = rub_bytes(block, self->block_size_bytes);
    if (!rub_udf_volume_add_extent(self, address, self->block_size_bytes, place, error))
        return FALSE;
    *offset_bytes = rub_entry_get_first_byte(place);
    return rub_udf_reader_read(self->reader, *offset_bytes, block, self->block_size_bytes, error) &&
           rub_udf_tag_check_at(&bytes, *offset_bytes, address.block, error);
}

static void
take_partition(Sequence *sequence, RubBytes *bytes)
{
    RubUdfPartition partition = {
        .number = rub_bytes_u16le(bytes, RUB_UDF_PARTITION_NUMBER),
        .sequence = rub_bytes_u32le(bytes, RUB_UDF_PARTITION_SEQUENCE),
        .start_block = rub_bytes_u32le(bytes, RUB_UDF_PARTITION_START),
        .block_count = rub_bytes_u32le(bytes, RUB_UDF_PARTITION_LENGTH),
    };
    for (guint i = 0; i < sequence->partitions->len; i++) {
        RubUdfPartition *known = &g_array_index(sequence->partitions, RubUdfPartition, i);
        if (known->number != partition.number)
            continue;
        if (known->sequence <= partition.sequence)
            *known = partition;
        return;
    }
    g_array_append_val(sequence->partitions, partition);
}

/* Of several descriptors the one with the highest sequence number counts: ECMA-167 3/8.4.3 */
static void
take_logical_volume(Sequence *sequence, RubBytes *bytes)
{
    guint32 number = rub_bytes_u32le(bytes, RUB_UDF_LOGICAL_VOLUME_SEQUENCE);
    if (sequence->has_logical_volume &&
        rub_bytes_u32le(&sequence->bytes, RUB_UDF_LOGICAL_VOLUME_SEQUENCE) > number)
        return;
    memcpy(sequence->logical_volume, bytes->data, bytes->size);
    sequence->bytes = rub_bytes(sequence->logical_volume, bytes->size);
    sequence->has_logical_volume = TRUE;
}

static gboolean
is_zero(const guint8 *data, gsize size)
{
    return data[0] == 0 && memcmp(data, data + 1, size - 1) == 0;
}

static void
set_extent(Sequence *sequence, RubBytes *bytes, gsize extent_offset)
{
    guint32 size_bytes = rub_bytes_u32le(bytes, extent_offset + RUB_UDF_EXTENT_AD_LENGTH);
    sequence->location = rub_bytes_u32le(bytes, extent_offset + RUB_UDF_EXTENT_AD_LOCATION);
    sequence->left = (guint32) (size_bytes / bytes->size);
}

static void
take_descriptor(Sequence *sequence, RubBytes *bytes)
{
    switch (rub_udf_tag_get_identifier(bytes)) {
    case RUB_UDF_ID_PARTITION:
        take_partition(sequence, bytes);
        break;
    case RUB_UDF_ID_LOGICAL_VOLUME:
        take_logical_volume(sequence, bytes);
        break;
    case RUB_UDF_ID_VOLUME_POINTER:
        set_extent(sequence, bytes, RUB_UDF_VOLUME_POINTER_NEXT);
        break;
    case RUB_UDF_ID_TERMINATING:
        sequence->left = 0;
        break;
    default: /* of no use here */
        break;
    }
}

/* Besides a terminating descriptor, a block that was never written ends the sequence. */
static gboolean
read_sequence(RubUdfVolume *self, Sequence *sequence, GError **error)
{
    guint8 block[RUB_UDF_BLOCK_SIZE_MAX];
    RubBytes bytes = rub_bytes(block, self->block_size_bytes);
    for (guint count = 0; sequence->left > 0; count++) {
        guint64 offset_bytes = (guint64) sequence->location * bytes.size;
        if (count == DESCRIPTORS_MAX) {
            rub_udf_set_damaged(error, "its volume descriptor sequence does not end");
            return FALSE;
        }
        if (!rub_udf_reader_read(self->reader, offset_bytes, block, bytes.size, error))
            return FALSE;
        if (is_zero(block, bytes.size))
            return TRUE;
        if (!rub_udf_tag_check_at(&bytes, offset_bytes, sequence->location, error))
            return FALSE;
        sequence->location++;
        sequence->left--;
        take_descriptor(sequence, &bytes);
    }
    return TRUE;
}

static gboolean
check_sequence(RubUdfVolume *self, Sequence *sequence, GError **error)
{
    if (!sequence->has_logical_volume || sequence->partitions->len == 0) {
        rub_udf_set_damaged(error, "no %s descriptor",
                            sequence->has_logical_volume ? "partition" : "logical volume");
        return FALSE;
    }
    guint32 says = rub_bytes_u32le(&sequence->bytes, RUB_UDF_LOGICAL_VOLUME_BLOCK_SIZE);
    if (says != self->block_size_bytes) {
        rub_udf_set_damaged(error, "it says it has blocks of %u bytes, but has its anchor at %u",
                            says, self->block_size_bytes);
        return FALSE;
    }
    return TRUE;
}

static gboolean
measure_volume(RubUdfVolume *self, GError **error)
{
    self->size_bytes = 0;
    for (guint i = 0; i < self->partitions->len; i++) {
        const RubUdfPartition *partition = &g_array_index(self->partitions, RubUdfPartition, i);
        guint64 end_block = (guint64) partition->start_block + partition->block_count;
        self->size_bytes = MAX(self->size_bytes, end_block * self->block_size_bytes);
    }
    return rub_udf_reader_check(self->reader, 0, self->size_bytes, error);
}

static gboolean
load_file_set(RubUdfVolume *self, RubBytes *logical_volume, GError **error)
{
    guint8 block[RUB_UDF_BLOCK_SIZE_MAX];
    RubBytes bytes = rub_bytes(block, self->block_size_bytes);
    RubUdfAddress address = rub_udf_address_parse(logical_volume, RUB_UDF_LOGICAL_VOLUME_FILE_SET);
    guint64 offset_bytes;
    if (!rub_udf_volume_read_descriptor(self, address, block, &offset_bytes, error))
        return FALSE;
    if (rub_udf_tag_get_identifier(&bytes) != RUB_UDF_ID_FILE_SET) {
        rub_udf_set_damaged(error, "no file set descriptor at byte %" G_GUINT64_FORMAT,
                            offset_bytes);
        return FALSE;
    }
    self->root = rub_udf_address_parse(&bytes, RUB_UDF_FILE_SET_ROOT);
    return TRUE;
}

static gboolean
load_sequence(RubUdfVolume *self, RubBytes *anchor, gsize extent_offset, RubUdfMetadataCopy copy,
              GError **error)
{
    Sequence sequence = {.partitions = self->partitions};
    g_array_set_size(self->partitions, 0);
    g_ptr_array_set_size(self->maps, 0);
    set_extent(&sequence, anchor, extent_offset);
    /* The maps come before the size: a write-once disc may well be larger than its image. */
    if (!read_sequence(self, &sequence, error) || !check_sequence(self, &sequence, error) ||
        !rub_udf_volume_load_maps(self, &sequence.bytes, error) || !measure_volume(self, error) ||
        !rub_udf_volume_load_metadata(self, &sequence.bytes, copy, error) ||
        !load_file_set(self, &sequence.bytes, error))
        return FALSE;
    g_free(self->name);
    self->name = rub_udf_name_decode_dstring(sequence.logical_volume + RUB_UDF_LOGICAL_VOLUME_NAME,
                                             RUB_UDF_LOGICAL_VOLUME_NAME_SIZE);
    return TRUE;
}

/* An image that was cut off before its first anchor still has its recognition sequence. */
static void
set_no_anchor(RubUdfVolume *self, GError **error)
{
    if (rub_udf_anchor_is_announced(self->reader) &&
        !rub_udf_reader_check(self->reader, 0, RUB_UDF_FIRST_ANCHOR_END, error))
        return;
    g_set_error_literal(error, RUB_ERROR, RUB_CODE_IMAGE_UNREADABLE,
                        "there is no UDF volume: none of the places for its anchor holds one");
}

static RubUdfVolume *
volume_new(RubImageFile *file)
{
    RubUdfVolume *self = g_new0(RubUdfVolume, 1);
    self->reader = rub_udf_reader_new(file);
    self->partitions = g_array_new(FALSE, FALSE, sizeof(RubUdfPartition));
    self->maps = g_ptr_array_new_with_free_func((GDestroyNotify) rub_udf_map_free);
    self->budget_bytes = BUDGET_BYTES;
    return self;
}

static gboolean
load_anchor(RubUdfVolume *self, RubBytes *anchor, RubUdfMetadataCopy copy, GError **error)
{
    self->block_size_bytes = (guint32) anchor->size;
    return load_sequence(self, anchor, RUB_UDF_ANCHOR_MAIN, copy, error) ||
           load_sequence(self, anchor, RUB_UDF_ANCHOR_RESERVE, copy, NULL);
}

RubUdfVolume *
rub_udf_volume_open(RubImageFile *file, RubUdfMetadataCopy copy, GError **error)
{
    g_autoptr(RubUdfVolume) self = volume_new(file);
    g_autoptr(GError) first_error = NULL;
    for (guint i = 0; i < RUB_UDF_ANCHOR_CANDIDATES; i++) {
        guint8 block[RUB_UDF_BLOCK_SIZE_MAX];
        RubBytes anchor;
        if (!rub_udf_anchor_read(self->reader, i, block, &anchor))
            continue;
        if (load_anchor(self, &anchor, copy, first_error ? NULL : &first_error))
            return g_steal_pointer(&self);
    }
    if (first_error)
        g_propagate_error(error, g_steal_pointer(&first_error));
    else
        set_no_anchor(self, error);
    return NULL;
}
