/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "job/rub-boot-state.h"

#include <string.h>

#include "base/rub-error.h"
#include "base/rub-mbr.h"
#include "boot/rub-boot-record.h"

static gboolean
has_digest(const guint8 *data, gsize size_bytes, const char *wanted)
{
    char text[RUB_DIGEST_TEXT_BYTES];
    g_autoptr(RubDigest) digest = rub_digest_new();
    rub_digest_add(digest, data, size_bytes);
    rub_digest_get_text(digest, text);
    return strcmp(text, wanted) == 0;
}

static gboolean
is_only_active(const guint8 *mbr, guint number)
{
    gboolean is_right = TRUE;
    for (guint i = 0; i < RUB_MBR_ENTRY_COUNT; i++) {
        gboolean is_active = mbr[RUB_MBR_TABLE + i * RUB_MBR_ENTRY_BYTES] == RUB_MBR_ACTIVE;
        is_right &= is_active == (i + 1 == number);
    }
    return is_right;
}

static gboolean
read_mbr(RubBootState *self, RubDisk *disk, const RubManifest *manifest, guint number,
         GError **error)
{
    guint8 mbr[RUB_MBR_BYTES];
    static const guint8 no_code[RUB_MBR_CODE_BYTES] = {0};
    if (!rub_disk_read(disk, 0, mbr, sizeof mbr, error))
        return FALSE;
    self->is_mbr_code_right = has_digest(mbr, RUB_MBR_CODE_BYTES, manifest->mbr_code);
    self->is_mbr_code_missing = memcmp(mbr, no_code, sizeof no_code) == 0;
    self->is_active_right = is_only_active(mbr, number);
    return TRUE;
}

static gboolean
read_record(RubBootState *self, RubDisk *disk, const RubManifest *manifest, guint64 start_lba,
            GError **error)
{
    g_autoptr(GError) record_error = NULL;
    g_autoptr(GBytes) records =
        rub_boot_record_read(disk, manifest->volume.filesystem, start_lba, &record_error);
    if (records) {
        gsize size_bytes;
        const guint8 *data = g_bytes_get_data(records, &size_bytes);
        self->is_record_right = has_digest(data + RUB_MBR_CODE_BYTES,
                                           size_bytes - RUB_MBR_CODE_BYTES, manifest->boot_record);
        return TRUE;
    }
    /* A volume that can no longer hold the record does not. */
    self->is_record_right = FALSE;
    if (g_error_matches(record_error, RUB_ERROR, RUB_CODE_CREATE_FAT32_FAILED))
        return TRUE;
    g_propagate_error(error, g_steal_pointer(&record_error));
    return FALSE;
}

gboolean
rub_boot_state_read(RubBootState *self, RubDisk *disk, const RubManifest *manifest, guint number,
                    guint64 start_lba, GError **error)
{
    *self = (RubBootState){TRUE, FALSE, TRUE, TRUE};
    return (!*manifest->mbr_code || read_mbr(self, disk, manifest, number, error)) &&
           (!*manifest->boot_record || read_record(self, disk, manifest, start_lba, error));
}
