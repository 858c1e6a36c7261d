/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libFuzzer target: the input is a label, a zero and a boot menu. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "source/rub-boot-menu.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *label = (const char *) data;
    const uint8_t *zero = size > 0 ? memchr(data, 0, size) : NULL;
    if (!zero || zero == data)
        return 0;
    const char *text = (const char *) zero + 1;
    gsize text_bytes = size - (gsize) (zero + 1 - data);
    g_autoptr(RubBootMenu) menu = g_new0(RubBootMenu, 1);
    menu->label = g_strdup(label);
    RubMenuBudget budget = {(guint64) 64 * size, 1000};
    menu->uses = rub_boot_menu_find_label(text, text_bytes, label, &budget);
    g_assert(menu->uses->len + budget.use_count == 1000);
    RubMenuBudget uuid_budget = {(guint64) 64 * size, 1000};
    rub_boot_menu_has_uuid(text, text_bytes, label, &uuid_budget);
    menu->entry = rub_entry_new(RUB_ENTRY_FILE, g_strdup("boot/grub/grub.cfg"));
    menu->entry->size_bytes = text_bytes;
    rub_entry_add_extent(menu->entry, 4096, text_bytes);
    guint64 end_bytes = 0;
    for (guint i = 0; i < menu->uses->len; i++) {
        const RubLabelUse *use = &g_array_index(menu->uses, RubLabelUse, i);
        g_assert(use->offset_bytes >= end_bytes && use->size_bytes >= strlen(label));
        end_bytes = use->offset_bytes + use->size_bytes;
    }
    g_assert(end_bytes <= text_bytes);
    g_autoptr(RubEntry) changed =
        rub_boot_menu_relabel(menu, rub_boot_menu_can_look_for(menu, "A B") ? "A B" : "AB");
    g_assert(menu->uses->len > 0 || changed->size_bytes == text_bytes);
    return 0;
}
