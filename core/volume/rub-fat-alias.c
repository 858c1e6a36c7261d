/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "volume/rub-fat-alias.h"

#include <string.h>

#define BASE_BYTES 8
#define MAX_DIGITS 6

struct _RubFatAliases {
    /* Short names in use, as strings of 11 bytes. */
    GHashTable *taken;
    /* The number to try next for each start of a name, extension and count of digits. Each number
     * is tried once, so that a thousand similar names cost a thousand steps. */
    GHashTable *next_numbers;
};

/* What is left of a long name: upper case, only what 8.3 allows, extension apart. */
typedef struct {
    char base[BASE_BYTES + 1];
    guint8 ext[RUB_FAT_SHORT_NAME_BYTES - BASE_BYTES];
    gboolean is_exact;
} Basis;

RubFatAliases *
rub_fat_aliases_new(void)
{
    RubFatAliases *self = g_new0(RubFatAliases, 1);
    self->taken = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    self->next_numbers = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    return self;
}

void
rub_fat_aliases_free(RubFatAliases *self)
{
    g_hash_table_unref(self->taken);
    g_hash_table_unref(self->next_numbers);
    g_free(self);
}

gboolean
rub_fat_aliases_reserve(RubFatAliases *self, const guint8 short_name[RUB_FAT_SHORT_NAME_BYTES])
{
    return g_hash_table_add(self->taken,
                            g_strndup((const char *) short_name, RUB_FAT_SHORT_NAME_BYTES));
}

/* Returns how many bytes were kept; is_exact is cleared when anything was left out or changed. */
static gsize
take_part(const char *from, const char *end, char *to, gsize capacity, gboolean *is_exact)
{
    gsize kept = 0;
    for (const char *p = from; p < end; p = g_utf8_next_char(p)) {
        gboolean is_allowed = g_ascii_isalnum(*p) || strchr("$%'-_@~`!(){}^#&", *p);
        gboolean is_dropped = *p == ' ' || *p == '.';
        if (!is_allowed || kept == capacity)
            *is_exact = FALSE;
        if (!is_dropped && kept < capacity)
            to[kept++] = is_allowed ? g_ascii_toupper(*p) : '_';
    }
    return kept;
}

static Basis
make_basis(const char *name)
{
    Basis basis = {.is_exact = *name != '.'};
    const char *start = name + strspn(name, ".");
    const char *dot = strrchr(start, '.');
    const char *end = start + strlen(start);

    memset(basis.ext, ' ', sizeof basis.ext);
    gsize kept = take_part(start, dot ? dot : end, basis.base, BASE_BYTES, &basis.is_exact);
    if (dot)
        take_part(dot + 1, end, (char *) basis.ext, sizeof basis.ext, &basis.is_exact);
    if (kept == 0) {
        basis.base[0] = '_';
        basis.is_exact = FALSE;
    }
    return basis;
}

static void
compose(const Basis *basis, const char *base, guint8 short_name[RUB_FAT_SHORT_NAME_BYTES])
{
    memset(short_name, ' ', BASE_BYTES);
    memcpy(short_name, base, strlen(base));
    memcpy(short_name + BASE_BYTES, basis->ext, sizeof basis->ext);
}

/* Tries the numbers of one length, from where the last search with this start ended. */
static gboolean
generate_with_digits(RubFatAliases *self, const Basis *basis, guint digits, guint first,
                     guint8 short_name[RUB_FAT_SHORT_NAME_BYTES])
{
    int stem_length = BASE_BYTES - 1 - (int) digits;
    g_autofree char *key =
        g_strdup_printf("%u%.*s.%.3s", digits, stem_length, basis->base, (const char *) basis->ext);
    guint number = GPOINTER_TO_UINT(g_hash_table_lookup(self->next_numbers, key));
    gboolean is_found = FALSE;
    for (number = MAX(number, first); number < first * 10 && !is_found; number++) {
        char base[BASE_BYTES + 1];
        g_snprintf(base, sizeof base, "%.*s~%u", stem_length, basis->base, number);
        compose(basis, base, short_name);
        is_found = rub_fat_aliases_reserve(self, short_name);
    }
    g_hash_table_replace(self->next_numbers, g_steal_pointer(&key), GUINT_TO_POINTER(number));
    return is_found;
}

void
rub_fat_aliases_generate(RubFatAliases *self, const char *name,
                         guint8 short_name[RUB_FAT_SHORT_NAME_BYTES])
{
    Basis basis = make_basis(name);
    compose(&basis, basis.base, short_name);
    if (basis.is_exact && rub_fat_aliases_reserve(self, short_name))
        return;
    guint first = 1;
    for (guint digits = 1; digits <= MAX_DIGITS; digits++, first *= 10)
        if (generate_with_digits(self, &basis, digits, first, short_name))
            return;
    g_warn_if_reached();
}
