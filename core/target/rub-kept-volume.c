/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "target/rub-kept-volume.h"

#include "base/rub-error.h"
#include "boot/rub-boot-probe.h"
#include "boot/rub-boot-record.h"
#include "target/rub-kept-facts.h"
#include "target/rub-kept-listing.h"
#include "volume/rub-fat-check.h"
#include "volume/rub-fat.h"
#include "volume/rub-pending.h"
#include "volume/rub-records.h"

/* Labels of libblkid come in a code page that it does not know. */
static void
note_facts(RubContents *contents, RubFat *fat, const RubKeptVolume *kept)
{
    const RubFatGeometry *geometry = rub_fat_get_geometry(fat);
    const char *label = rub_fat_get_label(fat);
    contents->fat_bits = geometry->type;
    if (label) {
        g_free(contents->label);
        contents->label = g_strdup(label);
    }
    if (kept->listing)
        rub_contents_count(contents, kept, geometry->cluster_count);
}

/* Tells what a build of ours left from damage. What it left will be taken back before the next one
 * begins, so it is as good as gone. */
static gboolean
judge(RubKeptVolume *kept, RubFat *fat, const RubFatCheck *check, GError **error)
{
    gboolean is_sound = FALSE;
    g_autoptr(RubPending) note = NULL;
    if (!rub_pending_judge(fat, check, kept->listing, &kept->has_pending, &is_sound, error))
        return FALSE;
    if (!is_sound)
        kept->damage = rub_fat_check_describe(check);
    if (!is_sound || !kept->has_pending)
        return TRUE;
    if (!rub_pending_read(rub_fat_get_disk(fat), kept->listing, &note, error))
        return FALSE;
    kept->free_clusters += rub_fat_check_count_lost(check);
    if (note && note->is_whole)
        kept->free_clusters +=
            rub_kept_listing_take_back(kept->listing, note, fat, kept->cluster_bytes);
    return TRUE;
}

static gboolean
look_into(RubContents *contents, RubKeptVolume *kept, RubFat *fat, GError **error)
{
    g_autoptr(RubFatCheck) check = rub_fat_check(fat, &kept->listing, error);
    guint32 free_clusters;
    if (!check || !rub_fat_count_free_clusters(fat, &free_clusters, error))
        return FALSE;
    kept->free_clusters = free_clusters;
    kept->cluster_bytes = rub_fat_get_geometry(fat)->cluster_bytes;
    note_facts(contents, fat, kept);
    if (kept->listing)
        kept->has_manifest = rub_kept_volume_find_file(kept, RUB_MANIFEST_PATH) != NULL;
    return judge(kept, fat, check, error);
}

gboolean
rub_contents_look_into_fat(RubContents *self, RubDisk *disk, guint64 start_lba,
                           guint64 sector_count, GError **error)
{
    RubKeptVolume *kept = g_new0(RubKeptVolume, 1);
    GError *failure = NULL;
    g_autoptr(RubFat) fat = rub_fat_open(disk, start_lba, sector_count, &failure);
    if (fat && rub_fat_get_geometry(fat)->type == RUB_FAT_32) {
        kept->has_boot_code = rub_boot_has_other_record(disk, RUB_FILESYSTEM_FAT32, start_lba);
        kept->fits_boot_record =
            rub_boot_record_fits(disk, RUB_FILESYSTEM_FAT32, start_lba, sector_count);
    }
    if (fat)
        look_into(self, kept, fat, &failure);
    return rub_contents_settle(self, kept, failure, error);
}
