/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "source/rub-image-info-private.h"
#include "source/rub-iso9660.h"

/* Boot menus have some KiB; what is larger is something else. */
#define MAX_MENU_BYTES ((guint64) 256 * 1024)

/* How much is read of an image, whatever it calls a menu or a loader; many times what any has. */
#define MAX_TOTAL_BYTES ((guint64) 128 * 1024 * 1024)

/* Those within programs too: GRUB's loaders for UEFI have one, as plain text, that finds the rest.
 */
#define MAX_PROGRAM_BYTES ((guint64) 16 * 1024 * 1024)

/* In how many places a menu may name its volume: each becomes a piece of a file. */
#define MAX_USES 1000

/* GRUB's signatures of files, made by GnuPG (GRUB manual, "Using GPG-style digital signatures"). */
#define SIGNATURE_SUFFIX ".sig"

/* What menus go by: Linux knows a disc by its ISO 9660 name, and Joliet cuts that short. */
static char *
find_label(const RubImageInfo *self, const RubSource *source)
{
    if (strcmp(self->format, "Joliet") != 0)
        return g_strdup(self->volume_name);
    g_autoptr(RubIso9660Volume) volume = rub_iso9660_read_volume(rub_source_get_image_file(source));
    return g_strdup(volume ? volume->name : self->volume_name);
}

static RubBootMenu *
menu_new(const RubEntry *entry, const char *label, RubBootMenuState state)
{
    RubBootMenu *menu = g_new0(RubBootMenu, 1);
    menu->entry = rub_entry_copy(entry, g_strdup(entry->path));
    menu->label = g_strdup(label);
    menu->uses = g_array_new(FALSE, FALSE, sizeof(RubLabelUse));
    menu->state = state;
    return menu;
}

static RubBootMenuState
judge(const RubSource *source, const RubEntry *entry, const GArray *uses)
{
    if (rub_image_info_is_loader(entry))
        return RUB_BOOT_MENU_IN_PROGRAM;
    if (uses->len > MAX_USES)
        return RUB_BOOT_MENU_TOO_LARGE;
    g_autofree char *signature = g_strconcat(entry->path, SIGNATURE_SUFFIX, NULL);
    return rub_source_find(source, signature) ? RUB_BOOT_MENU_SIGNED : RUB_BOOT_MENU_PLAIN;
}

static gboolean
is_too_large(const RubEntry *entry)
{
    return entry->size_bytes >
           (rub_image_info_is_loader(entry) ? MAX_PROGRAM_BYTES : MAX_MENU_BYTES);
}

static gboolean
look_into(RubImageInfo *self, const RubSource *source, const RubEntry *entry, const char *label,
          guint64 *left_bytes, GError **error)
{
    if (is_too_large(entry) || entry->size_bytes > *left_bytes) {
        RubBootMenuState state =
            is_too_large(entry) ? RUB_BOOT_MENU_TOO_LARGE : RUB_BOOT_MENU_ONE_TOO_MANY;
        g_ptr_array_add(self->label_menus, menu_new(entry, label, state));
        return TRUE;
    }
    *left_bytes -= entry->size_bytes;
    g_autofree char *text = g_malloc(entry->size_bytes);
    if (!rub_source_read(source, entry, 0, text, entry->size_bytes, error))
        return FALSE;
    g_autoptr(GArray) uses = rub_boot_menu_find_label(text, entry->size_bytes, label);
    if (uses->len == 0)
        return TRUE;
    RubBootMenu *menu = menu_new(entry, label, judge(source, entry, uses));
    if (menu->state == RUB_BOOT_MENU_PLAIN)
        g_array_append_vals(menu->uses, uses->data, uses->len);
    g_ptr_array_add(self->label_menus, menu);
    return TRUE;
}

static void
add_candidate(GPtrArray *menus, RubEntry *entry, gboolean are_programs)
{
    if (are_programs ? entry->kind == RUB_ENTRY_FILE && rub_image_info_is_loader(entry)
                     : rub_boot_menu_is_one(entry))
        g_ptr_array_add(menus, entry);
}

static void
add_candidates(GPtrArray *menus, const RubImageInfo *self, const RubSource *source,
               gboolean are_programs)
{
    const GPtrArray *entries = rub_source_get_listing(source)->entries;
    for (guint i = 0; i < entries->len; i++)
        add_candidate(menus, entries->pdata[i], are_programs);
    for (guint i = 0; i < self->extra_entries->len; i++) {
        const RubExtraEntry *extra = self->extra_entries->pdata[i];
        add_candidate(menus, extra->entry, are_programs);
    }
}

gboolean
rub_image_info_add_label_menus(RubImageInfo *self, const RubSource *source, GError **error)
{
    g_autofree char *label = find_label(self, source);
    if (self->kind == RUB_IMAGE_WINDOWS_PE || self->kind == RUB_IMAGE_WINDOWS_SETUP ||
        *label == '\0')
        return TRUE;
    g_autoptr(GPtrArray) menus = g_ptr_array_new();
    guint64 left_bytes = MAX_TOTAL_BYTES;
    add_candidates(menus, self, source, FALSE);
    add_candidates(menus, self, source, TRUE);
    for (guint i = 0; i < menus->len; i++) {
        if (!look_into(self, source, menus->pdata[i], label, &left_bytes, error))
            return FALSE;
    }
    return TRUE;
}
