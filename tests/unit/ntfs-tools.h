/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <errno.h>

#include "base/rub-digest.h"
#include "base/rub-error.h"
#include "disk-tools.h"
#include "target/rub-disk.h"
#include "volume/rub-ntfs-journal.h"
#include "volume/rub-ntfs-volume.h"
#include "volume/rub-ntfs.h"

/* What tests of NTFS share: a disk image with a volume that mkntfs made behind some sectors that
 * nobody may touch, and the judgement of the programs of ntfs-3g. */

#define NTFS_SECTOR_BYTES 512
#define NTFS_START_LBA 2048
#define NTFS_START_BYTES ((guint64) NTFS_START_LBA * NTFS_SECTOR_BYTES)

typedef struct {
    char *folder;
    char *volume_path; /* the volume alone, for programs */
    guint64 volume_bytes;
    RubDisk *disk;
} NtfsImage;

static inline gboolean
ntfs_image_has_tools(void)
{
    extend_search_path();
    return has_tool("mkntfs") && has_tool("ntfsfix") && has_tool("ntfscat") && has_tool("ntfsls");
}

/* The whole volume as a file of its own; holes stay holes. */
static inline void
ntfs_image_extract(NtfsImage *self)
{
    g_autofree char *input =
        g_strdup_printf("if=/proc/%d/fd/%d", getpid(), rub_disk_get_fd(self->disk));
    g_autofree char *output = g_strdup_printf("of=%s", self->volume_path);
    g_autofree char *skip = g_strdup_printf("skip=%" G_GUINT64_FORMAT, NTFS_START_BYTES);
    g_autofree char *done = run_tool(NULL, "dd", input, output, skip, "bs=1M", "conv=sparse",
                                     "iflag=skip_bytes", "status=none", NULL);
}

static inline void
ntfs_image_open_sectors(NtfsImage *self, guint64 volume_bytes, const char *cluster_bytes,
                        const char *sector_bytes)
{
    self->folder = make_folder();
    self->volume_path = g_build_filename(self->folder, "volume", NULL);
    self->volume_bytes = volume_bytes;
    g_autofree char *path = g_build_filename(self->folder, "disk", NULL);
    int fd = g_open(self->volume_path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    g_assert_cmpint(ftruncate(fd, (off_t) volume_bytes), ==, 0);
    close(fd);
    g_autofree char *made =
        run_tool(NULL, "mkntfs", "-F", "-Q", "-q", "-p", "2048", "-H", "255", "-S", "63", "-s",
                 sector_bytes, "-c", cluster_bytes, "-L", "Rescue", self->volume_path, NULL);
    g_autofree char *input = g_strdup_printf("if=%s", self->volume_path);
    g_autofree char *output = g_strdup_printf("of=%s", path);
    g_autofree char *seek = g_strdup_printf("seek=%" G_GUINT64_FORMAT, NTFS_START_BYTES);
    g_autofree char *done = run_tool(NULL, "dd", input, output, seek, "bs=1M", "conv=sparse",
                                     "oflag=seek_bytes", "status=none", NULL);
    fd = g_open(path, O_RDWR | O_CLOEXEC, 0);
    guint64 size_bytes = NTFS_START_BYTES + volume_bytes;
    g_assert_cmpint(ftruncate(fd, (off_t) size_bytes), ==, 0);
    self->disk = rub_disk_new(fd, size_bytes, NTFS_SECTOR_BYTES, "the stick");
}

static inline void
ntfs_image_open(NtfsImage *self, guint64 volume_bytes, const char *cluster_bytes)
{
    ntfs_image_open_sectors(self, volume_bytes, cluster_bytes, "512");
}

static inline void
ntfs_image_close(NtfsImage *self)
{
    rub_disk_unref(self->disk);
    remove_folder(self->folder);
    g_free(self->volume_path);
}

static inline guint64
ntfs_image_get_sectors(const NtfsImage *self)
{
    return self->volume_bytes / NTFS_SECTOR_BYTES;
}

static inline RubVolume *
ntfs_image_write(NtfsImage *self)
{
    g_autoptr(GError) error = NULL;
    RubVolume *volume =
        rub_ntfs_volume_new(self->disk, NTFS_START_LBA, ntfs_image_get_sectors(self), &error);
    g_assert_no_error(error);
    return volume;
}

static inline RubListing *
ntfs_image_list(NtfsImage *self, RubNtfsState *state)
{
    g_autoptr(GError) error = NULL;
    RubListing *listing =
        rub_ntfs_list(self->disk, NTFS_START_LBA, ntfs_image_get_sectors(self), state, &error);
    g_assert_no_error(error);
    return listing;
}

static inline const RubEntry *
ntfs_find(const RubListing *listing, const char *path)
{
    for (guint i = 0; i < listing->entries->len; i++) {
        const RubEntry *entry = g_ptr_array_index(listing->entries, i);
        if (g_str_equal(entry->path, path))
            return entry;
    }
    return NULL;
}

/* The bytes of a file, by its extents alone. */
static inline char *
ntfs_image_read(NtfsImage *self, const RubEntry *entry)
{
    char *bytes = g_malloc0(entry->size_bytes + 1);
    gsize done = 0;
    for (guint i = 0; i < entry->extents->len; i++) {
        const RubExtent *extent = &g_array_index(entry->extents, RubExtent, i);
        if (extent->offset_bytes == RUB_EXTENT_HOLE)
            memset(bytes + done, 0, extent->size_bytes);
        else if (extent->offset_bytes & RUB_EXTENT_IN_MEMORY)
            memcpy(bytes + done,
                   entry->memory->data + (extent->offset_bytes & ~RUB_EXTENT_IN_MEMORY),
                   extent->size_bytes);
        else
            g_assert_true(rub_disk_read(self->disk, extent->offset_bytes, bytes + done,
                                        extent->size_bytes, NULL));
        done += extent->size_bytes;
    }
    g_assert_cmpuint(done, ==, entry->size_bytes);
    return bytes;
}

/* What others say: the volume is in order, and clean. */
static inline void
ntfs_image_judge(NtfsImage *self)
{
    ntfs_image_extract(self);
    g_autofree char *fixed = run_tool(NULL, "ntfsfix", "-n", self->volume_path, NULL);
    g_assert_nonnull(strstr(fixed, "processed successfully"));
    g_assert_nonnull(strstr(fixed, "alternate boot sector... OK"));
    g_assert_null(strstr(fixed, "FAILED"));
    g_autofree char *info = run_tool(NULL, "ntfsinfo", "-m", self->volume_path, NULL);
    g_assert_nonnull(strstr(info, "Volume Flags: 0x0000"));
}

/* Completes a round that was cut off, and nothing else, whatever is wrong with the volume. */
static inline void
ntfs_image_recover(NtfsImage *self)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(RubNtfsJournal) journal = NULL;
    rub_ntfs_journal_load(self->disk, NTFS_START_BYTES, self->volume_bytes, &journal, &error);
    g_assert_no_error(error);
    if (journal)
        rub_ntfs_journal_replay(journal, &error);
    g_assert_no_error(error);
}

/* Bytes that tell one file, and one place in it, from another. */
static inline guint8 *
make_bytes(guint seed, gsize size_bytes)
{
    guint8 *bytes = g_malloc(size_bytes + 1);
    guint32 state = seed * 2654435761u + 1;
    for (gsize i = 0; i < size_bytes; i++) {
        state = state * 1664525u + 1013904223u;
        bytes[i] = (guint8) (state >> 24);
    }
    bytes[size_bytes] = 0;
    return bytes;
}

static inline guint
declare_file(RubVolume *volume, const char *path, gsize size_bytes, RubVolumeFlags flags)
{
    g_autoptr(GError) error = NULL;
    guint id;
    rub_volume_add_file(volume, path, size_bytes, 1234567890, flags, &id, &error);
    g_assert_no_error(error);
    return id;
}

static inline void
write_bytes(RubVolume *volume, guint id, guint seed, gsize size_bytes)
{
    g_autoptr(GError) error = NULL;
    g_autofree guint8 *bytes = make_bytes(seed, size_bytes);
    rub_volume_write(volume, id, bytes, size_bytes, &error);
    g_assert_no_error(error);
}

static inline void
prepare_round(RubVolume *volume)
{
    g_autoptr(GError) error = NULL;
    rub_volume_prepare(volume, &error);
    g_assert_no_error(error);
}

static inline void
commit_round(RubVolume *volume)
{
    g_autoptr(GError) error = NULL;
    rub_volume_commit(volume, &error);
    g_assert_no_error(error);
}

/* One file in a round of its own. */
static inline void
put_file(RubVolume *volume, const char *path, guint seed, gsize size_bytes, RubVolumeFlags flags)
{
    guint id = declare_file(volume, path, size_bytes, flags);
    prepare_round(volume);
    if (size_bytes > 0)
        write_bytes(volume, id, seed, size_bytes);
    commit_round(volume);
}

static inline void
assert_bytes(NtfsImage *self, const RubListing *listing, const char *path, guint seed,
             gsize size_bytes)
{
    const RubEntry *entry = ntfs_find(listing, path);
    g_assert_nonnull(entry);
    g_assert_cmpuint(entry->size_bytes, ==, size_bytes);
    g_autofree char *found = ntfs_image_read(self, entry);
    g_autofree guint8 *expected = make_bytes(seed, size_bytes);
    g_assert_cmpmem(found, entry->size_bytes, expected, size_bytes);
}
