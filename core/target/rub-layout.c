/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "target/rub-layout.h"

void
rub_kept_volume_free(RubKeptVolume *self)
{
    g_clear_pointer(&self->listing, rub_listing_free);
    g_free(self->damage);
    g_free(self);
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
