/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "volume/rub-fat-label.h"

#include <string.h>

#define DEFAULT_LABEL "RESCUE"
#define NO_LABEL "NO NAME"

static gboolean
is_allowed(char c)
{
    return c >= ' ' && c < 0x7f && !strchr("\"*+,./:;<=>?[\\]|", c);
}

gboolean
rub_fat_label_is_valid(const char *label)
{
    gsize length = strlen(label);
    if (length == 0 || length > RUB_FAT_MAX_LABEL_BYTES)
        return FALSE;
    if (label[0] == ' ' || label[length - 1] == ' ' || g_ascii_strcasecmp(label, NO_LABEL) == 0)
        return FALSE;
    gboolean has_letter = FALSE;
    for (const char *c = label; *c; c++) {
        if (!is_allowed(*c))
            return FALSE;
        has_letter |= g_ascii_isalnum(*c);
    }
    return has_letter;
}

char *
rub_fat_label_make(const char *wanted)
{
    g_autofree char *valid = g_utf8_make_valid(wanted ? wanted : "", -1);
    GString *label = g_string_new(NULL);
    gboolean has_letter = FALSE;
    for (const char *c = g_strstrip(valid); *c && label->len < RUB_FAT_MAX_LABEL_BYTES;
         c = g_utf8_next_char(c)) {
        gboolean keeps = is_allowed(*c);
        has_letter |= keeps && g_ascii_isalnum(*c);
        g_string_append_c(label, keeps ? g_ascii_toupper(*c) : '_');
    }
    g_autofree char *result = g_strchomp(g_string_free(label, FALSE));
    if (!has_letter || strcmp(result, NO_LABEL) == 0)
        return g_strdup(DEFAULT_LABEL);
    return g_steal_pointer(&result);
}
