/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fake-world.h"

static FakeNode *
find(FakeWorld *world, const char *path, const char *name)
{
    for (guint i = 0; i < world->disks->len; i++) {
        const FakeDisk *disk = world->disks->pdata[i];
        for (guint j = 0; j < disk->nodes->len; j++) {
            FakeNode *node = disk->nodes->pdata[j];
            if (g_strcmp0(node->path, path) == 0 || g_strcmp0(node->name, name) == 0)
                return node;
        }
    }
    return NULL;
}

/* The block device at an object path, or NULL. */
FakeNode *
fake_world_find_node(FakeWorld *world, const char *path)
{
    return find(world, path, NULL);
}

/* The block device that is called "sdx1", or NULL. */
FakeNode *
fake_world_find_named(FakeWorld *world, const char *name)
{
    return find(world, NULL, name);
}

/* The disk that is called "sdx", or NULL. */
FakeDisk *
fake_world_find_disk(FakeWorld *world, const char *name)
{
    for (guint i = 0; i < world->disks->len; i++) {
        FakeDisk *disk = world->disks->pdata[i];
        if (g_str_equal(((FakeNode *) disk->nodes->pdata[0])->name, name))
            return disk;
    }
    return NULL;
}

/* The first disk of a drive, or NULL. */
FakeDisk *
fake_world_find_disk_of_drive(FakeWorld *world, const char *drive_path)
{
    for (guint i = 0; i < world->disks->len; i++) {
        FakeDisk *disk = world->disks->pdata[i];
        if (g_str_equal(disk->drive_path, drive_path))
            return disk;
    }
    return NULL;
}

gboolean
fake_disk_is_mounted(const FakeDisk *disk)
{
    for (guint i = 0; i < disk->nodes->len; i++)
        if (((FakeNode *) disk->nodes->pdata[i])->mount != NULL)
            return TRUE;
    return FALSE;
}
