/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "target/rub-kept-folder.h"

#include <sys/statvfs.h>

#include "base/rub-error.h"
#include "volume/rub-fat-name.h"
#include "volume/rub-folder-listing.h"
#include "volume/rub-pending.h"
#include "volume/rub-records.h"

static gboolean
has_file(const RubListing *listing, const char *path)
{
    g_autofree char *wanted = rub_fat_name_make_key(path);
    for (guint i = 0; i < listing->entries->len; i++) {
        const RubEntry *entry = g_ptr_array_index(listing->entries, i);
        g_autofree char *key = rub_fat_name_make_key(entry->path);
        if (entry->kind == RUB_ENTRY_FILE && g_str_equal(key, wanted))
            return TRUE;
    }
    return FALSE;
}

static guint
count_files(const RubListing *listing)
{
    guint count = 0;
    for (guint i = 0; i < listing->entries->len; i++) {
        const RubEntry *entry = g_ptr_array_index(listing->entries, i);
        count += entry->kind == RUB_ENTRY_FILE;
    }
    return count;
}

/* The driver's block size is the cluster size of a FAT. */
static void
note_room(RubContents *contents, RubKeptVolume *kept, const struct statvfs *room)
{
    kept->cluster_bytes = (guint) room->f_bsize;
    kept->free_clusters = room->f_bfree;
    contents->is_counted = kept->listing != NULL;
    contents->file_count = kept->listing ? count_files(kept->listing) : 0;
    contents->free_bytes = (guint64) room->f_bfree * room->f_bsize;
    contents->used_bytes = (guint64) (room->f_blocks - room->f_bfree) * room->f_bsize;
}

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
        kept->has_manifest = has_file(kept->listing, RUB_MANIFEST_PATH);
        kept->has_pending = has_file(kept->listing, RUB_PENDING_PATH);
    }
    note_room(self, kept, &room);
    self->kept = g_steal_pointer(&kept);
}
