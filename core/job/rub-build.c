/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "job/rub-build.h"

#include "base/rub-error.h"
#include "boot/rub-boot-code.h"
#include "boot/rub-boot-record.h"
#include "boot/rub-boot-saved.h"
#include "job/rub-adopt.h"
#include "job/rub-copy.h"
#include "job/rub-earlier.h"
#include "job/rub-rounds.h"
#include "volume/rub-fat-writer.h"
#include "volume/rub-path-index.h"
#include "volume/rub-records.h"

struct _RubBuild {
    const RubPlan *plan;
    const RubSource *source;
    RubVolumePlace place;
    RubManifest *manifest;
    RubProgress *progress;
    GCancellable *cancellable;
    RubFileReader *reader;
    RubFileDigester *digester;
    RubRounds *rounds;
    /* What is on a volume whose files stay; NULL for one that was just made. */
    RubStickVolume *stick;
    RubEarlier *earlier;
    /* (element-type RubPendingSaved): the user's files that give way; owned by the note. */
    GPtrArray *saved;
    /* (nullable): what goes into the file of old boot sectors. */
    GBytes *boot_sectors;
    gboolean is_begun;
    gboolean has_files;
    gboolean is_withdrawn;
};

RubBuild *
rub_build_new(const RubPlan *plan, const RubSource *source, const RubVolumePlace *place,
              RubManifest *manifest, RubProgress *progress, GCancellable *cancellable)
{
    RubBuild *self = g_new0(RubBuild, 1);
    self->plan = plan;
    self->source = source;
    self->place = rub_volume_place_copy(place);
    self->manifest = manifest;
    self->progress = progress;
    self->cancellable = cancellable;
    self->reader = rub_file_reader_new(place);
    self->digester = rub_file_digester_new(self->reader, NULL, cancellable);
    self->saved = g_ptr_array_new();
    return self;
}

void
rub_build_free(RubBuild *self)
{
    rub_file_digester_free(self->digester);
    rub_file_reader_free(self->reader);
    g_clear_pointer(&self->rounds, rub_rounds_free);
    g_clear_pointer(&self->earlier, rub_earlier_free);
    g_clear_pointer(&self->stick, rub_stick_volume_free);
    g_clear_pointer(&self->boot_sectors, g_bytes_unref);
    g_ptr_array_unref(self->saved);
    rub_volume_place_clear(&self->place);
    g_free(self);
}

static void
digest_bytes(GBytes *bytes, char text[RUB_DIGEST_TEXT_BYTES])
{
    gsize size_bytes;
    const void *data = g_bytes_get_data(bytes, &size_bytes);
    g_autoptr(RubDigest) digest = rub_digest_new();
    rub_digest_add(digest, data, size_bytes);
    rub_digest_get_text(digest, text);
}

static gboolean
open_kept_volume(RubBuild *self, GError **error)
{
    self->stick = rub_stick_volume_open(&self->place, self->cancellable, error);
    if (!self->stick || !rub_adopt_saved(&self->stick, error))
        return FALSE;
    if (self->stick->damage) {
        rub_error_take_text(error, RUB_CODE_VOLUME_DAMAGED,
                            rub_stick_volume_tell_damage(self->stick));
        return FALSE;
    }
    self->earlier = rub_earlier_new(self->stick, self->digester, error);
    return self->earlier != NULL;
}

static gboolean
open_volume(RubBuild *self, GError **error)
{
    gboolean keeps = self->plan->mode == RUB_PLAN_KEEP_VOLUME;
    if (keeps && !open_kept_volume(self, error))
        return FALSE;
    self->rounds = rub_rounds_new(&self->place, error);
    return self->rounds && (!keeps || rub_rounds_reclaim(self->rounds, self->stick->check, error));
}

static gboolean
is_reviewed(const RubPlan *plan, const char *path)
{
    return g_ptr_array_find_with_equal_func(plan->replaced, path, g_str_equal, NULL);
}

/* Notes a file that gives way: its bytes stay where they are, under another name. */
static gboolean
save_file(RubBuild *self, const RubEntry *entry, RubPending *note, GError **error)
{
    g_autofree char *saved_as = rub_earlier_make_saved_path(self->earlier);
    guint32 first_cluster = rub_stick_volume_find_first_cluster(self->stick, entry);
    RubPendingSaved saved = {entry->path,   saved_as,          entry->size_bytes,
                             first_cluster, entry->mtime_unix, ""};
    if (!rub_file_digester_run(self->digester, entry, saved.digest, error))
        return FALSE;
    rub_pending_add_saved(note, &saved);
    g_ptr_array_add(self->saved, g_ptr_array_index(note->saved, note->saved->len - 1));
    return TRUE;
}

/* What is ours gives its clusters back; what is the user's is kept. */
static gboolean
displace(RubBuild *self, const RubEntry *entry, RubPending *note, GError **error)
{
    if (rub_earlier_owns_file(self->earlier, entry->path))
        return TRUE;
    if (is_reviewed(self->plan, entry->path))
        return save_file(self, entry, note, error);
    rub_error_set_text(error, RUB_CODE_DEVICE_CHANGED,
                       N_("the file {path} was not there when the stick was reviewed"), "path",
                       entry->path, NULL);
    return FALSE;
}

static gboolean
note_files(RubBuild *self, RubPending *note, GError **error)
{
    for (guint i = 0; i < self->plan->files->len; i++) {
        const RubPlanItem *item = g_ptr_array_index(self->plan->files, i);
        const RubEntry *entry =
            self->stick ? rub_path_index_find_file(self->stick->index, item->path) : NULL;
        if (entry && !displace(self, entry, note, error))
            return FALSE;
        rub_pending_add_file(note, item->path, item->content->size_bytes);
    }
    return TRUE;
}

/* A folder that was there before is the user's, unless an earlier build of ours made it. */
static void
note_folders(RubBuild *self, RubPending *note)
{
    for (guint i = 0; i < self->plan->folders->len; i++) {
        const RubPlanItem *item = g_ptr_array_index(self->plan->folders, i);
        if (self->stick && rub_path_index_find(self->stick->index, item->path) &&
            !rub_earlier_owns_folder(self->earlier, item->path))
            continue;
        rub_pending_add_folder(note, item->path);
        g_ptr_array_add(self->manifest->folders, g_strdup(item->path));
    }
}

/* The manifest of an earlier build is ours to replace, unless that build cannot be taken off: then
 * it has to be back when this one is. So has one that this version cannot read. */
static gboolean
note_manifest(RubBuild *self, RubPending *note, GError **error)
{
    const RubEntry *entry =
        self->stick ? rub_path_index_find_file(self->stick->index, RUB_MANIFEST_PATH) : NULL;
    if (!entry || self->stick->is_manifest_cut)
        return TRUE;
    const RubManifest *old = self->stick->manifest;
    return (old && rub_manifest_can_be_undone(old)) || save_file(self, entry, note, error);
}

/* Those from before the first build are kept; what is there now may be ours already. Those of
 * another disk are of no use. */
static gboolean
save_boot_sectors(RubBuild *self, GError **error)
{
    const RubEntry *entry =
        self->stick ? rub_path_index_find_file(self->stick->index, RUB_BOOT_SECTORS_PATH) : NULL;
    if (!self->plan->installs_boot_code || self->plan->mode == RUB_PLAN_ERASE)
        return TRUE;
    if (entry && self->stick->is_in_place)
        return rub_file_digester_run(self->digester, entry, self->manifest->boot_sectors_digest,
                                     error);
    self->boot_sectors =
        rub_boot_save_sectors(self->place.disk, self->plan->volume.filesystem,
                              self->stick ? self->plan->volume.start_lba : 0, error);
    if (!self->boot_sectors)
        return FALSE;
    digest_bytes(self->boot_sectors, self->manifest->boot_sectors_digest);
    return TRUE;
}

static gboolean
write_note(RubBuild *self, GError **error)
{
    g_autoptr(RubPending) note = rub_pending_new();
    note->keeps = rub_manifest_can_be_undone(self->manifest);
    note->made_table = self->manifest->made_table;
    note->made_partition = self->manifest->made_partition;
    note_folders(self, note);
    if (!note_files(self, note, error) || !note_manifest(self, note, error) ||
        !save_boot_sectors(self, error))
        return FALSE;
    if (self->earlier)
        rub_earlier_add_to_note(self->earlier, note);
    self->is_begun = TRUE;
    return rub_rounds_begin(self->rounds, g_steal_pointer(&note), error);
}

static gboolean
is_manifest(const RubPendingSaved *saved)
{
    return g_str_equal(saved->path, RUB_MANIFEST_PATH);
}

/* The old manifest moves when the new one is written. */
static gboolean
declare_undo(RubBuild *self, guint *boot_sectors_id, GError **error)
{
    RubVolume *volume = rub_rounds_get_volume(self->rounds);
    if (self->saved->len == 0 && !self->boot_sectors)
        return TRUE;
    if (!rub_volume_add_folder(volume, RUB_UNDO_FOLDER, 0, RUB_VOLUME_HIDDEN, error))
        return FALSE;
    for (guint i = 0; i < self->saved->len; i++) {
        const RubPendingSaved *saved = g_ptr_array_index(self->saved, i);
        if (!is_manifest(saved) &&
            !rub_volume_move(volume, saved->path, saved->saved_as, RUB_VOLUME_NONE, error))
            return FALSE;
    }
    return !self->boot_sectors ||
           rub_volume_add_file(volume, RUB_BOOT_SECTORS_PATH, g_bytes_get_size(self->boot_sectors),
                               0, RUB_VOLUME_REPLACE, boot_sectors_id, error);
}

static gboolean
write_bytes(RubVolume *volume, guint file_id, GBytes *bytes, GError **error)
{
    gsize size_bytes;
    const void *data = g_bytes_get_data(bytes, &size_bytes);
    return rub_volume_write(volume, file_id, data, size_bytes, error);
}

static gboolean
write_files(RubBuild *self, GError **error)
{
    RubVolume *volume = rub_rounds_get_volume(self->rounds);
    g_autofree guint *file_ids = g_new0(guint, self->plan->files->len + 1);
    guint boot_sectors_id = 0;
    GHashTable *existing = self->stick ? self->stick->index : NULL;
    if (!declare_undo(self, &boot_sectors_id, error) ||
        !rub_copy_declare(self->plan, volume, existing, file_ids, error) ||
        !rub_rounds_prepare(self->rounds, error))
        return FALSE;
    if (g_cancellable_is_cancelled(self->cancellable)) {
        rub_error_set_cancelled(error);
        return FALSE;
    }
    /* In a folder files exist from their first byte on. */
    self->has_files = !self->place.disk;
    if ((self->boot_sectors && !write_bytes(volume, boot_sectors_id, self->boot_sectors, error)) ||
        !rub_copy_write(self->plan, self->source, volume, file_ids, self->manifest, self->progress,
                        self->cancellable, error))
        return FALSE;
    self->has_files = TRUE;
    return rub_rounds_commit(self->rounds, error);
}

/* A volume of our own making was FAT32 when the build began: a stick that is smaller than it
 * claims has since put files over its start. */
static void
blame_stick(const RubBuild *self, GError **error)
{
    if (self->plan->mode != RUB_PLAN_ERASE ||
        !g_error_matches(*error, RUB_ERROR, RUB_CODE_CREATE_FAT32_FAILED))
        return;
    (*error)->code = RUB_CODE_VERIFY_FAILED;
    g_prefix_error(error, "what was written to the start of the volume is not there any more: ");
}

/* The manifest is the last file that is written and holds the digests of all boot code. So the boot
 * record comes before it; the MBR's code, which comes last of all, is known already. */
static gboolean
install_boot_record(RubBuild *self, GError **error)
{
    guint64 start_lba = self->plan->volume.start_lba;
    RubFilesystem filesystem = self->plan->volume.filesystem;
    if (!rub_boot_record_install(self->place.disk, filesystem, start_lba, error)) {
        blame_stick(self, error);
        return FALSE;
    }
    if (!rub_disk_sync(self->place.disk, error))
        return FALSE;
    g_autoptr(GBytes) records =
        rub_boot_record_read(self->place.disk, filesystem, start_lba, error);
    if (!records)
        return FALSE;
    g_autoptr(GBytes) mbr_code = rub_boot_get_mbr_code();
    gsize mbr_bytes = g_bytes_get_size(mbr_code);
    g_autoptr(GBytes) record =
        g_bytes_new_from_bytes(records, mbr_bytes, g_bytes_get_size(records) - mbr_bytes);
    digest_bytes(mbr_code, self->manifest->mbr_code);
    digest_bytes(record, self->manifest->boot_record);
    return TRUE;
}

static void
fill_manifest(RubBuild *self)
{
    if (self->earlier)
        rub_earlier_add_to_manifest(self->earlier, self->manifest);
    for (guint i = 0; i < self->saved->len; i++) {
        const RubPendingSaved *saved = g_ptr_array_index(self->saved, i);
        rub_manifest_add_saved(self->manifest, saved->path, saved->saved_as, saved->size_bytes,
                               saved->digest);
    }
    self->manifest->is_complete = TRUE;
}

static gboolean
move_old_manifest(RubBuild *self, GError **error)
{
    RubVolume *volume = rub_rounds_get_volume(self->rounds);
    for (guint i = 0; i < self->saved->len; i++) {
        const RubPendingSaved *saved = g_ptr_array_index(self->saved, i);
        if (is_manifest(saved) &&
            !rub_volume_move(volume, saved->path, saved->saved_as, RUB_VOLUME_NONE, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
write_manifest(RubBuild *self, GError **error)
{
    RubVolume *volume = rub_rounds_get_volume(self->rounds);
    fill_manifest(self);
    g_autoptr(GBytes) json = rub_manifest_to_json(self->manifest);
    guint file_id;
    return move_old_manifest(self, error) &&
           rub_volume_add_file(volume, RUB_MANIFEST_PATH, g_bytes_get_size(json), 0,
                               RUB_VOLUME_HIDDEN | RUB_VOLUME_REPLACE, &file_id, error) &&
           rub_rounds_prepare(self->rounds, error) && write_bytes(volume, file_id, json, error) &&
           rub_rounds_commit(self->rounds, error);
}

static gboolean
can_still_write(const GError *error)
{
    return !g_error_matches(error, RUB_ERROR, RUB_CODE_WRITE_FAILED) &&
           !g_error_matches(error, RUB_ERROR, RUB_CODE_DEVICE_GONE);
}

/* Takes the note away from a volume on which nothing else was changed, as far as that goes: a build
 * that was stopped shall not be found unfinished. One that was cut off before has to be. */
static void
withdraw(RubBuild *self)
{
    if (!self->stick || self->stick->note || !self->is_begun || self->has_files)
        return;
    gboolean had_folder = rub_path_index_find(self->stick->index, RUB_RECORDS_FOLDER) != NULL;
    g_clear_pointer(&self->rounds, rub_rounds_free);
    g_autoptr(RubStickVolume) now = rub_stick_volume_open(&self->place, NULL, NULL);
    if (!now || !now->note || now->damage)
        return;
    self->rounds = rub_rounds_new(&self->place, NULL);
    if (self->rounds && rub_rounds_reclaim(self->rounds, now->check, NULL))
        self->is_withdrawn = rub_rounds_end(self->rounds, !had_folder, NULL);
    self->is_begun = !self->is_withdrawn;
}

/* The stick itself may be large enough. */
static void
blame_kept_files(const RubBuild *self, GError *error)
{
    if (self->stick && g_error_matches(error, RUB_ERROR, RUB_CODE_DISK_TOO_SMALL))
        error->code = RUB_CODE_NO_FREE_SPACE;
}

static gboolean
end_part(RubBuild *self, gboolean is_done, GError *part_error, GError **error)
{
    if (is_done)
        return TRUE;
    blame_kept_files(self, part_error);
    if (can_still_write(part_error))
        withdraw(self);
    g_propagate_error(error, part_error);
    return FALSE;
}

gboolean
rub_build_has_written(const RubBuild *self)
{
    return self->is_begun;
}

gboolean
rub_build_is_withdrawn(const RubBuild *self)
{
    return self->is_withdrawn;
}

gboolean
rub_build_begin(RubBuild *self, GError **error)
{
    GError *part_error = NULL;
    gboolean is_done = open_volume(self, &part_error) && write_note(self, &part_error);
    return end_part(self, is_done, part_error, error);
}

gboolean
rub_build_finish(RubBuild *self, GError **error)
{
    GError *part_error = NULL;
    gboolean is_done =
        write_files(self, &part_error) &&
        (!self->plan->installs_boot_code || install_boot_record(self, &part_error)) &&
        write_manifest(self, &part_error) && rub_rounds_end(self->rounds, FALSE, &part_error);
    return end_part(self, is_done, part_error, error);
}
