/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "job/rub-verify.h"

#include <string.h>

#include "base/rub-bytes.h"
#include "base/rub-digest.h"
#include "base/rub-error.h"
#include "base/rub-mbr.h"
#include "job/rub-earlier.h"
#include "job/rub-file-digester.h"
#include "volume/rub-fat.h"
#include "volume/rub-folder-listing.h"
#include "volume/rub-ntfs.h"
#include "volume/rub-path-index.h"
#include "volume/rub-records.h"

#define VERIFY_BUFFER_BYTES ((gsize) 4 * 1024 * 1024)

typedef struct {
    const RubVolumePlace *place;
    RubFileReader *reader;
    const RubManifest *manifest;
    const RubPlan *plan;
    const RubSource *source;
    RubProgress *progress;
    GCancellable *cancellable;
    RubFileDigester *digester;
    guint8 *buffer;
} Verifying;

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
    gsize size_bytes;
    for (guint64 offset = 0; offset < entry->size_bytes; offset += size_bytes) {
        if (g_cancellable_is_cancelled(self->cancellable) ||
            !rub_file_reader_read(self->reader, entry, offset, self->buffer, VERIFY_BUFFER_BYTES,
                                  &size_bytes, NULL) ||
            !rub_source_read(self->source, content, offset, wanted, size_bytes, NULL))
            return FALSE;
        gsize same_bytes = find_first_difference(self->buffer, wanted, size_bytes);
        if (same_bytes < size_bytes) {
            *offset_bytes = offset + same_bytes;
            return TRUE;
        }
    }
    return FALSE;
}

static void
set_difference(Verifying *self, const RubEntry *entry, const RubEntry *content, GError **error)
{
    guint64 offset_bytes;
    if (!content || !find_difference(self, entry, content, &offset_bytes)) {
        rub_error_set_text(error, RUB_CODE_VERIFY_FAILED,
                           N_("the file {path} differs from what was written"), "path", entry->path,
                           NULL);
        return;
    }
    g_autofree char *offset = g_strdup_printf("%" G_GUINT64_FORMAT, offset_bytes);
    rub_error_set_text(error, RUB_CODE_VERIFY_FAILED,
                       N_("the file {path} differs from the image at byte {offset}"), "path",
                       entry->path, "offset", offset, NULL);
}

static gboolean
check_size(const RubEntry *entry, guint64 size_bytes, GError **error)
{
    if (entry->size_bytes == size_bytes)
        return TRUE;
    g_autofree char *found = g_strdup_printf("%" G_GUINT64_FORMAT, entry->size_bytes);
    g_autofree char *wanted = g_strdup_printf("%" G_GUINT64_FORMAT, size_bytes);
    rub_error_set_text(error, RUB_CODE_VERIFY_FAILED,
                       N_("the file {path} has {found} bytes instead of {wanted}"), "path",
                       entry->path, "found", found, "wanted", wanted, NULL);
    return FALSE;
}

/* What earlier builds left is listed behind the files of the plan. */
static gboolean
verify_file(Verifying *self, const RubEntry *entry, guint index, GError **error)
{
    const RubManifestFile *file = g_ptr_array_index(self->manifest->files, index);
    char text[RUB_DIGEST_TEXT_BYTES];
    if (!check_size(entry, file->size_bytes, error) ||
        !rub_file_digester_run(self->digester, entry, text, error))
        return FALSE;
    if (strcmp(text, file->digest) == 0)
        return TRUE;
    const RubPlanItem *item =
        index < self->plan->files->len ? g_ptr_array_index(self->plan->files, index) : NULL;
    set_difference(self, entry, item ? item->content : NULL, error);
    return FALSE;
}

/* The manifest cannot hold its own digest, but its bytes follow from what it says. */
static gboolean
verify_manifest(Verifying *self, const RubEntry *entry, GError **error)
{
    g_autoptr(GBytes) json = rub_manifest_to_json(self->manifest);
    g_autoptr(RubDigest) digest = rub_digest_new();
    gsize size_bytes;
    const void *data = g_bytes_get_data(json, &size_bytes);
    char text[RUB_DIGEST_TEXT_BYTES];
    char wanted[RUB_DIGEST_TEXT_BYTES];
    if (!check_size(entry, size_bytes, error) ||
        !rub_file_digester_run(self->digester, entry, text, error))
        return FALSE;
    rub_digest_add(digest, data, size_bytes);
    rub_digest_get_text(digest, wanted);
    if (strcmp(text, wanted) == 0)
        return TRUE;
    set_difference(self, entry, NULL, error);
    return FALSE;
}

/* What must be on the volume, by the keys of the paths, those of folders with a "/" at the end;
 * with a file's place in the manifest, counted from 1. */
static GHashTable *
index_paths(const RubManifest *manifest)
{
    GHashTable *places = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < manifest->files->len; i++) {
        const RubManifestFile *file = g_ptr_array_index(manifest->files, i);
        g_hash_table_insert(places, rub_fat_name_make_key(file->path), GUINT_TO_POINTER(i + 1));
    }
    for (guint i = 0; i < manifest->folders->len; i++) {
        g_autofree char *key = rub_fat_name_make_key(g_ptr_array_index(manifest->folders, i));
        g_hash_table_add(places, g_strconcat(key, "/", NULL));
    }
    g_hash_table_add(places, rub_fat_name_make_key(RUB_MANIFEST_PATH));
    return places;
}

static gboolean
set_missing(const RubManifest *manifest, GHashTable *missing, GError **error)
{
    g_autofree char *first = NULL;
    for (guint i = 0; !first && i < manifest->files->len; i++) {
        const RubManifestFile *file = g_ptr_array_index(manifest->files, i);
        g_autofree char *key = rub_fat_name_make_key(file->path);
        if (g_hash_table_contains(missing, key))
            first = g_strdup(file->path);
    }
    for (guint i = 0; !first && i < manifest->folders->len; i++) {
        g_autofree char *path = g_strconcat(g_ptr_array_index(manifest->folders, i), "/", NULL);
        g_autofree char *key = rub_fat_name_make_key(path);
        if (g_hash_table_contains(missing, key))
            first = g_steal_pointer(&path);
    }
    rub_error_set_text(error, RUB_CODE_VERIFY_FAILED, N_("{path} is missing on the stick"), "path",
                       first ? first : RUB_MANIFEST_PATH, NULL);
    return FALSE;
}

/* What a build may keep beside the manifest. */
static gboolean
is_record(const char *path)
{
    return strcmp(path, RUB_RECORDS_FOLDER) == 0 || strcmp(path, RUB_UNDO_FOLDER) == 0 ||
           strcmp(path, RUB_BOOT_SECTORS_PATH) == 0;
}

/* Where the volume was empty before, exactly what was written must be there, and nothing twice. */
static gboolean
check_paths(const Verifying *self, const RubListing *listing, GError **error)
{
    gboolean may_have_others = self->plan->mode == RUB_PLAN_KEEP_VOLUME;
    g_autoptr(GHashTable) missing = index_paths(self->manifest);
    for (guint i = 0; i < listing->entries->len; i++) {
        const RubEntry *entry = g_ptr_array_index(listing->entries, i);
        g_autofree char *key = rub_fat_name_make_key(entry->path);
        g_autofree char *folder_key = g_strconcat(key, "/", NULL);
        gboolean is_folder = entry->kind == RUB_ENTRY_FOLDER;
        gboolean is_note = strcmp(entry->path, RUB_PENDING_PATH) == 0;
        gboolean is_expected = g_hash_table_remove(missing, is_folder ? folder_key : key);
        if (!is_expected && (is_note || !(may_have_others || is_record(entry->path)))) {
            rub_error_set_text(error, RUB_CODE_VERIFY_FAILED,
                               N_("{path} is on the stick but was not written there"), "path",
                               entry->path, NULL);
            return FALSE;
        }
    }
    return g_hash_table_size(missing) == 0 || set_missing(self->manifest, missing, error);
}

static gboolean
verify_listing(Verifying *self, const RubListing *listing, GError **error)
{
    if (!check_paths(self, listing, error))
        return FALSE;
    g_autoptr(GHashTable) places = index_paths(self->manifest);
    g_autoptr(GPtrArray) files = rub_listing_get_files_in_disk_order(listing);
    for (guint i = 0; i < files->len; i++) {
        const RubEntry *entry = g_ptr_array_index(files, i);
        g_autofree char *key = rub_fat_name_make_key(entry->path);
        guint place = GPOINTER_TO_UINT(g_hash_table_lookup(places, key));
        gboolean is_manifest = strcmp(entry->path, RUB_MANIFEST_PATH) == 0;
        if (is_manifest ? !verify_manifest(self, entry, error)
                        : place > 0 && !verify_file(self, entry, place - 1, error))
            return FALSE;
    }
    return TRUE;
}

/* Reads the piece that begins at offset_bytes of an extent into the buffer. */
static gboolean
read_piece(Verifying *self, const RubExtent *extent, guint64 offset_bytes, gsize *size_bytes,
           GError **error)
{
    if (g_cancellable_is_cancelled(self->cancellable)) {
        rub_error_set_cancelled(error);
        return FALSE;
    }
    *size_bytes = (gsize) MIN(VERIFY_BUFFER_BYTES, extent->size_bytes - offset_bytes);
    return rub_disk_read(self->place->disk, extent->offset_bytes + offset_bytes, self->buffer,
                         *size_bytes, error);
}

/* The files were found through one copy of the allocation table; another computer may use the
 * other one. */
static gboolean
verify_copy(Verifying *self, const RubExtent *first, const RubExtent *other, GError **error)
{
    g_autofree guint8 *wanted = g_malloc(VERIFY_BUFFER_BYTES);
    gsize size_bytes;
    for (guint64 offset = 0; offset < first->size_bytes; offset += size_bytes) {
        if (!read_piece(self, first, offset, &size_bytes, error))
            return FALSE;
        memcpy(wanted, self->buffer, size_bytes);
        if (!read_piece(self, other, offset, &size_bytes, error))
            return FALSE;
        gsize same_bytes = find_first_difference(self->buffer, wanted, size_bytes);
        if (same_bytes < size_bytes) {
            g_autofree char *at = g_strdup_printf("%" G_GUINT64_FORMAT, offset + same_bytes);
            rub_error_set_text(error, RUB_CODE_VERIFY_FAILED,
                               N_("the copies of the allocation table differ at byte {offset}"),
                               "offset", at, NULL);
            return FALSE;
        }
    }
    return TRUE;
}

/* Volumes of others may have one copy only, or keep but one of them up to date. */
static gboolean
verify_copies(Verifying *self, const RubFatGeometry *fat, GError **error)
{
    const guint64 copy_bytes = (guint64) fat->fat_size_sectors * fat->sector_size;
    const guint64 start_bytes = self->manifest->volume.start_lba * self->manifest->sector_size +
                                (guint64) fat->reserved_sectors * fat->sector_size;
    const RubExtent first = {start_bytes, copy_bytes};
    for (guint i = 1; fat->is_mirrored && i < fat->fat_count; i++) {
        const RubExtent other = {start_bytes + i * copy_bytes, copy_bytes};
        if (!verify_copy(self, &first, &other, error))
            return FALSE;
    }
    return TRUE;
}

static void
set_marked(GError **error)
{
    rub_error_set_text(error, RUB_CODE_VERIFY_FAILED,
                       N_("the filesystem is marked as damaged or in use"), NULL);
}

static gboolean
verify_fat(Verifying *self, RubFat *fat, GError **error)
{
    if (rub_fat_is_dirty(fat)) {
        set_marked(error);
        return FALSE;
    }
    return verify_copies(self, rub_fat_get_geometry(fat), error);
}

static RubListing *
list_fat(Verifying *self, GError **error)
{
    GError *volume_error = NULL;
    const RubVolumePlace *place = self->place;
    g_autoptr(RubFat) fat =
        rub_fat_open(place->disk, place->start_lba, place->sector_count, &volume_error);
    g_autoptr(RubListing) listing = fat ? rub_fat_list(fat, &volume_error) : NULL;
    if (!listing)
        rub_disk_propagate_error(error, volume_error, RUB_CODE_VERIFY_FAILED);
    return listing && verify_fat(self, fat, error) ? g_steal_pointer(&listing) : NULL;
}

static RubListing *
list_ntfs(Verifying *self, GError **error)
{
    RubNtfsState state;
    GError *volume_error = NULL;
    const RubVolumePlace *place = self->place;
    g_autoptr(RubListing) listing =
        rub_ntfs_list(place->disk, place->start_lba, place->sector_count, &state, &volume_error);
    if (!listing) {
        rub_disk_propagate_error(error, volume_error, RUB_CODE_VERIFY_FAILED);
        return NULL;
    }
    if (!state.is_dirty)
        return g_steal_pointer(&listing);
    set_marked(error);
    return NULL;
}

static RubListing *
list_place(Verifying *self, GError **error)
{
    if (!self->place->disk)
        return rub_folder_listing_read(self->place->folder, self->cancellable, error);
    return rub_volume_place_is_fat(self->place) ? list_fat(self, error) : list_ntfs(self, error);
}

gboolean
rub_verify_files(const RubVolumePlace *place, const RubManifest *manifest, const RubPlan *plan,
                 const RubSource *source, RubProgress *progress, GCancellable *cancellable,
                 GError **error)
{
    g_autoptr(RubFileReader) reader = rub_file_reader_new(place);
    g_autoptr(RubFileDigester) digester = rub_file_digester_new(reader, progress, cancellable);
    g_autofree guint8 *buffer = g_malloc(VERIFY_BUFFER_BYTES);
    Verifying verifying = {place,    reader,      manifest, plan,  source,
                           progress, cancellable, digester, buffer};
    g_autoptr(RubListing) listing = list_place(&verifying, error);
    return listing && verify_listing(&verifying, listing, error);
}

/* The CHS fields are left out: nothing has read them for decades. */
static gboolean
is_our_entry(RubBytes *entry, const RubNewVolume *volume)
{
    guint8 status = volume->is_active ? RUB_MBR_ACTIVE : 0;
    return rub_bytes_u8(entry, RUB_MBR_ENTRY_STATUS) == status &&
           rub_bytes_u8(entry, RUB_MBR_ENTRY_TYPE) == volume->mbr_type &&
           rub_bytes_u32le(entry, RUB_MBR_ENTRY_START_LBA) == volume->start_lba &&
           rub_bytes_u32le(entry, RUB_MBR_ENTRY_SECTOR_COUNT) == volume->sector_count;
}

/* Ours is the first entry and the only one. */
static gboolean
is_our_table(RubBytes *mbr, const RubNewVolume *volume)
{
    RubBytes entry = rub_bytes_slice(mbr, RUB_MBR_TABLE, RUB_MBR_ENTRY_BYTES);
    gsize rest_bytes = (RUB_MBR_ENTRY_COUNT - 1) * RUB_MBR_ENTRY_BYTES;
    RubBytes rest = rub_bytes_slice(mbr, RUB_MBR_TABLE + RUB_MBR_ENTRY_BYTES, rest_bytes);
    for (gsize i = 0; i < rest_bytes; i++) {
        if (rub_bytes_u8(&rest, i) != 0)
            return FALSE;
    }
    return rub_bytes_u16le(mbr, RUB_MBR_MAGIC_OFFSET) == RUB_MBR_MAGIC &&
           rub_bytes_u32le(mbr, RUB_MBR_DISK_SIGNATURE) == volume->disk_signature &&
           is_our_entry(&entry, volume);
}

gboolean
rub_verify_table(RubDisk *disk, const RubManifest *manifest, GError **error)
{
    guint8 sector[RUB_MBR_BYTES];
    if (!rub_disk_read(disk, 0, sector, sizeof sector, error))
        return FALSE;
    RubBytes mbr = rub_bytes(sector, sizeof sector);
    if (is_our_table(&mbr, &manifest->volume))
        return TRUE;
    rub_error_set_text(error, RUB_CODE_VERIFY_FAILED,
                       N_("the partition table differs from what was written"), NULL);
    return FALSE;
}

gboolean
rub_verify_kept_table(RubDisk *disk, const guint8 before[RUB_MBR_BYTES], guint active_number,
                      GError **error)
{
    guint8 sector[RUB_MBR_BYTES];
    guint8 wanted[RUB_MBR_BYTES];
    if (!rub_disk_read(disk, 0, sector, sizeof sector, error))
        return FALSE;
    memcpy(wanted, before, sizeof wanted);
    for (guint i = 0; active_number > 0 && i < RUB_MBR_ENTRY_COUNT; i++)
        wanted[RUB_MBR_TABLE + i * RUB_MBR_ENTRY_BYTES + RUB_MBR_ENTRY_STATUS] =
            i + 1 == active_number ? RUB_MBR_ACTIVE : 0;
    if (memcmp(sector + RUB_MBR_DISK_SIGNATURE, wanted + RUB_MBR_DISK_SIGNATURE,
               RUB_MBR_BYTES - RUB_MBR_DISK_SIGNATURE) == 0)
        return TRUE;
    rub_error_set_text(error, RUB_CODE_VERIFY_FAILED,
                       N_("the partition table differs from what was written"), NULL);
    return FALSE;
}
