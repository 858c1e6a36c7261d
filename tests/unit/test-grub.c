/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A BOOTMGR made of this computer's GRUB. That it starts is seen in the tests with emulators. */
#include "boot/rub-grub.h"

#include "base/rub-bytes.h"

#define HEAD_BYTES 512
#define SECTOR_COUNT_OFFSET 4

static RubEntry *
make(const char *menu, GCancellable *cancellable)
{
    const RubImageInfo info = {.kind = RUB_IMAGE_LINUX, .bios_menu = (char *) menu};
    return rub_grub_new(&info, cancellable);
}

static gboolean
is_installed(void)
{
    g_autofree char *program = g_find_program_in_path("grub-mkimage");
    if (program && g_file_test("/usr/lib/grub/i386-pc/diskboot.img", G_FILE_TEST_EXISTS))
        return TRUE;
    g_test_skip("grub-mkimage or its modules for BIOS are not installed (grub-common, "
                "grub-pc-bin)");
    return FALSE;
}

static void
test_a_loader_is_whole_sectors_behind_a_head(void)
{
    static const char *const menus[] = {"boot/grub/grub.cfg", "isolinux/isolinux.cfg",
                                        "isolinux.cfg"};
    for (guint i = 0; i < G_N_ELEMENTS(menus) && is_installed(); i++) {
        g_autoptr(RubEntry) file = make(menus[i], NULL);
        g_assert_nonnull(file);
        g_assert_cmpstr(file->path, ==, "bootmgr");
        g_assert_cmpuint(file->size_bytes, ==, file->memory->len);
        g_assert_cmpuint(file->extents->len, ==, 1);
        RubBytes bytes = rub_bytes(file->memory->data, file->memory->len);
        guint sector_count = rub_bytes_u16le(&bytes, SECTOR_COUNT_OFFSET);
        g_assert_cmpuint(file->size_bytes, ==, HEAD_BYTES * (1 + sector_count));
        g_assert_cmpuint(file->size_bytes, <, 480 * 1024);
    }
}

static void
test_an_image_without_a_menu_gets_none(void)
{
    g_assert_null(make(NULL, NULL));
}

static void
test_whoever_stops_gets_none(void)
{
    g_autoptr(GCancellable) cancellable = g_cancellable_new();
    g_cancellable_cancel(cancellable);
    g_assert_null(make("boot/grub/grub.cfg", cancellable));
}

static void
test_without_grub_there_is_none(void)
{
    g_autofree char *old = g_strdup(g_getenv("PATH"));
    g_setenv("PATH", "/nonexistent", TRUE);
    g_assert_null(make("boot/grub/grub.cfg", NULL));
    g_setenv("PATH", old, TRUE);
}

#define ADD(name, function) g_test_add_func("/grub/" name, function)

int
main(int argc, char *argv[])
{
    g_test_init(&argc, &argv, NULL);
    ADD("a loader is whole sectors behind a head", test_a_loader_is_whole_sectors_behind_a_head);
    ADD("an image without a menu gets none", test_an_image_without_a_menu_gets_none);
    ADD("whoever stops gets none", test_whoever_stops_gets_none);
    ADD("without GRUB there is none", test_without_grub_there_is_none);
    return g_test_run();
}
