/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "target/rub-layout.h"

#define GAP_ALIGNMENT_BYTES (1024 * 1024)

void
rub_kept_volume_free(RubKeptVolume *self)
{
    g_clear_pointer(&self->listing, rub_listing_free);
    g_clear_pointer(&self->damage, rub_text_unref);
    g_free(self);
}

gboolean
rub_contents_is_ntfs(const RubContents *self)
{
    return g_strcmp0(self->filesystem, "ntfs") == 0;
}

void
rub_contents_clear(RubContents *self)
{
    g_clear_pointer(&self->kept, rub_kept_volume_free);
    g_free(self->filesystem);
    g_free(self->label);
    *self = (RubContents){0};
}

static void
rub_partition_free(gpointer data)
{
    RubPartition *self = data;
    rub_contents_clear(&self->contents);
    g_free(self);
}

RubLayout *
rub_layout_new(const char *name, guint64 size_bytes)
{
    RubLayout *self = g_new0(RubLayout, 1);
    self->name = g_strdup(name);
    self->size_bytes = size_bytes;
    self->sector_size = 512;
    self->partitions = g_ptr_array_new_with_free_func(rub_partition_free);
    self->gaps = g_array_new(FALSE, FALSE, sizeof(RubGap));
    return self;
}

void
rub_layout_free(RubLayout *self)
{
    g_free(self->name);
    g_free(self->model);
    g_free(self->serial);
    g_strfreev(self->mount_points);
    g_free(self->table_name);
    g_free(self->fingerprint);
    g_clear_pointer(&self->refusal, rub_text_unref);
    rub_contents_clear(&self->whole);
    g_ptr_array_unref(self->partitions);
    g_array_unref(self->gaps);
    g_free(self);
}

RubPartition *
rub_layout_add_partition(RubLayout *self)
{
    RubPartition *partition = g_new0(RubPartition, 1);
    partition->number = self->partitions->len + 1;
    g_ptr_array_add(self->partitions, partition);
    return partition;
}

static int
compare_starts(gconstpointer a, gconstpointer b)
{
    const RubPartition *one = *(RubPartition *const *) a;
    const RubPartition *other = *(RubPartition *const *) b;
    return (one->start_lba > other->start_lba) - (one->start_lba < other->start_lba);
}

static void
add_gap(RubLayout *layout, guint64 start_lba, guint64 end_lba)
{
    guint64 alignment = GAP_ALIGNMENT_BYTES / layout->sector_size;
    start_lba = (start_lba + alignment - 1) / alignment * alignment;
    if (end_lba < start_lba || end_lba - start_lba < alignment)
        return;
    RubGap gap = {.start_lba = start_lba, .sector_count = end_lba - start_lba};
    g_array_append_val(layout->gaps, gap);
}

/* Partitions may overlap and lie beyond the disk: what counts is the furthest end so far. Logical
 * ones count too, because nothing keeps them inside their container. */
void
rub_layout_find_gaps(RubLayout *layout)
{
    g_autoptr(GPtrArray) partitions = g_ptr_array_copy(layout->partitions, NULL, NULL);
    g_ptr_array_set_free_func(partitions, NULL);
    g_ptr_array_sort(partitions, compare_starts);
    /* An MBR entry holds 32 bits. */
    guint64 limit = MIN(layout->size_bytes / layout->sector_size, G_MAXUINT32);
    guint64 cursor = GAP_ALIGNMENT_BYTES / layout->sector_size;
    for (guint i = 0; i < partitions->len; i++) {
        const RubPartition *partition = g_ptr_array_index(partitions, i);
        add_gap(layout, cursor, MIN(partition->start_lba, limit));
        cursor = MAX(cursor, partition->start_lba + partition->sector_count);
    }
    add_gap(layout, cursor, limit);
}

char *
rub_layout_make_name(const RubLayout *self)
{
    if (!self->model || g_str_equal(self->model, self->name))
        return g_strdup(self->name);
    g_autofree char *size = g_format_size(self->size_bytes);
    return g_strdup_printf("%s (%s, %s)", self->model, size, self->name);
}

RubText *
rub_layout_advise_permission(void)
{
    return rub_text_new(N_("Choose a disk-image file that you may read and write, or get "
                           "permission to do so with this one."),
                        NULL);
}
