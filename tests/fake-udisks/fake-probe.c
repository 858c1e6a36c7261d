/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What lies in an image, found the way udev's blkid does. */
#include "fake-probe.h"

#include <blkid/blkid.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <unistd.h>

G_DEFINE_AUTO_CLEANUP_FREE_FUNC(blkid_probe, blkid_free_probe, NULL)

static char *
look_up(blkid_probe probe, const char *name)
{
    const char *text = NULL;
    blkid_probe_lookup_value(probe, name, &text, NULL);
    return g_strdup(text != NULL ? text : "");
}

static int
open_image(const char *image, int flags)
{
    return g_open(image, flags | O_CLOEXEC);
}

/* Nothing is found in what cannot be opened or has no bytes. */
FakeContents *
fake_contents_probe(const char *image, guint64 offset, guint64 size_bytes)
{
    FakeContents *contents = g_new0(FakeContents, 1);
    g_auto(blkid_probe) probe = blkid_new_probe();
    int fd = open_image(image, O_RDONLY);
    if (fd >= 0 && size_bytes > 0 &&
        blkid_probe_set_device(probe, fd, (blkid_loff_t) offset, (blkid_loff_t) size_bytes) == 0) {
        blkid_probe_enable_superblocks(probe, 1);
        blkid_probe_set_superblocks_flags(probe, BLKID_SUBLKS_LABEL | BLKID_SUBLKS_UUID |
                                                     BLKID_SUBLKS_TYPE | BLKID_SUBLKS_USAGE |
                                                     BLKID_SUBLKS_VERSION);
        blkid_do_safeprobe(probe);
    }
    contents->usage = look_up(probe, "USAGE");
    contents->type = look_up(probe, "TYPE");
    contents->version = look_up(probe, "VERSION");
    contents->label = look_up(probe, "LABEL");
    contents->uuid = look_up(probe, "UUID");
    if (fd >= 0)
        close(fd);
    return contents;
}

void
fake_contents_free(FakeContents *contents)
{
    g_free(contents->usage);
    g_free(contents->type);
    g_free(contents->version);
    g_free(contents->label);
    g_free(contents->uuid);
    g_free(contents);
}

static void
slot_free(gpointer data)
{
    FakeSlot *slot = data;
    g_free(slot->type);
    g_free(slot->uuid);
    g_free(slot->name);
    g_free(slot);
}

static FakeSlot *
make_slot(blkid_partition partition, gboolean is_dos)
{
    FakeSlot *slot = g_new0(FakeSlot, 1);
    slot->number = (guint) blkid_partition_get_partno(partition);
    slot->offset = (guint64) blkid_partition_get_start(partition) * 512;
    slot->size_bytes = (guint64) blkid_partition_get_size(partition) * 512;
    slot->flags = blkid_partition_get_flags(partition);
    slot->type = is_dos ? g_strdup_printf("0x%02x", blkid_partition_get_type(partition))
                        : g_strdup(blkid_partition_get_type_string(partition));
    slot->uuid = g_strdup(blkid_partition_get_uuid(partition));
    slot->name = g_strdup(blkid_partition_get_name(partition));
    slot->is_container = is_dos && blkid_partition_is_extended(partition);
    slot->is_contained = is_dos && blkid_partition_is_logical(partition);
    return slot;
}

/* The partitions of a whole disk; OUT_TABLE_TYPE is "dos", "gpt", ... or NULL. */
GPtrArray *
fake_slots_probe(const char *image, char **out_table_type)
{
    GPtrArray *slots = g_ptr_array_new_with_free_func(slot_free);
    g_auto(blkid_probe) probe = blkid_new_probe();
    int fd = open_image(image, O_RDONLY);
    blkid_partlist list = NULL;
    *out_table_type = NULL;
    if (fd >= 0 && blkid_probe_set_device(probe, fd, 0, 0) == 0)
        list = blkid_probe_get_partitions(probe);
    blkid_parttable table = list != NULL ? blkid_partlist_get_table(list) : NULL;
    if (table != NULL) {
        *out_table_type = g_strdup(blkid_parttable_get_type(table));
        gboolean is_dos = g_str_equal(*out_table_type, "dos");
        for (int i = 0; i < blkid_partlist_numof_partitions(list); i++)
            g_ptr_array_add(slots, make_slot(blkid_partlist_get_partition(list, i), is_dos));
    }
    if (fd >= 0)
        close(fd);
    return slots;
}

/* Takes every signature of an area away, as libblockdev's bd_fs_wipe does. */
gboolean
fake_probe_wipe(const char *image, guint64 offset, guint64 size_bytes)
{
    g_auto(blkid_probe) probe = blkid_new_probe();
    int fd = open_image(image, O_RDWR);
    if (fd < 0)
        return FALSE;
    blkid_probe_set_device(probe, fd, (blkid_loff_t) offset, (blkid_loff_t) size_bytes);
    blkid_probe_enable_superblocks(probe, 1);
    blkid_probe_set_superblocks_flags(probe, BLKID_SUBLKS_MAGIC | BLKID_SUBLKS_BADCSUM);
    blkid_probe_enable_partitions(probe, 1);
    blkid_probe_set_partitions_flags(probe, BLKID_PARTS_MAGIC | BLKID_PARTS_FORCE_GPT);
    while (blkid_do_probe(probe) == 0)
        if (blkid_do_wipe(probe, 0) != 0)
            break;
    close(fd);
    return TRUE;
}
