/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "volume/rub-fat-check.h"

#include "base/rub-error.h"

/* A crafted table could alternate, and fill the memory with runs of one cluster. */
#define MAX_LOST_RUNS (1024 * 1024)

void
rub_fat_check_free(RubFatCheck *self)
{
    g_clear_pointer(&self->fault, rub_text_unref);
    g_array_unref(self->lost);
    g_free(self);
}

static gboolean
is_lost(guint32 cluster, guint32 next, const RubFatBitmap *owned)
{
    return next != 0 && next != RUB_FAT_BAD && !rub_fat_bitmap_contains(owned, cluster);
}

static gboolean
find_lost(RubFatCheck *self, RubFat *fat, const RubFatBitmap *owned, GError **error)
{
    guint32 end = rub_fat_bitmap_get_end(owned);
    RubFatRun run = {0, 0};
    for (guint32 cluster = RUB_FAT_FIRST_CLUSTER; cluster < end; cluster++) {
        guint32 next = 0;
        if (!rub_fat_table_get(rub_fat_get_table(fat), cluster, &next, error))
            return FALSE;
        if (!is_lost(cluster, next, owned))
            continue;
        if (run.count > 0 && run.first + run.count == cluster) {
            run.count++;
            continue;
        }
        if (run.count > 0)
            g_array_append_val(self->lost, run);
        run = (RubFatRun){cluster, 1};
        if (self->lost->len == MAX_LOST_RUNS) {
            self->fault = rub_text_new(N_("more lost clusters than any sane volume has"), NULL);
            return TRUE;
        }
    }
    if (run.count > 0)
        g_array_append_val(self->lost, run);
    return TRUE;
}

RubFatCheck *
rub_fat_check(RubFat *fat, RubListing **listing, GError **error)
{
    GError *damage = NULL;
    g_autoptr(RubFatCheck) self = g_new0(RubFatCheck, 1);
    self->lost = g_array_new(FALSE, FALSE, sizeof(RubFatRun));
    self->is_dirty = rub_fat_is_dirty(fat);
    if (listing)
        *listing = NULL;
    if (!rub_fat_table_compare_copies(rub_fat_get_table(fat), &self->copies_differ, error))
        return NULL;
    g_autoptr(RubFatBitmap) owned = rub_fat_bitmap_new(rub_fat_get_geometry(fat)->cluster_count);
    g_autoptr(RubListing) found = rub_fat_list_owned(fat, owned, &damage);
    if (!found)
        return rub_error_take_damage(damage, &self->fault, error) ? g_steal_pointer(&self) : NULL;
    if (!find_lost(self, fat, owned, error))
        return NULL;
    if (listing && !self->fault)
        *listing = g_steal_pointer(&found);
    return g_steal_pointer(&self);
}

guint64
rub_fat_check_count_lost(const RubFatCheck *self)
{
    guint64 count = 0;
    for (guint i = 0; i < self->lost->len; i++)
        count += g_array_index(self->lost, RubFatRun, i).count;
    return count;
}

RubText *
rub_fat_check_describe(const RubFatCheck *self)
{
    if (self->fault)
        return rub_text_ref(self->fault);
    if (self->lost->len > 0)
        return rub_text_new_plural(
            N_PLURAL("{count} of its clusters is in use, but belongs to no file",
                     "{count} of its clusters are in use, but belong to no file"),
            rub_fat_check_count_lost(self), NULL);
    if (self->copies_differ)
        return rub_text_new(N_("the copies of its file allocation table differ"), NULL);
    return rub_text_new(N_("it was not closed properly when it was used last"), NULL);
}
