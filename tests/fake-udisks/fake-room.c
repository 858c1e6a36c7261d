/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A preloaded statvfs() and fstatvfs() that tell of a folder that fake-udisks mounted the room of
 * the file system in the image, as it was then, and not that of the computer on which the folder
 * lies. */
#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

typedef int (*StatFunc)(const char *path, struct statvfs *room);

typedef int (*FdStatFunc)(int fd, struct statvfs *room);

/* What is mounted at FOLDER/media/NAME is described in FOLDER/room/NAME. */
static FILE *
open_description(const char *path)
{
    char resolved[PATH_MAX], described[2 * PATH_MAX];
    const char *media = realpath(path, resolved) ? strstr(resolved, "/media/") : NULL;
    if (!media)
        return NULL;
    const char *name = media + strlen("/media/");
    snprintf(described, sizeof described, "%.*s/room/%.*s", (int) (media - resolved), resolved,
             (int) strcspn(name, "/"), name);
    return fopen(described, "re");
}

static void
correct(const char *path, struct statvfs *room)
{
    unsigned long block_bytes, blocks, free_blocks;
    FILE *description = open_description(path);
    if (!description)
        return;
    if (fscanf(description, "%lu %lu %lu", &block_bytes, &blocks, &free_blocks) == 3) {
        room->f_bsize = room->f_frsize = block_bytes;
        room->f_blocks = blocks;
        room->f_bfree = room->f_bavail = free_blocks;
    }
    fclose(description);
}

int
statvfs(const char *path, struct statvfs *room)
{
    StatFunc stat_there = (StatFunc) dlsym(RTLD_NEXT, "statvfs64");
    int result = stat_there(path, room);
    if (result == 0)
        correct(path, room);
    return result;
}

int
fstatvfs(int fd, struct statvfs *room)
{
    char link[64];
    FdStatFunc stat_there = (FdStatFunc) dlsym(RTLD_NEXT, "fstatvfs64");
    int result = stat_there(fd, room);
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    if (result == 0)
        correct(link, room);
    return result;
}
