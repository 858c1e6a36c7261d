/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/rub-digest.h"

#include <string.h>

/* The published value of XXH3-128 for no bytes. */
#define DIGEST_OF_NOTHING "99aa06d3014798d86001c324468d497f"

/* As the program xxh128sum of the xxHash project prints it for "hello\n". */
#define HELLO "hello\n"
#define DIGEST_OF_HELLO "6bba86c7e069f56d5a10b435f1c8e49c"

static void
assert_digest(const RubDigest *digest, const char *expected)
{
    char text[RUB_DIGEST_TEXT_BYTES];
    rub_digest_get_text(digest, text);
    g_assert_cmpstr(text, ==, expected);
}

static void
test_it_is_the_digest_other_programs_make(void)
{
    g_autoptr(RubDigest) digest = rub_digest_new();
    assert_digest(digest, DIGEST_OF_NOTHING);
    rub_digest_add(digest, HELLO, strlen(HELLO));
    assert_digest(digest, DIGEST_OF_HELLO);
}

static void
test_pieces_make_the_same_digest_as_the_whole(void)
{
    g_autofree guint8 *data = g_malloc(100000);
    for (guint i = 0; i < 100000; i++)
        data[i] = (guint8) (i * 31 + i / 251);
    char expected[RUB_DIGEST_TEXT_BYTES];
    g_autoptr(RubDigest) whole = rub_digest_new();
    rub_digest_add(whole, data, 100000);
    rub_digest_get_text(whole, expected);
    g_autoptr(RubDigest) pieces = rub_digest_new();
    for (guint offset = 0, size = 1; offset < 100000; offset += size, size = size * 3 % 1021)
        rub_digest_add(pieces, data + offset, MIN(size, 100000 - offset));
    assert_digest(pieces, expected);
    data[99999] ^= 1;
    rub_digest_reset(whole);
    rub_digest_add(whole, data, 100000);
    char changed[RUB_DIGEST_TEXT_BYTES];
    rub_digest_get_text(whole, changed);
    g_assert_cmpstr(changed, !=, expected);
}

static void
test_asking_does_not_end_it(void)
{
    g_autoptr(RubDigest) digest = rub_digest_new();
    rub_digest_add(digest, "hel", 3);
    char text[RUB_DIGEST_TEXT_BYTES];
    rub_digest_get_text(digest, text);
    rub_digest_add(digest, "lo\n", 3);
    assert_digest(digest, DIGEST_OF_HELLO);
    rub_digest_reset(digest);
    assert_digest(digest, DIGEST_OF_NOTHING);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/digest/standard", test_it_is_the_digest_other_programs_make);
    g_test_add_func("/digest/pieces", test_pieces_make_the_same_digest_as_the_whole);
    g_test_add_func("/digest/asking", test_asking_does_not_end_it);
    return g_test_run();
}
