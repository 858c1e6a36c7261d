/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "source/rub-image-info.h"
#include "target/rub-layout.h"

G_BEGIN_DECLS

/* What the command line and the wizard call the same facts, in the user's language. */

/**
 * rub_facts_name_firmware:
 * @uefi_machines: the machines whose UEFI starts it
 * @starts_bios: whether BIOS does
 *
 * Returns: (transfer full): "UEFI 64-bit, BIOS"; "nothing" for neither
 */
char *rub_facts_name_firmware(RubMachine uefi_machines, gboolean starts_bios);

/** rub_facts_name_image_firmware: Returns: (transfer full): the same of what an image starts on, in
 * one way or the other: by its files, or byte by byte */
char *rub_facts_name_image_firmware(const RubImageInfo *info);

/** rub_facts_count_files: Returns: (transfer full): "1 file", "57 files" */
char *rub_facts_count_files(guint count);

/**
 * rub_facts_name_filesystem:
 * @filesystem: (nullable): libblkid's name of it
 * @fat_bits: 12, 16 or 32 for a FAT, else 0
 *
 * Returns: (transfer full): "FAT32", "NTFS", "unknown contents"
 */
char *rub_facts_name_filesystem(const char *filesystem, guint fat_bits);

/** rub_facts_name_table: Returns: (transfer none): "MBR", "GPT", "empty or unknown" */
const char *rub_facts_name_table(const RubLayout *layout);

G_END_DECLS
