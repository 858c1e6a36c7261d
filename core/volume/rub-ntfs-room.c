/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "volume/rub-ntfs-room.h"

#include <errno.h>

#include "base/rub-error.h"

#define WINDOW_BYTES 65536

typedef struct {
    const RubNtfsOrder *order;
    guint step;     /* clusters that are taken together */
    guint64 wanted; /* clusters */
    guint64 found;
    GArray *runs; /* (element-type RubNtfsRun) */
    RubNtfsRun run;
} Search;

static guint
find_smallest(const Search *self)
{
    guint smallest = 0;
    for (guint i = 1; i < self->runs->len; i++)
        if (g_array_index(self->runs, RubNtfsRun, i).count <
            g_array_index(self->runs, RubNtfsRun, smallest).count)
            smallest = i;
    return smallest;
}

/* Whether it would be enough with the run that is being followed, in whose place the smallest one
 * goes where there are too many. */
static gboolean
has_enough(const Search *self)
{
    guint64 dropped = 0;
    if (self->runs->len == RUB_NTFS_JOURNAL_MAX_RUNS)
        dropped = MIN(self->run.count,
                      (guint64) g_array_index(self->runs, RubNtfsRun, find_smallest(self)).count);
    return self->found + self->run.count - dropped >= self->wanted;
}

/* Where there are too many runs the smallest one goes. */
static void
end_run(Search *self)
{
    RubNtfsRun run = self->run;
    self->run.count = 0;
    if (run.count == 0)
        return;
    self->found += run.count;
    g_array_append_val(self->runs, run);
    if (self->runs->len <= RUB_NTFS_JOURNAL_MAX_RUNS)
        return;
    guint smallest = find_smallest(self);
    self->found -= g_array_index(self->runs, RubNtfsRun, smallest).count;
    g_array_remove_index_fast(self->runs, smallest);
}

static gboolean
is_free(const Search *self, const guint8 *bits, guint64 i, guint64 first)
{
    for (guint64 end = i + self->step; i < end; i++)
        if (bits[i / 8] & (1u << (i % 8)) || !rub_ntfs_order_was_free(self->order, first + i))
            return FALSE;
    return TRUE;
}

static void
look_at(Search *self, const guint8 *bits, guint64 first, guint64 count)
{
    for (guint64 i = 0; i + self->step <= count && !has_enough(self); i += self->step) {
        if (!is_free(self, bits, i, first)) {
            end_run(self);
            continue;
        }
        if (self->run.count == 0)
            self->run.first = first + i;
        self->run.count += self->step;
    }
}

static void
set_full(guint64 missing_bytes, GError **error)
{
    g_autofree char *missing = g_strdup_printf("%" G_GUINT64_FORMAT, missing_bytes);
    rub_error_set_text(error, RUB_CODE_DISK_TOO_SMALL,
                       N_("{missing} bytes are missing on the volume to change its folders safely"),
                       "missing", missing, NULL);
}

/* Where clusters are smaller than the blocks that change, whole blocks are taken: those that change
 * must not change by that. */
GArray *
rub_ntfs_room_find(ntfs_volume *volume, const RubNtfsOrder *order, guint64 size_bytes,
                   GError **error)
{
    guint64 cluster_count = (guint64) volume->nr_clusters;
    g_autofree guint8 *bits = g_malloc(WINDOW_BYTES);
    g_autoptr(GArray) runs = g_array_new(FALSE, FALSE, sizeof(RubNtfsRun));
    Search search = {.order = order, .runs = runs};
    search.step = MAX(1, RUB_NTFS_JOURNAL_BLOCK_BYTES / volume->cluster_size);
    search.wanted = (size_bytes + volume->cluster_size - 1) / volume->cluster_size;
    for (guint64 first = 0; first < cluster_count && !has_enough(&search);
         first += WINDOW_BYTES * 8) {
        guint64 count = MIN(WINDOW_BYTES * 8, cluster_count - first);
        s64 n = (s64) (count + 7) / 8;
        if (ntfs_attr_pread(volume->lcnbmp_na, (s64) first / 8, n, bits) != n) {
            rub_error_set_errno(error, RUB_CODE_VOLUME_DAMAGED, errno,
                                N_("the NTFS filesystem of {name}"), "name", volume->dev->d_name,
                                NULL);
            return NULL;
        }
        look_at(&search, bits, first, count);
    }
    end_run(&search);
    if (search.found >= search.wanted)
        return g_steal_pointer(&runs);
    set_full((search.wanted - search.found) * volume->cluster_size, error);
    return NULL;
}
