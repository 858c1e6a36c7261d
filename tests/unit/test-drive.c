/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A drive with sectors of either size is given a table, a filesystem and files, and judged by tools
 * that are not ours. */

#include <string.h>

#include "base/rub-error.h"
#include "loop-tools.h"
#include "target/rub-fat-maker.h"
#include "target/rub-layout-probe.h"
#include "target/rub-mbr-editor.h"
#include "target/rub-mbr-maker.h"
#include "volume/rub-fat-writer.h"

#define MIB ((guint64) 1024 * 1024)
#define DRIVE_BYTES (800 * MIB)
#define FIRST_BYTES (400 * MIB)
#define FILE_COUNT 300

typedef struct {
    Loop loop;
    RubDisk *disk;
    RubNewVolume volume;
} Fixture;

static void
open_disk(Fixture *fixture)
{
    int fd = open(fixture->loop.node, O_RDWR | O_CLOEXEC | O_EXCL);
    g_assert_no_errno(fd);
    fixture->disk = rub_disk_new(fd, fixture->loop.size_bytes, fixture->loop.sector_size, "stick");
}

static void
set_up(Fixture *fixture, gconstpointer user_data)
{
    guint sector_size = GPOINTER_TO_UINT(user_data);
    set_up_loop(&fixture->loop, DRIVE_BYTES, sector_size);
    fixture->volume = (RubNewVolume){.number = 1,
                                     .start_lba = MIB / sector_size,
                                     .sector_count = FIRST_BYTES / sector_size,
                                     .mbr_type = 0x0c,
                                     .is_active = TRUE,
                                     .sectors_per_cluster = 4096 / sector_size,
                                     .label = "RESCUE",
                                     .disk_signature = 0x5bd05bd0,
                                     .volume_id = 0x1234abcd};
    if (fixture->loop.node)
        open_disk(fixture);
}

static void
tear_down(Fixture *fixture, gconstpointer user_data)
{
    g_clear_pointer(&fixture->disk, rub_disk_unref);
    tear_down_loop(&fixture->loop);
}

static void
make_content(guint8 *content, guint number, gsize *size_bytes)
{
    *size_bytes = 1 + number * 977 % 20000;
    for (gsize i = 0; i < *size_bytes; i++)
        content[i] = (guint8) (i * 31 + number);
}

/* A round: the files of one folder. */
static void
write_folder(Fixture *fixture, const char *folder)
{
    GError *error = NULL;
    guint ids[FILE_COUNT];
    guint8 content[20000];
    gsize size_bytes;
    g_autoptr(RubVolume) volume = rub_fat_writer_new(fixture->disk, fixture->volume.start_lba,
                                                     fixture->volume.sector_count, &error);
    g_assert_no_error(error);
    g_assert_true(rub_volume_add_folder(volume, folder, 0, RUB_VOLUME_NONE, &error));
    for (guint i = 0; i < FILE_COUNT; i++) {
        g_autofree char *path = g_strdup_printf("%s/A file with a long name, %u", folder, i);
        make_content(content, i, &size_bytes);
        g_assert_true(
            rub_volume_add_file(volume, path, size_bytes, 0, RUB_VOLUME_NONE, &ids[i], &error));
    }
    g_assert_true(rub_volume_prepare(volume, &error));
    for (guint i = 0; i < FILE_COUNT; i++) {
        make_content(content, i, &size_bytes);
        g_assert_true(rub_volume_write(volume, ids[i], content, size_bytes, &error));
    }
    rub_volume_commit(volume, &error);
    g_assert_no_error(error);
}

static void
assert_folder(const char *root, const char *folder)
{
    guint8 content[20000];
    gsize size_bytes;
    for (guint i = 0; i < FILE_COUNT; i++) {
        g_autofree char *path =
            g_strdup_printf("%s/%s/A file with a long name, %u", root, folder, i);
        g_autofree char *found = NULL;
        gsize found_bytes = 0;
        g_autoptr(GError) error = NULL;
        g_file_get_contents(path, &found, &found_bytes, &error);
        g_assert_no_error(error);
        make_content(content, i, &size_bytes);
        g_assert_cmpmem(found, found_bytes, content, size_bytes);
    }
}

static void
assert_contains(const char *text, const char *part)
{
    if (!strstr(text, part))
        g_error("\"%s\" is not in: %s", part, text);
}

/* The kernel of a machine for tests may know neither MBR tables nor FAT, so a second file gets what
 * lies in the partition. */
static void
assert_volume_by_others(Fixture *fixture)
{
    g_autofree char *slice = g_build_filename(fixture->loop.folder, "slice.img", NULL);
    g_autofree char *tree = g_build_filename(fixture->loop.folder, "tree", NULL);
    g_autofree char *from = g_strconcat("if=", fixture->loop.node, NULL);
    g_autofree char *to = g_strconcat("of=", slice, NULL);
    run("dd", from, to, "bs=1M", "skip=1", "count=400", "conv=sparse", "status=none");
    run("fsck.fat", "-n", slice);
    run("mcopy", "-s", "-n", "-i", slice, "::/", tree);
    assert_folder(tree, "first");
    assert_folder(tree, "second");
}

static void
assert_table_by_others(Fixture *fixture)
{
    g_autofree char *table = run_tool(NULL, "sfdisk", "--dump", fixture->loop.node, NULL);
    g_autofree char *sector = g_strdup_printf("sector-size: %u", fixture->loop.sector_size);
    g_autofree char *start = g_strdup_printf(
        "start=%12" G_GUINT64_FORMAT ", size=%12" G_GUINT64_FORMAT ", type=c, bootable",
        fixture->volume.start_lba, fixture->volume.sector_count);
    assert_contains(table, "label-id: 0x5bd05bd0");
    assert_contains(table, start);
    if (strstr(table, "sector-size"))
        assert_contains(table, sector);
    g_autofree char *disk = run_tool(NULL, "blkid", "--probe", fixture->loop.node, NULL);
    assert_contains(disk, "PTTYPE=\"dos\"");
    g_autofree char *inside =
        run_tool(NULL, "blkid", "--probe", "--offset", "1048576", fixture->loop.node, NULL);
    assert_contains(inside, "TYPE=\"vfat\"");
    assert_contains(inside, "VERSION=\"FAT32\"");
    assert_contains(inside, "LABEL=\"RESCUE\"");
}

static void
test_a_build_is_what_others_expect(Fixture *fixture, gconstpointer user_data)
{
    GError *error = NULL;
    if (!fixture->loop.node || !has_tool("mcopy") || !has_tool("fsck.fat") || !has_tool("sfdisk"))
        return;
    rub_mbr_make(fixture->disk, &fixture->volume, &error);
    g_assert_no_error(error);
    rub_fat_make(fixture->disk, &fixture->volume, RUB_FAT_MAKER_PROGRAM, NULL, &error);
    g_assert_no_error(error);
    write_folder(fixture, "first");
    write_folder(fixture, "second");
    g_assert_true(rub_disk_sync(fixture->disk, &error));
    g_clear_pointer(&fixture->disk, rub_disk_unref);
    assert_table_by_others(fixture);
    assert_volume_by_others(fixture);
}

/* A fresh volume costs few requests, however many files it gets. */
static void
test_many_small_files_cost_few_requests(Fixture *fixture, gconstpointer user_data)
{
    GError *error = NULL;
    if (!fixture->loop.node)
        return;
    rub_fat_make(fixture->disk, &fixture->volume, RUB_FAT_MAKER_PROGRAM, NULL, &error);
    g_assert_no_error(error);
    guint64 before = rub_disk_get_stats(fixture->disk)->requests;
    write_folder(fixture, "first");
    g_assert_true(rub_disk_sync(fixture->disk, &error));
    g_assert_cmpuint(rub_disk_get_stats(fixture->disk)->requests - before, <=, 16);
}

static void
test_a_partition_is_added_and_taken_out(Fixture *fixture, gconstpointer user_data)
{
    GError *error = NULL;
    guint sector_size = fixture->loop.sector_size;
    RubNewVolume second = fixture->volume;
    second.number = 2;
    second.start_lba = (MIB + FIRST_BYTES) / sector_size;
    second.sector_count = 100 * MIB / sector_size;
    if (!fixture->loop.node || !has_tool("sfdisk"))
        return;
    rub_mbr_make(fixture->disk, &fixture->volume, &error);
    g_assert_no_error(error);
    rub_mbr_add_partition(fixture->disk, &second, &error);
    g_assert_no_error(error);
    g_assert_true(rub_disk_sync(fixture->disk, &error));
    g_autofree char *both = run_tool(NULL, "sfdisk", "--dump", fixture->loop.node, NULL);
    g_autofree char *start = g_strdup_printf("start=%12" G_GUINT64_FORMAT, second.start_lba);
    assert_contains(both, start);
    rub_mbr_remove_partition(fixture->disk, 2, &error);
    g_assert_no_error(error);
    g_assert_true(rub_disk_sync(fixture->disk, &error));
    g_autofree char *one = run_tool(NULL, "sfdisk", "--dump", fixture->loop.node, NULL);
    g_assert_null(strstr(one, start));
}

/* libblkid and libfdisk see through the descriptor what was just written. */
static void
test_the_layout_is_known_at_once(Fixture *fixture, gconstpointer user_data)
{
    GError *error = NULL;
    if (!fixture->loop.node)
        return;
    g_autoptr(RubLayout) layout = rub_layout_new("stick", 0);
    rub_mbr_make(fixture->disk, &fixture->volume, &error);
    g_assert_no_error(error);
    rub_fat_make(fixture->disk, &fixture->volume, RUB_FAT_MAKER_PROGRAM, NULL, &error);
    g_assert_no_error(error);
    write_folder(fixture, "first");
    rub_layout_probe(layout, fixture->disk, NULL, &error);
    g_assert_no_error(error);
    g_assert_cmpint(layout->table, ==, RUB_TABLE_MBR);
    g_assert_cmpuint(layout->partitions->len, ==, 1);
    const RubPartition *partition = g_ptr_array_index(layout->partitions, 0);
    g_assert_cmpuint(partition->start_lba, ==, fixture->volume.start_lba);
    g_assert_cmpstr(partition->contents.filesystem, ==, "vfat");
    g_assert_cmpuint(partition->contents.fat_bits, ==, 32);
    g_assert_cmpstr(partition->contents.label, ==, "RESCUE");
    g_assert_cmpuint(partition->contents.file_count, ==, FILE_COUNT);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    extend_search_path();
#define ADD(name, sector_size, function)                                                           \
    g_test_add("/drive/" name, Fixture, GUINT_TO_POINTER(sector_size), set_up, function, tear_down)
    ADD("512/build", 512, test_a_build_is_what_others_expect);
    ADD("512/requests", 512, test_many_small_files_cost_few_requests);
    ADD("512/partition", 512, test_a_partition_is_added_and_taken_out);
    ADD("512/layout", 512, test_the_layout_is_known_at_once);
    ADD("4096/build", 4096, test_a_build_is_what_others_expect);
    ADD("4096/requests", 4096, test_many_small_files_cost_few_requests);
    ADD("4096/partition", 4096, test_a_partition_is_added_and_taken_out);
    ADD("4096/layout", 4096, test_the_layout_is_known_at_once);
    return g_test_run();
}
