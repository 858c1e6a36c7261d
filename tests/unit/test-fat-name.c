/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "volume/rub-fat-alias.h"
#include "volume/rub-fat-name.h"
#include "volume/rub-fat-slot.h"

typedef struct {
    const char *name;
    RubFatNameFault fault;
    const char *safe;
} Case;

static const Case cases[] = {
    {"bootmgr", RUB_FAT_NAME_OK, NULL},
    {"Ünïcödé ☃ 🍐.txt", RUB_FAT_NAME_OK, NULL},
    {".hidden", RUB_FAT_NAME_OK, NULL},
    {" leading space", RUB_FAT_NAME_OK, NULL},
    {"a+b=c;d,[e].f.g", RUB_FAT_NAME_OK, NULL},
    {"console", RUB_FAT_NAME_OK, NULL},
    {"com0", RUB_FAT_NAME_OK, NULL},
    {"COM10", RUB_FAT_NAME_OK, NULL},
    {"aux-file.c", RUB_FAT_NAME_OK, NULL},
    {"\x7f", RUB_FAT_NAME_OK, NULL},
    {"", RUB_FAT_NAME_EMPTY, "_"},
    {".", RUB_FAT_NAME_TRAILING_DOT_OR_SPACE, "_"},
    {"..", RUB_FAT_NAME_TRAILING_DOT_OR_SPACE, "__"},
    {"file.", RUB_FAT_NAME_TRAILING_DOT_OR_SPACE, "file_"},
    {"file. .", RUB_FAT_NAME_TRAILING_DOT_OR_SPACE, "file___"},
    {"file ", RUB_FAT_NAME_TRAILING_DOT_OR_SPACE, "file_"},
    {"a:b", RUB_FAT_NAME_FORBIDDEN_CHARACTER, "a_b"},
    {"a/b", RUB_FAT_NAME_FORBIDDEN_CHARACTER, "a_b"},
    {"\"*<>?\\|", RUB_FAT_NAME_FORBIDDEN_CHARACTER, "_______"},
    {"tab\there", RUB_FAT_NAME_CONTROL_CHARACTER, "tab_here"},
    {"line\nend", RUB_FAT_NAME_CONTROL_CHARACTER, "line_end"},
    {"bad\xff", RUB_FAT_NAME_INVALID_UTF8, "bad_"},
    {"cut\xe2\x82", RUB_FAT_NAME_INVALID_UTF8, "cut__"},
    {"half\xed\xa0\x80", RUB_FAT_NAME_INVALID_UTF8, "half___"},
    {"CON", RUB_FAT_NAME_RESERVED, "CON_"},
    {"con.txt", RUB_FAT_NAME_RESERVED, "con_.txt"},
    {"Aux.tar.gz", RUB_FAT_NAME_RESERVED, "Aux_.tar.gz"},
    {"nul .txt", RUB_FAT_NAME_RESERVED, "nul_ .txt"},
    {"prn", RUB_FAT_NAME_RESERVED, "prn_"},
    {"com1", RUB_FAT_NAME_RESERVED, "com1_"},
    {"Lpt9.x", RUB_FAT_NAME_RESERVED, "Lpt9_.x"},
    {"COM\u00b2", RUB_FAT_NAME_RESERVED, "COM\u00b2_"},
};

static void
test_names_are_judged_and_made_safe(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("case %u", i);
        g_assert_cmpint(rub_fat_name_check(cases[i].name), ==, cases[i].fault);
        g_autofree char *safe = rub_fat_name_make_safe(cases[i].name);
        g_assert_cmpstr(safe, ==, cases[i].safe ? cases[i].safe : cases[i].name);
        g_assert_cmpint(rub_fat_name_check(safe), ==, RUB_FAT_NAME_OK);
        g_autoptr(RubText) words = rub_fat_name_describe_fault(cases[i].fault);
        g_autofree char *told = rub_text_format(words, NULL);
        g_assert_true(g_str_has_prefix(told, "the name "));
    }
}

static char *
repeat(const char *part, guint count, const char *end)
{
    GString *name = g_string_new(NULL);
    while (count-- > 0)
        g_string_append(name, part);
    g_string_append(name, end);
    return g_string_free(name, FALSE);
}

static void
test_length_counts_utf16_units(void)
{
    g_autofree char *longest = repeat("x", 255, "");
    g_autofree char *too_long = repeat("x", 256, "");
    g_autofree char *pears = repeat("🍐", 127, "x");
    g_autofree char *too_many_pears = repeat("🍐", 128, "");
    g_assert_cmpint(rub_fat_name_check(longest), ==, RUB_FAT_NAME_OK);
    g_assert_cmpint(rub_fat_name_check(too_long), ==, RUB_FAT_NAME_TOO_LONG);
    g_assert_cmpint(rub_fat_name_check(pears), ==, RUB_FAT_NAME_OK);
    g_assert_cmpint(rub_fat_name_check(too_many_pears), ==, RUB_FAT_NAME_TOO_LONG);
    g_assert_cmpuint(rub_fat_name_get_slot_count(longest), ==, 21);
    g_assert_cmpuint(rub_fat_name_get_slot_count(pears), ==, 21);
}

static void
test_long_names_are_cut_before_the_extension(void)
{
    static const char *const parts[] = {"x", "é", "🍐", " ", ".", "CON ", "\xff", "a:"};
    static const char *const ends[] = {"", ".txt", ".a-very-long-extension-that-is-not-one-at-all",
                                       " .x", "."};
    for (guint i = 0; i < G_N_ELEMENTS(parts); i++) {
        for (guint j = 0; j < G_N_ELEMENTS(ends); j++) {
            g_autofree char *name = repeat(parts[i], 300, ends[j]);
            g_autofree char *safe = rub_fat_name_make_safe(name);
            g_assert_cmpint(rub_fat_name_check(safe), ==, RUB_FAT_NAME_OK);
        }
    }
    g_autofree char *name = repeat("x", 300, ".txt");
    g_autofree char *safe = rub_fat_name_make_safe(name);
    g_assert_cmpuint(strlen(safe), ==, 255);
    g_assert_true(g_str_has_suffix(safe, "x.txt"));
}

static void
test_any_bytes_can_be_made_safe(void)
{
    for (guint i = 0; i < 20000; i++) {
        char name[40];
        guint length = (guint) g_test_rand_int_range(0, 40);
        for (guint j = 0; j < length; j++)
            name[j] = (char) g_test_rand_int_range(1, 256);
        name[MIN(length, sizeof name - 1)] = 0;
        g_autofree char *safe = rub_fat_name_make_safe(name);
        g_assert_cmpint(rub_fat_name_check(safe), ==, RUB_FAT_NAME_OK);
    }
}

static gboolean
is_same(const char *a, const char *b)
{
    g_autofree char *key_a = rub_fat_name_make_key(a);
    g_autofree char *key_b = rub_fat_name_make_key(b);
    return strcmp(key_a, key_b) == 0;
}

static void
test_names_that_differ_in_case_are_the_same(void)
{
    g_assert_true(is_same("bootmgr", "BOOTMGR"));
    g_assert_true(is_same("Äpfel", "äPFEL"));
    g_assert_true(is_same("привет", "ПРИВЕТ"));
    g_assert_true(is_same("TITLE", "title"));
    /* The dotted capital I is a letter of its own; the dotless small one is taken for an I. */
    g_assert_false(is_same("İ", "i"));
    g_assert_true(is_same("ı", "I"));
    /* No decomposition, and nothing beyond the Basic Multilingual Plane. */
    g_assert_false(is_same("\u00e9", "e\u0301"));
    g_assert_false(is_same("\U00010428", "\U00010400"));
    g_assert_false(is_same("ß", "SS"));
    g_assert_false(is_same("🍐", "🍎"));
}

typedef struct {
    const char *name;
    const char *short_name;
    guint8 case_bits;
} ShortCase;

static void
test_eight_and_three_in_one_case_needs_no_long_name(void)
{
    static const ShortCase short_cases[] = {
        {"BOOTMGR", "BOOTMGR    ", 0},
        {"bootmgr", "BOOTMGR    ", RUB_FAT_CASE_BASE_LOWER},
        {"bootx64.efi", "BOOTX64 EFI", RUB_FAT_CASE_BASE_LOWER | RUB_FAT_CASE_EXT_LOWER},
        {"BOOTX64.efi", "BOOTX64 EFI", RUB_FAT_CASE_EXT_LOWER},
        {"setup.EXE", "SETUP   EXE", RUB_FAT_CASE_BASE_LOWER},
        {"1234.567", "1234    567", 0},
        {"12345678.abc", "12345678ABC", RUB_FAT_CASE_EXT_LOWER},
        {"$%'-_@~`", "$%'-_@~`   ", 0},
        {"!(){}^#&", "!(){}^#&   ", 0},
        {"a", "A          ", RUB_FAT_CASE_BASE_LOWER},
    };
    for (guint i = 0; i < G_N_ELEMENTS(short_cases); i++) {
        const ShortCase *c = &short_cases[i];
        guint8 short_name[RUB_FAT_SHORT_NAME_BYTES];
        guint8 case_bits = 0xff;
        g_test_message("%s", c->name);
        g_assert_true(rub_fat_name_to_short(c->name, short_name, &case_bits));
        g_assert_cmpmem(short_name, sizeof short_name, c->short_name, 11);
        g_assert_cmphex(case_bits, ==, c->case_bits);
        g_assert_cmpuint(rub_fat_name_get_slot_count(c->name), ==, 1);
        g_autofree char *back = rub_fat_name_from_short(short_name, case_bits);
        g_assert_cmpstr(back, ==, c->name);
    }
}

static void
test_everything_else_needs_a_long_name(void)
{
    static const char *const names[] = {"BootMgr", "123456789", "a.html", "a.b.c", ".abc",
                                        "a b",     "a+b",       "é",      "a.B c", "mixed.Txt"};
    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        guint8 short_name[RUB_FAT_SHORT_NAME_BYTES];
        guint8 case_bits = 0;
        g_assert_false(rub_fat_name_to_short(names[i], short_name, &case_bits));
        g_assert_cmpuint(rub_fat_name_get_slot_count(names[i]), ==, 2);
    }
    g_assert_cmpuint(rub_fat_name_get_slot_count("thirteen.long"), ==, 2);
    g_assert_cmpuint(rub_fat_name_get_slot_count("fourteen.longs"), ==, 3);
}

static void
test_foreign_short_names_become_harmless(void)
{
    static const ShortCase foreign[] = {
        {"ÄRGER.TXT", "\x8eRGER   TXT", 0},
        {"ärger.TXT", "\x8eRGER   TXT", RUB_FAT_CASE_BASE_LOWER},
        {"σA",
         "\x05"
         "A         ",
         0},
        {"A_B._", "A/B     .  ", 0},
        {"_ _", ". .        ", 0},
        {"_.X", "        X  ", 0},
        {"A B.C", "A B     C  ", 0},
        {"_", "\x01          ", 0},
    };
    for (guint i = 0; i < G_N_ELEMENTS(foreign); i++) {
        g_autofree char *name =
            rub_fat_name_from_short((const guint8 *) foreign[i].short_name, foreign[i].case_bits);
        g_assert_cmpstr(name, ==, foreign[i].name);
    }
    g_autofree char *label = rub_fat_name_label_from_short((const guint8 *) "M\x9aSIC. 1   ");
    g_assert_cmpstr(label, ==, "MÜSIC. 1");
}

static void
assert_alias(RubFatAliases *aliases, const char *name, const char *wanted)
{
    guint8 short_name[RUB_FAT_SHORT_NAME_BYTES];
    rub_fat_aliases_generate(aliases, name, short_name);
    g_assert_cmpmem(short_name, sizeof short_name, wanted, 11);
}

static void
test_aliases_follow_the_names(void)
{
    g_autoptr(RubFatAliases) aliases = rub_fat_aliases_new();
    assert_alias(aliases, "BootMgr", "BOOTMGR    ");
    assert_alias(aliases, "Program Files", "PROGRA~1   ");
    assert_alias(aliases, "Program Data", "PROGRA~2   ");
    assert_alias(aliases, "a.html", "A~1     HTM");
    assert_alias(aliases, "A.htmx", "A~2     HTM");
    assert_alias(aliases, "x.tar.gz", "XTAR~1  GZ ");
    assert_alias(aliases, ".bashrc", "BASHRC~1   ");
    assert_alias(aliases, "a+b", "A_B~1      ");
    assert_alias(aliases, "日本語", "___~1      ");
    assert_alias(aliases, " .txt", "_~1     TXT");
    assert_alias(aliases, "BooTMGR", "BOOTMG~1   ");
    g_assert_true(rub_fat_aliases_reserve(aliases, (const guint8 *) "SETUP~1 EXE"));
    g_assert_false(rub_fat_aliases_reserve(aliases, (const guint8 *) "SETUP~1 EXE"));
    assert_alias(aliases, "set up.exe", "SETUP~2 EXE");
}

/* The numbers are tried once each, which is what keeps 65,534 similar names cheap. */
static void
test_many_similar_names_get_different_aliases(void)
{
    g_autoptr(RubFatAliases) aliases = rub_fat_aliases_new();
    guint8 last[RUB_FAT_SHORT_NAME_BYTES];
    for (guint i = 0; i < 65534; i++) {
        g_autofree char *name = g_strdup_printf("Similar name %u.text", i);
        rub_fat_aliases_generate(aliases, name, last);
        g_assert_false(rub_fat_aliases_reserve(aliases, last));
    }
    g_assert_cmpmem(last, sizeof last, "SI~65534TEX", 11);
}

static void
test_the_checksum_is_the_one_of_the_specification(void)
{
    guint8 a = rub_fat_name_get_checksum((const guint8 *) "BOOTMGR    ");
    guint8 b = rub_fat_name_get_checksum((const guint8 *) "BOOTMGR   A");
    g_assert_cmphex(a, !=, b);
    g_assert_cmphex(rub_fat_name_get_checksum((const guint8 *) "\0\0\0\0\0\0\0\0\0\0\x01"), ==, 1);
    g_assert_cmphex(rub_fat_name_get_checksum((const guint8 *) "\0\0\0\0\0\0\0\0\0\x01\0"), ==,
                    0x80);
}

static guint
encode(const char *name, RubFatSlot *slot, guint8 *to)
{
    guint slots = rub_fat_name_get_slot_count(name);
    memcpy(slot->short_name, "ALIAS~1 TXT", 11);
    rub_fat_slot_encode_long_name(slot, name, to);
    rub_fat_slot_encode(slot, to + (slots - 1) * RUB_FAT_SLOT_BYTES);
    return slots;
}

static void
test_entries_survive_being_encoded(void)
{
    static const char *const names[] = {"thirteen.long", "fourteen.longs", "twelve.longx",
                                        "Äpfel 🍐 \U0001f468\u200d\U0001f469 e\u0301",
                                        "İı \U0010fffd"};
    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        guint8 data[22 * RUB_FAT_SLOT_BYTES] = {0};
        RubFatSlot slot = {.attributes = RUB_FAT_ATTR_ARCHIVE | RUB_FAT_ATTR_HIDDEN,
                           .first_cluster = 0x0abcdef1,
                           .size_bytes = 0xfedcba98,
                           .mtime_unix = 1700000001};
        guint slots = encode(names[i], &slot, data);
        RubFatSlotIter iter = {data, 22, 0};
        RubFatSlot found;
        g_autofree char *name = NULL;
        g_assert_true(rub_fat_slot_iter_next(&iter, &found, &name));
        g_assert_cmpstr(name, ==, names[i]);
        g_assert_cmpuint(iter.next_slot, ==, slots);
        g_assert_cmphex(found.first_cluster, ==, slot.first_cluster);
        g_assert_cmphex(found.size_bytes, ==, slot.size_bytes);
        g_assert_cmphex(found.attributes, ==, slot.attributes);
        g_assert_cmpint(found.mtime_unix, ==, 1700000000);
        char *none = NULL;
        g_assert_false(rub_fat_slot_iter_next(&iter, &found, &none));
    }
}

static void
test_times_are_clamped_to_what_fat_can_say(void)
{
    static const struct {
        gint64 given;
        gint64 stored;
    } times[] = {
        {0, 315532800},           {-1, 315532800},          {315532800, 315532800},
        {315532799, 315532800},   {1700000003, 1700000002}, {4354819198, 4354819198},
        {4354819200, 4354819198}, {G_MAXINT64, 315532800},  {G_MININT64, 315532800},
    };
    for (guint i = 0; i < G_N_ELEMENTS(times); i++) {
        guint8 data[RUB_FAT_SLOT_BYTES] = {0};
        RubFatSlot slot = {.mtime_unix = times[i].given};
        memcpy(slot.short_name, "A          ", 11);
        rub_fat_slot_encode(&slot, data);
        RubFatSlotIter iter = {data, 1, 0};
        char *name = NULL;
        g_assert_true(rub_fat_slot_iter_next(&iter, &slot, &name));
        g_assert_cmpint(slot.mtime_unix, ==, times[i].stored);
    }
}

/* Damages one byte of the slots at a time; the entry stays, with its long name or without. */
static void
test_broken_long_names_give_way_to_the_short_one(void)
{
    guint8 good[4 * RUB_FAT_SLOT_BYTES] = {0};
    RubFatSlot slot = {.attributes = RUB_FAT_ATTR_ARCHIVE};
    g_assert_cmpuint(encode("A name of three slots in all.txt", &slot, good), ==, 4);
    static const guint breaking[] = {0, 13, 32, 45, 64, 77, 96, 97};
    for (guint i = 0; i < G_N_ELEMENTS(breaking); i++) {
        guint8 data[sizeof good];
        memcpy(data, good, sizeof good);
        data[breaking[i]] ^= 0x04;
        RubFatSlotIter iter = {data, 4, 0};
        char *name = NULL;
        g_assert_true(rub_fat_slot_iter_next(&iter, &slot, &name));
        g_assert_null(name);
        g_assert_cmpuint(iter.next_slot, ==, 4);
    }
}

static void
assert_no_long_name(gsize offset, guint16 unit)
{
    guint8 data[4 * RUB_FAT_SLOT_BYTES] = {0};
    RubFatSlot slot = {.attributes = RUB_FAT_ATTR_ARCHIVE};
    guint slots = encode("Twelve chars", &slot, data);
    data[offset] = unit & 0xff;
    data[offset + 1] = (guint8) (unit >> 8);
    RubFatSlotIter iter = {data, slots, 0};
    char *name = NULL;
    g_assert_true(rub_fat_slot_iter_next(&iter, &slot, &name));
    g_assert_null(name);
}

static void
test_long_names_that_are_no_part_of_a_path_are_not_used(void)
{
    assert_no_long_name(1, '/');
    assert_no_long_name(1, 0);
    assert_no_long_name(1, 0xd800);
    assert_no_long_name(3, 0xdc00);
    assert_no_long_name(5, '\n');
    guint8 data[2 * RUB_FAT_SLOT_BYTES] = {0};
    RubFatSlot slot = {.attributes = RUB_FAT_ATTR_ARCHIVE};
    memcpy(slot.short_name, "ALIAS~1 TXT", 11);
    rub_fat_slot_encode_long_name(&slot, "..", data);
    rub_fat_slot_encode(&slot, data + RUB_FAT_SLOT_BYTES);
    RubFatSlotIter iter = {data, 2, 0};
    char *name = NULL;
    g_assert_true(rub_fat_slot_iter_next(&iter, &slot, &name));
    g_assert_null(name);
}

static void
test_deleted_slots_are_passed_over(void)
{
    guint8 data[6 * RUB_FAT_SLOT_BYTES] = {0};
    RubFatSlot slot = {.attributes = RUB_FAT_ATTR_ARCHIVE};
    encode("Deleted name", &slot, data);
    data[0] = data[RUB_FAT_SLOT_BYTES] = 0xe5;
    encode("Next name", &slot, data + 2 * RUB_FAT_SLOT_BYTES);
    data[4 * RUB_FAT_SLOT_BYTES] = 0xe5;
    RubFatSlotIter iter = {data, 6, 0};
    g_autofree char *name = NULL;
    g_assert_true(rub_fat_slot_iter_next(&iter, &slot, &name));
    g_assert_cmpstr(name, ==, "Next name");
    char *none = NULL;
    g_assert_false(rub_fat_slot_iter_next(&iter, &slot, &none));
    g_assert_cmpuint(iter.next_slot, ==, 4);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/fat/name/check", test_names_are_judged_and_made_safe);
    g_test_add_func("/fat/name/length", test_length_counts_utf16_units);
    g_test_add_func("/fat/name/cut", test_long_names_are_cut_before_the_extension);
    g_test_add_func("/fat/name/random", test_any_bytes_can_be_made_safe);
    g_test_add_func("/fat/name/key", test_names_that_differ_in_case_are_the_same);
    g_test_add_func("/fat/name/short", test_eight_and_three_in_one_case_needs_no_long_name);
    g_test_add_func("/fat/name/long", test_everything_else_needs_a_long_name);
    g_test_add_func("/fat/name/foreign", test_foreign_short_names_become_harmless);
    g_test_add_func("/fat/alias/examples", test_aliases_follow_the_names);
    g_test_add_func("/fat/alias/many", test_many_similar_names_get_different_aliases);
    g_test_add_func("/fat/name/checksum", test_the_checksum_is_the_one_of_the_specification);
    g_test_add_func("/fat/slot/round-trip", test_entries_survive_being_encoded);
    g_test_add_func("/fat/slot/times", test_times_are_clamped_to_what_fat_can_say);
    g_test_add_func("/fat/slot/broken", test_broken_long_names_give_way_to_the_short_one);
    g_test_add_func("/fat/slot/paths", test_long_names_that_are_no_part_of_a_path_are_not_used);
    g_test_add_func("/fat/slot/deleted", test_deleted_slots_are_passed_over);
    return g_test_run();
}
