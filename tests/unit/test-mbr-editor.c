/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "target/rub-mbr-editor.h"

#include <errno.h>

#include "base/rub-bytes.h"
#include "base/rub-error.h"
#include "disk-tools.h"
#include "target/rub-mbr-maker.h"

#define MIB ((guint64) 1024 * 1024)
#define DISK_BYTES (128 * MIB)
#define ENTRY_OFFSET 446
#define ENTRY_BYTES 16

/* A stick with a past: boot code, a partition that is active, one in slot 4, an extended one with
 * two in it, and gaps of 4 MiB from sector 40960 and of 24 MiB from 212992. */
static const char layout[] = "label: dos\nlabel-id: 0xcafe0001\n"
                             "1: start=2048, size=38912, type=c, bootable\n"
                             "2: start=49152, size=100000, type=f\n"
                             "4: start=149504, size=63488, type=83\n"
                             "5: start=51200, size=20480, type=7\n"
                             "6: start=73728, size=20480, type=c\n";

static const RubNewVolume new_volume = {
    .number = 3,
    .start_lba = 212992,
    .sector_count = 49152,
    .mbr_type = 0x0c,
    .is_active = TRUE,
};

typedef struct {
    char *folder;
    char *path;
    RubDisk *disk;
} Fixture;

static void
set_up(Fixture *fixture, gconstpointer user_data)
{
    fixture->folder = make_folder();
    fixture->path = make_image(fixture->folder, "stick.img", DISK_BYTES);
    g_free(run_tool(layout, "sfdisk", "--quiet", fixture->path, NULL));
    guint8 code[440];
    memset(code, 0x90, sizeof code);
    poke(fixture->path, 0, code, sizeof code);
    poke(fixture->path, 444, "\x5a\x5a", 2);
    int fd = open(fixture->path, O_RDWR | O_CLOEXEC);
    g_assert_no_errno(fd);
    fixture->disk = rub_disk_new(fd, DISK_BYTES, 512, fixture->path);
}

static void
tear_down(Fixture *fixture, gconstpointer user_data)
{
    rub_disk_unref(fixture->disk);
    g_free(fixture->path);
    remove_folder(fixture->folder);
}

static char *
view(const Fixture *fixture)
{
    return run_tool(NULL, "sfdisk", "--dump", fixture->path, NULL);
}

static void
assert_added(Fixture *fixture, const RubNewVolume *volume)
{
    GError *error = NULL;
    rub_mbr_add_partition(fixture->disk, volume, &error);
    g_assert_no_error(error);
}

static void
assert_refused(Fixture *fixture, const RubNewVolume *volume, int code)
{
    guint64 writes = rub_disk_get_stats(fixture->disk)->writes;
    g_autoptr(GError) error = NULL;
    g_assert_false(rub_mbr_add_partition(fixture->disk, volume, &error));
    g_assert_error(error, RUB_ERROR, code);
    g_assert_cmpuint(rub_disk_get_stats(fixture->disk)->writes, ==, writes);
}

/* sfdisk sees what it saw before, and one line more. */
static void
test_sfdisk_sees_one_partition_more(Fixture *fixture, gconstpointer user_data)
{
    g_autofree char *before = view(fixture);
    assert_added(fixture, &new_volume);
    g_autofree char *after = view(fixture);
    g_autofree char *line =
        g_strdup_printf("%s3 : start=      212992, size=       49152, type=c\n", fixture->path);
    char *at = strstr(after, line);
    if (!at)
        g_error("\"%s\" is not in: %s", line, after);
    memmove(at, at + strlen(line), strlen(at + strlen(line)) + 1);
    g_assert_cmpstr(after, ==, before);
}

/* Repeats on another file what it is told of. */
static int
on_write_cb(guint64 offset_bytes, const void *data, gsize size_bytes, gpointer user_data)
{
    poke(user_data, offset_bytes, data, size_bytes);
    return 0;
}

static void
test_sixteen_bytes_change_in_one_write(Fixture *fixture, gconstpointer user_data)
{
    g_autofree char *copy = g_build_filename(fixture->folder, "copy.img", NULL);
    run("cp", "--sparse=always", fixture->path, copy);
    guint8 before[512], after[512];
    peek(fixture->path, 0, before, sizeof before);
    rub_disk_set_write_hook(fixture->disk, on_write_cb, copy);
    assert_added(fixture, &new_volume);
    g_assert_cmpuint(rub_disk_get_stats(fixture->disk)->writes, ==, 1);
    g_assert_cmpuint(rub_disk_get_stats(fixture->disk)->written_bytes, ==, 512);
    run("cmp", fixture->path, copy);
    peek(fixture->path, 0, after, sizeof after);
    gsize entry = ENTRY_OFFSET + 2 * ENTRY_BYTES;
    g_assert_cmpmem(after, entry, before, entry);
    g_assert_cmpmem(after + entry + ENTRY_BYTES, 512 - entry - ENTRY_BYTES,
                    before + entry + ENTRY_BYTES, 512 - entry - ENTRY_BYTES);
    g_assert_cmphex(after[entry], ==, 0);
}

/* libfdisk writes the same sixteen bytes, but for the active flag. */
static void
test_the_entry_is_the_one_that_libfdisk_writes(Fixture *fixture, gconstpointer user_data)
{
    static const struct {
        guint64 start_lba;
        guint64 sector_count;
    } cases[] = {{2048, 1},     {2049, 16002},     {2048, 129024},       {16450559, 1},
                 {16450560, 7}, {2048, 20000000},  {16450561, 25000000}, {40000000, 2048},
                 {64512, 63},   {8032500, 8385930}};
    const guint64 disk_bytes = 24 * 1024 * MIB;
    g_autofree char *path = make_image(fixture->folder, "large.img", disk_bytes);
    g_autoptr(RubDisk) disk = rub_disk_new(open(path, O_RDWR | O_CLOEXEC), disk_bytes, 512, path);
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        RubNewVolume volume = {.number = 1,
                               .start_lba = cases[i].start_lba,
                               .sector_count = cases[i].sector_count,
                               .mbr_type = 0x0c,
                               .disk_signature = 0x12345678};
        guint8 expected[512], sector[512];
        g_assert_true(rub_mbr_make(disk, &volume, NULL));
        peek(path, 0, expected, sizeof expected);
        g_assert_true(rub_mbr_remove_partition(disk, 1, NULL));
        g_assert_true(rub_mbr_add_partition(disk, &volume, NULL));
        peek(path, 0, sector, sizeof sector);
        g_assert_cmpmem(sector, 512, expected, 512);
    }
}

static void
test_what_was_added_can_be_removed(Fixture *fixture, gconstpointer user_data)
{
    guint8 before[512], after[512];
    peek(fixture->path, 0, before, sizeof before);
    assert_added(fixture, &new_volume);
    GError *error = NULL;
    rub_mbr_remove_partition(fixture->disk, 3, &error);
    g_assert_no_error(error);
    peek(fixture->path, 0, after, sizeof after);
    g_assert_cmpmem(after, 512, before, 512);
    g_assert_cmpuint(rub_disk_get_stats(fixture->disk)->writes, ==, 2);
}

static void
test_removing_what_is_gone_writes_nothing(Fixture *fixture, gconstpointer user_data)
{
    g_assert_true(rub_mbr_remove_partition(fixture->disk, 3, NULL));
    g_assert_cmpuint(rub_disk_get_stats(fixture->disk)->writes, ==, 0);
}

static void
test_the_last_partition_can_be_removed(Fixture *fixture, gconstpointer user_data)
{
    g_free(run_tool("label: dos\n1: start=2048, size=4096, type=c\n", "sfdisk", "--quiet",
                    fixture->path, NULL));
    GError *error = NULL;
    rub_mbr_remove_partition(fixture->disk, 1, &error);
    g_assert_no_error(error);
    RubNewVolume volume = new_volume;
    volume.number = 1;
    assert_added(fixture, &volume);
}

static void
test_only_primary_partitions_can_be_removed(Fixture *fixture, gconstpointer user_data)
{
    static const guint numbers[] = {0, 2, 5, 6, 77};
    for (guint i = 0; i < G_N_ELEMENTS(numbers); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_false(rub_mbr_remove_partition(fixture->disk, numbers[i], &error));
        g_assert_error(error, RUB_ERROR, RUB_CODE_INIT_FAILED);
    }
    g_assert_cmpuint(rub_disk_get_stats(fixture->disk)->writes, ==, 0);
}

static void
test_a_slot_that_is_taken_is_code_5(Fixture *fixture, gconstpointer user_data)
{
    static const guint numbers[] = {1, 2, 4};
    for (guint i = 0; i < G_N_ELEMENTS(numbers); i++) {
        RubNewVolume volume = new_volume;
        volume.number = numbers[i];
        assert_refused(fixture, &volume, RUB_CODE_MAX_PARTITIONS);
    }
}

static void
test_slots_that_do_not_exist_are_refused(Fixture *fixture, gconstpointer user_data)
{
    static const guint numbers[] = {0, 5, 7, G_MAXUINT};
    for (guint i = 0; i < G_N_ELEMENTS(numbers); i++) {
        RubNewVolume volume = new_volume;
        volume.number = numbers[i];
        assert_refused(fixture, &volume, RUB_CODE_INIT_FAILED);
    }
}

static void
test_sectors_that_are_taken_are_code_6(Fixture *fixture, gconstpointer user_data)
{
    static const struct {
        guint64 start_lba;
        guint64 sector_count;
    } cases[] = {
        {0, 2048},   {40959, 2},       {40960, 8193},    {150000, 8},           {52000, 8},
        {140000, 8}, {212991, 49152},  {212992, 49153},  {262144, 1},           {262143, 2},
        {212992, 0}, {G_MAXUINT64, 2}, {2, G_MAXUINT64}, {212992, G_MAXUINT32}, {G_MAXUINT32, 1},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        RubNewVolume volume = new_volume;
        volume.start_lba = cases[i].start_lba;
        volume.sector_count = cases[i].sector_count;
        assert_refused(fixture, &volume, RUB_CODE_NO_FREE_SPACE);
    }
}

static void
test_a_gap_can_be_used_to_its_last_sector(Fixture *fixture, gconstpointer user_data)
{
    RubNewVolume volume = new_volume;
    volume.start_lba = 40960;
    volume.sector_count = 8192;
    assert_added(fixture, &volume);
}

static void
test_other_tables_are_left_alone(Fixture *fixture, gconstpointer user_data)
{
    g_free(
        run_tool("label: gpt\nstart=2048, size=4096\n", "sfdisk", "--quiet", fixture->path, NULL));
    assert_refused(fixture, &new_volume, RUB_CODE_INIT_FAILED);
    g_autoptr(GError) error = NULL;
    g_assert_false(rub_mbr_remove_partition(fixture->disk, 1, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_INIT_FAILED);
    g_assert_cmpint(ftruncate(rub_disk_get_fd(fixture->disk), 0), ==, 0);
    g_assert_cmpint(ftruncate(rub_disk_get_fd(fixture->disk), (off_t) DISK_BYTES), ==, 0);
    assert_refused(fixture, &new_volume, RUB_CODE_INIT_FAILED);
}

static int
on_fail_cb(guint64 offset_bytes, const void *data, gsize size_bytes, gpointer user_data)
{
    int *errnum = user_data;
    return *errnum;
}

static void
test_a_failing_write_is_code_7(Fixture *fixture, gconstpointer user_data)
{
    int errnum = EIO;
    g_autoptr(GError) error = NULL;
    g_autofree char *before = view(fixture);
    rub_disk_set_write_hook(fixture->disk, on_fail_cb, &errnum);
    g_assert_false(rub_mbr_add_partition(fixture->disk, &new_volume, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_INIT_FAILED);
    g_clear_error(&error);
    errnum = ENODEV;
    g_assert_false(rub_mbr_remove_partition(fixture->disk, 1, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_DEVICE_GONE);
    g_autofree char *after = view(fixture);
    g_assert_cmpstr(after, ==, before);
}

/* On a descriptor in append mode pwrite() succeeds and the bytes land elsewhere (pwrite(2), Bugs).
 */
static void
test_a_disk_that_keeps_nothing_is_code_7(Fixture *fixture, gconstpointer user_data)
{
    g_autoptr(GError) error = NULL;
    g_assert_cmpint(fcntl(rub_disk_get_fd(fixture->disk), F_SETFL, O_APPEND), ==, 0);
    g_assert_false(rub_mbr_add_partition(fixture->disk, &new_volume, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_INIT_FAILED);
    g_clear_error(&error);
    g_assert_false(rub_mbr_remove_partition(fixture->disk, 1, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_INIT_FAILED);
}

/* The sector is written whole, and what is behind the table in it stays. */
static void
test_sectors_of_4096_bytes_stay_whole(Fixture *fixture, gconstpointer user_data)
{
    guint8 before[4096], after[4096];
    poke(fixture->path, 512, "behind the table", 16);
    g_autoptr(RubDisk) disk =
        rub_disk_new(open(fixture->path, O_RDWR | O_CLOEXEC), DISK_BYTES, 4096, fixture->path);
    RubNewVolume volume = {.number = 1, .start_lba = 256, .sector_count = 16384, .mbr_type = 0x0c};
    memset(before, 0, ENTRY_BYTES * 4);
    poke(fixture->path, ENTRY_OFFSET, before, ENTRY_BYTES * 4);
    peek(fixture->path, 0, before, sizeof before);
    g_assert_true(rub_mbr_add_partition(disk, &volume, NULL));
    g_assert_cmpuint(rub_disk_get_stats(disk)->written_bytes, ==, 4096);
    g_assert_true(rub_mbr_remove_partition(disk, 1, NULL));
    peek(fixture->path, 0, after, sizeof after);
    g_assert_cmpmem(after, sizeof after, before, sizeof before);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    extend_search_path();
#define ADD(name, function)                                                                        \
    g_test_add("/mbr-editor/" name, Fixture, NULL, set_up, function, tear_down)
    ADD("add/sfdisk", test_sfdisk_sees_one_partition_more);
    ADD("add/sixteen-bytes", test_sixteen_bytes_change_in_one_write);
    ADD("add/entry", test_the_entry_is_the_one_that_libfdisk_writes);
    ADD("add/last-sector", test_a_gap_can_be_used_to_its_last_sector);
    ADD("add/slot-taken", test_a_slot_that_is_taken_is_code_5);
    ADD("add/no-slot", test_slots_that_do_not_exist_are_refused);
    ADD("add/sectors-taken", test_sectors_that_are_taken_are_code_6);
    ADD("remove/added", test_what_was_added_can_be_removed);
    ADD("remove/gone", test_removing_what_is_gone_writes_nothing);
    ADD("remove/last", test_the_last_partition_can_be_removed);
    ADD("remove/primary", test_only_primary_partitions_can_be_removed);
    ADD("other-tables", test_other_tables_are_left_alone);
    ADD("4096-bytes", test_sectors_of_4096_bytes_stay_whole);
    ADD("errors/failing-write", test_a_failing_write_is_code_7);
    ADD("errors/keeps-nothing", test_a_disk_that_keeps_nothing_is_code_7);
    return g_test_run();
}
