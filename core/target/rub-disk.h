/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * RubDisk:
 *
 * The one substrate for writing: an open descriptor, its size and its sector size. It may be a
 * disk-image file or a whole drive. Every byte the library writes to a target goes through
 * rub_disk_write(), which is where tests inject faults and record writes. Reference counted;
 * reads and writes belong to one thread at a time.
 *
 * A disk-image file is written through the kernel's cache. A drive is read and written past it, and
 * rub_disk_write() hands over what another thread writes (see #RubDirectIo): a write that failed
 * may be told by the next call, with its own offset, and at the latest by rub_disk_sync(). From
 * then on nothing reaches the drive any more.
 */
typedef struct _RubDisk RubDisk;

/**
 * RubDiskStats:
 * @writes: calls that wrote
 * @written_bytes: bytes written
 * @large_written_bytes: bytes written in calls of 1 MiB and more
 * @backward_seeks: writes that began before the end of the one before
 * @requests: writes that the kernel was asked for; fewer than @writes on a drive, where those that
 *   follow one another go out together
 *
 * How a disk was written; for the report and the bench.
 */
typedef struct {
    guint64 writes;
    guint64 written_bytes;
    guint64 large_written_bytes;
    guint64 backward_seeks;
    guint64 requests;
} RubDiskStats;

/**
 * RubDiskWriteHook:
 * @offset_bytes: where the write begins
 * @data: what is about to be written
 * @size_bytes: how much
 * @user_data: as given to rub_disk_set_write_hook()
 *
 * Called before each write. Tests record the write, or return an errno to make it fail.
 *
 * Returns: 0 to go on, or the errno the write shall fail with
 */
typedef int (*RubDiskWriteHook)(guint64 offset_bytes, const void *data, gsize size_bytes,
                                gpointer user_data);

/**
 * rub_disk_new:
 * @fd: a descriptor that is open for reading, and for writing if the disk will be written;
 *   owned by the disk from here on
 * @size_bytes: the size of the disk; a multiple of @sector_size
 * @sector_size: 512 to 4096, a power of two
 * @name: what to call it in messages (a path or a node)
 *
 * Returns: (transfer full): a disk
 */
RubDisk *rub_disk_new(int fd, guint64 size_bytes, guint sector_size, const char *name);

/**
 * rub_disk_new_shared:
 * @fd: a descriptor that is open for reading, owned by the disk from here on; a duplicate of one
 *   that somebody else reads
 * @size_bytes: as for rub_disk_new()
 * @sector_size: as for rub_disk_new()
 * @name: as for rub_disk_new()
 *
 * A disk that is only read, and through the kernel's cache, be it a drive: reading past it is a
 * flag that all duplicates of a descriptor have in common.
 *
 * Returns: (transfer full): a disk
 */
RubDisk *rub_disk_new_shared(int fd, guint64 size_bytes, guint sector_size, const char *name);

/** rub_disk_ref: Returns: (transfer full): @self with one reference more */
RubDisk *rub_disk_ref(RubDisk *self);

/** rub_disk_unref: drops a reference; the last one closes the descriptor */
void rub_disk_unref(RubDisk *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RubDisk, rub_disk_unref)

/** rub_disk_get_size_bytes: Returns: the size of the disk in bytes */
guint64 rub_disk_get_size_bytes(const RubDisk *self);

/** rub_disk_get_sector_size: Returns: the size of a logical sector in bytes */
guint rub_disk_get_sector_size(const RubDisk *self);

/** rub_disk_get_name: Returns: (transfer none): what to call the disk in messages */
const char *rub_disk_get_name(const RubDisk *self);

/** rub_disk_get_fd: Returns: the descriptor, still owned by the disk; for libfdisk and libblkid,
 * which probe by descriptor. Everything is written by then; they may read until the next
 * rub_disk_read() or rub_disk_write(). */
int rub_disk_get_fd(RubDisk *self);

/** rub_disk_get_stats: Returns: (transfer none): how the disk was written so far */
const RubDiskStats *rub_disk_get_stats(RubDisk *self);

/**
 * rub_disk_set_write_hook:
 * @self: a disk
 * @hook: (nullable): what to call before each write
 * @user_data: handed to @hook
 *
 * For tests: records writes and injects faults.
 */
void rub_disk_set_write_hook(RubDisk *self, RubDiskWriteHook hook, gpointer user_data);

/**
 * rub_disk_read:
 * @self: a disk
 * @offset_bytes: where to begin
 * @buffer: (out caller-allocates): room for @size_bytes bytes
 * @size_bytes: how much to read
 * @error: return location
 *
 * Reads exactly @size_bytes bytes. Errors: %RUB_CODE_VERIFY_FAILED when the medium cannot be read
 * there or the range lies outside the disk, %RUB_CODE_DEVICE_GONE when the device has vanished,
 * %RUB_CODE_WRITE_FAILED when a write before it failed on a drive.
 *
 * Returns: whether all of it was read
 */
gboolean rub_disk_read(RubDisk *self, guint64 offset_bytes, void *buffer, gsize size_bytes,
                       GError **error);

/**
 * rub_disk_write:
 * @self: a disk
 * @offset_bytes: where to begin
 * @data: what to write
 * @size_bytes: how much
 * @error: return location
 *
 * Writes all of @data; whole sectors are what costs least. Errors: %RUB_CODE_WRITE_FAILED with the
 * offset, or as rub_disk_set_full() says it of a disk-image file, %RUB_CODE_DEVICE_GONE when the
 * device has vanished (also where the kernel says that it is full because its size fell to 0).
 *
 * Returns: whether all of it was written
 */
gboolean rub_disk_write(RubDisk *self, guint64 offset_bytes, const void *data, gsize size_bytes,
                        GError **error);

/**
 * rub_disk_sync:
 * @self: a disk
 * @error: return location
 *
 * Waits until everything written is on the medium. Errors: %RUB_CODE_WRITE_FAILED (also as
 * rub_disk_set_full() says it), %RUB_CODE_DEVICE_GONE.
 *
 * Returns: whether it is
 */
gboolean rub_disk_sync(RubDisk *self, GError **error);

/**
 * rub_disk_set_full:
 * @error: (out) (optional): where to store the error
 * @errnum: what making or writing a disk-image file failed with
 * @name: what to call the file
 *
 * Where @errnum says that the disk below the file has no room left for it, reports that as
 * %RUB_CODE_WRITE_FAILED with a remedy of its own: nothing is wrong with the target.
 *
 * Returns: whether it does; if not, @error is untouched
 */
gboolean rub_disk_set_full(GError **error, int errnum, const char *name);

/**
 * rub_disk_advise_size:
 * @error: (inout) (optional) (nullable): what making or writing a disk failed with
 * @errnum: the same as the system tells it
 *
 * Where @errnum says that a disk-image file may not become as large, says what helps: nothing is
 * wrong with the target.
 */
void rub_disk_advise_size(GError **error, int errnum);

/**
 * rub_disk_advise_limit:
 * @error: (inout) (optional) (nullable): what making a file in memory failed with
 * @errnum: the same as the system tells it
 *
 * As rub_disk_advise_size() where only a limit of the process can be the reason.
 */
void rub_disk_advise_limit(GError **error, int errnum);

/**
 * rub_disk_propagate_error:
 * @error: return location
 * @io_error: (transfer full): what reading or writing a disk failed with
 * @code: what to report
 *
 * Hands @io_error on as @code, which tells what the bytes were for; a device that has vanished
 * stays %RUB_CODE_DEVICE_GONE, and what has a remedy of its own (rub_disk_set_full()) stays as it
 * is.
 */
void rub_disk_propagate_error(GError **error, GError *io_error, int code);

/**
 * rub_disk_drop_cache:
 * @self: a disk that was just synced
 *
 * Has what is read from now on come from the medium: the kernel is asked to forget what it cached,
 * and reads whose place, size and memory are multiples of 4096 go past its cache. Best effort: not
 * every filesystem that a disk-image file lies on can do this. What rub_disk_read() reads from a
 * drive never comes from the cache.
 */
void rub_disk_drop_cache(RubDisk *self);

G_END_DECLS
