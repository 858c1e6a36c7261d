/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libFuzzer target: the input is a whole WIM on a disc, which is split. */
#include <stddef.h>
#include <stdint.h>

#include "fuzz-disc.h"
#include "source/rub-wim-split.h"

#define MAX_BYTES (2 * 1024 * 1024)
#define PART_BYTES 3000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Every part can be read to its last byte, and all together are hardly larger than the whole. */
static void
check_parts(const FuzzDisc *disc, const GPtrArray *parts, guint64 wim_bytes)
{
    guint64 own_bytes = 0;
    guint64 taken_bytes = 0;
    for (guint i = 0; i < parts->len; i++) {
        const RubEntry *part = parts->pdata[i];
        guint64 extents_bytes = 0;
        for (guint j = 0; j < part->extents->len; j++) {
            const RubExtent *extent = &g_array_index(part->extents, RubExtent, j);
            extents_bytes += extent->size_bytes;
            if (extent->offset_bytes < RUB_EXTENT_IN_MEMORY)
                taken_bytes += extent->size_bytes;
        }
        g_assert_cmpuint(extents_bytes, ==, part->size_bytes);
        own_bytes += part->memory->len;
        g_autofree guint8 *bytes = g_malloc(part->size_bytes);
        g_assert_true(rub_source_read(disc->source, part, 0, bytes, part->size_bytes, NULL));
        g_assert_cmpmem(bytes, 8, "MSWIM\0\0", 8);
    }
    g_assert_cmpuint(taken_bytes, <=, wim_bytes);
    g_assert_cmpuint(own_bytes, <=, wim_bytes + parts->len * (wim_bytes + 208));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static FuzzDisc disc;
    if (!disc.source)
        fuzz_disc_open(&disc, "INSTALL.WIM;1", MADE_SECTOR);
    if (size > MAX_BYTES)
        return 0;
    fuzz_disc_put(&disc, FUZZ_FILE_AT, data, size);
    g_autoptr(RubEntry) wim = rub_entry_new(RUB_ENTRY_FILE, g_strdup("sources/install.wim"));
    wim->size_bytes = size;
    rub_entry_add_extent(wim, FUZZ_FILE_AT, size);
    g_autoptr(GPtrArray) parts = NULL;
    g_assert_true(rub_wim_split(disc.source, wim, PART_BYTES, &parts, NULL));
    if (parts)
        check_parts(&disc, parts, size);
    return 0;
}
