/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "source/rub-image-info-private.h"

/* Where live systems have their menus, what GRUB was made for first. */
static const char *const menus[] = {"boot/grub/grub.cfg",
                                    "boot/grub2/grub.cfg",
                                    "isolinux/isolinux.cfg",
                                    "boot/isolinux/isolinux.cfg",
                                    "boot/syslinux/syslinux.cfg",
                                    "syslinux/syslinux.cfg",
                                    "isolinux.cfg",
                                    "syslinux.cfg"};

/* Fedora's GRUB has commands that start kernels on UEFI only. */
static gboolean
is_for_uefi_only(const char *text, gsize size_bytes)
{
    return g_strstr_len(text, (gssize) size_bytes, "linuxefi") != NULL;
}

static gboolean
judge(const RubSource *source, const RubEntry *entry, gboolean *is_fit, GError **error)
{
    *is_fit = FALSE;
    if (!entry || entry->kind != RUB_ENTRY_FILE || entry->size_bytes == 0 ||
        entry->size_bytes > RUB_BOOT_MENU_MAX_BYTES)
        return TRUE;
    g_autofree char *text = g_malloc(entry->size_bytes);
    if (!rub_source_read(source, entry, 0, text, entry->size_bytes, error))
        return FALSE;
    *is_fit = !is_for_uefi_only(text, entry->size_bytes);
    return TRUE;
}

/* What starts on BIOS from a disc has a kernel that can. */
gboolean
rub_image_info_add_bios_menu(RubImageInfo *self, const RubSource *source, GError **error)
{
    gboolean is_fit = FALSE;
    if (self->kind == RUB_IMAGE_WINDOWS_PE || self->kind == RUB_IMAGE_WINDOWS_SETUP ||
        !self->has_el_torito_bios || rub_source_find(source, "bootmgr"))
        return TRUE;
    for (guint i = 0; i < G_N_ELEMENTS(menus) && !is_fit; i++) {
        const RubEntry *entry = rub_source_find(source, menus[i]);
        if (!judge(source, entry, &is_fit, error))
            return FALSE;
        if (is_fit)
            self->bios_menu = g_strdup(entry->path);
    }
    return TRUE;
}
