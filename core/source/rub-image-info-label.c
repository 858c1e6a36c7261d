/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "source/rub-image-info-private.h"

/* Boot menus have some KiB; what is larger, or one of so many, is something else. */
#define MAX_MENU_BYTES ((guint64) 256 * 1024)
#define MAX_MENUS 200

/* How spaces are written in a kernel's command line (udev's encoding of names). */
#define SPACE_IN_COMMAND_LINE "\\x20"

static gboolean
is_boot_menu(const RubEntry *entry)
{
    static const char *const places[] = {"boot/", "grub", "linux/", "loader/", "efi/"};
    g_autofree char *path = g_ascii_strdown(entry->path, -1);
    if (entry->kind != RUB_ENTRY_FILE || entry->size_bytes == 0 ||
        entry->size_bytes > MAX_MENU_BYTES ||
        !(g_str_has_suffix(path, ".cfg") || g_str_has_suffix(path, ".conf")))
        return FALSE;
    for (guint i = 0; i < G_N_ELEMENTS(places); i++) {
        if (strstr(path, places[i]))
            return TRUE;
    }
    return FALSE;
}

static gboolean
ends_word(char c)
{
    return c == '\0' || g_ascii_isspace(c) || strchr("'\":,", c) != NULL;
}

/* GRUB's "search --label NAME" in all its spellings, and parameters of kernels: CDLABEL=NAME of
 * Fedora's live systems, archisolabel=NAME, root=LABEL=NAME. */
static gboolean
is_searched(const char *line, const char *name_at)
{
    static const char parameter[] = "label=";
    gsize parameter_bytes = sizeof parameter - 1;
    const char *word = name_at;
    if (word > line && strchr("'\"", word[-1]))
        word--;
    if ((gsize) (word - line) >= parameter_bytes &&
        g_ascii_strncasecmp(word - parameter_bytes, parameter, parameter_bytes) == 0)
        return TRUE;
    return word > line && g_ascii_isspace(word[-1]) && g_str_has_prefix(line, "search") &&
           (strstr(line, "label") || strstr(line, " -l "));
}

static gboolean
line_searches(const char *line, const char *name)
{
    gsize length = strlen(name);
    for (const char *at = strstr(line, name); at; at = strstr(at + 1, name)) {
        if (ends_word(at[length]) && is_searched(line, at))
            return TRUE;
    }
    return FALSE;
}

static gboolean
menu_searches(const char *menu, const char *name)
{
    g_auto(GStrv) parts = g_strsplit(name, " ", -1);
    g_autofree char *encoded = g_strjoinv(SPACE_IN_COMMAND_LINE, parts);
    g_auto(GStrv) lines = g_strsplit(menu, "\n", -1);
    for (guint i = 0; lines[i]; i++) {
        const char *line = g_strstrip(lines[i]);
        if (*line != '#' && (line_searches(line, name) || line_searches(line, encoded)))
            return TRUE;
    }
    return FALSE;
}

static gboolean
look_into(RubImageInfo *self, const RubSource *source, const RubEntry *entry, GError **error)
{
    g_autofree char *menu = g_malloc0(entry->size_bytes + 1);
    if (!rub_source_read(source, entry, 0, (guint8 *) menu, entry->size_bytes, error))
        return FALSE;
    if (menu_searches(menu, self->volume_name))
        self->label_user = g_strdup(entry->path);
    return TRUE;
}

static GPtrArray *
list_menus(const RubImageInfo *self, const RubSource *source)
{
    const GPtrArray *entries = rub_source_get_listing(source)->entries;
    GPtrArray *menus = g_ptr_array_new();
    for (guint i = 0; i < entries->len; i++) {
        if (is_boot_menu(entries->pdata[i]))
            g_ptr_array_add(menus, entries->pdata[i]);
    }
    for (guint i = 0; i < self->extra_entries->len; i++) {
        const RubExtraEntry *extra = self->extra_entries->pdata[i];
        if (is_boot_menu(extra->entry))
            g_ptr_array_add(menus, extra->entry);
    }
    return menus;
}

gboolean
rub_image_info_add_label_user(RubImageInfo *self, const RubSource *source, GError **error)
{
    if (self->kind == RUB_IMAGE_WINDOWS_PE || self->kind == RUB_IMAGE_WINDOWS_SETUP ||
        *self->volume_name == '\0')
        return TRUE;
    g_autoptr(GPtrArray) menus = list_menus(self, source);
    for (guint i = 0; i < MIN(menus->len, MAX_MENUS) && !self->label_user; i++) {
        if (!look_into(self, source, menus->pdata[i], error))
            return FALSE;
    }
    return TRUE;
}
