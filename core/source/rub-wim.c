/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "source/rub-wim.h"

#include "base/rub-bytes.h"

/* Microsoft's "Windows Imaging File Format (WIM)" white paper: header and resource entries. */
#define MAGIC "MSWIM\0\0"
#define VERSION_SOLID 0xe00
#define FLAG_COMPRESSED 0x2
#define FLAG_SPANNED 0x8
#define FLAG_WRITE_IN_PROGRESS 0x40
#define RESOURCE_COMPRESSED 0x4
#define RESOURCE_SOLID 0x10
#define LOOKUP_TABLE_AT 48
#define XML_AT 72

typedef struct {
    guint64 stored_bytes;
    guint8 flags;
    guint64 offset_bytes;
} Resource;

/* Seven bytes of size, one of flags, then where it lies and its size when unpacked. */
static Resource
read_resource(RubBytes *bytes, gsize at)
{
    guint64 first = rub_bytes_u64le(bytes, at);
    return (Resource){
        .stored_bytes = first & G_GUINT64_CONSTANT(0x00ffffffffffffff),
        .flags = first >> 56,
        .offset_bytes = rub_bytes_u64le(bytes, at + 8),
    };
}

static gboolean
is_readable(const Resource *resource, guint64 file_size_bytes)
{
    return !(resource->flags & (RESOURCE_COMPRESSED | RESOURCE_SOLID)) &&
           resource->offset_bytes <= file_size_bytes &&
           resource->stored_bytes <= file_size_bytes - resource->offset_bytes;
}

RubWim *
rub_wim_parse_header(const guint8 *header, guint64 file_size_bytes)
{
    if (file_size_bytes < RUB_WIM_HEADER_BYTES || memcmp(header, MAGIC, sizeof MAGIC) != 0)
        return NULL;
    RubBytes bytes = rub_bytes(header, RUB_WIM_HEADER_BYTES);
    guint32 version = rub_bytes_u32le(&bytes, 12);
    guint32 flags = rub_bytes_u32le(&bytes, 16);
    Resource lookup_table = read_resource(&bytes, LOOKUP_TABLE_AT);
    Resource xml = read_resource(&bytes, XML_AT);
    RubWim *self = g_new0(RubWim, 1);
    self->images = g_ptr_array_new();
    self->part_number = rub_bytes_u16le(&bytes, 40);
    self->part_count = rub_bytes_u16le(&bytes, 42);
    self->image_count = rub_bytes_u32le(&bytes, 44);
    self->boot_index = rub_bytes_u32le(&bytes, 120);
    self->is_solid = version == VERSION_SOLID;
    self->is_compressed = (flags & FLAG_COMPRESSED) != 0;
    self->is_splittable = !self->is_solid && !(flags & (FLAG_SPANNED | FLAG_WRITE_IN_PROGRESS)) &&
                          self->part_count == 1 && is_readable(&lookup_table, file_size_bytes);
    if (xml.stored_bytes <= RUB_WIM_MAX_XML_BYTES && is_readable(&xml, file_size_bytes)) {
        self->xml_offset_bytes = xml.offset_bytes;
        self->xml_size_bytes = xml.stored_bytes;
    }
    return self;
}

gboolean
rub_wim_read(const RubSource *source, const RubEntry *entry, RubWim **wim, GError **error)
{
    *wim = NULL;
    guint8 header[RUB_WIM_HEADER_BYTES];
    if (entry->kind != RUB_ENTRY_FILE || entry->size_bytes < sizeof header)
        return TRUE;
    if (!rub_source_read(source, entry, 0, header, sizeof header, error))
        return FALSE;
    g_autoptr(RubWim) self = rub_wim_parse_header(header, entry->size_bytes);
    if (self == NULL)
        return TRUE;
    g_autofree guint8 *xml = g_malloc(self->xml_size_bytes);
    if (!rub_source_read(source, entry, self->xml_offset_bytes, xml, self->xml_size_bytes, error))
        return FALSE;
    rub_wim_parse_xml(self, xml, self->xml_size_bytes);
    *wim = g_steal_pointer(&self);
    return TRUE;
}

const RubWimImage *
rub_wim_get_boot_image(const RubWim *self)
{
    if (self->images->len == 0)
        return NULL;
    guint index =
        self->boot_index > 0 && self->boot_index <= self->images->len ? self->boot_index - 1 : 0;
    return g_ptr_array_index(self->images, index);
}

void
rub_wim_free(RubWim *self)
{
    g_ptr_array_unref(self->images);
    g_free(self);
}
