/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "plan/rub-catalogue.h"
#include "rub-cli-progress.h"
#include "rub-cli-size.h"
#include "rub-cli-table.h"
#include "rub-cli-words.h"
#include "rub-facts.h"

static void
test_sizes_follow_coreutils(void)
{
    static const struct {
        const char *text;
        guint64 size_bytes;
    } cases[] = {
        {"1", 1},
        {"8000000000", G_GUINT64_CONSTANT(8000000000)},
        {"4K", 4096},
        {"4k", 4096},
        {"4KB", 4000},
        {"4KiB", 4096},
        {"3M", 3145728},
        {"3MB", 3000000},
        {"8G", G_GUINT64_CONSTANT(8589934592)},
        {"8GiB", G_GUINT64_CONSTANT(8589934592)},
        {"8gb", G_GUINT64_CONSTANT(8000000000)},
        {"2T", G_GUINT64_CONSTANT(2199023255552)},
        {"2TB", G_GUINT64_CONSTANT(2000000000000)},
        {"9223372036854775807", G_MAXINT64},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        guint64 size_bytes = 0;
        g_assert_true(rub_cli_size_parse(cases[i].text, &size_bytes, &error));
        g_assert_no_error(error);
        g_assert_cmpuint(size_bytes, ==, cases[i].size_bytes);
    }
}

static void
test_what_is_no_size_is_refused(void)
{
    static const char *const texts[] = {
        "",
        "0",
        "0G",
        "-1",
        "+1",
        " 1",
        "1 ",
        "1 G",
        "G",
        "1B",
        "1X",
        "1GG",
        "1GiX",
        "1.5G",
        "1,5",
        "0x10",
        "8388608T",
        "9223372036854775808",
        "99999999999999999999",
    };
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autoptr(GError) error = NULL;
        guint64 size_bytes = 0;
        g_assert_false(rub_cli_size_parse(texts[i], &size_bytes, &error));
        g_assert_error(error, RUB_ERROR, RUB_CODE_USAGE);
    }
}

static const RubCliProgress halfway = {
    .step = 2,
    .fraction = 0.45,
    .done_bytes = 147000000,
    .total_bytes = 327000000,
    .bytes_per_second = 38200000,
    .seconds_left = 12,
};

static void
assert_bar(guint width, const char *expected)
{
    g_autofree char *bar = rub_cli_progress_render(&halfway, "Copying", width);
    g_autofree char *shown = rub_cli_make_printable(bar);
    g_assert_cmpstr(shown, ==, expected);
}

static void
test_a_bar_says_as_much_as_has_room(void)
{
    assert_bar(120,
               "[#############-----------------]  45 %  Copying 147.0 MB of 327.0 MB, 38.2 MB/s, "
               "12 s left");
    assert_bar(80,
               "[#########-----------]  45 %  Copying 147.0 MB of 327.0 MB, 38.2 MB/s, 12 s left");
    assert_bar(70, "[####------]  45 %  Copying 147.0 MB of 327.0 MB, 38.2 MB/s, 12 s left");
    assert_bar(69, "[#########-----------]  45 %  Copying 147.0 MB of 327.0 MB, 12 s left");
    assert_bar(55, "[#######----------]  45 %  Copying 147.0 MB of 327.0 MB");
    assert_bar(40, "[##########-------------]  45 %  Copying");
    assert_bar(20, " 45 %  Copying");
    assert_bar(9, " 45 %  Co");
    assert_bar(0, "");
}

static void
test_a_bar_never_exceeds_the_width(void)
{
    for (guint width = 0; width < 130; width++) {
        g_autofree char *bar = rub_cli_progress_render(&halfway, "Überprüfen", width);
        g_assert_cmpint(g_utf8_strlen(bar, -1), <=, width);
    }
}

static void
test_what_is_unknown_is_left_out(void)
{
    const RubCliProgress start = {.seconds_left = -1};
    const RubCliProgress end = {.fraction = 1, .seconds_left = -1};
    g_autofree char *first = rub_cli_progress_render(&start, "Formatting", 100);
    g_autofree char *last = rub_cli_progress_render(&end, "Done", 100);
    g_assert_cmpstr(first, ==, "[------------------------------]   0 %  Formatting");
    g_assert_cmpstr(last, ==, "[##############################] 100 %  Done");
}

static void
test_texts_cannot_steer_a_terminal(void)
{
    g_autofree char *shown = rub_cli_make_printable("a\x1b[2J\r\n\xc2\x9b\xe2\x80\xae"
                                                    "b\xff\xc2\xa0ü");
    g_assert_cmpstr(shown, ==,
                    "a\ufffd[2J\ufffd\ufffd\ufffd\ufffd"
                    "b\ufffd ü");
}

static void
assert_lower_first(const char *sentence, const char *expected)
{
    g_autofree char *lower = rub_cli_lower_first(sentence);
    g_assert_cmpstr(lower, ==, expected);
}

static void
test_only_plain_words_lose_their_capital(void)
{
    assert_lower_first("The stick is too small", "the stick is too small");
    assert_lower_first("A file is too large", "a file is too large");
    assert_lower_first("UEFI will not start it", "UEFI will not start it");
    assert_lower_first("\"x\" has 5 GB", "\"x\" has 5 GB");
    assert_lower_first("", "");
}

static void
assert_duration(double seconds, const char *expected)
{
    g_autofree char *duration = rub_cli_format_duration(seconds);
    g_assert_cmpstr(duration, ==, expected);
}

static void
test_durations_read_well(void)
{
    assert_duration(0.2, "less than 1 s");
    assert_duration(1, "1 s");
    assert_duration(59.4, "59 s");
    assert_duration(59.6, "1 min 0 s");
    assert_duration(200, "3 min 20 s");
    assert_duration(3900, "1 h 5 min");
}

static void
test_times_are_shown_without_their_zone(void)
{
    static const struct {
        const char *time;
        const char *shown;
    } cases[] = {
        {"2026-11-20T12:10:59Z", "2026-11-20 12:10"},
        {"2026-11-20T12:10:59+02:00", "2026-11-20 10:10"},
        {"some day", "some day"},
        {"", ""},
        {NULL, NULL},
    };
    g_setenv("TZ", "UTC", TRUE);
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *shown = rub_cli_format_time(cases[i].time);
        g_assert_cmpstr(shown, ==, cases[i].shown);
    }
}

static void
assert_knows_state(RubCode code, gboolean is_known)
{
    RubFinding finding = {.code = code};
    const RubCheckReport report = {.finding = &finding};
    g_assert_cmpint(rub_cli_knows_state(&report), ==, is_known);
}

static void
test_a_check_that_was_stopped_has_no_state(void)
{
    const RubCheckReport good = {.state = RUB_CHECK_GOOD};
    g_assert_true(rub_cli_knows_state(&good));
    assert_knows_state(RUB_CODE_VERIFY_FAILED, TRUE);
    assert_knows_state(RUB_CODE_NOT_OUR_STICK, TRUE);
    assert_knows_state(RUB_CODE_BUILD_INCOMPLETE, TRUE);
    assert_knows_state(RUB_CODE_CANCELLED, FALSE);
    assert_knows_state(RUB_CODE_DEVICE_BUSY, FALSE);
}

static void
test_every_state_is_described(void)
{
    for (guint state = RUB_CHECK_GOOD; state <= RUB_CHECK_INCOMPLETE; state++) {
        for (guint other = state + 1; other <= RUB_CHECK_INCOMPLETE; other++)
            g_assert_cmpstr(rub_cli_describe_state(state), !=, rub_cli_describe_state(other));
    }
}

static void
test_firmware_is_named(void)
{
    g_autofree char *both = rub_facts_name_firmware(RUB_MACHINE_X86 | RUB_MACHINE_X64, TRUE);
    g_autofree char *none = rub_facts_name_firmware(RUB_MACHINE_NONE, FALSE);
    g_assert_cmpstr(both, ==, "UEFI 32-bit, UEFI 64-bit, BIOS");
    g_assert_cmpstr(none, ==, "nothing");
}

static void
assert_contents(const RubLayout *layout, const char *expected)
{
    g_autofree char *contents = rub_cli_describe_contents(layout);
    g_autofree char *shown = rub_cli_make_printable(contents);
    g_assert_cmpstr(shown, ==, expected);
}

static void
test_contents_are_described(void)
{
    g_autoptr(RubLayout) layout = rub_layout_new("stick.img", 8589934592);
    assert_contents(layout, "empty or unknown");
    layout->table = RUB_TABLE_MBR;
    assert_contents(layout, "MBR");
    RubPartition *partition = rub_layout_add_partition(layout);
    partition->sector_count = 2000000;
    assert_contents(layout, "MBR; unknown contents, 1.0 GB");
    partition->contents = (RubContents){
        .filesystem = g_strdup("vfat"),
        .fat_bits = 32,
        .label = g_strdup("HOLIDAY"),
        .is_counted = TRUE,
        .file_count = 57,
        .used_bytes = 1200000000,
    };
    assert_contents(layout, "MBR; FAT32 \"HOLIDAY\", 57 files, 1.2 GB used");
    RubPartition *second = rub_layout_add_partition(layout);
    second->sector_count = 4000000;
    second->contents.filesystem = g_strdup("ext4");
    assert_contents(layout, "MBR; FAT32 \"HOLIDAY\", 57 files, 1.2 GB used; EXT4, 2.0 GB");
    layout->is_new = TRUE;
    assert_contents(layout, "new file");
}

/* In a terminal, letters of East Asia are two columns wide, and combining marks have no width. */
static void
test_columns_line_up_whatever_is_in_them(void)
{
    static const char *const title[] = {"No", "Drive", "Size", NULL};
    static const char *const wide[] = {"1", "サンディスク", "8 GB", NULL};
    static const char *const combining[] = {"12", "Cle\u0301", "", NULL};
    g_autoptr(RubCliTable) table = rub_cli_table_new(3);
    rub_cli_table_add_row(table, title);
    rub_cli_table_add_row(table, wide);
    rub_cli_table_add_heading(table, "A heading that is longer than any of the columns:");
    rub_cli_table_add_row(table, combining);
    g_autofree char *lines = rub_cli_table_format(table);
    g_assert_cmpstr(lines, ==,
                    "No  Drive         Size\n"
                    " 1  サンディスク  8 GB\n"
                    "A heading that is longer than any of the columns:\n"
                    "12  Cle\u0301           \n");
}

static void
test_the_manual_lists_every_code(void)
{
    g_autofree char *manual = NULL;
    gsize count = 0;
    const RubCatalogueEntry *entries = rub_catalogue_get_all(&count);
    g_assert_true(g_file_get_contents(g_getenv("RUB_MANUAL"), &manual, NULL, NULL));
    for (gsize i = 0; i < count; i++) {
        g_autofree char *line = g_strdup_printf("\n.B %d\n", (int) entries[i].code);
        const char *found = strstr(manual, line);
        g_assert_nonnull(found);
        if (entries[i].code != RUB_CODE_USAGE)
            g_assert_true(g_str_has_prefix(found + strlen(line), entries[i].title));
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cli/sizes-follow-coreutils", test_sizes_follow_coreutils);
    g_test_add_func("/cli/what-is-no-size-is-refused", test_what_is_no_size_is_refused);
    g_test_add_func("/cli/a-bar-says-as-much-as-has-room", test_a_bar_says_as_much_as_has_room);
    g_test_add_func("/cli/a-bar-never-exceeds-the-width", test_a_bar_never_exceeds_the_width);
    g_test_add_func("/cli/what-is-unknown-is-left-out", test_what_is_unknown_is_left_out);
    g_test_add_func("/cli/texts-cannot-steer-a-terminal", test_texts_cannot_steer_a_terminal);
    g_test_add_func("/cli/only-plain-words-lose-their-capital",
                    test_only_plain_words_lose_their_capital);
    g_test_add_func("/cli/durations-read-well", test_durations_read_well);
    g_test_add_func("/cli/times-are-shown-without-their-zone",
                    test_times_are_shown_without_their_zone);
    g_test_add_func("/cli/a-check-that-was-stopped-has-no-state",
                    test_a_check_that_was_stopped_has_no_state);
    g_test_add_func("/cli/every-state-is-described", test_every_state_is_described);
    g_test_add_func("/cli/firmware-is-named", test_firmware_is_named);
    g_test_add_func("/cli/contents-are-described", test_contents_are_described);
    g_test_add_func("/cli/columns-line-up", test_columns_line_up_whatever_is_in_them);
    g_test_add_func("/cli/the-manual-lists-every-code", test_the_manual_lists_every_code);
    return g_test_run();
}
