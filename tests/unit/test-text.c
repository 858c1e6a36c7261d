/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/rub-text.h"

#include <errno.h>

#include "base/rub-error.h"

static void
assert_format(RubText *text, RubTranslate translate, const char *expected)
{
    g_autofree char *formatted = rub_text_format(text, translate);
    g_assert_cmpstr(formatted, ==, expected);
    rub_text_unref(text);
}

static void
test_gaps_are_filled(void)
{
    assert_format(rub_text_new("nothing to fill", NULL), NULL, "nothing to fill");
    assert_format(rub_text_new("{name} has {size}", "size", "8 GB", "name", "stick", NULL), NULL,
                  "stick has 8 GB");
    assert_format(rub_text_new("{a}{a}", "a", "x", NULL), NULL, "xx");
    assert_format(rub_text_new("", NULL), NULL, "");
}

static void
test_what_fills_a_gap_is_not_looked_at_again(void)
{
    assert_format(rub_text_new("{a} and {b}", "a", "{b} 100 %s", "b", "{a}", NULL), NULL,
                  "{b} 100 %s and {a}");
}

static void
test_a_gap_without_an_argument_stays(void)
{
    assert_format(rub_text_new("{unknown} {name", "name", "x", NULL), NULL, "{unknown} {name");
    assert_format(rub_text_new("{{name}}", "name", "x", NULL), NULL, "{x}");
}

static void
test_the_count_decides_between_singular_and_plural(void)
{
    static const struct {
        guint64 count;
        const char *expected;
    } cases[] = {
        {0, "0 files"},
        {1, "1 file"},
        {2, "2 files"},
        {G_MAXUINT64, "18446744073709551615 files"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
        assert_format(rub_text_new_plural("{count} file", "{count} files", cases[i].count, NULL),
                      NULL, cases[i].expected);
}

static const char *
translate_to_german(const char *singular, const char *plural, gulong count)
{
    if (g_str_equal(singular, "{count} file on {name}"))
        return plural && count != 1 ? "auf {name} {count} Dateien" : "auf {name} {count} Datei";
    return singular;
}

static void
test_translations_may_put_the_gaps_in_another_order(void)
{
    assert_format(rub_text_new_plural("{count} file on {name}", "{count} files on {name}", 3,
                                      "name", "X", NULL),
                  translate_to_german, "auf X 3 Dateien");
    assert_format(rub_text_new_plural("{count} file on {name}", "{count} files on {name}", 1,
                                      "name", "X", NULL),
                  translate_to_german, "auf X 1 Datei");
    assert_format(rub_text_new("untranslated", NULL), translate_to_german, "untranslated");
}

static void
test_arguments_are_copied(void)
{
    char name[] = "before";
    RubText *text = rub_text_new("{name}", "name", name, NULL);
    name[0] = 'X';
    g_autoptr(RubText) second = rub_text_ref(text);
    assert_format(text, NULL, "before");
    g_autofree char *still = rub_text_format(second, NULL);
    g_assert_cmpstr(still, ==, "before");
}

static const char *
translate_reading(const char *singular, const char *plural, gulong count)
{
    return g_str_equal(singular, "cannot read {name}") ? "{name} unlesbar" : singular;
}

static void
test_names_and_reasons_stay_around_a_translation(void)
{
    g_autoptr(RubText) text = rub_text_new("cannot read {name}", "name", "a", NULL);
    g_autoptr(RubText) explained = rub_text_new_explained(text, "too old");
    g_autoptr(RubText) named = rub_text_new_named("b", explained);
    assert_format(rub_text_new_named("c", named), translate_reading, "c: b: a unlesbar: too old");
    assert_format(rub_text_new_sentence(explained), NULL, "Cannot read a: too old.");
    assert_format(rub_text_ref(text), translate_reading, "a unlesbar");
}

static const char *
translate_parts(const char *singular, const char *plural, gulong count)
{
    return g_str_equal(singular, "(missing)")      ? "(fehlt)"
           : g_str_equal(singular, "gone: {list}") ? "weg: {list}"
                                                   : singular;
}

static void
test_what_fills_a_gap_is_translated_too(void)
{
    GPtrArray *parts = g_ptr_array_new_with_free_func((GDestroyNotify) rub_text_unref);
    for (const char *name = "ab"; *name; name++) {
        const char path[] = {*name, '\0'};
        g_ptr_array_add(parts,
                        rub_text_new_filled(rub_text_new("{path} {note}", "path", path, NULL),
                                            "note", rub_text_new("(missing)", NULL)));
    }
    g_autoptr(RubText) text = rub_text_new_filled(rub_text_new("gone: {list}", NULL), "list",
                                                  rub_text_new_list(parts, "; "));
    assert_format(rub_text_ref(text), NULL, "gone: a (missing); b (missing)");
    assert_format(rub_text_new_sentence(text), translate_parts, "weg: a (fehlt); b (fehlt).");
    g_autoptr(RubText) refilled =
        rub_text_new_filled(rub_text_ref(text), "list", rub_text_new("c", NULL));
    assert_format(rub_text_ref(refilled), translate_parts, "weg: c");
    assert_format(rub_text_ref(text), translate_parts, "weg: a (fehlt); b (fehlt)");
}

static void
test_an_error_can_still_be_translated_behind_a_name(void)
{
    g_autoptr(GError) error = NULL;
    rub_error_prefix_name(&error, "nothing");
    g_assert_null(error);
    rub_error_set_errno(&error, RUB_CODE_WRITE_FAILED, EIO, "cannot read {name}", "name", "a",
                        NULL);
    rub_error_prefix_name(&error, "b");
    g_autofree char *wanted = g_strdup_printf("b: cannot read a: %s", g_strerror(EIO));
    g_assert_error(error, RUB_ERROR, RUB_CODE_WRITE_FAILED);
    g_assert_cmpstr(error->message, ==, wanted);
    g_autofree char *shown = rub_text_format(rub_error_get_text(error), translate_reading);
    g_assert_true(g_str_has_prefix(shown, "b: a unlesbar: "));
    g_prefix_error(&error, "other: ");
    rub_error_prefix_name(&error, "c");
    g_assert_null(rub_error_get_text(error));
    g_assert_true(g_str_has_prefix(error->message, "c: other: b: "));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/text/gaps", test_gaps_are_filled);
    g_test_add_func("/text/not-again", test_what_fills_a_gap_is_not_looked_at_again);
    g_test_add_func("/text/gap-without-argument", test_a_gap_without_an_argument_stays);
    g_test_add_func("/text/plural", test_the_count_decides_between_singular_and_plural);
    g_test_add_func("/text/translation", test_translations_may_put_the_gaps_in_another_order);
    g_test_add_func("/text/copied", test_arguments_are_copied);
    g_test_add_func("/text/around", test_names_and_reasons_stay_around_a_translation);
    g_test_add_func("/text/filled", test_what_fills_a_gap_is_translated_too);
    g_test_add_func("/text/error", test_an_error_can_still_be_translated_behind_a_name);
    return g_test_run();
}
