/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ntfs-tools.h"

#define MIB ((guint64) 1024 * 1024)
#define FILES 3000
#define FOLDERS 30
#define LARGE_BYTES (5 * 1024 * MIB)

static void
set_up(NtfsImage *self, gconstpointer volume_mib)
{
    if (!ntfs_image_has_tools())
        return;
    ntfs_image_open(self, GPOINTER_TO_UINT(volume_mib) * MIB, "4096");
}

static void
tear_down(NtfsImage *self, gconstpointer unused)
{
    if (self->disk)
        ntfs_image_close(self);
}

static char *
make_path(guint i)
{
    return g_strdup_printf("folder %u/a name that is long enough %u.dat", i % FOLDERS, i);
}

static gsize
get_size(guint i)
{
    return i * 37 % 20000;
}

static void
add_folders(RubVolume *volume)
{
    g_autoptr(GError) error = NULL;
    for (guint i = 0; i < FOLDERS; i++) {
        g_autofree char *path = g_strdup_printf("folder %u", i);
        rub_volume_add_folder(volume, path, 0, RUB_VOLUME_NONE, &error);
        g_assert_no_error(error);
    }
}

static void
declare_empty(RubVolume *volume, guint count)
{
    add_folders(volume);
    for (guint i = 0; i < count; i++) {
        g_autofree char *path = make_path(i);
        declare_file(volume, path, 0, RUB_VOLUME_NONE);
    }
}

static void
write_empty(RubVolume *volume, guint count)
{
    declare_empty(volume, count);
    prepare_round(volume);
    commit_round(volume);
}

static void
write_many(RubVolume *volume, guint count)
{
    g_autofree guint *ids = g_new(guint, count);
    add_folders(volume);
    for (guint i = 0; i < count; i++) {
        g_autofree char *path = make_path(i);
        ids[i] = declare_file(volume, path, get_size(i), RUB_VOLUME_NONE);
    }
    prepare_round(volume);
    for (guint i = 0; i < count; i++)
        write_bytes(volume, ids[i], i, get_size(i));
    commit_round(volume);
}

static void
test_thousands_of_files(NtfsImage *self, gconstpointer unused)
{
    if (!self->disk)
        return;
    g_autoptr(RubVolume) volume = ntfs_image_write(self);
    write_many(volume, FILES);
    g_autoptr(RubListing) listing = ntfs_image_list(self, NULL);
    g_assert_cmpuint(listing->entries->len, ==, FILES + FOLDERS);
    g_autoptr(GHashTable) found = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < listing->entries->len; i++) {
        RubEntry *entry = g_ptr_array_index(listing->entries, i);
        g_hash_table_insert(found, entry->path, entry);
    }
    for (guint i = 0; i < FILES; i++) {
        g_autofree char *path = make_path(i);
        const RubEntry *entry = g_hash_table_lookup(found, path);
        g_assert_nonnull(entry);
        g_autofree char *bytes = ntfs_image_read(self, entry);
        g_autofree guint8 *expected = make_bytes(i, get_size(i));
        g_assert_cmpmem(bytes, entry->size_bytes, expected, get_size(i));
        g_assert_cmpuint(entry->extents->len, <=, 1);
    }
    ntfs_image_judge(self);
}

/* Metadata of many files goes out in few writes, from the front to the end. */
static void
test_writes_are_few_and_large(NtfsImage *self, gconstpointer unused)
{
    if (!self->disk)
        return;
    g_autoptr(RubVolume) volume = ntfs_image_write(self);
    write_many(volume, FILES);
    const RubDiskStats *stats = rub_disk_get_stats(self->disk);
    g_test_message("%" G_GUINT64_FORMAT " writes, %" G_GUINT64_FORMAT " bytes", stats->writes,
                   stats->written_bytes);
    g_assert_cmpuint(stats->writes, <, FILES / 10);
    g_assert_cmpuint(stats->backward_seeks, <, 20);
}

/* Each has a record of 4096 bytes, a change of its own where it was there before. */
#define TOO_MANY 33000

static void
remove_from(RubVolume *volume, guint first, guint end)
{
    g_autoptr(GError) error = NULL;
    for (guint i = first; i < end; i++) {
        g_autofree char *path = make_path(i);
        rub_volume_remove(volume, path, &error);
        g_assert_no_error(error);
    }
}

static void
test_too_many_changes_are_known_before(NtfsImage *self, gconstpointer unused)
{
    g_autoptr(GError) error = NULL;
    if (!ntfs_image_has_tools())
        return;
    ntfs_image_open_sectors(self, 1024 * MIB, "4096", "4096");
    g_autoptr(RubVolume) volume = ntfs_image_write(self);
    write_empty(volume, TOO_MANY);
    guint64 writes = rub_disk_get_stats(self->disk)->writes;
    remove_from(volume, 0, TOO_MANY);
    g_assert_false(rub_volume_prepare(volume, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_DISK_TOO_SMALL);
    g_assert_nonnull(strstr(error->message, "so many files"));
    g_clear_error(&error);
    g_clear_pointer(&volume, rub_volume_free);
    g_assert_cmpuint(rub_disk_get_stats(self->disk)->writes, ==, writes);

    /* In two rounds they are not. */
    volume = ntfs_image_write(self);
    remove_from(volume, 0, TOO_MANY / 2);
    prepare_round(volume);
    commit_round(volume);
    remove_from(volume, TOO_MANY / 2, TOO_MANY);
    prepare_round(volume);
    commit_round(volume);
    g_autoptr(RubListing) listing = ntfs_image_list(self, NULL);
    g_assert_cmpuint(listing->entries->len, ==, FOLDERS);
    ntfs_image_judge(self);
    g_clear_pointer(&volume, rub_volume_free);

    /* The records are free, but there. */
    volume = ntfs_image_write(self);
    declare_empty(volume, TOO_MANY);
    g_assert_false(rub_volume_prepare(volume, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_DISK_TOO_SMALL);
    g_clear_pointer(&volume, rub_volume_free);
    g_autoptr(RubListing) unchanged = ntfs_image_list(self, NULL);
    g_assert_cmpuint(unchanged->entries->len, ==, FOLDERS);
    ntfs_image_judge(self);
}

/* Clusters of 64 KiB: whatever the journal needs, it finds in 20 holes of one. */
#define HOLES 450
#define PIECES 400
#define PIECE_BYTES 65536

static void
fill_but_for_holes(NtfsImage *self)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(RubVolume) volume = ntfs_image_write(self);
    RubNtfsState state;
    guint ids[2 * HOLES];
    for (guint i = 0; i < 2 * HOLES; i++) {
        g_autofree char *path = g_strdup_printf("%u", i);
        ids[i] = declare_file(volume, path, 5000, RUB_VOLUME_NONE);
    }
    prepare_round(volume);
    for (guint i = 0; i < 2 * HOLES; i++)
        write_bytes(volume, ids[i], i, 5000);
    commit_round(volume);
    g_autoptr(RubListing) listing = ntfs_image_list(self, &state);
    put_file(volume, "rest", 1, (gsize) (state.free_clusters - 30) * PIECE_BYTES, RUB_VOLUME_NONE);
    g_autoptr(GPtrArray) in_order = rub_listing_get_files_in_disk_order(listing);
    for (guint i = 0; i < in_order->len; i += 2) {
        const RubEntry *entry = g_ptr_array_index(in_order, i);
        rub_volume_remove(volume, entry->path, &error);
        g_assert_no_error(error);
    }
    prepare_round(volume);
    commit_round(volume);
}

/* So many runs do not fit one record. */
static void
test_a_file_fills_hundreds_of_holes(NtfsImage *self, gconstpointer unused)
{
    if (!ntfs_image_has_tools())
        return;
    ntfs_image_open(self, 80 * MIB, "65536");
    fill_but_for_holes(self);
    RubVolume *volume = ntfs_image_write(self);
    put_file(volume, "pieces", 7, PIECES * PIECE_BYTES, RUB_VOLUME_NONE);
    rub_volume_free(volume);
    g_autoptr(RubListing) listing = ntfs_image_list(self, NULL);
    assert_bytes(self, listing, "pieces", 7, PIECES * PIECE_BYTES);
    g_assert_cmpuint(ntfs_find(listing, "pieces")->extents->len, >, PIECES / 2);
    ntfs_image_judge(self);
    g_autofree char *info = run_tool(NULL, "ntfsinfo", "-F", "pieces", self->volume_path, NULL);
    g_assert_nonnull(strstr(info, "$ATTRIBUTE_LIST"));
}

static void
test_files_of_5_gib(NtfsImage *self, gconstpointer unused)
{
    g_autoptr(GError) error = NULL;
    g_autofree guint8 *zeros = g_malloc0(4 * MIB);
    guint id;
    if (!self->disk)
        return;
    g_autoptr(RubVolume) volume = ntfs_image_write(self);
    rub_volume_add_file(volume, "install.wim", LARGE_BYTES, 0, RUB_VOLUME_NONE, &id, &error);
    g_assert_no_error(error);
    prepare_round(volume);
    for (guint64 done = 0; done < LARGE_BYTES; done += 4 * MIB) {
        memcpy(zeros, &done, sizeof done);
        g_assert_true(rub_volume_write(volume, id, zeros, 4 * MIB, &error));
    }
    commit_round(volume);
    g_assert_cmpuint(rub_disk_get_stats(self->disk)->large_written_bytes, >=, LARGE_BYTES);
    g_autoptr(RubListing) listing = ntfs_image_list(self, NULL);
    const RubEntry *entry = ntfs_find(listing, "install.wim");
    g_assert_cmpuint(entry->size_bytes, ==, LARGE_BYTES);
    guint64 place = 0;
    for (guint i = 0; i < entry->extents->len; i++) {
        const RubExtent *extent = &g_array_index(entry->extents, RubExtent, i);
        guint64 next = (place + 4 * MIB - 1) / (4 * MIB) * (4 * MIB), number;
        g_assert_true(rub_disk_read(self->disk, extent->offset_bytes + (next - place), &number,
                                    sizeof number, NULL));
        g_assert_cmpuint(number, ==, next);
        place += extent->size_bytes;
    }
    g_assert_cmpuint(place, ==, LARGE_BYTES);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(path, volume_mib, function)                                                            \
    g_test_add("/ntfs-many/" path, NtfsImage, GUINT_TO_POINTER(volume_mib), set_up, function,      \
               tear_down)
    ADD("thousands-of-files", 128, test_thousands_of_files);
    ADD("writes-are-few-and-large", 128, test_writes_are_few_and_large);
    g_test_add("/ntfs-many/too-many-changes-are-known-before", NtfsImage, NULL, NULL,
               test_too_many_changes_are_known_before, tear_down);
    g_test_add("/ntfs-many/a-file-fills-hundreds-of-holes", NtfsImage, NULL, NULL,
               test_a_file_fills_hundreds_of_holes, tear_down);
    /* Takes as much room where the tests run. */
    if (g_strcmp0(g_getenv("RUB_TEST_FULL"), "1") == 0)
        ADD("files-of-5-gib", 6000, test_files_of_5_gib);
    return g_test_run();
}
