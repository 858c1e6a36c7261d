/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "job/rub-check.h"

#include <string.h>

#include "base/rub-error.h"
#include "base/rub-mbr.h"
#include "job/rub-boot-state.h"
#include "job/rub-earlier.h"
#include "job/rub-file-digester.h"
#include "job/rub-stick-volume.h"
#include "volume/rub-path-index.h"
#include "volume/rub-records.h"

/* What the saved boot sectors have at most. */
#define MAX_SAVED_BYTES (64 * 1024)

typedef struct {
    RubDisk *disk; /* NULL where the volume is mounted */
    RubProgress *progress;
    GCancellable *cancellable;
    RubStickVolume *stick;
    RubCheckReport *report;
    RubFileDigester *digester;
    RubPathList *changed;
    RubPathList *unreadable;
    RubBootState boot;
} Check;

void
rub_check_report_free(RubCheckReport *self)
{
    g_clear_pointer(&self->finding, rub_finding_free);
    g_free(self->image_name);
    g_free(self->created);
    g_free(self);
}

const char *
rub_check_state_get_id(RubCheckState state)
{
    static const char *const ids[] = {
        [RUB_CHECK_GOOD] = "good",
        [RUB_CHECK_CHANGED] = "changed",
        [RUB_CHECK_DAMAGED] = "damaged",
        [RUB_CHECK_NOT_OURS] = "not-ours",
        [RUB_CHECK_INCOMPLETE] = "incomplete",
    };
    return ids[state];
}

/* Takes what the finding says. */
static void
conclude(Check *self, RubCheckState state, RubCode code, RubText *meaning, RubText *remedy)
{
    self->report->state = state;
    self->report->finding = rub_finding_new(code, RUB_SEVERITY_ERROR, meaning, remedy);
}

static void
conclude_incomplete(Check *self)
{
    conclude(self, RUB_CHECK_INCOMPLETE, RUB_CODE_BUILD_INCOMPLETE,
             rub_text_new(N_("A build of this stick was cut off before it was finished."), NULL),
             NULL);
}

static RubText *
advise_new_build(void)
{
    return rub_text_new(N_("Do not rely on this stick. Build it again, or choose another one."),
                        NULL);
}

static void
note_file(RubPathList *list, const char *path, const char *what)
{
    rub_path_list_add(list, path, rub_text_new(what, NULL));
}

static gboolean
is_stopped(const GError *error)
{
    return g_error_matches(error, RUB_ERROR, RUB_CODE_CANCELLED) ||
           g_error_matches(error, RUB_ERROR, RUB_CODE_DEVICE_GONE);
}

/* What cannot be read is noted, and the rest read all the same. */
static gboolean
check_contents(Check *self, const RubManifestFile *file, const RubEntry *entry, GError **error)
{
    char text[RUB_DIGEST_TEXT_BYTES];
    g_autoptr(GError) read_error = NULL;
    if (!rub_file_digester_run(self->digester, entry, text, &read_error)) {
        if (is_stopped(read_error)) {
            g_propagate_error(error, g_steal_pointer(&read_error));
            return FALSE;
        }
        note_file(self->unreadable, file->path, N_("(cannot be read)"));
        return TRUE;
    }
    self->report->file_count++;
    self->report->checked_bytes += entry->size_bytes;
    if (strcmp(text, file->digest) != 0)
        note_file(self->changed, file->path, N_("(its contents differ)"));
    return TRUE;
}

static gboolean
check_file(Check *self, const RubManifestFile *file, const RubEntry *entry, GError **error)
{
    if (entry->size_bytes == file->size_bytes)
        return check_contents(self, file, entry, error);
    g_autofree char *found = g_strdup_printf("%" G_GUINT64_FORMAT, entry->size_bytes);
    g_autofree char *wanted = g_strdup_printf("%" G_GUINT64_FORMAT, file->size_bytes);
    rub_path_list_add(self->changed, file->path,
                      rub_text_new(N_("({found} bytes instead of {wanted})"), "found", found,
                                   "wanted", wanted, NULL));
    return TRUE;
}

static GHashTable *
index_manifest(const RubManifest *manifest)
{
    GHashTable *files = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < manifest->files->len; i++) {
        RubManifestFile *file = g_ptr_array_index(manifest->files, i);
        g_hash_table_insert(files, rub_fat_name_make_key(file->path), file);
    }
    return files;
}

/* Reads in the order of the disk. */
static gboolean
check_files(Check *self, GError **error)
{
    g_autoptr(GHashTable) wanted = index_manifest(self->stick->manifest);
    g_autoptr(GPtrArray) files = rub_listing_get_files_in_disk_order(self->stick->listing);
    for (guint i = 0; i < files->len; i++) {
        const RubEntry *entry = g_ptr_array_index(files, i);
        g_autofree char *key = rub_fat_name_make_key(entry->path);
        const RubManifestFile *file = g_hash_table_lookup(wanted, key);
        if (file && !check_file(self, file, entry, error))
            return FALSE;
    }
    return TRUE;
}

static void
find_missing(Check *self)
{
    const RubManifest *manifest = self->stick->manifest;
    for (guint i = 0; i < manifest->files->len; i++) {
        const RubManifestFile *file = g_ptr_array_index(manifest->files, i);
        if (!rub_path_index_find_file(self->stick->index, file->path))
            note_file(self->changed, file->path, N_("(missing)"));
    }
    for (guint i = 0; i < manifest->folders->len; i++) {
        const char *path = g_ptr_array_index(manifest->folders, i);
        const RubEntry *entry = rub_path_index_find(self->stick->index, path);
        if (!entry || entry->kind != RUB_ENTRY_FOLDER)
            note_file(self->changed, path, N_("(folder, missing)"));
    }
}

static gboolean
check_boot_code(Check *self, GError **error)
{
    const RubStickVolume *stick = self->stick;
    if (!self->disk)
        return TRUE;
    if (!rub_boot_state_read(&self->boot, self->disk, stick->manifest, stick->place.number,
                             stick->place.start_lba, error))
        return FALSE;
    self->report->is_boot_code_checked = TRUE;
    if (!self->boot.is_mbr_code_right)
        note_file(self->changed, "MBR", N_("(the boot code in the master boot record differs)"));
    if (!self->boot.is_record_right)
        note_file(self->changed, "VBR", N_("(the boot record of the partition differs)"));
    if (!self->boot.is_active_right)
        note_file(self->changed, "MBR", N_("(the active flags of the partition table differ)"));
    return TRUE;
}

/* The code of the MBR comes last of all. A build that was cut off just before it left what was
 * there before: nothing, or what it had saved. */
static gboolean
lacks_last_step(const Check *self)
{
    if (!self->disk || self->boot.is_mbr_code_right)
        return FALSE;
    if (self->boot.is_mbr_code_missing)
        return TRUE;
    guint8 code[RUB_MBR_CODE_BYTES];
    g_autoptr(GBytes) saved =
        rub_stick_volume_read_file(self->stick, RUB_BOOT_SECTORS_PATH, MAX_SAVED_BYTES, NULL);
    gsize size_bytes = 0;
    const guint8 *data = saved ? g_bytes_get_data(saved, &size_bytes) : NULL;
    return size_bytes >= sizeof code && rub_disk_read(self->disk, 0, code, sizeof code, NULL) &&
           memcmp(code, data, sizeof code) == 0;
}

static void
conclude_contents(Check *self)
{
    if (self->unreadable->paths->len > 0) {
        conclude(self, RUB_CHECK_DAMAGED, RUB_CODE_VERIFY_FAILED,
                 rub_text_new_plural(N_PLURAL("{count} file on this stick cannot be read.",
                                              "{count} files on this stick cannot be read."),
                                     self->unreadable->paths->len, NULL),
                 advise_new_build());
        rub_path_list_append(self->unreadable, self->changed);
        rub_finding_set_files(self->report->finding, self->unreadable);
    } else if (self->changed->paths->len > 0 && lacks_last_step(self)) {
        conclude_incomplete(self);
    } else if (self->changed->paths->len > 0) {
        conclude(
            self, RUB_CHECK_CHANGED, RUB_CODE_VERIFY_FAILED,
            rub_text_new_plural(
                N_PLURAL("{count} thing on this stick is not as it was when the build ended.",
                         "{count} things on this stick are not as they were when the build ended."),
                self->changed->paths->len, NULL),
            advise_new_build());
        rub_finding_set_files(self->report->finding, self->changed);
    } else {
        self->report->state = RUB_CHECK_GOOD;
    }
}

/* Whether what can be told without reading the files decides already. */
static gboolean
conclude_early(Check *self)
{
    const RubStickVolume *stick = self->stick;
    if (stick->damage) {
        conclude(self, RUB_CHECK_DAMAGED, RUB_CODE_VERIFY_FAILED,
                 rub_text_new_filled(
                     rub_text_new(N_("The filesystem on this stick is damaged: {details}."), NULL),
                     "details", rub_text_ref(stick->damage)),
                 advise_new_build());
        return TRUE;
    }
    if (stick->was_cut_off || (stick->manifest && !stick->manifest->is_complete) ||
        (!stick->manifest && stick->is_round_cut_off)) {
        conclude_incomplete(self);
        return TRUE;
    }
    if (stick->manifest)
        return FALSE;
    self->report->state = g_error_matches(stick->manifest_error, RUB_ERROR, RUB_CODE_NOT_OUR_STICK)
                              ? RUB_CHECK_NOT_OURS
                              : RUB_CHECK_CHANGED;
    self->report->finding = rub_finding_new_from_error(stick->manifest_error);
    return TRUE;
}

static guint64
count_bytes(const RubStickVolume *stick)
{
    guint64 size_bytes = 0;
    for (guint i = 0; stick->manifest && i < stick->manifest->files->len; i++) {
        const RubManifestFile *file = g_ptr_array_index(stick->manifest->files, i);
        size_bytes += file->size_bytes;
    }
    return size_bytes;
}

static void
describe_build(Check *self)
{
    const RubManifest *manifest = self->stick->manifest;
    if (!manifest)
        return;
    self->report->image_name = g_strdup(manifest->image_name);
    self->report->created = g_strdup(manifest->created);
}

static gboolean
check_all(Check *self, GError **error)
{
    self->digester = rub_file_digester_new(self->stick->reader, self->progress, self->cancellable);
    if (!check_files(self, error) || !check_boot_code(self, error))
        return FALSE;
    find_missing(self);
    conclude_contents(self);
    return TRUE;
}

static gboolean
check_stick(Check *self, GError **error)
{
    describe_build(self);
    rub_progress_add_step(self->progress, 1, count_bytes(self->stick));
    if (!conclude_early(self) && !check_all(self, error))
        return FALSE;
    rub_progress_step_done(self->progress);
    return TRUE;
}

static void
close_volume(Check *self)
{
    g_clear_pointer(&self->digester, rub_file_digester_free);
    g_clear_pointer(&self->stick, rub_stick_volume_free);
}

static gboolean
run_mounted(Check *self, RubTarget *target, GError **error)
{
    self->stick = rub_stick_volume_find_mounted(target, self->cancellable, error);
    if (!self->stick)
        return FALSE;
    gboolean is_checked = check_stick(self, error);
    close_volume(self);
    return rub_target_unmount(target, is_checked ? error : NULL) && is_checked;
}

static gboolean
run(Check *self, RubTarget *target, GError **error)
{
    GError *open_error = NULL;
    self->disk = rub_target_open_for_reading(target, FALSE, NULL, &open_error);
    if (g_error_matches(open_error, RUB_ERROR, RUB_CODE_NOT_AUTHORIZED)) {
        g_error_free(open_error);
        return run_mounted(self, target, error);
    }
    if (!self->disk) {
        g_propagate_error(error, open_error);
        return FALSE;
    }
    rub_disk_drop_cache(self->disk);
    self->stick = rub_stick_volume_find(self->disk, self->cancellable, error);
    return self->stick && check_stick(self, error);
}

/* What stopped the check; a stick that cannot be read is damaged. */
static void
note_failure(Check *self, const GError *error)
{
    gboolean is_unreadable = g_error_matches(error, RUB_ERROR, RUB_CODE_VERIFY_FAILED);
    self->report->state = is_unreadable ? RUB_CHECK_DAMAGED : RUB_CHECK_NOT_OURS;
    self->report->finding = rub_finding_new_from_error(error);
}

RubCheckReport *
rub_check_run(RubTarget *target, RubProgress *progress, GCancellable *cancellable)
{
    g_autoptr(GError) error = NULL;
    Check check = {
        .progress = progress,
        .cancellable = cancellable,
        .report = g_new0(RubCheckReport, 1),
        .changed = rub_path_list_new(),
        .unreadable = rub_path_list_new(),
    };
    if (!run(&check, target, &error))
        note_failure(&check, error);
    close_volume(&check);
    g_clear_pointer(&check.disk, rub_disk_unref);
    rub_path_list_free(check.changed);
    rub_path_list_free(check.unreadable);
    return check.report;
}
