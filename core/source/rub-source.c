/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "source/rub-source.h"

#include "base/rub-error.h"
#include "source/rub-iso9660.h"
#include "source/rub-source-hint.h"
#include "source/rub-udf.h"

struct _RubSource {
    RubImageFile *file;
    char *display_name;
    const char *format;
    RubListing *listing;
    GArray *boot_images;
    GHashTable *by_folded_path;
};

static void
rub_source_clear(gpointer data)
{
    RubSource *self = data;
    g_clear_pointer(&self->by_folded_path, g_hash_table_unref);
    g_clear_pointer(&self->boot_images, g_array_unref);
    g_clear_pointer(&self->listing, rub_listing_free);
    g_clear_pointer(&self->file, rub_image_file_unref);
    g_free(self->display_name);
}

static gboolean
find_end(const RubEntry *entry, guint64 *end_bytes)
{
    guint64 size_bytes = 0;
    for (guint i = 0; i < entry->extents->len; i++) {
        const RubExtent *extent = &g_array_index(entry->extents, RubExtent, i);
        guint64 end = 0;
        if (extent->offset_bytes != RUB_EXTENT_HOLE &&
            (extent->offset_bytes >= RUB_EXTENT_IN_MEMORY ||
             !g_uint64_checked_add(&end, extent->offset_bytes, extent->size_bytes)))
            return FALSE;
        if (!g_uint64_checked_add(&size_bytes, size_bytes, extent->size_bytes))
            return FALSE;
        *end_bytes = MAX(*end_bytes, end);
    }
    return size_bytes == entry->size_bytes;
}

/* A path like that could lead out of the folder that the files are written to. */
static gboolean
is_path_safe(const char *path)
{
    g_auto(GStrv) parts = g_strsplit(path, "/", -1);
    for (guint i = 0; parts[i] != NULL; i++) {
        if (*parts[i] == '\0' || strcmp(parts[i], ".") == 0 || strcmp(parts[i], "..") == 0)
            return FALSE;
    }
    return parts[0] != NULL;
}

static gboolean
check_entries(RubSource *self, GError **error)
{
    guint64 end_bytes = self->listing->size_bytes;
    for (guint i = 0; i < self->listing->entries->len; i++) {
        const RubEntry *entry = g_ptr_array_index(self->listing->entries, i);
        if (!is_path_safe(entry->path) ||
            (entry->kind == RUB_ENTRY_FILE && !find_end(entry, &end_bytes))) {
            g_set_error(error, RUB_ERROR, RUB_CODE_IMAGE_UNREADABLE,
                        "%s is damaged: \"%s\" in it has an impossible name or size",
                        self->display_name, entry->path);
            return FALSE;
        }
    }
    return rub_image_file_check_size(self->file, end_bytes, error);
}

static gboolean
is_empty_file(const RubEntry *entry)
{
    return entry->kind == RUB_ENTRY_FILE && entry->size_bytes == 0;
}

static gboolean
has_empty_files(const RubListing *listing)
{
    for (guint i = 0; i < listing->entries->len; i++) {
        if (is_empty_file(g_ptr_array_index(listing->entries, i)))
            return TRUE;
    }
    return FALSE;
}

static void
turn_into_link(RubEntry *entry, const RubEntry *link)
{
    entry->kind = RUB_ENTRY_SYMLINK;
    entry->link_target = g_strdup(link->link_target);
    g_clear_pointer(&entry->extents, g_array_unref);
}

static void
take_links(RubListing *to, const RubListing *from)
{
    g_autoptr(GHashTable) links = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < from->entries->len; i++) {
        RubEntry *entry = g_ptr_array_index(from->entries, i);
        if (entry->kind == RUB_ENTRY_SYMLINK)
            g_hash_table_insert(links, entry->path, entry);
    }
    for (guint i = 0; i < to->entries->len; i++) {
        RubEntry *entry = g_ptr_array_index(to->entries, i);
        const RubEntry *link = g_hash_table_lookup(links, entry->path);
        if (link != NULL && is_empty_file(entry))
            turn_into_link(entry, link);
    }
}

/* genisoimage writes an empty file into UDF for each symbolic link (its manual, -udf: "there is no
 * support for symlinks"); Rock Ridge beside it has the link. UDF holds without that side, too. */
static gboolean
add_links(RubSource *self, GCancellable *cancellable, GError **error)
{
    if (!has_empty_files(self->listing))
        return TRUE;
    RubIso9660Names names = RUB_ISO9660_PLAIN;
    g_autoptr(GError) local_error = NULL;
    g_autoptr(RubListing) listing = rub_iso9660_list(self->file, &names, cancellable, &local_error);
    if (g_error_matches(local_error, RUB_ERROR, RUB_CODE_CANCELLED)) {
        g_propagate_error(error, g_steal_pointer(&local_error));
        return FALSE;
    }
    if (listing != NULL && names == RUB_ISO9660_ROCK_RIDGE)
        take_links(self->listing, listing);
    return TRUE;
}

static gboolean
list_udf(RubSource *self, GCancellable *cancellable, GError **error)
{
    self->format = "UDF";
    g_autoptr(RubIso9660Volume) volume = rub_iso9660_read_volume(self->file);
    if (volume != NULL && !rub_image_file_check_size(self->file, volume->size_bytes, error))
        return FALSE;
    self->listing = rub_udf_list(self->file, cancellable, error);
    return self->listing != NULL && (volume == NULL || add_links(self, cancellable, error));
}

static gboolean
list_iso9660(RubSource *self, GCancellable *cancellable, GError **error)
{
    static const char *const formats[] = {
        [RUB_ISO9660_PLAIN] = "ISO 9660",
        [RUB_ISO9660_JOLIET] = "Joliet",
        [RUB_ISO9660_ROCK_RIDGE] = "Rock Ridge",
    };
    g_autoptr(RubIso9660Volume) volume = rub_iso9660_read_volume(self->file);
    if (volume == NULL) {
        rub_source_set_foreign_error(self->file, error);
        return FALSE;
    }
    RubIso9660Names names = RUB_ISO9660_PLAIN;
    self->listing = rub_iso9660_list(self->file, &names, cancellable, error);
    self->format = formats[names];
    return self->listing != NULL;
}

static char *
fold(const char *path)
{
    return g_str_is_ascii(path) ? g_ascii_strdown(path, -1) : g_utf8_casefold(path, -1);
}

static void
index_entries(RubSource *self)
{
    self->by_folded_path = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = self->listing->entries->len; i > 0; i--) {
        RubEntry *entry = g_ptr_array_index(self->listing->entries, i - 1);
        g_hash_table_replace(self->by_folded_path, fold(entry->path), entry);
    }
}

RubSource *
rub_source_open(const char *path, GCancellable *cancellable, GError **error)
{
    g_autoptr(RubSource) self = g_atomic_rc_box_new0(RubSource);
    self->display_name = g_filename_display_basename(path);
    self->file = rub_image_file_open(path, error);
    if (self->file == NULL)
        return NULL;
    gboolean listed = rub_udf_is_present(self->file) ? list_udf(self, cancellable, error)
                                                     : list_iso9660(self, cancellable, error);
    if (!listed || !check_entries(self, error) ||
        !rub_el_torito_read(self->file, &self->boot_images, error))
        return NULL;
    index_entries(self);
    return g_steal_pointer(&self);
}

RubSource *
rub_source_ref(RubSource *self)
{
    return g_atomic_rc_box_acquire(self);
}

void
rub_source_unref(RubSource *self)
{
    g_atomic_rc_box_release_full(self, rub_source_clear);
}

RubImageFile *
rub_source_get_image_file(const RubSource *self)
{
    return self->file;
}

const char *
rub_source_get_path(const RubSource *self)
{
    return rub_image_file_get_path(self->file);
}

const char *
rub_source_get_display_name(const RubSource *self)
{
    return self->display_name;
}

guint64
rub_source_get_size_bytes(const RubSource *self)
{
    return rub_image_file_get_size_bytes(self->file);
}

const char *
rub_source_get_format(const RubSource *self)
{
    return self->format;
}

const char *
rub_source_get_volume_name(const RubSource *self)
{
    return self->listing->volume_name ?: "";
}

const RubListing *
rub_source_get_listing(const RubSource *self)
{
    return self->listing;
}

const GArray *
rub_source_get_boot_images(const RubSource *self)
{
    return self->boot_images;
}

const RubEntry *
rub_source_find(const RubSource *self, const char *path)
{
    g_autofree char *folded = fold(path);
    return g_hash_table_lookup(self->by_folded_path, folded);
}

static gboolean
read_extent(const RubSource *self, const RubEntry *entry, const RubExtent *extent,
            guint64 skip_bytes, guint8 *to, gsize size, GError **error)
{
    if (extent->offset_bytes < RUB_EXTENT_IN_MEMORY)
        return rub_image_file_read(self->file, extent->offset_bytes + skip_bytes, to, size, error);
    if (extent->offset_bytes == RUB_EXTENT_HOLE)
        memset(to, 0, size);
    else
        memcpy(to, entry->memory->data + (extent->offset_bytes - RUB_EXTENT_IN_MEMORY + skip_bytes),
               size);
    return TRUE;
}

gboolean
rub_source_read(const RubSource *self, const RubEntry *entry, guint64 offset_bytes, void *buffer,
                gsize size_bytes, GError **error)
{
    guint8 *to = buffer;
    for (guint i = 0; entry->extents != NULL && i < entry->extents->len && size_bytes > 0; i++) {
        const RubExtent *extent = &g_array_index(entry->extents, RubExtent, i);
        if (offset_bytes >= extent->size_bytes) {
            offset_bytes -= extent->size_bytes;
            continue;
        }
        gsize size = MIN(size_bytes, extent->size_bytes - offset_bytes);
        if (!read_extent(self, entry, extent, offset_bytes, to, size, error))
            return FALSE;
        to += size;
        size_bytes -= size;
        offset_bytes = 0;
    }
    if (size_bytes == 0)
        return TRUE;
    g_set_error(error, RUB_ERROR, RUB_CODE_IMAGE_INCOMPLETE,
                "%s in %s ends %" G_GSIZE_FORMAT " bytes too early", entry->path,
                self->display_name, size_bytes);
    return FALSE;
}
