/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "target/rub-ntfs-maker.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/rub-bytes.h"
#include "base/rub-error.h"
#include "maker-tools.h"
#include "volume/rub-ntfs.h"

#define NOISE 0xa7

static void
set_up(Fixture *fixture, gconstpointer user_data)
{
    fixture->tail_bytes = MIB;
    begin(fixture, rub_ntfs_make, RUB_NTFS_MAKER_PROGRAM);
    open_disk(fixture, 34 * MIB, 512);
}

/* What ntfs-3g thinks of it. */
static void
judge(Fixture *fixture)
{
    g_autofree char *volume = g_build_filename(fixture->folder, "volume", NULL);
    g_autofree char *input = g_strdup_printf("if=%s", fixture->path);
    g_autofree char *output = g_strdup_printf("of=%s", volume);
    g_autofree char *count =
        g_strdup_printf("count=%" G_GUINT64_FORMAT,
                        fixture->volume.sector_count * rub_disk_get_sector_size(fixture->disk));
    g_autofree char *copied = run_tool(NULL, "dd", input, output, "bs=1M", "skip=1", count,
                                       "conv=sparse", "iflag=count_bytes", "status=none", NULL);
    g_autofree char *fixed = run_tool(NULL, "ntfsfix", "-n", volume, NULL);
    g_assert_nonnull(strstr(fixed, "alternate boot sector... OK"));
    g_assert_nonnull(strstr(fixed, "processed successfully"));
}

static RubListing *
list(Fixture *fixture, RubNtfsState *state)
{
    g_autoptr(GError) error = NULL;
    RubListing *listing = rub_ntfs_list(fixture->disk, fixture->volume.start_lba,
                                        fixture->volume.sector_count, state, &error);
    g_assert_no_error(error);
    return listing;
}

static void
fill_with_noise(Fixture *fixture, gsize size_bytes)
{
    g_autofree guint8 *noise = g_malloc(size_bytes);
    memset(noise, NOISE, size_bytes);
    g_assert_true(rub_disk_write(fixture->disk, 0, noise, size_bytes, NULL));
}

static void
test_old_bytes_do_no_harm(Fixture *fixture, gconstpointer user_data)
{
    RubNtfsState state;
    guint8 bytes[MIB];
    if (!has_tool("mkntfs"))
        return;
    fill_with_noise(fixture, 34 * MIB);
    assert_made(fixture);
    judge(fixture);
    g_autoptr(RubListing) listing = list(fixture, &state);
    g_assert_cmpuint(listing->entries->len, ==, 0);
    g_assert_cmpstr(listing->volume_name, ==, "RESCUE");
    g_assert_false(state.is_dirty);
    g_assert_cmpuint(state.free_clusters, >, state.cluster_count * 8 / 10);
    /* Nothing outside of the partition has changed. */
    for (guint part = 0; part < 2; part++) {
        g_assert_true(rub_disk_read(fixture->disk, part * 33 * MIB, bytes, sizeof bytes, NULL));
        for (gsize i = 0; i < sizeof bytes; i++)
            g_assert_cmpuint(bytes[i], ==, NOISE);
    }
}

static void
test_boot_sector_is_as_asked_for(Fixture *fixture, gconstpointer user_data)
{
    guint8 sector[512], copy[512];
    if (!has_tool("mkntfs"))
        return;
    fixture->volume.sectors_per_cluster = 16;
    assert_made(fixture);
    judge(fixture);
    g_assert_true(rub_disk_read(fixture->disk, MIB, sector, sizeof sector, NULL));
    g_assert_true(rub_disk_read(fixture->disk, 33 * MIB - 512, copy, sizeof copy, NULL));
    RubBytes bytes = rub_bytes(sector, sizeof sector);
    g_assert_cmpuint(rub_bytes_u8(&bytes, 13), ==, 16);
    g_assert_cmpuint(rub_bytes_u16le(&bytes, 24), ==, 63);
    g_assert_cmpuint(rub_bytes_u16le(&bytes, 26), ==, 255);
    g_assert_cmpuint(rub_bytes_u32le(&bytes, 28), ==, START_LBA);
    g_assert_cmphex(rub_bytes_u32le(&bytes, 72), ==, 0x1234abcd);
    g_assert_cmpmem(sector, sizeof sector, copy, sizeof copy);
}

static void
test_disks_of_4096_byte_sectors(Fixture *fixture, gconstpointer user_data)
{
    RubNtfsState state;
    if (!has_tool("mkntfs"))
        return;
    open_disk(fixture, 64 * MIB, 4096);
    assert_made(fixture);
    g_autoptr(RubListing) listing = list(fixture, &state);
    g_assert_cmpuint(state.cluster_bytes, ==, 4096);
    g_assert_cmpuint(listing->entries->len, ==, 0);
}

static void
test_large_disks(Fixture *fixture, gconstpointer user_data)
{
    struct stat status;
    RubNtfsState state;
    if (!has_tool("mkntfs"))
        return;
    open_disk(fixture, 64 * 1024 * MIB, 512);
    fixture->volume.label[0] = '\0';
    assert_made(fixture);
    g_autoptr(RubListing) listing = list(fixture, &state);
    g_assert_null(listing->volume_name);
    g_assert_cmpuint(state.cluster_bytes, ==, 4096);
    g_assert_cmpint(stat(fixture->path, &status), ==, 0);
    g_assert_cmpint(status.st_blocks * 512, <, 100 * MIB);
    g_assert_cmpuint(rub_disk_get_stats(fixture->disk)->writes, <, 60);
}

typedef struct {
    guint64 last_offset;
    guint64 fail_at;
} Hook;

static int
watch(guint64 offset_bytes, const void *data, gsize size_bytes, gpointer user_data)
{
    Hook *hook = user_data;
    hook->last_offset = offset_bytes;
    return hook->fail_at && offset_bytes >= hook->fail_at ? EIO : 0;
}

static void
test_boot_sector_comes_last(Fixture *fixture, gconstpointer user_data)
{
    Hook hook = {0};
    if (!has_tool("mkntfs"))
        return;
    rub_disk_set_write_hook(fixture->disk, watch, &hook);
    assert_made(fixture);
    g_assert_cmpuint(hook.last_offset, ==, MIB);
}

static void
test_write_errors_are_told(Fixture *fixture, gconstpointer user_data)
{
    Hook hook = {.fail_at = 10 * MIB};
    if (!has_tool("mkntfs"))
        return;
    rub_disk_set_write_hook(fixture->disk, watch, &hook);
    assert_fails(fixture, "mkntfs", RUB_CODE_CREATE_FAT32_FAILED, "Input/output error");
}

static void
test_missing_program(Fixture *fixture, gconstpointer user_data)
{
    assert_fails(fixture, "mkntfs-missing", RUB_CODE_CREATE_FAT32_FAILED, "package ntfs-3g");
    g_assert_cmpuint(rub_disk_get_stats(fixture->disk)->writes, ==, 0);
}

static void
test_words_of_the_program(Fixture *fixture, gconstpointer user_data)
{
    if (!has_tool("mkntfs"))
        return;
    fixture->volume.sectors_per_cluster = 3;
    assert_fails(fixture, "mkntfs", RUB_CODE_CREATE_FAT32_FAILED, "cluster size is invalid");
    assert_fails(fixture, "true", RUB_CODE_CREATE_FAT32_FAILED, "not an NTFS filesystem");
    g_assert_cmpuint(rub_disk_get_stats(fixture->disk)->writes, ==, 0);
}

static void
test_cancelled(Fixture *fixture, gconstpointer user_data)
{
    g_autoptr(GCancellable) cancellable = g_cancellable_new();
    g_autoptr(GError) error = NULL;
    if (!has_tool("mkntfs"))
        return;
    g_cancellable_cancel(cancellable);
    g_assert_false(rub_ntfs_make(fixture->disk, &fixture->volume, "mkntfs", cancellable, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_CANCELLED);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(path, function)                                                                        \
    g_test_add("/ntfs-maker/" path, Fixture, NULL, set_up, function, tear_down)
    ADD("old-bytes-do-no-harm", test_old_bytes_do_no_harm);
    ADD("boot-sector-is-as-asked-for", test_boot_sector_is_as_asked_for);
    ADD("disks-of-4096-byte-sectors", test_disks_of_4096_byte_sectors);
    ADD("large-disks", test_large_disks);
    ADD("boot-sector-comes-last", test_boot_sector_comes_last);
    ADD("write-errors-are-told", test_write_errors_are_told);
    ADD("missing-program", test_missing_program);
    ADD("words-of-the-program", test_words_of_the_program);
    ADD("cancelled", test_cancelled);
    return g_test_run();
}
