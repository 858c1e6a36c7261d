/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "volume/rub-ntfs-record.h"

/* MFT_RECORD of ntfs-3g/layout.h. */
#define MAGIC "FILE"
#define FIXUPS_OFFSET_AT 4
#define FIXUPS_COUNT_AT 6
#define ATTRIBUTES_OFFSET_AT 20
#define FLAGS_AT 22
#define USED_BYTES_AT 24
#define HEAD_BYTES 42
#define FLAG_IN_USE 1
#define FIXED_BYTES 512

/* ATTR_RECORD. */
#define LENGTH_AT 4
#define NON_RESIDENT_AT 8
#define LOWEST_VCN_AT 16
#define HIGHEST_VCN_AT 24
#define PAIRS_OFFSET_AT 32
#define RESIDENT_BYTES 24
#define NON_RESIDENT_BYTES 64
#define END_OF_ATTRIBUTES 0xffffffff

/* The last two bytes of each 512 are kept apart, in place of them stands a number that tells
 * whether all of them were written. */
static gboolean
put_right(guint8 *data, gsize size_bytes)
{
    RubBytes bytes = rub_bytes(data, size_bytes);
    gsize fixups = rub_bytes_u16le(&bytes, FIXUPS_OFFSET_AT);
    guint count = rub_bytes_u16le(&bytes, FIXUPS_COUNT_AT);
    if (count != size_bytes / FIXED_BYTES + 1 || fixups + count * 2u > FIXED_BYTES - 2)
        return FALSE;
    guint16 number = rub_bytes_u16le(&bytes, fixups);
    for (guint i = 1; i < count; i++) {
        gsize at = i * FIXED_BYTES - 2;
        if (rub_bytes_u16le(&bytes, at) != number)
            return FALSE;
        rub_put_u16le(data + at, rub_bytes_u16le(&bytes, fixups + i * 2));
    }
    return TRUE;
}

gboolean
rub_ntfs_record_parse(RubNtfsRecord *self, guint8 *data, gsize size_bytes)
{
    RubBytes bytes = rub_bytes(data, size_bytes);
    if (size_bytes < FIXED_BYTES || memcmp(data, MAGIC, strlen(MAGIC)) != 0 ||
        !put_right(data, size_bytes))
        return FALSE;
    gsize used_bytes = rub_bytes_u32le(&bytes, USED_BYTES_AT);
    self->is_in_use = (rub_bytes_u16le(&bytes, FLAGS_AT) & FLAG_IN_USE) != 0;
    self->next_attribute = rub_bytes_u16le(&bytes, ATTRIBUTES_OFFSET_AT);
    self->bytes = rub_bytes_slice(&bytes, 0, used_bytes);
    return !bytes.overrun && self->next_attribute >= HEAD_BYTES &&
           self->next_attribute <= used_bytes;
}

static gboolean
parse_runs(RubNtfsAttribute *self, RubBytes *bytes)
{
    guint64 lowest = rub_bytes_u64le(bytes, LOWEST_VCN_AT);
    guint64 highest = rub_bytes_u64le(bytes, HIGHEST_VCN_AT);
    gsize pairs = rub_bytes_u16le(bytes, PAIRS_OFFSET_AT);
    if (bytes->size < NON_RESIDENT_BYTES || pairs < NON_RESIDENT_BYTES || pairs > bytes->size)
        return FALSE;
    self->pairs = rub_bytes_slice(bytes, pairs, bytes->size - pairs);
    /* The highest is -1 where there is nothing. */
    self->cluster_count = highest + 1 - lowest;
    return lowest <= G_MAXINT64 && highest + 1 >= lowest && highest + 1 <= G_MAXINT64;
}

gboolean
rub_ntfs_record_next(RubNtfsRecord *self, RubNtfsAttribute *attribute, gboolean *is_broken)
{
    *attribute = (RubNtfsAttribute){.type = rub_bytes_u32le(&self->bytes, self->next_attribute)};
    *is_broken = self->bytes.overrun;
    if (*is_broken || attribute->type == END_OF_ATTRIBUTES)
        return FALSE;
    gsize length = rub_bytes_u32le(&self->bytes, self->next_attribute + LENGTH_AT);
    RubBytes bytes = rub_bytes_slice(&self->bytes, self->next_attribute, length);
    *is_broken = length < RESIDENT_BYTES || length % 8 != 0 || bytes.overrun;
    if (*is_broken)
        return FALSE;
    self->next_attribute += length;
    attribute->is_resident = rub_bytes_u8(&bytes, NON_RESIDENT_AT) == 0;
    *is_broken = !attribute->is_resident && !parse_runs(attribute, &bytes);
    return !*is_broken;
}

/* A little-endian number of up to eight bytes, the highest bit of which is the sign. */
static gint64
read_number(RubBytes *bytes, gsize at, guint size_bytes)
{
    guint64 value = 0;
    for (guint i = 0; i < MIN(size_bytes, sizeof value); i++)
        value |= (guint64) rub_bytes_u8(bytes, at + i) << (8 * i);
    if (size_bytes > 0 && size_bytes < 8 && value >> (8 * size_bytes - 1))
        value |= G_MAXUINT64 << (8 * size_bytes);
    return (gint64) value;
}

gboolean
rub_ntfs_attribute_next_run(RubNtfsAttribute *self, gint64 *first, gint64 *count,
                            gboolean *is_broken)
{
    guint head = rub_bytes_u8(&self->pairs, self->next_pair);
    guint count_bytes = head & 0xf, cluster_bytes = head >> 4;
    *is_broken = self->pairs.overrun;
    if (head == 0)
        return FALSE;
    *count = read_number(&self->pairs, self->next_pair + 1, count_bytes);
    gint64 distance = read_number(&self->pairs, self->next_pair + 1 + count_bytes, cluster_bytes);
    self->next_pair += 1 + count_bytes + cluster_bytes;
    *is_broken = self->pairs.overrun || count_bytes > 8 || cluster_bytes > 8 || *count <= 0 ||
                 __builtin_add_overflow(self->cluster, distance, &self->cluster) ||
                 self->cluster < 0;
    *first = cluster_bytes == 0 ? -1 : self->cluster;
    return !*is_broken;
}
