/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "source/rub-pe-resource.h"

#include "source/rub-pe-layout.h"

/* More entries in one folder of resources than any program has. */
#define MAX_ENTRIES 4096

/* The section that a relative virtual address lies in tells where its bytes are in the file. */
static gboolean
find_in_file(RubBytes *program, gsize sections_at, guint section_count, guint32 address, gsize *at)
{
    for (guint i = 0; i < section_count; i++) {
        gsize section = sections_at + i * RUB_PE_SECTION_BYTES;
        guint32 start = rub_bytes_u32le(program, section + RUB_PE_SECTION_ADDRESS_AT);
        guint32 raw_size = rub_bytes_u32le(program, section + RUB_PE_SECTION_RAW_SIZE_AT);
        guint32 raw_at = rub_bytes_u32le(program, section + RUB_PE_SECTION_RAW_AT);
        if (!program->overrun && address >= start && address - start < raw_size) {
            *at = (gsize) raw_at + (address - start);
            return TRUE;
        }
    }
    return FALSE;
}

static gboolean
has_name(RubBytes *resources, gsize at, const char *name)
{
    gsize length = strlen(name);
    if (rub_bytes_u16le(resources, at) != length)
        return FALSE;
    for (gsize i = 0; i < length; i++) {
        if (rub_bytes_u16le(resources, at + 2 + 2 * i) != (guint8) name[i])
            return FALSE;
    }
    return TRUE;
}

/* Looks an entry of a folder up: by @name, else by @id, else the first. Returns where what it
 * leads to begins in the resources, with the mark that it is a folder. */
static gboolean
find_entry(RubBytes *resources, gsize folder_at, const char *name, guint32 id, guint32 *found)
{
    guint named = rub_bytes_u16le(resources, folder_at + 12);
    guint count = named + rub_bytes_u16le(resources, folder_at + 14);
    for (guint i = 0; i < MIN(count, MAX_ENTRIES) && !resources->overrun; i++) {
        gsize at = folder_at + RUB_PE_RESOURCE_FOLDER_BYTES + i * RUB_PE_RESOURCE_ENTRY_BYTES;
        guint32 key = rub_bytes_u32le(resources, at);
        *found = rub_bytes_u32le(resources, at + 4);
        if (!name && (id == 0 || key == id))
            return TRUE;
        if (name && (key & RUB_PE_RESOURCE_IS_FOLDER) &&
            has_name(resources, key & ~RUB_PE_RESOURCE_IS_FOLDER, name))
            return TRUE;
    }
    return FALSE;
}

static gboolean
is_folder(guint32 place)
{
    return (place & RUB_PE_RESOURCE_IS_FOLDER) != 0;
}

/* Type, name, language: three folders deep; any language will do. */
static gboolean
find_data_entry(RubBytes *resources, const char *name, guint32 *data_at)
{
    const guint32 mask = ~RUB_PE_RESOURCE_IS_FOLDER;
    guint32 type_at, name_at;
    return find_entry(resources, 0, NULL, RUB_PE_RESOURCE_RAW_DATA, &type_at) &&
           is_folder(type_at) && find_entry(resources, type_at & mask, name, 0, &name_at) &&
           is_folder(name_at) && find_entry(resources, name_at & mask, NULL, 0, data_at) &&
           !is_folder(*data_at);
}

const guint8 *
rub_pe_resource_find(const guint8 *program, gsize size_bytes, const char *name, gsize *found_size)
{
    RubBytes bytes = rub_bytes(program, size_bytes);
    gsize header_at = rub_bytes_u32le(&bytes, RUB_PE_DOS_HEADER_AT);
    guint section_count = rub_bytes_u16le(&bytes, header_at + RUB_PE_SECTION_COUNT_AT);
    gsize optional_at = header_at + RUB_PE_HEADER_BYTES;
    gsize sections_at = optional_at + rub_bytes_u16le(&bytes, header_at + RUB_PE_OPTIONAL_BYTES_AT);
    gboolean is_wide = rub_bytes_u16le(&bytes, optional_at) == RUB_PE32_PLUS;
    gsize directory_at = optional_at +
                         (is_wide ? RUB_PE32_PLUS_DIRECTORIES_AT : RUB_PE32_DIRECTORIES_AT) +
                         RUB_PE_DIRECTORY_RESOURCES * RUB_PE_DIRECTORY_BYTES;
    guint32 address = rub_bytes_u32le(&bytes, directory_at);
    guint32 resources_bytes = rub_bytes_u32le(&bytes, directory_at + 4);
    gsize resources_at, data_at;
    guint32 entry_at;
    if (bytes.overrun || address == 0 ||
        !find_in_file(&bytes, sections_at, section_count, address, &resources_at))
        return NULL;
    RubBytes resources = rub_bytes_slice(&bytes, resources_at, resources_bytes);
    if (!find_data_entry(&resources, name, &entry_at))
        return NULL;
    guint32 data_address = rub_bytes_u32le(&resources, entry_at);
    *found_size = rub_bytes_u32le(&resources, entry_at + 4);
    if (resources.overrun ||
        !find_in_file(&bytes, sections_at, section_count, data_address, &data_at))
        return NULL;
    return rub_bytes_at(&bytes, data_at, *found_size);
}
