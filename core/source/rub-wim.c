/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "source/rub-wim.h"

#include "source/rub-wim-layout.h"

static gboolean
is_readable(const RubWimResource *resource, guint64 file_size_bytes)
{
    return rub_wim_resource_is_plain(resource) &&
           rub_wim_resource_is_inside(resource, file_size_bytes);
}

RubWim *
rub_wim_parse_header(const guint8 *header, guint64 file_size_bytes)
{
    if (file_size_bytes < RUB_WIM_HEADER_BYTES ||
        memcmp(header, RUB_WIM_MAGIC, sizeof RUB_WIM_MAGIC) != 0)
        return NULL;
    RubBytes bytes = rub_bytes(header, RUB_WIM_HEADER_BYTES);
    guint32 version = rub_bytes_u32le(&bytes, RUB_WIM_VERSION_AT);
    guint32 flags = rub_bytes_u32le(&bytes, RUB_WIM_FLAGS_AT);
    RubWimResource lookup_table = rub_wim_resource_parse(&bytes, RUB_WIM_LOOKUP_TABLE_AT);
    RubWimResource xml = rub_wim_resource_parse(&bytes, RUB_WIM_XML_AT);
    RubWim *self = g_new0(RubWim, 1);
    self->images = g_ptr_array_new();
    self->part_number = rub_bytes_u16le(&bytes, RUB_WIM_PART_NUMBER_AT);
    self->part_count = rub_bytes_u16le(&bytes, RUB_WIM_PART_COUNT_AT);
    self->image_count = rub_bytes_u32le(&bytes, RUB_WIM_IMAGE_COUNT_AT);
    self->boot_index = rub_bytes_u32le(&bytes, RUB_WIM_BOOT_INDEX_AT);
    self->is_solid = version == RUB_WIM_VERSION_SOLID;
    self->is_compressed = (flags & RUB_WIM_FLAG_COMPRESSED) != 0;
    self->is_splittable = !self->is_solid &&
                          !(flags & (RUB_WIM_FLAG_SPANNED | RUB_WIM_FLAG_WRITE_IN_PROGRESS)) &&
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
