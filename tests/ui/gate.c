/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A preloaded pwrite() and pread() that stop before a gate, so that a test finds the wizard in the
 * middle of a stage for as long as it likes. RUB_GATE is "<what>:<bytes>:<file>:<fifo>": after so
 * many bytes of reading or writing ("read", "write") of that file, the next access waits until
 * somebody opens the FIFO for writing and closes it. There is one gate for the whole run. */
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

typedef ssize_t (*WriteFunc)(int fd, const void *data, size_t size, off_t offset);

typedef ssize_t (*ReadFunc)(int fd, void *data, size_t size, off_t offset);

typedef struct {
    char what[8];
    long long bytes;
    char file[PATH_MAX];
    char fifo[PATH_MAX];
} Gate;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static long long passed_bytes;
static int is_open;

ssize_t pread64(int fd, void *data, size_t size, off_t offset);
ssize_t pwrite64(int fd, const void *data, size_t size, off_t offset);

static int
is_of_file(int fd, const char *file)
{
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0)
        return 0;
    path[length] = '\0';
    return strcmp(path, file) == 0;
}

static void
wait_for_opening(const char *fifo)
{
    char byte;
    int fd = open(fifo, O_RDONLY | O_CLOEXEC);
    while (read(fd, &byte, 1) > 0)
        continue;
    close(fd);
}

static void
pass(const char *what, int fd, size_t size)
{
    Gate gate = {0};
    const char *setting = getenv("RUB_GATE");
    if (!setting ||
        sscanf(setting, "%7[^:]:%lld:%4095[^:]:%4095s", gate.what, &gate.bytes, gate.file,
               gate.fifo) != 4 ||
        strcmp(what, gate.what) != 0 || !is_of_file(fd, gate.file))
        return;
    pthread_mutex_lock(&lock);
    int must_wait = !is_open && passed_bytes >= gate.bytes;
    passed_bytes += (long long) size;
    if (must_wait) {
        wait_for_opening(gate.fifo);
        is_open = 1;
    }
    pthread_mutex_unlock(&lock);
}

ssize_t
pread64(int fd, void *data, size_t size, off_t offset)
{
    ReadFunc read_there = (ReadFunc) dlsym(RTLD_NEXT, "pread64");
    pass("read", fd, size);
    return read_there(fd, data, size, offset);
}

ssize_t
pwrite64(int fd, const void *data, size_t size, off_t offset)
{
    WriteFunc write_there = (WriteFunc) dlsym(RTLD_NEXT, "pwrite64");
    pass("write", fd, size);
    return write_there(fd, data, size, offset);
}
