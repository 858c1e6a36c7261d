/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "target/rub-file-holder.h"

#include "disk-tools.h"

typedef struct {
    char *root;
    char *image;
    int fd;
} Fixture;

static void
set_up(Fixture *fixture, gconstpointer user_data)
{
    fixture->root = make_folder();
    fixture->image = make_image(fixture->root, "stick.img", 4096);
    fixture->fd = open(fixture->image, O_RDONLY | O_CLOEXEC);
    g_assert_no_errno(fixture->fd);
}

static void
tear_down(Fixture *fixture, gconstpointer user_data)
{
    close(fixture->fd);
    g_free(fixture->image);
    remove_folder(fixture->root);
}

static void
put_file(const Fixture *fixture, const char *path, const char *text)
{
    g_autofree char *full = g_build_filename(fixture->root, path, NULL);
    g_autofree char *folder = g_path_get_dirname(full);
    g_assert_cmpint(g_mkdir_with_parents(folder, 0755), ==, 0);
    g_assert_true(g_file_set_contents(full, text, -1, NULL));
}

static void
put_loop(const Fixture *fixture, const char *backing_file)
{
    g_autofree char *line = g_strconcat(backing_file, "\n", NULL);
    put_file(fixture, "sys/block/sda/dev", "8:0\n");
    put_file(fixture, "sys/block/loop0/dev", "7:0\n");
    put_file(fixture, "sys/block/loop3/dev", "7:3\n");
    put_file(fixture, "sys/block/loop3/loop3p1/dev", "259:1\n");
    put_file(fixture, "sys/block/loop3/loop/backing_file", line);
}

static void
put_mount(const Fixture *fixture, const char *device, const char *mount_point)
{
    g_autofree char *text = g_strdup_printf("22 1 254:0 / / rw,relatime - ext4 /dev/root rw\n"
                                            "90 22 %s / %s rw - vfat /dev/x rw\n",
                                            device, mount_point);
    put_file(fixture, "proc/self/mountinfo", text);
}

static void
test_a_system_without_sys_has_no_loops(Fixture *fixture, gconstpointer user_data)
{
    g_autofree char *holder = rub_file_holder_find_loop(fixture->fd, fixture->root);
    g_assert_null(holder);
}

static void
test_a_loop_of_another_file_does_not_count(Fixture *fixture, gconstpointer user_data)
{
    g_autofree char *other = make_image(fixture->root, "other.img", 4096);
    put_loop(fixture, other);
    g_autofree char *holder = rub_file_holder_find_loop(fixture->fd, fixture->root);
    g_assert_null(holder);
}

static void
test_a_loop_of_a_deleted_file_does_not_count(Fixture *fixture, gconstpointer user_data)
{
    put_loop(fixture, "/gone/stick.img (deleted)");
    g_autofree char *holder = rub_file_holder_find_loop(fixture->fd, fixture->root);
    g_assert_null(holder);
}

static void
test_a_loop_is_named(Fixture *fixture, gconstpointer user_data)
{
    put_loop(fixture, fixture->image);
    g_autofree char *holder = rub_file_holder_find_loop(fixture->fd, fixture->root);
    g_assert_cmpstr(holder, ==, "loop3");
}

/* The same file by another path. */
static void
test_a_loop_is_recognised_by_its_file(Fixture *fixture, gconstpointer user_data)
{
    g_autofree char *link = g_build_filename(fixture->root, "link.img", NULL);
    g_assert_cmpint(symlink(fixture->image, link), ==, 0);
    put_loop(fixture, link);
    g_autofree char *holder = rub_file_holder_find_loop(fixture->fd, fixture->root);
    g_assert_cmpstr(holder, ==, "loop3");
}

static void
test_a_mounted_loop_tells_where(Fixture *fixture, gconstpointer user_data)
{
    put_loop(fixture, fixture->image);
    put_mount(fixture, "7:3", "/mnt/my\\040stick");
    g_autofree char *holder = rub_file_holder_find_loop(fixture->fd, fixture->root);
    g_assert_cmpstr(holder, ==, "loop3, which is mounted at /mnt/my stick");
}

static void
test_a_mounted_partition_of_a_loop_tells_where(Fixture *fixture, gconstpointer user_data)
{
    put_loop(fixture, fixture->image);
    put_mount(fixture, "259:1", "/mnt");
    g_autofree char *holder = rub_file_holder_find_loop(fixture->fd, fixture->root);
    g_assert_cmpstr(holder, ==, "loop3, which is mounted at /mnt");
}

static void
test_other_mounts_do_not_count(Fixture *fixture, gconstpointer user_data)
{
    put_loop(fixture, fixture->image);
    put_mount(fixture, "7:33", "/mnt");
    g_autofree char *holder = rub_file_holder_find_loop(fixture->fd, fixture->root);
    g_assert_cmpstr(holder, ==, "loop3");
}

static void
test_a_locker_is_named(Fixture *fixture, gconstpointer user_data)
{
    int fd = open(fixture->image, O_RDWR | O_CLOEXEC);
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    g_assert_cmpint(fcntl(fd, F_OFD_SETLK, &lock), ==, 0);
    g_autofree char *holder = rub_file_holder_find_locker(fixture->fd);
    g_autofree char *expected = g_strdup_printf("(process %d)", (int) getpid());
    g_assert_true(g_str_has_suffix(holder, expected));
    g_assert_true(g_str_has_prefix(holder, "test-file-holde"));
    close(fd);
}

static void
test_who_only_looks_is_no_locker(Fixture *fixture, gconstpointer user_data)
{
    g_autofree char *holder = rub_file_holder_find_locker(fixture->fd);
    g_assert_cmpstr(holder, ==, "another program");
}

static void
put_link(const Fixture *fixture, const char *path, const char *target)
{
    g_autofree char *full = g_build_filename(fixture->root, path, NULL);
    g_autofree char *folder = g_path_get_dirname(full);
    g_assert_cmpint(g_mkdir_with_parents(folder, 0755), ==, 0);
    g_assert_no_errno(symlink(target, full));
}

static void
assert_user(const Fixture *fixture, const char *expected)
{
    g_autofree char *holder = rub_file_holder_find_user("/media/me/STICK", fixture->root);
    g_assert_cmpstr(holder, ==, expected);
}

static void
test_a_process_that_works_in_a_folder_is_named(Fixture *fixture, gconstpointer user_data)
{
    put_file(fixture, "proc/4711/comm", "bash\n");
    put_link(fixture, "proc/4711/cwd", "/media/me/STICK");
    assert_user(fixture, "bash (process 4711)");
}

static void
test_a_process_with_an_open_file_is_named(Fixture *fixture, gconstpointer user_data)
{
    put_file(fixture, "proc/12/comm", "evince\n");
    put_link(fixture, "proc/12/fd/3", "socket:[9]");
    put_link(fixture, "proc/12/fd/4", "/media/me/STICK/a/b.pdf");
    assert_user(fixture, "evince (process 12)");
}

static void
test_other_folders_do_not_count(Fixture *fixture, gconstpointer user_data)
{
    put_link(fixture, "proc/13/cwd", "/media/me/STICK2");
    put_link(fixture, "proc/13/root", "/");
    put_link(fixture, "proc/self/cwd", "/media/me/STICK");
    assert_user(fixture, "another program");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name, function)                                                                        \
    g_test_add("/file-holder/" name, Fixture, NULL, set_up, function, tear_down)
    ADD("loop/no-sys", test_a_system_without_sys_has_no_loops);
    ADD("loop/another-file", test_a_loop_of_another_file_does_not_count);
    ADD("loop/deleted-file", test_a_loop_of_a_deleted_file_does_not_count);
    ADD("loop/named", test_a_loop_is_named);
    ADD("loop/by-its-file", test_a_loop_is_recognised_by_its_file);
    ADD("loop/mounted", test_a_mounted_loop_tells_where);
    ADD("loop/mounted-partition", test_a_mounted_partition_of_a_loop_tells_where);
    ADD("loop/other-mounts", test_other_mounts_do_not_count);
    ADD("locker/named", test_a_locker_is_named);
    ADD("locker/only-looks", test_who_only_looks_is_no_locker);
    ADD("user/works-there", test_a_process_that_works_in_a_folder_is_named);
    ADD("user/open-file", test_a_process_with_an_open_file_is_named);
    ADD("user/other-folders", test_other_folders_do_not_count);
    return g_test_run();
}
