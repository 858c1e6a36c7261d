/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "job-tools.h"
#include "job/rub-earlier.h"
#include "job/rub-stick-volume.h"
#include "job/rub-undo.h"
#include "volume/rub-fat.h"
#include "volume/rub-records.h"

/* What the tests of builds that keep files share: sticks with files of a user on them. */

#define KEEP_DISK_BYTES (48 * MIB)
#define KEEP_START_LBA 2048

/* A user's files; those of the image that meet them are bootmgr and docs/empty. */
static const struct {
    const char *path;
    gsize size_bytes;
} user_files[] = {
    {"holiday.jpg", 40000},
    {"BOOTMGR", 1234},
    {"docs/letter to a friend.txt", 777},
    {"docs/EMPTY", 5},
};

static const char *const user_folders[] = {"docs"};

static inline guint8 *
make_user_content(const char *path, gsize size_bytes)
{
    g_autofree char *name = g_strconcat("user of ", path, NULL);
    return make_content(name, size_bytes);
}

/* Puts the user's files on a FAT volume with the tools of others. */
static inline void
add_user_files(const char *disk_path, guint64 offset_bytes, const char *folder)
{
    g_autofree char *volume = g_strdup_printf("%s@@%" G_GUINT64_FORMAT, disk_path, offset_bytes);
    for (gsize i = 0; i < G_N_ELEMENTS(user_folders); i++) {
        g_autofree char *to = g_strconcat("::", user_folders[i], NULL);
        run("mmd", "-i", volume, to);
    }
    for (gsize i = 0; i < G_N_ELEMENTS(user_files); i++) {
        g_autofree char *from = g_build_filename(folder, "content", NULL);
        g_autofree char *to = g_strconcat("::", user_files[i].path, NULL);
        g_autofree guint8 *content =
            make_user_content(user_files[i].path, user_files[i].size_bytes);
        g_assert_true(
            g_file_set_contents(from, (char *) content, (gssize) user_files[i].size_bytes, NULL));
        run("mcopy", "-i", volume, from, to);
        g_remove(from);
    }
}

/* A disk with one FAT32 partition and the user's files in it, and foreign boot code. */
static inline void
make_kept_disk(Build *build, guint64 size_bytes, guint64 partition_bytes, guint cluster_sectors)
{
    g_remove(build->disk_path);
    g_free(build->disk_path);
    build->disk_path = make_image(build->folder, "stick.img", size_bytes);
    guint64 sectors = partition_bytes / 512;
    g_autofree char *script = g_strdup_printf(
        "label: dos\nlabel-id: 0x1badcafe\nstart=%d, size=%" G_GUINT64_FORMAT ", type=c\n",
        KEEP_START_LBA, sectors);
    g_free(run_tool(script, "sfdisk", "--quiet", build->disk_path, NULL));
    g_autofree char *cluster = g_strdup_printf("%u", cluster_sectors);
    g_autofree char *offset = g_strdup_printf("--offset=%d", KEEP_START_LBA);
    g_autofree char *blocks = g_strdup_printf("%" G_GUINT64_FORMAT, partition_bytes / 1024);
    run("mkfs.fat", "-F", "32", "-s", cluster, "-n", "HOLIDAY", "-h", "2048", offset,
        build->disk_path, blocks);
    add_user_files(build->disk_path, (guint64) KEEP_START_LBA * 512, build->folder);
    const guint8 code[] = {0xeb, 0xfe, 'f', 'o', 'r', 'e', 'i', 'g', 'n'};
    poke(build->disk_path, 0, code, sizeof code);
}

/* Puts a record of a build on the volume. */
static inline void
add_record(const Build *build, GBytes *record, const char *record_path)
{
    g_autofree char *volume = g_strdup_printf("%s@@%d", build->disk_path, KEEP_START_LBA * 512);
    g_autofree char *from = g_build_filename(build->folder, "record", NULL);
    g_autofree char *to = g_strconcat("::", record_path, NULL);
    gsize size_bytes;
    const char *data = g_bytes_get_data(record, &size_bytes);
    g_assert_true(g_file_set_contents(from, data, (gssize) size_bytes, NULL));
    run("mmd", "-i", volume, "::" RUB_RECORDS_FOLDER);
    run("mcopy", "-i", volume, from, to);
}

/* The same with FAT16, which only the kernel's driver writes, and records of builds that it made.
 */
static inline void
make_fat16_disk(Build *build, GBytes *record, const char *record_path)
{
    make_kept_disk(build, KEEP_DISK_BYTES, 40 * MIB, 1);
    g_autofree char *offset = g_strdup_printf("--offset=%d", KEEP_START_LBA);
    g_autofree char *blocks = g_strdup_printf("%d", (int) (40 * MIB / 1024));
    run("mkfs.fat", "-F", "16", "-n", "HOLIDAY", offset, build->disk_path, blocks);
    add_user_files(build->disk_path, (guint64) KEEP_START_LBA * 512, build->folder);
    add_record(build, record, record_path);
}

static inline void
build_init_kept(Build *build)
{
    build_init(build);
    make_kept_disk(build, KEEP_DISK_BYTES, 40 * MIB, 1);
    build->scene.options.keep = TRUE;
}

static inline RubDisk *
open_stick(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    g_assert_no_errno(fd);
    return rub_disk_new(fd, (guint64) lseek(fd, 0, SEEK_END), 512, path);
}

static inline RubStickVolume *
open_kept_volume(const char *path)
{
    GError *error = NULL;
    g_autoptr(RubDisk) disk = open_stick(path);
    RubStickVolume *stick = rub_stick_volume_find(disk, NULL, &error);
    g_assert_no_error(error);
    return stick;
}

/* Undoes what the target is found to be. */
static inline RubUndoReport *
undo_target(RubTarget *target)
{
    GError *error = NULL;
    g_autoptr(RubLayout) layout = rub_target_read_layout(target, NULL, &error);
    g_assert_no_error(error);
    g_autoptr(RubProgress) progress = rub_progress_new();
    return rub_undo_run(target, layout, progress, NULL);
}

/* Everything on the first FAT partition by path; contents as bytes. */
static inline GHashTable *
read_stick(const char *path, guint64 start_lba, guint64 sector_count)
{
    GError *error = NULL;
    GHashTable *files =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_bytes_unref);
    g_autoptr(RubDisk) disk = open_stick(path);
    g_autoptr(RubFat) fat = rub_fat_open(disk, start_lba, sector_count, &error);
    g_assert_no_error(error);
    g_autoptr(RubListing) listing = rub_fat_list(fat, &error);
    g_assert_no_error(error);
    for (guint i = 0; i < listing->entries->len; i++) {
        const RubEntry *entry = g_ptr_array_index(listing->entries, i);
        g_autoptr(GByteArray) bytes = g_byte_array_new();
        if (entry->kind != RUB_ENTRY_FILE) {
            g_hash_table_insert(files, g_strconcat(entry->path, "/", NULL), g_bytes_new(NULL, 0));
            continue;
        }
        for (guint j = 0; j < entry->extents->len; j++) {
            const RubExtent *extent = &g_array_index(entry->extents, RubExtent, j);
            guint at = bytes->len;
            g_byte_array_set_size(bytes, at + (guint) extent->size_bytes);
            g_assert_true(rub_disk_read(disk, extent->offset_bytes, bytes->data + at,
                                        extent->size_bytes, NULL));
        }
        g_hash_table_insert(files, g_strdup(entry->path),
                            g_byte_array_free_to_bytes(g_steal_pointer(&bytes)));
    }
    return files;
}

static inline GHashTable *
read_kept(const Build *build)
{
    return read_stick(build->disk_path, KEEP_START_LBA, 40 * MIB / 512);
}

static inline void
assert_holds(GHashTable *files, const char *path, const guint8 *content, gsize size_bytes)
{
    GBytes *bytes = g_hash_table_lookup(files, path);
    if (!bytes)
        g_error("%s is not there", path);
    gsize found_bytes;
    const void *found = g_bytes_get_data(bytes, &found_bytes);
    g_assert_cmpmem(found, found_bytes, content, size_bytes);
}

static inline void
assert_holds_user_file(GHashTable *files, const char *path, guint index)
{
    g_autofree guint8 *content =
        make_user_content(user_files[index].path, user_files[index].size_bytes);
    assert_holds(files, path, content, user_files[index].size_bytes);
}

/* Of a file that met another the name on the stick stays as it was. */
static inline void
assert_holds_image_file(GHashTable *files, const char *path, guint index)
{
    g_autofree guint8 *content = make_content(job_files[index].path, job_files[index].size_bytes);
    assert_holds(files, path, content, job_files[index].size_bytes);
}
