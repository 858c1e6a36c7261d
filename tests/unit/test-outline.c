/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "target/rub-outline.h"

#include "drive-tools.h"

static void
test_a_stick(void)
{
    g_autoptr(RubDriveFacts) facts = make_stick();
    g_autoptr(RubLayout) layout = rub_outline_new(facts);
    g_assert_true(layout->is_outline);
    g_assert_true(layout->is_removable);
    g_assert_false(layout->is_file);
    g_assert_null(layout->refusal);
    g_assert_cmpstr(layout->name, ==, "/dev/sdb");
    g_assert_cmpstr(layout->model, ==, "Kingston DataTraveler 3.0");
    g_assert_cmpstr(layout->serial, ==, "AB12");
    g_autofree char *name = rub_layout_make_name(layout);
    g_assert_cmpstr(name, ==, "Kingston DataTraveler 3.0 (67.1\302\240MB, /dev/sdb)");
    g_assert_cmpuint(layout->size_bytes, ==, 64 << 20);
    g_assert_cmpint(layout->table, ==, RUB_TABLE_MBR);
    const RubPartition *partition = g_ptr_array_index(layout->partitions, 0);
    g_assert_cmpuint(partition->start_lba, ==, 2048);
    g_assert_cmpuint(partition->sector_count, ==, 63 * 2048);
    g_assert_cmpuint(partition->mbr_type, ==, 0x0c);
    g_assert_true(partition->is_active);
    g_assert_cmpuint(partition->contents.fat_bits, ==, 32);
    g_assert_cmpstr(partition->contents.label, ==, "HOLIDAY");
    g_assert_null(partition->contents.kept);
    g_assert_cmpuint(layout->gaps->len, ==, 0);
}

static void
test_a_stick_without_a_name_is_called_by_its_node(void)
{
    g_autoptr(RubDriveFacts) facts = make_stick();
    set_text(&facts->vendor, "");
    set_text(&facts->model, "");
    g_autoptr(RubLayout) layout = rub_outline_new(facts);
    g_autofree char *name = rub_layout_make_name(layout);
    g_assert_cmpstr(name, ==, "/dev/sdb");
}

static void
test_gaps_are_found(void)
{
    g_autoptr(RubDriveFacts) facts = make_stick();
    get_partition(facts)->size_bytes = 10 << 20;
    g_autoptr(RubLayout) layout = rub_outline_new(facts);
    g_assert_cmpuint(layout->gaps->len, ==, 1);
    const RubGap *gap = &g_array_index(layout->gaps, RubGap, 0);
    g_assert_cmpuint(gap->start_lba, ==, 11 * 2048);
    g_assert_cmpuint(gap->sector_count, ==, 53 * 2048);
}

static void
test_large_sectors(void)
{
    g_autoptr(RubDriveFacts) facts = make_stick();
    facts->sector_size = 4096;
    g_autoptr(RubLayout) layout = rub_outline_new(facts);
    const RubPartition *partition = g_ptr_array_index(layout->partitions, 0);
    g_assert_cmpuint(layout->sector_size, ==, 4096);
    g_assert_cmpuint(partition->start_lba, ==, 256);
}

static RubDriveFacts *
make_bare(const char *table, const char *filesystem)
{
    RubDriveFacts *facts = make_stick();
    g_ptr_array_set_size(facts->partitions, 0);
    set_text(&facts->table, table);
    set_text(&facts->whole->filesystem, filesystem);
    return facts;
}

static void
test_how_a_disk_is_divided(void)
{
    static const struct {
        const char *table;
        const char *filesystem;
        RubTableKind expected;
    } rows[] = {
        {"dos", "", RUB_TABLE_MBR},
        {"gpt", "", RUB_TABLE_GPT},
        {"PMBR", "", RUB_TABLE_GPT},
        {"mac", "", RUB_TABLE_OTHER},
        {"dos", "iso9660", RUB_TABLE_HYBRID_ISO},
        {"gpt", "iso9660", RUB_TABLE_HYBRID_ISO},
        {"dos", "udf", RUB_TABLE_HYBRID_ISO},
        {"dos", "exfat", RUB_TABLE_SUPERFLOPPY},
        {"", "vfat", RUB_TABLE_SUPERFLOPPY},
        {"", "iso9660", RUB_TABLE_SUPERFLOPPY},
        {"", "crypto_LUKS", RUB_TABLE_SUPERFLOPPY},
        {"", "LVM2_member", RUB_TABLE_SUPERFLOPPY},
        {"", "", RUB_TABLE_OTHER},
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(RubDriveFacts) facts = make_bare(rows[i].table, rows[i].filesystem);
        g_autoptr(RubLayout) layout = rub_outline_new(facts);
        g_assert_cmpint(layout->table, ==, rows[i].expected);
    }
}

static void
test_remains_below_a_table_are_no_contents(void)
{
    g_autoptr(RubDriveFacts) facts = make_stick();
    set_text(&facts->whole->filesystem, "ext4");
    g_autoptr(RubLayout) layout = rub_outline_new(facts);
    g_assert_cmpint(layout->table, ==, RUB_TABLE_MBR);
    g_assert_null(layout->whole.filesystem);
}

static void
test_an_extended_partition_has_no_contents(void)
{
    g_autoptr(RubDriveFacts) facts = make_stick();
    RubVolumeFacts *volume = get_partition(facts);
    volume->is_container = TRUE;
    g_autoptr(RubLayout) layout = rub_outline_new(facts);
    const RubPartition *partition = g_ptr_array_index(layout->partitions, 0);
    g_assert_true(partition->is_container);
    g_assert_null(partition->contents.filesystem);
}

static void
test_types_of_gpt_partitions_are_not_those_of_an_mbr(void)
{
    g_autoptr(RubDriveFacts) facts = make_stick();
    set_text(&facts->table, "gpt");
    set_text(&get_partition(facts)->type, "0fc63daf-8483-4772-8e79-3d69d8477de4");
    g_autoptr(RubLayout) layout = rub_outline_new(facts);
    const RubPartition *partition = g_ptr_array_index(layout->partitions, 0);
    g_assert_cmpuint(partition->mbr_type, ==, 0);
    g_assert_false(partition->is_active);
}

static void
test_a_refused_drive_says_why(void)
{
    g_autoptr(RubDriveFacts) facts = make_stick();
    set_text(&facts->bus, "");
    g_autoptr(RubLayout) layout = rub_outline_new(facts);
    g_assert_nonnull(layout->refusal);
    g_assert_cmpint((int) layout->refusal_code, ==, RUB_CODE_SYSTEM_DISK);
}

static void
test_write_protection_is_no_refusal(void)
{
    g_autoptr(RubDriveFacts) facts = make_stick();
    facts->is_read_only = TRUE;
    g_autoptr(RubLayout) layout = rub_outline_new(facts);
    g_assert_true(layout->is_read_only);
    g_assert_null(layout->refusal);
    g_assert_cmpint((int) layout->refusal_code, ==, 0);
}

static void
test_contents_are_found_by_number(void)
{
    g_autoptr(RubDriveFacts) facts = make_stick();
    g_autoptr(RubLayout) layout = rub_outline_new(facts);
    g_assert_true(rub_outline_get_contents(layout, 0) == &layout->whole);
    g_assert_cmpstr(rub_outline_get_contents(layout, 1)->label, ==, "HOLIDAY");
    g_assert_null(rub_outline_get_contents(layout, 2));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name, function) g_test_add_func("/outline/" name, function)
    ADD("stick", test_a_stick);
    ADD("nameless", test_a_stick_without_a_name_is_called_by_its_node);
    ADD("gaps", test_gaps_are_found);
    ADD("4096", test_large_sectors);
    ADD("tables", test_how_a_disk_is_divided);
    ADD("remains", test_remains_below_a_table_are_no_contents);
    ADD("extended", test_an_extended_partition_has_no_contents);
    ADD("gpt-types", test_types_of_gpt_partitions_are_not_those_of_an_mbr);
    ADD("refused", test_a_refused_drive_says_why);
    ADD("write-protected", test_write_protection_is_no_refusal);
    ADD("contents", test_contents_are_found_by_number);
    return g_test_run();
}
