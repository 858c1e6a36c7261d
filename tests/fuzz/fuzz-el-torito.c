/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libFuzzer target: the input is a boot catalogue. */
#include <stddef.h>
#include <stdint.h>

#include "base/rub-bytes.h"
#include "source/rub-el-torito.h"

#define FILE_BYTES (1024 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Otherwise nearly every input ends at the checksum. */
static void
seal(uint8_t *catalogue)
{
    guint16 sum = 0;
    rub_put_u16le(catalogue + 28, 0);
    for (int i = 0; i < 32; i += 2)
        sum += (guint16) (catalogue[i] | catalogue[i + 1] << 8);
    rub_put_u16le(catalogue + 28, (guint16) -sum);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree uint8_t *catalogue = g_memdup2(data, size);
    if (size >= 32)
        seal(catalogue);
    g_autoptr(GArray) entries = rub_el_torito_parse(catalogue, size, FILE_BYTES);
    for (guint i = 0; entries != NULL && i < entries->len; i++)
        g_assert(g_array_index(entries, RubElToritoEntry, i).offset_bytes < FILE_BYTES);
    return 0;
}
