/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rub-bidi.h"

#include <string.h>

#define RIGHT_TO_LEFT_MARK 0x200f
#define FIRST_STRONG_ISOLATE 0x2068
#define POP_DIRECTIONAL_ISOLATE 0x2069

#define GAP_LETTERS "abcdefghijklmnopqrstuvwxyz_"
#define FORMAT_FLAGS "0123456789$.-+#'*hljzt"
#define FORMAT_CONVERSIONS "diouxXeEfFgGcsp"

static gboolean
is_right_to_left(gunichar c)
{
    switch (g_unichar_get_script(c)) {
    case G_UNICODE_SCRIPT_ARABIC:
    case G_UNICODE_SCRIPT_HEBREW:
    case G_UNICODE_SCRIPT_NKO:
    case G_UNICODE_SCRIPT_SYRIAC:
    case G_UNICODE_SCRIPT_THAANA:
        return g_unichar_isalpha(c);
    default:
        return FALSE;
    }
}

/* Returns how long the gap is that begins here; 0 for none. */
static gsize
measure_gap(const char *at)
{
    if (*at == '{') {
        gsize length = strspn(at + 1, GAP_LETTERS);
        return length > 0 && at[1 + length] == '}' ? length + 2 : 0;
    }
    if (*at != '%')
        return 0;
    gsize length = strspn(at + 1, FORMAT_FLAGS);
    char conversion = at[1 + length];
    return conversion && strchr(FORMAT_CONVERSIONS, conversion) ? length + 2 : 0;
}

/* A gap goes together with what touches it: the words of "FAT{bits}" and "{size}/s" would come
 * apart. Returns how long the word is that begins here and has a gap in it; 0 for none. */
static gsize
measure_isolate(const char *at)
{
    gboolean has_gap = FALSE;
    gsize length = 0;
    for (;;) {
        gsize gap = measure_gap(at + length);
        if (gap == 0 && !g_ascii_isalnum(at[length]) && at[length] != '/')
            return has_gap ? length : 0;
        has_gap |= gap > 0;
        length += MAX(gap, 1);
    }
}

/* Which direction a line seems to have follows from its first letter (UAX 9, P2); gaps are to be
 * filled with anything. */
static gboolean
needs_direction(const char *line)
{
    const char *at = line;
    while (*at && *at != '\n' && measure_gap(at) == 0 && !g_unichar_isalpha(g_utf8_get_char(at)))
        at = g_utf8_next_char(at);
    return *at && *at != '\n' && !is_right_to_left(g_utf8_get_char(at));
}

static gboolean
has_reason_for_marks(const char *sentence)
{
    for (const char *at = sentence; *at; at = g_utf8_next_char(at)) {
        if (measure_gap(at) > 0 || is_right_to_left(g_utf8_get_char(at)))
            return TRUE;
    }
    return FALSE;
}

static const char *
append_isolate(GString *out, const char *at, gsize length)
{
    g_string_append_unichar(out, FIRST_STRONG_ISOLATE);
    g_string_append_len(out, at, (gssize) length);
    g_string_append_unichar(out, POP_DIRECTIONAL_ISOLATE);
    return at + length;
}

/* Appends a word at once, so that its end is not looked at as if it began there; so is "%%", which
 * is no gap. */
static const char *
append_next(GString *out, const char *at)
{
    gsize isolate = measure_isolate(at);
    if (isolate > 0)
        return append_isolate(out, at, isolate);
    const char *next = g_str_has_prefix(at, "%%") ? at + 2 : g_utf8_next_char(at);
    while (g_ascii_isalnum(next[-1]) && g_ascii_isalnum(*next))
        next++;
    g_string_append_len(out, at, next - at);
    return next;
}

char *
rub_bidi_mark(const char *sentence)
{
    if (!has_reason_for_marks(sentence))
        return g_strdup(sentence);
    GString *out = g_string_new(NULL);
    for (const char *at = sentence; *at;) {
        gboolean begins_line = at == sentence || at[-1] == '\n';
        if (begins_line && needs_direction(at))
            g_string_append_unichar(out, RIGHT_TO_LEFT_MARK);
        at = append_next(out, at);
    }
    return g_string_free(out, FALSE);
}

gboolean
rub_bidi_is_mark(gunichar c)
{
    return c == RIGHT_TO_LEFT_MARK || c == FIRST_STRONG_ISOLATE || c == POP_DIRECTIONAL_ISOLATE;
}

char *
rub_bidi_strip(const char *text)
{
    GString *out = g_string_new(NULL);
    for (const char *at = text; *at; at = g_utf8_next_char(at)) {
        if (!rub_bidi_is_mark(g_utf8_get_char(at)))
            g_string_append_unichar(out, g_utf8_get_char(at));
    }
    return g_string_free(out, FALSE);
}
