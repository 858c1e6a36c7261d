/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "target/rub-kept-folder.h"

#include <sys/statvfs.h>

#include "base/rub-error.h"
#include "target/rub-kept-facts.h"
#include "volume/rub-folder-listing.h"
#include "volume/rub-pending.h"
#include "volume/rub-records.h"

void
rub_contents_look_into_folder(RubContents *self, const char *folder, GCancellable *cancellable)
{
    struct statvfs room;
    g_autoptr(RubKeptVolume) kept = g_new0(RubKeptVolume, 1);
    g_autoptr(GError) error = NULL;
    if (statvfs(folder, &room) != 0)
        return;
    kept->listing = rub_folder_listing_read(folder, cancellable, &error);
    if (!kept->listing) {
        /* What cannot be read is not known; what can, but makes no sense, is damaged. */
        if (!g_error_matches(error, RUB_ERROR, RUB_CODE_VOLUME_DAMAGED))
            return;
        kept->damage = g_strdup(error->message);
    } else {
        kept->has_manifest = rub_kept_volume_has_file(kept, RUB_MANIFEST_PATH);
        kept->has_pending = rub_kept_volume_has_file(kept, RUB_PENDING_PATH);
    }
    /* The driver's block size is the cluster size of a FAT or an NTFS. */
    kept->cluster_bytes = (guint) room.f_bsize;
    kept->free_clusters = room.f_bfree;
    rub_contents_count(self, kept, room.f_blocks);
    self->kept = g_steal_pointer(&kept);
}
