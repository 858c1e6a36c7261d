/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A preloaded pwrite() and pread() that are a bad disk. RUB_FAULT is "<what>:<offset in bytes>" for
 * each access to that byte, or "<what>#<number>" for one write, counted from 1. What happens then:
 *   flip        the byte (or the first one) is stored with all bits changed, as fake and worn
 *               sticks do,
 *   eio         the write fails with an input/output error,
 *   nospace     the write fails because the disk below the file is full,
 *   unreadable  the read does,
 *   interrupt   SIGINT is sent; the write or read goes on when that has come to
 *               g_cancellable_cancel(), so that Ctrl-C comes at a known point,
 *   kill        the program ends at once, before the write. */
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

typedef ssize_t (*WriteFunc)(int fd, const void *data, size_t size, off_t offset);

typedef ssize_t (*ReadFunc)(int fd, void *data, size_t size, off_t offset);

typedef void (*CancelFunc)(void *cancellable);

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cancelled = PTHREAD_COND_INITIALIZER;
static int is_cancelled;
static long long write_count;

ssize_t pread64(int fd, void *data, size_t size, off_t offset);
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

static const char *
get_fault(void)
{
    const char *fault = getenv("RUB_FAULT");
    return fault ? fault : ":-1";
}

/* The byte of an access that the fault is about, or -1. */
static off_t
find_faulty_byte(size_t size, off_t offset, long long number)
{
    const char *what = get_fault();
    const char *where = what + strcspn(what, ":#");
    long long value = strtoll(where + 1, NULL, 10);
    if (*where == '#')
        return number == value ? offset : -1;
    return value >= offset && value < offset + (off_t) size ? value : -1;
}

/* With 64-bit offsets pwrite() is pwrite64(). */
ssize_t
pwrite64(int fd, const void *data, size_t size, off_t offset)
{
    WriteFunc write_there = (WriteFunc) dlsym(RTLD_NEXT, "pwrite64");
    const char *what = get_fault();
    off_t at =
        find_faulty_byte(size, offset, __atomic_add_fetch(&write_count, 1, __ATOMIC_SEQ_CST));
    if (at < 0 || *what == 'u')
        return write_there(fd, data, size, offset);
    if (*what == 'f')
        return write_flipped(write_there, fd, data, size, offset, at);
    if (*what == 'k')
        kill(getpid(), SIGKILL);
    if (*what == 'i') {
        interrupt();
        return write_there(fd, data, size, offset);
    }
    errno = *what == 'n' ? ENOSPC : EIO;
    return -1;
}

ssize_t
pread64(int fd, void *data, size_t size, off_t offset)
{
    ReadFunc read_there = (ReadFunc) dlsym(RTLD_NEXT, "pread64");
    char what = *get_fault();
    if ((what != 'u' && what != 'i') || find_faulty_byte(size, offset, 0) < 0)
        return read_there(fd, data, size, offset);
    if (what == 'i') {
        interrupt();
        return read_there(fd, data, size, offset);
    }
    errno = EIO;
    return -1;
}
