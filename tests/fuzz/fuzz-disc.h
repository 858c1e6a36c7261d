/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A disc in memory whose bytes the targets overwrite: opened once, since opening it is not what
 * they are about. */
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include "../unit/made-image.h"
#include "source/rub-source.h"

#define FUZZ_DISC_BLOCKS 1100

/* Where the bytes of its only file begin, and how many it has. */
#define FUZZ_FILE_LBA 24
#define FUZZ_FILE_AT (FUZZ_FILE_LBA * MADE_SECTOR)

typedef struct {
    int fd;
    RubSource *source;
} FuzzDisc;

static inline void
fuzz_disc_open(FuzzDisc *self, const char *file_name, guint32 file_bytes)
{
    gsize at;
    g_autoptr(GError) error = NULL;
    g_autoptr(GByteArray) iso = made_iso_new(FUZZ_DISC_BLOCKS, &at);
    made_iso_add_record(iso, &at, file_name, strlen(file_name), FUZZ_FILE_LBA, file_bytes, 0);
    self->fd = memfd_create("disc", MFD_CLOEXEC);
    g_assert_cmpint(self->fd, >=, 0);
    g_assert_cmpint(ftruncate(self->fd, (off_t) FUZZ_DISC_BLOCKS * MADE_SECTOR), ==, 0);
    g_assert_cmpint(pwrite(self->fd, iso->data, iso->len, 0), ==, (gssize) iso->len);
    g_autofree char *path = g_strdup_printf("/proc/self/fd/%d", self->fd);
    self->source = rub_source_open(path, NULL, &error);
    g_assert_no_error(error);
}

static inline void
fuzz_disc_put(const FuzzDisc *self, guint64 at, const void *data, gsize size)
{
    g_assert_cmpint(pwrite(self->fd, data, size, (off_t) at), ==, (gssize) size);
}
