/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/rub-bytes.h"
#include "base/rub-mbr.h"
#include "source/rub-efi-volume.h"
#include "source/rub-image-info-private.h"

/* Hybrid images count in sectors of 512 bytes, as the sticks do that they are made for. */
#define SECTOR_BYTES 512

#define MBR_TYPE_EFI_SYSTEM 0xef

/* UEFI Specification 5.3.2 and 5.3.3: header and entries of a GPT. */
#define GPT_MAGIC "EFI PART"
#define GPT_ENTRIES_LBA_AT 72
#define GPT_ENTRY_COUNT_AT 80
#define GPT_ENTRY_BYTES_AT 84
#define GPT_FIRST_LBA_AT 32
#define GPT_LAST_LBA_AT 40
#define GPT_MAX_TABLE_BYTES (128 * 1024)

/* C12A7328-F81F-11D2-BA4B-00A0C93EC93B, an EFI system partition. */
static const guint8 efi_system_type[16] = {0x28, 0x73, 0x2a, 0xc1, 0x1f, 0xf8, 0xd2, 0x11,
                                           0xba, 0x4b, 0x00, 0xa0, 0xc9, 0x3e, 0xc9, 0x3b};

static gboolean
has_code(const guint8 *sector)
{
    for (guint i = 0; i < RUB_MBR_CODE_BYTES; i++) {
        if (sector[i] != 0)
            return TRUE;
    }
    return FALSE;
}

/* What firmware would start that finds the loaders in an EFI system partition. */
static gboolean
add_partition(RubImageInfo *self, const RubSource *source, guint64 start_lba, guint64 sector_count,
              GError **error)
{
    g_autoptr(RubListing) listing = NULL;
    RubImageFile *file = rub_source_get_image_file(source);
    if (start_lba > G_MAXINT64 / SECTOR_BYTES || sector_count > G_MAXINT64 / SECTOR_BYTES)
        return TRUE;
    if (!rub_efi_volume_check_whole(file, start_lba * SECTOR_BYTES, sector_count * SECTOR_BYTES,
                                    error) ||
        !rub_efi_volume_list(file, start_lba * SECTOR_BYTES, &listing, error))
        return FALSE;
    for (guint i = 0; listing && i < listing->entries->len; i++) {
        const RubEntry *entry = g_ptr_array_index(listing->entries, i);
        if (!rub_image_info_is_loader(entry))
            continue;
        RubUefiLoader *loader =
            rub_image_info_read_loader(source, entry, RUB_ORIGIN_EL_TORITO, error);
        if (!loader)
            return FALSE;
        if (loader->state == RUB_LOADER_GOOD)
            self->raw_uefi_machines |= loader->named_for;
        g_ptr_array_add(self->raw_uefi_loaders, loader);
    }
    return TRUE;
}

static gboolean
add_mbr(RubImageInfo *self, const RubSource *source, const guint8 *sector, GError **error)
{
    RubBytes mbr = rub_bytes(sector, SECTOR_BYTES);
    if (rub_bytes_u16le(&mbr, RUB_MBR_MAGIC_OFFSET) != RUB_MBR_MAGIC)
        return TRUE;
    for (gsize at = RUB_MBR_TABLE; at < RUB_MBR_MAGIC_OFFSET; at += RUB_MBR_ENTRY_BYTES) {
        guint8 type = rub_bytes_u8(&mbr, at + 4);
        guint32 start_lba = rub_bytes_u32le(&mbr, at + 8);
        guint32 sector_count = rub_bytes_u32le(&mbr, at + 12);
        if (type == 0 || sector_count == 0)
            continue;
        self->is_hybrid = TRUE;
        if (type == MBR_TYPE_EFI_SYSTEM &&
            !add_partition(self, source, start_lba, sector_count, error))
            return FALSE;
    }
    self->raw_starts_bios = self->is_hybrid && self->has_el_torito_bios && has_code(sector);
    return TRUE;
}

static gboolean
add_gpt_entries(RubImageInfo *self, const RubSource *source, RubBytes *table, gsize entry_bytes,
                GError **error)
{
    for (gsize at = 0; at + entry_bytes <= table->size; at += entry_bytes) {
        const guint8 *type = rub_bytes_at(table, at, sizeof efi_system_type);
        guint64 start_lba = rub_bytes_u64le(table, at + GPT_FIRST_LBA_AT);
        guint64 last_lba = rub_bytes_u64le(table, at + GPT_LAST_LBA_AT);
        if (type && memcmp(type, efi_system_type, sizeof efi_system_type) == 0 &&
            last_lba >= start_lba &&
            !add_partition(self, source, start_lba, last_lba - start_lba + 1, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
add_gpt(RubImageInfo *self, const RubSource *source, const guint8 *sector, GError **error)
{
    RubImageFile *file = rub_source_get_image_file(source);
    RubBytes header = rub_bytes(sector, SECTOR_BYTES);
    guint64 lba = rub_bytes_u64le(&header, GPT_ENTRIES_LBA_AT);
    guint64 count = rub_bytes_u32le(&header, GPT_ENTRY_COUNT_AT);
    guint64 entry_bytes = rub_bytes_u32le(&header, GPT_ENTRY_BYTES_AT);
    guint64 image_bytes = rub_image_file_get_size_bytes(file);
    if (memcmp(sector, GPT_MAGIC, strlen(GPT_MAGIC)) != 0 || entry_bytes < 128 ||
        count * entry_bytes > GPT_MAX_TABLE_BYTES || lba > image_bytes / SECTOR_BYTES ||
        count * entry_bytes > image_bytes - lba * SECTOR_BYTES)
        return TRUE;
    gsize table_bytes = (gsize) (count * entry_bytes);
    g_autofree guint8 *data = g_malloc(table_bytes);
    if (!rub_image_file_read(file, lba * SECTOR_BYTES, data, table_bytes, error))
        return FALSE;
    RubBytes table = rub_bytes(data, table_bytes);
    return add_gpt_entries(self, source, &table, (gsize) entry_bytes, error);
}

gboolean
rub_image_info_add_hybrid(RubImageInfo *self, const RubSource *source, GError **error)
{
    guint8 sectors[2 * SECTOR_BYTES];
    return rub_image_file_read(rub_source_get_image_file(source), 0, sectors, sizeof sectors,
                               error) &&
           add_mbr(self, source, sectors, error) &&
           (!self->is_hybrid || add_gpt(self, source, sectors + SECTOR_BYTES, error));
}
