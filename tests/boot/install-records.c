/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Puts the boot programs on a disk image with the product's own installer:
 * install-records IMAGE START_LBA fat32|ntfs. A start of 0 means that the volume has the disk to
 * itself, and then there is no master boot record. */

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/rub-error.h"
#include "boot/rub-boot-code.h"
#include "boot/rub-boot-record.h"

#define SECTOR_BYTES 512

static RubDisk *
open_image(const char *path, GError **error)
{
    int fd = open(path, O_RDWR | O_CLOEXEC);
    struct stat st;
    if (fd < 0 || fstat(fd, &st) != 0) {
        rub_error_set_errno(error, RUB_CODE_WRITE_FAILED, errno, "cannot open {name}", "name", path,
                            NULL);
        return NULL;
    }
    return rub_disk_new(fd, (guint64) st.st_size, SECTOR_BYTES, path);
}

static gboolean
install(const char *path, guint64 start_lba, RubFilesystem filesystem, GError **error)
{
    g_autoptr(RubDisk) disk = open_image(path, error);
    if (!disk || !rub_boot_record_install(disk, filesystem, start_lba, error))
        return FALSE;
    if (start_lba == 0)
        return TRUE;
    return rub_boot_install_mbr(disk, error) &&
           rub_boot_record_verify(disk, filesystem, start_lba, error);
}

int
main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    guint64 start_lba;
    if (argc != 4 || !g_ascii_string_to_unsigned(argv[2], 10, 0, G_MAXUINT32, &start_lba, &error)) {
        g_printerr("usage: %s IMAGE START_LBA fat32|ntfs\n", argv[0]);
        return 2;
    }
    RubFilesystem filesystem =
        strcmp(argv[3], "ntfs") == 0 ? RUB_FILESYSTEM_NTFS : RUB_FILESYSTEM_FAT32;
    if (!install(argv[1], start_lba, filesystem, &error)) {
        g_printerr("%s\n", error->message);
        return 1;
    }
    return 0;
}
