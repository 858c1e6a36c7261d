/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "image-target-tools.h"

#define START_LBA 2048

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

/* Reviews, opens, makes the table and the volume, and lets go. */
static void
build(const char *path, guint64 new_size_bytes, const RubNewVolume *volume)
{
    GError *error = NULL;
    g_autoptr(RubTarget) target = rub_image_target_new(path, new_size_bytes);
    g_autoptr(RubLayout) layout = read_layout(target);
    rub_target_open_for_writing(target, layout, RUB_ACCESS_RAW, NULL, &error);
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
    g_assert_true(partition->contents.is_counted);
    g_assert_cmpuint(partition->contents.file_count, ==, 0);
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

/* Old tables, filesystems and noise everywhere, as on a stick that had a life before. */
static void
fill_with_a_past(const char *path, guint64 size_bytes)
{
    const guint32 words = 64 * 1024;
    g_autofree guint32 *noise = g_new(guint32, words);
    for (guint64 at = 0; at < size_bytes; at += words * sizeof *noise) {
        for (guint32 i = 0; i < words; i++)
            noise[i] = (guint32) g_test_rand_int();
        poke(path, at, noise, words * sizeof *noise);
    }
    g_free(run_tool("label: gpt\nstart=2048, size=4096\nsize=8192\n", "sfdisk", "--quiet", path,
                    NULL));
    poke(path, 0x8001, "CD001", 5);
}

static void
test_an_image_with_a_past_is_made_new(Fixture *fixture, gconstpointer user_data)
{
    const guint64 size_bytes = 96 * MIB;
    RubNewVolume volume = make_new_volume(size_bytes, 1);
    g_autofree char *path = make_image(fixture->folder, "stick.img", size_bytes);
    fill_with_a_past(path, size_bytes);
    build(path, 0, &volume);
    g_autoptr(RubTarget) target = rub_image_target_new(path, 0);
    g_autoptr(RubLayout) layout = read_layout(target);
    g_assert_cmpint(layout->table, ==, RUB_TABLE_MBR);
    g_assert_cmpuint(layout->partitions->len, ==, 1);
    assert_fsck_is_clean(fixture, volume.sector_count);
    g_autofree char *view = run_tool(NULL, "sfdisk", "-J", path, NULL);
    g_assert_nonnull(strstr(view, "\"id\": \"0x5bd05bd0\""));
    g_assert_nonnull(strstr(view, "\"start\": 2048"));
}

static void
test_the_smallest_image_holds_a_fat32(Fixture *fixture, gconstpointer user_data)
{
    RubNewVolume volume = make_new_volume(64 * MIB, 1);
    build(fixture->path, 64 * MIB, &volume);
    assert_fsck_is_clean(fixture, volume.sector_count);
}

static void
test_the_largest_image_is_sparse(Fixture *fixture, gconstpointer user_data)
{
    const guint64 size_bytes = 2 * 1024 * 1024 * MIB;
    struct statvfs room;
    g_assert_cmpint(statvfs(fixture->folder, &room), ==, 0);
    if ((guint64) room.f_bavail * room.f_frsize < 1024 * MIB) {
        g_test_skip("the two tables of a 2 TiB volume need 512 MiB of room");
        return;
    }
    RubNewVolume volume = make_new_volume(size_bytes, 64);
    build(fixture->path, size_bytes, &volume);
    struct stat st;
    g_assert_cmpint(stat(fixture->path, &st), ==, 0);
    g_assert_cmpuint((guint64) st.st_size, ==, size_bytes);
    g_assert_cmpuint((guint64) st.st_blocks * 512, <, 600 * MIB);
    g_autoptr(RubTarget) target = rub_image_target_new(fixture->path, 0);
    g_autoptr(RubLayout) layout = read_layout(target);
    const RubPartition *partition = g_ptr_array_index(layout->partitions, 0);
    g_assert_cmpuint(partition->sector_count, ==, G_MAXUINT32 - START_LBA);
    g_assert_cmpuint(partition->contents.fat_bits, ==, 32);
}

static void
assert_no_layout(const char *path, guint64 new_size_bytes, int code, const char *words)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(RubTarget) target = rub_image_target_new(path, new_size_bytes);
    g_assert_null(rub_target_read_layout(target, NULL, &error));
    g_assert_error(error, RUB_ERROR, code);
    if (!strstr(error->message, words))
        g_error("\"%s\" is not in: %s", words, error->message);
}

static void
test_what_is_no_file_is_refused_in_plain_words(Fixture *fixture, gconstpointer user_data)
{
    g_autofree char *link = g_build_filename(fixture->folder, "link.img", NULL);
    g_autofree char *fifo = g_build_filename(fixture->folder, "fifo", NULL);
    g_autofree char *lost = g_build_filename(fixture->folder, "none", "stick.img", NULL);
    g_autofree char *image = make_image(fixture->folder, "there.img", 64 * MIB);
    g_autofree char *inside = g_build_filename(image, "stick.img", NULL);
    g_assert_cmpint(symlink("nowhere", link), ==, 0);
    g_assert_cmpint(mkfifo(fifo, 0600), ==, 0);
    assert_no_layout(fixture->path, 0, RUB_CODE_USAGE, "does not exist");
    assert_no_layout(lost, 64 * MIB, RUB_CODE_USAGE, "the folder of");
    assert_no_layout(image, 64 * MIB, RUB_CODE_USAGE, "exists already");
    assert_no_layout(fixture->folder, 0, RUB_CODE_USAGE, "is a folder");
    assert_no_layout(fixture->folder, 64 * MIB, RUB_CODE_USAGE, "is a folder");
    assert_no_layout(fifo, 0, RUB_CODE_USAGE, "is a special file");
    assert_no_layout("/dev/null", 0, RUB_CODE_USAGE, "is a special file");
    assert_no_layout(link, 64 * MIB, RUB_CODE_USAGE, "is a link");
    assert_no_layout(inside, 0, RUB_CODE_TRACK_0_NOT_WRITABLE, "cannot read");
}

static void
test_a_drive_is_not_available_yet(Fixture *fixture, gconstpointer user_data)
{
    g_autoptr(GDir) dir = g_dir_open("/dev", 0, NULL);
    const char *name;
    while (dir && (name = g_dir_read_name(dir))) {
        g_autofree char *node = g_build_filename("/dev", name, NULL);
        struct stat st;
        if (stat(node, &st) != 0 || !S_ISBLK(st.st_mode))
            continue;
        assert_no_layout(node, 0, RUB_CODE_USAGE, "is a drive");
        return;
    }
    g_test_skip("there is no drive under /dev");
}

static void
test_an_empty_file_has_a_layout(Fixture *fixture, gconstpointer user_data)
{
    g_autofree char *path = make_image(fixture->folder, "stick.img", 0);
    g_autoptr(RubTarget) target = rub_image_target_new(path, 0);
    g_autoptr(RubLayout) layout = read_layout(target);
    g_assert_cmpuint(layout->size_bytes, ==, 0);
    g_assert_false(layout->is_new);
}

static void
test_odd_sizes_are_rounded_down(Fixture *fixture, gconstpointer user_data)
{
    g_autofree char *path = make_image(fixture->folder, "stick.img", 64 * MIB + 511);
    g_autoptr(RubTarget) target = rub_image_target_new(path, 0);
    g_autoptr(RubLayout) layout = read_layout(target);
    g_assert_cmpuint(layout->size_bytes, ==, 64 * MIB);
}

static void
test_a_link_leads_to_its_file(Fixture *fixture, gconstpointer user_data)
{
    RubNewVolume volume = make_new_volume(64 * MIB, 1);
    g_autofree char *real = make_image(fixture->folder, "real.img", 64 * MIB);
    g_assert_cmpint(symlink("real.img", fixture->path), ==, 0);
    build(fixture->path, 0, &volume);
    guint8 mark[2];
    peek(real, 510, mark, sizeof mark);
    g_assert_cmpmem(mark, 2, "\x55\xaa", 2);
    g_assert_true(g_file_test(fixture->path, G_FILE_TEST_IS_SYMLINK));
}

static void
test_opening_changes_nothing(Fixture *fixture, gconstpointer user_data)
{
    g_auto(Reviewed) reviewed = review(fixture, 8 * MIB);
    g_autofree char *copy = g_build_filename(fixture->folder, "copy.img", NULL);
    run("cp", reviewed.path, copy);
    assert_opened(&reviewed);
    run("cmp", reviewed.path, copy);
}

static void
test_a_changed_table_is_code_22(Fixture *fixture, gconstpointer user_data)
{
    g_auto(Reviewed) reviewed = review(fixture, 8 * MIB);
    poke(reviewed.path, 446 + 4, "\x83", 1);
    assert_not_opened(&reviewed, RUB_CODE_DEVICE_CHANGED, "stick.img");
    guint8 type;
    peek(reviewed.path, 446 + 4, &type, 1);
    g_assert_cmphex(type, ==, 0x83);
}

static void
test_a_changed_size_is_code_22(Fixture *fixture, gconstpointer user_data)
{
    g_auto(Reviewed) reviewed = review(fixture, 8 * MIB);
    g_assert_cmpint(truncate(reviewed.path, 9 * MIB), ==, 0);
    assert_not_opened(&reviewed, RUB_CODE_DEVICE_CHANGED, "stick.img");
}

static void
test_a_file_that_is_gone_is_code_22(Fixture *fixture, gconstpointer user_data)
{
    g_auto(Reviewed) reviewed = review(fixture, 8 * MIB);
    g_assert_cmpint(g_remove(reviewed.path), ==, 0);
    assert_not_opened(&reviewed, RUB_CODE_DEVICE_CHANGED, "stick.img");
    g_assert_false(g_file_test(reviewed.path, G_FILE_TEST_EXISTS));
    g_assert_cmpint(mkfifo(reviewed.path, 0600), ==, 0);
    assert_not_opened(&reviewed, RUB_CODE_DEVICE_CHANGED, "stick.img");
}

static void
test_a_file_that_came_between_is_left_alone(Fixture *fixture, gconstpointer user_data)
{
    g_autoptr(RubTarget) target = rub_image_target_new(fixture->path, 64 * MIB);
    g_autoptr(RubLayout) layout = read_layout(target);
    g_autoptr(GError) error = NULL;
    g_assert_true(g_file_set_contents(fixture->path, "precious", -1, NULL));
    g_assert_false(rub_target_open_for_writing(target, layout, RUB_ACCESS_RAW, NULL, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_DEVICE_CHANGED);
    g_autofree char *text = NULL;
    g_assert_true(g_file_get_contents(fixture->path, &text, NULL, NULL));
    g_assert_cmpstr(text, ==, "precious");
}

static void
test_a_size_that_cannot_be_leaves_no_file(Fixture *fixture, gconstpointer user_data)
{
    g_autoptr(RubTarget) target = rub_image_target_new(fixture->path, G_MAXUINT64 / 2 - 1);
    g_autoptr(RubLayout) layout = read_layout(target);
    g_autoptr(GError) error = NULL;
    g_assert_false(rub_target_open_for_writing(target, layout, RUB_ACCESS_RAW, NULL, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_WRITE_FAILED);
    g_assert_false(g_file_test(fixture->path, G_FILE_TEST_EXISTS));
}

/* Permission bits do not bind an administrator: such a test goes on as somebody else. */
static void
become_ordinary_user(const Fixture *fixture)
{
    g_assert_cmpint(g_chmod(fixture->folder, 0755), ==, 0);
    if (geteuid() == 0)
        g_assert_cmpint(seteuid(65534), ==, 0);
}

static void
become_oneself(void)
{
    g_assert_cmpint(seteuid(getuid()), ==, 0);
}

static void
test_a_file_without_write_permission_is_code_1(Fixture *fixture, gconstpointer user_data)
{
    g_auto(Reviewed) reviewed = review(fixture, 8 * MIB);
    g_assert_false(reviewed.layout->is_read_only);
    g_assert_cmpint(g_chmod(reviewed.path, 0444), ==, 0);
    become_ordinary_user(fixture);
    g_autoptr(RubLayout) layout = read_layout(reviewed.target);
    g_assert_true(layout->is_read_only);
    g_assert_cmpint(layout->table, ==, RUB_TABLE_MBR);
    assert_not_opened(&reviewed, RUB_CODE_TRACK_0_NOT_WRITABLE, g_strerror(EACCES));
    become_oneself();
}

/* It opens, but takes no byte: that is no fault of the target. */
static void
test_a_first_sector_beyond_a_limit_is_code_16(Fixture *fixture, gconstpointer user_data)
{
    g_auto(Reviewed) reviewed = review(fixture, 8 * MIB);
    struct rlimit old, limit;
    g_assert_cmpint(getrlimit(RLIMIT_FSIZE, &old), ==, 0);
    limit = (struct rlimit){.rlim_cur = 0, .rlim_max = old.rlim_max};
    void (*old_handler)(int) = signal(SIGXFSZ, SIG_IGN);
    g_autoptr(GError) error = NULL;
    g_assert_cmpint(setrlimit(RLIMIT_FSIZE, &limit), ==, 0);
    gboolean is_open =
        rub_target_open_for_writing(reviewed.target, reviewed.layout, RUB_ACCESS_RAW, NULL, &error);
    g_assert_cmpint(setrlimit(RLIMIT_FSIZE, &old), ==, 0);
    signal(SIGXFSZ, old_handler);
    g_assert_false(is_open);
    g_assert_error(error, RUB_ERROR, RUB_CODE_WRITE_FAILED);
    g_assert_nonnull(rub_error_get_remedy(error));
}

static void
test_a_file_without_read_permission_is_code_1(Fixture *fixture, gconstpointer user_data)
{
    g_autofree char *path = make_image(fixture->folder, "stick.img", 8 * MIB);
    g_assert_cmpint(g_chmod(path, 0), ==, 0);
    become_ordinary_user(fixture);
    assert_no_layout(path, 0, RUB_CODE_TRACK_0_NOT_WRITABLE, g_strerror(EACCES));
    become_oneself();
}

static void
test_a_folder_without_write_permission_is_code_1(Fixture *fixture, gconstpointer user_data)
{
    become_ordinary_user(fixture);
    if (getuid() == geteuid())
        g_assert_cmpint(g_chmod(fixture->folder, 0555), ==, 0);
    g_autoptr(RubTarget) target = rub_image_target_new(fixture->path, 64 * MIB);
    g_autoptr(RubLayout) layout = read_layout(target);
    g_autoptr(GError) error = NULL;
    g_assert_true(layout->is_read_only);
    g_assert_false(rub_target_open_for_writing(target, layout, RUB_ACCESS_RAW, NULL, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_TRACK_0_NOT_WRITABLE);
    become_oneself();
    g_assert_cmpint(g_chmod(fixture->folder, 0755), ==, 0);
}

static int
on_write_cb(guint64 offset_bytes, const void *data, gsize size_bytes, gpointer user_data)
{
    guint64 *largest = user_data;
    *largest = MAX(*largest, offset_bytes + size_bytes);
    return 0;
}

static void
test_the_disk_is_the_image(Fixture *fixture, gconstpointer user_data)
{
    guint64 largest = 0;
    g_auto(Reviewed) reviewed = review(fixture, 8 * MIB);
    assert_opened(&reviewed);
    RubDisk *disk = rub_target_get_disk(reviewed.target);
    g_assert_cmpuint(rub_disk_get_size_bytes(disk), ==, 8 * MIB);
    g_assert_cmpuint(rub_disk_get_sector_size(disk), ==, 512);
    rub_disk_set_write_hook(disk, on_write_cb, &largest);
    g_assert_true(rub_disk_write(disk, 8 * MIB - 3, "end", 3, NULL));
    g_assert_cmpuint(largest, ==, 8 * MIB);
    char text[3];
    peek(reviewed.path, 8 * MIB - 3, text, sizeof text);
    g_assert_cmpmem(text, 3, "end", 3);
}

/* A gap of the table becomes a volume: formatted first, then put into the table. */
static void
test_a_gap_becomes_a_volume(Fixture *fixture, gconstpointer user_data)
{
    g_auto(Reviewed) reviewed = review(fixture, 128 * MIB);
    RubNewVolume volume = make_new_volume(64 * MIB, 1);
    volume.number = 2;
    volume.start_lba = 64 * MIB / 512;
    guint8 before[512], after[512];
    peek(reviewed.path, 0, before, sizeof before);
    assert_opened(&reviewed);
    GError *error = NULL;
    rub_target_make_volume(reviewed.target, &volume, NULL, &error);
    g_assert_no_error(error);
    peek(reviewed.path, 0, after, sizeof after);
    g_assert_cmpmem(after, sizeof after, before, sizeof before);
    rub_target_add_partition(reviewed.target, &volume, &error);
    g_assert_no_error(error);
    g_assert_true(rub_target_finish(reviewed.target, NULL));
    g_autoptr(RubLayout) layout = read_layout(reviewed.target);
    g_assert_cmpuint(layout->partitions->len, ==, 2);
    const RubPartition *partition = g_ptr_array_index(layout->partitions, 1);
    g_assert_cmpuint(partition->number, ==, 2);
    g_assert_false(partition->is_active);
    g_assert_cmpuint(partition->contents.fat_bits, ==, 32);
    g_assert_cmpstr(partition->contents.label, ==, "RESCUE");
    rub_target_open_for_writing(reviewed.target, layout, RUB_ACCESS_RAW, NULL, &error);
    g_assert_no_error(error);
    g_assert_true(rub_target_remove_partition(reviewed.target, 2, NULL));
    peek(reviewed.path, 0, after, sizeof after);
    g_assert_cmpmem(after, sizeof after, before, sizeof before);
}

static void
assert_not_readable(const char *path, int code, const char *words)
{
    g_autoptr(RubTarget) target = rub_image_target_new(path, 0);
    g_autoptr(GError) error = NULL;
    g_assert_null(rub_target_open_for_reading(target, FALSE, NULL, &error));
    g_assert_error(error, RUB_ERROR, code);
    if (!strstr(error->message, words))
        g_error("\"%s\" is not in: %s", words, error->message);
}

static void
test_a_stick_that_is_only_read_cannot_be_written(Fixture *fixture, gconstpointer user_data)
{
    g_auto(Reviewed) reviewed = review(fixture, 8 * MIB);
    GError *error = NULL;
    g_autoptr(RubDisk) disk = rub_target_open_for_reading(reviewed.target, FALSE, NULL, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(rub_disk_get_size_bytes(disk), ==, 8 * MIB);
    guint8 sector[512];
    g_assert_true(rub_disk_read(disk, 0, sector, sizeof sector, NULL));
    g_assert_cmpmem(sector + 510, 2, "\x55\xaa", 2);
    g_assert_false(rub_disk_write(disk, 0, sector, sizeof sector, NULL));
    assert_not_readable("/nowhere.img", RUB_CODE_USAGE, "/nowhere.img");
    assert_not_readable(fixture->folder, RUB_CODE_USAGE, "folder");
    assert_not_readable("/dev/null", RUB_CODE_USAGE, "special file");
}

static void
test_formatting_can_be_stopped(Fixture *fixture, gconstpointer user_data)
{
    RubNewVolume volume = make_new_volume(64 * MIB, 1);
    g_auto(Reviewed) reviewed = review(fixture, 64 * MIB);
    g_autoptr(GCancellable) cancellable = g_cancellable_new();
    g_autoptr(GError) error = NULL;
    assert_opened(&reviewed);
    g_assert_true(rub_target_make_table(reviewed.target, &volume, NULL));
    g_cancellable_cancel(cancellable);
    g_assert_false(rub_target_make_volume(reviewed.target, &volume, cancellable, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_CANCELLED);
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
    ADD("new/smallest", test_the_smallest_image_holds_a_fat32);
    ADD("new/largest", test_the_largest_image_is_sparse);
    ADD("new/impossible-size", test_a_size_that_cannot_be_leaves_no_file);
    ADD("new/came-between", test_a_file_that_came_between_is_left_alone);
    ADD("existing/with-a-past", test_an_image_with_a_past_is_made_new);
    ADD("existing/link", test_a_link_leads_to_its_file);
    ADD("existing/empty", test_an_empty_file_has_a_layout);
    ADD("existing/odd-size", test_odd_sizes_are_rounded_down);
    ADD("existing/disk", test_the_disk_is_the_image);
    ADD("existing/opening", test_opening_changes_nothing);
    ADD("refused/no-file", test_what_is_no_file_is_refused_in_plain_words);
    ADD("refused/drive", test_a_drive_is_not_available_yet);
    ADD("refused/not-readable", test_a_file_without_read_permission_is_code_1);
    ADD("refused/not-writable", test_a_file_without_write_permission_is_code_1);
    ADD("refused/first-sector", test_a_first_sector_beyond_a_limit_is_code_16);
    ADD("refused/folder-not-writable", test_a_folder_without_write_permission_is_code_1);
    ADD("changed/table", test_a_changed_table_is_code_22);
    ADD("changed/size", test_a_changed_size_is_code_22);
    ADD("changed/gone", test_a_file_that_is_gone_is_code_22);
    ADD("keep/gap", test_a_gap_becomes_a_volume);
    ADD("keep/reading", test_a_stick_that_is_only_read_cannot_be_written);
    ADD("stopped", test_formatting_can_be_stopped);
    return g_test_run();
}
