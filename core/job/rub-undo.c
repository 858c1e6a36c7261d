/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "job/rub-undo.h"

#include <string.h>

#include "base/rub-digest.h"
#include "base/rub-error.h"
#include "boot/rub-boot-saved.h"
#include "job/rub-adopt.h"
#include "job/rub-boot-state.h"
#include "job/rub-earlier.h"
#include "job/rub-removal.h"
#include "job/rub-rounds.h"
#include "job/rub-undo-preview.h"
#include "target/rub-blank.h"
#include "target/rub-layout-probe.h"
#include "volume/rub-path-index.h"
#include "volume/rub-records.h"

#define MAX_SAVED_BYTES (64 * 1024)
#define FILES_PER_ROUND 8192

/* Boot sectors of a build that made the partition: only the first sector of the disk was there. */
#define FIRST_SECTOR_BYTES 512

typedef struct {
    RubTarget *target;
    const RubLayout *reviewed;
    RubProgress *progress;
    GCancellable *cancellable;
    RubUndoReport *report;
    RubStickVolume *stick;
    RubFileDigester *digester;
    RubEarlier *earlier;
    RubRounds *rounds;
    /* (element-type utf8): the keys of where saved files go back to. */
    GHashTable *restored;
    const RubUndoPreview *preview;
    char *folder; /* where the volume is mounted; NULL with a disk */
    gboolean has_begun;
} Undo;

static gboolean
unmount(Undo *self, GError **error)
{
    g_clear_pointer(&self->rounds, rub_rounds_free);
    if (self->stick)
        rub_file_reader_let_go(self->stick->reader);
    if (!self->folder)
        return TRUE;
    g_clear_pointer(&self->folder, g_free);
    return rub_target_unmount(self->target, error);
}

static void
undo_clear(Undo *self)
{
    g_clear_pointer(&self->earlier, rub_earlier_free);
    g_clear_pointer(&self->digester, rub_file_digester_free);
    g_clear_pointer(&self->stick, rub_stick_volume_free);
}

void
rub_undo_report_free(RubUndoReport *self)
{
    g_clear_pointer(&self->failure, rub_finding_free);
    g_clear_pointer(&self->left_behind, rub_text_unref);
    g_ptr_array_unref(self->removed);
    g_ptr_array_unref(self->restored);
    g_ptr_array_unref(self->stayed);
    g_ptr_array_unref(self->missing);
    g_free(self);
}

static RubDisk *
get_disk(const Undo *self)
{
    return self->stick->place.disk;
}

static guint64
count_bytes(const RubManifest *manifest)
{
    guint64 size_bytes = 0;
    for (guint i = 0; manifest && i < manifest->files->len; i++) {
        const RubManifestFile *file = g_ptr_array_index(manifest->files, i);
        size_bytes += file->size_bytes;
    }
    return size_bytes;
}

/* Through the kernel's driver, the volume that was found before. */
static RubStickVolume *
find_volume(Undo *self, GError **error)
{
    RubDisk *disk = rub_target_get_disk(self->target);
    if (disk)
        return rub_stick_volume_find(disk, self->cancellable, error);
    const RubUndoPreview *preview = self->preview;
    self->folder = rub_target_mount(self->target, preview->number, FALSE, self->cancellable, error);
    if (!self->folder)
        return NULL;
    RubVolumePlace place = {NULL, self->folder, preview->number, preview->start_lba,
                            preview->sector_count};
    return rub_stick_volume_open(&place, self->cancellable, error);
}

/* An undo that was cut off has put the user's file back already. */
static gboolean
is_back(const Undo *self, const char *path)
{
    const RubManifest *manifest = self->stick->note ? self->stick->manifest : NULL;
    for (guint i = 0; manifest && i < manifest->saved->len; i++) {
        const RubManifestSaved *saved = g_ptr_array_index(manifest->saved, i);
        if (g_ascii_strcasecmp(saved->path, path) == 0 &&
            !rub_path_index_find_file(self->stick->index, saved->saved_as))
            return TRUE;
    }
    return FALSE;
}

static void
report_changed(Undo *self)
{
    const GPtrArray *changed = rub_earlier_get_changed(self->earlier);
    for (guint i = 0; i < changed->len; i++) {
        const char *path = g_ptr_array_index(changed, i);
        g_ptr_array_add(is_back(self, path) ? self->report->restored : self->report->stayed,
                        g_strdup(path));
    }
}

static gboolean
is_manifest(const char *path)
{
    return g_ascii_strcasecmp(path, RUB_MANIFEST_PATH) == 0;
}

/* Whether nothing of the user's is in the place of a file that gave way. */
static gboolean
is_free(const Undo *self, const char *path)
{
    const RubEntry *entry = rub_path_index_find(self->stick->index, path);
    return !entry || (entry->kind == RUB_ENTRY_FILE && rub_earlier_owns_file(self->earlier, path));
}

static void
report_if_missing(Undo *self, const char *path, const char *saved_as)
{
    GPtrArray *missing = self->report->missing;
    if (!is_manifest(path) && !rub_path_index_find_file(self->stick->index, saved_as) &&
        is_free(self, path) && !g_ptr_array_find_with_equal_func(missing, path, g_str_equal, NULL))
        g_ptr_array_add(missing, g_strdup(path));
}

static void
report_missing(Undo *self)
{
    const RubManifest *manifest = self->stick->manifest;
    const RubPending *note = self->stick->note;
    for (guint i = 0; manifest && i < manifest->saved->len; i++) {
        const RubManifestSaved *saved = g_ptr_array_index(manifest->saved, i);
        report_if_missing(self, saved->path, saved->saved_as);
    }
    for (guint i = 0; note && i < note->saved->len; i++) {
        const RubPendingSaved *saved = g_ptr_array_index(note->saved, i);
        report_if_missing(self, saved->path, saved->saved_as);
    }
}

/* Everything that takes long, and can be stopped, comes before the first write. */
static gboolean
survey(Undo *self, GError **error)
{
    self->stick = find_volume(self, error);
    if (!self->stick || !rub_undo_preview_check(self->stick, error) ||
        !rub_adopt_saved(&self->stick, error))
        return FALSE;
    rub_progress_add_step(self->progress, 1, count_bytes(self->stick->manifest));
    self->digester = rub_file_digester_new(self->stick->reader, self->progress, self->cancellable);
    self->earlier = rub_earlier_new(self->stick, self->digester, error);
    if (!self->earlier)
        return FALSE;
    report_changed(self);
    report_missing(self);
    return TRUE;
}

/* A build for UEFI only lists no boot code, whatever one before it installed. */
static gboolean
is_surely_ours(const Undo *self)
{
    const RubManifest *manifest = self->stick->manifest;
    RubBootState state;
    return manifest && *manifest->mbr_code && *manifest->boot_record &&
           rub_boot_state_read(&state, get_disk(self), manifest, self->stick->place.number,
                               self->stick->place.start_lba, NULL) &&
           state.is_mbr_code_right && state.is_record_right;
}

static gboolean
are_as_saved(const Undo *self, GBytes *saved)
{
    const RubManifest *manifest = self->stick->manifest;
    char text[RUB_DIGEST_TEXT_BYTES];
    gsize size_bytes;
    const void *data = g_bytes_get_data(saved, &size_bytes);
    g_autoptr(RubDigest) digest = rub_digest_new();
    rub_digest_add(digest, data, size_bytes);
    rub_digest_get_text(digest, text);
    return !manifest || *manifest->boot_sectors_digest == '\0' ||
           strcmp(manifest->boot_sectors_digest, text) == 0;
}

/* Sectors that cannot be those which were saved stay away from the disk, and in nobody's way. */
static gboolean
restore_boot_sectors(Undo *self, GError **error)
{
    if (!rub_path_index_find_file(self->stick->index, RUB_BOOT_SECTORS_PATH) ||
        !self->stick->is_in_place || !get_disk(self))
        return TRUE;
    g_autoptr(GBytes) saved =
        rub_stick_volume_read_file(self->stick, RUB_BOOT_SECTORS_PATH, MAX_SAVED_BYTES, error);
    if (!saved)
        return FALSE;
    guint64 start_lba =
        g_bytes_get_size(saved) == FIRST_SECTOR_BYTES ? 0 : self->stick->place.start_lba;
    if (!are_as_saved(self, saved) ||
        !rub_boot_can_restore_sectors(self->stick->place.filesystem, start_lba, saved))
        return TRUE;
    return rub_boot_restore_sectors(get_disk(self), self->stick->place.filesystem, start_lba, saved,
                                    is_surely_ours(self), &self->report->is_boot_code_restored,
                                    error) &&
           rub_disk_sync(get_disk(self), error);
}

static gboolean
is_record(const char *path)
{
    static const char *const records[] = {RUB_RECORDS_FOLDER, RUB_MANIFEST_PATH, RUB_UNDO_FOLDER,
                                          RUB_BOOT_SECTORS_PATH, RUB_PENDING_PATH};
    for (gsize i = 0; i < G_N_ELEMENTS(records); i++) {
        if (g_str_equal(path, records[i]))
            return TRUE;
    }
    return FALSE;
}

/* Whether there is nothing in a partition of ours but what the build put there. */
static gboolean
can_remove_partition(const Undo *self)
{
    const RubManifest *left = rub_earlier_get_left(self->earlier);
    if (!left->made_partition || left->saved->len > 0 || self->report->stayed->len > 0)
        return FALSE;
    for (guint i = 0; i < self->stick->listing->entries->len; i++) {
        const RubEntry *entry = g_ptr_array_index(self->stick->listing->entries, i);
        gboolean is_ours = entry->kind == RUB_ENTRY_FOLDER
                               ? rub_earlier_owns_folder(self->earlier, entry->path)
                               : rub_earlier_owns_file(self->earlier, entry->path);
        if (!is_ours && !is_record(entry->path))
            return FALSE;
    }
    return TRUE;
}

static void
report_all_removed(Undo *self)
{
    const RubManifest *left = rub_earlier_get_left(self->earlier);
    for (guint i = 0; i < left->files->len; i++) {
        const RubManifestFile *file = g_ptr_array_index(left->files, i);
        g_ptr_array_add(self->report->removed, g_strdup(file->path));
    }
}

static gboolean
has_partitions(RubDisk *disk, gboolean *has_some, GError **error)
{
    g_autoptr(RubLayout) layout = rub_layout_new(rub_disk_get_name(disk), 0);
    if (!rub_layout_probe_table(layout, disk, error))
        return FALSE;
    *has_some = layout->partitions->len > 0;
    return TRUE;
}

/* A disk that was blank is blank again, if it is open. */
static gboolean
remove_table(Undo *self, GError **error)
{
    gboolean has_some = TRUE;
    if (!rub_earlier_get_left(self->earlier)->made_table || !get_disk(self))
        return TRUE;
    if (!has_partitions(get_disk(self), &has_some, error))
        return FALSE;
    return has_some || rub_blank_mark(get_disk(self), error);
}

static gboolean
remove_partition(Undo *self, GError **error)
{
    self->has_begun = TRUE;
    if (!restore_boot_sectors(self, error) || !unmount(self, error) ||
        !rub_target_remove_partition(self->target, self->stick->place.number, error) ||
        !remove_table(self, error))
        return FALSE;
    self->report->is_partition_removed = TRUE;
    report_all_removed(self);
    return TRUE;
}

/* Where the user's files are now, and where their bytes are however an entry is cut off. In a
 * folder they come back byte by byte. */
static RubPending *
make_note(const Undo *self)
{
    RubPending *note = rub_pending_new();
    const GPtrArray *saved_files = rub_earlier_get_left(self->earlier)->saved;
    note->keeps = TRUE;
    for (guint i = 0; i < saved_files->len; i++) {
        const RubManifestSaved *file = g_ptr_array_index(saved_files, i);
        const RubEntry *entry = rub_path_index_find_file(self->stick->index, file->saved_as);
        RubPendingSaved saved = {
            file->path,        file->saved_as,
            entry->size_bytes, rub_stick_volume_find_first_cluster(self->stick, entry),
            entry->mtime_unix, ""};
        if (self->folder && is_free(self, file->path))
            rub_pending_add_file(note, file->path, entry->size_bytes);
        g_strlcpy(saved.digest, file->digest, sizeof saved.digest);
        rub_pending_add_saved(note, &saved);
    }
    rub_earlier_add_to_note(self->earlier, note);
    return note;
}

/* A name beside the one that somebody else has taken. */
static char *
make_name_beside(const Undo *self, const char *path)
{
    char *name = g_strconcat(path, ".restored", NULL);
    for (guint i = 2; rub_path_index_find(self->stick->index, name); i++) {
        g_free(name);
        name = g_strdup_printf("%s.restored-%u", path, i);
    }
    return name;
}

/* Where a saved file goes back to: to its place, unless the user has something else there now. */
static char *
choose_place(Undo *self, const RubManifestSaved *saved)
{
    if (is_free(self, saved->path) &&
        g_hash_table_add(self->restored, rub_fat_name_make_key(saved->path)))
        return g_strdup(saved->path);
    char *name = make_name_beside(self, saved->path);
    g_hash_table_add(self->restored, rub_fat_name_make_key(name));
    return name;
}

/* What was saved last goes first: it is what was there when the user last looked. */
static gboolean
restore_files(Undo *self, RubRemoval *removal, GError **error)
{
    const GPtrArray *saved_files = rub_earlier_get_left(self->earlier)->saved;
    for (guint i = saved_files->len; i > 0; i--) {
        const RubManifestSaved *saved = g_ptr_array_index(saved_files, i - 1);
        if (is_manifest(saved->path))
            continue;
        char *place = choose_place(self, saved);
        g_ptr_array_add(self->report->restored, place);
        if (!rub_removal_move_file(removal, saved->saved_as, place, RUB_VOLUME_NONE, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
commit(Undo *self, GError **error)
{
    return rub_rounds_prepare(self->rounds, error) && rub_rounds_commit(self->rounds, error);
}

/* On NTFS a round is held in memory. What was written down in a note alone goes at once: it is only
 * known while all of it is there (rub_pending_is_carried_out()). */
static gboolean
ends_round(const Undo *self, guint i)
{
    const RubPending *note = self->stick->note;
    return i > 0 && i % FILES_PER_ROUND == 0 && (!note || note->files->len == 0);
}

static gboolean
remove_files(Undo *self, RubRemoval *removal, GError **error)
{
    const GPtrArray *files = rub_earlier_get_left(self->earlier)->files;
    for (guint i = 0; i < files->len; i++) {
        const RubManifestFile *file = g_ptr_array_index(files, i);
        g_autofree char *key = rub_fat_name_make_key(file->path);
        if (file->is_earlier)
            continue;
        if (ends_round(self, i) && !commit(self, error))
            return FALSE;
        g_ptr_array_add(self->report->removed, g_strdup(file->path));
        if (!g_hash_table_contains(self->restored, key) &&
            !rub_removal_remove_file(removal, file->path, error))
            return FALSE;
    }
    return rub_removal_remove_file(removal, RUB_BOOT_SECTORS_PATH, error);
}

static int
compare_lengths(gconstpointer a, gconstpointer b)
{
    gsize one = strlen(*(const char *const *) a);
    gsize other = strlen(*(const char *const *) b);
    return (one < other) - (one > other);
}

/* A folder has a shorter path than what is in it. */
static gboolean
remove_folders(Undo *self, RubRemoval *removal, GError **error)
{
    g_autoptr(GPtrArray) folders =
        g_ptr_array_copy(rub_earlier_get_left(self->earlier)->folders, NULL, NULL);
    g_ptr_array_set_free_func(folders, NULL);
    g_ptr_array_sort(folders, compare_lengths);
    for (guint i = 0; i < folders->len; i++) {
        if (!rub_removal_remove_folder(removal, g_ptr_array_index(folders, i), error))
            return FALSE;
    }
    return TRUE;
}

/* The manifest goes last, or gives way to that of the build which erased the stick. */
static gboolean
take_off_manifest(Undo *self, RubRemoval *removal, GError **error)
{
    const GPtrArray *saved_files = rub_earlier_get_left(self->earlier)->saved;
    const RubManifest *manifest = self->stick->manifest;
    gboolean is_back =
        !self->stick->is_manifest_cut && (!manifest || !rub_manifest_can_be_undone(manifest));
    for (guint i = 0; !is_back && i < saved_files->len; i++) {
        const RubManifestSaved *saved = g_ptr_array_index(saved_files, i);
        if (!is_manifest(saved->path))
            continue;
        if (!rub_removal_move_file(removal, saved->saved_as, RUB_MANIFEST_PATH, RUB_VOLUME_HIDDEN,
                                   error))
            return FALSE;
        is_back = TRUE;
    }
    return (is_back || rub_removal_remove_file(removal, RUB_MANIFEST_PATH, error)) &&
           rub_removal_remove_folder(removal, RUB_UNDO_FOLDER, error);
}

static gboolean
take_off(Undo *self, GError **error)
{
    RubVolume *volume = rub_rounds_get_volume(self->rounds);
    g_autoptr(RubRemoval) removal = rub_removal_new(self->stick, volume);
    if (!restore_files(self, removal, error) || !remove_files(self, removal, error) ||
        !remove_folders(self, removal, error) || !commit(self, error) ||
        !take_off_manifest(self, removal, error) || !commit(self, error))
        return FALSE;
    guint note_count = rub_path_index_find(self->stick->index, RUB_PENDING_PATH) ? 1 : 0;
    gboolean is_empty = rub_removal_count_children(removal, RUB_RECORDS_FOLDER) == note_count;
    return rub_rounds_end(self->rounds, is_empty, error);
}

static gboolean
undo_in_volume(Undo *self, GError **error)
{
    const RubStickVolume *stick = self->stick;
    self->rounds = rub_rounds_new(&stick->place, error);
    self->has_begun = self->rounds != NULL;
    return self->rounds && rub_rounds_reclaim(self->rounds, stick->check, error) &&
           rub_rounds_begin(self->rounds, make_note(self), error) &&
           restore_boot_sectors(self, error) && take_off(self, error);
}

static gboolean
undo(Undo *self, GError **error)
{
    if (!survey(self, error))
        return FALSE;
    gboolean is_done =
        can_remove_partition(self) ? remove_partition(self, error) : undo_in_volume(self, error);
    if (is_done)
        rub_progress_step_done(self->progress);
    return is_done;
}

static gboolean
run(Undo *self, GError **error)
{
    /* Where there is nothing to undo, nothing is touched, and nobody is asked for a password. */
    g_autoptr(RubUndoPreview) preview =
        rub_undo_preview_new(self->target, self->reviewed, self->cancellable, error);
    if (!preview || !rub_target_open_for_writing(self->target, self->reviewed, preview->access,
                                                 self->cancellable, error))
        return FALSE;
    self->preview = preview;
    gboolean is_done = undo(self, error);
    is_done = unmount(self, is_done ? error : NULL) && is_done;
    undo_clear(self);
    gboolean is_finished = rub_target_finish(self->target, is_done ? error : NULL);
    return is_done && is_finished;
}

/* An undo never needs another stick. */
static RubFinding *
make_finding(GError *error)
{
    if (!g_error_matches(error, RUB_ERROR, RUB_CODE_DISK_TOO_SMALL))
        return rub_finding_new_from_error(error);
    error->code = RUB_CODE_NO_FREE_SPACE;
    rub_error_take_remedy(&error, rub_text_new(N_("Move some files of your own from the stick to "
                                                  "the computer, and undo again."),
                                               NULL));
    RubFinding *finding = rub_finding_new_from_error(error);
    finding->action = RUB_ACTION_NONE;
    return finding;
}

/* What was begun is not done before the last write. */
static void
note_failure(Undo *self, GError *error)
{
    RubUndoReport *report = self->report;
    const char *sentence = self->has_begun
                               ? N_("Your files on {name} are all there, some of them perhaps in "
                                    "the folder {folder} yet. Undo again to finish.")
                               : N_("Nothing was changed on {name}.");
    report->failure = make_finding(error);
    g_autofree char *name = rub_layout_make_name(self->reviewed);
    report->left_behind = rub_text_new(sentence, "name", name, "folder", RUB_UNDO_FOLDER, NULL);
    g_ptr_array_set_size(report->removed, 0);
    g_ptr_array_set_size(report->restored, 0);
    g_ptr_array_set_size(report->stayed, 0);
    g_ptr_array_set_size(report->missing, 0);
    report->is_boot_code_restored = FALSE;
    report->is_partition_removed = FALSE;
}

RubUndoReport *
rub_undo_run(RubTarget *target, const RubLayout *reviewed, RubProgress *progress,
             GCancellable *cancellable)
{
    g_autoptr(GError) error = NULL;
    RubUndoReport *report = g_new0(RubUndoReport, 1);
    report->removed = g_ptr_array_new_with_free_func(g_free);
    report->restored = g_ptr_array_new_with_free_func(g_free);
    report->stayed = g_ptr_array_new_with_free_func(g_free);
    report->missing = g_ptr_array_new_with_free_func(g_free);
    Undo self = {
        .target = target,
        .reviewed = reviewed,
        .progress = progress,
        .cancellable = cancellable,
        .report = report,
        .restored = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
    };
    if (!run(&self, &error))
        note_failure(&self, error);
    g_hash_table_unref(self.restored);
    return report;
}
