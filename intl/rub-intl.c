/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rub-intl.h"

#include <locale.h>
#include <string.h>

#include "rub-bidi.h"

static gboolean uses_marks;

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

/* The translation of nothing is the header of the translation file, which names its language:
 * which one is in use depends on which translations there are, too. */
static gboolean
is_written_from_right_to_left(void)
{
    static const char header[] = "";
    static const char field[] = "\nLanguage: ";
    static const char *const languages[] = {"ar", "ckb", "dv", "fa", "he",
                                            "ps", "sd",  "ug", "ur", "yi"};
    const char *found = strstr(gettext(header), field);
    const char *language = found ? found + strlen(field) : "";
    gsize length = strspn(language, "abcdefghijklmnopqrstuvwxyz");
    for (gsize i = 0; i < G_N_ELEMENTS(languages); i++) {
        if (strlen(languages[i]) == length && strncmp(language, languages[i], length) == 0)
            return TRUE;
    }
    return FALSE;
}

void
rub_intl_use_marks(void)
{
    uses_marks = is_written_from_right_to_left();
}

/* There are only so many sentences: those with marks stay, as translations do. */
const char *
rub_intl_mark(const char *format)
{
    if (!uses_marks)
        return format;
    g_autofree char *marked = rub_bidi_mark(format);
    return g_intern_string(marked);
}

const char *
rub_intl_get(const char *text)
{
    return rub_intl_translate(text, NULL, 1);
}

gboolean
rub_intl_is_shown(gunichar c)
{
    return g_unichar_isprint(c) || (uses_marks && rub_bidi_is_mark(c));
}

char *
rub_intl_join(const GPtrArray *parts, const char *separator)
{
    GString *out = g_string_new(NULL);
    for (guint i = 0; i < parts->len; i++) {
        if (i > 0)
            g_string_append(out, separator);
        g_string_append_printf(out, rub_intl_mark("%s"), (const char *) parts->pdata[i]);
    }
    return g_string_free(out, FALSE);
}

const char *
rub_intl_translate(const char *singular, const char *plural, gulong count)
{
    /* The translation of nothing is the header of the translation file. */
    if (*singular == '\0')
        return singular;
    const char *text = plural ? ngettext(singular, plural, count) : gettext(singular);
    return text == singular || text == plural ? text : rub_intl_mark(text);
}
