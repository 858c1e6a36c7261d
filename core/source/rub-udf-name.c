/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "source/rub-udf-private.h"

/* The first byte of CS0 text says how many bits a character has: UDF 2.1.1. (254 and 255 mark names
 * of deleted files.) */
enum {
    CS0_8_BITS = 8,
    CS0_16_BITS = 16,
};

#define REPLACEMENT_CHARACTER 0xfffd

/* "/" and NUL cannot be part of a name here: UDF 4.2.2.1 has "_" put in their place. */
static void
append_character(GString *text, gunichar character)
{
    g_string_append_unichar(text, character == 0 || character == '/' ? '_' : character);
}

static gboolean
is_high_surrogate(gunichar unit)
{
    return unit >= 0xd800 && unit < 0xdc00;
}

static gboolean
is_low_surrogate(gunichar unit)
{
    return unit >= 0xdc00 && unit < 0xe000;
}

/* Characters are big-endian. UDF before 2.01 knew no surrogates, but everybody writes them. */
static void
append_16_bit(GString *text, const guint8 *units, gsize count)
{
    for (gsize i = 0; i < count; i++) {
        gunichar unit = units[2 * i] << 8 | units[2 * i + 1];
        gunichar next = i + 1 < count ? units[2 * i + 2] << 8 | units[2 * i + 3] : 0;
        if (is_high_surrogate(unit) && is_low_surrogate(next)) {
            unit = 0x10000 + ((unit - 0xd800) << 10) + (next - 0xdc00);
            i++;
        } else if (is_high_surrogate(unit) || is_low_surrogate(unit)) {
            unit = REPLACEMENT_CHARACTER;
        }
        append_character(text, unit);
    }
}

char *
rub_udf_name_decode(const guint8 *cs0, gsize size)
{
    if (size == 0 || (cs0[0] != CS0_8_BITS && cs0[0] != CS0_16_BITS))
        return NULL;
    const guint8 *characters = cs0 + 1;
    gsize characters_size = size - 1;
    if (cs0[0] == CS0_16_BITS && characters_size % 2 != 0)
        return NULL;
    GString *text = g_string_sized_new(size);
    if (cs0[0] == CS0_16_BITS)
        append_16_bit(text, characters, characters_size / 2);
    else
        for (gsize i = 0; i < characters_size; i++)
            append_character(text, characters[i]);
    return g_string_free(text, FALSE);
}

char *
rub_udf_name_decode_dstring(const guint8 *field, gsize size)
{
    gsize used = field[size - 1];
    return used < size ? rub_udf_name_decode(field, used) : NULL;
}

/* Appends one path component, and a "/" where another may follow. */
static gboolean
append_component(GString *target, guint8 type, const guint8 *name, gsize name_size)
{
    g_autofree char *text = NULL;
    switch (type) {
    case RUB_UDF_COMPONENT_AGREED_ROOT:
    case RUB_UDF_COMPONENT_ROOT:
        g_string_assign(target, "/");
        return TRUE;
    case RUB_UDF_COMPONENT_PARENT:
        g_string_append(target, "../");
        return TRUE;
    case RUB_UDF_COMPONENT_CURRENT:
        g_string_append(target, "./");
        return TRUE;
    case RUB_UDF_COMPONENT_NAMED:
        text = rub_udf_name_decode(name, name_size);
        if (!text)
            return FALSE;
        g_string_append_printf(target, "%s/", text);
        return TRUE;
    default:
        return FALSE;
    }
}

char *
rub_udf_link_decode(RubBytes components)
{
    g_autoptr(GString) target = g_string_new(NULL);
    gsize at = 0;
    while (at < components.size) {
        guint8 type = rub_bytes_u8(&components, at + RUB_UDF_COMPONENT_TYPE);
        gsize name_size = rub_bytes_u8(&components, at + RUB_UDF_COMPONENT_NAME_SIZE);
        const guint8 *name = rub_bytes_at(&components, at + RUB_UDF_COMPONENT_NAME, name_size);
        if (!name || !append_component(target, type, name, name_size))
            return NULL;
        at += RUB_UDF_COMPONENT_NAME + name_size;
    }
    if (target->len == 0)
        return NULL;
    if (target->len > 1)
        g_string_truncate(target, target->len - 1);
    return g_strdup(target->str);
}
