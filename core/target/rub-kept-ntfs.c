/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "target/rub-kept-ntfs.h"

#include "base/rub-error.h"
#include "boot/rub-boot-probe.h"
#include "boot/rub-boot-record.h"
#include "target/rub-kept-facts.h"
#include "volume/rub-ntfs.h"
#include "volume/rub-records.h"

/* A round of ours that was cut off is seen whole, and completed by whoever writes next: that is no
 * damage. */
static gboolean
look_into(RubContents *contents, RubKeptVolume *kept, RubDisk *disk, guint64 start_lba,
          guint64 sector_count, GError **error)
{
    RubNtfsState state;
    kept->listing = rub_ntfs_list(disk, start_lba, sector_count, &state, error);
    if (!kept->listing)
        return FALSE;
    kept->cluster_bytes = state.cluster_bytes;
    kept->free_clusters = state.free_clusters;
    kept->has_manifest = rub_kept_volume_has_file(kept, RUB_MANIFEST_PATH);
    kept->has_pending = rub_kept_volume_has_file(kept, RUB_PENDING_PATH);
    rub_contents_count(contents, kept, state.cluster_count);
    g_autoptr(RubNtfs) ntfs = rub_ntfs_open(disk, start_lba, sector_count, RUB_NTFS_TRY, error);
    if (ntfs && state.is_dirty)
        kept->damage = g_strdup("it was not closed properly when it was used last");
    return ntfs != NULL;
}

void
rub_contents_look_into_ntfs(RubContents *self, RubDisk *disk, guint64 start_lba,
                            guint64 sector_count)
{
    g_autoptr(RubKeptVolume) kept = g_new0(RubKeptVolume, 1);
    g_autoptr(GError) error = NULL;
    kept->has_boot_code = rub_boot_has_other_record(disk, RUB_FILESYSTEM_NTFS, start_lba);
    kept->fits_boot_record =
        rub_boot_record_fits(disk, RUB_FILESYSTEM_NTFS, start_lba, sector_count);
    if (!look_into(self, kept, disk, start_lba, sector_count, &error)) {
        /* As in rub_contents_look_into_fat(). */
        if (!g_error_matches(error, RUB_ERROR, RUB_CODE_VOLUME_DAMAGED))
            return;
        kept->damage = g_strdup(error->message);
    }
    self->kept = g_steal_pointer(&kept);
}
