/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "job/rub-verify.h"

#include <string.h>

#include "base/rub-bytes.h"
#include "base/rub-digest.h"
#include "base/rub-error.h"
#include "volume/rub-fat.h"

#define VERIFY_BUFFER_BYTES ((gsize) 4 * 1024 * 1024)

/* Where the MBR keeps its disk signature and its entries, and what lies where in an entry. */
#define MBR_BYTES 512
#define MBR_SIGNATURE_OFFSET 440
#define MBR_ENTRIES_OFFSET 446
#define MBR_ENTRY_BYTES 16
#define MBR_ENTRY_COUNT 4
#define MBR_MAGIC_OFFSET 510
#define MBR_MAGIC 0xaa55
#define ENTRY_STATUS_OFFSET 0
#define ENTRY_STATUS_ACTIVE 0x80
#define ENTRY_TYPE_OFFSET 4
#define ENTRY_START_OFFSET 8
#define ENTRY_COUNT_OFFSET 12

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
                    "the file %s differs from the image at byte %" G_GUINT64_FORMAT, entry->path,
                    offset_bytes);
    else
        g_set_error(error, RUB_ERROR, RUB_CODE_VERIFY_FAILED,
                    "the file %s differs from what was written", entry->path);
}

static gboolean
digest_file(Verifying *self, const RubEntry *entry, char text[RUB_DIGEST_TEXT_BYTES],
            GError **error)
{
    rub_progress_set_item(self->progress, entry->path);
    rub_digest_reset(self->digest);
    for (guint i = 0; i < entry->extents->len; i++) {
        if (!digest_extent(self, &g_array_index(entry->extents, RubExtent, i), error)) {
            g_prefix_error(error, "%s: ", entry->path);
            return FALSE;
        }
    }
    rub_digest_get_text(self->digest, text);
    return TRUE;
}

static gboolean
check_size(const RubEntry *entry, guint64 size_bytes, GError **error)
{
    if (entry->size_bytes == size_bytes)
        return TRUE;
    g_set_error(error, RUB_ERROR, RUB_CODE_VERIFY_FAILED,
                "the file %s has %" G_GUINT64_FORMAT " bytes instead of %" G_GUINT64_FORMAT,
                entry->path, entry->size_bytes, size_bytes);
    return FALSE;
}

static gboolean
verify_file(Verifying *self, const RubEntry *entry, guint index, GError **error)
{
    const RubManifestFile *file = g_ptr_array_index(self->manifest->files, index);
    const RubPlanItem *item = g_ptr_array_index(self->plan->files, index);
    char text[RUB_DIGEST_TEXT_BYTES];
    if (!check_size(entry, file->size_bytes, error) || !digest_file(self, entry, text, error))
        return FALSE;
    if (strcmp(text, file->digest) == 0)
        return TRUE;
    set_difference(self, entry, item->content, error);
    return FALSE;
}

/* The manifest cannot hold its own digest, but its bytes follow from what it says. */
static gboolean
verify_manifest(Verifying *self, const RubEntry *entry, GError **error)
{
    g_autoptr(GBytes) json = rub_manifest_to_json(self->manifest);
    gsize size_bytes;
    const void *data = g_bytes_get_data(json, &size_bytes);
    char text[RUB_DIGEST_TEXT_BYTES];
    char wanted[RUB_DIGEST_TEXT_BYTES];
    if (!check_size(entry, size_bytes, error) || !digest_file(self, entry, text, error))
        return FALSE;
    rub_digest_reset(self->digest);
    rub_digest_add(self->digest, data, size_bytes);
    rub_digest_get_text(self->digest, wanted);
    if (strcmp(text, wanted) == 0)
        return TRUE;
    g_set_error(error, RUB_ERROR, RUB_CODE_VERIFY_FAILED,
                "the file %s differs from what was written", entry->path);
    return FALSE;
}

/* Paths that must be on the volume, those of folders with a "/" at the end; with a file's place in
 * the manifest, counted from 1. */
static GHashTable *
index_paths(const RubManifest *manifest)
{
    GHashTable *places = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < manifest->files->len; i++) {
        const RubManifestFile *file = g_ptr_array_index(manifest->files, i);
        g_hash_table_insert(places, g_strdup(file->path), GUINT_TO_POINTER(i + 1));
    }
    for (guint i = 0; i < manifest->folders->len; i++) {
        const char *path = g_ptr_array_index(manifest->folders, i);
        g_hash_table_add(places, g_strconcat(path, "/", NULL));
    }
    g_hash_table_add(places, g_strdup(RUB_MANIFEST_FOLDER "/"));
    g_hash_table_add(places, g_strdup(RUB_MANIFEST_PATH));
    return places;
}

static gboolean
set_missing(GHashTable *missing, GError **error)
{
    GHashTableIter iter;
    gpointer key;
    const char *first = NULL;
    g_hash_table_iter_init(&iter, missing);
    while (g_hash_table_iter_next(&iter, &key, NULL)) {
        if (!first || strcmp(key, first) < 0)
            first = key;
    }
    g_set_error(error, RUB_ERROR, RUB_CODE_VERIFY_FAILED, "%s is missing on the stick", first);
    return FALSE;
}

/* The volume was empty before: exactly what was written must be there, and nothing twice. */
static gboolean
check_paths(const RubListing *listing, const RubManifest *manifest, GError **error)
{
    g_autoptr(GHashTable) missing = index_paths(manifest);
    for (guint i = 0; i < listing->entries->len; i++) {
        const RubEntry *entry = g_ptr_array_index(listing->entries, i);
        gboolean is_folder = entry->kind == RUB_ENTRY_FOLDER;
        g_autofree char *path = g_strconcat(entry->path, is_folder ? "/" : "", NULL);
        if (!g_hash_table_remove(missing, path)) {
            g_set_error(error, RUB_ERROR, RUB_CODE_VERIFY_FAILED,
                        "%s is on the stick but was not written there", path);
            return FALSE;
        }
    }
    return g_hash_table_size(missing) == 0 || set_missing(missing, error);
}

static gboolean
verify_listing(Verifying *self, const RubListing *listing, GError **error)
{
    if (!check_paths(listing, self->manifest, error))
        return FALSE;
    g_autoptr(GHashTable) places = index_paths(self->manifest);
    g_autoptr(GPtrArray) files = rub_listing_get_files_in_disk_order(listing);
    for (guint i = 0; i < files->len; i++) {
        const RubEntry *entry = g_ptr_array_index(files, i);
        gboolean is_manifest = strcmp(entry->path, RUB_MANIFEST_PATH) == 0;
        guint place = GPOINTER_TO_UINT(g_hash_table_lookup(places, entry->path));
        if (!(is_manifest ? verify_manifest(self, entry, error)
                          : verify_file(self, entry, place - 1, error)))
            return FALSE;
    }
    return TRUE;
}

/* The files were found through one copy of the allocation table; another computer may use the
 * other one. */
static gboolean
verify_copies(Verifying *self, const RubFatGeometry *fat, GError **error)
{
    const guint64 copy_bytes = (guint64) fat->fat_size_sectors * fat->sector_size;
    const RubExtent first = {self->manifest->volume.start_lba * self->manifest->sector_size +
                                 (guint64) fat->reserved_sectors * fat->sector_size,
                             copy_bytes};
    const RubExtent second = {first.offset_bytes + copy_bytes, copy_bytes};
    g_autofree guint8 *wanted = g_malloc(VERIFY_BUFFER_BYTES);
    gsize size_bytes;
    for (guint64 offset = 0; offset < copy_bytes; offset += size_bytes) {
        if (!read_piece(self, &first, offset, &size_bytes, error))
            return FALSE;
        memcpy(wanted, self->buffer, size_bytes);
        if (!read_piece(self, &second, offset, &size_bytes, error))
            return FALSE;
        gsize same_bytes = find_first_difference(self->buffer, wanted, size_bytes);
        if (same_bytes < size_bytes) {
            g_set_error(error, RUB_ERROR, RUB_CODE_VERIFY_FAILED,
                        "the two copies of the allocation table differ at byte %" G_GUINT64_FORMAT,
                        offset + same_bytes);
            return FALSE;
        }
    }
    return TRUE;
}

static gboolean
verify_volume(Verifying *self, RubFat *fat, const RubListing *listing, GError **error)
{
    if (rub_fat_is_dirty(fat)) {
        g_set_error_literal(error, RUB_ERROR, RUB_CODE_VERIFY_FAILED,
                            "the filesystem is marked as damaged or in use");
        return FALSE;
    }
    return verify_copies(self, rub_fat_get_geometry(fat), error) &&
           verify_listing(self, listing, error);
}

gboolean
rub_verify_files(RubDisk *disk, const RubManifest *manifest, const RubPlan *plan,
                 const RubSource *source, RubProgress *progress, GCancellable *cancellable,
                 GError **error)
{
    GError *volume_error = NULL;
    const RubNewVolume *volume = &manifest->volume;
    g_autoptr(RubFat) fat =
        rub_fat_open(disk, volume->start_lba, volume->sector_count, &volume_error);
    g_autoptr(RubListing) listing = fat ? rub_fat_list(fat, &volume_error) : NULL;
    if (!listing) {
        rub_disk_propagate_error(error, volume_error, RUB_CODE_VERIFY_FAILED);
        return FALSE;
    }
    g_autoptr(RubDigest) digest = rub_digest_new();
    g_autofree guint8 *buffer = g_malloc(VERIFY_BUFFER_BYTES);
    Verifying verifying = {disk, manifest, plan, source, progress, cancellable, digest, buffer};
    return verify_volume(&verifying, fat, listing, error);
}

/* The CHS fields are left out: nothing has read them for decades. */
static gboolean
is_our_entry(RubBytes *entry, const RubNewVolume *volume)
{
    guint8 status = volume->is_active ? ENTRY_STATUS_ACTIVE : 0;
    return rub_bytes_u8(entry, ENTRY_STATUS_OFFSET) == status &&
           rub_bytes_u8(entry, ENTRY_TYPE_OFFSET) == volume->mbr_type &&
           rub_bytes_u32le(entry, ENTRY_START_OFFSET) == volume->start_lba &&
           rub_bytes_u32le(entry, ENTRY_COUNT_OFFSET) == volume->sector_count;
}

/* Ours is the first entry and the only one. */
static gboolean
is_our_table(RubBytes *mbr, const RubNewVolume *volume)
{
    RubBytes entry = rub_bytes_slice(mbr, MBR_ENTRIES_OFFSET, MBR_ENTRY_BYTES);
    gsize rest_bytes = (MBR_ENTRY_COUNT - 1) * MBR_ENTRY_BYTES;
    RubBytes rest = rub_bytes_slice(mbr, MBR_ENTRIES_OFFSET + MBR_ENTRY_BYTES, rest_bytes);
    for (gsize i = 0; i < rest_bytes; i++) {
        if (rub_bytes_u8(&rest, i) != 0)
            return FALSE;
    }
    return rub_bytes_u16le(mbr, MBR_MAGIC_OFFSET) == MBR_MAGIC &&
           rub_bytes_u32le(mbr, MBR_SIGNATURE_OFFSET) == volume->disk_signature &&
           is_our_entry(&entry, volume);
}

gboolean
rub_verify_table(RubDisk *disk, const RubManifest *manifest, GError **error)
{
    guint8 sector[MBR_BYTES];
    if (!rub_disk_read(disk, 0, sector, sizeof sector, error))
        return FALSE;
    RubBytes mbr = rub_bytes(sector, sizeof sector);
    if (is_our_table(&mbr, &manifest->volume))
        return TRUE;
    g_set_error_literal(error, RUB_ERROR, RUB_CODE_VERIFY_FAILED,
                        "the partition table differs from what was written");
    return FALSE;
}
