/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A stand-in for udisksd and polkitd over image files, on the bus of DBUS_SYSTEM_BUS_ADDRESS.
 * Usage: fake-udisks FOLDER, where FOLDER is for mount points. Driven by fake_udisks.py. */
#include "fake-control.h"
#include "fake-drive.h"
#include "fake-policy.h"

#include <signal.h>
#include <stdio.h>

static void
world_init(FakeWorld *world, const char *folder)
{
    world->folder = g_strdup(folder);
    g_rec_mutex_init(&world->lock);
    g_mutex_init(&world->wait_lock);
    g_cond_init(&world->changed);
    g_queue_init(&world->faults);
    world->disks = g_ptr_array_new_with_free_func(fake_disk_free);
    world->drives = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_object_unref);
    world->policy = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    world->kept = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    world->calls = json_array_new();
    world->answer = g_strdup("right");
    world->keep_seconds = 300;
    world->busy_format_ms = 1000;
    world->automount_ms = -1;
    fake_policy_set_defaults(world);
}

static gboolean
request_name(FakeWorld *world, const char *name, GError **error)
{
    g_autoptr(GVariant) reply = g_dbus_connection_call_sync(
        world->bus, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
        "RequestName", g_variant_new("(su)", name, 0), G_VARIANT_TYPE("(u)"),
        G_DBUS_CALL_FLAGS_NONE, -1, NULL, error);
    return reply != NULL;
}

static void
export_manager(FakeWorld *world)
{
    UDisksManager *manager = udisks_manager_skeleton_new();
    static const char *const filesystems[] = {"ext4", "vfat", "ntfs", "exfat", NULL};
    g_object_set(manager, "version", "2.9.4", "supported-filesystems", filesystems, NULL);
    g_autoptr(UDisksObjectSkeleton) object = udisks_object_skeleton_new(FAKE_ROOT "/Manager");
    udisks_object_skeleton_set_manager(object, manager);
    g_dbus_object_manager_server_export(world->manager, G_DBUS_OBJECT_SKELETON(object));
    g_object_unref(manager);
}

static gboolean
connect_bus(FakeWorld *world, GError **error)
{
    world->bus = g_bus_get_sync(G_BUS_TYPE_SYSTEM, NULL, error);
    if (world->bus == NULL)
        return FALSE;
    world->manager = g_dbus_object_manager_server_new(FAKE_ROOT);
    export_manager(world);
    g_dbus_object_manager_server_set_connection(world->manager, world->bus);
    return fake_policy_serve(world, error) &&
           request_name(world, "org.freedesktop.PolicyKit1", error) &&
           request_name(world, "org.freedesktop.UDisks2", error);
}

int
main(int argc, char **argv)
{
    static FakeWorld world;
    g_autoptr(GError) error = NULL;
    g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);
    if (argc != 2) {
        fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
        return 64;
    }
    signal(SIGPIPE, SIG_IGN);
    world_init(&world, argv[1]);
    if (!connect_bus(&world, &error)) {
        fprintf(stderr, "%s\n", error->message);
        return 1;
    }
    fake_control_start(&world, loop);
    g_main_loop_run(loop);
    return 0;
}
