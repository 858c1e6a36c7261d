/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "target/rub-layout-probe.h"

#include "base/rub-bytes.h"
#include "base/rub-error.h"
#include "disk-tools.h"

#define MIB ((guint64) 1024 * 1024)
#define MIB_SECTORS 2048
#define ENTRY_OFFSET 446
#define ENTRY_BYTES 16

typedef struct {
    char *folder;
} Fixture;

static void
set_up(Fixture *fixture, gconstpointer user_data)
{
    fixture->folder = make_folder();
}

static void
tear_down(Fixture *fixture, gconstpointer user_data)
{
    remove_folder(fixture->folder);
}

static char *
make_disk(const Fixture *fixture, guint64 size_bytes)
{
    return make_image(fixture->folder, "disk.img", size_bytes);
}

/* The descriptor is read only, which proves in every test that looking changes nothing. */
static RubDisk *
open_disk(const char *path, guint sector_size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    g_assert_cmpint(fd, >=, 0);
    return rub_disk_new(fd, (guint64) lseek(fd, 0, SEEK_END), sector_size, path);
}

static RubLayout *
probe_sectors(const char *path, guint sector_size)
{
    g_autoptr(RubDisk) disk = open_disk(path, sector_size);
    RubLayout *layout = rub_layout_new(path, 0);
    GError *error = NULL;
    rub_layout_probe(layout, disk, NULL, &error);
    g_assert_no_error(error);
    return layout;
}

static RubLayout *
probe(const char *path)
{
    return probe_sectors(path, 512);
}

static char *
get_fingerprint(const char *path)
{
    g_autoptr(RubLayout) layout = probe(path);
    return g_steal_pointer(&layout->fingerprint);
}

static void
partition(const char *path, const char *script)
{
    g_free(run_tool(script, "sfdisk", "--quiet", "--wipe=never", path, NULL));
}

static void
put_entry(const char *path, guint64 sector, guint slot, guint8 type, guint32 start_lba,
          guint32 sector_count)
{
    guint8 entry[ENTRY_BYTES] = {0};
    entry[4] = type;
    rub_put_u32le(entry + 8, start_lba);
    rub_put_u32le(entry + 12, sector_count);
    poke(path, sector * 512 + ENTRY_OFFSET + slot * ENTRY_BYTES, entry, sizeof entry);
    poke(path, sector * 512 + 510, "\x55\xaa", 2);
}

static const RubPartition *
get_partition(const RubLayout *layout, guint index)
{
    g_assert_cmpuint(index, <, layout->partitions->len);
    return g_ptr_array_index(layout->partitions, index);
}

static void
assert_partition(const RubLayout *layout, guint index, guint number, guint64 start_lba,
                 guint64 sector_count, guint8 mbr_type)
{
    const RubPartition *at = get_partition(layout, index);
    g_assert_cmpuint(at->number, ==, number);
    g_assert_cmpuint(at->start_lba, ==, start_lba);
    g_assert_cmpuint(at->sector_count, ==, sector_count);
    g_assert_cmphex(at->mbr_type, ==, mbr_type);
}

static void
assert_gap(const RubLayout *layout, guint index, guint64 start_lba, guint64 sector_count)
{
    g_assert_cmpuint(index, <, layout->gaps->len);
    const RubGap *gap = &g_array_index(layout->gaps, RubGap, index);
    g_assert_cmpuint(gap->start_lba, ==, start_lba);
    g_assert_cmpuint(gap->sector_count, ==, sector_count);
}

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

static void
test_a_table_of_another_kind_has_a_name(Fixture *fixture, gconstpointer user_data)
{
    g_autofree char *path = make_disk(fixture, 20 * MIB);
    partition(path, "label: sun\n");
    g_autoptr(RubLayout) layout = probe(path);
    g_assert_cmpint(layout->table, ==, RUB_TABLE_OTHER);
    g_assert_cmpstr(layout->table_name, ==, "sun");
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
test_an_mbr_that_libblkid_doubts_is_not_blank(Fixture *fixture, gconstpointer user_data)
{
    g_autofree char *path = make_disk(fixture, 20 * MIB);
    partition(path, "label: dos\nstart=2048, size=20480, type=c\n");
    poke(path, ENTRY_OFFSET, "\x12", 1);
    g_autoptr(RubLayout) layout = probe(path);
    g_assert_cmpint(layout->table, ==, RUB_TABLE_OTHER);
    g_assert_cmpuint(layout->gaps->len, ==, 0);
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
            g_assert_true(at->is_logical || at->start_lba + at->sector_count <= gap->start_lba ||
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
    g_test_add("/layout-probe/" name, Fixture, NULL, set_up, function, tear_down)
    ADD("blank/zeros", test_zeros_are_blank);
    ADD("blank/hardly-any-size", test_disks_of_hardly_any_size_are_blank);
    ADD("mbr/partitions-and-gaps", test_mbr_partitions_and_gaps_are_listed);
    ADD("mbr/empty", test_an_empty_mbr_is_one_gap);
    ADD("mbr/slot-is-number", test_the_slot_in_the_table_is_the_number);
    ADD("mbr/logical", test_logical_partitions_lie_in_their_container);
    ADD("mbr/overlapping", test_overlapping_partitions_leave_no_gap_between);
    ADD("mbr/beyond-the-disk", test_partitions_beyond_the_disk_are_listed);
    ADD("mbr/loops", test_looping_extended_partitions_end);
    ADD("mbr/random", test_random_tables_do_no_harm);
    ADD("mbr/4096-byte-sectors", test_4096_byte_sectors_are_counted_as_such);
    ADD("mbr/above-2-tib", test_above_2_tib_a_gap_ends_where_an_entry_can);
    ADD("gpt/partitions", test_gpt_partitions_are_listed_without_gaps);
    ADD("gpt/damaged", test_a_damaged_gpt_is_still_a_gpt);
    ADD("gpt/absurd-numbers", test_a_gpt_with_absurd_numbers_does_no_harm);
    ADD("other/named", test_a_table_of_another_kind_has_a_name);
    ADD("other/unknown-bytes", test_unknown_bytes_are_not_blank);
    ADD("other/doubtful-mbr", test_an_mbr_that_libblkid_doubts_is_not_blank);
    ADD("superfloppy/fat", test_fat_at_the_start_is_a_superfloppy);
    ADD("superfloppy/ntfs", test_ntfs_at_the_start_is_a_superfloppy);
    ADD("superfloppy/ext4", test_ext4_at_the_start_is_a_superfloppy);
    ADD("superfloppy/two-at-once", test_two_filesystems_at_the_start_are_a_superfloppy);
    ADD("superfloppy/iso", test_an_image_written_raw_is_a_superfloppy);
    ADD("hybrid-iso", test_an_image_with_a_table_is_a_hybrid_iso);
    ADD("contents/counted", test_files_on_a_fat_are_counted);
    ADD("contents/counted-superfloppy", test_files_on_a_superfloppy_are_counted);
    ADD("contents/damaged", test_a_damaged_fat_is_not_counted);
    ADD("contents/kinds", test_partitions_tell_what_they_hold);
    ADD("fingerprint/mbr", test_the_fingerprint_knows_the_table_but_not_the_files);
    ADD("fingerprint/gpt", test_the_fingerprint_knows_a_gpt);
    ADD("stopped", test_probing_can_be_stopped);
    ADD("unreadable", test_a_disk_that_cannot_be_read_is_code_1);
    return g_test_run();
}
