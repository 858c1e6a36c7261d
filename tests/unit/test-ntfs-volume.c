/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ntfs-tools.h"

#define VOLUME_BYTES ((guint64) 64 * 1024 * 1024)
#define BOOTMGR_BYTES 409723

static void
set_up(NtfsImage *self, gconstpointer cluster_bytes)
{
    if (!ntfs_image_has_tools())
        return;
    ntfs_image_open(self, VOLUME_BYTES, cluster_bytes ? cluster_bytes : "4096");
}

static void
tear_down(NtfsImage *self, gconstpointer unused)
{
    if (self->disk)
        ntfs_image_close(self);
}

static void
add_folder(RubVolume *volume, const char *path)
{
    g_autoptr(GError) error = NULL;
    rub_volume_add_folder(volume, path, 1234567890, RUB_VOLUME_NONE, &error);
    g_assert_no_error(error);
}

/* Sizes around those of records, clusters and pieces. */
static const gsize sizes[] = {
    0,    1,    511,   600,   700,    1023,   4095,   4096,
    4097, 8192, 65536, 65537, 262143, 262144, 262145, 3 * 1024 * 1024 + 1};

static void
test_files_are_as_ntfscat_reads_them(NtfsImage *self, gconstpointer unused)
{
    guint ids[G_N_ELEMENTS(sizes)];
    if (!self->disk)
        return;
    g_autoptr(RubVolume) volume = ntfs_image_write(self);
    add_folder(volume, "Boot");
    add_folder(volume, "Boot/F\u00f6nts \U0001f642");
    for (guint i = 0; i < G_N_ELEMENTS(sizes); i++) {
        g_autofree char *path = g_strdup_printf("Boot/F\u00f6nts \U0001f642/file %u", i);
        ids[i] = declare_file(volume, path, sizes[i], RUB_VOLUME_NONE);
    }
    prepare_round(volume);
    for (guint i = 0; i < G_N_ELEMENTS(sizes); i++)
        write_bytes(volume, ids[i], i, sizes[i]);
    commit_round(volume);
    ntfs_image_judge(self);
    RubNtfsState state;
    g_autoptr(RubListing) listing = ntfs_image_list(self, &state);
    g_assert_cmpstr(listing->volume_name, ==, "Rescue");
    g_assert_cmpuint(listing->entries->len, ==, 2 + G_N_ELEMENTS(sizes));
    g_assert_false(state.is_dirty);
    for (guint i = 0; i < G_N_ELEMENTS(sizes); i++) {
        g_autofree char *path = g_strdup_printf("Boot/F\u00f6nts \U0001f642/file %u", i);
        g_autofree char *output = g_build_filename(self->folder, "output", NULL);
        assert_bytes(self, listing, path, i, sizes[i]);
        g_assert_cmpint(ntfs_find(listing, path)->mtime_unix, ==, 1234567890);
        g_autofree char *command =
            g_strdup_printf("ntfscat '%s' '%s' > '%s'", self->volume_path, path, output);
        g_autofree char *none = run_tool(NULL, "sh", "-c", command, NULL);
        g_autofree char *found = NULL;
        gsize found_bytes;
        g_assert_true(g_file_get_contents(output, &found, &found_bytes, NULL));
        g_autofree guint8 *expected = make_bytes(i, sizes[i]);
        g_assert_cmpmem(found, found_bytes, expected, sizes[i]);
    }
}

static void
test_bootmgr_lies_first_and_in_one_piece(NtfsImage *self, gconstpointer unused)
{
    if (!self->disk)
        return;
    g_autoptr(RubVolume) volume = ntfs_image_write(self);
    guint boot_wim = declare_file(volume, "boot.wim", 1000000, RUB_VOLUME_NONE);
    guint bootmgr = declare_file(volume, "BootMgr", BOOTMGR_BYTES, RUB_VOLUME_NONE);
    prepare_round(volume);
    write_bytes(volume, boot_wim, 1, 1000000);
    write_bytes(volume, bootmgr, 2, BOOTMGR_BYTES);
    commit_round(volume);
    g_autoptr(RubListing) listing = ntfs_image_list(self, NULL);
    const RubEntry *entry = ntfs_find(listing, "BootMgr");
    g_assert_cmpuint(entry->extents->len, ==, 1);
    g_assert_cmpuint(rub_entry_get_first_byte(entry), <,
                     rub_entry_get_first_byte(ntfs_find(listing, "boot.wim")));
    assert_bytes(self, listing, "BootMgr", 2, BOOTMGR_BYTES);
    ntfs_image_judge(self);
}

static void
test_rounds_follow_one_another(NtfsImage *self, gconstpointer unused)
{
    if (!self->disk)
        return;
    g_autoptr(RubVolume) volume = ntfs_image_write(self);
    add_folder(volume, "a");
    put_file(volume, "a/one", 1, 5000, RUB_VOLUME_NONE);
    add_folder(volume, "A");
    put_file(volume, "a/two", 2, 6000, RUB_VOLUME_HIDDEN);
    g_clear_pointer(&volume, rub_volume_free);
    volume = ntfs_image_write(self);
    put_file(volume, "A/three", 3, 7000, RUB_VOLUME_NONE);
    g_autoptr(RubListing) listing = ntfs_image_list(self, NULL);
    g_assert_cmpuint(listing->entries->len, ==, 4);
    assert_bytes(self, listing, "a/one", 1, 5000);
    assert_bytes(self, listing, "a/two", 2, 6000);
    assert_bytes(self, listing, "a/three", 3, 7000);
    ntfs_image_judge(self);
    g_autofree char *two = run_tool(NULL, "ntfsinfo", "-F", "a/two", self->volume_path, NULL);
    g_autofree char *three = run_tool(NULL, "ntfsinfo", "-F", "a/three", self->volume_path, NULL);
    g_assert_nonnull(strstr(two, "HIDDEN"));
    g_assert_null(strstr(three, "HIDDEN"));
}

static void
test_replaced_files_give_way_at_the_commit(NtfsImage *self, gconstpointer unused)
{
    if (!self->disk)
        return;
    g_autoptr(RubVolume) volume = ntfs_image_write(self);
    add_folder(volume, "f");
    put_file(volume, "f/File.txt", 1, 50000, RUB_VOLUME_NONE);
    put_file(volume, "f/file.TXT", 2, 700, RUB_VOLUME_REPLACE);
    g_autoptr(RubListing) listing = ntfs_image_list(self, NULL);
    g_assert_cmpuint(listing->entries->len, ==, 2);
    assert_bytes(self, listing, "f/file.TXT", 2, 700);
    ntfs_image_judge(self);
}

static void
test_replaced_files_can_be_kept_elsewhere(NtfsImage *self, gconstpointer unused)
{
    g_autoptr(GError) error = NULL;
    if (!self->disk)
        return;
    g_autoptr(RubVolume) volume = ntfs_image_write(self);
    put_file(volume, "bootmgr", 1, 50000, RUB_VOLUME_NONE);
    put_file(volume, "other", 3, 10, RUB_VOLUME_NONE);
    add_folder(volume, "undo");
    guint id = declare_file(volume, "bootmgr", BOOTMGR_BYTES, RUB_VOLUME_REPLACE);
    rub_volume_move(volume, "BOOTMGR", "undo/saved", RUB_VOLUME_HIDDEN, &error);
    g_assert_no_error(error);
    prepare_round(volume);
    write_bytes(volume, id, 2, BOOTMGR_BYTES);
    commit_round(volume);
    g_autoptr(RubListing) listing = ntfs_image_list(self, NULL);
    assert_bytes(self, listing, "undo/saved", 1, 50000);
    assert_bytes(self, listing, "bootmgr", 2, BOOTMGR_BYTES);
    ntfs_image_judge(self);

    g_assert_false(rub_volume_remove(volume, "undo", NULL));
    rub_volume_move(volume, "undo/saved", "bootmgr", RUB_VOLUME_REPLACE, &error);
    rub_volume_remove(volume, "undo", &error);
    rub_volume_remove(volume, "other", &error);
    g_assert_no_error(error);
    prepare_round(volume);
    commit_round(volume);
    g_autoptr(RubListing) undone = ntfs_image_list(self, NULL);
    g_assert_cmpuint(undone->entries->len, ==, 1);
    assert_bytes(self, undone, "bootmgr", 1, 50000);
    ntfs_image_judge(self);
}

static void
assert_refused(RubVolume *volume, const char *path, RubVolumeFlags flags)
{
    g_autoptr(GError) error = NULL;
    guint id;
    g_assert_false(rub_volume_add_file(volume, path, 1, 0, flags, &id, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_NAME_NOT_REPRESENTABLE);
}

static void
test_names_that_windows_cannot_hold_are_refused(NtfsImage *self, gconstpointer unused)
{
    static const char *const names[] = {"a:b",  "con",   "nul.txt", "trail.", "trail ",
                                        "a\tb", "a?",    "a\\b",    "",       "x//y",
                                        "f/x",  "new/x", "file/x",  "FILE",   "folder"};
    if (!self->disk)
        return;
    g_autoptr(RubVolume) volume = ntfs_image_write(self);
    add_folder(volume, "folder");
    put_file(volume, "file", 1, 10, RUB_VOLUME_NONE);
    for (guint i = 0; i < G_N_ELEMENTS(names); i++)
        assert_refused(volume, names[i], RUB_VOLUME_NONE);
    assert_refused(volume, "Folder", RUB_VOLUME_REPLACE);
    declare_file(volume, "efi", 10, RUB_VOLUME_NONE);
    assert_refused(volume, "EFI", RUB_VOLUME_REPLACE);
    g_autoptr(GError) error = NULL;
    g_assert_false(rub_volume_add_folder(volume, "File", 0, RUB_VOLUME_NONE, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_NAME_NOT_REPRESENTABLE);
    g_assert_false(rub_volume_move(volume, "missing", "to", RUB_VOLUME_NONE, NULL));
    g_assert_false(rub_volume_remove(volume, "missing", NULL));
}

static void
test_what_does_not_fit_is_known_before(NtfsImage *self, gconstpointer unused)
{
    g_autoptr(GError) error = NULL;
    if (!self->disk)
        return;
    g_autoptr(RubVolume) volume = ntfs_image_write(self);
    guint64 writes = rub_disk_get_stats(self->disk)->writes;
    declare_file(volume, "large", VOLUME_BYTES + 1000000, RUB_VOLUME_NONE);
    g_assert_false(rub_volume_prepare(volume, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_DISK_TOO_SMALL);
    g_assert_nonnull(strstr(error->message, "bytes are missing"));
    g_clear_pointer(&volume, rub_volume_free);
    g_assert_cmpuint(rub_disk_get_stats(self->disk)->writes, ==, writes);
}

/* The room that is counted is enough, to the last cluster. */
static void
test_what_is_said_to_fit_does(NtfsImage *self, gconstpointer unused)
{
    guint64 low = 0, high = VOLUME_BYTES;
    if (!self->disk)
        return;
    while (high - low > 1) {
        guint64 size_bytes = (low + high) / 2;
        g_autoptr(RubVolume) volume = ntfs_image_write(self);
        declare_file(volume, "large", size_bytes, RUB_VOLUME_NONE);
        if (rub_volume_prepare(volume, NULL))
            low = size_bytes;
        else
            high = size_bytes;
    }
    g_autoptr(RubVolume) volume = ntfs_image_write(self);
    put_file(volume, "large", 5, low, RUB_VOLUME_NONE);
    ntfs_image_judge(self);
    g_assert_cmpuint(low, >, VOLUME_BYTES * 8 / 10);
}

static void
test_nothing_is_written_without_a_commit(NtfsImage *self, gconstpointer unused)
{
    if (!self->disk)
        return;
    g_autoptr(RubVolume) volume = ntfs_image_write(self);
    guint id = declare_file(volume, "file", 1000, RUB_VOLUME_NONE);
    prepare_round(volume);
    g_assert_cmpuint(rub_disk_get_stats(self->disk)->writes, ==, 0);
    write_bytes(volume, id, 1, 1000);
    g_clear_pointer(&volume, rub_volume_free);
    g_autoptr(RubListing) listing = ntfs_image_list(self, NULL);
    g_assert_cmpuint(listing->entries->len, ==, 0);
    ntfs_image_judge(self);
}

/* What Windows' "compress this drive" does to the root. */
static void
compress_root(NtfsImage *self)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(RubNtfs) ntfs = rub_ntfs_open(self->disk, NTFS_START_LBA,
                                            ntfs_image_get_sectors(self), RUB_NTFS_WRITE, &error);
    g_assert_no_error(error);
    g_assert_true(rub_ntfs_begin(ntfs, NULL));
    ntfs_inode *root = ntfs_inode_open(rub_ntfs_get_volume(ntfs), FILE_root);
    root->flags |= FILE_ATTR_COMPRESSED;
    ntfs_inode_mark_dirty(root);
    g_assert_cmpint(ntfs_inode_close(root), ==, 0);
    g_assert_true(rub_ntfs_commit(ntfs, NULL));
}

static void
test_in_a_compressed_folder_files_are_plain(NtfsImage *self, gconstpointer unused)
{
    if (!self->disk)
        return;
    compress_root(self);
    g_autoptr(RubVolume) volume = ntfs_image_write(self);
    add_folder(volume, "boot");
    guint id = declare_file(volume, "bootmgr", BOOTMGR_BYTES, RUB_VOLUME_NONE);
    guint other_id = declare_file(volume, "boot/bcd", 20000, RUB_VOLUME_NONE);
    prepare_round(volume);
    write_bytes(volume, id, 1, BOOTMGR_BYTES);
    write_bytes(volume, other_id, 2, 20000);
    commit_round(volume);
    g_autoptr(RubListing) listing = ntfs_image_list(self, NULL);
    assert_bytes(self, listing, "bootmgr", 1, BOOTMGR_BYTES);
    assert_bytes(self, listing, "boot/bcd", 2, 20000);
    ntfs_image_judge(self);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(path, cluster_bytes, function)                                                         \
    g_test_add("/ntfs-volume/" path, NtfsImage, cluster_bytes, set_up, function, tear_down)
    ADD("files-are-as-ntfscat-reads-them", "4096", test_files_are_as_ntfscat_reads_them);
    ADD("files-are-as-ntfscat-reads-them-512", "512", test_files_are_as_ntfscat_reads_them);
    ADD("files-are-as-ntfscat-reads-them-65536", "65536", test_files_are_as_ntfscat_reads_them);
    ADD("bootmgr-lies-first-and-in-one-piece", NULL, test_bootmgr_lies_first_and_in_one_piece);
    ADD("rounds-follow-one-another", NULL, test_rounds_follow_one_another);
    ADD("replaced-files-give-way-at-the-commit", NULL, test_replaced_files_give_way_at_the_commit);
    ADD("replaced-files-can-be-kept-elsewhere", NULL, test_replaced_files_can_be_kept_elsewhere);
    ADD("names-that-windows-cannot-hold-are-refused", NULL,
        test_names_that_windows_cannot_hold_are_refused);
    ADD("what-does-not-fit-is-known-before", NULL, test_what_does_not_fit_is_known_before);
    ADD("what-is-said-to-fit-does", NULL, test_what_is_said_to_fit_does);
    ADD("what-is-said-to-fit-does-512", "512", test_what_is_said_to_fit_does);
    ADD("what-is-said-to-fit-does-65536", "65536", test_what_is_said_to_fit_does);
    ADD("in-a-compressed-folder-files-are-plain", NULL,
        test_in_a_compressed_folder_files_are_plain);
    ADD("nothing-is-written-without-a-commit", NULL, test_nothing_is_written_without_a_commit);
    return g_test_run();
}
