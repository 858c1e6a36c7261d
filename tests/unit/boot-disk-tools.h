/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <unistd.h>

#include "base/rub-bytes.h"
#include "boot/rub-boot-code.h"
#include "boot/rub-boot-record.h"
#include "boot/rub-boot-saved.h"

/* What tests of boot records share: a disk whose every byte is known. */

#define SECTOR_BYTES 512
#define START_LBA 8
#define DISK_SECTORS 64

/* Noise, with a boot signature in sector 0 and a volume at START_LBA, where the second partition
 * begins. */
typedef struct {
    RubFilesystem filesystem;
    RubDisk *disk;
    guint8 before[DISK_SECTORS * SECTOR_BYTES];
    guint8 after[DISK_SECTORS * SECTOR_BYTES];
} Fixture;

static inline guint8 *
volume_sector(guint8 *disk, guint sector)
{
    return disk + (START_LBA + sector) * SECTOR_BYTES;
}

static inline RubDisk *
open_disk(const guint8 *bytes, guint sector_size)
{
    g_autofree char *path = NULL;
    int fd = g_file_open_tmp("rub-boot-XXXXXX", &path, NULL);
    g_assert_cmpint(fd, >=, 0);
    g_unlink(path);
    gsize size_bytes = DISK_SECTORS * SECTOR_BYTES;
    g_assert_cmpint(pwrite(fd, bytes, size_bytes, 0), ==, (gssize) size_bytes);
    return rub_disk_new(fd, size_bytes, sector_size, "the stick");
}

/* make_volume fills in the first sector of the volume. */
static inline void
make_disk(Fixture *self, RubFilesystem filesystem, void (*make_volume)(guint8 *sector))
{
    self->filesystem = filesystem;
    for (guint i = 0; i < sizeof self->before; i++)
        self->before[i] = (guint8) (i * 7 + i / 251);
    rub_put_u16le(self->before + 510, 0xaa55);
    rub_put_u32le(self->before + 446 + 16 + 8, START_LBA);
    make_volume(volume_sector(self->before, 0));
    self->disk = open_disk(self->before, SECTOR_BYTES);
}

static inline void
tear_down(Fixture *self, gconstpointer unused)
{
    rub_disk_unref(self->disk);
}

static inline void
read_back(Fixture *self)
{
    g_assert_true(rub_disk_read(self->disk, 0, self->after, sizeof self->after, NULL));
}

static inline void
install(Fixture *self)
{
    g_autoptr(GError) error = NULL;
    g_assert_true(rub_boot_record_install(self->disk, self->filesystem, START_LBA, &error));
    g_assert_no_error(error);
    g_assert_true(rub_boot_install_mbr(self->disk, &error));
    g_assert_no_error(error);
    read_back(self);
}

static inline void
assert_same(const Fixture *self, gsize from, gsize to)
{
    g_assert_cmpmem(self->after + from, to - from, self->before + from, to - from);
}

static inline GBytes *
save(Fixture *self)
{
    g_autoptr(GError) error = NULL;
    GBytes *saved = rub_boot_save_sectors(self->disk, self->filesystem, START_LBA, &error);
    g_assert_no_error(error);
    return saved;
}

/* Returns whether all is as it was. */
static inline gboolean
restore(Fixture *self, GBytes *saved, gboolean is_surely_ours)
{
    g_autoptr(GError) error = NULL;
    gboolean is_restored = FALSE;
    g_assert_true(rub_boot_restore_sectors(self->disk, self->filesystem, START_LBA, saved,
                                           is_surely_ours, &is_restored, &error));
    g_assert_no_error(error);
    read_back(self);
    return is_restored;
}
