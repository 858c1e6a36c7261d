/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "source/rub-wim-split.h"

#include "source/rub-wim-layout.h"
#include "source/rub-wim.h"

/* Media with ten editions have some 150,000 resources; a table for more than a million is none. */
#define MAX_TABLE_BYTES ((guint64) 64 * 1024 * 1024)
#define MAX_PARTS 9999

/* What a part has besides its resources, and what is the same in all. */
typedef struct {
    const RubEntry *entry;
    guint8 header[RUB_WIM_HEADER_BYTES];
    GByteArray *table;
    GByteArray *xml;
    /* (element-type Item): metadata in the order of the images, then data in the order of the
     * WIM, so that reading moves forward only. */
    GArray *items;
    guint64 part_bytes;
} Splitting;

typedef struct {
    RubWimResource resource;
    gsize table_offset;
} Item;

typedef struct {
    guint first;
    guint count;
} Part;

static gboolean
read_resource(const RubSource *source, const RubEntry *entry, const RubWimResource *resource,
              GByteArray *to, GError **error)
{
    g_byte_array_set_size(to, (guint) resource->stored_bytes);
    return rub_source_read(source, entry, resource->offset_bytes, to->data, to->len, error);
}

static gboolean
is_metadata(const Item *item)
{
    return (item->resource.flags & RUB_WIM_RESOURCE_METADATA) != 0;
}

static int
compare_items(gconstpointer a, gconstpointer b)
{
    const Item *first = a;
    const Item *second = b;
    if (is_metadata(first) || is_metadata(second))
        return is_metadata(first) && is_metadata(second)
                   ? (first->table_offset > second->table_offset) -
                         (first->table_offset < second->table_offset)
                   : is_metadata(second) - is_metadata(first);
    return (first->resource.offset_bytes > second->resource.offset_bytes) -
           (first->resource.offset_bytes < second->resource.offset_bytes);
}

/* Resources that share bytes would make the parts larger than the whole, without bounds. */
static gboolean
collect_items(Splitting *self)
{
    guint64 left_bytes = self->entry->size_bytes;
    RubBytes table = rub_bytes(self->table->data, self->table->len);
    for (gsize at = 0; at + RUB_WIM_LOOKUP_BYTES <= self->table->len; at += RUB_WIM_LOOKUP_BYTES) {
        Item item = {rub_wim_resource_parse(&table, at), at};
        if ((item.resource.flags & RUB_WIM_RESOURCE_SOLID) ||
            !rub_wim_resource_is_inside(&item.resource, self->entry->size_bytes) ||
            item.resource.stored_bytes > left_bytes ||
            rub_bytes_u16le(&table, at + RUB_WIM_LOOKUP_PART_AT) != 1)
            return FALSE;
        left_bytes -= item.resource.stored_bytes;
        g_array_append_val(self->items, item);
    }
    g_array_sort(self->items, compare_items);
    return self->items->len > 0;
}

static guint64
get_fixed_bytes(const Splitting *self)
{
    return RUB_WIM_HEADER_BYTES + (guint64) self->xml->len;
}

/* All metadata is in the first part. */
static GArray *
choose_parts(const Splitting *self)
{
    GArray *parts = g_array_new(FALSE, FALSE, sizeof(Part));
    Part part = {0, 0};
    guint64 size_bytes = get_fixed_bytes(self);
    for (guint i = 0; i < self->items->len; i++) {
        const Item *item = &g_array_index(self->items, Item, i);
        guint64 item_bytes = item->resource.stored_bytes + RUB_WIM_LOOKUP_BYTES;
        if (part.count > 0 && !is_metadata(item) && size_bytes + item_bytes > self->part_bytes) {
            g_array_append_val(parts, part);
            part = (Part){i, 0};
            size_bytes = get_fixed_bytes(self);
        }
        part.count++;
        size_bytes += item_bytes;
    }
    g_array_append_val(parts, part);
    return parts;
}

static void
put_resource(guint8 *at, guint64 size_bytes, guint8 flags, guint64 offset_bytes)
{
    rub_put_u64le(at, size_bytes | (guint64) flags << 56);
    rub_put_u64le(at + RUB_WIM_RESOURCE_OFFSET_AT, offset_bytes);
}

/* Table and description are stored as they are, so they are as large unpacked. */
static void
put_plain_resource(guint8 *at, guint64 size_bytes, guint8 flags, guint64 offset_bytes)
{
    put_resource(at, size_bytes, flags, offset_bytes);
    rub_put_u64le(at + 16, size_bytes);
}

/* The entries of a part's resources, as they will lie in it. Returns where the last one ends. */
static guint64
make_table(const Splitting *self, const Part *part, guint number, GByteArray *table)
{
    guint64 offset_bytes = RUB_WIM_HEADER_BYTES;
    for (guint i = 0; i < part->count; i++) {
        const Item *item = &g_array_index(self->items, Item, part->first + i);
        guint8 record[RUB_WIM_LOOKUP_BYTES];
        memcpy(record, self->table->data + item->table_offset, sizeof record);
        put_resource(record, item->resource.stored_bytes, item->resource.flags, offset_bytes);
        rub_put_u16le(record + RUB_WIM_LOOKUP_PART_AT, (guint16) number);
        g_byte_array_append(table, record, sizeof record);
        offset_bytes += item->resource.stored_bytes;
    }
    return offset_bytes;
}

/* Only the first part has the metadata of the image that starts. */
static void
put_boot_metadata(const Splitting *self, const Part *part, const GByteArray *table, guint8 *header)
{
    RubBytes old = rub_bytes(self->header, sizeof self->header);
    RubWimResource boot = rub_wim_resource_parse(&old, RUB_WIM_BOOT_METADATA_AT);
    memset(header + RUB_WIM_BOOT_METADATA_AT, 0, RUB_WIM_RESOURCE_BYTES);
    for (guint i = 0; boot.stored_bytes > 0 && i < part->count; i++) {
        const Item *item = &g_array_index(self->items, Item, part->first + i);
        if (is_metadata(item) && item->resource.offset_bytes == boot.offset_bytes)
            memcpy(header + RUB_WIM_BOOT_METADATA_AT, table->data + i * RUB_WIM_LOOKUP_BYTES,
                   RUB_WIM_RESOURCE_BYTES);
    }
}

/* The table of digests that a WIM may have is of the whole: parts have none. */
static void
make_header(const Splitting *self, const Part *part, guint number, guint part_count,
            const GByteArray *table, guint64 table_offset_bytes, guint8 *header)
{
    RubBytes old = rub_bytes(self->header, sizeof self->header);
    guint32 flags = rub_bytes_u32le(&old, RUB_WIM_FLAGS_AT);
    memcpy(header, self->header, sizeof self->header);
    rub_put_u32le(header + RUB_WIM_FLAGS_AT, flags | RUB_WIM_FLAG_SPANNED);
    rub_put_u16le(header + RUB_WIM_PART_NUMBER_AT, (guint16) number);
    rub_put_u16le(header + RUB_WIM_PART_COUNT_AT, (guint16) part_count);
    put_plain_resource(header + RUB_WIM_LOOKUP_TABLE_AT, table->len,
                       self->header[RUB_WIM_LOOKUP_TABLE_AT + RUB_WIM_RESOURCE_FLAGS_AT],
                       table_offset_bytes);
    put_plain_resource(header + RUB_WIM_XML_AT, self->xml->len,
                       self->header[RUB_WIM_XML_AT + RUB_WIM_RESOURCE_FLAGS_AT],
                       table_offset_bytes + table->len);
    put_boot_metadata(self, part, table, header);
    memset(header + RUB_WIM_INTEGRITY_AT, 0, RUB_WIM_HEADER_BYTES - RUB_WIM_INTEGRITY_AT);
}

/* sources/install.wim becomes sources/install.swm, sources/install2.swm and so on: the names that
 * Windows Setup looks for. */
static char *
make_path(const RubEntry *wim, guint number)
{
    const char *dot = strrchr(wim->path, '.');
    const char *slash = strrchr(wim->path, '/');
    gsize length = dot && (!slash || dot > slash) ? (gsize) (dot - wim->path) : strlen(wim->path);
    return number == 1 ? g_strdup_printf("%.*s.swm", (int) length, wim->path)
                       : g_strdup_printf("%.*s%u.swm", (int) length, wim->path, number);
}

static RubEntry *
make_part(const Splitting *self, const Part *part, guint number, guint part_count)
{
    guint8 header[RUB_WIM_HEADER_BYTES];
    g_autoptr(GByteArray) table = g_byte_array_new();
    RubEntry *entry = rub_entry_new(RUB_ENTRY_FILE, make_path(self->entry, number));
    guint64 table_offset_bytes = make_table(self, part, number, table);
    make_header(self, part, number, part_count, table, table_offset_bytes, header);
    rub_entry_add_memory(entry, header, sizeof header);
    for (guint i = 0; i < part->count; i++) {
        const Item *item = &g_array_index(self->items, Item, part->first + i);
        rub_entry_add_range(entry, self->entry, item->resource.offset_bytes,
                            item->resource.stored_bytes);
    }
    rub_entry_add_memory(entry, table->data, table->len);
    rub_entry_add_memory(entry, self->xml->data, self->xml->len);
    entry->size_bytes = table_offset_bytes + table->len + self->xml->len;
    entry->mtime_unix = self->entry->mtime_unix;
    return entry;
}

static GPtrArray *
make_parts(const Splitting *self)
{
    g_autoptr(GArray) parts = choose_parts(self);
    if (parts->len > MAX_PARTS)
        return NULL;
    GPtrArray *entries = g_ptr_array_new_with_free_func((GDestroyNotify) rub_entry_free);
    for (guint i = 0; i < parts->len; i++)
        g_ptr_array_add(entries,
                        make_part(self, &g_array_index(parts, Part, i), i + 1, parts->len));
    return entries;
}

/* Whether the header describes a WIM whose table and description can be read as they lie. */
static gboolean
find_tables(const Splitting *self, RubWimResource *table, RubWimResource *xml)
{
    g_autoptr(RubWim) wim = rub_wim_parse_header(self->header, self->entry->size_bytes);
    RubBytes header = rub_bytes(self->header, sizeof self->header);
    *table = rub_wim_resource_parse(&header, RUB_WIM_LOOKUP_TABLE_AT);
    *xml = rub_wim_resource_parse(&header, RUB_WIM_XML_AT);
    return wim && wim->is_splittable && wim->xml_size_bytes > 0 &&
           table->stored_bytes <= MAX_TABLE_BYTES;
}

gboolean
rub_wim_split(const RubSource *source, const RubEntry *entry, guint64 part_bytes, GPtrArray **parts,
              GError **error)
{
    *parts = NULL;
    Splitting self = {.entry = entry, .part_bytes = part_bytes};
    RubWimResource table, xml;
    if (entry->kind != RUB_ENTRY_FILE || entry->size_bytes < sizeof self.header)
        return TRUE;
    if (!rub_source_read(source, entry, 0, self.header, sizeof self.header, error))
        return FALSE;
    if (!find_tables(&self, &table, &xml))
        return TRUE;
    g_autoptr(GByteArray) table_bytes = self.table = g_byte_array_new();
    g_autoptr(GByteArray) xml_bytes = self.xml = g_byte_array_new();
    g_autoptr(GArray) items = self.items = g_array_new(FALSE, FALSE, sizeof(Item));
    if (!read_resource(source, entry, &table, self.table, error) ||
        !read_resource(source, entry, &xml, self.xml, error))
        return FALSE;
    if (collect_items(&self))
        *parts = make_parts(&self);
    return TRUE;
}
