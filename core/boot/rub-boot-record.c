/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "boot/rub-boot-record.h"

#include "boot/rub-boot-code.h"
#include "boot/rub-ntfs-boot.h"

gboolean
rub_boot_record_install(RubDisk *disk, RubFilesystem filesystem, guint64 start_lba, GError **error)
{
    return filesystem == RUB_FILESYSTEM_NTFS
               ? rub_boot_install_ntfs_record(disk, start_lba, error)
               : rub_boot_install_fat32_record(disk, start_lba, error);
}

gboolean
rub_boot_record_verify(RubDisk *disk, RubFilesystem filesystem, guint64 start_lba, GError **error)
{
    return filesystem == RUB_FILESYSTEM_NTFS ? rub_boot_verify_ntfs(disk, start_lba, error)
                                             : rub_boot_verify(disk, start_lba, error);
}

GBytes *
rub_boot_record_read(RubDisk *disk, RubFilesystem filesystem, guint64 start_lba, GError **error)
{
    return filesystem == RUB_FILESYSTEM_NTFS ? rub_boot_read_ntfs_records(disk, start_lba, error)
                                             : rub_boot_read_records(disk, start_lba, error);
}
