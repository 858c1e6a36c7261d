/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "target/rub-mbr-maker.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/rub-error.h"
#include "target/rub-fdisk.h"
#include "target/rub-layout-probe.h"
#include "target/rub-wipe.h"

#define MBR_BYTES 512
#define DISK_SIGNATURE_BUFFER 11

static int
describe_partition(RubFdisk *fdisk, const RubNewVolume *volume)
{
    char signature[DISK_SIGNATURE_BUFFER];
    g_snprintf(signature, sizeof signature, "0x%08x", volume->disk_signature);
    int rc = fdisk_create_disklabel(fdisk, "dos");
    if (rc != 0)
        return rc;
    rc = fdisk_set_disklabel_id_from_string(fdisk, signature);
    if (rc != 0)
        return rc;
    struct fdisk_label *label = fdisk_get_label(fdisk, NULL);
    g_autoptr(RubFdiskPartition) partition = fdisk_new_partition();
    fdisk_partition_set_partno(partition, 0);
    fdisk_partition_set_start(partition, volume->start_lba);
    fdisk_partition_set_size(partition, volume->sector_count);
    /* Otherwise the end is rounded to the next MiB. */
    fdisk_partition_size_explicit(partition, TRUE);
    fdisk_partition_set_type(partition,
                             fdisk_label_get_parttype_from_code(label, volume->mbr_type));
    rc = fdisk_add_partition(fdisk, partition, NULL);
    if (rc == 0 && volume->is_active)
        rc = fdisk_toggle_partition_flag(fdisk, 0, DOS_FLAG_ACTIVE);
    return rc;
}

/* libfdisk writes on its own, and would write sector by sector what it wipes. So it works on an
 * empty stand-in in memory of the same size, whose first sector then goes to the disk the way every
 * other byte does. The stand-in has no geometry of a drive either: the CHS fields always come out
 * for 255 heads and 63 sectors. */
static gboolean
compose_mbr(guint8 *mbr, RubDisk *disk, const RubNewVolume *volume, GError **error)
{
    int fd = memfd_create("rescue-usb-builder-mbr", MFD_CLOEXEC);
    int rc = fd < 0 || ftruncate(fd, (off_t) rub_disk_get_size_bytes(disk)) != 0 ? -errno : 0;
    if (rc == 0) {
        g_autoptr(RubFdisk) fdisk =
            rub_fdisk_new(fd, rub_disk_get_sector_size(disk), RUB_FDISK_WRITE);
        rc = fdisk ? describe_partition(fdisk, volume) : -errno;
        if (rc == 0)
            rc = fdisk_write_disklabel(fdisk);
    }
    if (rc == 0 && pread(fd, mbr, MBR_BYTES, 0) != MBR_BYTES)
        rc = -EIO;
    if (fd >= 0)
        close(fd);
    if (rc != 0)
        rub_error_set_errno(error, RUB_CODE_INIT_FAILED, -rc,
                            N_("cannot describe the new partition of {name}"), "name",
                            rub_disk_get_name(disk), NULL);
    rub_disk_advise_limit(error, -rc);
    return rc == 0;
}

static gboolean
is_as_described(const RubLayout *layout, const RubNewVolume *volume)
{
    if (layout->table != RUB_TABLE_MBR || layout->partitions->len != 1 ||
        layout->disk_signature != volume->disk_signature)
        return FALSE;
    const RubPartition *partition = g_ptr_array_index(layout->partitions, 0);
    return partition->number == 1 && partition->start_lba == volume->start_lba &&
           partition->sector_count == volume->sector_count &&
           partition->mbr_type == volume->mbr_type && partition->is_active == volume->is_active;
}

static gboolean
check_table(RubDisk *disk, const RubNewVolume *volume, GError **error)
{
    g_autoptr(RubLayout) layout = rub_layout_new(rub_disk_get_name(disk), 0);
    if (!rub_layout_probe_table(layout, disk, error))
        return FALSE;
    if (is_as_described(layout, volume))
        return TRUE;
    rub_error_set_text(
        error, RUB_CODE_NO_PARTITION_TABLE,
        N_("the partition table just written to {name} is not there when read again"), "name",
        layout->name, NULL);
    return FALSE;
}

gboolean
rub_mbr_make(RubDisk *disk, const RubNewVolume *volume, GError **error)
{
    guint8 mbr[MBR_BYTES];
    if (!compose_mbr(mbr, disk, volume, error))
        return FALSE;
    GError *io_error = NULL;
    if (!rub_wipe_ends_for(disk, 0, rub_disk_get_size_bytes(disk), mbr, sizeof mbr, &io_error)) {
        rub_disk_propagate_error(error, io_error, RUB_CODE_INIT_FAILED);
        return FALSE;
    }
    return check_table(disk, volume, error);
}
