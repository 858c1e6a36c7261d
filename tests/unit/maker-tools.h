/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <string.h>

#include "disk-tools.h"
#include "target/rub-layout.h"

/* What the tests of makers of filesystems share: a disk image, and what shall be made on it. */

#define MIB ((guint64) 1024 * 1024)
#define START_LBA 2048

/* rub_fat_make() and its like. */
typedef gboolean (*Make)(RubDisk *disk, const RubNewVolume *volume, const char *program,
                         GCancellable *cancellable, GError **error);

typedef struct {
    Make make;
    const char *program;
    guint64 tail_bytes; /* what lies behind the partition */
    guint sectors_per_cluster;
    char *folder;
    char *path;
    RubDisk *disk;
    RubNewVolume volume;
} Fixture;

static inline void
open_disk(Fixture *fixture, guint64 size_bytes, guint sector_size)
{
    g_clear_pointer(&fixture->disk, rub_disk_unref);
    g_free(fixture->path);
    fixture->path = g_build_filename(fixture->folder, "stick.img", NULL);
    g_remove(fixture->path);
    g_free(make_image(fixture->folder, "stick.img", size_bytes));
    int fd = open(fixture->path, O_RDWR | O_CLOEXEC);
    g_assert_no_errno(fd);
    fixture->disk = rub_disk_new(fd, size_bytes, sector_size, fixture->path);
    fixture->volume = (RubNewVolume){
        .start_lba = START_LBA * 512 / sector_size,
        .sector_count = (size_bytes - START_LBA * 512 - fixture->tail_bytes) / sector_size,
        .sectors_per_cluster = fixture->sectors_per_cluster,
        .label = "RESCUE",
        .volume_id = 0x1234abcd,
    };
}

static inline void
begin(Fixture *fixture, Make make, const char *program)
{
    extend_search_path();
    fixture->make = make;
    fixture->program = program;
    fixture->folder = make_folder();
}

static inline void
tear_down(Fixture *fixture, gconstpointer user_data)
{
    rub_disk_unref(fixture->disk);
    g_free(fixture->path);
    remove_folder(fixture->folder);
}

static inline void
assert_made(Fixture *fixture)
{
    GError *error = NULL;
    fixture->make(fixture->disk, &fixture->volume, fixture->program, NULL, &error);
    g_assert_no_error(error);
}

static inline void
assert_fails(Fixture *fixture, const char *program, int code, const char *words)
{
    g_autoptr(GError) error = NULL;
    g_assert_false(fixture->make(fixture->disk, &fixture->volume, program, NULL, &error));
    g_assert_error(error, RUB_ERROR, code);
    if (!strstr(error->message, words))
        g_error("\"%s\" is not in: %s", words, error->message);
}
