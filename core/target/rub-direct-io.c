/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "target/rub-direct-io.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The kernel wants sectors for offsets and sizes, and at most this of addresses in memory. */
#define MEMORY_ALIGNMENT 4096
#define BUFFER_BYTES ((gsize) 2 * 1024 * 1024)

/* Reads that follow one another this closely, as those of small files do, are read ahead. */
#define MAX_READ_GAP ((guint64) 64 * 1024)

/* The kernel does not tell which part of a large request failed. */
#define RETRY_BYTES ((gsize) 64 * 1024)

/* Bytes that follow one another on the drive. */
typedef struct {
    guint8 *data;
    guint64 offset_bytes;
    gsize size_bytes;
} Batch;

struct _RubDirectIo {
    int fd;
    guint sector_size;
    gboolean is_direct; /* whether the descriptor passes by the cache now */
    guint64 requests;
    Batch gathered;
    /* What was read ahead; it lies where later writes are gathered. */
    guint64 window_offset_bytes;
    gsize window_bytes;
    guint64 last_read_end_bytes;
    GThread *thread; /* (nullable): from the first write on */
    GMutex lock;
    GCond changed;
    /* The rest is locked. */
    Batch underway;
    RubIoFault fault;
    gboolean is_ending;
};

static gboolean
set_direct(RubDirectIo *self, gboolean is_direct)
{
    if (self->is_direct == is_direct)
        return TRUE;
    int flags = fcntl(self->fd, F_GETFL);
    int wanted = is_direct ? flags | O_DIRECT : flags & ~O_DIRECT;
    if (flags < 0 || fcntl(self->fd, F_SETFL, wanted) != 0)
        return FALSE;
    self->is_direct = is_direct;
    return TRUE;
}

RubDirectIo *
rub_direct_io_new(int fd, guint sector_size)
{
    struct stat st;
    if (fstat(fd, &st) != 0 || !S_ISBLK(st.st_mode))
        return NULL;
    RubDirectIo *self = g_new0(RubDirectIo, 1);
    self->fd = fd;
    self->sector_size = sector_size;
    self->last_read_end_bytes = G_MAXUINT64;
    g_mutex_init(&self->lock);
    g_cond_init(&self->changed);
    if (set_direct(self, TRUE))
        return self;
    rub_direct_io_free(self);
    return NULL;
}

static void
end_thread(RubDirectIo *self)
{
    g_mutex_lock(&self->lock);
    self->is_ending = TRUE;
    g_cond_broadcast(&self->changed);
    g_mutex_unlock(&self->lock);
    g_thread_join(self->thread);
}

void
rub_direct_io_free(RubDirectIo *self)
{
    RubIoFault fault;
    rub_direct_io_drain(self, &fault);
    if (self->thread)
        end_thread(self);
    g_mutex_clear(&self->lock);
    g_cond_clear(&self->changed);
    g_aligned_free(self->gathered.data);
    g_aligned_free(self->underway.data);
    g_free(self);
}

/* Returns how much was written in pieces of the given size. */
static gsize
write_pieces(const RubDirectIo *self, const Batch *batch, gsize piece_bytes, int *errnum)
{
    gsize done = 0;
    while (done < batch->size_bytes) {
        gsize size = MIN(piece_bytes, batch->size_bytes - done);
        ssize_t n =
            pwrite(self->fd, batch->data + done, size, (off_t) (batch->offset_bytes + done));
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            *errnum = n < 0 ? errno : EIO;
            return done;
        }
        done += (gsize) n;
    }
    return done;
}

/* What failed as a whole is tried once more in small pieces, which finds the place. */
static RubIoFault
write_batch(const RubDirectIo *self, const Batch *batch)
{
    int errnum = 0;
    gsize done = write_pieces(self, batch, batch->size_bytes, &errnum);
    if (errnum != 0 && batch->size_bytes - done > RETRY_BYTES) {
        Batch rest = {batch->data + done, batch->offset_bytes + done, batch->size_bytes - done};
        errnum = 0;
        done += write_pieces(self, &rest, RETRY_BYTES, &errnum);
    }
    return (RubIoFault){errnum, batch->offset_bytes + done, TRUE};
}

static gpointer
run_thread(gpointer user_data)
{
    RubDirectIo *self = user_data;
    g_mutex_lock(&self->lock);
    while (TRUE) {
        while (self->underway.size_bytes == 0 && !self->is_ending)
            g_cond_wait(&self->changed, &self->lock);
        if (self->underway.size_bytes == 0)
            break;
        g_mutex_unlock(&self->lock);
        RubIoFault fault = write_batch(self, &self->underway);
        g_mutex_lock(&self->lock);
        self->fault = fault;
        self->underway.size_bytes = 0;
        g_cond_broadcast(&self->changed);
    }
    g_mutex_unlock(&self->lock);
    return NULL;
}

/* Waits until nothing is under way; the lock is held. */
static gboolean
await(RubDirectIo *self, RubIoFault *fault)
{
    while (self->underway.size_bytes > 0)
        g_cond_wait(&self->changed, &self->lock);
    *fault = self->fault;
    return fault->errnum == 0;
}

/* Hands what was gathered to the thread. After a fault it is dropped: nothing that was written
 * later may reach the drive without what was written earlier. */
static gboolean
hand_over(RubDirectIo *self, RubIoFault *fault)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&self->lock);
    gboolean is_good = await(self, fault);
    if (self->gathered.size_bytes == 0)
        return is_good;
    if (is_good) {
        Batch empty = self->underway;
        self->underway = self->gathered;
        self->gathered = empty;
        self->requests++;
        if (!self->thread)
            self->thread = g_thread_new("drive", run_thread, self);
        g_cond_broadcast(&self->changed);
    }
    self->gathered.size_bytes = 0;
    return is_good;
}

gboolean
rub_direct_io_drain(RubDirectIo *self, RubIoFault *fault)
{
    if (!set_direct(self, TRUE)) {
        *fault = (RubIoFault){errno, 0, FALSE};
        return FALSE;
    }
    if (!hand_over(self, fault))
        return FALSE;
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&self->lock);
    return await(self, fault);
}

void
rub_direct_io_lend(RubDirectIo *self)
{
    RubIoFault fault;
    rub_direct_io_drain(self, &fault);
    self->window_bytes = 0;
    set_direct(self, FALSE);
}

guint64
rub_direct_io_get_requests(const RubDirectIo *self)
{
    return self->requests;
}

static void
allocate_gathered(RubDirectIo *self)
{
    if (!self->gathered.data)
        self->gathered.data = g_aligned_alloc(1, BUFFER_BYTES, MEMORY_ALIGNMENT);
}

static gboolean
read_sectors(RubDirectIo *self, guint64 offset_bytes, guint8 *buffer, gsize size_bytes,
             RubIoFault *fault)
{
    while (size_bytes > 0) {
        ssize_t n = pread(self->fd, buffer, size_bytes, (off_t) offset_bytes);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            *fault = (RubIoFault){n < 0 ? errno : EIO, offset_bytes, FALSE};
            return FALSE;
        }
        buffer += n;
        offset_bytes += (guint64) n;
        size_bytes -= (gsize) n;
    }
    return TRUE;
}

/* The buffer for gathering is empty once everything is written. */
static gboolean
read_through_buffer(RubDirectIo *self, guint64 offset_bytes, guint8 *buffer, gsize size_bytes,
                    RubIoFault *fault)
{
    allocate_gathered(self);
    self->window_bytes = 0;
    while (size_bytes > 0) {
        gsize skipped = (gsize) (offset_bytes % self->sector_size);
        gsize part = MIN(size_bytes, BUFFER_BYTES - skipped);
        gsize sectors = (skipped + part + self->sector_size - 1) / self->sector_size;
        if (!read_sectors(self, offset_bytes - skipped, self->gathered.data,
                          sectors * self->sector_size, fault))
            return FALSE;
        memcpy(buffer, self->gathered.data + skipped, part);
        buffer += part;
        offset_bytes += part;
        size_bytes -= part;
    }
    return TRUE;
}

static gboolean
read_from_window(const RubDirectIo *self, guint64 offset_bytes, void *buffer, gsize size_bytes)
{
    if (offset_bytes < self->window_offset_bytes)
        return FALSE;
    guint64 skipped = offset_bytes - self->window_offset_bytes;
    if (skipped > self->window_bytes || size_bytes > self->window_bytes - skipped)
        return FALSE;
    memcpy(buffer, self->gathered.data + skipped, size_bytes);
    return TRUE;
}

/* A drive that ends, or cannot be read further on, yields less. */
static void
read_ahead(RubDirectIo *self, guint64 offset_bytes)
{
    allocate_gathered(self);
    self->window_offset_bytes = offset_bytes / self->sector_size * self->sector_size;
    ssize_t n =
        pread(self->fd, self->gathered.data, BUFFER_BYTES, (off_t) self->window_offset_bytes);
    self->window_bytes = n > 0 ? (gsize) n : 0;
}

gboolean
rub_direct_io_read(RubDirectIo *self, guint64 offset_bytes, void *buffer, gsize size_bytes,
                   RubIoFault *fault)
{
    if (!rub_direct_io_drain(self, fault))
        return FALSE;
    gboolean follows = offset_bytes >= self->last_read_end_bytes &&
                       offset_bytes - self->last_read_end_bytes <= MAX_READ_GAP;
    self->last_read_end_bytes = offset_bytes + size_bytes;
    if (read_from_window(self, offset_bytes, buffer, size_bytes))
        return TRUE;
    if (follows && size_bytes < BUFFER_BYTES / 2) {
        read_ahead(self, offset_bytes);
        if (read_from_window(self, offset_bytes, buffer, size_bytes))
            return TRUE;
    }
    gboolean is_aligned = (gsize) buffer % MEMORY_ALIGNMENT == 0 &&
                          offset_bytes % self->sector_size == 0 &&
                          size_bytes % self->sector_size == 0;
    return is_aligned ? read_sectors(self, offset_bytes, buffer, size_bytes, fault)
                      : read_through_buffer(self, offset_bytes, buffer, size_bytes, fault);
}

/* Requests end at multiples of their full size, where no drive has to fill up a block of its own.
 */
static gboolean
gather(RubDirectIo *self, guint64 offset_bytes, const guint8 *data, gsize size_bytes,
       RubIoFault *fault)
{
    Batch *gathered = &self->gathered;
    self->window_bytes = 0;
    while (size_bytes > 0) {
        gboolean continues = offset_bytes == gathered->offset_bytes + gathered->size_bytes;
        if (gathered->size_bytes > 0 && !continues && !hand_over(self, fault))
            return FALSE;
        allocate_gathered(self);
        if (gathered->size_bytes == 0)
            gathered->offset_bytes = offset_bytes;
        gsize part = MIN(size_bytes, BUFFER_BYTES - (gsize) (offset_bytes % BUFFER_BYTES));
        memcpy(gathered->data + gathered->size_bytes, data, part);
        gathered->size_bytes += part;
        data += part;
        offset_bytes += part;
        size_bytes -= part;
        if (offset_bytes % BUFFER_BYTES == 0 && !hand_over(self, fault))
            return FALSE;
    }
    return TRUE;
}

/* Writes a part of one sector. */
static gboolean
gather_part(RubDirectIo *self, guint64 offset_bytes, const guint8 *data, gsize size_bytes,
            RubIoFault *fault)
{
    gsize skipped = (gsize) (offset_bytes % self->sector_size);
    g_autofree guint8 *sector = g_malloc(self->sector_size);
    if (!rub_direct_io_read(self, offset_bytes - skipped, sector, self->sector_size, fault))
        return FALSE;
    memcpy(sector + skipped, data, size_bytes);
    return gather(self, offset_bytes - skipped, sector, self->sector_size, fault);
}

gboolean
rub_direct_io_write(RubDirectIo *self, guint64 offset_bytes, const void *data, gsize size_bytes,
                    RubIoFault *fault)
{
    const guint8 *from = data;
    *fault = (RubIoFault){0};
    gsize skipped = (gsize) (offset_bytes % self->sector_size);
    gsize head = skipped > 0 ? MIN(size_bytes, self->sector_size - skipped) : 0;
    gsize tail = (size_bytes - head) % self->sector_size;
    gsize middle = size_bytes - head - tail;
    if (!set_direct(self, TRUE)) {
        *fault = (RubIoFault){errno, offset_bytes, TRUE};
        return FALSE;
    }
    return (head == 0 || gather_part(self, offset_bytes, from, head, fault)) &&
           gather(self, offset_bytes + head, from + head, middle, fault) &&
           (tail == 0 ||
            gather_part(self, offset_bytes + head + middle, from + head + middle, tail, fault));
}
