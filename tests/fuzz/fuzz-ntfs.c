/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A good volume with damage is listed, and opened for writing. The input is a list of edits: a
 * sector of the volume's tables (two bytes), a place in it (two bytes), a length (one byte)
 * and the new bytes. What reads the volume is libntfs-3g; what is fuzzed is whether we can hand it
 * any volume that a user plugs in. */

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "target/rub-ntfs-maker.h"
#include "volume/rub-ntfs-check.h"
#include "volume/rub-ntfs-volume.h"
#include "volume/rub-ntfs.h"

#define VOLUME_BYTES (3 * 1024 * 1024)
#define SECTOR_BYTES 512
#define SECTORS (VOLUME_BYTES / SECTOR_BYTES)
#define RECORD_SECTORS 2
#define BLOCK_SECTORS 8

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The library does not free all that it made before it found out about the damage. */
const char *__lsan_default_suppressions(void);

const char *
__lsan_default_suppressions(void)
{
    return "leak:libntfs-3g.so";
}

static uint8_t good[VOLUME_BYTES];
static unsigned table_sectors[SECTORS];
static unsigned table_count;

static RubDisk *
open_volume(const uint8_t *bytes)
{
    int fd = memfd_create("volume", MFD_CLOEXEC);
    if (fd < 0 || ftruncate(fd, VOLUME_BYTES) != 0 ||
        (bytes && pwrite(fd, bytes, VOLUME_BYTES, 0) != VOLUME_BYTES))
        abort();
    return rub_disk_new(fd, VOLUME_BYTES, SECTOR_BYTES, "volume");
}

/* Small and large files, a folder with blocks of its own, a file in pieces. */
static void
fill(RubDisk *disk)
{
    static const guint8 content[20000] = {1, 2, 3};
    RubVolume *volume = rub_ntfs_volume_new(disk, 0, SECTORS, NULL);
    guint ids[60];
    rub_volume_add_folder(volume, "folder", 1, RUB_VOLUME_NONE, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(ids); i++) {
        g_autofree char *path =
            g_strdup_printf("%sa file with a name %u", i % 2 ? "folder/" : "", i);
        rub_volume_add_file(volume, path, i * 300, 1, RUB_VOLUME_NONE, &ids[i], NULL);
    }
    if (!rub_volume_prepare(volume, NULL))
        abort();
    for (guint i = 1; i < G_N_ELEMENTS(ids); i++)
        rub_volume_write(volume, ids[i], content, i * 300, NULL);
    if (!rub_volume_commit(volume, NULL))
        abort();
    rub_volume_free(volume);
}

/* The boot sector, and what belongs to records and to blocks of folders. */
static void
find_tables(void)
{
    table_sectors[table_count++] = 0;
    for (unsigned i = 0; i < SECTORS; i++) {
        unsigned length = memcmp(good + i * SECTOR_BYTES, "FILE", 4) == 0   ? RECORD_SECTORS
                          : memcmp(good + i * SECTOR_BYTES, "INDX", 4) == 0 ? BLOCK_SECTORS
                                                                            : 0;
        for (unsigned j = 0; j < length && i + j < SECTORS; j++)
            table_sectors[table_count++] = i + j;
        i += length ? length - 1 : 0;
    }
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    RubNewVolume volume = {.sector_count = SECTORS, .sectors_per_cluster = 2, .volume_id = 1};
    RubDisk *disk = open_volume(NULL);
    g_autoptr(GError) error = NULL;
    if (!rub_ntfs_make(disk, &volume, RUB_NTFS_MAKER_PROGRAM, NULL, &error))
        g_error("%s", error->message);
    fill(disk);
    rub_disk_read(disk, 0, good, VOLUME_BYTES, NULL);
    find_tables();
    rub_disk_unref(disk);
    return 0;
}

static void
edit(uint8_t *volume, const uint8_t *data, size_t size)
{
    while (size >= 5) {
        unsigned sector = table_sectors[(data[0] | data[1] << 8) % table_count];
        unsigned at = (data[2] | data[3] << 8) % SECTOR_BYTES;
        size_t length = MIN(MIN(data[4], SECTOR_BYTES - at), size - 5);
        memcpy(volume + sector * SECTOR_BYTES + at, data + 5, length);
        data += 5 + length;
        size -= 5 + length;
    }
}

static void
check(const RubListing *listing)
{
    for (guint i = 0; i < listing->entries->len; i++) {
        const RubEntry *entry = g_ptr_array_index(listing->entries, i);
        guint64 size_bytes = 0;
        g_assert_true(g_utf8_validate(entry->path, -1, NULL));
        for (guint j = 0; entry->extents && j < entry->extents->len; j++)
            size_bytes += g_array_index(entry->extents, RubExtent, j).size_bytes;
        g_assert_cmpuint(size_bytes, ==, entry->size_bytes);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree uint8_t *bytes = g_memdup2(good, VOLUME_BYTES);
    edit(bytes, data, size);
    RubDisk *disk = open_volume(bytes);
    g_autoptr(RubListing) listing = rub_ntfs_list(disk, 0, SECTORS, NULL, NULL);
    if (listing)
        check(listing);
    g_assert_cmpuint(rub_disk_get_stats(disk)->writes, ==, 0);
    g_autoptr(RubNtfsCheck) found = rub_ntfs_check(disk, 0, SECTORS, NULL, NULL, NULL);
    g_autoptr(RubText) damage = rub_ntfs_check_describe(found);
    RubVolume *volume = rub_ntfs_volume_new(disk, 0, SECTORS, NULL);
    /* What is fit to be written can be. */
    g_assert_true(damage || volume);
    if (volume)
        rub_volume_free(volume);
    g_assert_cmpuint(rub_disk_get_stats(disk)->writes, ==, 0);
    rub_disk_unref(disk);
    return 0;
}
