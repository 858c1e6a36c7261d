/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rub-image-digest.h"

#include "../unit/made-image.h"
#include "base/rub-error.h"

/* FIPS 180-2, B.1: the SHA-256 of "abc". */
#define ABC "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

static void
work_out(RubImageDigest *digest, const char *path)
{
    rub_image_digest_set_path(digest, path);
    rub_image_digest_start(digest);
    while (rub_image_digest_is_busy(digest))
        g_main_context_iteration(NULL, TRUE);
}

static void
test_a_known_digest_is_worked_out(void)
{
    g_autoptr(MadeFolder) folder = made_folder_new();
    g_autofree char *path = made_file(folder, "abc", "abc", 3, 3);
    g_autoptr(RubImageDigest) digest = rub_image_digest_new();
    work_out(digest, path);
    g_assert_cmpstr(rub_image_digest_get_text(digest), ==, ABC);
    g_assert_null(rub_image_digest_get_error(digest));
}

static void
test_what_was_expected_is_compared(void)
{
    static const struct {
        const char *expected;
        RubDigestMatch match;
    } cases[] = {
        {"", RUB_DIGEST_MATCH_UNKNOWN},
        {"ba78", RUB_DIGEST_MATCH_INVALID},
        {"not a digest", RUB_DIGEST_MATCH_INVALID},
        {ABC, RUB_DIGEST_MATCH_YES},
        {"  " ABC "  rescue.iso\n", RUB_DIGEST_MATCH_YES},
        {"BA7816BF 8F01CFEA 414140DE 5DAE2223 B00361A3 96177A9C B410FF61 F20015AD",
         RUB_DIGEST_MATCH_YES},
        {"aa7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", RUB_DIGEST_MATCH_NO},
    };
    g_autoptr(MadeFolder) folder = made_folder_new();
    g_autofree char *path = made_file(folder, "abc", "abc", 3, 3);
    g_autoptr(RubImageDigest) digest = rub_image_digest_new();
    work_out(digest, path);
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        rub_image_digest_set_expected(digest, cases[i].expected);
        g_assert_cmpint(rub_image_digest_get_match(digest), ==, cases[i].match);
    }
}

static void
test_another_image_makes_it_unknown(void)
{
    g_autoptr(MadeFolder) folder = made_folder_new();
    g_autofree char *path = made_file(folder, "abc", "abc", 3, 3);
    g_autoptr(RubImageDigest) digest = rub_image_digest_new();
    rub_image_digest_set_expected(digest, ABC);
    work_out(digest, path);
    rub_image_digest_set_path(digest, "/there/is/none");
    g_assert_null(rub_image_digest_get_text(digest));
    g_assert_cmpint(rub_image_digest_get_match(digest), ==, RUB_DIGEST_MATCH_UNKNOWN);
    work_out(digest, "/there/is/none");
    g_assert_error(rub_image_digest_get_error(digest), RUB_ERROR, RUB_CODE_IMAGE_UNREADABLE);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/image-digest/a-known-digest-is-worked-out",
                    test_a_known_digest_is_worked_out);
    g_test_add_func("/image-digest/what-was-expected-is-compared",
                    test_what_was_expected_is_compared);
    g_test_add_func("/image-digest/another-image-makes-it-unknown",
                    test_another_image_makes_it_unknown);
    return g_test_run();
}
