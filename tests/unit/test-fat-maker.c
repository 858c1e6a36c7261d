/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "target/rub-fat-maker.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>

#include "base/rub-bytes.h"
#include "base/rub-error.h"
#include "maker-tools.h"

static void
set_up(Fixture *fixture, gconstpointer user_data)
{
    fixture->sectors_per_cluster = 1;
    begin(fixture, rub_fat_make, RUB_FAT_MAKER_PROGRAM);
    open_disk(fixture, 64 * MIB, 512);
}

/* Puts a shell script in the place of mkfs.fat. */
static char *
make_program(const Fixture *fixture, const char *script)
{
    char *path = g_build_filename(fixture->folder, "program", NULL);
    g_autofree char *text = g_strconcat("#!/bin/sh\n", script, "\n", NULL);
    g_assert_true(g_file_set_contents_full(path, text, -1, G_FILE_SET_CONTENTS_NONE, 0755, NULL));
    return path;
}

/* Offsets: Microsoft FAT specification, "BIOS Parameter Block". */
static void
test_the_boot_sector_is_as_asked(Fixture *fixture, gconstpointer user_data)
{
    guint8 sector[512];
    assert_made(fixture);
    peek(fixture->path, START_LBA * 512, sector, sizeof sector);
    RubBytes boot = rub_bytes(sector, sizeof sector);
    g_assert_cmpuint(rub_bytes_u16le(&boot, 11), ==, 512);
    g_assert_cmpuint(rub_bytes_u8(&boot, 13), ==, 1);
    g_assert_cmpuint(rub_bytes_u16le(&boot, 14), >=, 14);
    g_assert_cmpuint(rub_bytes_u8(&boot, 16), ==, 2);
    g_assert_cmphex(rub_bytes_u8(&boot, 21), ==, 0xf8);
    g_assert_cmpuint(rub_bytes_u32le(&boot, 28), ==, START_LBA);
    g_assert_cmpuint(rub_bytes_u32le(&boot, 32), <=, fixture->volume.sector_count);
    g_assert_cmpuint(rub_bytes_u32le(&boot, 32), >, fixture->volume.sector_count - 64);
    g_assert_cmphex(rub_bytes_u8(&boot, 64), ==, 0x80);
    g_assert_cmphex(rub_bytes_u32le(&boot, 67), ==, 0x1234abcd);
    g_assert_cmpmem(sector + 71, 11, "RESCUE     ", 11);
    g_assert_cmpmem(sector + 82, 8, "FAT32   ", 8);
    g_assert_cmpmem(sector + 510, 2, "\x55\xaa", 2);
}

static void
test_nothing_outside_the_partition_is_written(Fixture *fixture, gconstpointer user_data)
{
    const guint64 tail = 60 * MIB;
    g_autofree guint8 *before = g_malloc(MIB);
    g_autofree guint8 *after = g_malloc(MIB);
    memset(before, 0xa5, MIB);
    poke(fixture->path, 0, before, MIB);
    poke(fixture->path, tail, before, MIB);
    fixture->volume.sector_count = tail / 512 - START_LBA;
    assert_made(fixture);
    peek(fixture->path, 0, after, MIB);
    g_assert_cmpmem(after, MIB, before, MIB);
    peek(fixture->path, tail, after, MIB);
    g_assert_cmpmem(after, MIB, before, MIB);
}

static void
test_what_was_there_is_not_seen_any_more(Fixture *fixture, gconstpointer user_data)
{
    if (!has_tool("mkfs.ext4") || !has_tool("wipefs"))
        return;
    run("mkfs.ext4", "-q", "-F", "-E", "offset=1048576", fixture->path, "60000");
    poke(fixture->path, MIB + 0x8001, "NSR02", 5);
    /* A RAID member's superblock, version 0.90, in the last 64 KiB. */
    poke(fixture->path, 64 * MIB - 65536, "\xfc\x4e\x2b\xa9", 4);
    assert_made(fixture);
    g_autofree char *slice = g_build_filename(fixture->folder, "slice.img", NULL);
    g_autofree char *from = g_strconcat("if=", fixture->path, NULL);
    g_autofree char *to = g_strconcat("of=", slice, NULL);
    run("dd", from, to, "bs=1M", "skip=1", "conv=sparse", "status=none");
    g_autofree char *inside =
        run_tool(NULL, "wipefs", "--noheadings", "--output=TYPE", slice, NULL);
    g_auto(GStrv) types = g_strsplit(g_strstrip(inside), "\n", -1);
    for (guint i = 0; types[i]; i++)
        g_assert_cmpstr(g_strstrip(types[i]), ==, "vfat");
    guint8 tail[4];
    peek(fixture->path, 64 * MIB - 65536, tail, sizeof tail);
    g_assert_cmpmem(tail, sizeof tail, "\0\0\0\0", sizeof tail);
}

static void
test_a_volume_may_have_no_label(Fixture *fixture, gconstpointer user_data)
{
    guint8 label[11];
    fixture->volume.label[0] = '\0';
    assert_made(fixture);
    peek(fixture->path, START_LBA * 512 + 71, label, sizeof label);
    g_assert_cmpmem(label, sizeof label, "NO NAME    ", 11);
}

static void
test_a_label_that_looks_like_an_option_is_a_label(Fixture *fixture, gconstpointer user_data)
{
    guint8 label[11];
    strcpy(fixture->volume.label, "-A");
    assert_made(fixture);
    peek(fixture->path, START_LBA * 512 + 71, label, sizeof label);
    g_assert_cmpmem(label, sizeof label, "-A         ", 11);
}

/* The path may name another file by now; the descriptor does not. */
static void
test_a_file_that_was_moved_is_still_the_one(Fixture *fixture, gconstpointer user_data)
{
    g_autofree char *moved = g_build_filename(fixture->folder, "moved.img", NULL);
    guint8 sector[512];
    g_assert_cmpint(g_rename(fixture->path, moved), ==, 0);
    g_autofree char *other = make_image(fixture->folder, "stick.img", 64 * MIB);
    assert_made(fixture);
    peek(moved, START_LBA * 512, sector, sizeof sector);
    g_assert_cmpmem(sector + 510, 2, "\x55\xaa", 2);
    peek(other, START_LBA * 512, sector, sizeof sector);
    g_assert_cmpmem(sector + 510, 2, "\0\0", 2);
}

static void
test_a_missing_program_names_its_package(Fixture *fixture, gconstpointer user_data)
{
    assert_fails(fixture, "mkfs.fat-not-here", RUB_CODE_CREATE_FAT32_FAILED, "dosfstools");
}

static void
test_a_failing_program_is_quoted(Fixture *fixture, gconstpointer user_data)
{
    g_autofree char *program = make_program(fixture, "echo 'no \xff such luck' >&2; exit 1");
    assert_fails(fixture, program, RUB_CODE_CREATE_FAT32_FAILED, "such luck");
}

/* Else Ctrl-C would end it as a failure before anyone knows that it was asked for. */
static void
test_ctrl_c_does_not_reach_the_program(Fixture *fixture, gconstpointer user_data)
{
    g_autofree char *program =
        make_program(fixture, "kill -0 -$$ && echo 'a group of my own' >&2\nexit 1");
    assert_fails(fixture, program, RUB_CODE_CREATE_FAT32_FAILED, "a group of my own");
}

static void
test_words_come_in_one_line(Fixture *fixture, gconstpointer user_data)
{
    g_autofree char *program = make_program(fixture, "echo one >&2; echo two >&2; exit 1");
    assert_fails(fixture, program, RUB_CODE_CREATE_FAT32_FAILED, "one two");
}

static void
test_a_program_that_fails_silently_is_told(Fixture *fixture, gconstpointer user_data)
{
    g_autofree char *program = make_program(fixture, "exit 1");
    assert_fails(fixture, program, RUB_CODE_CREATE_FAT32_FAILED, "gave no reason");
}

static void
test_the_real_programs_words_are_kept(Fixture *fixture, gconstpointer user_data)
{
    fixture->volume.sectors_per_cluster = 3;
    assert_fails(fixture, RUB_FAT_MAKER_PROGRAM, RUB_CODE_CREATE_FAT32_FAILED, "cluster");
}

static void
test_too_few_clusters_are_code_98(Fixture *fixture, gconstpointer user_data)
{
    fixture->volume.sectors_per_cluster = 8;
    assert_fails(fixture, RUB_FAT_MAKER_PROGRAM, RUB_CODE_SMALL_FAT, "clusters");
}

static void
test_a_program_that_makes_nothing_is_noticed(Fixture *fixture, gconstpointer user_data)
{
    g_autofree char *program = make_program(fixture, "exit 0");
    assert_fails(fixture, program, RUB_CODE_CREATE_FAT32_FAILED, "stick.img");
}

/* A program that leaves out what it is asked for: here the hidden sectors. */
static void
test_wrong_hidden_sectors_are_noticed(Fixture *fixture, gconstpointer user_data)
{
    g_autofree char *program =
        make_program(fixture, "PATH=$PATH:/usr/sbin:/sbin\nexec mkfs.fat \"$@\" -h 0");
    assert_fails(fixture, program, RUB_CODE_CREATE_FAT32_FAILED, "boot sector");
}

/* What went through rub_disk_write(), put into a second file. */
typedef struct {
    int copy;
    guint64 last_offset_bytes;
    guint64 max_write_bytes;
    guint writes;
    guint stop_after;
    GCancellable *cancellable;
} Record;

static int
on_write_cb(guint64 offset_bytes, const void *data, gsize size_bytes, gpointer user_data)
{
    Record *record = user_data;
    record->writes++;
    record->last_offset_bytes = offset_bytes;
    record->max_write_bytes = MAX(record->max_write_bytes, size_bytes);
    if (record->copy >= 0)
        g_assert_cmpint(pwrite(record->copy, data, size_bytes, (off_t) offset_bytes), ==,
                        size_bytes);
    if (record->writes == record->stop_after)
        g_cancellable_cancel(record->cancellable);
    return 0;
}

static int
fail_as_gone_cb(guint64 offset_bytes, const void *data, gsize size_bytes, gpointer user_data)
{
    return ENODEV;
}

static void
test_all_of_it_goes_through_the_disk(Fixture *fixture, gconstpointer user_data)
{
    g_autofree char *path = make_image(fixture->folder, "copy.img", 64 * MIB);
    g_autofree guint8 *garbage = g_malloc(63 * MIB);
    Record record = {.copy = open(path, O_RDWR | O_CLOEXEC)};
    memset(garbage, 0xa5, 63 * MIB);
    poke(fixture->path, MIB, garbage, 63 * MIB);
    poke(path, MIB, garbage, 63 * MIB);
    rub_disk_set_write_hook(fixture->disk, on_write_cb, &record);
    assert_made(fixture);
    close(record.copy);
    run("cmp", fixture->path, path);
}

/* Up to its last write no filesystem is there. */
static void
test_the_boot_sector_comes_last(Fixture *fixture, gconstpointer user_data)
{
    Record record = {.copy = -1};
    rub_disk_set_write_hook(fixture->disk, on_write_cb, &record);
    assert_made(fixture);
    g_assert_cmpuint(record.last_offset_bytes, ==, MIB);
    g_assert_cmpuint(record.max_write_bytes, <=, 4 * MIB);
}

/* What an earlier owner left in tables and root folder must not show. */
static void
test_old_bytes_do_not_shine_through(Fixture *fixture, gconstpointer user_data)
{
    if (!has_tool("fsck.fat"))
        return;
    g_autofree guint8 *garbage = g_malloc(63 * MIB);
    memset(garbage, 0xa5, 63 * MIB);
    poke(fixture->path, MIB, garbage, 63 * MIB);
    assert_made(fixture);
    g_autofree char *slice = g_build_filename(fixture->folder, "slice.img", NULL);
    g_autofree char *from = g_strconcat("if=", fixture->path, NULL);
    g_autofree char *to = g_strconcat("of=", slice, NULL);
    run("dd", from, to, "bs=1M", "skip=1", "status=none");
    run("fsck.fat", "-n", slice);
}

static void
test_a_failing_program_leaves_the_disk_alone(Fixture *fixture, gconstpointer user_data)
{
    assert_fails(fixture, "false", RUB_CODE_CREATE_FAT32_FAILED, "stick.img");
    g_assert_cmpuint(rub_disk_get_stats(fixture->disk)->writes, ==, 0);
}

static void
test_stopping_between_pieces_leaves_no_filesystem(Fixture *fixture, gconstpointer user_data)
{
    guint8 sector[512];
    g_autoptr(GCancellable) cancellable = g_cancellable_new();
    Record record = {.copy = -1, .stop_after = 3, .cancellable = cancellable};
    g_autoptr(GError) error = NULL;
    open_disk(fixture, 2048 * MIB, 512);
    rub_disk_set_write_hook(fixture->disk, on_write_cb, &record);
    g_assert_false(
        rub_fat_make(fixture->disk, &fixture->volume, RUB_FAT_MAKER_PROGRAM, cancellable, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_CANCELLED);
    g_assert_cmpuint(record.writes, ==, 3);
    peek(fixture->path, MIB, sector, sizeof sector);
    g_assert_cmpmem(sector + 510, 2, "\0\0", 2);
}

static void
test_a_pulled_drive_is_told_as_that(Fixture *fixture, gconstpointer user_data)
{
    rub_disk_set_write_hook(fixture->disk, fail_as_gone_cb, NULL);
    assert_fails(fixture, RUB_FAT_MAKER_PROGRAM, RUB_CODE_DEVICE_GONE, "stick.img");
}

static void
test_sectors_of_4096_bytes(Fixture *fixture, gconstpointer user_data)
{
    guint8 sector[512];
    if (!has_tool("fsck.fat"))
        return;
    open_disk(fixture, 600 * MIB, 4096);
    assert_made(fixture);
    peek(fixture->path, MIB, sector, sizeof sector);
    RubBytes boot = rub_bytes(sector, sizeof sector);
    g_assert_cmpuint(rub_bytes_u16le(&boot, 11), ==, 4096);
    g_assert_cmpuint(rub_bytes_u8(&boot, 13), ==, 1);
    g_assert_cmpuint(rub_bytes_u32le(&boot, 28), ==, 256);
    g_assert_cmpuint(rub_bytes_u32le(&boot, 32), <=, fixture->volume.sector_count);
    g_autofree char *slice = g_build_filename(fixture->folder, "slice.img", NULL);
    g_autofree char *from = g_strconcat("if=", fixture->path, NULL);
    g_autofree char *to = g_strconcat("of=", slice, NULL);
    run("dd", from, to, "bs=1M", "skip=1", "conv=sparse", "status=none");
    run("fsck.fat", "-n", slice);
}

/* Its tables are too large to be kept in memory. */
static void
test_a_large_volume_needs_a_folder_for_its_tables(Fixture *fixture, gconstpointer user_data)
{
    open_disk(fixture, 6144 * MIB, 512);
    assert_made(fixture);
    g_assert_cmpuint(rub_disk_get_stats(fixture->disk)->written_bytes, >, 96 * MIB);
    g_setenv("TMPDIR", "/dev/null/not-a-folder", TRUE);
    assert_fails(fixture, RUB_FAT_MAKER_PROGRAM, RUB_CODE_CREATE_FAT32_FAILED, "temporary");
    g_unsetenv("TMPDIR");
}

typedef struct {
    Fixture *fixture;
    char *program;
    GCancellable *cancellable;
    GError *error;
} Run;

static gpointer
run_thread(gpointer data)
{
    Run *at = data;
    rub_fat_make(at->fixture->disk, &at->fixture->volume, at->program, at->cancellable, &at->error);
    return NULL;
}

/* The program tells its process number through a FIFO, then waits for ever. */
static void
test_stopping_ends_the_program(Fixture *fixture, gconstpointer user_data)
{
    g_autofree char *fifo = g_build_filename(fixture->folder, "fifo", NULL);
    g_autofree char *never = g_build_filename(fixture->folder, "never", NULL);
    g_autofree char *script = g_strdup_printf("echo $$ > '%s'; exec cat '%s'", fifo, never);
    g_assert_cmpint(mkfifo(fifo, 0600), ==, 0);
    g_assert_cmpint(mkfifo(never, 0600), ==, 0);
    g_autofree char *program = make_program(fixture, script);
    g_autoptr(GCancellable) cancellable = g_cancellable_new();
    Run at = {.fixture = fixture, .program = program, .cancellable = cancellable};
    GThread *thread = g_thread_new("make", run_thread, &at);
    g_autofree char *number = NULL;
    g_assert_true(g_file_get_contents(fifo, &number, NULL, NULL));
    g_cancellable_cancel(cancellable);
    g_thread_join(thread);
    g_assert_error(at.error, RUB_ERROR, RUB_CODE_CANCELLED);
    g_assert_cmpint(kill(atoi(number), 0), ==, -1);
    g_assert_cmpint(errno, ==, ESRCH);
    g_error_free(at.error);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    extend_search_path();
#define ADD(name, function)                                                                        \
    g_test_add("/fat-maker/" name, Fixture, NULL, set_up, function, tear_down)
    ADD("boot-sector", test_the_boot_sector_is_as_asked);
    ADD("nothing-outside", test_nothing_outside_the_partition_is_written);
    ADD("old-signatures", test_what_was_there_is_not_seen_any_more);
    ADD("label/none", test_a_volume_may_have_no_label);
    ADD("label/like-an-option", test_a_label_that_looks_like_an_option_is_a_label);
    ADD("moved-file", test_a_file_that_was_moved_is_still_the_one);
    ADD("errors/missing-program", test_a_missing_program_names_its_package);
    ADD("errors/failing-program", test_a_failing_program_is_quoted);
    ADD("errors/ctrl-c", test_ctrl_c_does_not_reach_the_program);
    ADD("errors/words-in-one-line", test_words_come_in_one_line);
    ADD("errors/silent-program", test_a_program_that_fails_silently_is_told);
    ADD("errors/real-program", test_the_real_programs_words_are_kept);
    ADD("errors/too-few-clusters", test_too_few_clusters_are_code_98);
    ADD("errors/nothing-made", test_a_program_that_makes_nothing_is_noticed);
    ADD("errors/hidden-sectors", test_wrong_hidden_sectors_are_noticed);
    ADD("through-the-disk", test_all_of_it_goes_through_the_disk);
    ADD("boot-sector-last", test_the_boot_sector_comes_last);
    ADD("old-bytes", test_old_bytes_do_not_shine_through);
    ADD("errors/disk-left-alone", test_a_failing_program_leaves_the_disk_alone);
    ADD("errors/pulled", test_a_pulled_drive_is_told_as_that);
    ADD("4096-bytes", test_sectors_of_4096_bytes);
    ADD("large", test_a_large_volume_needs_a_folder_for_its_tables);
    ADD("stopped-between-pieces", test_stopping_between_pieces_leaves_no_filesystem);
    ADD("stopped", test_stopping_ends_the_program);
    return g_test_run();
}
