/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "target/rub-mold.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/rub-error.h"
#include "base/rub-process.h"
#include "target/rub-wipe.h"

/* Where the program finds its own copy of the descriptor, see RUB_MOLD_PATH. */
#define CHILD_FD 3
#define MEMORY_ALIGNMENT 4096
#define PIECE_BYTES ((guint64) 4 * 1024 * 1024)

struct _RubMold {
    RubDisk *disk;
    guint64 start_bytes;
    guint64 size_bytes;
    int fd;
    guint8 *buffer;
    GCancellable *cancellable;
};

void
rub_mold_set_failed(GError **error, RubDisk *disk, const char *words)
{
    rub_error_set_text(error, RUB_CODE_CREATE_FAT32_FAILED,
                       N_("creating or formatting the partition of {name} failed: {details}"),
                       "name", rub_disk_get_name(disk), "details", words, NULL);
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
start(RubMold *self, const char *program, const char *const *arguments, GError **error)
{
    int child_fd = fcntl(self->fd, F_DUPFD_CLOEXEC, 0);
    if (child_fd < 0) {
        rub_mold_set_failed(error, self->disk, g_strerror(errno));
        return NULL;
    }
    g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new(
        G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_PIPE);
    g_subprocess_launcher_take_fd(launcher, child_fd, CHILD_FD);
    g_subprocess_launcher_setenv(launcher, "LC_ALL", "C", TRUE);
    g_subprocess_launcher_set_child_setup(launcher, on_child_setup_cb, NULL, NULL);
    g_autoptr(GPtrArray) command = g_ptr_array_new();
    g_ptr_array_add(command, (gpointer) program);
    for (guint i = 1; arguments[i]; i++)
        g_ptr_array_add(command, (gpointer) arguments[i]);
    g_ptr_array_add(command, NULL);
    g_autoptr(GError) spawn_error = NULL;
    GSubprocess *process =
        g_subprocess_launcher_spawnv(launcher, (const char *const *) command->pdata, &spawn_error);
    if (!process)
        rub_mold_set_failed(error, self->disk, spawn_error->message);
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

static gboolean
await(RubMold *self, GSubprocess *process, GError **error)
{
    g_autoptr(GBytes) output = NULL;
    g_autoptr(GError) wait_error = NULL;
    if (!rub_process_wait(process, self->cancellable, &output, &wait_error)) {
        if (g_error_matches(wait_error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
            rub_error_set_cancelled(error);
        else
            rub_mold_set_failed(error, self->disk, wait_error->message);
        return FALSE;
    }
    if (g_subprocess_get_successful(process))
        return TRUE;
    g_autofree char *words = get_words(output);
    rub_mold_set_failed(error, self->disk, words);
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

static gboolean
open_file(RubMold *self, gboolean is_in_memory, GError **error)
{
    self->fd =
        is_in_memory ? memfd_create("rescue-usb-builder", MFD_CLOEXEC) : open_temporary_file();
    if (self->fd >= 0 && ftruncate(self->fd, (off_t) self->size_bytes) == 0)
        return TRUE;
    int errnum = errno;
    g_autofree char *words = g_strdup_printf("no temporary file of %" G_GUINT64_FORMAT " bytes: %s",
                                             self->size_bytes, g_strerror(errnum));
    rub_mold_set_failed(error, self->disk, words);
    rub_disk_advise_limit(error, errnum);
    return FALSE;
}

static gboolean
run(RubMold *self, const char *const *arguments, const char *package, GError **error)
{
    g_autofree char *path = find_program(arguments[0]);
    if (!path) {
        g_autofree char *words =
            g_strdup_printf("the program %s is not installed (package %s)", arguments[0], package);
        rub_mold_set_failed(error, self->disk, words);
        return FALSE;
    }
    g_autoptr(GSubprocess) process = start(self, path, arguments, error);
    return process && await(self, process, error);
}

RubMold *
rub_mold_new(RubDisk *disk, guint64 start_lba, guint64 sector_count, gboolean is_in_memory,
             const char *const *arguments, const char *package, GCancellable *cancellable,
             GError **error)
{
    guint sector_size = rub_disk_get_sector_size(disk);
    g_autoptr(RubMold) self = g_new0(RubMold, 1);
    self->disk = rub_disk_ref(disk);
    self->start_bytes = start_lba * sector_size;
    self->size_bytes = sector_count * sector_size;
    self->fd = -1;
    self->buffer = g_aligned_alloc(1, PIECE_BYTES, MEMORY_ALIGNMENT);
    g_set_object(&self->cancellable, cancellable);
    if (!open_file(self, is_in_memory, error) || !run(self, arguments, package, error))
        return NULL;
    return g_steal_pointer(&self);
}

void
rub_mold_free(RubMold *self)
{
    if (self->fd >= 0)
        close(self->fd);
    g_aligned_free(self->buffer);
    g_clear_object(&self->cancellable);
    rub_disk_unref(self->disk);
    g_free(self);
}

gboolean
rub_mold_read(RubMold *self, guint64 offset_bytes, void *buffer, gsize size_bytes, GError **error)
{
    gsize done = 0;
    while (done < size_bytes) {
        ssize_t n = pread(self->fd, (guint8 *) buffer + done, size_bytes - done,
                          (off_t) (offset_bytes + done));
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            rub_mold_set_failed(error, self->disk, g_strerror(n < 0 ? errno : EIO));
            return FALSE;
        }
        done += (gsize) n;
    }
    return TRUE;
}

gboolean
rub_mold_write(RubMold *self, guint64 offset_bytes, const void *data, gsize size_bytes,
               GError **error)
{
    if (pwrite(self->fd, data, size_bytes, (off_t) offset_bytes) == (ssize_t) size_bytes)
        return TRUE;
    rub_mold_set_failed(error, self->disk, g_strerror(errno));
    return FALSE;
}

static gboolean
report_io_error(GError **error, GError *io_error)
{
    rub_disk_propagate_error(error, io_error, RUB_CODE_CREATE_FAT32_FAILED);
    return FALSE;
}

static gboolean
copy_piece(RubMold *self, guint64 offset_bytes, gsize size_bytes, GError **error)
{
    GError *io_error = NULL;
    if (g_cancellable_is_cancelled(self->cancellable)) {
        rub_error_set_cancelled(error);
        return FALSE;
    }
    if (!rub_mold_read(self, offset_bytes, self->buffer, size_bytes, error))
        return FALSE;
    return rub_disk_write(self->disk, self->start_bytes + offset_bytes, self->buffer, size_bytes,
                          &io_error) ||
           report_io_error(error, io_error);
}

static gboolean
copy_range(RubMold *self, guint64 from_bytes, guint64 to_bytes, GError **error)
{
    while (from_bytes < to_bytes) {
        guint64 piece_end = MIN(to_bytes, (from_bytes / PIECE_BYTES + 1) * PIECE_BYTES);
        if (!copy_piece(self, from_bytes, (gsize) (piece_end - from_bytes), error))
            return FALSE;
        from_bytes = piece_end;
    }
    return TRUE;
}

/* Copies what was written of the file from a place on. */
static gboolean
copy_data(RubMold *self, guint64 from_bytes, GError **error)
{
    while (from_bytes < self->size_bytes) {
        off_t data = lseek(self->fd, (off_t) from_bytes, SEEK_DATA);
        if (data < 0 && errno == ENXIO)
            return TRUE;
        off_t hole = data < 0 ? -1 : lseek(self->fd, data, SEEK_HOLE);
        if (hole < 0) {
            rub_mold_set_failed(error, self->disk, g_strerror(errno));
            return FALSE;
        }
        if (!copy_range(self, (guint64) data, MIN((guint64) hole, self->size_bytes), error))
            return FALSE;
        from_bytes = (guint64) hole;
    }
    return TRUE;
}

gboolean
rub_mold_place(RubMold *self, guint64 whole_bytes, GError **error)
{
    guint sector_size = rub_disk_get_sector_size(self->disk);
    guint64 whole_end = MAX(whole_bytes, sector_size);
    GError *io_error = NULL;
    if (!rub_wipe_ends(self->disk, self->start_bytes, self->size_bytes, &io_error))
        return report_io_error(error, io_error);
    if (!copy_range(self, sector_size, whole_end, error) || !copy_data(self, whole_end, error))
        return FALSE;
    if (!rub_disk_sync(self->disk, &io_error))
        return report_io_error(error, io_error);
    return copy_piece(self, 0, sector_size, error);
}
