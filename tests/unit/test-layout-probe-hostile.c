/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Disks that are damaged, or made to mislead. */
#include <fcntl.h>
#include <glib/gstdio.h>

#include "layout-tools.h"
#include "target/rub-blank.h"

static void
test_overlapping_partitions_leave_no_gap_between(Fixture *fixture, gconstpointer user_data)
{
    g_autofree char *path = make_disk(fixture, 64 * MIB);
    partition(path, "label: dos\n");
    put_entry(path, 0, 0, 0x0c, 2048, 60000);
    put_entry(path, 0, 1, 0x07, 4096, 2048);
    put_entry(path, 0, 2, 0x83, 2048, 60000);
    g_autoptr(RubLayout) layout = probe(path);
    g_assert_cmpint(layout->table, ==, RUB_TABLE_MBR);
    g_assert_cmpuint(layout->partitions->len, ==, 3);
    g_assert_cmpuint(layout->gaps->len, ==, 1);
    assert_gap(layout, 0, 63488, 64 * MIB_SECTORS - 63488);
}

static void
test_partitions_beyond_the_disk_are_listed(Fixture *fixture, gconstpointer user_data)
{
    g_autofree char *path = make_disk(fixture, 64 * MIB);
    partition(path, "label: dos\n");
    put_entry(path, 0, 0, 0x0c, 4096, G_MAXUINT32);
    put_entry(path, 0, 1, 0x0c, G_MAXUINT32, G_MAXUINT32);
    g_autoptr(RubLayout) layout = probe(path);
    g_assert_cmpint(layout->table, ==, RUB_TABLE_MBR);
    g_assert_cmpuint(layout->partitions->len, ==, 2);
    assert_partition(layout, 0, 1, 4096, G_MAXUINT32, 0x0c);
    g_assert_null(get_partition(layout, 0)->contents.filesystem);
    g_assert_cmpuint(layout->gaps->len, ==, 1);
    assert_gap(layout, 0, 2048, 2048);
}

/* What is left of it cannot be told apart from what is on the missing part. */
static void
test_a_filesystem_that_is_cut_off_is_not_described(Fixture *fixture, gconstpointer user_data)
{
    g_autofree char *path = make_disk(fixture, 64 * MIB);
    partition(path, "label: dos\n");
    run("mkfs.fat", "-F", "32", "-s", "1", "--offset=2048", path);
    put_entry(path, 0, 0, 0x0c, 2048, 63 * MIB_SECTORS);
    g_autoptr(RubLayout) whole = probe(path);
    g_assert_cmpstr(get_partition(whole, 0)->contents.filesystem, ==, "vfat");
    put_entry(path, 0, 0, 0x0c, 2048, 63 * MIB_SECTORS + 1);
    g_autoptr(RubLayout) cut = probe(path);
    g_assert_null(get_partition(cut, 0)->contents.filesystem);
}

/* The table is what a system uses; the filesystem is from before. */
static void
test_a_filesystem_under_a_table_does_not_count(Fixture *fixture, gconstpointer user_data)
{
    if (!has_tool("mkfs.ext4"))
        return;
    g_autofree char *path = make_disk(fixture, 64 * MIB);
    run("mkfs.ext4", "-q", "-F", path);
    partition(path, "label: dos\nstart=2048, size=2048\n");
    g_autoptr(RubLayout) layout = probe(path);
    g_assert_cmpint(layout->table, ==, RUB_TABLE_MBR);
    g_assert_null(layout->whole.filesystem);
}

static void
test_a_logical_partition_outside_its_container_is_no_gap(Fixture *fixture, gconstpointer user_data)
{
    g_autofree char *path = make_disk(fixture, 64 * MIB);
    partition(path, "label: dos\n");
    put_entry(path, 0, 0, 0x05, 2048, 2048);
    put_entry(path, 2048, 0, 0x83, 18432, 4096);
    g_autoptr(RubLayout) layout = probe(path);
    assert_partition(layout, 1, 5, 20480, 4096, 0x83);
    assert_gap(layout, 0, 4096, 20480 - 4096);
    assert_gap(layout, 1, 24576, 64 * MIB_SECTORS - 24576);
}

static void
test_looping_extended_partitions_end(Fixture *fixture, gconstpointer user_data)
{
    g_autofree char *path = make_disk(fixture, 64 * MIB);
    partition(path, "label: dos\n");
    put_entry(path, 0, 0, 0x05, 2048, 60000);
    put_entry(path, 2048, 0, 0x83, 63, 100);
    put_entry(path, 2048, 1, 0x05, 0, 60000);
    g_autoptr(RubLayout) to_itself = probe(path);
    g_assert_cmpuint(to_itself->partitions->len, >=, 1);
    put_entry(path, 0, 0, 0x05, 0, 60000);
    g_autoptr(RubLayout) to_the_mbr = probe(path);
    g_assert_cmpuint(to_the_mbr->gaps->len, <=, 1);
    put_entry(path, 0, 0, 0x05, G_MAXUINT32, G_MAXUINT32);
    g_autoptr(RubLayout) beyond = probe(path);
    g_assert_nonnull(beyond->fingerprint);
}

/* What a gap promises must hold whatever the table says. */
static void
assert_gaps_are_sane(const RubLayout *layout)
{
    for (guint i = 0; i < layout->gaps->len; i++) {
        const RubGap *gap = &g_array_index(layout->gaps, RubGap, i);
        g_assert_cmpuint(gap->start_lba % MIB_SECTORS, ==, 0);
        g_assert_cmpuint(gap->start_lba, >=, MIB_SECTORS);
        g_assert_cmpuint(gap->sector_count, >=, MIB_SECTORS);
        g_assert_cmpuint((gap->start_lba + gap->sector_count) * 512, <=, layout->size_bytes);
        for (guint j = 0; j < layout->partitions->len; j++) {
            const RubPartition *at = get_partition(layout, j);
            g_assert_true(at->start_lba + at->sector_count <= gap->start_lba ||
                          at->start_lba >= gap->start_lba + gap->sector_count);
        }
    }
}

/* Fills an entry so that chains of extended partitions are likely to lead somewhere. */
static void
put_random_entry(const char *path, guint64 sector, guint slot, const guint8 *types, guint n_types)
{
    guint32 start_lba = g_test_rand_int_range(0, 3) == 0 ? (guint32) g_test_rand_int()
                                                         : (guint32) g_test_rand_int_range(0, 64);
    guint32 sector_count = (guint32) g_test_rand_int() >> g_test_rand_int_range(0, 32);
    put_entry(path, sector, slot, types[g_test_rand_int_range(0, (gint32) n_types)], start_lba,
              sector_count);
}

static void
test_random_tables_do_no_harm(Fixture *fixture, gconstpointer user_data)
{
    static const guint8 types[] = {0x07, 0x0c, 0x83, 0xa5, 0x00, 0x05, 0x0f, 0x85};
    /* libfdisk 2.38 loses the memory of a sector when a second extended partition follows one
     * that cannot be read; so only the first entry of the MBR may be one. */
    const guint n_plain = 5;
    g_autofree char *path = make_disk(fixture, 4 * MIB);
    for (guint round = 0; round < 500; round++) {
        for (guint slot = 0; slot < 4; slot++)
            put_random_entry(path, 0, slot, types, slot == 0 ? G_N_ELEMENTS(types) : n_plain);
        for (guint slot = 0; slot < 4; slot++)
            put_random_entry(path, (guint64) g_test_rand_int_range(1, 64), slot, types,
                             G_N_ELEMENTS(types));
        g_autoptr(RubLayout) layout = probe(path);
        g_assert_nonnull(layout->fingerprint);
        assert_gaps_are_sane(layout);
    }
}

/* The checksum of a GPT (UEFI specification 2.10, section 5.3.2), bit by bit. */
static guint32
get_crc32(const guint8 *data, gsize size)
{
    guint32 crc = G_MAXUINT32;
    for (gsize i = 0; i < size; i++) {
        crc ^= data[i];
        for (guint bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
    }
    return ~crc;
}

static void
reseal_gpt(const char *path)
{
    guint8 header[92];
    g_autofree guint8 *entries = g_malloc(128 * 128);
    peek(path, 512, header, sizeof header);
    peek(path, 1024, entries, 128 * 128);
    rub_put_u32le(header + 88, get_crc32(entries, 128 * 128));
    rub_put_u32le(header + 16, 0);
    rub_put_u32le(header + 16, get_crc32(header, sizeof header));
    poke(path, 512, header, sizeof header);
}

/* First and last sector of an entry: offsets 32 and 40. */
static void
test_a_gpt_with_absurd_numbers_does_no_harm(Fixture *fixture, gconstpointer user_data)
{
    static const guint8 numbers[][16] = {
        {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0},
        {0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
        {0, 8, 0, 0, 0, 0, 0, 0x80, 0, 9, 0, 0, 0, 0, 0, 0x80},
        {0, 9, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0},
        {0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x40},
    };
    g_autofree char *path = make_disk(fixture, 20 * MIB);
    partition(path, "label: gpt\nstart=2048, size=2048\n");
    for (guint i = 0; i < G_N_ELEMENTS(numbers); i++) {
        poke(path, 1024 + 32, numbers[i], sizeof numbers[i]);
        reseal_gpt(path);
        g_autoptr(RubLayout) layout = probe(path);
        g_assert_cmpint(layout->table, ==, RUB_TABLE_GPT);
        for (guint j = 0; j < layout->partitions->len; j++)
            g_assert_null(get_partition(layout, j)->contents.filesystem);
    }
}

static void
test_a_damaged_gpt_is_still_a_gpt(Fixture *fixture, gconstpointer user_data)
{
    g_autofree char *path = make_disk(fixture, 20 * MIB);
    guint8 zeros[512] = {0};
    partition(path, "label: gpt\nstart=2048, size=20480\n");
    poke(path, 512, zeros, sizeof zeros);
    g_autoptr(RubLayout) by_backup = probe(path);
    g_assert_cmpint(by_backup->table, ==, RUB_TABLE_GPT);
    g_assert_cmpuint(by_backup->partitions->len, ==, 1);
    poke(path, 20 * MIB - 512, zeros, sizeof zeros);
    g_autoptr(RubLayout) by_nothing = probe(path);
    g_assert_cmpint(by_nothing->table, ==, RUB_TABLE_GPT);
    g_assert_cmpuint(by_nothing->partitions->len, ==, 0);
}

/* A disk that is encrypted as a whole looks like this. */
static void
test_unknown_bytes_are_not_blank(Fixture *fixture, gconstpointer user_data)
{
    g_autofree char *path = make_disk(fixture, 4 * MIB);
    guint8 noise[512];
    for (guint i = 0; i < sizeof noise; i++)
        noise[i] = (guint8) (i * 167 + 13);
    poke(path, 0, noise, sizeof noise);
    g_autoptr(RubLayout) layout = probe(path);
    g_assert_cmpint(layout->table, ==, RUB_TABLE_OTHER);
    g_assert_null(layout->table_name);
}

static void
assert_is_not_blank_without_sector_0(const char *path)
{
    guint8 zeros[512] = {0};
    poke(path, 0, zeros, sizeof zeros);
    g_autoptr(RubLayout) layout = probe(path);
    g_assert_cmpint(layout->table, ==, RUB_TABLE_OTHER);
}

/* What libblkid does not recognise any more can still be rescued. */
static void
test_a_disk_that_lost_its_first_sector_is_not_blank(Fixture *fixture, gconstpointer user_data)
{
    g_autofree char *path = make_disk(fixture, 64 * MIB);
    run("mkfs.fat", "-F", "32", "-s", "1", path);
    assert_is_not_blank_without_sector_0(path);
    g_remove(path);
    g_autofree char *gpt = make_disk(fixture, 64 * MIB);
    partition(gpt, "label: gpt\nstart=2048, size=20480\n");
    assert_is_not_blank_without_sector_0(gpt);
}

static void
test_files_in_the_middle_are_not_blank(Fixture *fixture, gconstpointer user_data)
{
    g_autofree char *path = make_disk(fixture, 64 * MIB);
    g_autofree guint8 *film = g_malloc(4 * MIB);
    memset(film, 0x5a, 4 * MIB);
    poke(path, 30 * MIB, film, 4 * MIB);
    g_autoptr(RubLayout) layout = probe(path);
    g_assert_cmpint(layout->table, ==, RUB_TABLE_OTHER);
}

/* What a build or an undo leaves that nothing is lost with. */
static void
test_a_marked_disk_is_blank_until_it_has_a_table(Fixture *fixture, gconstpointer user_data)
{
    g_autofree char *path = make_disk(fixture, 64 * MIB);
    g_autoptr(GError) error = NULL;
    run("mkfs.fat", "-F", "32", "-s", "1", "--offset=2048", path, "64512");
    int fd = g_open(path, O_RDWR | O_CLOEXEC);
    g_autoptr(RubDisk) disk = rub_disk_new(fd, 64 * MIB, 512, path);
    g_assert_true(rub_blank_mark(disk, &error));
    g_autoptr(RubLayout) marked = probe(path);
    g_assert_cmpint(marked->table, ==, RUB_TABLE_NONE);
    partition(path, "label: dos\nstart=2048, size=20480\n");
    g_autoptr(RubLayout) used = probe(path);
    g_assert_cmpint(used->table, ==, RUB_TABLE_MBR);
}

static void
test_an_mbr_that_libblkid_doubts_is_not_blank(Fixture *fixture, gconstpointer user_data)
{
    g_autofree char *path = make_disk(fixture, 20 * MIB);
    partition(path, "label: dos\nstart=2048, size=20480, type=c\n");
    poke(path, ENTRY_OFFSET, "\x12", 1);
    g_autoptr(RubLayout) layout = probe(path);
    g_assert_cmpint(layout->table, ==, RUB_TABLE_OTHER);
    g_assert_cmpuint(layout->gaps->len, ==, 0);
}

/* The root folder's chain leads to itself. */
static void
test_a_damaged_fat_is_not_counted(Fixture *fixture, gconstpointer user_data)
{
    g_autofree char *path = make_disk(fixture, 64 * MIB);
    guint8 sector[512];
    run("mkfs.fat", "-F", "32", "-s", "1", "-n", "HOLIDAY", path);
    peek(path, 0, sector, sizeof sector);
    RubBytes boot = rub_bytes(sector, sizeof sector);
    poke(path, rub_bytes_u16le(&boot, 14) * 512 + 2 * 4, "\x02\0\0\0", 4);
    g_autoptr(RubLayout) layout = probe(path);
    g_assert_cmpint(layout->table, ==, RUB_TABLE_SUPERFLOPPY);
    g_assert_cmpuint(layout->whole.fat_bits, ==, 32);
    g_assert_false(layout->whole.is_counted);
}

static void
test_disks_of_hardly_any_size_are_blank(Fixture *fixture, gconstpointer user_data)
{
    static const guint64 sizes[] = {0, 512, 1024, 1536};
    for (guint i = 0; i < G_N_ELEMENTS(sizes); i++) {
        g_autofree char *path = make_disk(fixture, sizes[i]);
        g_autoptr(RubLayout) layout = probe(path);
        g_assert_cmpint(layout->table, ==, RUB_TABLE_NONE);
        g_assert_cmpuint(layout->size_bytes, ==, sizes[i]);
        g_assert_nonnull(layout->fingerprint);
        g_remove(path);
    }
}

static void
test_a_disk_that_cannot_be_read_is_code_1(Fixture *fixture, gconstpointer user_data)
{
    g_autofree char *path = make_disk(fixture, 0);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    g_autoptr(RubDisk) disk = rub_disk_new(fd, MIB, 512, path);
    g_autoptr(RubLayout) layout = rub_layout_new(path, 0);
    g_autoptr(GError) error = NULL;
    g_assert_false(rub_layout_probe(layout, disk, NULL, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_TRACK_0_NOT_WRITABLE);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    extend_search_path();
#define ADD(name, function)                                                                        \
    g_test_add("/layout-probe-hostile/" name, Fixture, NULL, set_up, function, tear_down)
    ADD("mbr/overlapping", test_overlapping_partitions_leave_no_gap_between);
    ADD("mbr/beyond-the-disk", test_partitions_beyond_the_disk_are_listed);
    ADD("mbr/cut-off", test_a_filesystem_that_is_cut_off_is_not_described);
    ADD("mbr/over-a-filesystem", test_a_filesystem_under_a_table_does_not_count);
    ADD("mbr/logical-outside", test_a_logical_partition_outside_its_container_is_no_gap);
    ADD("mbr/loops", test_looping_extended_partitions_end);
    ADD("mbr/random", test_random_tables_do_no_harm);
    ADD("gpt/absurd-numbers", test_a_gpt_with_absurd_numbers_does_no_harm);
    ADD("gpt/damaged", test_a_damaged_gpt_is_still_a_gpt);
    ADD("other/unknown-bytes", test_unknown_bytes_are_not_blank);
    ADD("other/no-first-sector", test_a_disk_that_lost_its_first_sector_is_not_blank);
    ADD("other/files-in-the-middle", test_files_in_the_middle_are_not_blank);
    ADD("blank/marked", test_a_marked_disk_is_blank_until_it_has_a_table);
    ADD("other/doubtful-mbr", test_an_mbr_that_libblkid_doubts_is_not_blank);
    ADD("contents/damaged", test_a_damaged_fat_is_not_counted);
    ADD("blank/hardly-any-size", test_disks_of_hardly_any_size_are_blank);
    ADD("unreadable", test_a_disk_that_cannot_be_read_is_code_1);
    return g_test_run();
}
