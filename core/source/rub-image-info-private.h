/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "source/rub-image-info.h"

G_BEGIN_DECLS

/**
 * rub_image_info_add_windows:
 * @self: an image info that is being made
 * @source: the image
 * @cancellable: (nullable): stops it
 * @error: return location
 *
 * Finds out from its WIMs whether the image is Windows, and which. Errors: those of
 * rub_source_read(), %RUB_CODE_CANCELLED.
 *
 * Returns: whether the image could be read
 */
gboolean rub_image_info_add_windows(RubImageInfo *self, const RubSource *source,
                                    GCancellable *cancellable, GError **error);

/**
 * rub_image_info_add_boot:
 * @self: an image info that is being made, whose kind is known
 * @source: the image
 * @error: return location
 *
 * Finds out what firmware starts. Errors: those of rub_source_read().
 *
 * Returns: whether the image could be read
 */
gboolean rub_image_info_add_boot(RubImageInfo *self, const RubSource *source, GError **error);

/**
 * rub_image_info_add_el_torito_efi:
 * @self: an image info whose loaders of the image itself are known
 * @source: the image
 * @error: return location
 *
 * Adds what the disc's boot image for UEFI has and the image has not, or has broken. Errors: those
 * of rub_source_read().
 *
 * Returns: whether the image could be read
 */
gboolean rub_image_info_add_el_torito_efi(RubImageInfo *self, const RubSource *source,
                                          GError **error);

/**
 * rub_image_info_add_wim_loader:
 * @self: an image info whose other loaders are known
 * @source: the image
 * @error: return location
 *
 * Adds the loader that is in the Windows of a WIM, where an image for UEFI has no other that would
 * start: Windows 7. Errors: those of rub_source_read().
 *
 * Returns: whether the image could be read
 */
gboolean rub_image_info_add_wim_loader(RubImageInfo *self, const RubSource *source, GError **error);

/**
 * rub_image_info_add_hybrid:
 * @self: an image info that knows the disc's boot images
 * @source: the image
 * @error: return location
 *
 * Finds out what would start from a stick that the image is written to byte by byte. Errors: those
 * of rub_source_read().
 *
 * Returns: whether the image could be read
 */
gboolean rub_image_info_add_hybrid(RubImageInfo *self, const RubSource *source, GError **error);

/**
 * rub_image_info_add_label_menus:
 * @self: an image info whose kind and extra entries are known
 * @source: the image
 * @cancellable: (nullable): stops it
 * @error: return location
 *
 * Finds the boot menus that look for the image's volume by name or UUID. Errors: those of
 * rub_source_read(), %RUB_CODE_CANCELLED.
 *
 * Returns: whether the image could be read
 */
gboolean rub_image_info_add_label_menus(RubImageInfo *self, const RubSource *source,
                                        GCancellable *cancellable, GError **error);

/**
 * rub_image_info_add_bios_menu:
 * @self: an image info whose kind is known, and the disc's boot images
 * @source: the image
 * @error: return location
 *
 * Finds the boot menu that GRUB would read on BIOS. Errors: those of rub_source_read().
 *
 * Returns: whether the image could be read
 */
gboolean rub_image_info_add_bios_menu(RubImageInfo *self, const RubSource *source, GError **error);

/** rub_image_info_spell_path: Returns: (transfer full): @path, with those of its folders that the
 * image has in the spelling of the image */
char *rub_image_info_spell_path(const RubSource *source, const char *path);

/**
 * rub_image_info_read_loader:
 * @source: the image
 * @entry: a file or link
 * @origin: where it comes from
 * @error: return location
 *
 * Looks at what may be a loader: a file EFI/BOOT/something.efi. Errors: those of
 * rub_source_read().
 *
 * Returns: (transfer full) (nullable): what it is
 */
RubUefiLoader *rub_image_info_read_loader(const RubSource *source, const RubEntry *entry,
                                          RubFileOrigin origin, GError **error);

/** rub_image_info_is_loader: Returns: whether @entry is a file or link EFI/BOOT/something.efi */
gboolean rub_image_info_is_loader(const RubEntry *entry);

/** rub_uefi_loader_free: frees a loader's facts */
void rub_uefi_loader_free(RubUefiLoader *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RubUefiLoader, rub_uefi_loader_free)

/** rub_image_info_add_unique: appends a copy of @text to @texts unless it is there already */
void rub_image_info_add_unique(GPtrArray *texts, const char *text);

G_END_DECLS
