/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libFuzzer target: the input is an ISO 9660 image from sector 16 on, where it begins. */
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/rub-error.h"
#include "source/rub-iso9660.h"

#define START_BYTES (16 * 2048)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static RubImageFile *
open_bytes(const uint8_t *data, size_t size)
{
    int fd = memfd_create("fuzz", MFD_CLOEXEC);
    g_assert(fd >= 0 && pwrite(fd, data, size, START_BYTES) == (ssize_t) size);
    g_autofree char *path = g_strdup_printf("/proc/self/fd/%d", fd);
    RubImageFile *file = rub_image_file_open(path, NULL);
    close(fd);
    return file;
}

static void
check_file(const RubEntry *entry, guint64 image_bytes)
{
    guint64 sum_bytes = 0;
    for (guint i = 0; i < entry->extents->len; i++) {
        const RubExtent *extent = &g_array_index(entry->extents, RubExtent, i);
        sum_bytes += extent->size_bytes;
        g_assert(extent->offset_bytes <= image_bytes &&
                 extent->size_bytes <= image_bytes - extent->offset_bytes);
    }
    g_assert(sum_bytes == entry->size_bytes);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(RubImageFile) file = size > 0 ? open_bytes(data, size) : NULL;
    if (file == NULL)
        return 0;
    g_autoptr(RubListing) listing = rub_iso9660_list(file, NULL, NULL, &error);
    g_assert((listing != NULL) == (error == NULL));
    g_assert(error == NULL || error->domain == RUB_ERROR);
    for (guint i = 0; listing != NULL && i < listing->entries->len; i++) {
        const RubEntry *entry = g_ptr_array_index(listing->entries, i);
        g_assert(g_utf8_validate(entry->path, -1, NULL));
        g_assert((entry->link_target != NULL) == (entry->kind == RUB_ENTRY_SYMLINK));
        if (entry->kind == RUB_ENTRY_FILE)
            check_file(entry, START_BYTES + size);
    }
    return 0;
}
