/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A preloaded pwrite() that is a bad disk. RUB_FAULT is "<what>:<offset in bytes>"; each write over
 * that byte
 *   flip       stores the byte with all bits changed, as fake and worn sticks do,
 *   eio        fails with an input/output error,
 *   interrupt  sends SIGINT and goes on when that has come to g_cancellable_cancel(), so that
 *              Ctrl-C comes at a known point. */
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

typedef ssize_t (*WriteFunc)(int fd, const void *data, size_t size, off_t offset);

typedef void (*CancelFunc)(void *cancellable);

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cancelled = PTHREAD_COND_INITIALIZER;
static int is_cancelled;

ssize_t pwrite64(int fd, const void *data, size_t size, off_t offset);
void g_cancellable_cancel(void *cancellable);

void
g_cancellable_cancel(void *cancellable)
{
    CancelFunc cancel = (CancelFunc) dlsym(RTLD_NEXT, "g_cancellable_cancel");
    cancel(cancellable);
    pthread_mutex_lock(&lock);
    is_cancelled = 1;
    pthread_cond_broadcast(&cancelled);
    pthread_mutex_unlock(&lock);
}

static void
interrupt(void)
{
    kill(getpid(), SIGINT);
    pthread_mutex_lock(&lock);
    while (!is_cancelled)
        pthread_cond_wait(&cancelled, &lock);
    pthread_mutex_unlock(&lock);
}

static ssize_t
write_flipped(WriteFunc write_there, int fd, const void *data, size_t size, off_t offset, off_t at)
{
    char *copy = malloc(size);
    memcpy(copy, data, size);
    copy[at - offset] = ~copy[at - offset];
    ssize_t written = write_there(fd, copy, size, offset);
    free(copy);
    return written;
}

/* With 64-bit offsets pwrite() is pwrite64(). */
ssize_t
pwrite64(int fd, const void *data, size_t size, off_t offset)
{
    WriteFunc write_there = (WriteFunc) dlsym(RTLD_NEXT, "pwrite64");
    const char *fault = getenv("RUB_FAULT");
    off_t at = fault ? strtoll(strchr(fault, ':') + 1, NULL, 10) : -1;
    if (at < offset || at >= offset + (off_t) size)
        return write_there(fd, data, size, offset);
    if (*fault == 'f')
        return write_flipped(write_there, fd, data, size, offset, at);
    if (*fault == 'i') {
        interrupt();
        return write_there(fd, data, size, offset);
    }
    errno = EIO;
    return -1;
}
