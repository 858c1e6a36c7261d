/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "drive-tools.h"

static void
assert_name(const char *vendor, const char *model, const char *expected)
{
    g_autoptr(RubDriveFacts) facts = make_stick();
    set_text(&facts->vendor, vendor);
    set_text(&facts->model, model);
    g_autofree char *name = rub_drive_facts_make_name(facts);
    g_assert_cmpstr(name, ==, expected);
}

static void
test_names_are_vendor_and_model(void)
{
    assert_name("Kingston", "DataTraveler 3.0", "Kingston DataTraveler 3.0");
    assert_name("", "Flash Disk", "Flash Disk");
    assert_name("Generic", "", "Generic");
    assert_name("", "", "/dev/sdb");
}

static void
test_a_vendor_is_not_told_twice(void)
{
    assert_name("SanDisk", "SanDisk Ultra", "SanDisk Ultra");
    assert_name("SANDISK", "SanDisk", "SanDisk");
    assert_name("San", "SanDisk Ultra", "San SanDisk Ultra");
}

static void
test_padding_is_squeezed(void)
{
    assert_name("General ", " UDisk   5.00_x ", "General UDisk 5.00 x");
}

static void
test_fat_bits_come_from_the_version(void)
{
    g_autoptr(RubDriveFacts) facts = make_stick();
    RubVolumeFacts *volume = get_partition(facts);
    g_assert_cmpuint(rub_volume_facts_get_fat_bits(volume), ==, 32);
    set_text(&volume->version, "FAT16");
    g_assert_cmpuint(rub_volume_facts_get_fat_bits(volume), ==, 16);
    set_text(&volume->version, "");
    g_assert_cmpuint(rub_volume_facts_get_fat_bits(volume), ==, 0);
    set_text(&volume->filesystem, "ntfs");
    set_text(&volume->version, "FAT32");
    g_assert_cmpuint(rub_volume_facts_get_fat_bits(volume), ==, 0);
}

static void
assert_label(const char *id_label, const char *link, const char *expected)
{
    const char *const links[] = {"/dev/disk/by-uuid/8641-78AD", link, NULL};
    g_autofree char *label = rub_volume_facts_make_label(id_label, links);
    g_assert_cmpstr(label, ==, expected);
}

/* What UDisks2 2.9.4 and udev tell of a FAT whose label has a letter of code page 850. */
static void
test_a_label_that_is_no_utf_8_is_the_one_on_the_disk(void)
{
    assert_label("SCH_N", "/dev/disk/by-label/SCH\\x99N", "SCH\xef\xbf\xbdN");
    assert_label("_", "/dev/disk/by-label/\\x99", "\xef\xbf\xbd");
    assert_label("_\\x9", "/dev/disk/by-label/\\x99\\x9", "\xef\xbf\xbd\\x9");
}

static void
test_any_other_label_is_what_udisks_tells(void)
{
    assert_label("MY STICK", "/dev/disk/by-label/MY\\x20STICK", "MY STICK");
    assert_label("Łódź", "/dev/disk/by-label/Łódź", "Łódź");
    assert_label("A_B", "/dev/disk/by-path/pci-\\x99", "A_B");
    assert_label("", NULL, "");
    g_autofree char *label = rub_volume_facts_make_label("HOLIDAY", NULL);
    g_assert_cmpstr(label, ==, "HOLIDAY");
}

static void
assert_differ(const RubDriveFacts *one, const RubDriveFacts *other)
{
    g_autofree char *first = rub_drive_facts_make_fingerprint(one);
    g_autofree char *second = rub_drive_facts_make_fingerprint(other);
    g_assert_cmpstr(first, !=, second);
    g_assert_false(rub_drive_facts_equal(one, other));
}

static void
test_the_fingerprint_tells_drives_apart(void)
{
    g_autoptr(RubDriveFacts) facts = make_stick();
    g_autoptr(RubDriveFacts) serial = make_stick();
    g_autoptr(RubDriveFacts) size = make_stick();
    g_autoptr(RubDriveFacts) table = make_stick();
    g_autoptr(RubDriveFacts) label = make_stick();
    g_autoptr(RubDriveFacts) flags = make_stick();
    g_autoptr(RubDriveFacts) more = make_stick();
    g_autoptr(RubDriveFacts) clone = make_stick();
    set_text(&serial->serial, "CD34");
    size->size_bytes++;
    set_text(&table->table, "gpt");
    set_text(&get_partition(label)->label, "WORK");
    get_partition(flags)->flags = 0;
    rub_drive_facts_add_partition(more, "/block_devices/sdb2", 2);
    clone->disk_sequence++;
    const RubDriveFacts *others[] = {serial, size, table, label, flags, more, clone};
    for (guint i = 0; i < G_N_ELEMENTS(others); i++)
        assert_differ(facts, others[i]);
}

static void
test_mounting_changes_the_facts_but_not_the_fingerprint(void)
{
    g_autoptr(RubDriveFacts) facts = make_stick();
    g_autoptr(RubDriveFacts) mounted = make_stick();
    g_assert_true(rub_drive_facts_equal(facts, mounted));
    RubVolumeFacts *volume = get_partition(mounted);
    g_strfreev(volume->mount_points);
    volume->mount_points = g_strsplit("/media/me/HOLIDAY", " ", -1);
    g_assert_false(rub_drive_facts_equal(facts, mounted));
    g_autofree char *first = rub_drive_facts_make_fingerprint(facts);
    g_autofree char *second = rub_drive_facts_make_fingerprint(mounted);
    g_assert_cmpstr(first, ==, second);
}

static void
test_labels_cannot_imitate_one_another(void)
{
    g_autoptr(RubDriveFacts) one = make_stick();
    g_autoptr(RubDriveFacts) other = make_stick();
    set_text(&get_partition(one)->label, "A', 'B");
    set_text(&get_partition(one)->uuid, "C");
    set_text(&get_partition(other)->label, "A");
    set_text(&get_partition(other)->uuid, "B', 'C");
    assert_differ(one, other);
}

static void
test_partitions_are_sorted_by_number(void)
{
    g_autoptr(RubDriveFacts) facts = make_stick();
    rub_drive_facts_add_partition(facts, "/block_devices/sdb10", 10);
    rub_drive_facts_add_partition(facts, "/block_devices/sdb2", 2);
    rub_drive_facts_sort(facts);
    g_autoptr(GPtrArray) volumes = rub_drive_facts_get_volumes(facts);
    static const guint numbers[] = {0, 1, 2, 10};
    g_assert_cmpuint(volumes->len, ==, G_N_ELEMENTS(numbers));
    for (guint i = 0; i < volumes->len; i++) {
        const RubVolumeFacts *volume = g_ptr_array_index(volumes, i);
        g_assert_cmpuint(volume->number, ==, numbers[i]);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name, function) g_test_add_func("/drive-facts/" name, function)
    ADD("name", test_names_are_vendor_and_model);
    ADD("name/vendor-once", test_a_vendor_is_not_told_twice);
    ADD("name/padding", test_padding_is_squeezed);
    ADD("label/code-page", test_a_label_that_is_no_utf_8_is_the_one_on_the_disk);
    ADD("label", test_any_other_label_is_what_udisks_tells);
    ADD("fat-bits", test_fat_bits_come_from_the_version);
    ADD("fingerprint", test_the_fingerprint_tells_drives_apart);
    ADD("fingerprint/mounting", test_mounting_changes_the_facts_but_not_the_fingerprint);
    ADD("fingerprint/hostile", test_labels_cannot_imitate_one_another);
    ADD("sorted", test_partitions_are_sorted_by_number);
    return g_test_run();
}
