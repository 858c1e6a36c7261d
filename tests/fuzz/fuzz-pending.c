/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libFuzzer target: the input is the claims of a note of what is under way, a form feed, and its
 * lists. They are put into sectors with their digests, without which nearly all would end there. */
#include <stddef.h>
#include <stdint.h>

#include "base/rub-digest.h"
#include "volume/rub-fat-path.h"
#include "volume/rub-pending-private.h"

#define TEXT_BYTES (RUB_PENDING_SECTOR_BYTES - RUB_PENDING_MARK_BYTES)
#define CLAIMS_TEXT_BYTES (RUB_PENDING_CLAIMS_BYTES / RUB_PENDING_SECTOR_BYTES * TEXT_BYTES)
#define HEAD_BYTES (sizeof "digest \n" - 1 + RUB_DIGEST_TEXT_BYTES - 1)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
append_text(GByteArray *note, const uint8_t *data, size_t size, gsize text_bytes)
{
    gsize padded = (MAX(size + HEAD_BYTES, text_bytes) + TEXT_BYTES - 1) / TEXT_BYTES * TEXT_BYTES;
    g_autofree char *body = g_malloc(padded);
    memset(body, '\n', padded);
    memcpy(body, data, size);
    char digest_text[RUB_DIGEST_TEXT_BYTES];
    g_autoptr(RubDigest) digest = rub_digest_new();
    rub_digest_add(digest, body, padded - HEAD_BYTES);
    rub_digest_get_text(digest, digest_text);
    g_autoptr(GString) text = g_string_new(NULL);
    g_string_printf(text, "digest %s\n", digest_text);
    g_string_append_len(text, body, (gssize) (padded - HEAD_BYTES));
    for (gsize at = 0; at < text->len; at += TEXT_BYTES) {
        g_byte_array_append(note, (const guint8 *) RUB_PENDING_MARK, RUB_PENDING_MARK_BYTES);
        g_byte_array_append(note, (const guint8 *) text->str + at, TEXT_BYTES);
    }
}

static GBytes *
make_note(const uint8_t *data, size_t size)
{
    GByteArray *note = g_byte_array_new();
    const uint8_t *feed = memchr(data, '\f', size);
    gsize claims_bytes = feed ? (gsize) (feed - data) : 0;
    gsize lists_bytes = feed ? size - claims_bytes - 1 : 0;
    append_text(note, data, MIN(claims_bytes, CLAIMS_TEXT_BYTES - HEAD_BYTES), CLAIMS_TEXT_BYTES);
    append_text(note, feed ? feed + 1 : data, lists_bytes, 0);
    return g_byte_array_free_to_bytes(note);
}

/* What was read is written, read again and comes out the same. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(GBytes) note = make_note(data, size);
    g_autoptr(RubPending) pending = rub_pending_parse(note);
    for (guint i = 0; i < pending->saved->len; i++) {
        const RubPendingSaved *saved = pending->saved->pdata[i];
        g_assert_true(rub_fat_path_is_safe(saved->path) && rub_fat_path_is_safe(saved->saved_as));
    }
    for (guint i = 0; i < pending->files->len; i++)
        g_assert_true(
            rub_fat_path_is_safe(((const RubPendingFile *) pending->files->pdata[i])->path));
    g_autoptr(GBytes) first = rub_pending_to_bytes(pending);
    g_autoptr(RubPending) again = rub_pending_parse(first);
    g_assert_true(again->is_whole);
    g_autoptr(GBytes) second = rub_pending_to_bytes(again);
    g_assert_true(g_bytes_equal(first, second));
    return 0;
}
