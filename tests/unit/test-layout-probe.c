/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "layout-tools.h"

/* Puts a filesystem made in a file of its own at a place of the disk. */
static void
insert(const char *from, const char *path, guint64 offset_bytes)
{
    g_autofree char *in = g_strconcat("if=", from, NULL);
    g_autofree char *out = g_strconcat("of=", path, NULL);
    g_autofree char *seek = g_strdup_printf("seek=%" G_GUINT64_FORMAT, offset_bytes / MIB);
    run("dd", in, out, seek, "bs=1M", "conv=notrunc,sparse", "status=none");
}

static void
test_zeros_are_blank(Fixture *fixture, gconstpointer user_data)
{
    g_autofree char *path = make_disk(fixture, 16 * MIB);
    g_autoptr(RubLayout) layout = probe(path);
    g_assert_cmpint(layout->table, ==, RUB_TABLE_NONE);
    g_assert_cmpuint(layout->size_bytes, ==, 16 * MIB);
    g_assert_null(layout->table_name);
    g_assert_null(layout->whole.filesystem);
    g_assert_false(layout->has_boot_code);
    g_assert_cmpuint(layout->partitions->len, ==, 0);
    g_assert_cmpuint(layout->gaps->len, ==, 0);
}

static void
test_mbr_partitions_and_gaps_are_listed(Fixture *fixture, gconstpointer user_data)
{
    g_autofree char *path = make_disk(fixture, 100 * MIB);
    partition(path, "label: dos\nlabel-id: 0xcafe0001\n"
                    "start=4096, size=20480, type=c, bootable\nstart=40000, size=2048, type=83\n");
    g_autoptr(RubLayout) layout = probe(path);
    g_assert_cmpint(layout->table, ==, RUB_TABLE_MBR);
    g_assert_cmpstr(layout->table_name, ==, "dos");
    g_assert_cmphex(layout->disk_signature, ==, 0xcafe0001);
    g_assert_false(layout->has_boot_code);
    g_assert_cmpuint(layout->partitions->len, ==, 2);
    assert_partition(layout, 0, 1, 4096, 20480, 0x0c);
    g_assert_true(get_partition(layout, 0)->is_active);
    assert_partition(layout, 1, 2, 40000, 2048, 0x83);
    g_assert_false(get_partition(layout, 1)->is_active);
    g_assert_cmpuint(layout->gaps->len, ==, 3);
    assert_gap(layout, 0, 2048, 2048);
    assert_gap(layout, 1, 24576, 40000 - 24576);
    assert_gap(layout, 2, 43008, 100 * MIB_SECTORS - 43008);
}

static void
test_an_empty_mbr_is_one_gap(Fixture *fixture, gconstpointer user_data)
{
    g_autofree char *path = make_disk(fixture, 10 * MIB);
    partition(path, "label: dos\n");
    poke(path, 0, "\xfa", 1);
    g_autoptr(RubLayout) layout = probe(path);
    g_assert_cmpint(layout->table, ==, RUB_TABLE_MBR);
    g_assert_true(layout->has_boot_code);
    g_assert_cmpuint(layout->partitions->len, ==, 0);
    g_assert_cmpuint(layout->gaps->len, ==, 1);
    assert_gap(layout, 0, MIB_SECTORS, 9 * MIB_SECTORS);
}

/* What is behind the table tells whether it is all that there is. */
static void
assert_gap_is_judged(const Fixture *fixture, guint64 offset_bytes, RubTableKind table)
{
    g_autofree char *path = make_disk(fixture, 10 * MIB);
    partition(path, "label: dos\n");
    poke(path, offset_bytes, "\x5a", 1);
    g_autoptr(RubLayout) layout = probe(path);
    g_assert_cmpint(layout->table, ==, table);
    g_assert_cmpuint(layout->gaps->len, ==, table == RUB_TABLE_MBR ? 1 : 0);
    partition(path, "label: dos\nstart=2048, size=2048, type=c\n");
    poke(path, offset_bytes, "\x5a", 1);
    g_autoptr(RubLayout) used = probe(path);
    g_assert_cmpint(used->table, ==, RUB_TABLE_MBR);
    g_remove(path);
}

static void
test_an_empty_mbr_over_unknown_bytes_is_no_free_space(Fixture *fixture, gconstpointer user_data)
{
    assert_gap_is_judged(fixture, 512, RUB_TABLE_OTHER);
    assert_gap_is_judged(fixture, 63 * 512 - 1, RUB_TABLE_OTHER);
}

/* Partitions begin at sector 63 at the earliest, and what was in them stays when they are deleted.
 */
static void
test_an_empty_mbr_over_deleted_partitions_is_one_gap(Fixture *fixture, gconstpointer user_data)
{
    assert_gap_is_judged(fixture, 63 * 512, RUB_TABLE_MBR);
    assert_gap_is_judged(fixture, 2048 * 512, RUB_TABLE_MBR);
}

static void
test_the_slot_in_the_table_is_the_number(Fixture *fixture, gconstpointer user_data)
{
    g_autofree char *path = make_disk(fixture, 10 * MIB);
    partition(path, "label: dos\n");
    put_entry(path, 0, 3, 0x0c, 2048, 2048);
    g_autoptr(RubLayout) layout = probe(path);
    g_assert_cmpuint(layout->partitions->len, ==, 1);
    assert_partition(layout, 0, 4, 2048, 2048, 0x0c);
}

static void
test_logical_partitions_lie_in_their_container(Fixture *fixture, gconstpointer user_data)
{
    g_autofree char *path = make_disk(fixture, 100 * MIB);
    partition(path, "label: dos\nstart=2048, size=2048, type=83\n"
                    "start=4096, size=100000, type=f\n"
                    "start=6144, size=4096, type=7\nstart=12288, size=4096, type=c\n");
    g_autoptr(RubLayout) layout = probe(path);
    g_assert_cmpuint(layout->partitions->len, ==, 4);
    assert_partition(layout, 1, 2, 4096, 100000, 0x0f);
    g_assert_true(get_partition(layout, 1)->is_container);
    assert_partition(layout, 2, 5, 6144, 4096, 0x07);
    g_assert_true(get_partition(layout, 2)->is_logical);
    assert_partition(layout, 3, 6, 12288, 4096, 0x0c);
    g_assert_cmpuint(layout->gaps->len, ==, 1);
    assert_gap(layout, 0, 104448, 100 * MIB_SECTORS - 104448);
}

static void
test_gpt_partitions_are_listed_without_gaps(Fixture *fixture, gconstpointer user_data)
{
    g_autofree char *path = make_disk(fixture, 100 * MIB);
    partition(path, "label: gpt\nstart=2048, size=20480, type=uefi\nsize=4096\n");
    g_autoptr(RubLayout) layout = probe(path);
    g_assert_cmpint(layout->table, ==, RUB_TABLE_GPT);
    g_assert_cmpstr(layout->table_name, ==, "gpt");
    g_assert_cmpuint(layout->partitions->len, ==, 2);
    assert_partition(layout, 0, 1, 2048, 20480, 0);
    assert_partition(layout, 1, 2, 22528, 4096, 0);
    g_assert_cmpuint(layout->gaps->len, ==, 0);
    g_assert_cmphex(layout->disk_signature, ==, 0);
}

static void
test_a_table_of_another_kind_has_a_name(Fixture *fixture, gconstpointer user_data)
{
    g_autofree char *path = make_disk(fixture, 20 * MIB);
    partition(path, "label: sun\n");
    g_autoptr(RubLayout) layout = probe(path);
    g_assert_cmpint(layout->table, ==, RUB_TABLE_OTHER);
    g_assert_cmpstr(layout->table_name, ==, "sun");
}

static void
test_fat_at_the_start_is_a_superfloppy(Fixture *fixture, gconstpointer user_data)
{
    static const struct {
        const char *bits;
        guint64 size_bytes;
        guint fat_bits;
    } cases[] = {{"12", 2 * MIB, 12}, {"16", 32 * MIB, 16}, {"32", 64 * MIB, 32}};
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path = make_disk(fixture, cases[i].size_bytes);
        run("mkfs.fat", "-F", cases[i].bits, "-s", "1", "-n", "HOLIDAY", path);
        g_autoptr(RubLayout) layout = probe(path);
        g_assert_cmpint(layout->table, ==, RUB_TABLE_SUPERFLOPPY);
        g_assert_cmpstr(layout->whole.filesystem, ==, "vfat");
        g_assert_cmpuint(layout->whole.fat_bits, ==, cases[i].fat_bits);
        g_assert_cmpstr(layout->whole.label, ==, "HOLIDAY");
        g_assert_cmpuint(layout->partitions->len, ==, 0);
        g_remove(path);
    }
}

static void
test_ntfs_at_the_start_is_a_superfloppy(Fixture *fixture, gconstpointer user_data)
{
    if (!has_tool("mkntfs"))
        return;
    g_autofree char *path = make_disk(fixture, 8 * MIB);
    run("mkntfs", "-F", "-Q", "-q", "-L", "BACKUP", path);
    g_autoptr(RubLayout) layout = probe(path);
    g_assert_cmpint(layout->table, ==, RUB_TABLE_SUPERFLOPPY);
    g_assert_cmpstr(layout->whole.filesystem, ==, "ntfs");
    g_assert_cmpuint(layout->whole.fat_bits, ==, 0);
}

static void
test_ext4_at_the_start_is_a_superfloppy(Fixture *fixture, gconstpointer user_data)
{
    if (!has_tool("mkfs.ext4"))
        return;
    g_autofree char *path = make_disk(fixture, 8 * MIB);
    run("mkfs.ext4", "-q", "-F", path);
    g_autoptr(RubLayout) layout = probe(path);
    g_assert_cmpint(layout->table, ==, RUB_TABLE_SUPERFLOPPY);
    g_assert_cmpstr(layout->whole.filesystem, ==, "ext4");
}

static void
test_two_filesystems_at_the_start_are_a_superfloppy(Fixture *fixture, gconstpointer user_data)
{
    if (!has_tool("mkfs.ext4"))
        return;
    g_autofree char *path = make_disk(fixture, 64 * MIB);
    g_autofree char *boot_sector = g_malloc(512);
    run("mkfs.fat", "-F", "32", "-s", "1", path);
    peek(path, 0, boot_sector, 512);
    run("mkfs.ext4", "-q", "-F", path);
    poke(path, 0, boot_sector, 512);
    g_autoptr(RubLayout) layout = probe(path);
    g_assert_cmpint(layout->table, ==, RUB_TABLE_SUPERFLOPPY);
    g_assert_nonnull(layout->whole.filesystem);
}

static char *
make_iso(const Fixture *fixture)
{
    char *path = g_build_filename(fixture->folder, "disk.img", NULL);
    g_autofree char *file = make_image(fixture->folder, "payload.bin", 4 * MIB);
    run("genisoimage", "-quiet", "-V", "RESCUE_ISO", "-o", path, file);
    return path;
}

/* What ends in 55AA with zeros before it is an empty table in the eyes of libblkid. */
static void
make_empty_table(const char *path)
{
    static const guint8 zeros[4 * ENTRY_BYTES];
    poke(path, ENTRY_OFFSET, zeros, sizeof zeros);
    poke(path, 510, "\x55\xaa", 2);
}

static void
assert_table(const char *path, RubTableKind expected, const char *filesystem)
{
    g_autoptr(RubLayout) layout = probe(path);
    g_assert_cmpint(layout->table, ==, expected);
    g_assert_cmpstr(layout->whole.filesystem, ==, filesystem);
    g_assert_cmpuint(layout->partitions->len, ==, 0);
    g_assert_cmpuint(layout->gaps->len, ==, 0);
}

static void
test_what_has_room_for_a_table_is_a_superfloppy(Fixture *fixture, gconstpointer user_data)
{
    if (!has_tool("mkfs.ext4") || !has_tool("mkswap"))
        return;
    g_autofree char *path = make_disk(fixture, 32 * MIB);
    run("mkfs.ext4", "-q", "-F", path);
    make_empty_table(path);
    assert_table(path, RUB_TABLE_SUPERFLOPPY, "ext4");
    g_autofree char *swap = make_image(fixture->folder, "swap.img", 32 * MIB);
    run("mkswap", swap);
    make_empty_table(swap);
    assert_table(swap, RUB_TABLE_SUPERFLOPPY, "swap");
}

static void
test_exfat_is_a_superfloppy(Fixture *fixture, gconstpointer user_data)
{
    if (!has_tool("mkfs.exfat"))
        return;
    g_autofree char *path = make_disk(fixture, 32 * MIB);
    run("mkfs.exfat", "-n", "HOLIDAY", path);
    g_autoptr(RubLayout) layout = probe(path);
    g_assert_cmpint(layout->table, ==, RUB_TABLE_SUPERFLOPPY);
    g_assert_cmpstr(layout->whole.filesystem, ==, "exfat");
    g_assert_cmpstr(layout->whole.label, ==, "HOLIDAY");
    /* Its boot code may reach into the table. */
    put_entry(path, 0, 0, 0x0c, MIB_SECTORS, 8 * MIB_SECTORS);
    assert_table(path, RUB_TABLE_SUPERFLOPPY, "exfat");
}

static void
test_a_damaged_fat_is_no_free_space(Fixture *fixture, gconstpointer user_data)
{
    static const struct {
        const char *bits;
        guint64 size_bytes;
    } cases[] = {{"12", MIB}, {"16", 16 * MIB}, {"32", 48 * MIB}};
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *name = g_strdup_printf("fat%s.img", cases[i].bits);
        g_autofree char *path = make_image(fixture->folder, name, cases[i].size_bytes);
        run("mkfs.fat", "-F", cases[i].bits, "-s", "1", path);
        make_empty_table(path);
        poke(path, 11, "\0\0", 2);
        assert_table(path, RUB_TABLE_OTHER, NULL);
    }
}

static void
test_remains_below_partitions_do_not_count(Fixture *fixture, gconstpointer user_data)
{
    if (!has_tool("mkfs.ext4"))
        return;
    g_autofree char *path = make_disk(fixture, 32 * MIB);
    run("mkfs.ext4", "-q", "-F", path);
    partition(path, "label: dos\nstart=2048, size=16M, type=c\n");
    g_autoptr(RubLayout) layout = probe(path);
    g_assert_cmpint(layout->table, ==, RUB_TABLE_MBR);
    g_assert_cmpuint(layout->partitions->len, ==, 1);
    g_assert_null(layout->whole.filesystem);
}

static void
test_an_image_written_raw_is_a_superfloppy(Fixture *fixture, gconstpointer user_data)
{
    if (!has_tool("genisoimage"))
        return;
    g_autofree char *path = make_iso(fixture);
    g_autoptr(RubLayout) layout = probe(path);
    g_assert_cmpint(layout->table, ==, RUB_TABLE_SUPERFLOPPY);
    g_assert_cmpstr(layout->whole.filesystem, ==, "iso9660");
    g_assert_cmpstr(layout->whole.label, ==, "RESCUE_ISO");
}

static void
test_an_image_with_a_table_is_a_hybrid_iso(Fixture *fixture, gconstpointer user_data)
{
    if (!has_tool("genisoimage"))
        return;
    g_autofree char *path = make_iso(fixture);
    partition(path, "label: dos\nstart=64, size=4096, type=17, bootable\n");
    g_autoptr(RubLayout) layout = probe(path);
    g_assert_cmpint(layout->table, ==, RUB_TABLE_HYBRID_ISO);
    g_assert_cmpstr(layout->whole.label, ==, "RESCUE_ISO");
    g_assert_cmpuint(layout->partitions->len, ==, 1);
    g_assert_cmpuint(layout->gaps->len, ==, 0);
}

/* mkfs.fat takes no such label, other systems do. */
static void
put_code_page_in_label(const char *path, guint64 offset_bytes)
{
    g_autofree char *start = g_malloc(MIB);
    peek(path, offset_bytes, start, MIB);
    for (char *at = start; (at = memmem(at, MIB - (gsize) (at - start), "F#HRE", 5)); at++)
        poke(path, offset_bytes + (guint64) (at - start) + 1, "\x8e", 1);
}

static void
test_partitions_tell_what_they_hold(Fixture *fixture, gconstpointer user_data)
{
    if (!has_tool("mkntfs") || !has_tool("mkfs.ext4"))
        return;
    g_autofree char *path = make_disk(fixture, 64 * MIB);
    g_autofree char *ntfs = make_image(fixture->folder, "ntfs.img", 8 * MIB);
    g_autofree char *ext4 = make_image(fixture->folder, "ext4.img", 8 * MIB);
    partition(path, "label: dos\nsize=16M, type=e\nsize=8M, type=7\nsize=8M, type=83\nsize=8M\n");
    run("mkfs.fat", "-F", "16", "--offset=2048", "-n", "F#HRE", path, "16384");
    put_code_page_in_label(path, MIB);
    run("mkntfs", "-F", "-Q", "-q", "-L", "BACKUP", ntfs);
    run("mkfs.ext4", "-q", "-F", "-L", "root", ext4);
    insert(ntfs, path, 17 * MIB);
    insert(ext4, path, 25 * MIB);
    g_autoptr(RubLayout) layout = probe(path);
    g_assert_cmpint(layout->table, ==, RUB_TABLE_MBR);
    g_assert_cmpuint(layout->partitions->len, ==, 4);
    const RubPartition *fat = get_partition(layout, 0);
    g_assert_cmpstr(fat->contents.filesystem, ==, "vfat");
    g_assert_cmpuint(fat->contents.fat_bits, ==, 16);
    g_assert_true(g_utf8_validate(fat->contents.label, -1, NULL));
    g_assert_true(g_str_has_suffix(fat->contents.label, "HRE"));
    g_assert_cmpstr(get_partition(layout, 1)->contents.filesystem, ==, "ntfs");
    g_assert_cmpstr(get_partition(layout, 1)->contents.label, ==, "BACKUP");
    g_assert_cmpstr(get_partition(layout, 2)->contents.filesystem, ==, "ext4");
    g_assert_cmpstr(get_partition(layout, 2)->contents.label, ==, "root");
    g_assert_null(get_partition(layout, 3)->contents.filesystem);
}

static void
test_files_on_a_fat_are_counted(Fixture *fixture, gconstpointer user_data)
{
    if (!has_tool("mcopy") || !has_tool("mmd"))
        return;
    g_autofree char *path = make_disk(fixture, 64 * MIB);
    g_autofree char *file = make_image(fixture->folder, "file.bin", 5000);
    g_autofree char *drive = g_strconcat(path, "@@1M", NULL);
    partition(path, "label: dos\nsize=16M, type=e\n");
    run("mkfs.fat", "-F", "16", "-s", "4", "--offset=2048", "-n", "HOLIDAY", path, "16384");
    run("mmd", "-i", drive, "::folder");
    run("mcopy", "-i", drive, file, "::one.bin");
    run("mcopy", "-i", drive, file, "::folder/two.bin");
    g_autoptr(RubLayout) layout = probe(path);
    const RubContents *contents = &get_partition(layout, 0)->contents;
    g_assert_true(contents->is_counted);
    g_assert_cmpuint(contents->file_count, ==, 2);
    /* Two files of 3 clusters each, and the folder. */
    g_assert_cmpuint(contents->used_bytes, ==, 7 * 2048);
    g_assert_cmpuint(contents->free_bytes, >, 15 * MIB);
    g_assert_cmpuint(contents->used_bytes + contents->free_bytes, <, 16 * MIB);
    g_assert_cmpstr(contents->label, ==, "HOLIDAY");
}

static void
test_files_on_a_superfloppy_are_counted(Fixture *fixture, gconstpointer user_data)
{
    if (!has_tool("mcopy"))
        return;
    g_autofree char *path = make_disk(fixture, 64 * MIB);
    g_autofree char *file = make_image(fixture->folder, "file.bin", 5000);
    run("mkfs.fat", "-F", "32", "-s", "1", path);
    run("mcopy", "-i", path, file, "::one.bin");
    g_autoptr(RubLayout) layout = probe(path);
    g_assert_true(layout->whole.is_counted);
    g_assert_cmpuint(layout->whole.file_count, ==, 1);
    /* Ten clusters, and the root folder. */
    g_assert_cmpuint(layout->whole.used_bytes, ==, 11 * 512);
}

static void
test_4096_byte_sectors_are_counted_as_such(Fixture *fixture, gconstpointer user_data)
{
    g_autofree char *path = make_disk(fixture, 64 * MIB);
    partition(path, "label: dos\n");
    put_entry(path, 0, 0, 0x0c, 256, 4096);
    run("mkfs.fat", "-F", "12", "-S", "4096", "--offset=256", path, "16384");
    g_autoptr(RubLayout) layout = probe_sectors(path, 4096);
    g_assert_cmpuint(layout->sector_size, ==, 4096);
    assert_partition(layout, 0, 1, 256, 4096, 0x0c);
    g_assert_cmpstr(get_partition(layout, 0)->contents.filesystem, ==, "vfat");
    g_assert_cmpuint(layout->gaps->len, ==, 1);
    assert_gap(layout, 0, 4352, 64 * 256 - 4352);
}

/* The next table of an extended partition lies where its sectors say: 256 of them are 1 MiB. */
static void
test_logical_partitions_follow_4096_byte_sectors(Fixture *fixture, gconstpointer user_data)
{
    g_autofree char *path = make_disk(fixture, 64 * MIB);
    partition(path, "label: dos\n");
    put_entry(path, 0, 0, 0x05, 256, 8192);
    put_entry(path, MIB_SECTORS, 0, 0x83, 256, 1024);
    g_autoptr(RubLayout) layout = probe_sectors(path, 4096);
    g_assert_cmpuint(layout->partitions->len, ==, 2);
    assert_partition(layout, 1, 5, 512, 1024, 0x83);
}

static void
test_above_2_tib_a_gap_ends_where_an_entry_can(Fixture *fixture, gconstpointer user_data)
{
    g_autofree char *path = make_disk(fixture, 3 * 1024 * 1024 * MIB);
    partition(path, "label: dos\n");
    g_autoptr(RubLayout) layout = probe(path);
    g_assert_cmpint(layout->table, ==, RUB_TABLE_MBR);
    assert_gap(layout, 0, MIB_SECTORS, G_MAXUINT32 - MIB_SECTORS);
}

static void
test_the_fingerprint_knows_the_table_but_not_the_files(Fixture *fixture, gconstpointer user_data)
{
    g_autofree char *path = make_disk(fixture, 64 * MIB);
    partition(path, "label: dos\nstart=2048, size=2048\nstart=4096, size=100000, type=f\n"
                    "start=6144, size=4096, type=83\n");
    g_autofree char *first = get_fingerprint(path);
    poke(path, 50 * MIB, "file data", 9);
    g_autofree char *with_data = get_fingerprint(path);
    g_assert_cmpstr(with_data, ==, first);
    poke(path, 4096 * 512 + ENTRY_OFFSET + 4, "\x07", 1);
    g_autofree char *with_other_logical = get_fingerprint(path);
    g_assert_cmpstr(with_other_logical, !=, first);
    poke(path, 4096 * 512 + ENTRY_OFFSET + 4, "\x83", 1);
    g_autofree char *restored = get_fingerprint(path);
    g_assert_cmpstr(restored, ==, first);
    poke(path, 100, "\x01", 1);
    g_autofree char *with_boot_code = get_fingerprint(path);
    g_assert_cmpstr(with_boot_code, !=, first);
    poke(path, 100, "", 1);
    g_assert_cmpint(truncate(path, 65 * MIB), ==, 0);
    g_autofree char *of_larger = get_fingerprint(path);
    g_assert_cmpstr(of_larger, !=, first);
}

static void
test_the_fingerprint_knows_a_gpt(Fixture *fixture, gconstpointer user_data)
{
    g_autofree char *path = make_disk(fixture, 64 * MIB);
    partition(path, "label: gpt\nstart=2048, size=2048, name=one\n");
    g_autofree char *first = get_fingerprint(path);
    run("sfdisk", "--part-label", path, "1", "two");
    g_autofree char *renamed = get_fingerprint(path);
    g_assert_cmpstr(renamed, !=, first);
}

static void
test_probing_can_be_stopped(Fixture *fixture, gconstpointer user_data)
{
    g_autofree char *path = make_disk(fixture, 16 * MIB);
    partition(path, "label: dos\nstart=2048, size=2048\n");
    g_autoptr(RubDisk) disk = open_disk(path, 512);
    g_autoptr(RubLayout) layout = rub_layout_new(path, 0);
    g_autoptr(GCancellable) cancellable = g_cancellable_new();
    g_autoptr(GError) error = NULL;
    g_cancellable_cancel(cancellable);
    g_assert_false(rub_layout_probe(layout, disk, cancellable, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_CANCELLED);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    extend_search_path();
#define ADD(name, function)                                                                        \
    g_test_add("/layout-probe/" name, Fixture, NULL, set_up, function, tear_down)
    ADD("blank/zeros", test_zeros_are_blank);
    ADD("mbr/partitions-and-gaps", test_mbr_partitions_and_gaps_are_listed);
    ADD("mbr/empty", test_an_empty_mbr_is_one_gap);
    ADD("mbr/empty/unknown-bytes", test_an_empty_mbr_over_unknown_bytes_is_no_free_space);
    ADD("mbr/empty/deleted", test_an_empty_mbr_over_deleted_partitions_is_one_gap);
    ADD("mbr/slot-is-number", test_the_slot_in_the_table_is_the_number);
    ADD("mbr/logical", test_logical_partitions_lie_in_their_container);
    ADD("mbr/4096-byte-sectors", test_4096_byte_sectors_are_counted_as_such);
    ADD("mbr/4096-byte-logical", test_logical_partitions_follow_4096_byte_sectors);
    ADD("mbr/above-2-tib", test_above_2_tib_a_gap_ends_where_an_entry_can);
    ADD("gpt/partitions", test_gpt_partitions_are_listed_without_gaps);
    ADD("other/named", test_a_table_of_another_kind_has_a_name);
    ADD("superfloppy/fat", test_fat_at_the_start_is_a_superfloppy);
    ADD("superfloppy/ntfs", test_ntfs_at_the_start_is_a_superfloppy);
    ADD("superfloppy/ext4", test_ext4_at_the_start_is_a_superfloppy);
    ADD("superfloppy/two-at-once", test_two_filesystems_at_the_start_are_a_superfloppy);
    ADD("superfloppy/with-room-for-a-table", test_what_has_room_for_a_table_is_a_superfloppy);
    ADD("superfloppy/exfat", test_exfat_is_a_superfloppy);
    ADD("superfloppy/damaged-fat", test_a_damaged_fat_is_no_free_space);
    ADD("superfloppy/remains", test_remains_below_partitions_do_not_count);
    ADD("superfloppy/iso", test_an_image_written_raw_is_a_superfloppy);
    ADD("hybrid-iso", test_an_image_with_a_table_is_a_hybrid_iso);
    ADD("contents/counted", test_files_on_a_fat_are_counted);
    ADD("contents/counted-superfloppy", test_files_on_a_superfloppy_are_counted);
    ADD("contents/kinds", test_partitions_tell_what_they_hold);
    ADD("fingerprint/mbr", test_the_fingerprint_knows_the_table_but_not_the_files);
    ADD("fingerprint/gpt", test_the_fingerprint_knows_a_gpt);
    ADD("stopped", test_probing_can_be_stopped);
    return g_test_run();
}
