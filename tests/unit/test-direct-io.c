/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "target/rub-direct-io.h"

#include <errno.h>
#include <string.h>

#include "base/rub-error.h"
#include "loop-tools.h"
#include "target/rub-disk.h"

#define MIB ((guint64) 1024 * 1024)
#define DRIVE_BYTES (32 * MIB)

typedef struct {
    Loop loop;
    RubDisk *disk;
} Fixture;

static void
open_disk(Fixture *fixture)
{
    if (!fixture->loop.node)
        return;
    int fd = open(fixture->loop.node, O_RDWR | O_CLOEXEC | O_EXCL);
    g_assert_no_errno(fd);
    fixture->disk = rub_disk_new(fd, fixture->loop.size_bytes, fixture->loop.sector_size, "stick");
}

static void
set_up(Fixture *fixture, gconstpointer user_data)
{
    set_up_loop(&fixture->loop, DRIVE_BYTES, GPOINTER_TO_UINT(user_data));
    open_disk(fixture);
}

static void
tear_down(Fixture *fixture, gconstpointer user_data)
{
    g_clear_pointer(&fixture->disk, rub_disk_unref);
    tear_down_loop(&fixture->loop);
}

static void
fill(guint8 *data, gsize size_bytes, guint seed)
{
    for (gsize i = 0; i < size_bytes; i++)
        data[i] = (guint8) ((i * 31 >> 3) + seed);
}

static void
assert_written(Fixture *fixture, guint64 offset_bytes, const void *data, gsize size_bytes)
{
    GError *error = NULL;
    rub_disk_write(fixture->disk, offset_bytes, data, size_bytes, &error);
    g_assert_no_error(error);
}

static void
assert_synced(Fixture *fixture)
{
    GError *error = NULL;
    rub_disk_sync(fixture->disk, &error);
    g_assert_no_error(error);
}

static void
assert_read(Fixture *fixture, guint64 offset_bytes, const void *expected, gsize size_bytes)
{
    GError *error = NULL;
    g_autofree guint8 *buffer = g_malloc(size_bytes);
    rub_disk_read(fixture->disk, offset_bytes, buffer, size_bytes, &error);
    g_assert_no_error(error);
    g_assert_cmpmem(buffer, size_bytes, expected, size_bytes);
}

/* Offsets, sizes and addresses of all kinds, in 512 and 4096 byte sectors, against a copy in
 * memory. */
static void
test_any_alignment_is_written_and_read(Fixture *fixture, gconstpointer user_data)
{
    static const struct {
        guint64 offset_bytes;
        gsize size_bytes;
    } writes[] = {{0, 3},       {511, 2},          {4095, 4098},         {8192, 4096},
                  {9000, 1},    {12288, 3 * MIB},  {5 * MIB + 7, MIB},   {6 * MIB + 7, 5},
                  {100, 40000}, {12 * MIB - 1, 1}, {4 * MIB - 5000, 77}, {DRIVE_BYTES - 9, 9}};
    if (!fixture->disk)
        return;
    g_autofree guint8 *model = g_malloc0(DRIVE_BYTES);
    g_autofree guint8 *found = g_malloc(DRIVE_BYTES);
    for (guint i = 0; i < G_N_ELEMENTS(writes); i++) {
        guint8 *at = model + writes[i].offset_bytes;
        fill(at, writes[i].size_bytes, i + 1);
        assert_written(fixture, writes[i].offset_bytes, at, writes[i].size_bytes);
        assert_read(fixture, writes[i].offset_bytes, at, writes[i].size_bytes);
    }
    assert_read(fixture, 1, model + 1, DRIVE_BYTES - 1);
    assert_synced(fixture);
    peek_under_loop(&fixture->loop, 0, found, DRIVE_BYTES);
    g_assert_cmpmem(found, DRIVE_BYTES, model, DRIVE_BYTES);
}

static void
test_long_runs_arrive_whole(Fixture *fixture, gconstpointer user_data)
{
    const gsize piece = 3 * MIB + 512;
    g_autofree guint8 *data = g_malloc(DRIVE_BYTES);
    g_autofree guint8 *found = g_malloc(DRIVE_BYTES);
    if (!fixture->disk)
        return;
    fill(data, DRIVE_BYTES, 5);
    for (guint64 at = 0; at < DRIVE_BYTES; at += piece)
        assert_written(fixture, at, data + at, (gsize) MIN(piece, DRIVE_BYTES - at));
    assert_synced(fixture);
    peek_under_loop(&fixture->loop, 0, found, DRIVE_BYTES);
    g_assert_cmpmem(found, DRIVE_BYTES, data, DRIVE_BYTES);
}

static void
test_what_follows_goes_out_together(Fixture *fixture, gconstpointer user_data)
{
    guint8 sector[512] = "sector";
    if (!fixture->disk)
        return;
    for (guint i = 0; i < 100; i++)
        assert_written(fixture, i * sizeof sector, sector, sizeof sector);
    assert_synced(fixture);
    g_assert_cmpuint(rub_disk_get_stats(fixture->disk)->writes, ==, 100);
    g_assert_cmpuint(rub_disk_get_stats(fixture->disk)->requests, ==, 1);
    assert_written(fixture, MIB, sector, sizeof sector);
    assert_written(fixture, 0, sector, sizeof sector);
    assert_synced(fixture);
    g_assert_cmpuint(rub_disk_get_stats(fixture->disk)->requests, ==, 3);
}

static void
test_the_last_of_two_writes_counts(Fixture *fixture, gconstpointer user_data)
{
    g_autofree guint8 *data = g_malloc0(MIB);
    if (!fixture->disk)
        return;
    for (guint i = 0; i < 50; i++) {
        memset(data, (int) i, MIB);
        assert_written(fixture, i % 3 * 512, data, MIB);
    }
    assert_synced(fixture);
    assert_read(fixture, 512, data, MIB);
}

/* The cache of the kernel would still hold what was there before. */
static void
test_reads_come_from_the_medium(Fixture *fixture, gconstpointer user_data)
{
    guint8 sector[512];
    if (!fixture->disk)
        return;
    assert_read(fixture, 0, "\0\0\0", 3);
    g_assert_cmpint(pread(rub_disk_get_fd(fixture->disk), sector, sizeof sector, 0), ==, 512);
    poke(fixture->loop.path, 0, "new", 3);
    assert_read(fixture, 0, "new", 3);
}

/* Small pieces one after the other, to the very end, and one that was written in between. */
static void
test_small_reads_in_a_row_are_right(Fixture *fixture, gconstpointer user_data)
{
    const gsize piece = 30007;
    g_autofree guint8 *data = g_malloc(DRIVE_BYTES);
    if (!fixture->disk)
        return;
    fill(data, DRIVE_BYTES, 9);
    assert_written(fixture, 0, data, DRIVE_BYTES);
    for (guint64 at = 3 * MIB; at < DRIVE_BYTES; at += piece + 500) {
        if (at > 20 * MIB && at < 20 * MIB + piece) {
            memset(data + at, 0, 2 * piece);
            assert_written(fixture, at, data + at, 2 * piece);
        }
        assert_read(fixture, at, data + at, (gsize) MIN(piece, DRIVE_BYTES - at));
    }
    assert_read(fixture, 1000, data + 1000, 100);
    assert_read(fixture, 1100, data + 1100, 100);
    rub_disk_drop_cache(fixture->disk);
    poke(fixture->loop.path, 1200, "new", 3);
    assert_read(fixture, 1200, "new", 3);
}

/* libblkid and libfdisk read pieces of any size at any address. */
static void
test_others_may_read_by_the_descriptor(Fixture *fixture, gconstpointer user_data)
{
    char found[5] = "";
    if (!fixture->disk)
        return;
    for (guint i = 0; i < 3; i++) {
        g_autofree char *word = g_strdup_printf("w%u-x", i);
        assert_written(fixture, 5 * MIB + 1, word, 4);
        int fd = rub_disk_get_fd(fixture->disk);
        g_assert_cmpint(pread(fd, found, 4, (off_t) (5 * MIB + 1)), ==, 4);
        g_assert_cmpstr(found, ==, word);
        g_assert_cmpint(fcntl(fd, F_GETFL) & O_DIRECT, ==, 0);
        assert_read(fixture, 5 * MIB + 1, word, 4);
        g_assert_cmpint(fcntl(fd, F_GETFL) & O_DIRECT, ==, O_DIRECT);
    }
}

typedef struct {
    GString *offsets;
    guint64 fails_at;
} Hook;

static int
on_write_cb(guint64 offset_bytes, const void *data, gsize size_bytes, gpointer user_data)
{
    Hook *hook = user_data;
    g_string_append_printf(hook->offsets, "%" G_GUINT64_FORMAT " ", offset_bytes);
    return offset_bytes == hook->fails_at ? EIO : 0;
}

static void
test_the_hook_sees_every_write_in_order(Fixture *fixture, gconstpointer user_data)
{
    Hook hook = {g_string_new(NULL), 4096};
    g_autoptr(GError) error = NULL;
    if (fixture->disk) {
        rub_disk_set_write_hook(fixture->disk, on_write_cb, &hook);
        assert_written(fixture, 2048, "one", 3);
        assert_written(fixture, 512, "two", 3);
        g_assert_false(rub_disk_write(fixture->disk, 4096, "bad", 3, &error));
        g_assert_error(error, RUB_ERROR, RUB_CODE_WRITE_FAILED);
        assert_written(fixture, 515, "three", 5);
        g_assert_cmpstr(hook.offsets->str, ==, "2048 512 4096 515 ");
        assert_read(fixture, 512, "twothree", 8);
        assert_read(fixture, 4096, "\0\0\0", 3);
    }
    g_string_free(hook.offsets, TRUE);
}

/* Half of the drive goes, so that the kernel itself fails what is written there. The drive is not
 * gone. */
static void
test_a_write_that_fails_is_told_with_its_own_offset(Fixture *fixture, gconstpointer user_data)
{
    g_autofree guint8 *data = g_malloc0(4 * MIB);
    g_autofree guint8 *found = g_malloc(MIB);
    GError *error = NULL;
    if (!fixture->disk)
        return;
    g_assert_cmpint(truncate(fixture->loop.path, 16 * MIB), ==, 0);
    run("losetup", "--set-capacity", fixture->loop.node);
    fill(data, 4 * MIB, 1);
    assert_written(fixture, 12 * MIB, data, 4 * MIB);
    gboolean is_taken = rub_disk_write(fixture->disk, 20 * MIB, data, MIB, &error) &&
                        rub_disk_write(fixture->disk, 2 * MIB, data, MIB, &error) &&
                        rub_disk_sync(fixture->disk, &error);
    g_assert_false(is_taken);
    g_assert_error(error, RUB_ERROR, RUB_CODE_WRITE_FAILED);
    g_assert_nonnull(strstr(error->message, "20971520"));
    g_clear_error(&error);
    /* What came before is there, what came after is not, and nothing comes any more. */
    g_assert_false(rub_disk_sync(fixture->disk, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_WRITE_FAILED);
    g_clear_error(&error);
    peek_under_loop(&fixture->loop, 15 * MIB, found, MIB);
    g_assert_cmpmem(found, MIB, data + 3 * MIB, MIB);
    peek_under_loop(&fixture->loop, 2 * MIB, found, MIB);
    g_assert_cmpint(found[0] | found[1] | found[MIB - 1], ==, 0);
}

/* Puts a small filesystem under the drive, which is full before the drive is. */
static gboolean
mount_small_filesystem(const char *folder, const char *size)
{
    const char *argv[] = {"mount", "-t", "tmpfs", "-o", size, "tmpfs", folder, NULL};
    int status = 0;
    if (geteuid() == 0 &&
        g_spawn_sync(NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_STDERR_TO_DEV_NULL,
                     NULL, NULL, NULL, NULL, &status, NULL) &&
        status == 0)
        return TRUE;
    g_test_skip("only the administrator can mount filesystems");
    return FALSE;
}

/* One request of 2 MiB, of which the kernel only says that it failed. */
static void
test_the_place_inside_a_large_request_is_found(void)
{
    g_autofree guint8 *data = g_malloc(6 * MIB);
    char *folder = make_folder();
    Fixture fixture = {0};
    fill(data, 6 * MIB, 1);
    if (mount_small_filesystem(folder, "size=5M")) {
        set_up_loop_in(&fixture.loop, g_strdup(folder), DRIVE_BYTES, 512);
        open_disk(&fixture);
        if (fixture.disk) {
            g_autoptr(GError) error = NULL;
            assert_written(&fixture, 0, data, 6 * MIB);
            g_assert_false(rub_disk_sync(fixture.disk, &error));
            g_assert_error(error, RUB_ERROR, RUB_CODE_WRITE_FAILED);
            g_assert_nonnull(strstr(error->message, "at byte 5242880"));
        }
        g_clear_pointer(&fixture.disk, rub_disk_unref);
        release_loop(&fixture.loop);
        run("umount", folder);
        g_free(fixture.loop.folder);
    }
    remove_folder(folder);
}

static void
assert_gone(gboolean is_done, GError *error)
{
    g_assert_false(is_done);
    g_assert_error(error, RUB_ERROR, RUB_CODE_DEVICE_GONE);
    g_error_free(error);
}

static void
test_a_pulled_drive_is_gone_and_not_full(Fixture *fixture, gconstpointer user_data)
{
    g_autofree guint8 *data = g_malloc0(8 * MIB);
    GError *error = NULL;
    if (!fixture->disk)
        return;
    assert_written(fixture, 0, data, 4 * MIB);
    assert_synced(fixture);
    pull_loop(&fixture->loop);
    gboolean is_done = rub_disk_write(fixture->disk, 8 * MIB, data, 8 * MIB, &error) &&
                       rub_disk_sync(fixture->disk, &error);
    assert_gone(is_done, error);
    error = NULL;
    is_done = rub_disk_sync(fixture->disk, &error);
    assert_gone(is_done, error);
}

static void
test_a_pulled_drive_cannot_be_read(Fixture *fixture, gconstpointer user_data)
{
    guint8 sector[512];
    GError *error = NULL;
    if (!fixture->disk)
        return;
    pull_loop(&fixture->loop);
    gboolean is_done = rub_disk_read(fixture->disk, 4096, sector, sizeof sector, &error);
    assert_gone(is_done, error);
}

static void
test_a_drive_that_cannot_be_written_says_so(Fixture *fixture, gconstpointer user_data)
{
    g_autoptr(GError) error = NULL;
    if (!fixture->disk)
        return;
    int fd = open(fixture->loop.node, O_RDONLY | O_CLOEXEC);
    g_autoptr(RubDisk) disk = rub_disk_new(fd, DRIVE_BYTES, 512, "stick");
    g_assert_false(rub_disk_write(disk, 0, "abc", 3, &error) && rub_disk_sync(disk, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_WRITE_FAILED);
    g_assert_nonnull(strstr(error->message, g_strerror(EBADF)));
}

/* As before: what was accepted is not lost because nobody waited for it. */
static void
test_closing_writes_what_is_held_back(Fixture *fixture, gconstpointer user_data)
{
    char found[3];
    if (!fixture->disk)
        return;
    assert_written(fixture, 7000, "abc", 3);
    g_clear_pointer(&fixture->disk, rub_disk_unref);
    run("sync", fixture->loop.node);
    peek_under_loop(&fixture->loop, 7000, found, sizeof found);
    g_assert_cmpmem(found, sizeof found, "abc", 3);
}

static void
test_a_file_is_no_drive(void)
{
    char *folder = make_folder();
    g_autofree char *path = make_image(folder, "stick.img", MIB);
    int fd = open(path, O_RDWR | O_CLOEXEC);
    g_assert_null(rub_direct_io_new(fd, 512));
    close(fd);
    remove_folder(folder);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    extend_search_path();
#define ADD(name, sector_size, function)                                                           \
    g_test_add("/direct-io/" name, Fixture, GUINT_TO_POINTER(sector_size), set_up, function,       \
               tear_down)
    ADD("alignment/512", 512, test_any_alignment_is_written_and_read);
    ADD("alignment/4096", 4096, test_any_alignment_is_written_and_read);
    ADD("long-runs", 512, test_long_runs_arrive_whole);
    ADD("together", 512, test_what_follows_goes_out_together);
    ADD("last-counts", 512, test_the_last_of_two_writes_counts);
    ADD("from-the-medium", 512, test_reads_come_from_the_medium);
    ADD("small-reads", 512, test_small_reads_in_a_row_are_right);
    ADD("small-reads-4096", 4096, test_small_reads_in_a_row_are_right);
    ADD("lent", 512, test_others_may_read_by_the_descriptor);
    ADD("lent-4096", 4096, test_others_may_read_by_the_descriptor);
    ADD("hook", 512, test_the_hook_sees_every_write_in_order);
    ADD("errors/offset", 512, test_a_write_that_fails_is_told_with_its_own_offset);
    ADD("errors/pulled-while-writing", 512, test_a_pulled_drive_is_gone_and_not_full);
    ADD("errors/pulled-while-reading", 512, test_a_pulled_drive_cannot_be_read);
    ADD("errors/read-only", 512, test_a_drive_that_cannot_be_written_says_so);
    ADD("closing", 512, test_closing_writes_what_is_held_back);
    g_test_add_func("/direct-io/errors/place", test_the_place_inside_a_large_request_is_found);
    g_test_add_func("/direct-io/file", test_a_file_is_no_drive);
    return g_test_run();
}
