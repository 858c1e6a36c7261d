/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plan/rub-finding.h"

#include <gio/gio.h>

#include "plan/rub-catalogue.h"

static void
assert_text(const RubText *text, const char *expected)
{
    g_autofree char *formatted = rub_text_format(text, NULL);
    g_assert_cmpstr(formatted, ==, expected);
}

static void
test_the_catalogue_gives_the_remedy_unless_told(void)
{
    g_autoptr(RubFinding) general = rub_finding_new(RUB_CODE_DISK_TOO_SMALL, RUB_SEVERITY_ERROR,
                                                    rub_text_new("Too small.", NULL), NULL);
    assert_text(general->meaning, "Too small.");
    assert_text(general->remedy, rub_catalogue_get(RUB_CODE_DISK_TOO_SMALL)->remedy);
    g_assert_null(general->files);
    g_autoptr(RubFinding) special = rub_finding_new(
        RUB_CODE_DISK_TOO_SMALL, RUB_SEVERITY_WARNING, rub_text_new("Too small.", NULL),
        rub_text_new("Buy {what}.", "what", "another", NULL));
    g_assert_cmpint(special->severity, ==, RUB_SEVERITY_WARNING);
    assert_text(special->remedy, "Buy another.");
}

static void
test_an_error_becomes_a_sentence(void)
{
    static const struct {
        const char *message;
        const char *sentence;
    } cases[] = {
        {"cannot read stick.img", "Cannot read stick.img."},
        {"the file bootmgr is missing", "The file bootmgr is missing."},
        {"bootmgr: cannot read it", "bootmgr: cannot read it."},
        {"sources/boot.wim: cannot read it", "sources/boot.wim: cannot read it."},
        {"stick.img is in use", "stick.img is in use."},
        {"mkfs.fat said: Attempting to create a too small volume.\n",
         "mkfs.fat said: Attempting to create a too small volume."},
        {"{name} is no gap", "{name} is no gap."},
        {"", ""},
        {"broken \xff name", "Broken \xef\xbf\xbd name."},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error =
            g_error_new_literal(RUB_ERROR, RUB_CODE_DEVICE_BUSY, cases[i].message);
        g_autoptr(RubFinding) finding = rub_finding_new_from_error(error);
        g_assert_cmpint(finding->code, ==, RUB_CODE_DEVICE_BUSY);
        g_assert_cmpint(finding->severity, ==, RUB_SEVERITY_ERROR);
        assert_text(finding->meaning, cases[i].sentence);
        assert_text(finding->remedy, rub_catalogue_get(RUB_CODE_DEVICE_BUSY)->remedy);
    }
}

static const char *
translate_to_german(const char *singular, const char *plural, gulong count)
{
    return g_str_equal(singular, "cannot find {name}") ? "nicht zu finden: {name}" : singular;
}

static void
assert_meaning(const GError *error, const char *english, const char *german)
{
    g_autoptr(RubFinding) finding = rub_finding_new_from_error(error);
    assert_text(finding->meaning, english);
    g_autofree char *formatted = rub_text_format(finding->meaning, translate_to_german);
    g_assert_cmpstr(formatted, ==, german);
}

static void
test_an_error_with_a_text_can_be_translated(void)
{
    g_autoptr(GError) error = NULL;
    rub_error_take_text(&error, RUB_CODE_DEVICE_GONE,
                        rub_text_new(N_("cannot find {name}"), "name", "it", NULL));
    g_assert_error(error, RUB_ERROR, RUB_CODE_DEVICE_GONE);
    g_assert_cmpstr(error->message, ==, "cannot find it");
    g_autoptr(GError) copy = g_error_copy(error);
    assert_meaning(copy, "Cannot find it.", "Nicht zu finden: it.");
    /* The text knows nothing of the context. */
    g_prefix_error(&error, "folder x: ");
    assert_meaning(error, "Folder x: cannot find it.", "Folder x: cannot find it.");
    rub_error_take_text(NULL, RUB_CODE_DEVICE_GONE, rub_text_new(N_("nobody asks"), NULL));
}

static void
test_foreign_errors_have_a_code_too(void)
{
    g_autoptr(GError) foreign = g_error_new_literal(G_IO_ERROR, G_IO_ERROR_FAILED, "it broke");
    g_autoptr(RubFinding) failed = rub_finding_new_from_error(foreign);
    g_assert_cmpint(failed->code, ==, RUB_CODE_WRITE_FAILED);
    g_autoptr(GError) stop = g_error_new_literal(G_IO_ERROR, G_IO_ERROR_CANCELLED, "stopped");
    g_autoptr(RubFinding) cancelled = rub_finding_new_from_error(stop);
    g_assert_cmpint(cancelled->code, ==, RUB_CODE_CANCELLED);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/finding/remedy", test_the_catalogue_gives_the_remedy_unless_told);
    g_test_add_func("/finding/sentence", test_an_error_becomes_a_sentence);
    g_test_add_func("/finding/error-with-text", test_an_error_with_a_text_can_be_translated);
    g_test_add_func("/finding/foreign", test_foreign_errors_have_a_code_too);
    return g_test_run();
}
