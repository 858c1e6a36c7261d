/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "volume/rub-fat-label.h"

static void
test_names_become_valid_labels(void)
{
    static const struct {
        const char *wanted;
        const char *label;
    } cases[] = {
        {"PE_X64", "PE_X64"},
        {"rescue", "RESCUE"},
        {"MACRIUM_PE_X64_", "MACRIUM_PE_"},
        {"Debian 12.4.0 amd64 n", "DEBIAN 12_4"},
        {"A.B:C/D\\E|F", "A_B_C_D_E_F"},
        {"  padded  ", "PADDED"},
        {"ten chars  more", "TEN CHARS"},
        {"M\xc3\xbcller", "M_LLER"},
        {"\xe6\x97\xa5\xe6\x9c\xac", "RESCUE"},
        {"\xff\xfe"
         "DATA",
         "__DATA"},
        {"tab\there", "TAB_HERE"},
        {"***", "RESCUE"},
        {"no name", "RESCUE"},
        {"NO NAME 2", "NO NAME 2"},
        {"   ", "RESCUE"},
        {"", "RESCUE"},
        {NULL, "RESCUE"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *label = rub_fat_label_make(cases[i].wanted);
        g_assert_cmpstr(label, ==, cases[i].label);
        g_assert_true(rub_fat_label_is_valid(label));
    }
}

static void
test_labels_that_cannot_be_kept_are_refused(void)
{
    static const char *const invalid[] = {
        "",
        "TWELVECHARS_",
        " LEADING",
        "TRAILING ",
        "NO NAME",
        "no name",
        "A.B",
        "A*B",
        "A\"B",
        "A+B",
        "A,B",
        "A;B",
        "A[B",
        "A]B",
        "A=B",
        "A\tB",
        "~",
        "-_-",
        "A\x7f"
        "B",
        "\xc3\x9c"
        "BER",
    };
    for (gsize i = 0; i < G_N_ELEMENTS(invalid); i++)
        g_assert_false(rub_fat_label_is_valid(invalid[i]));
}

static void
test_labels_may_be_typed_in_any_case(void)
{
    static const char *const valid[] = {"A", "ELEVENCHARS", "my stick", "RESCUE_2-#1", "(A)'&$"};
    for (gsize i = 0; i < G_N_ELEMENTS(valid); i++)
        g_assert_true(rub_fat_label_is_valid(valid[i]));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/fat-label/make", test_names_become_valid_labels);
    g_test_add_func("/fat-label/refused", test_labels_that_cannot_be_kept_are_refused);
    g_test_add_func("/fat-label/valid", test_labels_may_be_typed_in_any_case);
    return g_test_run();
}
