/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rub-intl.h"

#include <locale.h>

void
rub_intl_init(void)
{
    const char *folder = g_getenv("RUB_LOCALEDIR");
    setlocale(LC_ALL, "");
    bindtextdomain(GETTEXT_PACKAGE, folder && *folder ? folder : LOCALEDIR);
    /* GLib's texts are UTF-8 everywhere; so must be what is put together with them. */
    bind_textdomain_codeset(GETTEXT_PACKAGE, "UTF-8");
    textdomain(GETTEXT_PACKAGE);
}

const char *
rub_intl_translate(const char *singular, const char *plural, gulong count)
{
    /* The translation of nothing is the header of the translation file. */
    if (*singular == '\0')
        return singular;
    return plural ? ngettext(singular, plural, count) : gettext(singular);
}
