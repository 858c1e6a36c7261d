/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What the tests of the FAT engine share: volumes in sparse files, made and judged by tools that
 * are not ours. */

#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "base/rub-bytes.h"
#include "base/rub-error.h"
#include "volume/rub-fat-writer.h"
#include "volume/rub-fat.h"

#define MIB (G_GUINT64_CONSTANT(1) << 20)
#define GIB (G_GUINT64_CONSTANT(1) << 30)

typedef struct {
    char *folder;
    char *path;
    RubDisk *disk;
    guint64 start_lba;
    guint64 sector_count;
} FatImage;

/* Runs a program and returns what it printed; its exit status must be 0. */
G_GNUC_UNUSED static char *
run_program(const char *const *argv)
{
    g_autofree char *output = NULL;
    g_autofree char *errors = NULL;
    g_autoptr(GError) error = NULL;
    int status = 0;
    g_spawn_sync(NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &output, &errors,
                 &status, &error);
    g_assert_no_error(error);
    if (status != 0)
        g_test_message("%s said: %s%s", argv[0], output, errors);
    g_assert_cmpint(status, ==, 0);
    return g_steal_pointer(&output);
}

/* Skips the test if a program is missing that only judges. */
G_GNUC_UNUSED static gboolean
lacks_program(const char *name)
{
    g_autofree char *path = g_find_program_in_path(name);
    if (path)
        return FALSE;
    g_autofree char *reason = g_strdup_printf("%s is not installed", name);
    g_test_skip(reason);
    return TRUE;
}

/* Distributions keep mkfs.fat and fsck.fat where only the administrator's PATH leads. */
G_GNUC_UNUSED static void
add_system_folders_to_path(void)
{
    g_autofree char *path = g_strconcat(g_getenv("PATH"), ":/usr/sbin:/sbin", NULL);
    g_setenv("PATH", path, TRUE);
}

/* Opens the image again, so that nothing is remembered. */
G_GNUC_UNUSED static void
fat_image_reopen(FatImage *self)
{
    guint64 size = rub_disk_get_size_bytes(self->disk);
    guint sector_size = rub_disk_get_sector_size(self->disk);
    rub_disk_unref(self->disk);
    self->disk =
        rub_disk_new(g_open(self->path, O_RDWR | O_CLOEXEC, 0), size, sector_size, "test.img");
}

G_GNUC_UNUSED static FatImage *
fat_image_new_blank(guint64 size_bytes, guint64 start_lba)
{
    FatImage *self = g_new0(FatImage, 1);
    self->folder = g_dir_make_tmp("rub-fat-XXXXXX", NULL);
    self->path = g_build_filename(self->folder, "test.img", NULL);
    self->start_lba = start_lba;
    self->sector_count = size_bytes / 512 - start_lba;
    int fd = g_open(self->path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    g_assert_cmpint(fd, >=, 0);
    g_assert_cmpint(ftruncate(fd, (off_t) size_bytes), ==, 0);
    self->disk = rub_disk_new(fd, size_bytes, 512, "test.img");
    return self;
}

/* @options is split at spaces and handed to mkfs.fat. */
G_GNUC_UNUSED static FatImage *
fat_image_new_at(guint64 size_bytes, guint64 start_lba, const char *options)
{
    FatImage *self = fat_image_new_blank(size_bytes, start_lba);
    g_autofree char *command = g_strdup_printf(
        "mkfs.fat --offset %" G_GUINT64_FORMAT " -n TESTVOL -i 1234ABCD %s %s %" G_GUINT64_FORMAT,
        start_lba, options, self->path, self->sector_count / 2);
    g_auto(GStrv) argv = g_strsplit(command, " ", -1);
    g_free(run_program((const char *const *) argv));
    return self;
}

G_GNUC_UNUSED static FatImage *
fat_image_new(guint64 size_bytes, const char *options)
{
    return fat_image_new_at(size_bytes, 0, options);
}

G_GNUC_UNUSED static void
fat_image_free(FatImage *self)
{
    rub_disk_unref(self->disk);
    g_unlink(self->path);
    g_rmdir(self->folder);
    g_free(self->path);
    g_free(self->folder);
    g_free(self);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FatImage, fat_image_free)

/* fsck.fat must find nothing to complain about. */
G_GNUC_UNUSED static void
fat_image_check(const FatImage *self)
{
    const char *argv[] = {"fsck.fat", "-n", self->path, NULL};
    g_assert_cmpuint(self->start_lba, ==, 0);
    g_free(run_program(argv));
}

G_GNUC_UNUSED static RubVolume *
fat_image_write(const FatImage *self)
{
    g_autoptr(GError) error = NULL;
    RubVolume *volume = rub_fat_writer_new(self->disk, self->start_lba, self->sector_count, &error);
    g_assert_no_error(error);
    return volume;
}

G_GNUC_UNUSED static RubListing *
fat_image_list(const FatImage *self)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(RubFat) fat = rub_fat_open(self->disk, self->start_lba, self->sector_count, &error);
    g_assert_no_error(error);
    RubListing *listing = rub_fat_list(fat, &error);
    g_assert_no_error(error);
    return listing;
}

G_GNUC_UNUSED static const RubEntry *
find_entry(const RubListing *listing, const char *path)
{
    for (guint i = 0; i < listing->entries->len; i++) {
        const RubEntry *entry = g_ptr_array_index(listing->entries, i);
        if (strcmp(entry->path, path) == 0)
            return entry;
    }
    return NULL;
}

/* Bytes that tell which file, and where in it, they belong to. */
G_GNUC_UNUSED static guint8 *
make_content(const char *path, gsize size_bytes)
{
    guint8 *content = g_malloc(MAX(size_bytes, 1));
    guint32 state = g_str_hash(path) | 1;
    for (gsize i = 0; i < size_bytes; i++) {
        state = state * 1664525 + 1013904223;
        content[i] = (guint8) (state >> 24);
    }
    return content;
}

G_GNUC_UNUSED static guint8 *
read_entry(const FatImage *self, const RubEntry *entry)
{
    g_autoptr(GError) error = NULL;
    guint8 *content = g_malloc(MAX(entry->size_bytes, 1));
    gsize done = 0;
    for (guint i = 0; i < entry->extents->len; i++) {
        const RubExtent *extent = &g_array_index(entry->extents, RubExtent, i);
        rub_disk_read(self->disk, extent->offset_bytes, content + done, extent->size_bytes, &error);
        g_assert_no_error(error);
        done += extent->size_bytes;
    }
    g_assert_cmpuint(done, ==, entry->size_bytes);
    return content;
}

G_GNUC_UNUSED static void
assert_content(const FatImage *self, const RubListing *listing, const char *path, gsize size_bytes)
{
    const RubEntry *entry = find_entry(listing, path);
    g_assert_nonnull(entry);
    g_assert_cmpint(entry->kind, ==, RUB_ENTRY_FILE);
    g_autofree guint8 *wanted = make_content(path, size_bytes);
    g_autofree guint8 *found = read_entry(self, entry);
    g_assert_cmpmem(found, entry->size_bytes, wanted, size_bytes);
}

/* Declares a file that make_content() fills. */
G_GNUC_UNUSED static guint
declare_file(RubVolume *volume, const char *path, guint64 size_bytes)
{
    g_autoptr(GError) error = NULL;
    guint id = 0;
    rub_volume_add_file(volume, path, size_bytes, 1700000000, RUB_VOLUME_NONE, &id, &error);
    g_assert_no_error(error);
    return id;
}

G_GNUC_UNUSED static void
declare_folder(RubVolume *volume, const char *path)
{
    g_autoptr(GError) error = NULL;
    rub_volume_add_folder(volume, path, 1700000000, RUB_VOLUME_NONE, &error);
    g_assert_no_error(error);
}

G_GNUC_UNUSED static void
prepare_round(RubVolume *volume)
{
    g_autoptr(GError) error = NULL;
    rub_volume_prepare(volume, &error);
    g_assert_no_error(error);
}

G_GNUC_UNUSED static void
write_content(RubVolume *volume, guint id, const char *path, gsize size_bytes)
{
    g_autoptr(GError) error = NULL;
    g_autofree guint8 *content = make_content(path, size_bytes);
    rub_volume_write(volume, id, content, size_bytes, &error);
    g_assert_no_error(error);
}

G_GNUC_UNUSED static void
commit_round(RubVolume *volume)
{
    g_autoptr(GError) error = NULL;
    rub_volume_commit(volume, &error);
    g_assert_no_error(error);
}

/* One round with one file. */
G_GNUC_UNUSED static void
add_one_file(RubVolume *volume, const char *path, gsize size_bytes)
{
    guint id = declare_file(volume, path, size_bytes);
    prepare_round(volume);
    write_content(volume, id, path, size_bytes);
    commit_round(volume);
}

/* Puts a file of a known content onto the volume with mtools, as another program would. */
G_GNUC_UNUSED static void
put_by_mtools(const FatImage *image, const char *path, gsize size_bytes)
{
    g_autoptr(GError) error = NULL;
    g_autofree guint8 *content = make_content(path, size_bytes);
    g_autofree char *source = g_build_filename(image->folder, "source", NULL);
    g_autofree char *target = g_strconcat("::/", path, NULL);
    g_file_set_contents(source, (const char *) content, (gssize) size_bytes, &error);
    g_assert_no_error(error);
    const char *copy[] = {"mcopy", "-i", image->path, source, target, NULL};
    g_free(run_program(copy));
    g_unlink(source);
}

G_GNUC_UNUSED static void
run_mtools(const FatImage *image, const char *program, const char *path)
{
    g_autofree char *target = g_strconcat("::/", path, NULL);
    const char *argv[] = {program, "-i", image->path, target, NULL};
    g_free(run_program(argv));
}

G_GNUC_UNUSED static void
fat_image_patch(const FatImage *image, guint64 offset_bytes, const void *data, gsize size_bytes)
{
    g_autoptr(GError) error = NULL;
    rub_disk_write(image->disk, offset_bytes, data, size_bytes, &error);
    g_assert_no_error(error);
}

G_GNUC_UNUSED static void
fat_image_set_entry(const FatImage *image, guint32 cluster, guint32 value)
{
    g_autoptr(RubFat) fat = rub_fat_open(image->disk, image->start_lba, image->sector_count, NULL);
    const RubFatGeometry *geometry = rub_fat_get_geometry(fat);
    guint8 entry[4];
    rub_put_u32le(entry, value);
    for (guint copy = 0; copy < geometry->fat_count; copy++)
        fat_image_patch(image,
                        ((guint64) geometry->reserved_sectors + copy * geometry->fat_size_sectors) *
                                geometry->sector_size +
                            cluster * 4,
                        entry, sizeof entry);
}

G_GNUC_UNUSED static guint8 *
fat_image_read_start(const FatImage *image, gsize size_bytes)
{
    g_autoptr(GError) error = NULL;
    guint8 *data = g_malloc(size_bytes);
    rub_disk_read(image->disk, 0, data, size_bytes, &error);
    g_assert_no_error(error);
    return data;
}
