/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/rub-text.h"
#include "rub-intl.h"

/* Arabic has six forms for a number of things, two of which need no number. */
static void
assert_count(guint64 count, const char *expected)
{
    g_autoptr(RubText) text = rub_text_new_plural(
        N_PLURAL("{name}: {count} file, {size}", "{name}: {count} files, {size}"), count, "name",
        "FAT32", "size", "5 MB", NULL);
    g_autofree char *shown = rub_text_format(text, rub_intl_translate);
    g_assert_cmpstr(shown, ==, expected);
}

static void
test_every_plural_form_is_used(void)
{
    assert_count(0, "FAT32: 0 ملف، 5 MB");
    assert_count(1, "FAT32: ملف واحد، 5 MB");
    assert_count(2, "FAT32: ملفان، 5 MB");
    assert_count(3, "FAT32: 3 ملفات، 5 MB");
    assert_count(110, "FAT32: 110 ملفات، 5 MB");
    assert_count(11, "FAT32: 11 ملفًا، 5 MB");
    assert_count(100, "FAT32: 100 ملف، 5 MB");
}

static void
test_a_sentence_without_a_translation_stays(void)
{
    g_assert_cmpstr(rub_intl_translate("Nobody ever wrote this", NULL, 1), ==,
                    "Nobody ever wrote this");
    g_assert_cmpstr(rub_intl_translate("{a} thing", "{a} things", 1), ==, "{a} thing");
    g_assert_cmpstr(rub_intl_translate("{a} thing", "{a} things", 2), ==, "{a} things");
}

/* gettext() would answer with the header of the translation. */
static void
test_nothing_is_translated_to_nothing(void)
{
    g_assert_cmpstr(rub_intl_translate("", NULL, 1), ==, "");
}

int
main(int argc, char **argv)
{
    g_setenv("LC_ALL", "C.UTF-8", TRUE);
    g_setenv("LANGUAGE", "ar", TRUE);
    rub_intl_init();
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/intl/every-plural-form", test_every_plural_form_is_used);
    g_test_add_func("/intl/untranslated", test_a_sentence_without_a_translation_stays);
    g_test_add_func("/intl/nothing", test_nothing_is_translated_to_nothing);
    return g_test_run();
}
