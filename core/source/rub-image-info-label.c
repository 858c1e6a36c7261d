/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "base/rub-error.h"
#include "source/rub-image-info-private.h"
#include "source/rub-iso9660.h"

/* How much is looked at in all of an image, each byte as often as it is (three times at least), and
 * in how many places its menus may name their volume: many times what any has. Each place becomes a
 * piece of a file. */
#define MAX_WORK_BYTES ((guint64) 384 * 1024 * 1024)
#define MAX_USES 10000

/* Those within programs, too: GRUB's loaders for UEFI have one, as plain text, that finds the rest.
 * The largest are loader, kernel and its first filesystem in one. */
#define MAX_PROGRAM_BYTES ((guint64) 128 * 1024 * 1024)

/* What is held of a program at a time. */
#define WINDOW_BYTES ((gsize) 1024 * 1024)

/* How much of a line that does not end within a window is looked at again with the next. */
#define OVERLAP_BYTES ((gsize) 4096)

/* GRUB's signatures of files, made by GnuPG (GRUB manual, "Using GPG-style digital signatures"). */
#define SIGNATURE_SUFFIX ".sig"

/* The search for menus in an image. */
typedef struct {
    RubImageInfo *info;
    const RubSource *source;
    const char *label; /* may be empty */
    const char *uuid;  /* NULL where the image has none */
    RubMenuBudget budget;
    GCancellable *cancellable;
} Search;

/* What menus go by: Linux knows a disc by its ISO 9660 name, and Joliet cuts that short. */
static const char *
find_label(const RubImageInfo *self, const RubIso9660Volume *volume)
{
    return volume && strcmp(self->format, "Joliet") == 0 ? volume->name : self->volume_name;
}

static void
add_menu(Search *self, const RubEntry *entry, RubBootMenuState state, GArray *uses)
{
    RubBootMenu *menu = g_new0(RubBootMenu, 1);
    menu->entry = rub_entry_copy(entry, g_strdup(entry->path));
    menu->label =
        g_strdup(state == RUB_BOOT_MENU_BY_UUID || *self->label == '\0' ? self->uuid : self->label);
    menu->uses = uses ? g_array_ref(uses) : g_array_new(FALSE, FALSE, sizeof(RubLabelUse));
    menu->state = state;
    g_ptr_array_add(self->info->label_menus, menu);
}

static gboolean
read_part(const Search *self, const RubEntry *entry, guint64 offset_bytes, char *text,
          gsize size_bytes, GError **error)
{
    if (!g_cancellable_is_cancelled(self->cancellable))
        return rub_source_read(self->source, entry, offset_bytes, text, size_bytes, error);
    rub_error_set_cancelled(error);
    return FALSE;
}

static GArray *
find_uses(Search *self, const char *text, gsize size_bytes, RubMenuBudget *budget)
{
    return *self->label ? rub_boot_menu_find_label(text, size_bytes, self->label, budget)
                        : g_array_new(FALSE, FALSE, sizeof(RubLabelUse));
}

static gboolean
has_uuid(Search *self, const char *text, gsize size_bytes)
{
    return self->uuid && rub_boot_menu_has_uuid(text, size_bytes, self->uuid, &self->budget);
}

static gboolean
look_into_menu(Search *self, const RubEntry *entry, GError **error)
{
    g_autofree char *text = g_malloc(entry->size_bytes);
    if (!read_part(self, entry, 0, text, entry->size_bytes, error))
        return FALSE;
    g_autoptr(GArray) uses = find_uses(self, text, entry->size_bytes, &self->budget);
    if (has_uuid(self, text, entry->size_bytes))
        add_menu(self, entry, RUB_BOOT_MENU_BY_UUID, NULL);
    g_autofree char *signature = g_strconcat(entry->path, SIGNATURE_SUFFIX, NULL);
    if (rub_menu_budget_is_used_up(&self->budget))
        add_menu(self, entry, RUB_BOOT_MENU_ONE_TOO_MANY, NULL);
    else if (uses->len > 0 && rub_source_find(self->source, signature))
        add_menu(self, entry, RUB_BOOT_MENU_SIGNED, NULL);
    else if (uses->len > 0)
        add_menu(self, entry, RUB_BOOT_MENU_PLAIN, uses);
    return TRUE;
}

/* Whether a part of a program has the label; only lines that end in it count, but for very long
 * ones. Tells where the next part begins. */
static gboolean
search_window(Search *self, const char *text, gsize size_bytes, gboolean is_last, gsize *next)
{
    const char *newline = is_last ? NULL : memrchr(text, '\n', size_bytes);
    gsize end = newline ? (gsize) (newline + 1 - text) : size_bytes;
    RubMenuBudget budget = {self->budget.work_bytes, 1};
    g_autoptr(GArray) uses = find_uses(self, text, end, &budget);
    self->budget.work_bytes = budget.work_bytes;
    *next = newline || is_last ? end : size_bytes - OVERLAP_BYTES;
    return uses->len > 0;
}

static gboolean
look_into_program(Search *self, const RubEntry *entry, GError **error)
{
    g_autofree char *window = g_malloc(WINDOW_BYTES);
    gsize kept_bytes = 0;
    gboolean is_found = FALSE, is_by_uuid = FALSE;
    for (guint64 at = 0; at < entry->size_bytes && !is_found;) {
        gsize new_bytes = MIN(WINDOW_BYTES - kept_bytes, entry->size_bytes - at);
        if (!read_part(self, entry, at, window + kept_bytes, new_bytes, error))
            return FALSE;
        at += new_bytes;
        gsize size_bytes = kept_bytes + new_bytes;
        gsize next;
        is_by_uuid = is_by_uuid || has_uuid(self, window, size_bytes);
        is_found = search_window(self, window, size_bytes, at == entry->size_bytes, &next);
        kept_bytes = size_bytes - next;
        memmove(window, window + next, kept_bytes);
    }
    if (is_by_uuid)
        add_menu(self, entry, RUB_BOOT_MENU_BY_UUID, NULL);
    if (is_found)
        add_menu(self, entry, RUB_BOOT_MENU_IN_PROGRAM, NULL);
    else if (rub_menu_budget_is_used_up(&self->budget))
        add_menu(self, entry, RUB_BOOT_MENU_ONE_TOO_MANY, NULL);
    return TRUE;
}

static gboolean
look_into(Search *self, const RubEntry *entry, GError **error)
{
    gboolean is_program = rub_image_info_is_loader(entry);
    if (entry->size_bytes > (is_program ? MAX_PROGRAM_BYTES : RUB_BOOT_MENU_MAX_BYTES))
        add_menu(self, entry, RUB_BOOT_MENU_TOO_LARGE, NULL);
    else if (rub_menu_budget_is_used_up(&self->budget) ||
             entry->size_bytes > self->budget.work_bytes)
        add_menu(self, entry, RUB_BOOT_MENU_ONE_TOO_MANY, NULL);
    else
        return is_program ? look_into_program(self, entry, error)
                          : look_into_menu(self, entry, error);
    return TRUE;
}

static void
add_candidate(GPtrArray *candidates, RubEntry *entry, gboolean are_programs)
{
    if (are_programs ? entry->kind == RUB_ENTRY_FILE && rub_image_info_is_loader(entry)
                     : rub_boot_menu_is_one(entry))
        g_ptr_array_add(candidates, entry);
}

static void
add_candidates(GPtrArray *candidates, const RubImageInfo *self, const RubSource *source,
               gboolean are_programs)
{
    const GPtrArray *entries = rub_source_get_listing(source)->entries;
    for (guint i = 0; i < entries->len; i++)
        add_candidate(candidates, entries->pdata[i], are_programs);
    for (guint i = 0; i < self->extra_entries->len; i++) {
        const RubExtraEntry *extra = self->extra_entries->pdata[i];
        add_candidate(candidates, extra->entry, are_programs);
    }
}

gboolean
rub_image_info_add_label_menus(RubImageInfo *self, const RubSource *source,
                               GCancellable *cancellable, GError **error)
{
    g_autoptr(RubIso9660Volume) volume = rub_iso9660_read_volume(rub_source_get_image_file(source));
    const char *label = find_label(self, volume);
    const char *uuid = volume ? volume->uuid : NULL;
    if (self->kind == RUB_IMAGE_WINDOWS_PE || self->kind == RUB_IMAGE_WINDOWS_SETUP ||
        (*label == '\0' && !uuid))
        return TRUE;
    Search search = {self, source, label, uuid, {MAX_WORK_BYTES, MAX_USES}, cancellable};
    g_autoptr(GPtrArray) candidates = g_ptr_array_new();
    add_candidates(candidates, self, source, FALSE);
    add_candidates(candidates, self, source, TRUE);
    for (guint i = 0; i < candidates->len; i++) {
        if (!look_into(&search, candidates->pdata[i], error))
            return FALSE;
    }
    return TRUE;
}
