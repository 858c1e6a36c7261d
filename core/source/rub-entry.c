/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "source/rub-entry.h"

RubEntry *
rub_entry_new(RubEntryKind kind, char *path)
{
    RubEntry *self = g_new0(RubEntry, 1);
    self->kind = kind;
    self->path = path;
    if (kind == RUB_ENTRY_FILE)
        self->extents = g_array_new(FALSE, FALSE, sizeof(RubExtent));
    return self;
}

void
rub_entry_free(RubEntry *self)
{
    g_free(self->path);
    g_free(self->link_target);
    g_free(self->alias);
    g_clear_pointer(&self->extents, g_array_unref);
    g_clear_pointer(&self->memory, g_byte_array_unref);
    g_free(self);
}

RubEntry *
rub_entry_copy(const RubEntry *self, char *path)
{
    RubEntry *copy = g_new0(RubEntry, 1);
    *copy = *self;
    copy->path = path;
    copy->link_target = g_strdup(self->link_target);
    copy->alias = g_strdup(self->alias);
    copy->extents = self->extents ? g_array_ref(self->extents) : NULL;
    copy->memory = self->memory ? g_byte_array_ref(self->memory) : NULL;
    return copy;
}

static gboolean
continues(const RubExtent *last, guint64 offset_bytes)
{
    if (last->offset_bytes == RUB_EXTENT_HOLE || offset_bytes == RUB_EXTENT_HOLE)
        return last->offset_bytes == offset_bytes;
    return last->offset_bytes + last->size_bytes == offset_bytes;
}

void
rub_entry_add_extent(RubEntry *self, guint64 offset_bytes, guint64 size_bytes)
{
    if (size_bytes == 0)
        return;
    if (self->extents->len > 0) {
        RubExtent *last = &g_array_index(self->extents, RubExtent, self->extents->len - 1);
        if (continues(last, offset_bytes)) {
            last->size_bytes += size_bytes;
            return;
        }
    }
    RubExtent extent = {offset_bytes, size_bytes};
    g_array_append_val(self->extents, extent);
}

void
rub_entry_add_memory(RubEntry *self, const void *data, gsize size_bytes)
{
    if (self->memory == NULL)
        self->memory = g_byte_array_new();
    rub_entry_add_extent(self, RUB_EXTENT_IN_MEMORY + self->memory->len, size_bytes);
    g_byte_array_append(self->memory, data, (guint) size_bytes);
}

/* Appends a part of an extent of another file; what that has in memory is copied. */
static void
add_part(RubEntry *self, const RubEntry *other, const RubExtent *extent, guint64 skipped_bytes,
         guint64 size_bytes)
{
    guint64 offset_bytes = extent->offset_bytes;
    if (offset_bytes == RUB_EXTENT_HOLE)
        rub_entry_add_extent(self, offset_bytes, size_bytes);
    else if (offset_bytes < RUB_EXTENT_IN_MEMORY)
        rub_entry_add_extent(self, offset_bytes + skipped_bytes, size_bytes);
    else
        rub_entry_add_memory(
            self, other->memory->data + (offset_bytes - RUB_EXTENT_IN_MEMORY) + skipped_bytes,
            size_bytes);
}

void
rub_entry_add_range(RubEntry *self, const RubEntry *other, guint64 offset_bytes, guint64 size_bytes)
{
    for (guint i = 0; i < other->extents->len && size_bytes > 0; i++) {
        const RubExtent *extent = &g_array_index(other->extents, RubExtent, i);
        if (offset_bytes >= extent->size_bytes) {
            offset_bytes -= extent->size_bytes;
            continue;
        }
        guint64 taken_bytes = MIN(size_bytes, extent->size_bytes - offset_bytes);
        add_part(self, other, extent, offset_bytes, taken_bytes);
        size_bytes -= taken_bytes;
        offset_bytes = 0;
    }
}

guint64
rub_entry_get_first_byte(const RubEntry *self)
{
    for (guint i = 0; self->extents && i < self->extents->len; i++) {
        const RubExtent *extent = &g_array_index(self->extents, RubExtent, i);
        if (extent->offset_bytes < RUB_EXTENT_IN_MEMORY)
            return extent->offset_bytes;
    }
    return 0;
}

RubListing *
rub_listing_new(void)
{
    RubListing *self = g_new0(RubListing, 1);
    self->entries = g_ptr_array_new_with_free_func((GDestroyNotify) rub_entry_free);
    self->specials = g_ptr_array_new_with_free_func(g_free);
    return self;
}

void
rub_listing_free(RubListing *self)
{
    g_free(self->volume_name);
    g_ptr_array_unref(self->entries);
    g_ptr_array_unref(self->specials);
    g_free(self);
}

static int
compare_first_bytes(gconstpointer a, gconstpointer b)
{
    guint64 first_a = rub_entry_get_first_byte(*(RubEntry *const *) a);
    guint64 first_b = rub_entry_get_first_byte(*(RubEntry *const *) b);
    return (first_a > first_b) - (first_a < first_b);
}

GPtrArray *
rub_listing_get_files_in_disk_order(const RubListing *self)
{
    GPtrArray *files = g_ptr_array_new();
    for (guint i = 0; i < self->entries->len; i++) {
        RubEntry *entry = g_ptr_array_index(self->entries, i);
        if (entry->kind == RUB_ENTRY_FILE)
            g_ptr_array_add(files, entry);
    }
    g_ptr_array_sort(files, compare_first_bytes);
    return files;
}
