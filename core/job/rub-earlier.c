/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "job/rub-earlier.h"

#include <string.h>

#include "volume/rub-path-index.h"
#include "volume/rub-records.h"

struct _RubEarlier {
    const RubStickVolume *stick;
    /* What is listed here has the shape of a manifest: the files and folders of earlier builds that
     * are still there and unchanged, and what they saved. */
    RubManifest *left;
    /* (element-type utf8 RubManifestFile): its files by the keys of their paths. */
    GHashTable *files;
    /* (element-type utf8): the keys of its folders. */
    GHashTable *folders;
    /* (element-type utf8): the keys of where the files are that it saved. */
    GHashTable *saved;
    GPtrArray *changed;
    guint last_number;
};

static void
add_file(RubEarlier *self, const char *path, guint64 size_bytes, const char *digest,
         gboolean is_earlier)
{
    RubManifestFile *file = rub_manifest_add_file(self->left, path, size_bytes, digest);
    file->is_earlier = is_earlier;
    g_hash_table_insert(self->files, rub_fat_name_make_key(path), file);
}

static void
add_folder(RubEarlier *self, const char *path)
{
    const RubEntry *entry = rub_path_index_find(self->stick->index, path);
    char *key = rub_fat_name_make_key(path);
    if (entry && entry->kind == RUB_ENTRY_FOLDER && g_hash_table_add(self->folders, key))
        g_ptr_array_add(self->left->folders, g_strdup(path));
    else if (!entry || entry->kind != RUB_ENTRY_FOLDER)
        g_free(key);
}

static void
add_saved(RubEarlier *self, const char *path, const char *saved_as, guint64 size_bytes,
          const char *digest)
{
    if (rub_path_index_find_file(self->stick->index, saved_as) &&
        g_hash_table_add(self->saved, rub_fat_name_make_key(saved_as)))
        rub_manifest_add_saved(self->left, path, saved_as, size_bytes, digest);
}

/* An undo that was cut off has put the user's file back already: it is not ours, be it the same.
 * Without the note of one, what was saved is gone, and nothing was put back. */
static gboolean
is_put_back(const RubEarlier *self, const RubManifest *manifest, const char *path)
{
    for (guint i = 0; self->stick->note && i < manifest->saved->len; i++) {
        const RubManifestSaved *saved = g_ptr_array_index(manifest->saved, i);
        if (g_ascii_strcasecmp(saved->path, path) == 0 &&
            !rub_path_index_find_file(self->stick->index, saved->saved_as))
            return TRUE;
    }
    return FALSE;
}

/* A file that cannot be read counts as changed: it stays, and stands in nobody's way. */
static gboolean
compare(const RubEntry *entry, const RubManifestFile *file, RubFileDigester *digester,
        gboolean *is_same, GError **error)
{
    g_autoptr(GError) failure = NULL;
    *is_same = FALSE;
    if (!entry || rub_file_digester_compare(digester, entry, file->size_bytes, file->digest,
                                            is_same, &failure))
        return TRUE;
    if (g_error_matches(failure, RUB_ERROR, RUB_CODE_VERIFY_FAILED))
        return TRUE;
    g_propagate_error(error, g_steal_pointer(&failure));
    return FALSE;
}

static gboolean
add_manifest(RubEarlier *self, const RubManifest *manifest, RubFileDigester *digester,
             GError **error)
{
    gboolean can_be_undone = rub_manifest_can_be_undone(manifest);
    for (guint i = 0; i < manifest->files->len; i++) {
        const RubManifestFile *file = g_ptr_array_index(manifest->files, i);
        const RubEntry *entry = rub_path_index_find_file(self->stick->index, file->path);
        gboolean is_same;
        if (!compare(entry, file, digester, &is_same, error))
            return FALSE;
        if (is_same && !is_put_back(self, manifest, file->path))
            add_file(self, file->path, file->size_bytes, file->digest,
                     file->is_earlier || !can_be_undone);
        else if (entry && can_be_undone && !file->is_earlier)
            g_ptr_array_add(self->changed, g_strdup(entry->path));
    }
    if (can_be_undone && self->stick->is_in_place) {
        self->left->made_table |= manifest->made_table;
        self->left->made_partition |=
            manifest->made_partition &&
            manifest->volume.sector_count == self->stick->place.sector_count;
    }
    for (guint i = 0; can_be_undone && i < manifest->folders->len; i++)
        add_folder(self, g_ptr_array_index(manifest->folders, i));
    for (guint i = 0; i < manifest->saved->len; i++) {
        const RubManifestSaved *saved = g_ptr_array_index(manifest->saved, i);
        add_saved(self, saved->path, saved->saved_as, saved->size_bytes, saved->digest);
    }
    return TRUE;
}

/* Claims are also made for the clusters of files that were to give way. */
static gboolean
is_to_be_saved(const RubPending *note, guint32 cluster)
{
    for (guint i = 0; i < note->saved->len; i++) {
        const RubPendingSaved *saved = g_ptr_array_index(note->saved, i);
        if (saved->first_cluster == cluster && saved->size_bytes > 0)
            return TRUE;
    }
    return FALSE;
}

/* Whether a build that was cut off wrote the file: its clusters are those that it claimed. In a
 * folder and on NTFS they do not show. */
static gboolean
is_written_by(const RubStickVolume *stick, const RubEntry *entry, const RubPendingFile *file,
              gboolean is_carried_out)
{
    if (!entry || entry->size_bytes != file->size_bytes)
        return FALSE;
    if (!stick->fat)
        return is_carried_out;
    guint32 cluster = rub_stick_volume_find_first_cluster(stick, entry);
    for (guint i = 0; i < stick->note->claims->len; i++) {
        const RubFatRun *run = &g_array_index(stick->note->claims, RubFatRun, i);
        if (cluster >= run->first && cluster - run->first < run->count)
            return !is_to_be_saved(stick->note, cluster);
    }
    return cluster == 0;
}

/* Adds a file as it is now. */
static gboolean
add_found_file(RubEarlier *self, const RubEntry *entry, RubFileDigester *digester, GError **error)
{
    char digest[RUB_DIGEST_TEXT_BYTES];
    if (!rub_file_digester_run(digester, entry, digest, error))
        return FALSE;
    add_file(self, entry->path, entry->size_bytes, digest, FALSE);
    return TRUE;
}

static gboolean
add_claimed_files(RubEarlier *self, RubFileDigester *digester, GError **error)
{
    const RubPending *note = self->stick->note;
    gboolean is_carried_out = rub_pending_is_carried_out(note, self->stick->listing);
    for (guint i = 0; i < note->files->len; i++) {
        const RubPendingFile *file = g_ptr_array_index(note->files, i);
        const RubEntry *entry = rub_path_index_find_file(self->stick->index, file->path);
        if (!rub_earlier_owns_file(self, file->path) &&
            is_written_by(self->stick, entry, file, is_carried_out) &&
            !add_found_file(self, entry, digester, error))
            return FALSE;
    }
    for (guint i = 0; i < note->saved->len; i++) {
        const RubPendingSaved *saved = g_ptr_array_index(note->saved, i);
        add_saved(self, saved->path, saved->saved_as, saved->size_bytes, saved->digest);
    }
    return TRUE;
}

static gboolean
has_key(const char *path, const char *key)
{
    g_autofree char *path_key = rub_fat_name_make_key(path);
    return g_str_equal(path_key, key);
}

/* A file that differs from the manifest may be one that an undo was about to bring back. */
static void
forget_changed(RubEarlier *self, const char *path)
{
    g_autofree char *key = rub_fat_name_make_key(path);
    for (guint i = self->changed->len; i > 0; i--) {
        if (has_key(g_ptr_array_index(self->changed, i - 1), key))
            g_ptr_array_remove_index(self->changed, i - 1);
    }
}

/* What an undo that was cut off has brought back already is the user's; its copy is left over. */
static void
forget_saved(RubEarlier *self, const RubPendingSaved *saved)
{
    g_autofree char *key = rub_fat_name_make_key(saved->saved_as);
    g_hash_table_remove(self->saved, key);
    for (guint i = self->left->saved->len; i > 0; i--) {
        const RubManifestSaved *known = g_ptr_array_index(self->left->saved, i - 1);
        if (has_key(known->saved_as, key))
            g_ptr_array_remove_index(self->left->saved, i - 1);
    }
    forget_changed(self, saved->path);
}

static gboolean
is_whole(const RubEarlier *self, const char *path, const RubPendingSaved *saved,
         RubFileDigester *digester, gboolean *result, GError **error)
{
    const RubEntry *entry = rub_path_index_find_file(self->stick->index, path);
    *result = FALSE;
    return !entry || rub_file_digester_compare(digester, entry, saved->size_bytes, saved->digest,
                                               result, error);
}

/* A file that gave way was removed only when its copy was whole. Until then it is the user's, and
 * the copy is ours. */
static gboolean
add_mounted_saved(RubEarlier *self, const RubPendingSaved *saved, GHashTable *users_keys,
                  RubFileDigester *digester, GError **error)
{
    const RubEntry *copy = rub_path_index_find_file(self->stick->index, saved->saved_as);
    gboolean is_there, is_copied;
    if (!is_whole(self, saved->path, saved, digester, &is_there, error) ||
        !is_whole(self, saved->saved_as, saved, digester, &is_copied, error))
        return FALSE;
    if (!is_there && is_copied) {
        add_saved(self, saved->path, saved->saved_as, saved->size_bytes, saved->digest);
        return TRUE;
    }
    if (is_there && !rub_earlier_owns_file(self, saved->path))
        forget_saved(self, saved);
    g_hash_table_add(users_keys, rub_fat_name_make_key(saved->path));
    return !copy || add_found_file(self, copy, digester, error);
}

/* The kernel's driver writes files under their names from the first byte on. */
static gboolean
add_mounted_files(RubEarlier *self, RubFileDigester *digester, GError **error)
{
    const RubPending *note = self->stick->note;
    g_autoptr(GHashTable) users_keys = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < note->saved->len; i++) {
        if (!add_mounted_saved(self, g_ptr_array_index(note->saved, i), users_keys, digester,
                               error))
            return FALSE;
    }
    for (guint i = 0; i < note->files->len; i++) {
        const RubPendingFile *file = g_ptr_array_index(note->files, i);
        const RubEntry *entry = rub_path_index_find_file(self->stick->index, file->path);
        g_autofree char *key = rub_fat_name_make_key(file->path);
        gboolean is_ours = entry && entry->size_bytes <= file->size_bytes &&
                           !g_hash_table_contains(users_keys, key) &&
                           !rub_earlier_owns_file(self, file->path);
        if (!is_ours)
            continue;
        forget_changed(self, entry->path);
        if (!add_found_file(self, entry, digester, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
add_note(RubEarlier *self, RubFileDigester *digester, GError **error)
{
    const RubPending *note = self->stick->note;
    self->left->made_table |= note->made_table;
    self->left->made_partition |= note->made_partition;
    for (guint i = 0; i < note->folders->len; i++)
        add_folder(self, g_ptr_array_index(note->folders, i));
    return note->is_mounted ? add_mounted_files(self, digester, error)
                            : add_claimed_files(self, digester, error);
}

static void
find_last_number(RubEarlier *self)
{
    for (guint i = 0; i < self->stick->listing->entries->len; i++) {
        const RubEntry *entry = g_ptr_array_index(self->stick->listing->entries, i);
        guint64 number = 0;
        if (g_str_has_prefix(entry->path, RUB_UNDO_FOLDER "/") &&
            g_ascii_string_to_unsigned(entry->path + strlen(RUB_UNDO_FOLDER "/"), 10, 0, G_MAXINT,
                                       &number, NULL))
            self->last_number = MAX(self->last_number, (guint) number);
    }
}

RubEarlier *
rub_earlier_new(const RubStickVolume *stick, RubFileDigester *digester, GError **error)
{
    g_autoptr(RubEarlier) self = g_new0(RubEarlier, 1);
    self->stick = stick;
    self->left = rub_manifest_new();
    self->files = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    self->folders = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    self->saved = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    self->changed = g_ptr_array_new_with_free_func(g_free);
    find_last_number(self);
    if ((stick->manifest && !add_manifest(self, stick->manifest, digester, error)) ||
        (stick->note && !add_note(self, digester, error)))
        return NULL;
    return g_steal_pointer(&self);
}

void
rub_earlier_free(RubEarlier *self)
{
    rub_manifest_free(self->left);
    g_hash_table_unref(self->files);
    g_hash_table_unref(self->folders);
    g_hash_table_unref(self->saved);
    g_ptr_array_unref(self->changed);
    g_free(self);
}

gboolean
rub_earlier_owns_file(const RubEarlier *self, const char *path)
{
    g_autofree char *key = rub_fat_name_make_key(path);
    const RubManifestFile *file = g_hash_table_lookup(self->files, key);
    return file && !file->is_earlier;
}

gboolean
rub_earlier_owns_folder(const RubEarlier *self, const char *path)
{
    g_autofree char *key = rub_fat_name_make_key(path);
    return g_hash_table_contains(self->folders, key);
}

const RubManifest *
rub_earlier_get_left(const RubEarlier *self)
{
    return self->left;
}

const GPtrArray *
rub_earlier_get_changed(const RubEarlier *self)
{
    return self->changed;
}

char *
rub_earlier_make_saved_path(RubEarlier *self)
{
    return g_strdup_printf(RUB_UNDO_FOLDER "/%04u", ++self->last_number);
}

static char *
make_sized_key(const RubPendingFile *file)
{
    g_autofree char *key = rub_fat_name_make_key(file->path);
    return g_strdup_printf("%" G_GUINT64_FORMAT " %s", file->size_bytes, key);
}

/* Files of another size are listed beside those of the same path: which of them is there shows only
 * after the next cut. */
static void
add_files_to_note(const RubPending *old, RubPending *note)
{
    g_autoptr(GHashTable) known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < note->files->len; i++)
        g_hash_table_add(known, make_sized_key(g_ptr_array_index(note->files, i)));
    for (guint i = 0; i < old->files->len; i++) {
        const RubPendingFile *file = g_ptr_array_index(old->files, i);
        if (g_hash_table_add(known, make_sized_key(file)))
            rub_pending_add_file(note, file->path, file->size_bytes);
    }
}

static void
add_folders_to_note(const RubPending *old, RubPending *note)
{
    g_autoptr(GHashTable) known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < note->folders->len; i++)
        g_hash_table_add(known, rub_fat_name_make_key(g_ptr_array_index(note->folders, i)));
    for (guint i = 0; i < old->folders->len; i++) {
        const char *path = g_ptr_array_index(old->folders, i);
        if (g_hash_table_add(known, rub_fat_name_make_key(path)))
            rub_pending_add_folder(note, path);
    }
}

/* Files that never gave way are the user's as before; their numbers may be taken by now. */
static void
add_saved_to_note(const RubEarlier *self, const RubPending *old, RubPending *note)
{
    g_autoptr(GHashTable) known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < note->saved->len; i++) {
        const RubPendingSaved *saved = g_ptr_array_index(note->saved, i);
        g_hash_table_add(known, rub_fat_name_make_key(saved->saved_as));
    }
    for (guint i = 0; i < old->saved->len; i++) {
        const RubPendingSaved *saved = g_ptr_array_index(old->saved, i);
        if (rub_path_index_find_file(self->stick->index, saved->saved_as) &&
            g_hash_table_add(known, rub_fat_name_make_key(saved->saved_as)))
            rub_pending_add_saved(note, saved);
    }
}

/* On NTFS a build that was cut off has made everything or nothing. Of the latter, what it was to
 * make must not be waited for, nor taken for ours should the user make it. */
static gboolean
has_made_something(const RubStickVolume *stick)
{
    return stick->fat || stick->note->is_mounted ||
           rub_pending_is_carried_out(stick->note, stick->listing);
}

void
rub_earlier_add_to_note(const RubEarlier *self, RubPending *note)
{
    const RubPending *old = self->stick->note;
    note->made_table |= self->left->made_table;
    note->made_partition |= self->left->made_partition;
    if (!old)
        return;
    if (has_made_something(self->stick)) {
        add_files_to_note(old, note);
        add_folders_to_note(old, note);
    }
    add_saved_to_note(self, old, note);
    rub_pending_add_claims(note, old->claims);
}

void
rub_earlier_add_to_manifest(const RubEarlier *self, RubManifest *manifest)
{
    g_autoptr(GHashTable) known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    manifest->made_table |= self->left->made_table;
    manifest->made_partition |= self->left->made_partition;
    for (guint i = 0; i < manifest->files->len; i++) {
        const RubManifestFile *file = g_ptr_array_index(manifest->files, i);
        g_hash_table_add(known, rub_fat_name_make_key(file->path));
    }
    for (guint i = 0; i < manifest->folders->len; i++)
        g_hash_table_add(known, rub_fat_name_make_key(g_ptr_array_index(manifest->folders, i)));
    for (guint i = 0; i < self->left->files->len; i++) {
        const RubManifestFile *file = g_ptr_array_index(self->left->files, i);
        if (g_hash_table_add(known, rub_fat_name_make_key(file->path)))
            rub_manifest_add_file(manifest, file->path, file->size_bytes, file->digest)
                ->is_earlier = file->is_earlier;
    }
    for (guint i = 0; i < self->left->folders->len; i++) {
        const char *path = g_ptr_array_index(self->left->folders, i);
        if (g_hash_table_add(known, rub_fat_name_make_key(path)))
            g_ptr_array_add(manifest->folders, g_strdup(path));
    }
    for (guint i = 0; i < self->left->saved->len; i++) {
        const RubManifestSaved *saved = g_ptr_array_index(self->left->saved, i);
        rub_manifest_add_saved(manifest, saved->path, saved->saved_as, saved->size_bytes,
                               saved->digest);
    }
}
