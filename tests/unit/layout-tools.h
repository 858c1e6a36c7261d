/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/rub-bytes.h"
#include "base/rub-error.h"
#include "disk-tools.h"
#include "target/rub-layout-probe.h"

/* What the tests of the layout probe share. */

#define MIB ((guint64) 1024 * 1024)
#define MIB_SECTORS 2048
#define ENTRY_OFFSET 446
#define ENTRY_BYTES 16

typedef struct {
    char *folder;
} Fixture;

static inline void
set_up(Fixture *fixture, gconstpointer user_data)
{
    fixture->folder = make_folder();
}

static inline void
tear_down(Fixture *fixture, gconstpointer user_data)
{
    remove_folder(fixture->folder);
}

static inline char *
make_disk(const Fixture *fixture, guint64 size_bytes)
{
    return make_image(fixture->folder, "disk.img", size_bytes);
}

/* The descriptor is read only, which proves in every test that looking changes nothing. */
static inline RubDisk *
open_disk(const char *path, guint sector_size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    g_assert_no_errno(fd);
    return rub_disk_new(fd, (guint64) lseek(fd, 0, SEEK_END), sector_size, path);
}

static inline RubLayout *
probe_sectors(const char *path, guint sector_size)
{
    g_autoptr(RubDisk) disk = open_disk(path, sector_size);
    RubLayout *layout = rub_layout_new(path, 0);
    GError *error = NULL;
    rub_layout_probe(layout, disk, NULL, &error);
    g_assert_no_error(error);
    return layout;
}

static inline RubLayout *
probe(const char *path)
{
    return probe_sectors(path, 512);
}

static inline char *
get_fingerprint(const char *path)
{
    g_autoptr(RubLayout) layout = probe(path);
    return g_steal_pointer(&layout->fingerprint);
}

static inline void
partition(const char *path, const char *script)
{
    g_free(run_tool(script, "sfdisk", "--quiet", "--wipe=never", path, NULL));
}

static inline void
put_entry(const char *path, guint64 sector, guint slot, guint8 type, guint32 start_lba,
          guint32 sector_count)
{
    guint8 entry[ENTRY_BYTES] = {0};
    entry[4] = type;
    rub_put_u32le(entry + 8, start_lba);
    rub_put_u32le(entry + 12, sector_count);
    poke(path, sector * 512 + ENTRY_OFFSET + slot * ENTRY_BYTES, entry, sizeof entry);
    poke(path, sector * 512 + 510, "\x55\xaa", 2);
}

static inline const RubPartition *
get_partition(const RubLayout *layout, guint index)
{
    g_assert_cmpuint(index, <, layout->partitions->len);
    return g_ptr_array_index(layout->partitions, index);
}

static inline void
assert_partition(const RubLayout *layout, guint index, guint number, guint64 start_lba,
                 guint64 sector_count, guint8 mbr_type)
{
    const RubPartition *at = get_partition(layout, index);
    g_assert_cmpuint(at->number, ==, number);
    g_assert_cmpuint(at->start_lba, ==, start_lba);
    g_assert_cmpuint(at->sector_count, ==, sector_count);
    g_assert_cmphex(at->mbr_type, ==, mbr_type);
}

static inline void
assert_gap(const RubLayout *layout, guint index, guint64 start_lba, guint64 sector_count)
{
    g_assert_cmpuint(index, <, layout->gaps->len);
    const RubGap *gap = &g_array_index(layout->gaps, RubGap, index);
    g_assert_cmpuint(gap->start_lba, ==, start_lba);
    g_assert_cmpuint(gap->sector_count, ==, sector_count);
}
