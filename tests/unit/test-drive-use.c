/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "target/rub-drive-use.h"

#include "disk-tools.h"

/* A computer whose disk sdb has the partitions sdb1 and sdb2. */
typedef struct {
    char *root;
    GPtrArray *uses;
} Fixture;

static void
put_file(const Fixture *fixture, const char *path, const char *text)
{
    g_autofree char *full = g_build_filename(fixture->root, path, NULL);
    g_autofree char *folder = g_path_get_dirname(full);
    g_assert_cmpint(g_mkdir_with_parents(folder, 0755), ==, 0);
    g_assert_true(g_file_set_contents(full, text, -1, NULL));
}

static void
set_up(Fixture *fixture, gconstpointer user_data)
{
    fixture->root = make_folder();
    fixture->uses = g_ptr_array_new_with_free_func((GDestroyNotify) rub_drive_use_free);
    put_file(fixture, "sys/class/block/sdb/dev", "8:16\n");
    put_file(fixture, "sys/class/block/sdb/sdb1/partition", "1\n");
    put_file(fixture, "sys/class/block/sdb/sdb2/partition", "2\n");
    put_file(fixture, "sys/class/block/sdb1/dev", "8:17\n");
    put_file(fixture, "sys/class/block/sdb2/dev", "8:18\n");
    put_file(fixture, "sys/class/block/sda/dev", "8:0\n");
    put_file(fixture, "proc/swaps", "Filename\tType\tSize\tUsed\tPriority\n");
    put_file(fixture, "proc/self/mountinfo", "22 1 8:0 / / rw - ext4 /dev/sda rw\n");
}

static void
tear_down(Fixture *fixture, gconstpointer user_data)
{
    g_ptr_array_unref(fixture->uses);
    remove_folder(fixture->root);
}

static void
put_mount(const Fixture *fixture, const char *number, const char *place, const char *source)
{
    g_autofree char *text = g_strdup_printf("22 1 8:0 / / rw - ext4 /dev/sda rw\n"
                                            "30 22 %s / %s rw shared:1 - x %s rw\n",
                                            number, place, source);
    put_file(fixture, "proc/self/mountinfo", text);
}

/* Puts a device of device-mapper onto another one. */
static void
put_mapper(const Fixture *fixture, const char *below, const char *name, const char *id,
           const char *label)
{
    g_autofree char *holder = g_strdup_printf("sys/class/block/%s/holders/%s", below, name);
    g_autofree char *number = g_strdup_printf("sys/class/block/%s/dev", name);
    g_autofree char *uuid = g_strdup_printf("sys/class/block/%s/dm/uuid", name);
    g_autofree char *title = g_strdup_printf("sys/class/block/%s/dm/name", name);
    put_file(fixture, holder, "");
    put_file(fixture, number, g_str_has_suffix(name, "0") ? "253:0\n" : "253:1\n");
    put_file(fixture, uuid, id);
    put_file(fixture, title, label);
}

static void
find(Fixture *fixture)
{
    rub_drive_use_find_all(fixture->uses, "sdb", fixture->root);
}

static void
assert_use(const Fixture *fixture, guint position, RubDriveUseKind kind, const char *name)
{
    g_assert_cmpuint(fixture->uses->len, >, position);
    const RubDriveUse *use = g_ptr_array_index(fixture->uses, position);
    g_assert_cmpint(use->kind, ==, kind);
    g_assert_cmpstr(use->name, ==, name);
}

static void
test_what_nobody_uses(Fixture *fixture, gconstpointer user_data)
{
    find(fixture);
    g_assert_cmpuint(fixture->uses->len, ==, 0);
}

static void
test_a_system_without_proc_and_sys(Fixture *fixture, gconstpointer user_data)
{
    g_autofree char *nowhere = g_build_filename(fixture->root, "nowhere", NULL);
    rub_drive_use_find_all(fixture->uses, "sdb", nowhere);
    g_assert_cmpuint(fixture->uses->len, ==, 0);
}

static void
test_a_partition_under_the_system(Fixture *fixture, gconstpointer user_data)
{
    put_mount(fixture, "8:17", "/boot", "/dev/sdb1");
    find(fixture);
    g_assert_cmpuint(fixture->uses->len, ==, 1);
    assert_use(fixture, 0, RUB_DRIVE_USE_SYSTEM, "/boot");
}

static void
test_a_disk_without_a_table_under_the_system(Fixture *fixture, gconstpointer user_data)
{
    put_mount(fixture, "8:16", "/srv/my\\040data", "/dev/sdb");
    find(fixture);
    assert_use(fixture, 0, RUB_DRIVE_USE_SYSTEM, "/srv/my data");
}

static void
test_where_users_mount_is_no_use(Fixture *fixture, gconstpointer user_data)
{
    put_mount(fixture, "8:17", "/media/me/STICK", "/dev/sdb1");
    find(fixture);
    g_assert_cmpuint(fixture->uses->len, ==, 0);
}

static void
test_btrfs_is_found_by_its_node(Fixture *fixture, gconstpointer user_data)
{
    put_mount(fixture, "0:31", "/", "/dev/sdb2");
    find(fixture);
    assert_use(fixture, 0, RUB_DRIVE_USE_SYSTEM, "/");
}

static void
test_the_system_on_an_encrypted_logical_volume(Fixture *fixture, gconstpointer user_data)
{
    put_mapper(fixture, "sdb2", "dm-0", "CRYPT-LUKS2-0011\n", "sdb2_crypt\n");
    put_mapper(fixture, "dm-0", "dm-1", "LVM-abc\n", "vg-root\n");
    put_mount(fixture, "253:1", "/", "/dev/mapper/vg-root");
    find(fixture);
    assert_use(fixture, 0, RUB_DRIVE_USE_CRYPT, "sdb2_crypt");
    assert_use(fixture, 1, RUB_DRIVE_USE_LVM, "vg-root");
    assert_use(fixture, 2, RUB_DRIVE_USE_SYSTEM, "/");
}

static void
test_an_unlocked_bitlocker_volume(Fixture *fixture, gconstpointer user_data)
{
    put_mapper(fixture, "sdb1", "dm-0", "CRYPT-BITLK-0011\n", "bitlk-7\n");
    put_mount(fixture, "253:0", "/media/me/WINDOWS", "/dev/mapper/bitlk-7");
    find(fixture);
    g_assert_cmpuint(fixture->uses->len, ==, 1);
    assert_use(fixture, 0, RUB_DRIVE_USE_CRYPT, "bitlk-7");
}

static void
test_a_raid(Fixture *fixture, gconstpointer user_data)
{
    put_file(fixture, "sys/class/block/sdb/holders/md127", "");
    find(fixture);
    assert_use(fixture, 0, RUB_DRIVE_USE_RAID, "md127");
}

static void
test_another_driver(Fixture *fixture, gconstpointer user_data)
{
    put_file(fixture, "sys/class/block/sdb1/holders/bcache0", "");
    find(fixture);
    assert_use(fixture, 0, RUB_DRIVE_USE_OTHER, "bcache0");
}

static void
test_devices_that_hold_each_other(Fixture *fixture, gconstpointer user_data)
{
    put_mapper(fixture, "sdb1", "dm-0", "x\n", "one\n");
    put_mapper(fixture, "dm-0", "dm-1", "x\n", "two\n");
    put_mapper(fixture, "dm-1", "dm-0", "x\n", "one\n");
    find(fixture);
    g_assert_cmpuint(fixture->uses->len, ==, 2);
}

static void
test_swap(Fixture *fixture, gconstpointer user_data)
{
    put_file(fixture, "proc/swaps",
             "Filename\tType\tSize\tUsed\tPriority\n"
             "/dev/sda5                partition\t1\t0\t-2\n"
             "/dev/sdb2                partition\t1\t0\t-3\n"
             "/home/sdb2               file\t1\t0\t-4\n");
    find(fixture);
    g_assert_cmpuint(fixture->uses->len, ==, 1);
    assert_use(fixture, 0, RUB_DRIVE_USE_SWAP, "/dev/sdb2");
}

static void
test_lines_that_make_no_sense(Fixture *fixture, gconstpointer user_data)
{
    put_file(fixture, "proc/self/mountinfo",
             "\n8:17\n22 1 8:17\n22 1 9:9 / /x rw\n22 1 9:9 / /x rw -\n22 1 9:9 / /x rw - \n");
    put_file(fixture, "proc/swaps", "\n\n/dev/\n");
    find(fixture);
    g_assert_cmpuint(fixture->uses->len, ==, 0);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name, function)                                                                        \
    g_test_add("/drive-use/" name, Fixture, NULL, set_up, function, tear_down)
    ADD("none", test_what_nobody_uses);
    ADD("no-proc", test_a_system_without_proc_and_sys);
    ADD("system/partition", test_a_partition_under_the_system);
    ADD("system/disk", test_a_disk_without_a_table_under_the_system);
    ADD("system/users-place", test_where_users_mount_is_no_use);
    ADD("system/btrfs", test_btrfs_is_found_by_its_node);
    ADD("system/stacked", test_the_system_on_an_encrypted_logical_volume);
    ADD("bitlocker", test_an_unlocked_bitlocker_volume);
    ADD("raid", test_a_raid);
    ADD("other", test_another_driver);
    ADD("loop", test_devices_that_hold_each_other);
    ADD("swap", test_swap);
    ADD("hostile", test_lines_that_make_no_sense);
    return g_test_run();
}
