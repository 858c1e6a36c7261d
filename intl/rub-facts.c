/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rub-facts.h"

#include "rub-intl.h"

char *
rub_facts_name_firmware(RubMachine uefi_machines, gboolean starts_bios)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    for (guint bit = 1; bit <= RUB_MACHINE_ALL; bit <<= 1) {
        if (uefi_machines & bit)
            g_ptr_array_add(
                names, g_strdup_printf(rub_intl_mark("UEFI %s"), _(rub_machine_get_name(bit))));
    }
    if (starts_bios)
        g_ptr_array_add(names, g_strdup("BIOS"));
    if (names->len == 0)
        return g_strdup(_("nothing"));
    /* Translators: between what a stick starts on: "UEFI 64-bit, BIOS". */
    return rub_intl_join(names, _(", "));
}

char *
rub_facts_name_image_firmware(const RubImageInfo *info)
{
    return rub_facts_name_firmware(info->uefi_machines | info->raw_uefi_machines,
                                   info->boots_bios || info->raw_starts_bios);
}

char *
rub_facts_count_files(guint count)
{
    return g_strdup_printf(ngettext("%u file", "%u files", count), count);
}

char *
rub_facts_name_filesystem(const char *filesystem, guint fat_bits)
{
    if (fat_bits)
        return g_strdup_printf("FAT%u", fat_bits);
    return filesystem ? g_ascii_strup(filesystem, -1) : g_strdup(_("unknown contents"));
}

const char *
rub_facts_name_table(const RubLayout *layout)
{
    switch (layout->table) {
    case RUB_TABLE_SUPERFLOPPY:
        return _("no partition table");
    case RUB_TABLE_MBR:
        return "MBR";
    case RUB_TABLE_GPT:
        return "GPT";
    case RUB_TABLE_HYBRID_ISO:
        return _("an image written byte by byte");
    case RUB_TABLE_OTHER:
        return layout->table_name ? layout->table_name : _("empty or unknown");
    default:
        return _("empty or unknown");
    }
}
