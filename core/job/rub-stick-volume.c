/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "job/rub-stick-volume.h"

#include "base/rub-bytes.h"
#include "base/rub-error.h"
#include "base/rub-mbr.h"
#include "plan/rub-plan.h"
#include "target/rub-layout-probe.h"
#include "volume/rub-fat-find.h"
#include "volume/rub-folder-listing.h"
#include "volume/rub-ntfs-check.h"
#include "volume/rub-ntfs-geometry.h"
#include "volume/rub-path-index.h"
#include "volume/rub-records.h"

RubText *
rub_stick_volume_tell_damage(const RubStickVolume *self)
{
    return rub_text_new_filled(rub_text_new(N_("the filesystem is damaged: {details}"), NULL),
                               "details", rub_text_ref(self->damage));
}

void
rub_stick_volume_free(RubStickVolume *self)
{
    g_clear_pointer(&self->fat, rub_fat_free);
    g_clear_pointer(&self->check, rub_fat_check_free);
    g_clear_pointer(&self->index, g_hash_table_unref);
    g_clear_pointer(&self->listing, rub_listing_free);
    g_clear_pointer(&self->note, rub_pending_free);
    g_clear_pointer(&self->manifest, rub_manifest_free);
    g_clear_error(&self->manifest_error);
    g_clear_pointer(&self->reader, rub_file_reader_free);
    rub_volume_place_clear(&self->place);
    g_clear_pointer(&self->damage, rub_text_unref);
    g_free(self);
}

guint32
rub_stick_volume_find_first_cluster(const RubStickVolume *self, const RubEntry *file)
{
    return self->fat ? rub_fat_find_first_cluster(self->fat, file) : 0;
}

GBytes *
rub_stick_volume_read_file(const RubStickVolume *self, const char *path, guint64 max_bytes,
                           GError **error)
{
    const RubEntry *entry = rub_path_index_find_file(self->index, path);
    if (!entry || entry->size_bytes > max_bytes) {
        rub_error_set_text(error, RUB_CODE_VERIFY_FAILED,
                           entry ? N_("the file {path} is too large")
                                 : N_("the file {path} is missing"),
                           "path", path, NULL);
        return NULL;
    }
    g_autofree guint8 *data = g_malloc(entry->size_bytes + 1);
    gsize done_bytes = 0;
    for (gsize size_bytes; done_bytes < entry->size_bytes; done_bytes += size_bytes) {
        if (!rub_file_reader_read(self->reader, entry, done_bytes, data + done_bytes,
                                  entry->size_bytes - done_bytes, &size_bytes, error))
            return NULL;
    }
    return g_bytes_new_take(g_steal_pointer(&data), done_bytes);
}

/* A mounted build does not know the disk's signature, nor is it known in a folder: 0. */
static gboolean
is_in_place(const RubStickVolume *self)
{
    const RubNewVolume *volume = &self->manifest->volume;
    const RubVolumePlace *place = &self->place;
    guint8 bytes[sizeof volume->disk_signature];
    if (volume->start_lba != place->start_lba)
        return FALSE;
    if (!place->disk || volume->disk_signature == 0)
        return TRUE;
    if (!rub_disk_read(place->disk, RUB_MBR_DISK_SIGNATURE, bytes, sizeof bytes, NULL))
        return FALSE;
    RubBytes signature = rub_bytes(bytes, sizeof bytes);
    return rub_bytes_u32le(&signature, 0) == volume->disk_signature;
}

static void
read_manifest(RubStickVolume *self)
{
    self->is_in_place = TRUE;
    if (!rub_path_index_find_file(self->index, RUB_MANIFEST_PATH))
        return;
    self->is_built_on = TRUE;
    g_autoptr(GBytes) json = rub_stick_volume_read_file(
        self, RUB_MANIFEST_PATH, RUB_MANIFEST_MAX_BYTES, &self->manifest_error);
    if (json)
        self->manifest = rub_manifest_parse(json, &self->manifest_error);
    if (self->manifest)
        self->is_in_place = is_in_place(self);
}

/* Folders that are damaged elsewhere do not hide whose stick it is. */
static gboolean
find_record(RubStickVolume *self, GError **error)
{
    g_autoptr(GArray) runs = g_array_new(FALSE, FALSE, sizeof(RubFatRun));
    if (!rub_fat_find_runs(self->fat, RUB_MANIFEST_PATH, runs, error))
        return FALSE;
    self->is_built_on = runs->len > 0;
    return TRUE;
}

static gboolean
is_manifest_cut(const RubStickVolume *self)
{
    return self->note && self->note->is_mounted &&
           g_error_matches(self->manifest_error, RUB_ERROR, RUB_CODE_VERIFY_FAILED);
}

static gboolean
look_into_fat(RubStickVolume *self, GError **error)
{
    gboolean covers_all_faults;
    self->check = rub_fat_check(self->fat, &self->listing, error);
    if (!self->check || !rub_pending_judge(self->fat, self->check, self->listing,
                                           &self->was_cut_off, &covers_all_faults, error))
        return FALSE;
    if (!covers_all_faults)
        self->damage = rub_fat_check_describe(self->check);
    self->is_built_on = self->was_cut_off;
    self->index = rub_path_index_new(self->listing);
    if (!self->listing)
        return find_record(self, error);
    read_manifest(self);
    if (!rub_pending_read(self->place.disk, self->listing, &self->note, error))
        return FALSE;
    self->is_manifest_cut = is_manifest_cut(self);
    return TRUE;
}

/* The kernel's driver shows no lost clusters, so that only the note itself tells of a build that
 * was cut off. */
static gboolean
look_by_paths(RubStickVolume *self, GError **error)
{
    self->was_cut_off = rub_path_index_find_file(self->index, RUB_PENDING_PATH) != NULL;
    self->is_built_on = self->was_cut_off;
    read_manifest(self);
    if (!self->was_cut_off)
        return TRUE;
    g_autoptr(GBytes) note =
        rub_stick_volume_read_file(self, RUB_PENDING_PATH, RUB_MANIFEST_MAX_BYTES, error);
    if (!note)
        return FALSE;
    self->note = rub_pending_parse(note);
    self->is_manifest_cut = is_manifest_cut(self);
    return TRUE;
}

static gboolean
look_into_folder(RubStickVolume *self, GCancellable *cancellable, GError **error)
{
    self->listing = rub_folder_listing_read(self->place.folder, cancellable, error);
    self->index = rub_path_index_new(self->listing);
    return self->listing && look_by_paths(self, error);
}

/* A round that was cut off is seen as it will be: the last one of a build has the manifest without
 * the note, the last one of an undo neither. */
static gboolean
look_into_ntfs(RubStickVolume *self, GError **error)
{
    const RubVolumePlace *place = &self->place;
    g_autoptr(RubNtfsCheck) check = rub_ntfs_check(
        place->disk, place->start_lba, place->sector_count, &self->listing, NULL, error);
    if (!check)
        return FALSE;
    self->damage = rub_ntfs_check_describe(check);
    self->is_round_cut_off = check->was_cut_off;
    /* What is damaged elsewhere does not hide whose stick it is. */
    if (!self->listing)
        self->listing =
            rub_ntfs_list(place->disk, place->start_lba, place->sector_count, NULL, NULL);
    self->index = rub_path_index_new(self->listing);
    if (!self->listing)
        return TRUE;
    if (!look_by_paths(self, error))
        return FALSE;
    self->was_cut_off |= check->was_cut_off && self->manifest;
    self->is_built_on |= check->was_cut_off;
    return TRUE;
}

RubStickVolume *
rub_stick_volume_open(const RubVolumePlace *place, GCancellable *cancellable, GError **error)
{
    g_autoptr(RubStickVolume) self = g_new0(RubStickVolume, 1);
    self->place = rub_volume_place_copy(place);
    self->reader = rub_file_reader_new(place);
    if (!place->disk) {
        gboolean is_read = look_into_folder(self, cancellable, error);
        rub_file_reader_let_go(self->reader);
        return is_read ? g_steal_pointer(&self) : NULL;
    }
    if (place->filesystem == RUB_FILESYSTEM_NTFS)
        return look_into_ntfs(self, error) ? g_steal_pointer(&self) : NULL;
    self->fat = rub_fat_open(place->disk, place->start_lba, place->sector_count, error);
    if (!self->fat)
        return NULL;
    self->fat_bits = rub_fat_get_geometry(self->fat)->type;
    return look_into_fat(self, error) ? g_steal_pointer(&self) : NULL;
}

/* Whether a volume tells more of the stick than the other one; times in ISO 8601 sort as text. */
static gboolean
is_newer(const RubStickVolume *self, const RubStickVolume *other)
{
    if (!other || self->was_cut_off != other->was_cut_off)
        return !other || self->was_cut_off;
    const char *created = self->manifest ? self->manifest->created : NULL;
    const char *other_created = other->manifest ? other->manifest->created : NULL;
    return g_strcmp0(created, other_created) > 0;
}

static void
take_if_newer(RubStickVolume **best, RubStickVolume *volume)
{
    if (volume->is_built_on && is_newer(volume, *best)) {
        g_clear_pointer(best, rub_stick_volume_free);
        *best = volume;
    } else {
        rub_stick_volume_free(volume);
    }
}

/* What is not FAT was not built on; what cannot be read may have been. */
static void
note_read_error(GError **first, GError *error)
{
    if (!*first && !g_error_matches(error, RUB_ERROR, RUB_CODE_VOLUME_DAMAGED))
        *first = error;
    else
        g_error_free(error);
}

/* An image that was written byte by byte has no room for a record. */
static RubText *
explain_no_record(const RubLayout *layout)
{
    if (layout->table == RUB_TABLE_HYBRID_ISO)
        return rub_text_new(N_("{name} has the image of a disc byte by byte, and no record of its "
                               "own: it can be compared with the image, if you name that, too"),
                            "name", layout->name, NULL);
    return rub_text_new(N_("{name} has no record of a build by this program"), "name", layout->name,
                        NULL);
}

/* Takes the error. */
static void
set_not_found(const RubLayout *layout, GError *read_error, GError **error)
{
    if (read_error)
        g_propagate_error(error, read_error);
    else
        rub_error_take_text(error, RUB_CODE_NOT_OUR_STICK, explain_no_record(layout));
}

/* What is neither fails to open as FAT. */
static RubFilesystem
find_filesystem(RubDisk *disk, const RubPartition *partition)
{
    guint8 sector[RUB_NTFS_BOOT_SECTOR_BYTES];
    RubNtfsGeometry geometry;
    guint sector_size = rub_disk_get_sector_size(disk);
    gboolean is_ntfs =
        sector_size == sizeof sector &&
        rub_disk_read(disk, partition->start_lba * sector_size, sector, sizeof sector, NULL) &&
        rub_ntfs_geometry_parse(&geometry, sector, partition->sector_count * sector_size, NULL);
    return is_ntfs ? RUB_FILESYSTEM_NTFS : RUB_FILESYSTEM_FAT32;
}

RubStickVolume *
rub_stick_volume_find(RubDisk *disk, GCancellable *cancellable, GError **error)
{
    g_autoptr(RubLayout) layout = rub_layout_new(rub_disk_get_name(disk), 0);
    g_autoptr(RubStickVolume) best = NULL;
    g_autoptr(GError) read_error = NULL;
    if (!rub_layout_probe_table(layout, disk, error))
        return NULL;
    for (guint i = 0; i < layout->partitions->len; i++) {
        const RubPartition *partition = g_ptr_array_index(layout->partitions, i);
        GError *partition_error = NULL;
        if (g_cancellable_is_cancelled(cancellable)) {
            rub_error_set_cancelled(error);
            return NULL;
        }
        if (partition->is_container)
            continue;
        RubVolumePlace place = {disk,
                                NULL,
                                partition->number,
                                partition->start_lba,
                                partition->sector_count,
                                find_filesystem(disk, partition)};
        RubStickVolume *volume = rub_stick_volume_open(&place, cancellable, &partition_error);
        if (volume)
            take_if_newer(&best, volume);
        else
            note_read_error(&read_error, partition_error);
    }
    if (!best)
        set_not_found(layout, g_steal_pointer(&read_error), error);
    return g_steal_pointer(&best);
}

static RubStickVolume *
open_mounted(RubTarget *target, const RubPartition *partition, GCancellable *cancellable,
             GError **error)
{
    g_autofree char *folder = rub_target_mount(target, partition->number, TRUE, cancellable, error);
    if (!folder)
        return NULL;
    RubVolumePlace place = {NULL, folder, partition->number, partition->start_lba,
                            partition->sector_count};
    RubStickVolume *self = rub_stick_volume_open(&place, cancellable, error);
    if (!self) {
        rub_target_unmount(target, NULL);
        return NULL;
    }
    self->fat_bits = partition->contents.fat_bits;
    const RubKeptVolume *kept = partition->contents.kept;
    if (kept && kept->damage && !self->was_cut_off)
        self->damage = rub_text_ref(kept->damage);
    return self;
}

/* Looks into one volume after the other; finds the partition with the one that was built on. */
static gboolean
search_mounted(RubTarget *target, const RubLayout *layout, const RubPartition **found,
               GCancellable *cancellable, GError **error)
{
    g_autoptr(RubStickVolume) best = NULL;
    g_autoptr(GError) read_error = NULL;
    for (guint i = 0; i < layout->partitions->len; i++) {
        const RubPartition *partition = g_ptr_array_index(layout->partitions, i);
        GError *partition_error = NULL;
        if (partition->contents.fat_bits == 0 && !rub_contents_is_ntfs(&partition->contents))
            continue;
        RubStickVolume *volume = open_mounted(target, partition, cancellable, &partition_error);
        if (!volume) {
            note_read_error(&read_error, partition_error);
            continue;
        }
        take_if_newer(&best, volume);
        if (best == volume)
            *found = partition;
        if (!rub_target_unmount(target, error))
            return FALSE;
    }
    if (!best)
        set_not_found(layout, g_steal_pointer(&read_error), error);
    return best != NULL;
}

RubStickVolume *
rub_stick_volume_find_mounted(RubTarget *target, GCancellable *cancellable, GError **error)
{
    const RubPartition *partition = NULL;
    g_autoptr(RubLayout) layout = rub_target_read_layout(target, cancellable, error);
    if (!layout || !search_mounted(target, layout, &partition, cancellable, error))
        return NULL;
    return open_mounted(target, partition, cancellable, error);
}
