/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/rub-text.h"
#include "rub-bidi.h"
#include "rub-facts.h"
#include "rub-intl.h"

/* The marks of Unicode: right to left; an isolate and its end. */
#define RLM "\u200f"
#define FSI "\u2068"
#define PDI "\u2069"

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

static void
assert_marked(const char *sentence, const char *expected)
{
    g_autofree char *marked = rub_bidi_mark(sentence);
    g_autofree char *stripped = rub_bidi_strip(marked);
    g_assert_cmpstr(marked, ==, expected);
    g_assert_cmpstr(stripped, ==, sentence);
}

static void
test_gaps_are_isolated(void)
{
    assert_marked("ملف {name}، {size}", "ملف " FSI "{name}" PDI "، " FSI "{size}" PDI);
    assert_marked("بعد %2$s و%1$.1f", "بعد " FSI "%2$s" PDI " و" FSI "%1$.1f" PDI);
    assert_marked("%d%% من %s", RLM FSI "%d" PDI "%% من " FSI "%s" PDI);
    assert_marked("أ {} {9} {open", "أ {} {9} {open");
    assert_marked("قسم FAT{bits} {label}, 5%%s",
                  "قسم " FSI "FAT{bits}" PDI " " FSI "{label}" PDI ", 5%%s");
    assert_marked("سرعة {size}/s", "سرعة " FSI "{size}/s" PDI);
}

static void
test_what_does_not_begin_from_the_right_is_made_to(void)
{
    assert_marked("FAT32 لكل حاسوب", RLM "FAT32 لكل حاسوب");
    assert_marked("“{name}” كبير", RLM "“" FSI "{name}" PDI "” كبير");
    assert_marked("%s (%s)\n%s", RLM FSI "%s" PDI " (" FSI "%s" PDI ")\n" RLM FSI "%s" PDI);
    assert_marked("(1) شيء", "(1) شيء");
}

static void
test_what_is_not_written_from_the_right_stays(void)
{
    assert_marked("", "");
    assert_marked("colon:keep", "colon:keep");
    assert_marked("100 %", "100 %");
}

/* From here on there are marks. */
static void
test_texts_have_marks_where_they_are_wanted(void)
{
    rub_intl_use_marks();
    g_autoptr(RubText) text = rub_text_new(N_("{system}, {machine}"), "system", "Windows PE 10.0",
                                           "machine", "64-bit", NULL);
    g_autofree char *shown = rub_text_format(text, rub_intl_translate);
    g_autofree char *english = rub_text_format(text, NULL);
    g_assert_cmpstr(shown, ==, RLM FSI "Windows PE 10.0" PDI "، " FSI "64-bit" PDI);
    g_assert_cmpstr(english, ==, "Windows PE 10.0, 64-bit");
    g_assert_cmpstr(_("nothing"), ==, "لا شيء");
    g_assert_cmpstr(rub_intl_mark("%s · %s"), ==, RLM FSI "%s" PDI " · " FSI "%s" PDI);
    g_assert_cmpstr(rub_intl_translate("{a} unheard of", NULL, 1), ==, "{a} unheard of");
}

/* Without the marks it would read "UEFI 64, bit BIOS". */
static void
test_what_a_stick_starts_on_stands_apart(void)
{
    g_autofree char *names = rub_facts_name_firmware(RUB_MACHINE_X64, TRUE);
    g_assert_cmpstr(names, ==, RLM FSI RLM "UEFI " FSI "64 بت" PDI PDI "، " RLM FSI "BIOS" PDI);
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
    g_test_add_func("/intl/bidi/gaps", test_gaps_are_isolated);
    g_test_add_func("/intl/bidi/beginning", test_what_does_not_begin_from_the_right_is_made_to);
    g_test_add_func("/intl/bidi/other", test_what_is_not_written_from_the_right_stays);
    g_test_add_func("/intl/bidi/sentences", test_texts_have_marks_where_they_are_wanted);
    g_test_add_func("/intl/bidi/list", test_what_a_stick_starts_on_stands_apart);
    return g_test_run();
}
