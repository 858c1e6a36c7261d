/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "source/rub-iso9660.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <locale.h>

#include "base/rub-error.h"

/* libarchive reads directories and wants to hand over the data of the files, but says nowhere
 * where these lie. So it is given blank memory for data, and the place of each block it hands
 * over tells where it believes to be: no byte of data is read to list an image. */
#define CHUNK_BYTES 8192
#define BLANK_BYTES (4 * 1024 * 1024)

/* Never written, so it takes no memory; not constant, so it takes no room in the program. */
static guint8 blank[BLANK_BYTES];

/* A directory record has a name of one byte at least (ECMA-119 9.1), and each file one of its own:
 * more files than that are in no image. The paths of folders that lead back to each other grow with
 * each round. */
#define MIN_RECORD_BYTES 34
#define MAX_LISTING_BYTES ((guint64) 512 * 1024 * 1024)

typedef struct {
    RubImageFile *file;
    struct archive *archive;
    guint64 entry_count;
    guint64 listing_bytes;
    guint64 position;
    guint8 *chunk;
    guint64 data_left_bytes;
    const guint8 *served;
    gsize served_size;
    GError *error;
} Reader;

static void
reader_free(Reader *self)
{
    archive_read_free(self->archive);
    g_free(self->chunk);
    g_clear_error(&self->error);
    g_free(self);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Reader, reader_free)

static gboolean
read_chunk(Reader *self, gsize *size)
{
    guint64 size_bytes = rub_image_file_get_size_bytes(self->file);
    if (self->position >= size_bytes) {
        *size = 0;
        return TRUE;
    }
    *size = MIN(CHUNK_BYTES, size_bytes - self->position);
    return rub_image_file_read(self->file, self->position, self->chunk, *size, &self->error);
}

/* Blank memory never reaches behind the file's own last byte (its sections only move forward), so
 * libarchive cannot take it for a directory. */
static la_ssize_t
on_read(struct archive *archive, void *user_data, const void **buffer)
{
    Reader *self = user_data;
    gsize size = MIN(self->data_left_bytes, BLANK_BYTES);
    self->served = size > 0 ? blank : self->chunk;
    if (size == 0 && !read_chunk(self, &size)) {
        archive_set_error(archive, EIO, "%s", self->error->message);
        return -1;
    }
    self->served_size = size;
    self->position += size;
    *buffer = self->served;
    return (la_ssize_t) size;
}

static la_int64_t
on_skip(struct archive *archive, void *user_data, la_int64_t request)
{
    Reader *self = user_data;
    self->position += (guint64) request;
    return request;
}

static la_int64_t
on_seek(struct archive *archive, void *user_data, la_int64_t offset, int whence)
{
    Reader *self = user_data;
    guint64 base = whence == SEEK_SET   ? 0
                   : whence == SEEK_CUR ? self->position
                                        : rub_image_file_get_size_bytes(self->file);
    self->position = base + (guint64) offset;
    return (la_int64_t) self->position;
}

static Reader *
reader_new(RubImageFile *file)
{
    Reader *self = g_new0(Reader, 1);
    self->file = file;
    self->chunk = g_malloc(CHUNK_BYTES);
    self->archive = archive_read_new();
    archive_read_support_format_iso9660(self->archive);
    archive_read_set_read_callback(self->archive, on_read);
    archive_read_set_skip_callback(self->archive, on_skip);
    archive_read_set_seek_callback(self->archive, on_seek);
    archive_read_set_callback_data(self->archive, self);
    return self;
}

static void
set_archive_error(Reader *self, GError **error)
{
    const char *path = rub_image_file_get_path(self->file);
    const char *text = archive_error_string(self->archive);
    if (self->error != NULL)
        g_propagate_error(error, g_steal_pointer(&self->error));
    else
        g_set_error(error, RUB_ERROR, RUB_CODE_IMAGE_UNREADABLE, "%s is damaged: %s", path,
                    text != NULL ? text : "unknown reason");
}

/* Names that are not UTF-8 come from systems of the time before it: Latin-1 keeps them apart and
 * is right for most. */
static char *
to_utf8(const char *name)
{
    if (g_utf8_validate(name, -1, NULL))
        return g_strdup(name);
    GString *utf8 = g_string_new(NULL);
    for (const char *p = name; *p != '\0'; p++)
        g_string_append_unichar(utf8, (guchar) *p);
    return g_string_free(utf8, FALSE);
}

/* Where the root has a name (RRIP 4.1.4, NM with the flag CURRENT), libarchive begins paths with
 * it. */
static char *
to_path(const char *name)
{
    return to_utf8(g_str_has_prefix(name, "./") ? name + 2 : name);
}

static gboolean
is_served_from(Reader *self, const guint8 *block, gsize size, guint64 offset_bytes)
{
    guintptr start = (guintptr) self->served;
    guintptr at = (guintptr) block;
    if (at < start || size > self->served_size || at - start > self->served_size - size)
        return FALSE;
    return self->position - self->served_size + (at - start) == offset_bytes;
}

static gboolean
has_bytes_of(Reader *self, const guint8 *block, gsize size, guint64 offset_bytes)
{
    guint8 buffer[CHUNK_BYTES];
    for (gsize done = 0; done < size; done += sizeof buffer) {
        gsize part = MIN(size - done, sizeof buffer);
        if (!rub_image_file_read(self->file, offset_bytes + done, buffer, part, NULL) ||
            memcmp(block + done, buffer, part) != 0)
            return FALSE;
    }
    return TRUE;
}

/* What libarchive counts is believed where the block is in the memory served for that place, or,
 * if it was copied, where the bytes are the same. Others were decompressed (zisofs). */
static gboolean
locate_block(Reader *self, const guint8 *block, gsize size, guint64 *offset_bytes)
{
    *offset_bytes = (guint64) archive_filter_bytes(self->archive, 0);
    return is_served_from(self, block, size, *offset_bytes) ||
           has_bytes_of(self, block, size, *offset_bytes);
}

static gboolean
set_unlocatable(Reader *self, const RubEntry *entry, GError **error)
{
    const char *text = archive_error_string(self->archive);
    g_set_error(error, RUB_ERROR, RUB_CODE_IMAGE_UNREADABLE,
                "the data of %s cannot be found in %s: %s", entry->path,
                rub_image_file_get_path(self->file),
                text != NULL ? text : "it may be compressed (zisofs)");
    return FALSE;
}

/* A file over 4 GiB has several sections, anywhere behind each other: all its data is walked. */
static gboolean
add_extents(Reader *self, RubEntry *entry, GError **error)
{
    self->data_left_bytes = entry->size_bytes;
    while (self->data_left_bytes > 0) {
        const void *block;
        gsize size;
        la_int64_t file_offset;
        guint64 offset_bytes;
        int status = archive_read_data_block(self->archive, &block, &size, &file_offset);
        if (status != ARCHIVE_OK || size > self->data_left_bytes ||
            !locate_block(self, block, size, &offset_bytes))
            return set_unlocatable(self, entry, error);
        rub_entry_add_extent(entry, offset_bytes, size);
        self->data_left_bytes -= size;
    }
    return TRUE;
}

/* libarchive gives a second name of the same data without a size, right behind the first. */
static gboolean
share_extents(Reader *self, RubEntry *entry, const char *target, RubListing *listing,
              GError **error)
{
    g_autofree char *target_path = to_path(target);
    for (guint i = listing->entries->len; i > 0; i--) {
        RubEntry *other = g_ptr_array_index(listing->entries, i - 1);
        if (other->kind != RUB_ENTRY_FILE || strcmp(other->path, target_path) != 0)
            continue;
        entry->size_bytes = other->size_bytes;
        g_array_unref(entry->extents);
        entry->extents = g_array_ref(other->extents);
        return TRUE;
    }
    return set_unlocatable(self, entry, error);
}

/* libarchive takes files of one serial number (RRIP 4.1.1, PX) for hard links, and 0 for the number
 * of a file that was before the first: of that it has neither name nor size. */
static gboolean
check_size_is_known(Reader *self, struct archive_entry *from, const RubEntry *entry, GError **error)
{
    if (archive_entry_size_is_set(from))
        return TRUE;
    g_set_error(error, RUB_ERROR, RUB_CODE_IMAGE_UNREADABLE,
                "the size of %s cannot be found in %s: its serial number is 0", entry->path,
                rub_image_file_get_path(self->file));
    return FALSE;
}

/* libarchive notices only some of the folders that lead back to where they are in. */
static gboolean
charge(Reader *self, const char *name, GError **error)
{
    guint64 max_entries = rub_image_file_get_size_bytes(self->file) / MIN_RECORD_BYTES;
    self->listing_bytes += strlen(name) + sizeof(RubEntry) + sizeof(RubExtent);
    if (++self->entry_count <= max_entries && self->listing_bytes <= MAX_LISTING_BYTES)
        return TRUE;
    g_set_error(error, RUB_ERROR, RUB_CODE_IMAGE_UNREADABLE,
                "%s is damaged: its folders lead back to each other",
                rub_image_file_get_path(self->file));
    return FALSE;
}

static gboolean
find_kind(struct archive_entry *from, RubEntryKind *kind)
{
    switch (archive_entry_filetype(from)) {
    case AE_IFDIR:
        *kind = RUB_ENTRY_FOLDER;
        return TRUE;
    case AE_IFLNK:
        *kind = RUB_ENTRY_SYMLINK;
        return TRUE;
    default:
        *kind = RUB_ENTRY_FILE;
        /* A hard link has no type of its own. */
        return archive_entry_filetype(from) == AE_IFREG || archive_entry_hardlink(from) != NULL;
    }
}

static gboolean
add_entry(Reader *self, struct archive_entry *from, RubListing *listing, GError **error)
{
    const char *name = archive_entry_pathname(from);
    const char *hard_link = archive_entry_hardlink(from);
    RubEntryKind kind;
    if (name == NULL) {
        set_archive_error(self, error);
        return FALSE;
    }
    if (!charge(self, name, error))
        return FALSE;
    if (strcmp(name, ".") == 0)
        return TRUE;
    if (!find_kind(from, &kind)) {
        g_ptr_array_add(listing->specials, to_path(name));
        return TRUE;
    }
    RubEntry *entry = rub_entry_new(kind, to_path(name));
    g_ptr_array_add(listing->entries, entry);
    entry->mtime_unix = archive_entry_mtime_is_set(from) ? archive_entry_mtime(from) : 0;
    if (kind == RUB_ENTRY_SYMLINK)
        entry->link_target = to_utf8(archive_entry_symlink(from) ?: "");
    if (kind != RUB_ENTRY_FILE)
        return TRUE;
    if (hard_link != NULL)
        return share_extents(self, entry, hard_link, listing, error);
    if (!check_size_is_known(self, from, entry, error))
        return FALSE;
    entry->size_bytes = (guint64) archive_entry_size(from);
    return add_extents(self, entry, error);
}

static gboolean
add_entries(Reader *self, RubListing *listing, GCancellable *cancellable, GError **error)
{
    if (archive_read_open1(self->archive) != ARCHIVE_OK) {
        set_archive_error(self, error);
        return FALSE;
    }
    while (TRUE) {
        struct archive_entry *entry;
        int status = archive_read_next_header(self->archive, &entry);
        if (status == ARCHIVE_EOF)
            return TRUE;
        if (g_cancellable_is_cancelled(cancellable)) {
            rub_error_set_cancelled(error);
            return FALSE;
        }
        /* A warning is a name that is not quite right, or a file that lies where none can be. */
        if (status != ARCHIVE_OK && status != ARCHIVE_WARN) {
            set_archive_error(self, error);
            return FALSE;
        }
        if (!add_entry(self, entry, listing, error))
            return FALSE;
    }
}

static int
compare_paths(gconstpointer a, gconstpointer b)
{
    const RubEntry *entry_a = *(RubEntry *const *) a;
    const RubEntry *entry_b = *(RubEntry *const *) b;
    if ((entry_a->kind == RUB_ENTRY_FOLDER) != (entry_b->kind == RUB_ENTRY_FOLDER))
        return entry_a->kind == RUB_ENTRY_FOLDER ? -1 : 1;
    return strcmp(entry_a->path, entry_b->path);
}

static RubIso9660Names
find_names(Reader *self, const RubIso9660Volume *volume)
{
    if (archive_format(self->archive) == ARCHIVE_FORMAT_ISO9660_ROCKRIDGE)
        return RUB_ISO9660_ROCK_RIDGE;
    return volume->has_joliet ? RUB_ISO9660_JOLIET : RUB_ISO9660_PLAIN;
}

static gboolean
check_volume(RubImageFile *file, const RubIso9660Volume *volume, GError **error)
{
    const char *path = rub_image_file_get_path(file);
    if (volume == NULL) {
        g_set_error(error, RUB_ERROR, RUB_CODE_IMAGE_UNREADABLE, "%s is not an ISO 9660 image",
                    path);
        return FALSE;
    }
    return rub_image_file_check_size(file, volume->size_bytes, error);
}

/* libarchive converts Joliet names to the thread's character set. */
static gboolean
add_entries_in_utf8(Reader *self, RubListing *listing, GCancellable *cancellable, GError **error)
{
    locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t) 0);
    locale_t previous = uselocale(utf8);
    gboolean ok = add_entries(self, listing, cancellable, error);
    uselocale(previous);
    if (utf8 != (locale_t) 0)
        freelocale(utf8);
    return ok;
}

RubListing *
rub_iso9660_list(RubImageFile *file, RubIso9660Names *names, GCancellable *cancellable,
                 GError **error)
{
    g_autoptr(RubIso9660Volume) volume = rub_iso9660_read_volume(file);
    if (!check_volume(file, volume, error))
        return NULL;
    g_autoptr(RubListing) listing = rub_listing_new();
    g_autoptr(Reader) reader = reader_new(file);
    if (!add_entries_in_utf8(reader, listing, cancellable, error))
        return NULL;
    g_ptr_array_sort(listing->entries, compare_paths);
    RubIso9660Names used = find_names(reader, volume);
    gboolean is_joliet = used == RUB_ISO9660_JOLIET;
    listing->volume_name = g_strdup(is_joliet ? volume->joliet_name : volume->name);
    listing->size_bytes = volume->size_bytes;
    if (names != NULL)
        *names = used;
    return g_steal_pointer(&listing);
}
