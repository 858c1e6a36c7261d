/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plan/rub-catalogue.h"

/* The numbers and names that users and programs rely on, as the design lists them. */
static const struct {
    guint code;
    const char *id;
} promised[] = {
    {1, "track-0-not-writable"},
    {2, "filesystem-at-start"},
    {3, "unsupported-disk-type"},
    {4, "disk-too-small"},
    {5, "max-partitions"},
    {6, "no-free-space"},
    {7, "init-failed"},
    {8, "create-fat32-failed"},
    {10, "image-unreadable"},
    {11, "image-incomplete"},
    {12, "image-not-bootable"},
    {13, "device-gone"},
    {14, "device-busy"},
    {15, "not-authorized"},
    {16, "write-failed"},
    {17, "verify-failed"},
    {18, "cancelled"},
    {19, "system-disk"},
    {20, "file-too-large"},
    {21, "name-not-representable"},
    {22, "device-changed"},
    {23, "firmware-limited"},
    {24, "files-replaced"},
    {25, "volume-damaged"},
    {26, "not-our-stick"},
    {27, "build-incomplete"},
    {64, "usage"},
    {98, "small-fat"},
    {99, "no-partition-table"},
};

/* With several errors, the first of these is the exit status. */
static const RubCode order[] = {10, 11, 12, 19, 22, 15, 14, 1, 25, 2, 3, 4, 20, 21, 98, 5, 6};

static void
test_every_promised_code_has_its_id(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(promised); i++) {
        const RubCatalogueEntry *entry = rub_catalogue_get((RubCode) promised[i].code);
        g_assert_cmpuint(entry->code, ==, promised[i].code);
        g_assert_cmpstr(entry->id, ==, promised[i].id);
    }
    gsize count;
    rub_catalogue_get_all(&count);
    g_assert_cmpuint(count, ==, G_N_ELEMENTS(promised));
}

static void
test_every_code_has_a_title_of_its_own_and_a_remedy(void)
{
    gsize count;
    const RubCatalogueEntry *all = rub_catalogue_get_all(&count);
    g_autoptr(GHashTable) titles = g_hash_table_new(g_str_hash, g_str_equal);
    for (gsize i = 0; i < count; i++) {
        g_assert_true(g_hash_table_add(titles, (gpointer) all[i].title));
        g_assert_true(g_ascii_isupper(all[i].title[0]));
        g_assert_false(g_str_has_suffix(all[i].title, "."));
        g_assert_true(g_str_has_suffix(all[i].remedy, "."));
    }
}

static void
test_codes_fit_an_exit_status(void)
{
    gsize count;
    const RubCatalogueEntry *all = rub_catalogue_get_all(&count);
    for (gsize i = 0; i < count; i++) {
        g_assert_cmpuint(all[i].code, >, 0);
        /* From 126 on the shell has meanings of its own. */
        g_assert_cmpuint(all[i].code, <, 126);
    }
}

static void
test_the_gravest_error_comes_first(void)
{
    for (gsize i = 1; i < G_N_ELEMENTS(order); i++)
        g_assert_cmpuint(rub_catalogue_get_rank(order[i - 1]), <, rub_catalogue_get_rank(order[i]));
}

static void
test_codes_without_a_place_come_last_by_number(void)
{
    guint last = rub_catalogue_get_rank(RUB_CODE_NO_FREE_SPACE);
    for (gsize i = 0; i < G_N_ELEMENTS(promised); i++) {
        gboolean has_place = FALSE;
        for (gsize j = 0; j < G_N_ELEMENTS(order); j++)
            has_place |= order[j] == promised[i].code;
        if (has_place)
            continue;
        guint rank = rub_catalogue_get_rank((RubCode) promised[i].code);
        g_assert_cmpuint(rank, >, last);
        last = rank;
    }
}

static void
test_an_unknown_number_is_a_failed_write(void)
{
    g_assert_cmpuint(rub_catalogue_get((RubCode) 77)->code, ==, RUB_CODE_WRITE_FAILED);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/catalogue/ids", test_every_promised_code_has_its_id);
    g_test_add_func("/catalogue/texts", test_every_code_has_a_title_of_its_own_and_a_remedy);
    g_test_add_func("/catalogue/exit-status", test_codes_fit_an_exit_status);
    g_test_add_func("/catalogue/order", test_the_gravest_error_comes_first);
    g_test_add_func("/catalogue/no-place", test_codes_without_a_place_come_last_by_number);
    g_test_add_func("/catalogue/unknown", test_an_unknown_number_is_a_failed_write);
    return g_test_run();
}
