/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An nbdkit plugin: a stick that claims to be larger than it is, as counterfeits do.
 *
 *   nbdkit --unix SOCKET lying-stick.so file=STICK.IMG size=64G real=1G [mode=wrap|drop]
 *
 * Beyond the real size addresses begin again at zero (wrap), or what is written vanishes and what
 * is read is zeros (drop). */
#define NBDKIT_API_VERSION 2
#include <nbdkit-plugin.h>

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#define THREAD_MODEL NBDKIT_THREAD_MODEL_SERIALIZE_ALL_REQUESTS

static char *path;
static int64_t claimed_bytes = -1;
static int64_t real_bytes = -1;
static bool does_wrap = true;
static int fd = -1;

static int
set_option(const char *key, const char *value)
{
    if (strcmp(key, "file") == 0)
        path = nbdkit_absolute_path(value);
    else if (strcmp(key, "size") == 0)
        claimed_bytes = nbdkit_parse_size(value);
    else if (strcmp(key, "real") == 0)
        real_bytes = nbdkit_parse_size(value);
    else if (strcmp(key, "mode") == 0)
        does_wrap = strcmp(value, "wrap") == 0;
    else
        nbdkit_error("there is no option %s", key);
    return 0;
}

static int
open_file(void)
{
    fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    if (fd >= 0 && claimed_bytes > 0 && real_bytes > 0)
        return 0;
    nbdkit_error("file, size and real have to be given");
    return -1;
}

static void *
begin(int is_read_only)
{
    (void) is_read_only;
    return NBDKIT_HANDLE_NOT_NEEDED;
}

static int64_t
get_size(void *handle)
{
    (void) handle;
    return claimed_bytes;
}

/* How many of @count bytes at @offset lie together; @place is where, negative for nowhere. */
static uint32_t
find_place(uint64_t offset, uint32_t count, off_t *place)
{
    uint64_t real = (uint64_t) real_bytes;
    if (offset >= real && !does_wrap) {
        *place = -1;
        return count;
    }
    *place = (off_t) (offset % real);
    uint64_t left = real - offset % real;
    return left < count ? (uint32_t) left : count;
}

static int
read_bytes(void *handle, void *buffer, uint32_t count, uint64_t offset, uint32_t flags)
{
    (void) handle;
    (void) flags;
    for (char *next = buffer; count > 0;) {
        off_t place;
        uint32_t length = find_place(offset, count, &place);
        if (place < 0)
            memset(next, 0, length);
        else if (pread(fd, next, length, place) != (ssize_t) length)
            return -1;
        next += length;
        offset += length;
        count -= length;
    }
    return 0;
}

static int
write_bytes(void *handle, const void *buffer, uint32_t count, uint64_t offset, uint32_t flags)
{
    (void) handle;
    (void) flags;
    for (const char *next = buffer; count > 0;) {
        off_t place;
        uint32_t length = find_place(offset, count, &place);
        if (place >= 0 && pwrite(fd, next, length, place) != (ssize_t) length)
            return -1;
        next += length;
        offset += length;
        count -= length;
    }
    return 0;
}

static int
flush(void *handle, uint32_t flags)
{
    (void) handle;
    (void) flags;
    return 0;
}

static struct nbdkit_plugin plugin = {
    .name = "lying-stick",
    .config = set_option,
    .get_ready = open_file,
    .open = begin,
    .get_size = get_size,
    .pread = read_bytes,
    .pwrite = write_bytes,
    .flush = flush,
    .errno_is_preserved = 1,
};

/* The macro defines it without. */
struct nbdkit_plugin *plugin_init(void);

NBDKIT_REGISTER_PLUGIN(plugin)
