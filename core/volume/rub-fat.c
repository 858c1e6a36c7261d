/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "volume/rub-fat.h"

#include <string.h>

#include "base/rub-error.h"
#include "volume/rub-fat-folder.h"

#define MEMORY_ALIGNMENT 4096
#define MAX_SECTOR_BYTES 4096

struct _RubFat {
    RubDisk *disk;
    guint64 start_bytes;
    RubFatGeometry geometry;
    RubFatTable *table;
    char *label;
    gboolean is_dirty;
};

static gboolean
read_geometry(RubFat *self, guint64 volume_bytes, GError **error)
{
    guint sector_size = rub_disk_get_sector_size(self->disk);
    guint8 *boot = g_aligned_alloc(1, MAX_SECTOR_BYTES, MEMORY_ALIGNMENT);
    gboolean is_read =
        rub_disk_read(self->disk, self->start_bytes, boot, sector_size, error) &&
        rub_fat_geometry_parse(&self->geometry, boot, sector_size, volume_bytes, error);
    g_aligned_free(boot);
    if (!is_read)
        return FALSE;
    if (self->geometry.sector_size < sector_size) {
        g_autofree char *own = g_strdup_printf("%u", self->geometry.sector_size);
        g_autofree char *drive = g_strdup_printf("%u", sector_size);
        rub_error_set_text(error, RUB_CODE_VOLUME_DAMAGED,
                           N_("the FAT volume has sectors of {own} bytes, the drive of {drive}"),
                           "own", own, "drive", drive, NULL);
        return FALSE;
    }
    return TRUE;
}

/* Finds the entry that is nothing but a label. */
static gboolean
read_label(RubFat *self, GError **error)
{
    g_autoptr(RubFatFolder) root = rub_fat_folder_read(self, RUB_FAT_ROOT, NULL, error);
    if (!root) {
        rub_error_put_into(error, N_("the root folder: {text}"), "");
        return FALSE;
    }
    RubFatSlotIter iter = {root->slots, root->slot_count, 0};
    RubFatSlot slot;
    char *long_name = NULL;
    while (!self->label && rub_fat_slot_iter_next(&iter, &slot, &long_name)) {
        g_free(long_name);
        if (slot.attributes & RUB_FAT_ATTR_LABEL)
            self->label = rub_fat_name_label_from_short(slot.short_name);
    }
    return TRUE;
}

RubFat *
rub_fat_open(RubDisk *disk, guint64 start_lba, guint64 sector_count, GError **error)
{
    guint sector_size = rub_disk_get_sector_size(disk);
    guint64 disk_sectors = rub_disk_get_size_bytes(disk) / sector_size;
    if (sector_count == 0 || start_lba > disk_sectors || sector_count > disk_sectors - start_lba) {
        rub_error_set_text(error, RUB_CODE_VOLUME_DAMAGED,
                           N_("the partition does not lie inside {name}"), "name",
                           rub_disk_get_name(disk), NULL);
        return NULL;
    }
    g_autoptr(RubFat) self = g_new0(RubFat, 1);
    self->disk = rub_disk_ref(disk);
    self->start_bytes = start_lba * sector_size;
    if (!read_geometry(self, sector_count * sector_size, error))
        return NULL;

    gboolean is_clean = FALSE;
    self->table = rub_fat_table_new(disk, self->start_bytes, &self->geometry);
    if (!rub_fat_table_is_clean(self->table, &is_clean, error) || !read_label(self, error))
        return NULL;
    self->is_dirty = !is_clean || self->geometry.was_unclean;
    return g_steal_pointer(&self);
}

void
rub_fat_free(RubFat *self)
{
    g_clear_pointer(&self->table, rub_fat_table_free);
    rub_disk_unref(self->disk);
    g_free(self->label);
    g_free(self);
}

const RubFatGeometry *
rub_fat_get_geometry(const RubFat *self)
{
    return &self->geometry;
}

RubFatTable *
rub_fat_get_table(RubFat *self)
{
    return self->table;
}

RubDisk *
rub_fat_get_disk(RubFat *self)
{
    return self->disk;
}

guint64
rub_fat_get_start_bytes(const RubFat *self)
{
    return self->start_bytes;
}

guint64
rub_fat_get_cluster_offset(const RubFat *self, guint32 cluster)
{
    return self->start_bytes + rub_fat_geometry_get_cluster_offset(&self->geometry, cluster);
}

const char *
rub_fat_get_label(const RubFat *self)
{
    return self->label;
}

gboolean
rub_fat_is_dirty(const RubFat *self)
{
    return self->is_dirty;
}

/* Linux marks the boot sector, Windows the table. */
static gboolean
mark_boot_sector_clean(RubFat *self, GError **error)
{
    guint sector_size = rub_disk_get_sector_size(self->disk);
    guint8 *boot = g_aligned_alloc(1, MAX_SECTOR_BYTES, MEMORY_ALIGNMENT);
    gboolean is_written = rub_disk_read(self->disk, self->start_bytes, boot, sector_size, error);
    if (is_written && rub_fat_geometry_clear_unclean(&self->geometry, boot))
        is_written = rub_disk_write(self->disk, self->start_bytes, boot, sector_size, error);
    g_aligned_free(boot);
    return is_written;
}

gboolean
rub_fat_mark_clean(RubFat *self, GError **error)
{
    gboolean is_clean = FALSE;
    if (!mark_boot_sector_clean(self, error) ||
        !rub_fat_table_write_clean(self->table, TRUE, error) ||
        !rub_fat_table_is_clean(self->table, &is_clean, error))
        return FALSE;
    self->is_dirty = !is_clean || self->geometry.was_unclean;
    return TRUE;
}

gboolean
rub_fat_count_free_clusters(RubFat *self, guint32 *free_clusters, GError **error)
{
    g_autoptr(RubFatBitmap) used = rub_fat_table_read_used(self->table, error);
    if (!used)
        return FALSE;
    *free_clusters = rub_fat_bitmap_count_clear(used);
    return TRUE;
}
