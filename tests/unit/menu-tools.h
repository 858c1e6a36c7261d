/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <string.h>

#include "source/rub-boot-menu.h"

/* Boot menus of tests, which lie in memory. */

/* A file with these bytes, in pieces, as if it were scattered over the image. */
static inline RubEntry *
menu_entry_new(const char *path, const char *text, gsize size_bytes)
{
    RubEntry *entry = rub_entry_new(RUB_ENTRY_FILE, g_strdup(path));
    entry->size_bytes = size_bytes;
    entry->mtime_unix = 1700000000;
    for (gsize at = 0; at < size_bytes; at += 7) {
        rub_entry_add_memory(entry, text + at, MIN(7, size_bytes - at));
        g_byte_array_append(entry->memory, (const guint8 *) "#", 1); /* keeps them apart */
    }
    return entry;
}

/* The bytes of a file whose extents are all in memory. */
static inline char *
menu_entry_read(const RubEntry *entry)
{
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint i = 0; i < entry->extents->len; i++) {
        const RubExtent *extent = &g_array_index(entry->extents, RubExtent, i);
        g_assert_cmpuint(extent->offset_bytes, !=, RUB_EXTENT_HOLE);
        g_assert_cmpuint(extent->offset_bytes, >=, RUB_EXTENT_IN_MEMORY);
        guint64 at = extent->offset_bytes - RUB_EXTENT_IN_MEMORY;
        g_assert_cmpuint(at + extent->size_bytes, <=, entry->memory->len);
        g_string_append_len(text, (const char *) entry->memory->data + at,
                            (gssize) extent->size_bytes);
    }
    g_assert_cmpuint(text->len, ==, entry->size_bytes);
    return g_strdup(text->str);
}

/* More than any menu of a test takes. */
static inline GArray *
menu_find_label(const char *text, gsize size_bytes, const char *label)
{
    RubMenuBudget budget = {G_MAXUINT32, G_MAXUINT};
    return rub_boot_menu_find_label(text, size_bytes, label, &budget);
}

static inline RubBootMenu *
menu_new(const RubEntry *entry, const char *text, const char *label)
{
    RubBootMenu *menu = g_new0(RubBootMenu, 1);
    menu->entry = rub_entry_copy(entry, g_strdup(entry->path));
    menu->label = g_strdup(label);
    menu->uses = menu_find_label(text, strlen(text), label);
    return menu;
}
