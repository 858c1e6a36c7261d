/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libFuzzer target: the input is the manifest of a stick. */
#include <stddef.h>
#include <stdint.h>

#include "job/rub-manifest.h"
#include "volume/rub-fat-path.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was read is written, read again and comes out the same. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(GBytes) bytes = g_bytes_new(data, size);
    g_autoptr(GError) error = NULL;
    g_autoptr(RubManifest) manifest = rub_manifest_parse(bytes, &error);
    g_assert_true((manifest == NULL) == (error != NULL));
    if (!manifest)
        return 0;
    for (guint i = 0; i < manifest->files->len; i++)
        g_assert_true(
            rub_fat_path_is_safe(((const RubManifestFile *) manifest->files->pdata[i])->path));
    g_autoptr(GBytes) first = rub_manifest_to_json(manifest);
    g_autoptr(RubManifest) again = rub_manifest_parse(first, &error);
    g_assert_no_error(error);
    g_autoptr(GBytes) second = rub_manifest_to_json(again);
    g_assert_true(g_bytes_equal(first, second));
    return 0;
}
