/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * libFuzzer target for the UDF reader. Make seeds with tests/images/make-udf.py --seeds FOLDER.
 * The mutator seals descriptor tags again: otherwise nearly every input ends at a checksum.
 */
#include <glib.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "source/rub-udf-private.h"
#include "source/rub-udf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);

static RubImageFile *
open_bytes(const uint8_t *data, size_t size)
{
    int fd = memfd_create("fuzz", MFD_CLOEXEC);
    g_assert(fd >= 0 && write(fd, data, size) == (ssize_t) size);
    g_autofree char *path = g_strdup_printf("/proc/self/fd/%d", fd);
    RubImageFile *file = rub_image_file_open(path, NULL);
    close(fd);
    return file;
}

/* What every caller relies on, however hostile the image is. */
static void
check_entry(const RubEntry *entry, guint64 image_bytes)
{
    g_assert(*entry->path && *entry->path != '/' && g_utf8_validate(entry->path, -1, NULL));
    g_assert((entry->extents != NULL) == (entry->kind == RUB_ENTRY_FILE));
    g_assert((entry->link_target != NULL) == (entry->kind == RUB_ENTRY_SYMLINK));
    guint64 sum_bytes = 0;
    for (guint i = 0; entry->extents && i < entry->extents->len; i++) {
        const RubExtent *extent = &g_array_index(entry->extents, RubExtent, i);
        sum_bytes += extent->size_bytes;
        if (extent->offset_bytes != RUB_EXTENT_HOLE)
            g_assert(extent->offset_bytes <= image_bytes &&
                     extent->size_bytes <= image_bytes - extent->offset_bytes);
    }
    g_assert(sum_bytes == entry->size_bytes);
}

static void
check_listing(const RubListing *listing, guint64 image_bytes)
{
    g_autoptr(GHashTable) paths = g_hash_table_new(g_str_hash, g_str_equal);
    g_assert(!listing->volume_name || g_utf8_validate(listing->volume_name, -1, NULL));
    for (guint i = 0; i < listing->entries->len; i++) {
        RubEntry *entry = g_ptr_array_index(listing->entries, i);
        check_entry(entry, image_bytes);
        g_assert(g_hash_table_add(paths, entry->path));
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(RubImageFile) file = size > 0 ? open_bytes(data, size) : NULL;
    if (!file)
        return 0;
    rub_udf_is_present(file);
    g_autoptr(RubListing) listing = rub_udf_list(file, NULL, &error);
    g_assert((listing != NULL) == (error == NULL));
    if (listing)
        check_listing(listing, size);
    else
        g_assert(error->domain == RUB_ERROR && g_utf8_validate(error->message, -1, NULL));
    return 0;
}

/* A tag has version 2 or 3, a reserved byte of 0 and an identifier that UDF uses. */
static gboolean
is_tag(RubBytes *bytes)
{
    guint16 identifier = rub_udf_tag_get_identifier(bytes);
    guint16 version = rub_bytes_u16le(bytes, 2);
    return (version == 2 || version == 3) && rub_bytes_u8(bytes, 5) == 0 &&
           (identifier <= RUB_UDF_ID_TERMINATING + 1 ||
            (identifier >= RUB_UDF_ID_FILE_SET && identifier <= RUB_UDF_ID_EXTENDED_FILE_ENTRY));
}

static void
seal(uint8_t *tag, size_t size)
{
    RubBytes bytes = rub_bytes(tag, size);
    gsize crc_size = rub_bytes_u16le(&bytes, RUB_UDF_TAG_CRC_LENGTH);
    if (crc_size > size - RUB_UDF_TAG_SIZE)
        return;
    rub_put_u16le(tag + RUB_UDF_TAG_CRC, rub_udf_crc(tag + RUB_UDF_TAG_SIZE, crc_size));
    uint8_t sum = 0;
    for (size_t i = 0; i < RUB_UDF_TAG_SIZE; i++)
        sum += i == RUB_UDF_TAG_CHECKSUM ? 0 : tag[i];
    tag[RUB_UDF_TAG_CHECKSUM] = sum;
}

size_t
LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed)
{
    g_autoptr(GRand) random = g_rand_new_with_seed(seed);
    /* Mostly bytes are changed in place: inserted ones would move all blocks behind them. */
    if (seed % 8 == 0)
        size = LLVMFuzzerMutate(data, size, max_size);
    for (unsigned int i = 0; i < 1 + seed % 4 && size > 64; i++) {
        size_t at = (size_t) g_rand_int_range(random, 0, (gint32) size - 32);
        size_t length = 1 + (size_t) g_rand_int_range(random, 0, 16);
        LLVMFuzzerMutate(data + at, length, length);
    }
    for (size_t at = 0; at + RUB_UDF_TAG_SIZE <= size; at += 4) {
        RubBytes bytes = rub_bytes(data + at, size - at);
        if (is_tag(&bytes))
            seal(data + at, MIN(size - at, RUB_UDF_BLOCK_SIZE_MAX));
    }
    return size;
}
