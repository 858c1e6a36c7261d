/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "disk-tools.h"

/* Drives for tests: loop devices over sparse files. Only the administrator can make them. */

typedef struct {
    char *folder;
    char *path;
    char *node; /* (nullable): NULL where there can be none, and the test is skipped */
    guint64 size_bytes;
    guint sector_size;
} Loop;

/* The folder is taken over. */
static inline void
set_up_loop_in(Loop *loop, char *folder, guint64 size_bytes, guint sector_size)
{
    g_autofree char *sector = g_strdup_printf("%u", sector_size);
    const char *argv[] = {"losetup", "--find", "--show", "--sector-size", sector, NULL, NULL};
    int status = 0;
    g_autofree char *errors = NULL;
    loop->folder = folder;
    loop->path = make_image(folder, "drive.img", size_bytes);
    loop->node = NULL;
    loop->size_bytes = size_bytes;
    loop->sector_size = sector_size;
    argv[5] = loop->path;
    if (geteuid() != 0)
        g_test_skip("only the administrator can make loop devices");
    else if (!g_spawn_sync(NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &loop->node,
                           &errors, &status, NULL) ||
             status != 0) {
        g_autofree char *reason = g_strconcat("no loop device: ", errors, NULL);
        g_clear_pointer(&loop->node, g_free);
        g_test_skip(g_strstrip(reason));
    } else
        g_strstrip(loop->node);
}

static inline void
set_up_loop(Loop *loop, guint64 size_bytes, guint sector_size)
{
    set_up_loop_in(loop, make_folder(), size_bytes, sector_size);
}

/* Leaves the folder. */
static inline void
release_loop(Loop *loop)
{
    if (loop->node)
        run("losetup", "--detach", loop->node);
    g_free(loop->node);
    g_free(loop->path);
}

static inline void
tear_down_loop(Loop *loop)
{
    release_loop(loop);
    remove_folder(loop->folder);
}

/* What a pulled drive looks like: its size is 0. */
static inline void
pull_loop(const Loop *loop)
{
    g_assert_cmpint(truncate(loop->path, 0), ==, 0);
    run("losetup", "--set-capacity", loop->node);
}

/* Reads what lies under the drive, past everything that a disk may hold back. */
static inline void
peek_under_loop(const Loop *loop, guint64 offset_bytes, void *buffer, gsize size_bytes)
{
    peek(loop->path, offset_bytes, buffer, size_bytes);
}
