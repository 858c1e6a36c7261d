/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rub-cli-size.h"

#include "base/rub-error.h"
#include "rub-intl.h"

/* 1 for no unit, 0 for one that is none. */
static guint64
get_unit_bytes(const char *unit)
{
    static const char letters[] = "kmgt";
    if (!*unit)
        return 1;
    guint64 base = 1024;
    if (g_ascii_strcasecmp(unit + 1, "b") == 0)
        base = 1000;
    else if (unit[1] && g_ascii_strcasecmp(unit + 1, "ib") != 0)
        return 0;
    guint64 size_bytes = 1;
    for (const char *letter = letters; *letter; letter++) {
        size_bytes *= base;
        if (*letter == g_ascii_tolower(*unit))
            return size_bytes;
    }
    return 0;
}

gboolean
rub_cli_size_parse(const char *text, guint64 *size_bytes, GError **error)
{
    char *unit = NULL;
    guint64 number = g_ascii_isdigit(*text) ? g_ascii_strtoull(text, &unit, 10) : 0;
    guint64 unit_bytes = unit ? get_unit_bytes(unit) : 0;
    if (unit_bytes == 0) {
        g_set_error(error, RUB_ERROR, RUB_CODE_USAGE,
                    _("\"%s\" is not a size; examples: 8G, 512M, 8000000000"), text);
        return FALSE;
    }
    if (number == 0 || !g_uint64_checked_mul(size_bytes, number, unit_bytes) ||
        *size_bytes > G_MAXINT64) {
        g_set_error(error, RUB_ERROR, RUB_CODE_USAGE, _("no disk image can have the size \"%s\""),
                    text);
        return FALSE;
    }
    return TRUE;
}
