/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "boot/rub-boot-saved.h"

#include <string.h>

#include "base/rub-bytes.h"
#include "base/rub-error.h"
#include "base/rub-mbr.h"
#include "boot/rub-boot-private.h"
#include "boot/rub-boot-probe.h"

/* The sectors that are saved, in this order. */
#define SAVED_MBR 0
#define SAVED_RECORD RUB_BOOT_SECTOR_BYTES
#define SAVED_COPY (2 * RUB_BOOT_SECTOR_BYTES)
#define SAVED_STAGE2 (3 * RUB_BOOT_SECTOR_BYTES)

/* What is put back, and on what. */
typedef struct {
    RubDisk *disk;
    const RubBootKind *kind;
    guint64 start_lba;
    const guint8 *saved;
    gboolean is_surely_ours;
    gboolean *is_restored;
} Restoring;

GBytes *
rub_boot_save_sectors(RubDisk *disk, RubFilesystem filesystem, guint64 start_lba, GError **error)
{
    const RubBootKind *kind = rub_boot_kind_get(filesystem);
    RubBootSectors sectors;
    guint8 mbr[RUB_BOOT_SECTOR_BYTES];
    if (!rub_boot_check_place(disk, 0, error) ||
        !rub_boot_read_sectors(disk, 0, mbr, sizeof mbr, error) ||
        (start_lba != 0 && !rub_boot_sectors_read(&sectors, kind, disk, start_lba, error)))
        return NULL;
    g_autoptr(GByteArray) saved = g_byte_array_new();
    g_byte_array_append(saved, mbr, sizeof mbr);
    if (start_lba != 0) {
        g_byte_array_append(saved, sectors.first, sizeof sectors.first);
        g_byte_array_append(saved, sectors.copy, sizeof sectors.copy);
        g_byte_array_append(saved, sectors.stage2, (guint) kind->stage2_bytes);
    }
    return g_byte_array_free_to_bytes(g_steal_pointer(&saved));
}

/* Puts the active flags back. An entry that was made since loses its own; one that was changed
 * keeps it. */
static gboolean
restore_flags(guint8 *table, const guint8 *saved)
{
    static const guint8 none[RUB_MBR_ENTRY_BYTES] = {0};
    gboolean is_restored = TRUE;
    for (guint i = 0; i < RUB_MBR_ENTRY_COUNT; i++) {
        guint8 *entry = table + i * RUB_MBR_ENTRY_BYTES;
        const guint8 *saved_entry = saved + i * RUB_MBR_ENTRY_BYTES;
        if (memcmp(entry + 1, saved_entry + 1, RUB_MBR_ENTRY_BYTES - 1) == 0 ||
            memcmp(saved_entry, none, sizeof none) == 0)
            entry[0] = saved_entry[0];
        else
            is_restored = FALSE;
    }
    return is_restored;
}

/* Our code comes with our partition as the only active one. */
static gboolean
is_another_active(const guint8 *table, guint64 start_lba)
{
    for (guint i = 0; i < RUB_MBR_ENTRY_COUNT; i++) {
        RubBytes entry = rub_bytes(table + i * RUB_MBR_ENTRY_BYTES, RUB_MBR_ENTRY_BYTES);
        if ((rub_bytes_u8(&entry, 0) & RUB_MBR_ACTIVE) &&
            rub_bytes_u32le(&entry, RUB_MBR_ENTRY_START_LBA) != start_lba)
            return TRUE;
    }
    return FALSE;
}

static gboolean
restore_mbr(const Restoring *self, GError **error)
{
    guint8 sector[RUB_BOOT_SECTOR_BYTES];
    const guint8 *saved = self->saved + SAVED_MBR;
    if (!rub_boot_read_sectors(self->disk, 0, sector, sizeof sector, error))
        return FALSE;
    gboolean is_back = memcmp(sector, saved, RUB_MBR_CODE_BYTES) == 0;
    if (!is_back && !self->is_surely_ours && !rub_boot_is_our_mbr_code(sector)) {
        *self->is_restored = FALSE;
        return TRUE;
    }
    memcpy(sector, saved, RUB_MBR_CODE_BYTES);
    /* What the user made active since stays so. */
    if (self->start_lba == 0 || !is_another_active(sector + RUB_MBR_TABLE, self->start_lba))
        *self->is_restored &= restore_flags(sector + RUB_MBR_TABLE, saved + RUB_MBR_TABLE);
    return rub_boot_write_sectors(self->disk, 0, sector, sizeof sector, error);
}

static gboolean
is_our_record(const RubBootKind *kind, const guint8 *sector, guint64 start_lba)
{
    guint8 ours[RUB_BOOT_SECTOR_BYTES];
    memcpy(ours, sector, sizeof ours);
    rub_boot_kind_apply(kind, ours, start_lba);
    return memcmp(ours, sector, sizeof ours) == 0;
}

/* Puts the first sector of a volume back, or its copy: that as it was, which may have been older
 * than the first one. */
static gboolean
restore_boot_sector(const Restoring *self, const RubBootSectors *now, gboolean is_copy,
                    GError **error)
{
    guint8 restored[RUB_BOOT_SECTOR_BYTES];
    const guint8 *sector = is_copy ? now->copy : now->first;
    const guint8 *saved = self->saved + (is_copy ? SAVED_COPY : SAVED_RECORD);
    memcpy(restored, is_copy ? saved : sector, sizeof restored);
    rub_boot_kind_unapply(self->kind, restored, saved);
    if (memcmp(restored, sector, sizeof restored) == 0)
        return TRUE;
    if (self->is_surely_ours || is_our_record(self->kind, sector, now->start_lba))
        return rub_boot_write_sectors(self->disk, is_copy ? now->copy_lba : now->start_lba,
                                      restored, sizeof restored, error);
    *self->is_restored = FALSE;
    return TRUE;
}

static gboolean
restore_stage2(const Restoring *self, const RubBootSectors *now, GError **error)
{
    const guint8 *saved = self->saved + SAVED_STAGE2;
    const guint8 *ours = self->kind->code + RUB_BOOT_SECTOR_BYTES;
    gsize size_bytes = self->kind->stage2_bytes;
    if (memcmp(now->stage2, saved, size_bytes) == 0)
        return TRUE;
    /* Some of its sectors may be back already. */
    gboolean is_ours = TRUE;
    for (gsize at = 0; is_ours && at < size_bytes; at += RUB_BOOT_SECTOR_BYTES)
        is_ours = memcmp(now->stage2 + at, ours + at, RUB_BOOT_SECTOR_BYTES) == 0 ||
                  memcmp(now->stage2 + at, saved + at, RUB_BOOT_SECTOR_BYTES) == 0;
    if (self->is_surely_ours || is_ours)
        return rub_boot_write_sectors(self->disk, now->stage2_lba, saved, size_bytes, error);
    *self->is_restored = FALSE;
    return TRUE;
}

gboolean
rub_boot_can_restore_sectors(RubFilesystem filesystem, guint64 start_lba, GBytes *saved)
{
    gsize whole_bytes = SAVED_STAGE2 + rub_boot_kind_get(filesystem)->stage2_bytes;
    return g_bytes_get_size(saved) == (start_lba == 0 ? RUB_BOOT_SECTOR_BYTES : whole_bytes);
}

gboolean
rub_boot_restore_sectors(RubDisk *disk, RubFilesystem filesystem, guint64 start_lba, GBytes *saved,
                         gboolean is_surely_ours, gboolean *is_restored, GError **error)
{
    const guint8 *data = g_bytes_get_data(saved, NULL);
    Restoring self = {disk,       rub_boot_kind_get(filesystem), start_lba, data, is_surely_ours,
                      is_restored};
    RubBootSectors now;
    *is_restored = TRUE;
    if (!rub_boot_can_restore_sectors(filesystem, start_lba, saved)) {
        g_set_error_literal(error, RUB_ERROR, RUB_CODE_VERIFY_FAILED,
                            "the saved boot sectors are damaged");
        return FALSE;
    }
    /* The first sector of the disk comes first: from then on nothing starts ours any more. */
    if (!restore_mbr(&self, error))
        return FALSE;
    if (start_lba == 0)
        return TRUE;
    return rub_boot_sectors_read(&now, self.kind, disk, start_lba, error) &&
           restore_stage2(&self, &now, error) && restore_boot_sector(&self, &now, TRUE, error) &&
           restore_boot_sector(&self, &now, FALSE, error);
}
