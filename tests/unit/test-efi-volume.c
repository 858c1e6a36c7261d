/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "source/rub-efi-volume.h"

#include "loop-tools.h"

#define DRIVE_BYTES ((guint64) 4 * 1024 * 1024)
#define FOLDER_ENTRY "EFI"

/* Written through the drive: what lies under it may differ from what the kernel knows of it. */
static void
make_boot_image(const Loop *loop)
{
    g_autofree char *command = g_strdup_printf(
        "cd %s && mkfs.fat -C boot.img 2048 >/dev/null && mmd -i boot.img ::" FOLDER_ENTRY
        " && dd if=boot.img of=%s bs=1M conv=fsync status=none",
        loop->folder, loop->node);
    run("sh", "-c", command);
}

/* Discs in drives have sectors of 2048 bytes, of which their boot images know nothing. */
static void
test_a_disc_in_a_drive_is_read_like_a_file(void)
{
    Loop loop = {0};
    guint8 bytes[3];
    g_autoptr(GError) error = NULL;
    extend_search_path();
    if (!has_tool("mkfs.fat") || !has_tool("mmd"))
        return;
    set_up_loop(&loop, DRIVE_BYTES, 2048);
    if (loop.node) {
        make_boot_image(&loop);
        g_autoptr(RubImageFile) file = rub_image_file_open(loop.node, &error);
        g_assert_no_error(error);
        g_autoptr(RubListing) listing = NULL;
        rub_efi_volume_list(file, 0, &listing, &error);
        g_assert_no_error(error);
        g_assert_nonnull(listing);
        g_assert_cmpuint(listing->entries->len, ==, 1);
        const RubEntry *entry = g_ptr_array_index(listing->entries, 0);
        g_assert_cmpstr(entry->path, ==, FOLDER_ENTRY);
        /* As any part of it is read afterwards, too. */
        rub_image_file_read(file, 1, bytes, sizeof bytes, &error);
        g_assert_no_error(error);
    }
    tear_down_loop(&loop);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/efi-volume/a disc in a drive is read like a file",
                    test_a_disc_in_a_drive_is_read_like_a_file);
    return g_test_run();
}
