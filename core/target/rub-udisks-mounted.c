/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A drive whose table, partitions and filesystems UDisks2 makes, and the kernel's driver writes. */
#include <fcntl.h>
#include <unistd.h>

#include "base/rub-text.h"
#include "target/rub-drive-probe.h"
#include "target/rub-udisks-drive.h"
#include "target/rub-udisks-target-private.h"

#define MAX_ATTEMPTS 3
/* How long UDisks2 may take to show what it has just made. */
#define SHOWN_MS 30000

static gboolean
has_empty_table(RubUdisks *udisks, gpointer id)
{
    g_autoptr(RubDriveFacts) facts = rub_drive_probe(rub_udisks_get_client(udisks), id);
    return facts && g_str_equal(facts->table, "dos") && facts->partitions->len == 0;
}

/* An automounter that comes in between makes it fail. */
static gboolean
format_disk(RubUdisksTarget *self, GError **error)
{
    g_autoptr(GError) failure = NULL;
    for (guint i = 0; i < MAX_ATTEMPTS; i++) {
        g_clear_error(&failure);
        if (!rub_udisks_unmount_all(self->udisks, self->id, NULL, error))
            return FALSE;
        g_autoptr(GVariant) answer = rub_udisks_call(
            self->udisks, self->id, "Block.Format", g_variant_new("(sa{sv})", "dos", NULL),
            RUB_UDISKS_ASKING_TIMEOUT_MS, RUB_CODE_INIT_FAILED, NULL, &failure);
        if (answer)
            return TRUE;
        rub_udisks_look(self->udisks);
        if (!rub_udisks_is_mounted(self->udisks, self->id))
            break;
    }
    g_propagate_error(error, g_steal_pointer(&failure));
    return FALSE;
}

gboolean
rub_udisks_target_make_table(RubUdisksTarget *self, GError **error)
{
    if (!format_disk(self, error))
        return FALSE;
    if (rub_udisks_wait(self->udisks, self->id, has_empty_table, self->id, SHOWN_MS, NULL))
        return TRUE;
    g_autoptr(RubDriveFacts) facts = rub_udisks_target_probe(self, error);
    if (facts)
        rub_error_set_text(error, RUB_CODE_NO_PARTITION_TABLE,
                           N_("{name} has no partition table, although one was made"), "name",
                           self->name, NULL);
    return FALSE;
}

static GVariant *
make_creation(const RubNewVolume *volume, guint sector_size)
{
    GVariantBuilder options, format_options;
    g_variant_builder_init(&options, G_VARIANT_TYPE_VARDICT);
    g_variant_builder_add(&options, "{sv}", "partition-type", g_variant_new_string("primary"));
    g_variant_builder_init(&format_options, G_VARIANT_TYPE_VARDICT);
    if (volume->label[0] != '\0')
        g_variant_builder_add(&format_options, "{sv}", "label",
                              g_variant_new_string(volume->label));
    g_autofree char *type = g_strdup_printf("0x%02x", volume->mbr_type);
    return g_variant_new("(ttssa{sv}sa{sv})", volume->start_lba * sector_size,
                         volume->sector_count * sector_size, type, "", &options, "vfat",
                         &format_options);
}

static gboolean
is_fat(RubUdisks *udisks, gpointer id)
{
    UDisksObject *object = udisks_client_peek_object(rub_udisks_get_client(udisks), id);
    UDisksBlock *block = object ? udisks_object_peek_block(object) : NULL;
    return block && udisks_object_peek_partition(object) && udisks_object_peek_filesystem(object) &&
           g_strcmp0(udisks_block_get_id_type(block), "vfat") == 0;
}

static gboolean
delete_partition(RubUdisksTarget *self, const char *id, GError **error)
{
    g_autoptr(GVariant) answer =
        rub_udisks_call(self->udisks, id, "Partition.Delete", g_variant_new("(a{sv})", NULL),
                        RUB_UDISKS_ASKING_TIMEOUT_MS, RUB_CODE_INIT_FAILED, NULL, error);
    return answer != NULL;
}

/* A partition without a filesystem would be in the way of the next build. */
static void
take_back(RubUdisksTarget *self, const RubDriveFacts *before, guint64 offset_bytes)
{
    g_autoptr(RubDriveFacts) after = rub_udisks_target_probe(self, NULL);
    for (guint i = 0; after && i < after->partitions->len; i++) {
        const RubVolumeFacts *partition = g_ptr_array_index(after->partitions, i);
        gboolean is_new = partition->offset_bytes == offset_bytes;
        for (guint j = 0; j < before->partitions->len; j++) {
            const RubVolumeFacts *old = g_ptr_array_index(before->partitions, j);
            is_new = is_new && old->offset_bytes != offset_bytes;
        }
        if (is_new)
            delete_partition(self, partition->id, NULL);
    }
}

/* Not to be cancelled halfway: UDisks2 would go on and make a partition that nobody takes back. */
static char *
create_volume(RubUdisksTarget *self, const RubNewVolume *volume, guint sector_size,
              GCancellable *cancellable, GError **error)
{
    g_autoptr(GVariant) answer =
        rub_udisks_call(self->udisks, self->id, "PartitionTable.CreatePartitionAndFormat",
                        make_creation(volume, sector_size), RUB_UDISKS_ASKING_TIMEOUT_MS,
                        RUB_CODE_CREATE_FAT32_FAILED, NULL, error);
    g_autofree char *id = NULL;
    if (!answer)
        return NULL;
    g_variant_get(answer, "(o)", &id);
    gboolean is_shown = rub_udisks_wait(self->udisks, self->id, is_fat, id, SHOWN_MS, NULL);
    if (g_cancellable_is_cancelled(cancellable)) {
        rub_error_set_cancelled(error);
        return NULL;
    }
    if (is_shown)
        return g_steal_pointer(&id);
    g_autoptr(RubDriveFacts) facts = rub_udisks_target_probe(self, error);
    if (facts)
        rub_error_set_text(error, RUB_CODE_CREATE_FAT32_FAILED,
                           N_("{name} has no FAT filesystem, although one was made"), "name",
                           self->name, NULL);
    return NULL;
}

gboolean
rub_udisks_target_make_volume(RubUdisksTarget *self, const RubNewVolume *volume,
                              GCancellable *cancellable, GError **error)
{
    g_autoptr(RubDriveFacts) before = rub_udisks_target_probe(self, error);
    if (!before)
        return FALSE;
    g_autofree char *id = create_volume(self, volume, before->sector_size, cancellable, error);
    if (!id) {
        take_back(self, before, volume->start_lba * before->sector_size);
        return FALSE;
    }
    g_free(self->made_id);
    self->made_id = g_steal_pointer(&id);
    self->made_number = volume->number;
    return TRUE;
}

static gboolean
is_gone(RubUdisks *udisks, gpointer id)
{
    return !udisks_client_peek_object(rub_udisks_get_client(udisks), id);
}

/* Which volume a number means: the one that was made under it, else the partition. */
static char *
find_volume(RubUdisksTarget *self, guint number)
{
    if (self->made_id && number == self->made_number)
        return g_strdup(self->made_id);
    return rub_udisks_find_partition(self->udisks, self->id, number);
}

gboolean
rub_udisks_target_remove_partition(RubUdisksTarget *self, guint number, GError **error)
{
    rub_udisks_look(self->udisks);
    g_autofree char *id = find_volume(self, number);
    if (!id)
        return TRUE;
    if (!rub_udisks_unmount(self->udisks, id, NULL, error) || !delete_partition(self, id, error))
        return FALSE;
    rub_udisks_wait(self->udisks, NULL, is_gone, id, SHOWN_MS, NULL);
    return TRUE;
}

/* What was there before must be without fault before anything is added to it. To fsck.fat 4.2 a
 * label with a byte from 0x80 on is one (its boot.c), which UDisks2 does not tell from others. */
static gboolean
check_volume(RubUdisksTarget *self, const char *id, GCancellable *cancellable, GError **error)
{
    gboolean is_sound = FALSE;
    if (g_strcmp0(id, self->made_id) == 0)
        return TRUE;
    if (!rub_udisks_check(self->udisks, id, TRUE, &is_sound, cancellable, error))
        return FALSE;
    if (!is_sound)
        rub_error_take_text(
            error, RUB_CODE_VOLUME_DAMAGED,
            rub_text_new(N_("the filesystem on {drive} has faults, was not closed properly when it "
                            "was used last, or has a name with other letters than A to Z, which "
                            "its check takes for a fault"),
                         "drive", self->name, NULL));
    return is_sound;
}

/* An automounter may be quicker each time; what it has mounted is unmounted, because it could have
 * been mounted in another way. */
static char *
mount_volume(RubUdisksTarget *self, const char *id, gboolean is_read_only,
             GCancellable *cancellable, GError **error)
{
    g_autoptr(GError) failure = NULL;
    for (guint i = 0; i < MAX_ATTEMPTS; i++) {
        g_clear_error(&failure);
        if (!rub_udisks_unmount(self->udisks, id, cancellable, error) ||
            (!is_read_only && !check_volume(self, id, cancellable, error)))
            return NULL;
        char *folder =
            rub_udisks_mount(self->udisks, id, is_read_only, self->is_open, cancellable, &failure);
        if (folder)
            return folder;
        rub_udisks_look(self->udisks);
        g_autofree char *other = rub_udisks_get_mount_point(self->udisks, id);
        if (!other)
            break;
    }
    g_propagate_error(error, g_steal_pointer(&failure));
    return NULL;
}

static char *
show_volume(RubUdisksTarget *self, const char *id, gboolean is_read_only, GCancellable *cancellable,
            GError **error)
{
    g_autofree char *folder = rub_udisks_get_mount_point(self->udisks, id);
    /* What this build has written is read from the medium, and not from what an automounter has
     * still in memory. */
    self->was_mounted = folder && is_read_only && !self->is_open;
    if (self->was_mounted)
        return g_steal_pointer(&folder);
    return mount_volume(self, id, is_read_only, cancellable, error);
}

char *
rub_udisks_target_mount(RubTarget *target, guint number, gboolean is_read_only,
                        GCancellable *cancellable, GError **error)
{
    RubUdisksTarget *self = (RubUdisksTarget *) target;
    g_return_val_if_fail(!self->volume_id && !self->disk, NULL);
    if (!rub_udisks_target_connect(self, cancellable, error))
        return NULL;
    g_autofree char *id = find_volume(self, number);
    if (!id) {
        g_autoptr(RubDriveFacts) facts = rub_udisks_target_probe(self, error);
        g_autofree char *name = g_strdup_printf("%u", number);
        if (facts)
            rub_error_set_text(error, RUB_CODE_VERIFY_FAILED,
                               N_("{name} has no partition {number}"), "name", self->name, "number",
                               name, NULL);
        return NULL;
    }
    g_autofree char *folder = show_volume(self, id, is_read_only, cancellable, error);
    if (!folder)
        return NULL;
    self->volume_id = g_steal_pointer(&id);
    self->folder = g_strdup(folder);
    return g_steal_pointer(&folder);
}

/* A write that fails on its way to the medium is told here, and nowhere else. */
static gboolean
sync_folder(const char *folder, GError **error)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return TRUE;
    gboolean is_synced = syncfs(fd) == 0;
    if (!is_synced)
        rub_error_set_errno(error, RUB_CODE_WRITE_FAILED, errno, N_("cannot finish writing {name}"),
                            "name", folder, NULL);
    close(fd);
    return is_synced;
}

/* Unmounts also where the sync has failed. */
gboolean
rub_udisks_target_unmount(RubTarget *target, GError **error)
{
    RubUdisksTarget *self = (RubUdisksTarget *) target;
    if (!self->volume_id)
        return TRUE;
    g_autofree char *id = g_steal_pointer(&self->volume_id);
    g_autofree char *folder = g_steal_pointer(&self->folder);
    if (self->was_mounted)
        return TRUE;
    g_autoptr(GError) failure = NULL;
    gboolean is_synced = sync_folder(folder, &failure);
    gboolean is_unmounted = rub_udisks_unmount(self->udisks, id, NULL, is_synced ? &failure : NULL);
    if (is_gone(self->udisks, id)) {
        rub_udisks_set_gone(error, self->name);
        return FALSE;
    }
    if (failure)
        g_propagate_error(error, g_steal_pointer(&failure));
    return is_synced && is_unmounted;
}
