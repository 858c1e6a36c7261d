/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "job/rub-undo-preview.h"

#include "base/rub-error.h"
#include "plan/rub-plan.h"
#include "volume/rub-path-index.h"
#include "volume/rub-records.h"

/* An undo that was cut off in its last round has to complete that. */
static gboolean
can_be_undone(const RubStickVolume *stick)
{
    gboolean ends_only = !stick->manifest && !stick->note;
    return (stick->manifest && rub_manifest_can_be_undone(stick->manifest)) ||
           (stick->note && stick->note->keeps) || (!stick->manifest && stick->is_round_cut_off) ||
           (ends_only && stick->was_cut_off);
}

static const char *
get_name(const RubStickVolume *stick)
{
    return stick->place.disk ? rub_disk_get_name(stick->place.disk) : stick->place.folder;
}

gboolean
rub_undo_preview_check(const RubStickVolume *stick, GError **error)
{
    if (stick->damage)
        rub_error_take_text(error, RUB_CODE_VOLUME_DAMAGED, rub_stick_volume_tell_damage(stick));
    else if (!can_be_undone(stick) && stick->manifest_error)
        g_propagate_error(error, g_error_copy(stick->manifest_error));
    else if (!can_be_undone(stick))
        rub_error_take_text(
            error, RUB_CODE_NOT_OUR_STICK,
            rub_text_new(N_("{name} was erased when it was built, so that nothing can be put "
                            "back"),
                         "name", get_name(stick), NULL));
    else
        return TRUE;
    return FALSE;
}

/* Counts a file once, though both the manifest and a note may list it. */
static void
count_file(RubUndoPreview *self, const RubStickVolume *stick, GHashTable *counted, const char *path)
{
    if (rub_path_index_find_file(stick->index, path) &&
        g_hash_table_add(counted, rub_fat_name_make_key(path)))
        self->file_count++;
}

static void
add_restored(RubUndoPreview *self, const RubStickVolume *stick, GHashTable *seen, const char *path,
             const char *saved_as)
{
    if (g_ascii_strcasecmp(path, RUB_MANIFEST_PATH) != 0 &&
        rub_path_index_find_file(stick->index, saved_as) &&
        g_hash_table_add(seen, rub_fat_name_make_key(saved_as)))
        g_ptr_array_add(self->restored, g_strdup(path));
}

static void
add_manifest(RubUndoPreview *self, const RubStickVolume *stick, GHashTable *seen)
{
    const RubManifest *manifest = stick->manifest;
    if (!manifest || !rub_manifest_can_be_undone(manifest))
        return;
    for (guint i = 0; i < manifest->files->len; i++) {
        const RubManifestFile *file = g_ptr_array_index(manifest->files, i);
        if (!file->is_earlier)
            count_file(self, stick, seen, file->path);
    }
    for (guint i = 0; i < manifest->saved->len; i++) {
        const RubManifestSaved *saved = g_ptr_array_index(manifest->saved, i);
        add_restored(self, stick, seen, saved->path, saved->saved_as);
    }
}

static void
add_note(RubUndoPreview *self, const RubStickVolume *stick, GHashTable *seen)
{
    const RubPending *note = stick->note;
    if (!note || !note->keeps)
        return;
    for (guint i = 0; i < note->files->len; i++) {
        const RubPendingFile *file = g_ptr_array_index(note->files, i);
        count_file(self, stick, seen, file->path);
    }
    for (guint i = 0; i < note->saved->len; i++) {
        const RubPendingSaved *saved = g_ptr_array_index(note->saved, i);
        add_restored(self, stick, seen, saved->path, saved->saved_as);
    }
}

static RubAccess
choose_access(const RubStickVolume *stick)
{
    gboolean is_small = stick->fat_bits != 0 && stick->fat_bits != RUB_FAT_32;
    return is_small ? RUB_ACCESS_MOUNTED : RUB_ACCESS_RAW;
}

static gboolean
check_access(const RubStickVolume *stick, const RubLayout *layout, GError **error)
{
    if (choose_access(stick) == RUB_ACCESS_RAW || layout->can_mount)
        return TRUE;
    g_autofree char *bits = g_strdup_printf("%u", stick->fat_bits);
    rub_error_take_text(
        error, RUB_CODE_NOT_OUR_STICK,
        rub_text_new(N_("the rescue system is on FAT{bits}, from which it can only be removed "
                        "where the system mounts drives without a password"),
                     "bits", bits, NULL));
    return FALSE;
}

static RubUndoPreview *
preview(const RubStickVolume *stick, const RubLayout *layout, GError **error)
{
    if (!rub_undo_preview_check(stick, error) || !check_access(stick, layout, error))
        return NULL;
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    RubUndoPreview *self = g_new0(RubUndoPreview, 1);
    self->restored = g_ptr_array_new_with_free_func(g_free);
    self->number = stick->place.number;
    self->start_lba = stick->place.start_lba;
    self->sector_count = stick->place.sector_count;
    self->access = choose_access(stick);
    add_manifest(self, stick, seen);
    add_note(self, stick, seen);
    return self;
}

static RubUndoPreview *
preview_mounted(RubTarget *target, const RubLayout *layout, GCancellable *cancellable,
                GError **error)
{
    RubStickVolume *stick = rub_stick_volume_find_mounted(target, cancellable, error);
    if (!stick)
        return NULL;
    g_autoptr(RubUndoPreview) self = preview(stick, layout, error);
    rub_stick_volume_free(stick);
    if (!rub_target_unmount(target, self ? error : NULL))
        return NULL;
    return g_steal_pointer(&self);
}

RubUndoPreview *
rub_undo_preview_new(RubTarget *target, const RubLayout *layout, GCancellable *cancellable,
                     GError **error)
{
    g_autoptr(GError) open_error = NULL;
    g_autoptr(RubDisk) disk = rub_target_open_for_reading(target, FALSE, NULL, &open_error);
    if (g_error_matches(open_error, RUB_ERROR, RUB_CODE_NOT_AUTHORIZED))
        return preview_mounted(target, layout, cancellable, error);
    if (!disk) {
        g_propagate_error(error, g_steal_pointer(&open_error));
        return NULL;
    }
    g_autoptr(RubStickVolume) stick = rub_stick_volume_find(disk, cancellable, error);
    return stick ? preview(stick, layout, error) : NULL;
}

void
rub_undo_preview_free(RubUndoPreview *self)
{
    g_ptr_array_unref(self->restored);
    g_free(self);
}
