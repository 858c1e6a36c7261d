/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "target/rub-mbr-maker.h"

#include <errno.h>

#include "base/rub-bytes.h"
#include "base/rub-error.h"
#include "disk-tools.h"

#define MIB ((guint64) 1024 * 1024)
#define DISK_BYTES (64 * MIB)

static const RubNewVolume volume = {
    .start_lba = 2048,
    .sector_count = DISK_BYTES / 512 - 2048,
    .mbr_type = 0x0c,
    .is_active = TRUE,
    .disk_signature = 0x5bd05bd0,
};

typedef struct {
    char *folder;
    char *path;
    RubDisk *disk;
} Fixture;

static RubDisk *
open_disk(const char *path)
{
    int fd = open(path, O_RDWR | O_CLOEXEC);
    g_assert_no_errno(fd);
    return rub_disk_new(fd, (guint64) lseek(fd, 0, SEEK_END), 512, path);
}

static void
set_up(Fixture *fixture, gconstpointer user_data)
{
    fixture->folder = make_folder();
    fixture->path = make_image(fixture->folder, "stick.img", DISK_BYTES);
    fixture->disk = open_disk(fixture->path);
}

static void
tear_down(Fixture *fixture, gconstpointer user_data)
{
    rub_disk_unref(fixture->disk);
    g_free(fixture->path);
    remove_folder(fixture->folder);
}

static void
assert_made(Fixture *fixture)
{
    GError *error = NULL;
    rub_mbr_make(fixture->disk, &volume, &error);
    g_assert_no_error(error);
}

static void
assert_contains(const char *text, const char *part)
{
    if (!strstr(text, part))
        g_error("\"%s\" is not in: %s", part, text);
}

static void
test_sfdisk_sees_the_table(Fixture *fixture, gconstpointer user_data)
{
    assert_made(fixture);
    g_autofree char *view = run_tool(NULL, "sfdisk", "-J", fixture->path, NULL);
    assert_contains(view, "\"label\": \"dos\"");
    assert_contains(view, "\"id\": \"0x5bd05bd0\"");
    assert_contains(view, "\"start\": 2048");
    assert_contains(view, "\"size\": 129024");
    assert_contains(view, "\"type\": \"c\"");
    assert_contains(view, "\"bootable\": true");
    g_assert_null(strstr(view, "stick.img2"));
}

/* Byte for byte: no boot code, signature, entry 1 with CHS fields for 255 heads and 63 sectors
 * (sector 2048 is 0/32/33, the last is 8/40/32), nothing else, 55 AA. */
static void
test_the_first_sector_is_as_it_must_be(Fixture *fixture, gconstpointer user_data)
{
    static const guint8 tail[] = {0xd0, 0x5b, 0xd0, 0x5b, 0,    0, 0x80, 0x20, 0x21, 0x00, 0x0c,
                                  0x28, 0x20, 0x08, 0,    0x08, 0, 0,    0x00, 0xf8, 0x01, 0x00};
    guint8 expected[512] = {0};
    guint8 sector[512];
    memcpy(expected + 440, tail, sizeof tail);
    expected[510] = 0x55;
    expected[511] = 0xaa;
    assert_made(fixture);
    peek(fixture->path, 0, sector, sizeof sector);
    g_assert_cmpmem(sector, 512, expected, 512);
}

static void
test_chs_fields_stop_at_their_largest_value(Fixture *fixture, gconstpointer user_data)
{
    g_autofree char *path = make_image(fixture->folder, "large.img", 20 * 1024 * MIB);
    g_autoptr(RubDisk) disk = open_disk(path);
    RubNewVolume large = volume;
    large.sector_count = rub_disk_get_size_bytes(disk) / 512 - 2048;
    guint8 entry[16];
    g_assert_true(rub_mbr_make(disk, &large, NULL));
    peek(path, 446, entry, sizeof entry);
    g_assert_cmpmem(entry + 1, 3, "\x20\x21\x00", 3);
    g_assert_cmpmem(entry + 5, 3, "\xfe\xff\xff", 3);
}

static void
test_odd_numbers_are_kept(Fixture *fixture, gconstpointer user_data)
{
    RubNewVolume odd = volume;
    guint8 entry[16];
    odd.start_lba = 4097;
    odd.sector_count = 70001;
    odd.is_active = FALSE;
    odd.mbr_type = 0x07;
    g_assert_true(rub_mbr_make(fixture->disk, &odd, NULL));
    peek(fixture->path, 446, entry, sizeof entry);
    RubBytes bytes = rub_bytes(entry, sizeof entry);
    g_assert_cmphex(rub_bytes_u8(&bytes, 0), ==, 0);
    g_assert_cmphex(rub_bytes_u8(&bytes, 4), ==, 0x07);
    g_assert_cmpuint(rub_bytes_u32le(&bytes, 8), ==, 4097);
    g_assert_cmpuint(rub_bytes_u32le(&bytes, 12), ==, 70001);
}

static void
test_what_was_there_is_not_seen_any_more(Fixture *fixture, gconstpointer user_data)
{
    if (!has_tool("mkfs.ext4") || !has_tool("wipefs"))
        return;
    run("mkfs.ext4", "-q", "-F", fixture->path);
    poke(fixture->path, 0x8001, "CD001", 5);
    g_free(run_tool("label: gpt\nstart=2048, size=4096\n", "sfdisk", "--quiet", "--wipe=never",
                    fixture->path, NULL));
    assert_made(fixture);
    g_autofree char *whole =
        run_tool(NULL, "wipefs", "--noheadings", "--output=TYPE", fixture->path, NULL);
    g_assert_cmpstr(g_strstrip(whole), ==, "dos");
}

/* On a blank disk the filesystem is there before the table: a cut between leaves a blank disk. */
static void
test_a_filesystem_that_was_made_before_stays(Fixture *fixture, gconstpointer user_data)
{
    g_autofree char *slice = g_build_filename(fixture->folder, "slice.img", NULL);
    g_autofree char *from = g_strconcat("if=", fixture->path, NULL);
    g_autofree char *to = g_strconcat("of=", slice, NULL);
    run("mkfs.fat", "-F", "32", "-s", "1", "--offset=2048", fixture->path, "64512");
    assert_made(fixture);
    run("dd", from, to, "bs=1M", "skip=1", "conv=sparse", "status=none");
    run("fsck.fat", "-n", slice);
}

/* Repeats on another file what it is told of. */
static int
on_write_cb(guint64 offset_bytes, const void *data, gsize size_bytes, gpointer user_data)
{
    poke(user_data, offset_bytes, data, size_bytes);
    return 0;
}

static void
test_every_byte_goes_through_the_disk(Fixture *fixture, gconstpointer user_data)
{
    g_autofree char *copy = g_build_filename(fixture->folder, "copy.img", NULL);
    g_free(
        run_tool("label: gpt\nstart=2048, size=4096\n", "sfdisk", "--quiet", fixture->path, NULL));
    run("cp", "--sparse=always", fixture->path, copy);
    rub_disk_set_write_hook(fixture->disk, on_write_cb, copy);
    assert_made(fixture);
    run("cmp", fixture->path, copy);
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
    rub_disk_set_write_hook(fixture->disk, on_fail_cb, &errnum);
    g_assert_false(rub_mbr_make(fixture->disk, &volume, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_INIT_FAILED);
}

static void
test_a_pulled_drive_is_code_13(Fixture *fixture, gconstpointer user_data)
{
    int errnum = ENODEV;
    g_autoptr(GError) error = NULL;
    rub_disk_set_write_hook(fixture->disk, on_fail_cb, &errnum);
    g_assert_false(rub_mbr_make(fixture->disk, &volume, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_DEVICE_GONE);
}

/* On a descriptor in append mode pwrite() succeeds and the bytes land elsewhere (pwrite(2), Bugs):
 * the kind of stick that takes everything and keeps nothing. */
static void
test_a_disk_that_keeps_nothing_is_code_99(Fixture *fixture, gconstpointer user_data)
{
    g_autoptr(GError) error = NULL;
    g_assert_cmpint(fcntl(rub_disk_get_fd(fixture->disk), F_SETFL, O_APPEND), ==, 0);
    g_assert_false(rub_mbr_make(fixture->disk, &volume, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_NO_PARTITION_TABLE);
}

static void
test_a_partition_beyond_the_disk_changes_nothing(Fixture *fixture, gconstpointer user_data)
{
    RubNewVolume wrong = volume;
    wrong.sector_count++;
    g_autoptr(GError) error = NULL;
    g_assert_false(rub_mbr_make(fixture->disk, &wrong, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_INIT_FAILED);
    g_assert_cmpuint(rub_disk_get_stats(fixture->disk)->writes, ==, 0);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    extend_search_path();
#define ADD(name, function)                                                                        \
    g_test_add("/mbr-maker/" name, Fixture, NULL, set_up, function, tear_down)
    ADD("sfdisk", test_sfdisk_sees_the_table);
    ADD("first-sector", test_the_first_sector_is_as_it_must_be);
    ADD("chs", test_chs_fields_stop_at_their_largest_value);
    ADD("odd-numbers", test_odd_numbers_are_kept);
    ADD("old-signatures", test_what_was_there_is_not_seen_any_more);
    ADD("filesystem-before", test_a_filesystem_that_was_made_before_stays);
    ADD("every-byte", test_every_byte_goes_through_the_disk);
    ADD("errors/failing-write", test_a_failing_write_is_code_7);
    ADD("errors/pulled", test_a_pulled_drive_is_code_13);
    ADD("errors/keeps-nothing", test_a_disk_that_keeps_nothing_is_code_99);
    ADD("errors/beyond", test_a_partition_beyond_the_disk_changes_nothing);
    return g_test_run();
}
