/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * RubDirectIo:
 *
 * Reads and writes a drive past the kernel's cache. What is written is gathered in one buffer while
 * a thread hands the one before to the drive, so that the drive never waits for the next bytes to
 * be found, small pieces that follow one another cost one request, and nobody is further ahead of
 * the drive than two buffers. Everything reaches it in the order in which it was written; after one
 * write has failed, nothing does. For one user at a time.
 */
typedef struct _RubDirectIo RubDirectIo;

/**
 * RubIoFault:
 * @errnum: what the kernel said
 * @offset_bytes: where on the drive
 * @is_write: whether it was a write; one that was handed over earlier may come up while reading
 *
 * What went wrong on a drive.
 */
typedef struct {
    int errnum;
    guint64 offset_bytes;
    gboolean is_write;
} RubIoFault;

/**
 * rub_direct_io_new:
 * @fd: a descriptor, which stays the caller's
 * @sector_size: bytes in a logical sector of the drive
 *
 * Returns: (transfer full) (nullable): %NULL where @fd is no drive, or its cache cannot be passed
 *   by
 */
RubDirectIo *rub_direct_io_new(int fd, guint sector_size);

/** rub_direct_io_free: writes what is still held back, as far as that goes, and frees @self */
void rub_direct_io_free(RubDirectIo *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RubDirectIo, rub_direct_io_free)

/**
 * rub_direct_io_read:
 * @self: a drive
 * @offset_bytes: where to begin
 * @buffer: (out caller-allocates): room for @size_bytes bytes
 * @size_bytes: how much to read
 * @fault: (out): what went wrong
 *
 * Waits until everything is written, then reads from the drive. Of small pieces that follow one
 * another more is read at once; it is forgotten with the next write or rub_direct_io_lend().
 *
 * Returns: whether all of it was read
 */
gboolean rub_direct_io_read(RubDirectIo *self, guint64 offset_bytes, void *buffer, gsize size_bytes,
                            RubIoFault *fault);

/**
 * rub_direct_io_write:
 * @self: a drive
 * @offset_bytes: where to begin
 * @data: what to write
 * @size_bytes: how much
 * @fault: (out): what went wrong, with this write or an earlier one
 *
 * Takes bytes that will be written. Of sectors that are not written whole the rest is read first.
 *
 * Returns: whether they were taken, and nothing has failed so far
 */
gboolean rub_direct_io_write(RubDirectIo *self, guint64 offset_bytes, const void *data,
                             gsize size_bytes, RubIoFault *fault);

/**
 * rub_direct_io_drain:
 * @self: a drive
 * @fault: (out): what went wrong
 *
 * Waits until the drive has taken everything; it may still keep it in a memory of its own.
 *
 * Returns: whether it has
 */
gboolean rub_direct_io_drain(RubDirectIo *self, RubIoFault *fault);

/**
 * rub_direct_io_lend:
 * @self: a drive
 *
 * Makes the descriptor fit for reads by others that know nothing of sectors: waits until everything
 * is written, and has them go through the kernel's cache, until the next call of any other function
 * here. What went wrong is told by that.
 */
void rub_direct_io_lend(RubDirectIo *self);

/** rub_direct_io_get_requests: Returns: how many writes the kernel was asked for */
guint64 rub_direct_io_get_requests(const RubDirectIo *self);

G_END_DECLS
