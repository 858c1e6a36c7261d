/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "target/rub-image-target.h"

#include "base/rub-bytes.h"
#include "base/rub-error.h"
#include "disk-tools.h"

#define MIB ((guint64) 1024 * 1024)
#define START_LBA 2048

typedef struct {
    char *folder;
    char *path;
} Fixture;

static void
set_up(Fixture *fixture, gconstpointer user_data)
{
    fixture->folder = make_folder();
    fixture->path = g_build_filename(fixture->folder, "stick.img", NULL);
}

static void
tear_down(Fixture *fixture, gconstpointer user_data)
{
    g_free(fixture->path);
    remove_folder(fixture->folder);
}

static RubNewVolume
make_new_volume(guint64 disk_bytes, guint sectors_per_cluster)
{
    return (RubNewVolume){
        .start_lba = START_LBA,
        .sector_count = MIN(disk_bytes / 512, G_MAXUINT32) - START_LBA,
        .mbr_type = 0x0c,
        .is_active = TRUE,
        .sectors_per_cluster = sectors_per_cluster,
        .label = "RESCUE",
        .disk_signature = 0x5bd05bd0,
        .volume_id = 0x1234abcd,
    };
}

static RubLayout *
read_layout(RubTarget *target)
{
    GError *error = NULL;
    RubLayout *layout = rub_target_read_layout(target, NULL, &error);
    g_assert_no_error(error);
    return layout;
}

/* Reviews, opens, makes the table and the volume, and lets go. */
static void
build(const char *path, guint64 new_size_bytes, const RubNewVolume *volume)
{
    GError *error = NULL;
    g_autoptr(RubTarget) target = rub_image_target_new(path, new_size_bytes);
    g_autoptr(RubLayout) layout = read_layout(target);
    rub_target_open_for_writing(target, layout, &error);
    g_assert_no_error(error);
    rub_target_make_table(target, volume, &error);
    g_assert_no_error(error);
    rub_target_make_volume(target, volume, NULL, &error);
    g_assert_no_error(error);
    rub_target_finish(target, &error);
    g_assert_no_error(error);
}

/* fsck.fat cannot look inside an image: it gets a sparse copy of the partition. */
static void
assert_fsck_is_clean(const Fixture *fixture, guint64 sector_count)
{
    g_autofree char *slice = g_build_filename(fixture->folder, "slice.img", NULL);
    g_autofree char *from = g_strconcat("if=", fixture->path, NULL);
    g_autofree char *to = g_strconcat("of=", slice, NULL);
    g_autofree char *count =
        g_strdup_printf("count=%" G_GUINT64_FORMAT, sector_count * 512 / MIB + 1);
    run("dd", from, to, "bs=1M", "skip=1", count, "conv=sparse", "status=none");
    run("fsck.fat", "-n", slice);
    g_remove(slice);
}

static void
test_a_new_image_is_made_whole(Fixture *fixture, gconstpointer user_data)
{
    RubNewVolume volume = make_new_volume(256 * MIB, 1);
    build(fixture->path, 256 * MIB + 100, &volume);
    g_autoptr(RubTarget) target = rub_image_target_new(fixture->path, 0);
    g_autoptr(RubLayout) layout = read_layout(target);
    g_assert_cmpuint(layout->size_bytes, ==, 256 * MIB);
    g_assert_cmpint(layout->table, ==, RUB_TABLE_MBR);
    g_assert_cmphex(layout->disk_signature, ==, 0x5bd05bd0);
    g_assert_false(layout->has_boot_code);
    g_assert_cmpuint(layout->partitions->len, ==, 1);
    const RubPartition *partition = g_ptr_array_index(layout->partitions, 0);
    g_assert_cmpuint(partition->start_lba, ==, START_LBA);
    g_assert_cmpuint(partition->sector_count, ==, volume.sector_count);
    g_assert_cmphex(partition->mbr_type, ==, 0x0c);
    g_assert_true(partition->is_active);
    g_assert_cmpstr(partition->contents.filesystem, ==, "vfat");
    g_assert_cmpuint(partition->contents.fat_bits, ==, 32);
    g_assert_cmpstr(partition->contents.label, ==, "RESCUE");
    assert_fsck_is_clean(fixture, volume.sector_count);
}

static void
test_looking_makes_no_file(Fixture *fixture, gconstpointer user_data)
{
    g_autoptr(RubTarget) target = rub_image_target_new(fixture->path, 64 * MIB + 511);
    g_autoptr(RubLayout) layout = read_layout(target);
    g_assert_true(layout->is_new);
    g_assert_true(layout->is_file);
    g_assert_false(layout->is_removable);
    g_assert_false(layout->is_read_only);
    g_assert_cmpint(layout->table, ==, RUB_TABLE_NONE);
    g_assert_cmpuint(layout->size_bytes, ==, 64 * MIB);
    g_assert_false(g_file_test(fixture->path, G_FILE_TEST_EXISTS));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    extend_search_path();
#define ADD(name, function)                                                                        \
    g_test_add("/image-target/" name, Fixture, NULL, set_up, function, tear_down)
    ADD("new/whole", test_a_new_image_is_made_whole);
    ADD("new/looking-makes-no-file", test_looking_makes_no_file);
    return g_test_run();
}
