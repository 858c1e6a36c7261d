/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "target/rub-kept-ntfs.h"

#include "boot/rub-boot-probe.h"
#include "boot/rub-boot-record.h"
#include "target/rub-kept-facts.h"
#include "target/rub-kept-listing.h"
#include "volume/rub-fat-name.h"
#include "volume/rub-ntfs-check.h"
#include "volume/rub-pending.h"
#include "volume/rub-records.h"

static gboolean
is_note(gconstpointer entry, gconstpointer unused)
{
    return g_str_equal(((const RubEntry *) entry)->path, RUB_PENDING_PATH);
}

/* All that a build has left which was cut off before its files were there. It gives way to the note
 * of the next build, which does not carry it on. */
static void
take_back_note(RubKeptVolume *kept)
{
    GPtrArray *entries = kept->listing->entries;
    guint at;
    if (!g_ptr_array_find_with_equal_func(entries, NULL, is_note, &at))
        return;
    const RubEntry *entry = g_ptr_array_index(entries, at);
    kept->free_clusters += (entry->size_bytes + kept->cluster_bytes - 1) / kept->cluster_bytes;
    g_ptr_array_remove_index(entries, at);
}

/* What a build that was cut off left counts as gone, but for the room of its files: that is free
 * only when the next one has written its own. */
static void
take_back(RubKeptVolume *kept, RubDisk *disk)
{
    g_autoptr(RubPending) note = NULL;
    if (!rub_pending_read(disk, kept->listing, &note, NULL) || !note || !note->is_whole)
        return;
    gboolean has_files = rub_pending_is_carried_out(note, kept->listing);
    rub_kept_listing_take_back(kept->listing, note, NULL, kept->cluster_bytes);
    kept->has_leftovers = has_files;
    if (!has_files)
        take_back_note(kept);
}

/* Linux tells names apart that differ only in upper and lower case; nothing here, nor Windows, can
 * be trusted to take the right one of two. NULL where all differ. */
static RubText *
find_twin(const RubListing *listing)
{
    g_autoptr(GHashTable) keys = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < listing->entries->len; i++) {
        const RubEntry *entry = g_ptr_array_index(listing->entries, i);
        if (!g_hash_table_add(keys, rub_fat_name_make_key(entry->path)))
            return rub_text_new(
                N_("the name {name} differs from another only in upper and lower case"), "name",
                entry->path, NULL);
    }
    return NULL;
}

/* A round of ours that was cut off is seen whole, and completed by whoever writes next: that is no
 * damage. */
static gboolean
look_into(RubContents *contents, RubKeptVolume *kept, RubDisk *disk, guint64 start_lba,
          guint64 sector_count, GError **error)
{
    RubNtfsState state;
    g_autoptr(RubNtfsCheck) check =
        rub_ntfs_check(disk, start_lba, sector_count, &kept->listing, &state, error);
    if (!check)
        return FALSE;
    kept->damage = rub_ntfs_check_describe(check);
    if (!kept->listing)
        return TRUE;
    if (!kept->damage)
        kept->damage = find_twin(kept->listing);
    kept->cluster_bytes = state.cluster_bytes;
    kept->free_clusters = state.free_clusters;
    kept->record_bytes = state.record_bytes;
    kept->free_records = state.free_records;
    kept->index_block_bytes = state.index_block_bytes;
    kept->has_manifest = rub_kept_volume_find_file(kept, RUB_MANIFEST_PATH) != NULL;
    kept->has_pending =
        check->was_cut_off || rub_kept_volume_find_file(kept, RUB_PENDING_PATH) != NULL;
    rub_contents_count(contents, kept, state.cluster_count);
    take_back(kept, disk);
    return TRUE;
}

gboolean
rub_contents_look_into_ntfs(RubContents *self, RubDisk *disk, guint64 start_lba,
                            guint64 sector_count, GError **error)
{
    RubKeptVolume *kept = g_new0(RubKeptVolume, 1);
    GError *failure = NULL;
    kept->has_boot_code = rub_boot_has_other_record(disk, RUB_FILESYSTEM_NTFS, start_lba);
    kept->fits_boot_record =
        rub_boot_record_fits(disk, RUB_FILESYSTEM_NTFS, start_lba, sector_count);
    look_into(self, kept, disk, start_lba, sector_count, &failure);
    return rub_contents_settle(self, kept, failure, error);
}
