/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "target/rub-fat-maker.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/rub-error.h"
#include "target/rub-wipe.h"
#include "volume/rub-fat-geometry.h"

/* Where the program finds its own copy of the disk's descriptor. */
#define CHILD_FD 3
#define MKFS_BLOCK_BYTES 1024

/* --offset and -h count sectors; the size counts blocks of 1 KiB. Without -h the hidden sectors
 * would be 0 on an image, without the size the filesystem would reach to the end of the disk.
 * Never -a: it leaves the clusters off their natural boundary. */
static GStrv
make_arguments(const RubNewVolume *volume, guint sector_size, const char *program)
{
    g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
    g_autofree char *cluster = g_strdup_printf("%u", volume->sectors_per_cluster);
    g_autofree char *sector = g_strdup_printf("%u", sector_size);
    g_autofree char *start = g_strdup_printf("%" G_GUINT64_FORMAT, volume->start_lba);
    g_autofree char *offset = g_strdup_printf("--offset=%" G_GUINT64_FORMAT, volume->start_lba);
    g_autofree char *id = g_strdup_printf("%08x", volume->volume_id);
    g_autofree char *blocks = g_strdup_printf(
        "%" G_GUINT64_FORMAT, volume->sector_count * sector_size / MKFS_BLOCK_BYTES);
    g_strv_builder_add_many(builder, program, "-F", "32", "-f", "2", "--mbr=n", "-S", sector, "-s",
                            cluster, "-i", id, "-h", start, offset, NULL);
    if (volume->label[0] != '\0')
        g_strv_builder_add_many(builder, "-n", volume->label, NULL);
    g_strv_builder_add_many(builder, "/proc/self/fd/" G_STRINGIFY(CHILD_FD), blocks, NULL);
    return g_strv_builder_end(builder);
}

static void
set_failed(GError **error, RubDisk *disk, const char *words)
{
    g_set_error(error, RUB_ERROR, RUB_CODE_CREATE_FAT32_FAILED,
                "creating or formatting the partition of %s failed: %s", rub_disk_get_name(disk),
                words);
}

/* Administrators' folders are not in the search path of a Debian user. */
static char *
find_program(const char *name)
{
    static const char *const folders[] = {"/usr/sbin", "/sbin"};
    char *path = g_find_program_in_path(name);
    for (guint i = 0; !path && i < G_N_ELEMENTS(folders); i++) {
        g_autofree char *candidate = g_build_filename(folders[i], name, NULL);
        if (g_file_test(candidate, G_FILE_TEST_IS_EXECUTABLE))
            path = g_steal_pointer(&candidate);
    }
    return path;
}

/* Out of the terminal's foreground group: Ctrl-C is for us, who then stop it in good order. */
static void
on_child_setup_cb(gpointer user_data)
{
    setpgid(0, 0);
}

static GSubprocess *
start(RubDisk *disk, char **arguments, GError **error)
{
    int child_fd = fcntl(rub_disk_get_fd(disk), F_DUPFD_CLOEXEC, 0);
    if (child_fd < 0) {
        set_failed(error, disk, g_strerror(errno));
        return NULL;
    }
    g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new(
        G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_PIPE);
    g_subprocess_launcher_take_fd(launcher, child_fd, CHILD_FD);
    g_subprocess_launcher_setenv(launcher, "LC_ALL", "C", TRUE);
    g_subprocess_launcher_set_child_setup(launcher, on_child_setup_cb, NULL, NULL);
    g_autoptr(GError) spawn_error = NULL;
    GSubprocess *process =
        g_subprocess_launcher_spawnv(launcher, (const char *const *) arguments, &spawn_error);
    if (!process)
        set_failed(error, disk, spawn_error->message);
    return process;
}

/* What the program wrote on its standard error, made fit for a message. */
static char *
get_words(GBytes *output)
{
    gsize size = 0;
    const char *text = output ? g_bytes_get_data(output, &size) : NULL;
    if (!text)
        return g_strdup("the formatting program gave no reason");
    return g_strdelimit(g_strstrip(g_utf8_make_valid(text, (gssize) size)), "\n", ' ');
}

/* The process must be gone before anyone else writes to the disk. */
static gboolean
await(GSubprocess *process, RubDisk *disk, GCancellable *cancellable, GError **error)
{
    g_autoptr(GBytes) output = NULL;
    g_autoptr(GError) wait_error = NULL;
    if (!g_subprocess_communicate(process, NULL, cancellable, NULL, &output, &wait_error)) {
        g_subprocess_force_exit(process);
        g_subprocess_wait(process, NULL, NULL);
        if (g_error_matches(wait_error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
            rub_error_set_cancelled(error);
        else
            set_failed(error, disk, wait_error->message);
        return FALSE;
    }
    if (g_subprocess_get_successful(process))
        return TRUE;
    g_autofree char *words = get_words(output);
    set_failed(error, disk, words);
    return FALSE;
}

/* BIOS boot code finds the volume by its hidden sectors, and UEFI and Windows tell FAT16 from FAT32
 * by the number of clusters. */
static gboolean
check_volume(RubDisk *disk, const RubNewVolume *volume, GError **error)
{
    guint sector_size = rub_disk_get_sector_size(disk);
    guint8 sector[RUB_FAT_BOOT_SECTOR_BYTES];
    RubFatGeometry geometry;
    g_autoptr(GError) found = NULL;
    if (!rub_disk_read(disk, volume->start_lba * sector_size, sector, sizeof sector, &found) ||
        !rub_fat_geometry_parse(&geometry, sector, sizeof sector,
                                volume->sector_count * sector_size, &found)) {
        set_failed(error, disk, found->message);
        return FALSE;
    }
    if (geometry.type != RUB_FAT_32 || geometry.cluster_count < RUB_FAT_MIN_FAT32_CLUSTERS) {
        g_set_error(error, RUB_ERROR, RUB_CODE_SMALL_FAT,
                    "the filesystem made on %s has %u clusters, too few for FAT32",
                    rub_disk_get_name(disk), geometry.cluster_count);
        return FALSE;
    }
    if (geometry.hidden_sectors == volume->start_lba && geometry.volume_id == volume->volume_id &&
        geometry.sector_size == sector_size)
        return TRUE;
    set_failed(error, disk, "its boot sector is not as asked for when read again");
    return FALSE;
}

static gboolean
wipe(RubDisk *disk, const RubNewVolume *volume, GError **error)
{
    guint sector_size = rub_disk_get_sector_size(disk);
    GError *io_error = NULL;
    if (rub_wipe_ends(disk, volume->start_lba * sector_size, volume->sector_count * sector_size,
                      &io_error))
        return TRUE;
    rub_disk_propagate_error(error, io_error, RUB_CODE_CREATE_FAT32_FAILED);
    return FALSE;
}

gboolean
rub_fat_make(RubDisk *disk, const RubNewVolume *volume, const char *program,
             GCancellable *cancellable, GError **error)
{
    g_autofree char *path = find_program(program);
    if (!path) {
        g_autofree char *words =
            g_strdup_printf("the program %s is not installed (package dosfstools)", program);
        set_failed(error, disk, words);
        return FALSE;
    }
    if (!wipe(disk, volume, error))
        return FALSE;
    g_auto(GStrv) arguments = make_arguments(volume, rub_disk_get_sector_size(disk), path);
    g_autoptr(GSubprocess) process = start(disk, arguments, error);
    return process && await(process, disk, cancellable, error) && check_volume(disk, volume, error);
}
