/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "target/rub-disk.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>

#include "base/rub-error.h"
#include "disk-tools.h"

#define MIB ((guint64) 1024 * 1024)
#define DISK_BYTES (192 * MIB)

typedef struct {
    char *folder;
    char *path;
    RubDisk *disk;
} Fixture;

static void
set_up(Fixture *fixture, gconstpointer user_data)
{
    fixture->folder = make_folder();
    fixture->path = make_image(fixture->folder, "disk.img", DISK_BYTES);
    int fd = open(fixture->path, O_RDWR | O_CLOEXEC);
    g_assert_no_errno(fd);
    fixture->disk = rub_disk_new(fd, DISK_BYTES, 512, "stick.img");
}

static void
tear_down(Fixture *fixture, gconstpointer user_data)
{
    rub_disk_unref(fixture->disk);
    g_free(fixture->path);
    remove_folder(fixture->folder);
}

static void
test_what_is_written_is_read(Fixture *fixture, gconstpointer user_data)
{
    GError *error = NULL;
    char buffer[6] = "";
    g_assert_true(rub_disk_write(fixture->disk, DISK_BYTES - 5, "12345", 5, &error));
    g_assert_no_error(error);
    g_assert_true(rub_disk_read(fixture->disk, DISK_BYTES - 5, buffer, 5, &error));
    g_assert_no_error(error);
    g_assert_cmpstr(buffer, ==, "12345");
    g_assert_true(rub_disk_sync(fixture->disk, &error));
    rub_disk_drop_cache(fixture->disk);
    peek(fixture->path, DISK_BYTES - 5, buffer, 5);
    g_assert_cmpstr(buffer, ==, "12345");
}

static void
test_it_knows_its_size_and_name(Fixture *fixture, gconstpointer user_data)
{
    g_assert_cmpuint(rub_disk_get_size_bytes(fixture->disk), ==, DISK_BYTES);
    g_assert_cmpuint(rub_disk_get_sector_size(fixture->disk), ==, 512);
    g_assert_cmpstr(rub_disk_get_name(fixture->disk), ==, "stick.img");
}

static void
test_nothing_outside_is_read_or_written(Fixture *fixture, gconstpointer user_data)
{
    static const struct {
        guint64 offset_bytes;
        gsize size_bytes;
    } ranges[] = {{DISK_BYTES, 1},      {DISK_BYTES - 1, 2}, {G_MAXUINT64, 1},
                  {G_MAXUINT64 - 1, 2}, {1, G_MAXSIZE},      {G_MAXUINT64, G_MAXSIZE}};
    char buffer[2] = "";
    for (guint i = 0; i < G_N_ELEMENTS(ranges); i++) {
        g_autoptr(GError) read_error = NULL;
        g_autoptr(GError) write_error = NULL;
        g_assert_false(rub_disk_read(fixture->disk, ranges[i].offset_bytes, buffer,
                                     ranges[i].size_bytes, &read_error));
        g_assert_error(read_error, RUB_ERROR, RUB_CODE_VERIFY_FAILED);
        g_assert_false(rub_disk_write(fixture->disk, ranges[i].offset_bytes, buffer,
                                      ranges[i].size_bytes, &write_error));
        g_assert_error(write_error, RUB_ERROR, RUB_CODE_WRITE_FAILED);
    }
    g_assert_cmpuint(rub_disk_get_stats(fixture->disk)->writes, ==, 0);
}

static void
test_nothing_at_the_very_end_is_inside(Fixture *fixture, gconstpointer user_data)
{
    GError *error = NULL;
    g_assert_true(rub_disk_write(fixture->disk, DISK_BYTES, "", 0, &error));
    g_assert_no_error(error);
}

typedef struct {
    guint calls;
    guint64 last_offset_bytes;
    gsize last_size_bytes;
    char last_first_byte;
    int errnum;
} Hook;

static int
on_write_cb(guint64 offset_bytes, const void *data, gsize size_bytes, gpointer user_data)
{
    Hook *hook = user_data;
    hook->calls++;
    hook->last_offset_bytes = offset_bytes;
    hook->last_size_bytes = size_bytes;
    hook->last_first_byte = *(const char *) data;
    return hook->errnum;
}

static void
test_the_hook_sees_every_write(Fixture *fixture, gconstpointer user_data)
{
    Hook hook = {0};
    rub_disk_set_write_hook(fixture->disk, on_write_cb, &hook);
    g_assert_true(rub_disk_write(fixture->disk, 4711, "abc", 3, NULL));
    g_assert_cmpuint(hook.calls, ==, 1);
    g_assert_cmpuint(hook.last_offset_bytes, ==, 4711);
    g_assert_cmpuint(hook.last_size_bytes, ==, 3);
    g_assert_cmpint(hook.last_first_byte, ==, 'a');
    rub_disk_set_write_hook(fixture->disk, NULL, NULL);
    g_assert_true(rub_disk_write(fixture->disk, 4711, "abc", 3, NULL));
    g_assert_cmpuint(hook.calls, ==, 1);
}

static void
test_a_fault_of_the_hook_writes_nothing(Fixture *fixture, gconstpointer user_data)
{
    Hook hook = {.errnum = EIO};
    char buffer[3] = "xx";
    g_autoptr(GError) error = NULL;
    rub_disk_set_write_hook(fixture->disk, on_write_cb, &hook);
    g_assert_false(rub_disk_write(fixture->disk, 4711, "abc", 3, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_WRITE_FAILED);
    g_assert_nonnull(strstr(error->message, "stick.img"));
    g_assert_nonnull(strstr(error->message, "4711"));
    peek(fixture->path, 4711, buffer, sizeof buffer);
    g_assert_cmpmem(buffer, 3, "\0\0\0", 3);
    g_assert_cmpuint(rub_disk_get_stats(fixture->disk)->writes, ==, 0);
}

static void
test_a_pulled_drive_is_gone(Fixture *fixture, gconstpointer user_data)
{
    static const int errnums[] = {ENODEV, ENXIO, ENOMEDIUM};
    for (guint i = 0; i < G_N_ELEMENTS(errnums); i++) {
        Hook hook = {.errnum = errnums[i]};
        g_autoptr(GError) error = NULL;
        rub_disk_set_write_hook(fixture->disk, on_write_cb, &hook);
        g_assert_false(rub_disk_write(fixture->disk, 0, "abc", 3, &error));
        g_assert_error(error, RUB_ERROR, RUB_CODE_DEVICE_GONE);
    }
}

/* /dev/full is the kernel's own disk that is always full. */
static void
test_a_full_disk_under_an_image_is_said_so(Fixture *fixture, gconstpointer user_data)
{
    int fd = open("/dev/full", O_RDWR | O_CLOEXEC);
    g_assert_no_errno(fd);
    g_autoptr(RubDisk) disk = rub_disk_new(fd, DISK_BYTES, 512, "stick.img");
    g_autoptr(GError) error = NULL;
    g_assert_false(rub_disk_write(disk, 0, "abc", 3, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_WRITE_FAILED);
    g_assert_nonnull(strstr(error->message, g_strerror(ENOSPC)));
    g_assert_nonnull(strstr(error->message, "the disk on which the file stick.img lies is full"));
    g_assert_nonnull(rub_error_get_remedy(error));
    g_autoptr(GError) handed_on = NULL;
    rub_disk_propagate_error(&handed_on, g_error_copy(error), RUB_CODE_INIT_FAILED);
    g_assert_error(handed_on, RUB_ERROR, RUB_CODE_WRITE_FAILED);
}

/* The kernel itself cuts a write in two here: the first half succeeds, the second fails. */
static void
test_a_write_that_is_cut_fails_at_the_cut(Fixture *fixture, gconstpointer user_data)
{
    struct rlimit old, limit;
    g_autofree char *data = g_malloc0(2 * MIB);
    g_autoptr(GError) error = NULL;
    g_assert_cmpint(getrlimit(RLIMIT_FSIZE, &old), ==, 0);
    limit = (struct rlimit){.rlim_cur = MIB, .rlim_max = old.rlim_max};
    void (*old_handler)(int) = signal(SIGXFSZ, SIG_IGN);
    g_assert_cmpint(setrlimit(RLIMIT_FSIZE, &limit), ==, 0);
    gboolean is_written = rub_disk_write(fixture->disk, MIB / 2, data, MIB, &error);
    g_assert_cmpint(setrlimit(RLIMIT_FSIZE, &old), ==, 0);
    signal(SIGXFSZ, old_handler);
    g_assert_false(is_written);
    g_assert_error(error, RUB_ERROR, RUB_CODE_WRITE_FAILED);
    g_assert_nonnull(strstr(error->message, "1048576"));
    g_assert_nonnull(rub_error_get_remedy(error));
    g_autofree char *remedy = rub_text_format(rub_error_get_remedy(error), NULL);
    g_assert_nonnull(strstr(remedy, "ulimit"));
}

static void
test_a_disk_that_became_shorter_cannot_be_read(Fixture *fixture, gconstpointer user_data)
{
    char buffer[1024];
    g_autoptr(GError) error = NULL;
    g_assert_cmpint(truncate(fixture->path, MIB), ==, 0);
    g_assert_false(rub_disk_read(fixture->disk, MIB - 512, buffer, sizeof buffer, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_VERIFY_FAILED);
    g_assert_nonnull(strstr(error->message, "1048576"));
}

static void
test_statistics_tell_large_writes_and_steps_back(Fixture *fixture, gconstpointer user_data)
{
    g_autofree char *data = g_malloc0(2 * MIB);
    const RubDiskStats *stats = rub_disk_get_stats(fixture->disk);
    g_assert_true(rub_disk_write(fixture->disk, 0, data, MIB, NULL));
    g_assert_true(rub_disk_write(fixture->disk, MIB, data, MIB - 1, NULL));
    g_assert_true(rub_disk_write(fixture->disk, 8 * MIB, data, 2 * MIB, NULL));
    g_assert_cmpuint(stats->backward_seeks, ==, 0);
    g_assert_true(rub_disk_write(fixture->disk, 9 * MIB, data, 512, NULL));
    g_assert_cmpuint(stats->writes, ==, 4);
    g_assert_cmpuint(stats->written_bytes, ==, 4 * MIB - 1 + 512);
    g_assert_cmpuint(stats->large_written_bytes, ==, 3 * MIB);
    g_assert_cmpuint(stats->backward_seeks, ==, 1);
}

/* More than may be on its way to the device at once, in pieces that do not divide them. */
static void
test_long_runs_arrive_whole(Fixture *fixture, gconstpointer user_data)
{
    const gsize piece = 3 * MIB - 7;
    g_autofree guint8 *data = g_malloc(piece);
    g_autofree guint8 *read = g_malloc(piece);
    for (gsize i = 0; i < piece; i++)
        data[i] = (guint8) (i * 31 >> 3);
    guint64 end_bytes = 0;
    for (; end_bytes + piece <= DISK_BYTES; end_bytes += piece)
        g_assert_true(rub_disk_write(fixture->disk, end_bytes, data, piece, NULL));
    g_assert_true(rub_disk_sync(fixture->disk, NULL));
    for (guint64 at = 0; at < end_bytes; at += piece) {
        peek(fixture->path, at, read, piece);
        g_assert_cmpmem(read, piece, data, piece);
    }
}

static void
test_a_read_only_descriptor_cannot_be_written(Fixture *fixture, gconstpointer user_data)
{
    int fd = open(fixture->path, O_RDONLY | O_CLOEXEC);
    g_autoptr(RubDisk) disk = rub_disk_new(fd, DISK_BYTES, 512, "stick.img");
    g_autoptr(GError) error = NULL;
    g_assert_false(rub_disk_write(disk, 0, "abc", 3, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_WRITE_FAILED);
}

static void
test_the_last_reference_closes_the_descriptor(Fixture *fixture, gconstpointer user_data)
{
    int fd = open(fixture->path, O_RDONLY | O_CLOEXEC);
    RubDisk *disk = rub_disk_new(fd, DISK_BYTES, 512, "stick.img");
    rub_disk_unref(rub_disk_ref(disk));
    g_assert_cmpint(fcntl(fd, F_GETFD), >=, 0);
    rub_disk_unref(disk);
    g_assert_cmpint(fcntl(fd, F_GETFD), ==, -1);
}

static void
test_an_error_keeps_its_text_but_not_its_code(Fixture *fixture, gconstpointer user_data)
{
    g_autoptr(GError) error = NULL;
    rub_disk_propagate_error(&error,
                             g_error_new(RUB_ERROR, RUB_CODE_WRITE_FAILED, "cannot write x"),
                             RUB_CODE_INIT_FAILED);
    g_assert_error(error, RUB_ERROR, RUB_CODE_INIT_FAILED);
    g_assert_cmpstr(error->message, ==, "cannot write x");
}

static void
test_a_pulled_drive_stays_gone(Fixture *fixture, gconstpointer user_data)
{
    g_autoptr(GError) error = NULL;
    rub_disk_propagate_error(&error, g_error_new(RUB_ERROR, RUB_CODE_DEVICE_GONE, "x is gone"),
                             RUB_CODE_INIT_FAILED);
    g_assert_error(error, RUB_ERROR, RUB_CODE_DEVICE_GONE);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name, function) g_test_add("/disk/" name, Fixture, NULL, set_up, function, tear_down)
    ADD("written-is-read", test_what_is_written_is_read);
    ADD("size-and-name", test_it_knows_its_size_and_name);
    ADD("nothing-outside", test_nothing_outside_is_read_or_written);
    ADD("nothing-at-the-end", test_nothing_at_the_very_end_is_inside);
    ADD("hook/sees-writes", test_the_hook_sees_every_write);
    ADD("hook/fault", test_a_fault_of_the_hook_writes_nothing);
    ADD("errors/pulled", test_a_pulled_drive_is_gone);
    ADD("errors/full", test_a_full_disk_under_an_image_is_said_so);
    ADD("errors/cut", test_a_write_that_is_cut_fails_at_the_cut);
    ADD("errors/became-shorter", test_a_disk_that_became_shorter_cannot_be_read);
    ADD("errors/read-only", test_a_read_only_descriptor_cannot_be_written);
    ADD("errors/propagated", test_an_error_keeps_its_text_but_not_its_code);
    ADD("errors/stays-gone", test_a_pulled_drive_stays_gone);
    ADD("statistics", test_statistics_tell_large_writes_and_steps_back);
    ADD("long-runs", test_long_runs_arrive_whole);
    ADD("last-reference", test_the_last_reference_closes_the_descriptor);
    return g_test_run();
}
