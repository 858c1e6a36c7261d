/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rub-boot-keys.h"

#include "rub-expander.h"
#include "rub-intl.h"
#include "rub-list.h"

/* From the makers' support pages; models differ, so the commonest key comes first. */
static const struct {
    const char *maker;
    const char *key;
} boot_keys[] = {
    {"Acer", "F12"},
    {"Apple (Intel)", N_("Option (⌥)")},
    {"ASRock", "F11"},
    {"ASUS", N_("Esc or F8")},
    {"Dell", "F12"},
    {"Fujitsu", "F12"},
    {"Gigabyte", "F12"},
    {"HP", N_("F9, or Esc and then F9")},
    {"Intel NUC", "F10"},
    {"Lenovo", N_("F12, or the small Novo button")},
    {"Medion", N_("F10 or F8")},
    {"Microsoft Surface", N_("hold Volume Down while switching on")},
    {"MSI", "F11"},
    {"Samsung", N_("F10 or Esc")},
    {"Sony Vaio", N_("the Assist button")},
    {"Toshiba", "F12"},
};

void
rub_boot_keys_fill(AdwExpanderRow *row)
{
    for (gsize i = 0; i < G_N_ELEMENTS(boot_keys); i++) {
        AdwActionRow *child = rub_list_make_fact(boot_keys[i].maker, _(boot_keys[i].key));
        adw_expander_row_add_row(row, GTK_WIDGET(child));
        if (i == 0)
            rub_expander_set_up(row, GTK_WIDGET(child));
    }
}
