/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "target/rub-fat-mold.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/rub-error.h"

/* Where the program finds its own copy of the descriptor. */
#define CHILD_FD 3
#define MKFS_BLOCK_BYTES 1024

/* The program writes the tables in full, zeros too. What fits every stick of today is kept in
 * memory: both tables of 256 GiB with clusters of 32 KiB. */
#define MAX_MEMORY_BYTES ((guint64) 64 * 1024 * 1024)
#define TABLES_BYTES_PER_CLUSTER 8

static void
set_failed(GError **error, const char *words)
{
    g_set_error_literal(error, RUB_ERROR, RUB_CODE_CREATE_FAT32_FAILED, words);
}

/* -h counts sectors; the size counts blocks of 1 KiB. Without -h the hidden sectors would be 0 on a
 * file. Never -a: it leaves the clusters off their natural boundary. */
static GStrv
make_arguments(const RubNewVolume *volume, guint sector_size, const char *program)
{
    g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
    g_autofree char *cluster = g_strdup_printf("%u", volume->sectors_per_cluster);
    g_autofree char *sector = g_strdup_printf("%u", sector_size);
    g_autofree char *start = g_strdup_printf("%" G_GUINT64_FORMAT, volume->start_lba);
    g_autofree char *id = g_strdup_printf("%08x", volume->volume_id);
    g_autofree char *blocks = g_strdup_printf(
        "%" G_GUINT64_FORMAT, volume->sector_count * sector_size / MKFS_BLOCK_BYTES);
    g_strv_builder_add_many(builder, program, "-F", "32", "-f", "2", "--mbr=n", "-S", sector, "-s",
                            cluster, "-i", id, "-h", start, NULL);
    if (volume->label[0] != '\0')
        g_strv_builder_add_many(builder, "-n", volume->label, NULL);
    g_strv_builder_add_many(builder, "/proc/self/fd/" G_STRINGIFY(CHILD_FD), blocks, NULL);
    return g_strv_builder_end(builder);
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
start(int fd, char **arguments, GError **error)
{
    int child_fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (child_fd < 0) {
        set_failed(error, g_strerror(errno));
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
        set_failed(error, spawn_error->message);
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

/* The process must be gone before anyone reads what it made. */
static gboolean
await(GSubprocess *process, GCancellable *cancellable, GError **error)
{
    g_autoptr(GBytes) output = NULL;
    g_autoptr(GError) wait_error = NULL;
    if (!g_subprocess_communicate(process, NULL, cancellable, NULL, &output, &wait_error)) {
        g_subprocess_force_exit(process);
        g_subprocess_wait(process, NULL, NULL);
        if (g_error_matches(wait_error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
            rub_error_set_cancelled(error);
        else
            set_failed(error, wait_error->message);
        return FALSE;
    }
    if (g_subprocess_get_successful(process))
        return TRUE;
    g_autofree char *words = get_words(output);
    set_failed(error, words);
    return FALSE;
}

/* The folder /var/tmp is never kept in memory, as /tmp may be. */
static int
open_temporary_file(void)
{
    const char *folder = g_getenv("TMPDIR");
    g_autofree char *path =
        g_build_filename(folder ? folder : "/var/tmp", "rescue-usb-builder-XXXXXX", NULL);
    int fd = g_mkstemp_full(path, O_RDWR | O_CLOEXEC, 0600);
    if (fd >= 0)
        g_unlink(path);
    return fd;
}

static int
open_file(const RubNewVolume *volume, guint sector_size, GError **error)
{
    guint64 tables_bytes =
        volume->sector_count / MAX(volume->sectors_per_cluster, 1) * TABLES_BYTES_PER_CLUSTER;
    int fd = tables_bytes <= MAX_MEMORY_BYTES ? memfd_create("rescue-usb-builder-fat", MFD_CLOEXEC)
                                              : open_temporary_file();
    if (fd >= 0 && ftruncate(fd, (off_t) (volume->sector_count * sector_size)) == 0)
        return fd;
    g_set_error(error, RUB_ERROR, RUB_CODE_CREATE_FAT32_FAILED,
                "no temporary file of %" G_GUINT64_FORMAT " bytes: %s",
                volume->sector_count * sector_size, g_strerror(errno));
    if (fd >= 0)
        close(fd);
    return -1;
}

int
rub_fat_mold_new(const RubNewVolume *volume, guint sector_size, const char *program,
                 GCancellable *cancellable, GError **error)
{
    g_autofree char *path = find_program(program);
    if (!path) {
        g_set_error(error, RUB_ERROR, RUB_CODE_CREATE_FAT32_FAILED,
                    "the program %s is not installed (package dosfstools)", program);
        return -1;
    }
    int fd = open_file(volume, sector_size, error);
    if (fd < 0)
        return -1;
    g_auto(GStrv) arguments = make_arguments(volume, sector_size, path);
    g_autoptr(GSubprocess) process = start(fd, arguments, error);
    if (process && await(process, cancellable, error))
        return fd;
    close(fd);
    return -1;
}
