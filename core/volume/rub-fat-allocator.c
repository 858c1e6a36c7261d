/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "volume/rub-fat-allocator.h"

#include "volume/rub-fat-geometry.h"

/* After so many passes over the bitmap, free space is taken as it comes: a volume on which each
 * request needs a pass is too fragmented to gain from more searching. */
#define MAX_PASSES 64

struct _RubFatAllocator {
    RubFatBitmap *used;
    /* Where the last run ended; the search for the next begins there. */
    guint32 cursor;
    /* No free cluster lies before this one. */
    guint32 first_free;
    /* No run is longer than this, as far as is known. */
    guint32 longest;
    guint passes;
};

RubFatAllocator *
rub_fat_allocator_new(RubFatBitmap *used)
{
    RubFatAllocator *self = g_new0(RubFatAllocator, 1);
    self->used = used;
    self->cursor = RUB_FAT_FIRST_CLUSTER;
    self->first_free = RUB_FAT_FIRST_CLUSTER;
    self->longest = G_MAXUINT32;
    return self;
}

void
rub_fat_allocator_free(RubFatAllocator *self)
{
    g_free(self);
}

static void
mark(RubFatAllocator *self, guint32 first, guint32 count, GArray *runs)
{
    for (guint32 i = 0; i < count; i++)
        rub_fat_bitmap_add(self->used, first + i);
    RubFatRun run = {first, count};
    g_array_append_val(runs, run);
}

/* Finds the first run of @count free clusters that begins in [@from, @to). Returns 0 for none. */
static guint32
find_run(const RubFatAllocator *self, guint32 count, guint32 from, guint32 to)
{
    guint32 end = rub_fat_bitmap_get_end(self->used);
    guint32 first = rub_fat_bitmap_find(self->used, from, to, FALSE);
    while (first < to && count <= end - first) {
        guint32 run_end = rub_fat_bitmap_find(self->used, first, first + count, TRUE);
        if (run_end - first == count)
            return first;
        first = rub_fat_bitmap_find(self->used, run_end, MAX(run_end, to), FALSE);
    }
    return 0;
}

static guint32
find_run_anywhere(RubFatAllocator *self, guint32 count)
{
    guint32 end = rub_fat_bitmap_get_end(self->used);
    guint32 first = find_run(self, count, self->cursor, end);
    if (first != 0)
        return first;
    self->passes++;
    first = find_run(self, count, self->first_free, self->cursor);
    if (first == 0)
        self->longest = count - 1;
    return first;
}

static void
take_as_it_comes(RubFatAllocator *self, guint32 count, GArray *runs)
{
    guint32 end = rub_fat_bitmap_get_end(self->used);
    while (count > 0) {
        guint32 first = rub_fat_bitmap_find(self->used, self->first_free, end, FALSE);
        g_return_if_fail(first < end);
        guint32 run_end =
            rub_fat_bitmap_find(self->used, first, first + MIN(count, end - first), TRUE);
        mark(self, first, run_end - first, runs);
        self->first_free = run_end;
        count -= run_end - first;
    }
}

void
rub_fat_allocator_take(RubFatAllocator *self, guint32 count, GArray *runs)
{
    if (count == 0)
        return;
    guint32 first = 0;
    if (count <= self->longest && self->passes < MAX_PASSES)
        first = find_run_anywhere(self, count);
    if (first == 0) {
        take_as_it_comes(self, count, runs);
        return;
    }
    mark(self, first, count, runs);
    self->cursor = first + count;
}

void
rub_fat_allocator_release(RubFatAllocator *self, const GArray *runs)
{
    for (guint i = 0; i < runs->len; i++) {
        const RubFatRun *run = &g_array_index(runs, RubFatRun, i);
        for (guint32 j = 0; j < run->count; j++)
            rub_fat_bitmap_remove(self->used, run->first + j);
        self->first_free = MIN(self->first_free, run->first);
    }
    self->longest = G_MAXUINT32;
    self->passes = 0;
}
