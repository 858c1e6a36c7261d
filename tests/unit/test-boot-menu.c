/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which words of boot menus name the volume of the system, and how others are put there. */
#include "menu-tools.h"

typedef struct {
    const char *text;
    const char *expected; /* NULL where nothing is looked for */
} Case;

static void
assert_relabelled(const char *text, const char *from, const char *to, const char *expected)
{
    g_autoptr(RubEntry) entry = menu_entry_new("boot/grub/grub.cfg", text, strlen(text));
    g_autoptr(RubBootMenu) menu = menu_new(entry, text, from);
    g_autoptr(RubEntry) changed = rub_boot_menu_relabel(menu, to);
    g_autofree char *actual = menu_entry_read(changed);
    g_assert_cmpstr(actual, ==, expected ? expected : text);
    g_assert_cmpuint(menu->uses->len > 0, ==, expected != NULL);
    g_assert_cmpint(changed->mtime_unix, ==, entry->mtime_unix);
    g_assert_cmpstr(changed->path, ==, entry->path);
}

static void
assert_all(const Case *cases, guint count, const char *from, const char *to)
{
    for (guint i = 0; i < count; i++)
        assert_relabelled(cases[i].text, from, to, cases[i].expected);
}

/* The words of systems that people have. */
static void
test_what_live_systems_look_for_is_found(void)
{
    static const Case cases[] = {
        {"search --no-floppy --set=root -l 'Live-12'", "search --no-floppy --set=root -l 'LIVE'"},
        {"search --label \"Live-12\" --set root", "search --label \"LIVE\" --set root"},
        {"search --set=root --label Live-12", "search --set=root --label LIVE"},
        {"if search --set=root --label Live-12; then", "if search --set=root --label LIVE; then"},
        {"\tsearch.fs_label Live-12 root\r\n", "\tsearch.fs_label LIVE root\r\n"},
        {"linux /vmlinuz root=live:CDLABEL=Live-12 quiet",
         "linux /vmlinuz root=live:CDLABEL=LIVE quiet"},
        {"linuxefi /k inst.stage2=hd:LABEL=Live-12 inst.ks=hd:LABEL=Live-12:/ks.cfg",
         "linuxefi /k inst.stage2=hd:LABEL=LIVE inst.ks=hd:LABEL=LIVE:/ks.cfg"},
        {"options archisobasedir=arch archisolabel=Live-12", "options archisobasedir=arch "
                                                             "archisolabel=LIVE"},
        {"append misolabel=Live-12", "append misolabel=LIVE"},
        {"append archisodevice=/dev/disk/by-label/Live-12",
         "append archisodevice=/dev/disk/by-label/LIVE"},
        {"set isolabel=\"Live-12\"", "set isolabel=\"LIVE\""},
        {"volume \"Live-12\"", "volume \"LIVE\""},
        {"kernel_path: fslabel(Live-12):/vmlinuz", "kernel_path: fslabel(LIVE):/vmlinuz"},
        {"a\nroot=LABEL=Live-12\nb\nroot=LABEL=Live-12\n",
         "a\nroot=LABEL=LIVE\nb\nroot=LABEL=LIVE\n"},
    };
    assert_all(cases, G_N_ELEMENTS(cases), "Live-12", "LIVE");
}

static void
test_other_words_stay(void)
{
    static const Case cases[] = {
        {"menuentry 'Live-12' {", NULL},
        {"menu title Welcome to Live-12", NULL},
        {"LABEL Live-12", NULL},
        {"# search --label Live-12", NULL},
        {"  # archisolabel=Live-12", NULL},
        {"search --label Live-123", NULL},
        {"path: fslabel(Live-123):/vmlinuz", NULL},
        {"path: guid(Live-12):/vmlinuz", NULL},
        {"search --label Live-12-x64", NULL},
        {"search --label xLive-12", NULL},
        {"search --label LIVE-12", NULL},
        {"search --file /Live-12", NULL},
        {"search --set=root --file Live-12", NULL},
        {"search --fs-uuid Live-12", NULL},
        {"research --label Live-12", NULL},
        {"linux /Live-12/vmlinuz label Live-12", NULL},
        {"archisolabel=Live-12\\x20", NULL},
        {"archisolabel=Live-1", NULL},
        {"", NULL},
        {"\n\n#\n", NULL},
    };
    assert_all(cases, G_N_ELEMENTS(cases), "Live-12", "LIVE");
}

static void
test_only_the_words_of_a_search_are_changed_beside_it(void)
{
    assert_relabelled("menuentry 'A B' { search --label 'A B'; linux /A B root=LABEL=A\\x20B }",
                      "A B", "AB",
                      "menuentry 'A B' { search --label 'AB'; linux /A B root=LABEL=AB }");
}

/* Spaces go by the spelling that is there. */
static void
test_spaces_are_written_as_before(void)
{
    static const Case cases[] = {
        {"linux root=live:CDLABEL=A\\x207\\x20x", "linux root=live:CDLABEL=MY\\x20OWN"},
        {"linux root=live:CDLABEL=A\\\\x207\\\\x20x", "linux root=live:CDLABEL=MY\\\\x20OWN"},
        {"append root=LABEL=A\\0407\\040x", "append root=LABEL=MY\\040OWN"},
        {"search -l 'A 7 x'", "search -l 'MY OWN'"},
        {"linux root=LABEL=\"A 7 x\" quiet", "linux root=LABEL=\"MY OWN\" quiet"},
        {"linux root=LABEL=A\\x207\\x2x", NULL},
        {"linux root=LABEL=A\\x207_x", NULL},
    };
    assert_all(cases, G_N_ELEMENTS(cases), "A 7 x", "MY OWN");
}

static void
test_a_space_that_was_not_there_is_written_so_that_it_holds(void)
{
    static const Case cases[] = {
        {"search --label Live12", "search --label \"MY OWN\""},
        {"search --label 'Live12'", "search --label 'MY OWN'"},
        {"path: fslabel(Live12):/vmlinuz", "path: fslabel(MY OWN):/vmlinuz"},
        {"linux root=live:CDLABEL=Live12", "linux root=live:CDLABEL=MY\\\\x20OWN"},
        {"append root=live:CDLABEL=Live12", "append root=live:CDLABEL=MY\\x20OWN"},
        {"  APPEND isolabel=Live12", "  APPEND isolabel=MY\\x20OWN"},
        {"options archisolabel=Live12", "options archisolabel=MY\\x20OWN"},
    };
    assert_all(cases, G_N_ELEMENTS(cases), "Live12", "MY OWN");
}

static void
test_any_bytes_may_be_around(void)
{
    static const char text[] = "\xff\xfe\0search --label Live\0\n\0\x80 archisolabel=Live\n\0";
    gsize size = sizeof text - 1;
    g_autoptr(RubEntry) entry = menu_entry_new("boot/x.cfg", text, size);
    g_autoptr(GArray) uses = menu_find_label(text, size, "Live");
    g_assert_cmpuint(uses->len, ==, 2);
    g_assert_cmpuint(g_array_index(uses, RubLabelUse, 0).offset_bytes, ==, 18);
    g_assert_cmpuint(g_array_index(uses, RubLabelUse, 1).offset_bytes, ==, size - 6);
}

/* Every end of a menu that is cut off is looked at without a step beyond. */
static void
test_cut_off_menus_are_read_to_their_end_only(void)
{
    static const char text[] =
        "search -l 'A\\x20B'\nx by-label/A\\040B root=LABEL=\"A B\" search.fs_"
        "label A\\\\x20B";
    for (gsize size = 0; size <= strlen(text); size++) {
        g_autofree char *cut = g_memdup2(text, size);
        g_autoptr(GArray) uses = menu_find_label(cut ? cut : "", size, "A B");
        for (guint i = 0; i < uses->len; i++) {
            const RubLabelUse *use = &g_array_index(uses, RubLabelUse, i);
            g_assert_cmpuint(use->offset_bytes + use->size_bytes, <=, size);
        }
    }
}

static char *
repeat(const char *start, const char *part, gsize size_bytes)
{
    GString *text = g_string_new(start);
    while (text->len < size_bytes)
        g_string_append(text, part);
    return g_string_free(text, FALSE);
}

/* How many bytes were looked at, each as often as it was. */
static guint64
measure(const char *start, const char *part, gsize size_bytes, const char *label)
{
    g_autofree char *text = repeat(start, part, size_bytes);
    RubMenuBudget budget = {G_MAXUINT64, G_MAXUINT};
    g_autoptr(GArray) uses = rub_boot_menu_find_label(text, size_bytes, label, &budget);
    return G_MAXUINT64 - budget.work_bytes;
}

/* Whatever was thought up to keep the search busy, twice as much of it takes twice as long. */
static void
test_the_work_grows_as_the_menu_does(void)
{
    static const struct {
        const char *start;
        const char *part;
        const char *label;
    } cases[] = {
        {"", "nothing\n", "A"},
        {"search -l", " A", "A"},
        {"search -l", " AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB"},
        {"search -l ", "A", "AAAAAAAA"},
        {"", "label=A\\x20", "A A A A A A A A A A A A A A A A"},
        {"search -l", " ", "      x"},
        {"x", " 'A", "A"},
        {"", "searc -l --labe", "A"},
        {"", "A\\\n", "A"},
        {"", "search -l \"A", "A"},
    };
    const gsize size = 64 * 1024;
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        guint64 once = measure(cases[i].start, cases[i].part, size, cases[i].label);
        guint64 twice = measure(cases[i].start, cases[i].part, 2 * size, cases[i].label);
        g_assert_cmpuint(once, >=, size);
        g_assert_cmpuint(twice, <=, 2 * once + size / 8);
        g_assert_cmpuint(once, <=, 64 * size);
    }
}

static void
test_the_search_stops_where_its_budget_does(void)
{
    g_autofree char *text = repeat("search -l", " A", 256 * 1024);
    RubMenuBudget few = {G_MAXUINT64, 1000};
    g_autoptr(GArray) uses = rub_boot_menu_find_label(text, strlen(text), "A", &few);
    g_assert_cmpuint(uses->len, ==, 1000);
    g_assert_true(rub_menu_budget_is_used_up(&few));
    RubMenuBudget little = {300 * 1024, 1000};
    g_autoptr(GArray) none = rub_boot_menu_find_label(text, strlen(text), "A", &little);
    g_assert_cmpuint(none->len, ==, 0);
    g_assert_true(rub_menu_budget_is_used_up(&little));
    RubMenuBudget enough = {G_MAXUINT64, G_MAXUINT};
    g_autoptr(GArray) all = rub_boot_menu_find_label(text, strlen(text), "A", &enough);
    g_assert_cmpuint(all->len, ==, (strlen(text) - strlen("search -l")) / 2);
    g_assert_false(rub_menu_budget_is_used_up(&enough));
}

static void
test_only_texts_at_the_places_of_menus_are_menus(void)
{
    static const struct {
        const char *path;
        gboolean is_menu;
    } cases[] = {
        {"boot/grub/grub.cfg", TRUE},
        {"boot/grub/x86_64-efi/load.cfg", TRUE},
        {"EFI/BOOT/GRUB.CFG", TRUE},
        {"EFI/BOOT/refind.conf", TRUE},
        {"loader/entries/01-live.conf", TRUE},
        {"isolinux/isolinux.cfg", TRUE},
        {"syslinux.cfg", TRUE},
        {"limine.conf", TRUE},
        {"EFI/BOOT/BOOTX64.EFI", FALSE},
        {"live/filesystem.squashfs", FALSE},
        {"etc/fstab.conf", FALSE},
        {"boot/grub/grub.cfg.sig", FALSE},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(RubEntry) entry = menu_entry_new(cases[i].path, "x", 1);
        g_assert_cmpint(rub_boot_menu_is_one(entry), ==, cases[i].is_menu);
    }
    g_autoptr(RubEntry) empty = menu_entry_new("boot/grub/grub.cfg", "", 0);
    g_assert_false(rub_boot_menu_is_one(empty));
    g_autoptr(RubEntry) folder = rub_entry_new(RUB_ENTRY_FOLDER, g_strdup("boot/grub/a.cfg"));
    g_assert_false(rub_boot_menu_is_one(folder));
}

static void
test_labels_with_a_meaning_of_their_own_are_not_put_into_menus(void)
{
    static const char *const fine[] = {"LIVE", "A", "MY OWN", "LIVE-12_X"};
    static const char *const others[] = {"",     " A",  "A ",  "A$B", "A'B",
                                         "A\"B", "A;B", "A&B", "{A}", "\xc3\x84"};
    for (guint i = 0; i < G_N_ELEMENTS(fine); i++)
        g_assert_true(rub_boot_menu_can_name(fine[i]));
    for (guint i = 0; i < G_N_ELEMENTS(others); i++)
        g_assert_false(rub_boot_menu_can_name(others[i]));
}

/* Only the label is in memory: all else are the image's own bytes. */
static void
test_what_is_not_changed_comes_from_the_image(void)
{
    static const char text[] = "set x=y\nsearch --label Live\nlinux /vmlinuz\n";
    g_autoptr(RubEntry) entry = rub_entry_new(RUB_ENTRY_FILE, g_strdup("boot/grub/grub.cfg"));
    entry->size_bytes = strlen(text);
    rub_entry_add_extent(entry, 4096, 10);
    rub_entry_add_extent(entry, RUB_EXTENT_HOLE, 2);
    rub_entry_add_extent(entry, 8192, entry->size_bytes - 12);
    g_autoptr(RubBootMenu) menu = menu_new(entry, text, "Live");
    g_autoptr(RubEntry) changed = rub_boot_menu_relabel(menu, "OTHER");
    const RubExtent expected[] = {
        {4096, 10}, {RUB_EXTENT_HOLE, 2}, {8192, 11}, {RUB_EXTENT_IN_MEMORY, 5}, {8192 + 15, 16}};
    g_assert_cmpuint(changed->size_bytes, ==, entry->size_bytes + 1);
    g_assert_cmpuint(changed->extents->len, ==, G_N_ELEMENTS(expected));
    for (guint i = 0; i < changed->extents->len; i++) {
        const RubExtent *extent = &g_array_index(changed->extents, RubExtent, i);
        g_assert_cmpuint(extent->offset_bytes, ==, expected[i].offset_bytes);
        g_assert_cmpuint(extent->size_bytes, ==, expected[i].size_bytes);
    }
    g_assert_cmpmem(changed->memory->data, changed->memory->len, "OTHER", 5);
}

#define UUID "2024-01-31-12-00-00-00"

static gboolean
has_uuid(const char *text)
{
    RubMenuBudget budget = {G_MAXUINT32, G_MAXUINT};
    return rub_boot_menu_has_uuid(text, strlen(text), UUID, &budget);
}

static void
test_a_uuid_that_is_looked_for_is_found(void)
{
    static const char *const found[] = {
        "search --no-floppy --fs-uuid --set=root " UUID,
        "a\n  search --fs-uuid --set=root '" UUID "'\nb",
        "linux /vmlinuz archisobasedir=arch archisosearchuuid=" UUID " quiet",
        "options root=UUID=" UUID,
        "linux /vmlinuz root=/dev/disk/by-uuid/" UUID " ro",
        "set iso_uuid=\"" UUID "\"",
        "# " UUID "\nsearch --fs-uuid " UUID,
        "/boot/" UUID ".uuid search.fs_uuid " UUID " root",
    };
    static const char *const others[] = {
        "# search --fs-uuid " UUID,
        "a\n  # root=UUID=" UUID "\nb",
        "search --file --set=root /boot/" UUID ".uuid",
        "search --file --set=root /.disk/" UUID,
        "search --fs-uuid " UUID "-1",
        "search --fs-uuid 1" UUID,
        "search --fs-uuid 2024-01-31-12-00-00-0",
        "search --label LIVE",
        "",
    };
    for (guint i = 0; i < G_N_ELEMENTS(found); i++) {
        g_test_message("%s", found[i]);
        g_assert_true(has_uuid(found[i]));
    }
    for (guint i = 0; i < G_N_ELEMENTS(others); i++) {
        g_test_message("%s", others[i]);
        g_assert_false(has_uuid(others[i]));
    }
}

/* A line full of what is none must not be gone through again for each. */
static void
test_the_search_for_a_uuid_stops_where_its_budget_does(void)
{
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint i = 0; i < 10000; i++)
        g_string_append(text, "/" UUID ".");
    g_string_append(text, " root=UUID=" UUID);
    RubMenuBudget budget = {4 * text->len, 10};
    g_assert_false(rub_boot_menu_has_uuid(text->str, text->len, UUID, &budget));
    g_assert_true(rub_menu_budget_is_used_up(&budget));
    g_assert_cmpuint(budget.use_count, ==, 10);
}

#define ADD(name, function) g_test_add_func("/boot-menu/" name, function)

int
main(int argc, char *argv[])
{
    g_test_init(&argc, &argv, NULL);
    ADD("what live systems look for is found", test_what_live_systems_look_for_is_found);
    ADD("other words stay", test_other_words_stay);
    ADD("only the words of a search are changed beside it",
        test_only_the_words_of_a_search_are_changed_beside_it);
    ADD("spaces are written as before", test_spaces_are_written_as_before);
    ADD("a space that was not there is written so that it holds",
        test_a_space_that_was_not_there_is_written_so_that_it_holds);
    ADD("any bytes may be around", test_any_bytes_may_be_around);
    ADD("cut off menus are read to their end only", test_cut_off_menus_are_read_to_their_end_only);
    ADD("the work grows as the menu does", test_the_work_grows_as_the_menu_does);
    ADD("the search stops where its budget does", test_the_search_stops_where_its_budget_does);
    ADD("only texts at the places of menus are menus",
        test_only_texts_at_the_places_of_menus_are_menus);
    ADD("labels with a meaning of their own are not put into menus",
        test_labels_with_a_meaning_of_their_own_are_not_put_into_menus);
    ADD("a UUID that is looked for is found", test_a_uuid_that_is_looked_for_is_found);
    ADD("the search for a UUID stops where its budget does",
        test_the_search_for_a_uuid_stops_where_its_budget_does);
    ADD("what is not changed comes from the image", test_what_is_not_changed_comes_from_the_image);
    return g_test_run();
}
