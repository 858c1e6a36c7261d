/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "source/rub-udf-private.h"

#define PLACE_COUNT 5

/* The commonest first. */
static const guint32 block_sizes[] = {2048, 512, 4096, 1024};
G_STATIC_ASSERT(G_N_ELEMENTS(block_sizes) * PLACE_COUNT == RUB_UDF_ANCHOR_CANDIDATES);

/* Blocks 256, N and N - 256 (ECMA-167 3/8.4.2.1), where N is the last block, or for some writers
 * the number of blocks; and 512, for discs that are not closed yet (UDF 2.2.3). */
static guint64
get_place(guint index, guint64 block_count)
{
    const guint64 places[PLACE_COUNT] = {256, block_count - 1, block_count - 257, block_count - 256,
                                         512};
    return places[index];
}

gboolean
rub_udf_anchor_read(RubUdfReader *reader, guint index, guint8 *block, RubBytes *anchor)
{
    guint32 block_size_bytes = block_sizes[index / PLACE_COUNT];
    guint64 block_count = rub_udf_reader_get_size_bytes(reader) / block_size_bytes;
    guint64 place = get_place(index % PLACE_COUNT, block_count);
    if (place >= block_count || place > G_MAXUINT32)
        return FALSE;
    guint64 offset_bytes = place * block_size_bytes;
    *anchor = rub_bytes(block, block_size_bytes);
    return rub_udf_reader_read(reader, offset_bytes, block, block_size_bytes, NULL) &&
           rub_udf_tag_get_identifier(anchor) == RUB_UDF_ID_ANCHOR &&
           rub_udf_tag_check_at(anchor, offset_bytes, (guint32) place, NULL);
}

/* The descriptors are 2048 bytes apart, or one block where blocks are larger: every 2048 bytes is
 * looked at, which finds both. */
gboolean
rub_udf_anchor_is_announced(RubUdfReader *reader)
{
    for (guint i = 0; i < RUB_UDF_RECOGNITION_COUNT; i++) {
        guint64 offset_bytes = RUB_UDF_RECOGNITION_START + (guint64) i * RUB_UDF_RECOGNITION_STEP;
        guint8 head[RUB_UDF_RECOGNITION_HEAD_SIZE];
        if (!rub_udf_reader_read(reader, offset_bytes, head, sizeof head, NULL))
            return FALSE;
        /* Structure type 0, identifier, structure version 1: ECMA-167 3/9.1 */
        if (memcmp(head, "\0NSR02\1", sizeof head) == 0 ||
            memcmp(head, "\0NSR03\1", sizeof head) == 0)
            return TRUE;
    }
    return FALSE;
}
