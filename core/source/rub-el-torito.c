/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "source/rub-el-torito.h"

#include "base/rub-bytes.h"

/* "El Torito" Bootable CD-ROM Format Specification 1.0, Phoenix and IBM, 1995. */
#define SECTOR_BYTES 2048
#define BOOT_RECORD_SECTOR 17
#define RECORD_BYTES 32
#define CATALOGUE_BYTES SECTOR_BYTES

#define HEADER_VALIDATION 0x01
#define INDICATOR_BOOTABLE 0x88
#define INDICATOR_NOT_BOOTABLE 0x00
#define INDICATOR_EXTENSION 0x44
#define HEADER_SECTION 0x90
#define HEADER_LAST_SECTION 0x91
#define MEDIA_TYPE_MASK 0x0f

/* Figure 7 of the specification; FALSE also where the volume descriptor is another one. */
static gboolean
parse_boot_record(const guint8 *sector, guint32 *catalogue_lba)
{
    static const guint8 start[] = "\0CD001\1EL TORITO SPECIFICATION";
    if (memcmp(sector, start, sizeof start) != 0)
        return FALSE;
    RubBytes bytes = rub_bytes(sector, SECTOR_BYTES);
    *catalogue_lba = rub_bytes_u32le(&bytes, 0x47);
    return TRUE;
}

/* Figure 2: the words of a validation entry add up to zero. */
static gboolean
is_validation_entry(RubBytes *catalogue)
{
    guint16 sum = 0;
    for (guint i = 0; i < RECORD_BYTES; i += 2)
        sum += rub_bytes_u16le(catalogue, i);
    return sum == 0 && rub_bytes_u8(catalogue, 0) == HEADER_VALIDATION &&
           rub_bytes_u16le(catalogue, 30) == 0xaa55;
}

static void
add_entry(RubBytes *catalogue, gsize at, guint8 platform, guint64 file_size_bytes, GArray *entries)
{
    RubElToritoEntry entry = {
        .platform = platform,
        .is_bootable = rub_bytes_u8(catalogue, at) == INDICATOR_BOOTABLE,
        .emulation = rub_bytes_u8(catalogue, at + 1) & MEDIA_TYPE_MASK,
        .offset_bytes = (guint64) rub_bytes_u32le(catalogue, at + 8) * SECTOR_BYTES,
        .sector_count = rub_bytes_u16le(catalogue, at + 6),
    };
    if (entry.offset_bytes != 0 && entry.offset_bytes < file_size_bytes)
        g_array_append_val(entries, entry);
}

/* Figures 3 to 6. A section's extension records only carry selection criteria: passed over. */
static void
add_sections(RubBytes *catalogue, guint64 file_size_bytes, GArray *entries)
{
    guint8 platform = 0;
    guint left = 0;
    gboolean is_last = FALSE;
    for (gsize at = 2 * RECORD_BYTES; at + RECORD_BYTES <= catalogue->size; at += RECORD_BYTES) {
        guint8 kind = rub_bytes_u8(catalogue, at);
        if (kind == INDICATOR_EXTENSION)
            continue;
        if (left > 0) {
            add_entry(catalogue, at, platform, file_size_bytes, entries);
            left--;
            continue;
        }
        if (is_last || (kind != HEADER_SECTION && kind != HEADER_LAST_SECTION))
            return;
        is_last = kind == HEADER_LAST_SECTION;
        platform = rub_bytes_u8(catalogue, at + 1);
        left = rub_bytes_u16le(catalogue, at + 2);
    }
}

GArray *
rub_el_torito_parse(const guint8 *catalogue, gsize size, guint64 file_size_bytes)
{
    RubBytes bytes = rub_bytes(catalogue, size);
    if (size < 2 * RECORD_BYTES || !is_validation_entry(&bytes))
        return NULL;
    GArray *entries = g_array_new(FALSE, FALSE, sizeof(RubElToritoEntry));
    add_entry(&bytes, RECORD_BYTES, rub_bytes_u8(&bytes, 1), file_size_bytes, entries);
    add_sections(&bytes, file_size_bytes, entries);
    return entries;
}

gboolean
rub_el_torito_read(RubImageFile *file, GArray **entries, GError **error)
{
    *entries = NULL;
    guint64 size_bytes = rub_image_file_get_size_bytes(file);
    if (size_bytes < (BOOT_RECORD_SECTOR + 1) * SECTOR_BYTES)
        return TRUE;
    guint8 sector[SECTOR_BYTES];
    if (!rub_image_file_read(file, BOOT_RECORD_SECTOR * SECTOR_BYTES, sector, sizeof sector, error))
        return FALSE;
    guint32 lba;
    if (!parse_boot_record(sector, &lba))
        return TRUE;
    guint64 offset_bytes = (guint64) lba * SECTOR_BYTES;
    if (offset_bytes >= size_bytes)
        return TRUE;
    guint8 catalogue[CATALOGUE_BYTES];
    gsize have = MIN(sizeof catalogue, size_bytes - offset_bytes);
    if (!rub_image_file_read(file, offset_bytes, catalogue, have, error))
        return FALSE;
    *entries = rub_el_torito_parse(catalogue, have, size_bytes);
    return TRUE;
}
