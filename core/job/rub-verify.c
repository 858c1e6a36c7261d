/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "job/rub-verify.h"

#include <string.h>

#include "base/rub-bytes.h"
#include "base/rub-digest.h"
#include "base/rub-error.h"
#include "volume/rub-fat.h"

#define VERIFY_BUFFER_BYTES ((gsize) 4 * 1024 * 1024)

/* Where the MBR keeps its disk signature and its first entry, and what lies where in an entry. */
#define MBR_BYTES 512
#define MBR_SIGNATURE_OFFSET 440
#define MBR_FIRST_ENTRY_OFFSET 446
#define MBR_ENTRY_START_OFFSET 8
#define MBR_ENTRY_COUNT_OFFSET 12
#define MBR_MAGIC_OFFSET 510
#define MBR_MAGIC 0xaa55

typedef struct {
    RubDisk *disk;
    const RubManifest *manifest;
    const RubPlan *plan;
    const RubSource *source;
    RubProgress *progress;
    GCancellable *cancellable;
    RubDigest *digest;
    guint8 *buffer;
} Verifying;

/* Reads the piece of a file that begins at offset_bytes of an extent into the buffer. */
static gboolean
read_piece(Verifying *self, const RubExtent *extent, guint64 offset_bytes, gsize *size_bytes,
           GError **error)
{
    if (g_cancellable_is_cancelled(self->cancellable)) {
        rub_error_set_cancelled(error);
        return FALSE;
    }
    *size_bytes = (gsize) MIN(VERIFY_BUFFER_BYTES, extent->size_bytes - offset_bytes);
    return rub_disk_read(self->disk, extent->offset_bytes + offset_bytes, self->buffer, *size_bytes,
                         error);
}

static gboolean
digest_extent(Verifying *self, const RubExtent *extent, GError **error)
{
    gsize size_bytes;
    for (guint64 offset = 0; offset < extent->size_bytes; offset += size_bytes) {
        if (!read_piece(self, extent, offset, &size_bytes, error))
            return FALSE;
        rub_digest_add(self->digest, self->buffer, size_bytes);
        rub_progress_add_bytes(self->progress, size_bytes);
    }
    return TRUE;
}

static gsize
find_first_difference(const guint8 *a, const guint8 *b, gsize size_bytes)
{
    gsize i = 0;
    while (i < size_bytes && a[i] == b[i])
        i++;
    return i;
}

/* Compares a file that is known to differ with the image; the offset says where. FALSE if the
 * place cannot be found. */
static gboolean
find_difference(Verifying *self, const RubEntry *entry, const RubEntry *content,
                guint64 *offset_bytes)
{
    g_autofree guint8 *wanted = g_malloc(VERIFY_BUFFER_BYTES);
    guint64 position = 0;
    for (guint i = 0; i < entry->extents->len; i++) {
        const RubExtent *extent = &g_array_index(entry->extents, RubExtent, i);
        gsize size_bytes;
        for (guint64 offset = 0; offset < extent->size_bytes; offset += size_bytes) {
            if (!read_piece(self, extent, offset, &size_bytes, NULL) ||
                !rub_source_read(self->source, content, position, wanted, size_bytes, NULL))
                return FALSE;
            gsize same_bytes = find_first_difference(self->buffer, wanted, size_bytes);
            if (same_bytes < size_bytes) {
                *offset_bytes = position + same_bytes;
                return TRUE;
            }
            position += size_bytes;
        }
    }
    return FALSE;
}

static void
set_difference(Verifying *self, const RubEntry *entry, const RubEntry *content, GError **error)
{
    guint64 offset_bytes;
    if (find_difference(self, entry, content, &offset_bytes))
        g_set_error(error, RUB_ERROR, RUB_CODE_VERIFY_FAILED,
                    "%s differs from the image at byte %" G_GUINT64_FORMAT, entry->path,
                    offset_bytes);
    else
        g_set_error(error, RUB_ERROR, RUB_CODE_VERIFY_FAILED, "%s differs from what was written",
                    entry->path);
}

static gboolean
verify_file(Verifying *self, const RubEntry *entry, guint index, GError **error)
{
    const RubManifestFile *file = g_ptr_array_index(self->manifest->files, index);
    const RubPlanItem *item = g_ptr_array_index(self->plan->files, index);
    rub_progress_set_item(self->progress, entry->path);
    if (entry->size_bytes != file->size_bytes) {
        g_set_error(error, RUB_ERROR, RUB_CODE_VERIFY_FAILED,
                    "%s has %" G_GUINT64_FORMAT " bytes instead of %" G_GUINT64_FORMAT, entry->path,
                    entry->size_bytes, file->size_bytes);
        return FALSE;
    }
    rub_digest_reset(self->digest);
    for (guint i = 0; i < entry->extents->len; i++) {
        if (!digest_extent(self, &g_array_index(entry->extents, RubExtent, i), error)) {
            g_prefix_error(error, "%s: ", entry->path);
            return FALSE;
        }
    }
    char text[RUB_DIGEST_TEXT_BYTES];
    rub_digest_get_text(self->digest, text);
    if (strcmp(text, file->digest) == 0)
        return TRUE;
    set_difference(self, entry, item->content, error);
    return FALSE;
}

/* Path to the file's place in the manifest, counted from 1. */
static GHashTable *
index_files(const RubManifest *manifest)
{
    GHashTable *places = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < manifest->files->len; i++) {
        const RubManifestFile *file = g_ptr_array_index(manifest->files, i);
        g_hash_table_insert(places, file->path, GUINT_TO_POINTER(i + 1));
    }
    return places;
}

static gboolean
check_folders(const RubListing *listing, const RubManifest *manifest, GError **error)
{
    g_autoptr(GHashTable) folders = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < listing->entries->len; i++) {
        RubEntry *entry = g_ptr_array_index(listing->entries, i);
        if (entry->kind == RUB_ENTRY_FOLDER)
            g_hash_table_add(folders, entry->path);
    }
    for (guint i = 0; i < manifest->folders->len; i++) {
        const char *path = g_ptr_array_index(manifest->folders, i);
        if (!g_hash_table_contains(folders, path)) {
            g_set_error(error, RUB_ERROR, RUB_CODE_VERIFY_FAILED, "the folder %s is missing", path);
            return FALSE;
        }
    }
    return TRUE;
}

/* Verified files leave the table of places; what stays is missing. */
static gboolean
verify_listing(Verifying *self, const RubListing *listing, GError **error)
{
    g_autoptr(GHashTable) places = index_files(self->manifest);
    g_autoptr(GPtrArray) files = rub_listing_get_files_in_disk_order(listing);
    for (guint i = 0; i < files->len; i++) {
        const RubEntry *entry = g_ptr_array_index(files, i);
        guint place = GPOINTER_TO_UINT(g_hash_table_lookup(places, entry->path));
        if (place == 0)
            continue;
        if (!verify_file(self, entry, place - 1, error))
            return FALSE;
        g_hash_table_remove(places, entry->path);
    }
    GHashTableIter iter;
    gpointer path;
    g_hash_table_iter_init(&iter, places);
    if (g_hash_table_iter_next(&iter, &path, NULL)) {
        g_set_error(error, RUB_ERROR, RUB_CODE_VERIFY_FAILED, "%s is missing", (char *) path);
        return FALSE;
    }
    return check_folders(listing, self->manifest, error);
}

gboolean
rub_verify_files(RubDisk *disk, const RubManifest *manifest, const RubPlan *plan,
                 const RubSource *source, RubProgress *progress, GCancellable *cancellable,
                 GError **error)
{
    g_autoptr(RubFat) fat = rub_fat_open(disk, manifest->start_lba, manifest->sector_count, error);
    g_autoptr(RubListing) listing = fat ? rub_fat_list(fat, error) : NULL;
    if (!listing) {
        if (error && *error && g_error_matches(*error, RUB_ERROR, RUB_CODE_VOLUME_DAMAGED))
            (*error)->code = RUB_CODE_VERIFY_FAILED;
        return FALSE;
    }
    g_autoptr(RubDigest) digest = rub_digest_new();
    g_autofree guint8 *buffer = g_malloc(VERIFY_BUFFER_BYTES);
    Verifying verifying = {disk, manifest, plan, source, progress, cancellable, digest, buffer};
    return verify_listing(&verifying, listing, error);
}

gboolean
rub_verify_table(RubDisk *disk, const RubManifest *manifest, GError **error)
{
    guint8 sector[MBR_BYTES];
    if (!rub_disk_read(disk, 0, sector, sizeof sector, error))
        return FALSE;
    RubBytes mbr = rub_bytes(sector, sizeof sector);
    RubBytes entry = rub_bytes_slice(&mbr, MBR_FIRST_ENTRY_OFFSET, 16);
    if (rub_bytes_u16le(&mbr, MBR_MAGIC_OFFSET) == MBR_MAGIC &&
        rub_bytes_u32le(&mbr, MBR_SIGNATURE_OFFSET) == manifest->disk_signature &&
        rub_bytes_u32le(&entry, MBR_ENTRY_START_OFFSET) == manifest->start_lba &&
        rub_bytes_u32le(&entry, MBR_ENTRY_COUNT_OFFSET) == manifest->sector_count)
        return TRUE;
    g_set_error_literal(error, RUB_ERROR, RUB_CODE_VERIFY_FAILED,
                        "the partition table differs from what was written");
    return FALSE;
}
