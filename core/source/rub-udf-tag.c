/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "source/rub-udf-private.h"

/* Bytes that are taken at once; crc_table[n][b] is the CRC of byte b followed by n zero bytes. */
#define SLICES 4

static guint16 crc_table[SLICES][256];

void
rub_udf_set_damaged(GError **error, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_autofree char *what = g_strdup_vprintf(format, args);
    va_end(args);
    g_set_error(error, RUB_ERROR, RUB_CODE_IMAGE_UNREADABLE, "the UDF volume is damaged: %s", what);
}

/* ECMA-167 3/7.2.6: polynomial x^16 + x^12 + x^5 + 1, most significant bit first, start value 0 */
static void
fill_crc_table(void)
{
    for (guint byte = 0; byte < 256; byte++) {
        guint crc = byte << 8;
        for (guint bit = 0; bit < 8; bit++)
            crc = (crc & 0x8000) ? (crc << 1) ^ 0x1021 : crc << 1;
        crc_table[0][byte] = crc & 0xffff;
    }
    for (guint slice = 1; slice < SLICES; slice++)
        for (guint byte = 0; byte < 256; byte++) {
            guint16 crc = crc_table[slice - 1][byte];
            crc_table[slice][byte] = (guint16) (crc << 8) ^ crc_table[0][crc >> 8];
        }
}

guint16
rub_udf_crc(const guint8 *data, gsize size)
{
    static gsize is_filled;
    if (g_once_init_enter(&is_filled)) {
        fill_crc_table();
        g_once_init_leave(&is_filled, 1);
    }
    guint16 crc = 0;
    for (; size >= SLICES; data += SLICES, size -= SLICES)
        crc = crc_table[3][data[0] ^ crc >> 8] ^ crc_table[2][data[1] ^ (crc & 0xff)] ^
              crc_table[1][data[2]] ^ crc_table[0][data[3]];
    for (; size > 0; data++, size--)
        crc = (guint16) (crc << 8) ^ crc_table[0][data[0] ^ crc >> 8];
    return crc;
}

guint16
rub_udf_tag_get_identifier(RubBytes *descriptor)
{
    return rub_bytes_u16le(descriptor, RUB_UDF_TAG_IDENTIFIER);
}

/* ECMA-167 3/7.2.3: the sum of the tag's other bytes */
static gboolean
checksum_is_right(const guint8 *tag)
{
    guint8 sum = 0;
    for (guint i = 0; i < RUB_UDF_TAG_SIZE; i++)
        if (i != RUB_UDF_TAG_CHECKSUM)
            sum += tag[i];
    return sum == tag[RUB_UDF_TAG_CHECKSUM];
}

gboolean
rub_udf_tag_check(RubBytes *descriptor, guint64 offset_bytes, GError **error)
{
    const guint8 *tag = rub_bytes_at(descriptor, 0, RUB_UDF_TAG_SIZE);
    if (!tag || !checksum_is_right(tag)) {
        rub_udf_set_damaged(error, "no valid descriptor at byte %" G_GUINT64_FORMAT, offset_bytes);
        return FALSE;
    }
    guint16 id = rub_udf_tag_get_identifier(descriptor);
    gsize crc_size = rub_bytes_u16le(descriptor, RUB_UDF_TAG_CRC_LENGTH);
    const guint8 *body = rub_bytes_at(descriptor, RUB_UDF_TAG_SIZE, crc_size);
    if (!body || rub_udf_crc(body, crc_size) != rub_bytes_u16le(descriptor, RUB_UDF_TAG_CRC)) {
        rub_udf_set_damaged(error, "wrong CRC in the descriptor (%u) at byte %" G_GUINT64_FORMAT,
                            id, offset_bytes);
        return FALSE;
    }
    return TRUE;
}

gboolean
rub_udf_tag_check_at(RubBytes *descriptor, guint64 offset_bytes, guint32 location, GError **error)
{
    if (!rub_udf_tag_check(descriptor, offset_bytes, error))
        return FALSE;
    guint32 says = rub_bytes_u32le(descriptor, RUB_UDF_TAG_LOCATION);
    if (says == location)
        return TRUE;
    rub_udf_set_damaged(error,
                        "the descriptor (%u) at byte %" G_GUINT64_FORMAT
                        " belongs to block %u, but lies in block %u",
                        rub_udf_tag_get_identifier(descriptor), offset_bytes, says, location);
    return FALSE;
}
