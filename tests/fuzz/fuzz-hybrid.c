/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libFuzzer target: the input is the first two sectors of a disc (MBR and GPT), 2048 bytes of its
 * boot menu, and what lies where its partitions may begin. */
#include <stddef.h>
#include <stdint.h>

#include "fuzz-disc.h"
#include "source/rub-image-info.h"

#define TABLES_BYTES 1024
#define MENU_BYTES MADE_SECTOR
#define PARTITION_AT ((FUZZ_FILE_LBA + 1) * MADE_SECTOR)
#define PARTITION_BYTES (512 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
fill(const FuzzDisc *disc, const uint8_t *data, size_t size)
{
    static const guint8 zeros[PARTITION_BYTES];
    gsize partition_bytes = size - TABLES_BYTES - MENU_BYTES;
    fuzz_disc_put(disc, 0, data, TABLES_BYTES);
    fuzz_disc_put(disc, FUZZ_FILE_AT, data + TABLES_BYTES, MENU_BYTES);
    fuzz_disc_put(disc, PARTITION_AT, data + TABLES_BYTES + MENU_BYTES, partition_bytes);
    fuzz_disc_put(disc, PARTITION_AT + partition_bytes, zeros, PARTITION_BYTES - partition_bytes);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static FuzzDisc disc;
    if (!disc.source)
        fuzz_disc_open(&disc, "GRUB.CFG;1", MENU_BYTES);
    if (size < TABLES_BYTES + MENU_BYTES || size > TABLES_BYTES + MENU_BYTES + PARTITION_BYTES)
        return 0;
    fill(&disc, data, size);
    g_autoptr(RubImageInfo) info = rub_image_info_new(disc.source, NULL, NULL);
    if (!info)
        return 0;
    g_assert_true(info->is_hybrid ||
                  (!info->raw_starts_bios && info->raw_uefi_machines == RUB_MACHINE_NONE));
    for (guint i = 0; i < info->raw_uefi_loaders->len; i++) {
        const RubUefiLoader *loader = info->raw_uefi_loaders->pdata[i];
        g_assert_true(g_utf8_validate(loader->path, -1, NULL));
        g_assert_true(!loader->signature || loader->state == RUB_LOADER_GOOD);
    }
    return 0;
}
