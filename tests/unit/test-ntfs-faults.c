/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ntfs-tools.h"

#define VOLUME_BYTES ((guint64) 16 * 1024 * 1024)
#define OLD_FILES 40
#define NEW_FILES 30
#define HIBERNATION_BYTES 4096

static void
set_up(NtfsImage *self, gconstpointer unused)
{
    if (!ntfs_image_has_tools())
        return;
    ntfs_image_open(self, VOLUME_BYTES, "4096");
}

static void
tear_down(NtfsImage *self, gconstpointer unused)
{
    if (self->disk)
        ntfs_image_close(self);
}

typedef struct {
    guint writes;
    guint fail_from;
    int errnum;
} Fault;

static int
fail_from(guint64 offset_bytes, const void *data, gsize size_bytes, gpointer user_data)
{
    Fault *fault = user_data;
    return ++fault->writes > fault->fail_from ? fault->errnum : 0;
}

static void
write_old_files(NtfsImage *self)
{
    g_autoptr(RubVolume) volume = ntfs_image_write(self);
    for (guint i = 0; i < OLD_FILES; i++) {
        g_autofree char *path = g_strdup_printf("old file %u.txt", i);
        put_file(volume, path, i, i * 200, RUB_VOLUME_NONE);
    }
}

static void
assert_old_files(NtfsImage *self, const RubListing *listing)
{
    for (guint i = 1; i < OLD_FILES; i++) {
        g_autofree char *path = g_strdup_printf("old file %u.txt", i);
        assert_bytes(self, listing, path, i, i * 200);
    }
    /* The one that is replaced is there, old or new. */
    const RubEntry *replaced = ntfs_find(listing, "old file 0.txt");
    g_assert_nonnull(replaced);
    if (replaced->size_bytes != 0)
        assert_bytes(self, listing, "old file 0.txt", 77, 300000);
}

/* A round that writes into a folder with files, replaces one of them and splits blocks. */
static gboolean
write_new_files(NtfsImage *self, GError **error)
{
    g_autoptr(RubVolume) volume = ntfs_image_write(self);
    guint ids[NEW_FILES];
    for (guint i = 0; i < G_N_ELEMENTS(ids); i++) {
        g_autofree char *path = g_strdup_printf("new file %u.txt", i);
        ids[i] = declare_file(volume, path, 1000, RUB_VOLUME_NONE);
    }
    guint replaced = declare_file(volume, "old file 0.txt", 300000, RUB_VOLUME_REPLACE);
    prepare_round(volume);
    g_autofree guint8 *bytes = make_bytes(77, 300000);
    for (guint i = 0; i < G_N_ELEMENTS(ids); i++)
        if (!rub_volume_write(volume, ids[i], bytes, 1000, error))
            return FALSE;
    return rub_volume_write(volume, replaced, bytes, 300000, error) &&
           rub_volume_commit(volume, error);
}

static void
assert_opens_for_writing(NtfsImage *self, gboolean does)
{
    g_autoptr(GError) error = NULL;
    RubVolume *volume =
        rub_ntfs_volume_new(self->disk, NTFS_START_LBA, ntfs_image_get_sectors(self), &error);
    g_assert_true(does == (volume != NULL));
    if (!does)
        g_assert_error(error, RUB_ERROR, RUB_CODE_VOLUME_DAMAGED);
    g_clear_pointer(&volume, rub_volume_free);
}

/* Whatever write is the last: it is told, the round happened or did not, and the next one can
 * follow. */
static void
test_every_write_may_fail(NtfsImage *self, gconstpointer unused)
{
    if (!self->disk)
        return;
    write_old_files(self);
    gsize size_bytes = (gsize) rub_disk_get_size_bytes(self->disk);
    g_autofree guint8 *before = g_malloc(size_bytes);
    g_assert_true(rub_disk_read(self->disk, 0, before, size_bytes, NULL));
    gboolean is_done = FALSE;
    guint n = 0;
    for (; !is_done; n++) {
        Fault fault = {.fail_from = n, .errnum = EIO};
        g_autoptr(GError) error = NULL;
        rub_disk_set_write_hook(self->disk, fail_from, &fault);
        is_done = write_new_files(self, &error);
        rub_disk_set_write_hook(self->disk, NULL, NULL);
        if (!is_done)
            g_assert_error(error, RUB_ERROR, RUB_CODE_WRITE_FAILED);
        RubNtfsState state;
        g_autoptr(RubListing) listing = ntfs_image_list(self, &state);
        g_assert_false(state.is_dirty);
        assert_old_files(self, listing);
        gboolean has_round = ntfs_find(listing, "new file 29.txt") != NULL;
        g_assert_cmpuint(listing->entries->len, ==, OLD_FILES + (has_round ? NEW_FILES : 0));
        assert_opens_for_writing(self, TRUE);
        ntfs_image_judge(self);
        if (!is_done)
            g_assert_true(rub_disk_write(self->disk, 0, before, size_bytes, NULL));
    }
    g_assert_cmpuint(n, >, 6);
    ntfs_image_judge(self);
}

static void
test_pulled_out(NtfsImage *self, gconstpointer unused)
{
    Fault fault = {.fail_from = 3, .errnum = ENODEV};
    g_autoptr(GError) error = NULL;
    if (!self->disk)
        return;
    write_old_files(self);
    rub_disk_set_write_hook(self->disk, fail_from, &fault);
    g_assert_false(write_new_files(self, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_DEVICE_GONE);
    guint writes = fault.writes;
    g_assert_cmpuint(writes, ==, 4);
}

static void
test_nothing_follows_a_failure(NtfsImage *self, gconstpointer unused)
{
    Fault fault = {.fail_from = 0, .errnum = EIO};
    g_autoptr(GError) error = NULL;
    if (!self->disk)
        return;
    g_autoptr(RubVolume) volume = ntfs_image_write(self);
    guint id = declare_file(volume, "file", 10, RUB_VOLUME_NONE);
    prepare_round(volume);
    rub_disk_set_write_hook(self->disk, fail_from, &fault);
    g_assert_true(rub_volume_write(volume, id, "0123456789", 10, NULL));
    g_assert_false(rub_volume_commit(volume, NULL));
    g_assert_false(rub_volume_write(volume, id, "0123456789", 10, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_WRITE_FAILED);
    g_clear_error(&error);
    g_assert_false(rub_volume_commit(volume, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_WRITE_FAILED);
    g_assert_cmpuint(fault.writes, ==, 1);
}

static void
test_half_written_files_are_told(NtfsImage *self, gconstpointer unused)
{
    g_autoptr(GError) error = NULL;
    if (!self->disk)
        return;
    g_autoptr(RubVolume) volume = ntfs_image_write(self);
    guint id = declare_file(volume, "file", 10, RUB_VOLUME_NONE);
    prepare_round(volume);
    g_assert_true(rub_volume_write(volume, id, "012345678", 9, NULL));
    g_assert_false(rub_volume_commit(volume, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_WRITE_FAILED);
    g_clear_pointer(&volume, rub_volume_free);
    assert_opens_for_writing(self, TRUE);
}

static void
test_hibernated_windows_is_left_alone(NtfsImage *self, gconstpointer unused)
{
    if (!self->disk)
        return;
    g_autofree guint8 *bytes = g_malloc0(HIBERNATION_BYTES);
    memcpy(bytes, "hibr", 4);
    RubVolume *volume = ntfs_image_write(self);
    guint id = declare_file(volume, "hiberfil.sys", HIBERNATION_BYTES, RUB_VOLUME_NONE);
    prepare_round(volume);
    g_assert_true(rub_volume_write(volume, id, bytes, HIBERNATION_BYTES, NULL));
    commit_round(volume);
    rub_volume_free(volume);
    guint64 writes = rub_disk_get_stats(self->disk)->writes;
    g_autoptr(GError) error = NULL;
    g_assert_null(
        rub_ntfs_volume_new(self->disk, NTFS_START_LBA, ntfs_image_get_sectors(self), &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_VOLUME_DAMAGED);
    g_assert_nonnull(strstr(error->message, "asleep"));
    g_assert_cmpuint(rub_disk_get_stats(self->disk)->writes, ==, writes);
    g_autoptr(RubListing) listing = ntfs_image_list(self, NULL);
    g_assert_nonnull(ntfs_find(listing, "hiberfil.sys"));
}

/* The journal as Windows has it while it is mounted: not empty, and not closed. */
static void
use_journal(NtfsImage *self)
{
    g_autofree guint8 *page = g_malloc0(4096);
    g_autoptr(RubNtfs) ntfs = rub_ntfs_open(self->disk, NTFS_START_LBA,
                                            ntfs_image_get_sectors(self), RUB_NTFS_WRITE, NULL);
    g_assert_true(rub_ntfs_begin(ntfs, NULL));
    ntfs_inode *inode = ntfs_inode_open(rub_ntfs_get_volume(ntfs), FILE_LogFile);
    ntfs_attr *data = ntfs_attr_open(inode, AT_DATA, AT_UNNAMED, 0);
    memcpy(page, "RSTR", 4);
    g_assert_cmpint(ntfs_attr_pwrite(data, 0, 4096, page), ==, 4096);
    ntfs_attr_close(data);
    ntfs_inode_close(inode);
    g_assert_true(rub_ntfs_commit(ntfs, NULL));
}

static void
test_a_journal_in_use_is_left_alone(NtfsImage *self, gconstpointer unused)
{
    g_autoptr(GError) error = NULL;
    if (!self->disk)
        return;
    use_journal(self);
    guint64 writes = rub_disk_get_stats(self->disk)->writes;
    g_assert_null(
        rub_ntfs_volume_new(self->disk, NTFS_START_LBA, ntfs_image_get_sectors(self), &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_VOLUME_DAMAGED);
    g_assert_nonnull(strstr(error->message, "safely"));
    g_assert_cmpuint(rub_disk_get_stats(self->disk)->writes, ==, writes);
    g_autoptr(RubListing) listing = ntfs_image_list(self, NULL);
    g_assert_cmpuint(listing->entries->len, ==, 0);
}

static void
assert_refused(NtfsImage *self, guint64 start_lba, guint64 sector_count)
{
    g_autoptr(GError) error = NULL;
    g_assert_null(rub_ntfs_list(self->disk, start_lba, sector_count, NULL, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_VOLUME_DAMAGED);
    g_clear_error(&error);
    g_assert_null(rub_ntfs_volume_new(self->disk, start_lba, sector_count, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_VOLUME_DAMAGED);
}

static void
test_what_is_no_volume_is_refused(NtfsImage *self, gconstpointer unused)
{
    static const struct {
        guint at;
        guint8 byte;
    } changes[] = {{3, 'M'}, {12, 3}, {12, 0}, {13, 3},    {13, 0}, {13, 0xe0}, {14, 1},
                   {45, 1},  {53, 1}, {61, 1}, {64, 0xc0}, {64, 0}, {68, 0x80}, {41, 0xff}};
    guint64 sectors = ntfs_image_get_sectors(self);
    guint8 sector[512];
    if (!self->disk)
        return;
    assert_refused(self, 0, sectors);
    assert_refused(self, NTFS_START_LBA, 0);
    assert_refused(self, NTFS_START_LBA, sectors / 2);
    assert_refused(self, NTFS_START_LBA, sectors + 1);
    assert_refused(self, G_MAXUINT64, 1);
    g_assert_true(rub_disk_read(self->disk, NTFS_START_BYTES, sector, sizeof sector, NULL));
    for (guint i = 0; i < G_N_ELEMENTS(changes); i++) {
        guint8 changed[512];
        memcpy(changed, sector, sizeof sector);
        changed[changes[i].at] = changes[i].byte;
        g_assert_true(rub_disk_write(self->disk, NTFS_START_BYTES, changed, sizeof changed, NULL));
        assert_refused(self, NTFS_START_LBA, sectors);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(path, function)                                                                        \
    g_test_add("/ntfs-faults/" path, NtfsImage, NULL, set_up, function, tear_down)
    ADD("every-write-may-fail", test_every_write_may_fail);
    ADD("pulled-out", test_pulled_out);
    ADD("nothing-follows-a-failure", test_nothing_follows_a_failure);
    ADD("half-written-files-are-told", test_half_written_files_are_told);
    ADD("hibernated-windows-is-left-alone", test_hibernated_windows_is_left_alone);
    ADD("a-journal-in-use-is-left-alone", test_a_journal_in_use_is_left_alone);
    ADD("what-is-no-volume-is-refused", test_what_is_no_volume_is_refused);
    return g_test_run();
}
