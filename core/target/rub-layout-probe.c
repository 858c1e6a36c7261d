/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "target/rub-layout-probe.h"

#include <blkid.h>
#include <xxhash.h>

#include "base/rub-bytes.h"
#include "base/rub-error.h"
#include "base/rub-mbr.h"
#include "boot/rub-boot-probe.h"
#include "target/rub-blank.h"
#include "target/rub-fdisk.h"
#include "target/rub-kept-ntfs.h"
#include "target/rub-kept-volume.h"

/* Where a boot sector names its filesystem: exFAT and NTFS, FAT12 and FAT16, FAT32. */
#define FILESYSTEM_NAME_OFFSET 3
#define FAT16_TYPE_OFFSET 54
#define FAT32_TYPE_OFFSET 82

G_DEFINE_AUTO_CLEANUP_FREE_FUNC(blkid_probe, blkid_free_probe, NULL)
typedef XXH3_state_t RubXxh3State;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RubXxh3State, XXH3_freeState)

/* First sectors the partition table lives in: the MBR and, for a GPT, its header. */
typedef struct {
    guint8 *data;
    gsize size_bytes;
} RubTrack0;

static void
rub_track_0_clear(RubTrack0 *self)
{
    g_free(self->data);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(RubTrack0, rub_track_0_clear)

static gboolean
read_track_0(RubTrack0 *track_0, RubDisk *disk, GError **error)
{
    guint64 disk_bytes = rub_disk_get_size_bytes(disk);
    track_0->size_bytes = MIN(2 * rub_disk_get_sector_size(disk), disk_bytes);
    track_0->data = g_malloc0(track_0->size_bytes);
    g_autoptr(GError) io_error = NULL;
    if (rub_disk_read(disk, 0, track_0->data, track_0->size_bytes, &io_error))
        return TRUE;
    rub_disk_propagate_error(error, g_steal_pointer(&io_error), RUB_CODE_TRACK_0_NOT_WRITABLE);
    return FALSE;
}

static gboolean
is_zero(const guint8 *data, gsize size)
{
    for (gsize i = 0; i < size; i++)
        if (data[i] != 0)
            return FALSE;
    return TRUE;
}

static char *
lookup(blkid_probe probe, const char *name)
{
    const char *value = NULL;
    if (blkid_probe_lookup_value(probe, name, &value, NULL) != 0 || !value || !*value)
        return NULL;
    /* Labels come in the filesystem's own code page. */
    return g_utf8_make_valid(value, -1);
}

static guint
parse_fat_bits(const char *version)
{
    return version && g_str_has_prefix(version, "FAT")
               ? (guint) g_ascii_strtoull(version + 3, NULL, 10)
               : 0;
}

/* Fills contents with what libblkid finds in a window of the disk. */
static void
probe_contents(RubContents *contents, RubDisk *disk, guint64 offset_bytes, guint64 size_bytes)
{
    g_auto(blkid_probe) probe = blkid_new_probe();
    if (blkid_probe_set_device(probe, rub_disk_get_fd(disk), (blkid_loff_t) offset_bytes,
                               (blkid_loff_t) size_bytes) != 0)
        return;
    blkid_probe_enable_superblocks(probe, TRUE);
    blkid_probe_set_superblocks_flags(probe, BLKID_SUBLKS_TYPE | BLKID_SUBLKS_LABEL |
                                                 BLKID_SUBLKS_VERSION);
    /* The safe probe gives nothing where it finds the signatures of two filesystems. One of them
     * is real, so that something is known to be there. */
    int rc = blkid_do_safeprobe(probe);
    if (rc < 0) {
        blkid_reset_probe(probe);
        rc = blkid_do_probe(probe);
    }
    if (rc != 0)
        return;
    g_autofree char *version = lookup(probe, "VERSION");
    contents->filesystem = lookup(probe, "TYPE");
    contents->label = lookup(probe, "LABEL");
    contents->fat_bits = parse_fat_bits(version);
}

/* libblkid's name of the partition table. */
static char *
probe_table_name(RubDisk *disk)
{
    g_auto(blkid_probe) probe = blkid_new_probe();
    if (blkid_probe_set_device(probe, rub_disk_get_fd(disk), 0,
                               (blkid_loff_t) rub_disk_get_size_bytes(disk)) != 0)
        return NULL;
    blkid_probe_enable_superblocks(probe, FALSE);
    blkid_probe_enable_partitions(probe, TRUE);
    return blkid_do_safeprobe(probe) == 0 ? lookup(probe, "PTTYPE") : NULL;
}

/* libblkid decides, not libfdisk, which takes a boot sector of FAT or NTFS for an empty table.
 * Something unknown, such as a disk that is encrypted as a whole, is no free space. */
static RubTableKind
classify(const RubLayout *layout, const char *filesystem, RubDisk *disk)
{
    if (filesystem && !layout->table_name)
        return RUB_TABLE_SUPERFLOPPY;
    if (g_strcmp0(filesystem, "iso9660") == 0 || g_strcmp0(filesystem, "udf") == 0)
        return RUB_TABLE_HYBRID_ISO;
    if (g_strcmp0(layout->table_name, "dos") == 0)
        return RUB_TABLE_MBR;
    /* A protective MBR alone is what remains of a GPT whose headers are both damaged. */
    if (g_strcmp0(layout->table_name, "gpt") == 0 || g_strcmp0(layout->table_name, "PMBR") == 0)
        return RUB_TABLE_GPT;
    return layout->table_name || !rub_blank_probe(disk) ? RUB_TABLE_OTHER : RUB_TABLE_NONE;
}

static void
add_partition(RubLayout *layout, struct fdisk_partition *from)
{
    if (!fdisk_partition_has_start(from) || !fdisk_partition_has_size(from) ||
        fdisk_partition_is_wholedisk(from))
        return;
    RubPartition *partition = rub_layout_add_partition(layout);
    partition->number = (guint) fdisk_partition_get_partno(from) + 1;
    partition->start_lba = fdisk_partition_get_start(from);
    partition->sector_count = fdisk_partition_get_size(from);
    partition->is_active = fdisk_partition_is_bootable(from) == 1;
    partition->is_logical = fdisk_partition_is_nested(from);
    partition->is_container = fdisk_partition_is_container(from);
    struct fdisk_parttype *type = fdisk_partition_get_type(from);
    if (type)
        partition->mbr_type = (guint8) fdisk_parttype_get_code(type);
}

/* Many boot sectors end as an MBR does, with 55AA, and have zeros where its table would be, so that
 * libblkid names an empty table beside the filesystem; exFAT's even where its boot code reaches
 * into the table (exFAT specification 3.1). A FAT that is damaged is named by nobody, and neither
 * is what an encrypted disk holds below a table that was made by mistake. */
static RubTableKind
judge_mbr(const RubLayout *layout, RubDisk *disk, const RubTrack0 *track_0)
{
    if (memcmp(track_0->data + FILESYSTEM_NAME_OFFSET, "EXFAT   ", 8) == 0)
        return RUB_TABLE_SUPERFLOPPY;
    if (layout->partitions->len > 0)
        return RUB_TABLE_MBR;
    if (layout->whole.filesystem)
        return RUB_TABLE_SUPERFLOPPY;
    gboolean was_fat = memcmp(track_0->data + FAT16_TYPE_OFFSET, "FAT", 3) == 0 ||
                       memcmp(track_0->data + FAT32_TYPE_OFFSET, "FAT", 3) == 0;
    return was_fat || !rub_blank_probe_behind_mbr(disk) ? RUB_TABLE_OTHER : RUB_TABLE_MBR;
}

/* Returns whether libfdisk sees the table that libblkid named. */
static gboolean
list_partitions(RubLayout *layout, RubDisk *disk)
{
    g_autoptr(RubFdisk) fdisk =
        rub_fdisk_new(rub_disk_get_fd(disk), layout->sector_size, RUB_FDISK_READ);
    if (!fdisk || !fdisk_has_label(fdisk))
        return FALSE;
    const char *name = fdisk_label_get_name(fdisk_get_label(fdisk, NULL));
    g_autoptr(RubFdiskTable) table = NULL;
    if (g_strcmp0(name, layout->table_name) != 0 || fdisk_get_partitions(fdisk, &table) != 0)
        return FALSE;
    g_autoptr(RubFdiskIter) iter = fdisk_new_iter(FDISK_ITER_FORWARD);
    struct fdisk_partition *partition = NULL;
    while (fdisk_table_next_partition(table, iter, &partition) == 0)
        add_partition(layout, partition);
    return TRUE;
}

static void
update_u64(XXH3_state_t *state, guint64 value)
{
    guint64 bytes = GUINT64_TO_LE(value);
    XXH3_128bits_update(state, &bytes, sizeof bytes);
}

/* The partitions are digested as they were decoded, which covers the chain of an extended
 * partition; the checksum in a GPT's header covers its entries. */
static char *
make_fingerprint(const RubLayout *layout, const RubTrack0 *track_0)
{
    g_autoptr(RubXxh3State) state = XXH3_createState();
    XXH3_128bits_reset(state);
    update_u64(state, layout->size_bytes);
    XXH3_128bits_update(state, track_0->data, track_0->size_bytes);
    for (guint i = 0; i < layout->partitions->len; i++) {
        const RubPartition *partition = g_ptr_array_index(layout->partitions, i);
        update_u64(state, partition->number);
        update_u64(state, partition->start_lba);
        update_u64(state, partition->sector_count);
        update_u64(state, partition->mbr_type);
    }
    XXH128_hash_t digest = XXH3_128bits_digest(state);
    return g_strdup_printf("%016" G_GINT64_MODIFIER "x%016" G_GINT64_MODIFIER "x",
                           (guint64) digest.high64, (guint64) digest.low64);
}

static void
describe_table(RubLayout *layout, RubDisk *disk, const RubTrack0 *track_0)
{
    gboolean is_listed = layout->table_name && list_partitions(layout, disk);
    if (layout->table == RUB_TABLE_MBR)
        layout->table = is_listed ? judge_mbr(layout, disk, track_0) : RUB_TABLE_OTHER;
    if (layout->table == RUB_TABLE_SUPERFLOPPY)
        g_ptr_array_set_size(layout->partitions, 0);
    RubBytes bytes = rub_bytes(track_0->data, track_0->size_bytes);
    if (layout->table == RUB_TABLE_MBR || layout->table == RUB_TABLE_HYBRID_ISO)
        layout->disk_signature = rub_bytes_u32le(&bytes, RUB_MBR_DISK_SIGNATURE);
    if (layout->table_name) {
        layout->has_boot_code = !is_zero(track_0->data, RUB_MBR_CODE_BYTES);
        layout->has_our_boot_code = rub_boot_is_our_mbr_code(track_0->data);
    }
    if (layout->table == RUB_TABLE_MBR)
        rub_layout_find_gaps(layout);
    /* Remains of a filesystem that the table replaced. */
    if (layout->table != RUB_TABLE_SUPERFLOPPY && layout->table != RUB_TABLE_HYBRID_ISO)
        rub_contents_clear(&layout->whole);
}

gboolean
rub_layout_probe_table(RubLayout *layout, RubDisk *disk, GError **error)
{
    layout->size_bytes = rub_disk_get_size_bytes(disk);
    layout->sector_size = rub_disk_get_sector_size(disk);
    g_auto(RubTrack0) track_0 = {0};
    if (!read_track_0(&track_0, disk, error))
        return FALSE;
    if (layout->size_bytes >= layout->sector_size) {
        layout->table_name = probe_table_name(disk);
        probe_contents(&layout->whole, disk, 0, layout->size_bytes);
        layout->table = classify(layout, layout->whole.filesystem, disk);
        describe_table(layout, disk, &track_0);
    }
    layout->fingerprint = make_fingerprint(layout, &track_0);
    return TRUE;
}

/* Whether the bytes of a partition are all on the disk. */
static gboolean
locate(const RubLayout *layout, const RubPartition *partition, guint64 *offset_bytes,
       guint64 *size_bytes)
{
    guint64 end_bytes = 0;
    return g_uint64_checked_mul(offset_bytes, partition->start_lba, layout->sector_size) &&
           g_uint64_checked_mul(size_bytes, partition->sector_count, layout->sector_size) &&
           g_uint64_checked_add(&end_bytes, *offset_bytes, *size_bytes) && *size_bytes > 0 &&
           end_bytes <= layout->size_bytes;
}

static gboolean
look_into(RubContents *contents, RubDisk *disk, guint64 start_lba, guint64 sector_count,
          GError **error)
{
    if (contents->fat_bits != 0)
        return rub_contents_look_into_fat(contents, disk, start_lba, sector_count, error);
    if (rub_contents_is_ntfs(contents))
        return rub_contents_look_into_ntfs(contents, disk, start_lba, sector_count, error);
    return TRUE;
}

static gboolean
probe_partition(const RubLayout *layout, RubPartition *partition, RubDisk *disk, GError **error)
{
    guint64 offset_bytes, size_bytes;
    if (partition->is_container || !locate(layout, partition, &offset_bytes, &size_bytes))
        return TRUE;
    probe_contents(&partition->contents, disk, offset_bytes, size_bytes);
    return look_into(&partition->contents, disk, partition->start_lba, partition->sector_count,
                     error);
}

gboolean
rub_layout_probe(RubLayout *layout, RubDisk *disk, GCancellable *cancellable, GError **error)
{
    if (!rub_layout_probe_table(layout, disk, error))
        return FALSE;
    guint64 sector_count = layout->size_bytes / layout->sector_size;
    if (layout->table == RUB_TABLE_SUPERFLOPPY && layout->whole.fat_bits != 0 &&
        !rub_contents_look_into_fat(&layout->whole, disk, 0, sector_count, error))
        return FALSE;
    for (guint i = 0; i < layout->partitions->len; i++) {
        if (g_cancellable_is_cancelled(cancellable)) {
            rub_error_set_cancelled(error);
            return FALSE;
        }
        if (!probe_partition(layout, g_ptr_array_index(layout->partitions, i), disk, error))
            return FALSE;
    }
    return TRUE;
}
