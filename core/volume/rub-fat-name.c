/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "volume/rub-fat-name.h"

#include <string.h>

#define BASE_BYTES 8
#define EXT_BYTES 3

/* How much of a name behind its last dot is kept when the name is cut. */
#define MAX_KEPT_EXT_UNITS 32

/* Code page 437, bytes 128 to 255. */
static const gunichar2 code_page_437[128] = {
    0x00c7, 0x00fc, 0x00e9, 0x00e2, 0x00e4, 0x00e0, 0x00e5, 0x00e7, 0x00ea, 0x00eb, 0x00e8, 0x00ef,
    0x00ee, 0x00ec, 0x00c4, 0x00c5, 0x00c9, 0x00e6, 0x00c6, 0x00f4, 0x00f6, 0x00f2, 0x00fb, 0x00f9,
    0x00ff, 0x00d6, 0x00dc, 0x00a2, 0x00a3, 0x00a5, 0x20a7, 0x0192, 0x00e1, 0x00ed, 0x00f3, 0x00fa,
    0x00f1, 0x00d1, 0x00aa, 0x00ba, 0x00bf, 0x2310, 0x00ac, 0x00bd, 0x00bc, 0x00a1, 0x00ab, 0x00bb,
    0x2591, 0x2592, 0x2593, 0x2502, 0x2524, 0x2561, 0x2562, 0x2556, 0x2555, 0x2563, 0x2551, 0x2557,
    0x255d, 0x255c, 0x255b, 0x2510, 0x2514, 0x2534, 0x252c, 0x251c, 0x2500, 0x253c, 0x255e, 0x255f,
    0x255a, 0x2554, 0x2569, 0x2566, 0x2560, 0x2550, 0x256c, 0x2567, 0x2568, 0x2564, 0x2565, 0x2559,
    0x2558, 0x2552, 0x2553, 0x256b, 0x256a, 0x2518, 0x250c, 0x2588, 0x2584, 0x258c, 0x2590, 0x2580,
    0x03b1, 0x00df, 0x0393, 0x03c0, 0x03a3, 0x03c3, 0x00b5, 0x03c4, 0x03a6, 0x0398, 0x03a9, 0x03b4,
    0x221e, 0x03c6, 0x03b5, 0x2229, 0x2261, 0x00b1, 0x2265, 0x2264, 0x2320, 0x2321, 0x00f7, 0x2248,
    0x00b0, 0x2219, 0x00b7, 0x221a, 0x207f, 0x00b2, 0x25a0, 0x00a0,
};

static gboolean
is_forbidden(gunichar c)
{
    return c < 0x80 && c != 0 && strchr("\"*/:<>?\\|", (int) c) != NULL;
}

static guint
count_units(const char *utf8)
{
    guint units = 0;
    for (const char *p = utf8; *p; p = g_utf8_next_char(p))
        units += g_utf8_get_char(p) > 0xffff ? 2 : 1;
    return units;
}

/* The length of the device name that Windows sees in a name: whatever follows a dot, and spaces
 * before it, do not count ("Naming Files, Paths, and Namespaces"). 0 when there is none. */
static gsize
reserved_length(const char *name)
{
    static const char *const plain[] = {"CON", "PRN", "AUX", "NUL"};
    static const char *const numbered[] = {"COM", "LPT"};
    static const char *const numbers[] = {"1", "2", "3", "4",      "5",      "6",
                                          "7", "8", "9", "\u00b9", "\u00b2", "\u00b3"};
    gsize length = strcspn(name, ".");
    while (length > 0 && name[length - 1] == ' ')
        length--;
    for (guint i = 0; i < G_N_ELEMENTS(plain); i++)
        if (length == 3 && g_ascii_strncasecmp(name, plain[i], 3) == 0)
            return length;
    for (guint i = 0; i < G_N_ELEMENTS(numbered); i++)
        for (guint n = 0; n < G_N_ELEMENTS(numbers); n++)
            if (length == 3 + strlen(numbers[n]) &&
                g_ascii_strncasecmp(name, numbered[i], 3) == 0 &&
                memcmp(name + 3, numbers[n], length - 3) == 0)
                return length;
    return 0;
}

RubFatNameFault
rub_fat_name_check(const char *name)
{
    gsize length = strlen(name);
    if (length == 0)
        return RUB_FAT_NAME_EMPTY;
    if (!g_utf8_validate(name, (gssize) length, NULL))
        return RUB_FAT_NAME_INVALID_UTF8;
    for (const char *p = name; *p; p++) {
        if (is_forbidden((guchar) *p))
            return RUB_FAT_NAME_FORBIDDEN_CHARACTER;
        if ((guchar) *p < 0x20)
            return RUB_FAT_NAME_CONTROL_CHARACTER;
    }
    if (name[length - 1] == '.' || name[length - 1] == ' ')
        return RUB_FAT_NAME_TRAILING_DOT_OR_SPACE;
    if (reserved_length(name) > 0)
        return RUB_FAT_NAME_RESERVED;
    return count_units(name) > RUB_FAT_MAX_NAME_UNITS ? RUB_FAT_NAME_TOO_LONG : RUB_FAT_NAME_OK;
}

RubText *
rub_fat_name_describe_fault(RubFatNameFault fault)
{
    static const char *const sentences[] = {
        [RUB_FAT_NAME_OK] = N_("the name is fine"),
        [RUB_FAT_NAME_EMPTY] = N_("the name is empty"),
        [RUB_FAT_NAME_INVALID_UTF8] = N_("the name is not valid UTF-8"),
        [RUB_FAT_NAME_FORBIDDEN_CHARACTER] =
            N_("the name has a character that Windows does not allow"),
        [RUB_FAT_NAME_CONTROL_CHARACTER] = N_("the name has a control character"),
        [RUB_FAT_NAME_TRAILING_DOT_OR_SPACE] = N_("the name ends with a dot or a space"),
        [RUB_FAT_NAME_RESERVED] = N_("the name is that of a device in Windows"),
        [RUB_FAT_NAME_TOO_LONG] = N_("the name is longer than 255 characters"),
    };
    return rub_text_new(sentences[fault], NULL);
}

static GString *
replace_characters(const char *name)
{
    GString *safe = g_string_new(NULL);
    for (const char *p = name; *p;) {
        gunichar c = g_utf8_get_char_validated(p, -1);
        gboolean is_valid = c != (gunichar) -1 && c != (gunichar) -2;
        if (!is_valid || c < 0x20 || is_forbidden(c))
            g_string_append_c(safe, '_');
        else
            g_string_append_unichar(safe, c);
        p = is_valid ? g_utf8_next_char(p) : p + 1;
    }
    return safe;
}

static void
replace_trailing(GString *name)
{
    for (gsize i = name->len; i > 0 && strchr(". ", name->str[i - 1]); i--)
        name->str[i - 1] = '_';
}

static void
cut(GString *name)
{
    const char *dot = strrchr(name->str, '.');
    g_autofree char *ext = g_strdup(dot && count_units(dot) <= MAX_KEPT_EXT_UNITS ? dot : "");
    g_string_truncate(name, name->len - strlen(ext));
    guint room = RUB_FAT_MAX_NAME_UNITS - count_units(ext);
    const char *end = name->str;
    for (guint units = 0; *end; end = g_utf8_next_char(end)) {
        units += g_utf8_get_char(end) > 0xffff ? 2 : 1;
        if (units > room)
            break;
    }
    g_string_truncate(name, (gsize) (end - name->str));
    replace_trailing(name);
    g_string_append(name, ext);
}

char *
rub_fat_name_make_safe(const char *name)
{
    GString *safe = replace_characters(name);
    if (safe->len == 0)
        g_string_append_c(safe, '_');
    gsize device_length = reserved_length(safe->str);
    if (device_length > 0)
        g_string_insert_c(safe, (gssize) device_length, '_');
    if (count_units(safe->str) > RUB_FAT_MAX_NAME_UNITS)
        cut(safe);
    replace_trailing(safe);
    return g_string_free(safe, FALSE);
}

char *
rub_fat_name_make_key(const char *name)
{
    GString *key = g_string_sized_new(strlen(name));
    for (const char *p = name; *p; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);
        g_string_append_unichar(key, c > 0xffff ? c : g_unichar_toupper(c));
    }
    return g_string_free(key, FALSE);
}

/* Copies one part of an 8.3 name; FALSE if it has a character that needs a long name, or letters
 * of both cases. */
static gboolean
part_to_short(const char *part, gsize length, guint8 *to, gboolean *is_lower)
{
    gboolean has_upper = FALSE;
    *is_lower = FALSE;
    for (gsize i = 0; i < length; i++) {
        char c = part[i];
        if (!g_ascii_isalnum(c) && (c == 0 || !strchr("$%'-_@~`!(){}^#&", c)))
            return FALSE;
        has_upper |= g_ascii_isupper(c);
        *is_lower |= g_ascii_islower(c);
        to[i] = (guint8) g_ascii_toupper(c);
    }
    return !(has_upper && *is_lower);
}

gboolean
rub_fat_name_to_short(const char *name, guint8 short_name[RUB_FAT_SHORT_NAME_BYTES],
                      guint8 *case_bits)
{
    gsize base_length = strcspn(name, ".");
    const char *ext = name[base_length] == '.' ? name + base_length + 1 : "";
    gsize ext_length = strlen(ext);
    gboolean is_base_lower = FALSE;
    gboolean is_ext_lower = FALSE;

    if (base_length == 0 || base_length > BASE_BYTES || ext_length > EXT_BYTES)
        return FALSE;
    memset(short_name, ' ', RUB_FAT_SHORT_NAME_BYTES);
    if (!part_to_short(name, base_length, short_name, &is_base_lower) ||
        !part_to_short(ext, ext_length, short_name + BASE_BYTES, &is_ext_lower))
        return FALSE;
    *case_bits = (guint8) ((is_base_lower ? RUB_FAT_CASE_BASE_LOWER : 0) |
                           (is_ext_lower ? RUB_FAT_CASE_EXT_LOWER : 0));
    return TRUE;
}

static gunichar
decode_character(guint8 byte)
{
    return byte < 0x80 ? byte : code_page_437[byte - 0x80];
}

static gsize
trimmed_length(const guint8 *part, gsize size)
{
    while (size > 0 && part[size - 1] == ' ')
        size--;
    return size;
}

static void
append_short_part(GString *name, const guint8 *part, gsize size, gboolean is_lower)
{
    gsize length = trimmed_length(part, size);
    for (gsize i = 0; i < length; i++) {
        /* 0xe5 would mean "deleted"; at the start it is stored as 5 ("DIR_Name[0]"). */
        gunichar c = decode_character(name->len == 0 && part[i] == 0x05 ? 0xe5 : part[i]);
        if (c < 0x20 || c == '.' || is_forbidden(c))
            c = '_';
        g_string_append_unichar(name, is_lower ? g_unichar_tolower(c) : c);
    }
}

char *
rub_fat_name_from_short(const guint8 short_name[RUB_FAT_SHORT_NAME_BYTES], guint8 case_bits)
{
    const guint8 *ext = short_name + BASE_BYTES;
    GString *name = g_string_new(NULL);
    append_short_part(name, short_name, BASE_BYTES, (case_bits & RUB_FAT_CASE_BASE_LOWER) != 0);
    if (name->len == 0)
        g_string_append_c(name, '_');
    if (trimmed_length(ext, EXT_BYTES) > 0)
        g_string_append_c(name, '.');
    append_short_part(name, ext, EXT_BYTES, (case_bits & RUB_FAT_CASE_EXT_LOWER) != 0);
    return g_string_free(name, FALSE);
}

char *
rub_fat_name_label_from_short(const guint8 short_name[RUB_FAT_SHORT_NAME_BYTES])
{
    gsize length = trimmed_length(short_name, RUB_FAT_SHORT_NAME_BYTES);
    GString *label = g_string_new(NULL);
    for (gsize i = 0; i < length; i++) {
        gunichar c = decode_character(short_name[i]);
        g_string_append_unichar(label, c < 0x20 ? '_' : c);
    }
    return g_string_free(label, FALSE);
}

guint
rub_fat_name_get_slot_count(const char *name)
{
    guint8 short_name[RUB_FAT_SHORT_NAME_BYTES];
    guint8 case_bits = 0;
    if (rub_fat_name_to_short(name, short_name, &case_bits))
        return 1;
    guint units = count_units(name);
    return 1 + (units + RUB_FAT_NAME_UNITS_PER_SLOT - 1) / RUB_FAT_NAME_UNITS_PER_SLOT;
}

guint8
rub_fat_name_get_checksum(const guint8 short_name[RUB_FAT_SHORT_NAME_BYTES])
{
    guint sum = 0;
    for (guint i = 0; i < RUB_FAT_SHORT_NAME_BYTES; i++)
        sum = (((sum & 1) << 7) + (sum >> 1) + short_name[i]) & 0xff;
    return (guint8) sum;
}
