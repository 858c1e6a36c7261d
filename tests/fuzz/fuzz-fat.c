/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A volume of arbitrary bytes is opened, listed, checked, and prepared for rounds of new, replaced,
 * moved and removed files. The bytes are the start of the volume; the rest of it is zeros. To reach
 * what lies behind the tables within a small input, the volume is only 512 sectors. */

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "volume/rub-fat-check.h"
#include "volume/rub-fat-writer.h"
#include "volume/rub-fat.h"

#define VOLUME_BYTES (256 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static gboolean
list(RubDisk *disk)
{
    g_autoptr(RubFat) fat = rub_fat_open(disk, 0, VOLUME_BYTES / 512, NULL);
    if (!fat)
        return FALSE;
    guint32 free_clusters = 0;
    g_autoptr(RubListing) listing = rub_fat_list(fat, NULL);
    rub_fat_count_free_clusters(fat, &free_clusters, NULL);
    for (guint i = 0; listing && i < listing->entries->len; i++) {
        const RubEntry *entry = g_ptr_array_index(listing->entries, i);
        g_assert_true(g_utf8_validate(entry->path, -1, NULL));
        for (guint j = 0; entry->extents && j < entry->extents->len; j++) {
            const RubExtent *extent = &g_array_index(entry->extents, RubExtent, j);
            g_assert_cmpuint(extent->offset_bytes + extent->size_bytes, <=, VOLUME_BYTES);
        }
    }
    return listing != NULL;
}

/* Adds files at the top, in a folder that may be there, and in one that is new or not. */
static void
write_round(RubDisk *disk)
{
    static const char *const paths[] = {"new file.txt", "A/x", "FOLDER/y", "folder/z"};
    RubVolume *volume = rub_fat_writer_new(disk, 0, VOLUME_BYTES / 512, NULL);
    if (!volume)
        return;
    guint ids[G_N_ELEMENTS(paths)];
    gboolean is_declared[G_N_ELEMENTS(paths)];
    rub_volume_add_folder(volume, "folder", 1, RUB_VOLUME_NONE, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(paths); i++)
        is_declared[i] =
            rub_volume_add_file(volume, paths[i], 700, 1, RUB_VOLUME_NONE, &ids[i], NULL);
    const guint8 content[700] = {1};
    gboolean is_good = rub_volume_prepare(volume, NULL);
    for (guint i = 0; is_good && i < G_N_ELEMENTS(paths); i++)
        is_good = !is_declared[i] || rub_volume_write(volume, ids[i], content, 700, NULL);
    if (is_good)
        rub_volume_commit(volume, NULL);
    rub_volume_free(volume);
}

/* Whether the check finds nothing wrong but lost clusters. */
static gboolean
check(RubDisk *disk, GArray **lost)
{
    g_autoptr(RubFat) fat = rub_fat_open(disk, 0, VOLUME_BYTES / 512, NULL);
    g_autoptr(RubListing) listing = NULL;
    g_autoptr(RubFatCheck) found = fat ? rub_fat_check(fat, &listing, NULL) : NULL;
    if (!found)
        return FALSE;
    g_assert_true((found->fault == NULL) == (listing != NULL));
    if (lost)
        *lost = g_array_ref(found->lost);
    return found->fault == NULL;
}

/* Declares changes of whatever there is, by the names of the entries themselves. */
static void
declare_changes(RubVolume *volume, const RubListing *listing, GArray *ids)
{
    for (guint i = 0; i < listing->entries->len && i < 100; i++) {
        const RubEntry *entry = g_ptr_array_index(listing->entries, i);
        g_autofree char *to = g_strdup_printf("saved/%u", i);
        guint id = 0;
        if (i % 3 != 1)
            rub_volume_move(volume, entry->path, to, RUB_VOLUME_NONE, NULL);
        if (i % 3 == 2)
            rub_volume_remove(volume, entry->path, NULL);
        else if (rub_volume_add_file(volume, entry->path, 100, 1, RUB_VOLUME_REPLACE, &id, NULL))
            g_array_append_val(ids, id);
    }
}

/* Where the volume is sound it is sound afterwards. Nothing is written before all of the round was
 * found to be possible. */
static void
change(RubDisk *disk, gboolean is_sound)
{
    g_autoptr(RubFat) fat = rub_fat_open(disk, 0, VOLUME_BYTES / 512, NULL);
    g_autoptr(RubListing) listing = fat ? rub_fat_list(fat, NULL) : NULL;
    g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(guint));
    g_autoptr(GArray) lost = NULL;
    RubVolume *volume = listing ? rub_fat_writer_new(disk, 0, VOLUME_BYTES / 512, NULL) : NULL;
    if (!volume)
        return;
    guint64 writes = rub_disk_get_stats(disk)->writes;
    const guint8 content[100] = {2};
    rub_volume_add_folder(volume, "saved", 1, RUB_VOLUME_NONE, NULL);
    declare_changes(volume, listing, ids);
    gboolean is_good = rub_volume_prepare(volume, NULL);
    g_assert_cmpuint(rub_disk_get_stats(disk)->writes, ==, writes);
    for (guint i = 0; is_good && i < ids->len; i++)
        is_good = rub_volume_write(volume, g_array_index(ids, guint, i), content, 100, NULL);
    if (is_good)
        g_assert_true(rub_volume_commit(volume, NULL));
    rub_volume_free(volume);
    g_assert_true(check(disk, &lost) || !is_sound);
    volume = is_sound ? rub_fat_writer_new(disk, 0, VOLUME_BYTES / 512, NULL) : NULL;
    if (!volume)
        return;
    g_assert_true(rub_fat_writer_reclaim(volume, lost, NULL));
    rub_volume_free(volume);
    g_assert_true(check(disk, NULL));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int fd = memfd_create("volume", MFD_CLOEXEC);
    size_t used = size < VOLUME_BYTES ? size : VOLUME_BYTES;
    if (fd < 0 || ftruncate(fd, VOLUME_BYTES) != 0 || pwrite(fd, data, used, 0) != (ssize_t) used)
        return 0;
    RubDisk *disk = rub_disk_new(fd, VOLUME_BYTES, 512, "volume");
    gboolean was_sound = list(disk);
    gboolean was_consistent = check(disk, NULL);
    change(disk, was_consistent);
    write_round(disk);
    g_assert_true(list(disk) || !was_sound);
    g_assert_true(check(disk, NULL) || !was_consistent);
    rub_disk_unref(disk);
    return 0;
}
