/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "volume/rub-fat-bitmap.h"

#include "volume/rub-fat-geometry.h"

#define BITS 64

struct _RubFatBitmap {
    guint32 end;
    guint32 clear_count;
    guint64 words[];
};

RubFatBitmap *
rub_fat_bitmap_new(guint32 cluster_count)
{
    guint32 end = cluster_count + RUB_FAT_FIRST_CLUSTER;
    RubFatBitmap *self = g_malloc0(sizeof *self + ((gsize) end / BITS + 1) * sizeof self->words[0]);
    self->end = end;
    self->clear_count = cluster_count;
    self->words[0] = (1 << RUB_FAT_FIRST_CLUSTER) - 1;
    return self;
}

void
rub_fat_bitmap_free(RubFatBitmap *self)
{
    g_free(self);
}

gboolean
rub_fat_bitmap_add(RubFatBitmap *self, guint32 cluster)
{
    guint64 bit = G_GUINT64_CONSTANT(1) << cluster % BITS;
    if (self->words[cluster / BITS] & bit)
        return FALSE;
    self->words[cluster / BITS] |= bit;
    self->clear_count--;
    return TRUE;
}

void
rub_fat_bitmap_remove(RubFatBitmap *self, guint32 cluster)
{
    self->words[cluster / BITS] &= ~(G_GUINT64_CONSTANT(1) << cluster % BITS);
    self->clear_count++;
}

gboolean
rub_fat_bitmap_contains(const RubFatBitmap *self, guint32 cluster)
{
    return (self->words[cluster / BITS] >> cluster % BITS & 1) != 0;
}

guint32
rub_fat_bitmap_get_end(const RubFatBitmap *self)
{
    return self->end;
}

guint32
rub_fat_bitmap_count_clear(const RubFatBitmap *self)
{
    return self->clear_count;
}

guint32
rub_fat_bitmap_find(const RubFatBitmap *self, guint32 from, guint32 to, gboolean value)
{
    guint64 mask = G_MAXUINT64 << from % BITS;
    for (guint64 i = from / BITS; i * BITS < to; i++, mask = G_MAXUINT64) {
        guint64 found = (value ? self->words[i] : ~self->words[i]) & mask;
        if (found != 0)
            return (guint32) MIN(i * BITS + (guint) __builtin_ctzll(found), to);
    }
    return to;
}
