/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "volume/rub-ntfs-check.h"

#include <errno.h>

#include "base/rub-error.h"
#include "volume/rub-ntfs-record.h"

/* Crafted tables could alternate, and fill the memory with runs of one cluster. */
#define MAX_LOST_RUNS (1024 * 1024)

/* How many clusters are looked at in one pass over the table of files: a bit each, 32 MiB. */
#define CLUSTERS_PER_PASS ((guint64) 256 * 1024 * 1024)
#define WINDOW_BYTES 65536

/* From here to FILE_first_user, see NTFS_SYSTEM_FILES of ntfs-3g/layout.h. */
#define FIRST_RESERVED 12

typedef struct {
    RubNtfsCheck *check;
    RubNtfs *ntfs;
    ntfs_volume *volume;
    guint8 *owned;      /* a bit for each cluster of this pass that belongs to a file */
    guint64 pass_first; /* the clusters of this pass */
    guint64 pass_end;
    RubNtfsRun lost; /* the run that may go on */
} Checking;

void
rub_ntfs_check_free(RubNtfsCheck *self)
{
    g_clear_pointer(&self->fault, rub_text_unref);
    g_array_unref(self->lost);
    g_free(self);
}

RubText *
rub_ntfs_check_describe(const RubNtfsCheck *self)
{
    guint64 lost = 0;
    if (self->fault)
        return rub_text_ref(self->fault);
    if (self->is_dirty)
        return rub_text_new(N_("it was not closed properly when it was used last"), NULL);
    for (guint i = 0; i < self->lost->len; i++)
        lost += g_array_index(self->lost, RubNtfsRun, i).count;
    return lost == 0 ? NULL
                     : rub_text_new_plural(
                           N_PLURAL("{count} of its clusters is in use, but belongs to no file",
                                    "{count} of its clusters are in use, but belong to no file"),
                           lost, NULL);
}

/* The first fault is the one that is told; @sentence may have the gap {number}. Returns FALSE,
 * which ends the search for more. */
static gboolean
note_fault(Checking *self, const char *sentence, guint64 number)
{
    g_autofree char *text = g_strdup_printf("%" G_GUINT64_FORMAT, number);
    self->check->fault = rub_text_new(sentence, "number", text, NULL);
    return FALSE;
}

/* Reads a part of a table that is as large as it should be. */
static gboolean
read_table(Checking *self, ntfs_attr *table, guint64 at, guint8 *buffer, gsize size_bytes,
           GError **error)
{
    s64 n = ntfs_attr_pread(table, (s64) at, (s64) size_bytes, buffer);
    if (n == (s64) size_bytes)
        return TRUE;
    rub_ntfs_set_error(self->ntfs, error, n < 0 ? errno : EIO, NULL);
    return FALSE;
}

static gboolean
own_run(Checking *self, guint64 record, guint64 first, guint64 count)
{
    guint64 end = MIN(first + count, self->pass_end);
    for (guint64 cluster = MAX(first, self->pass_first); cluster < end; cluster++) {
        guint8 *byte = &self->owned[(cluster - self->pass_first) / 8];
        guint8 bit = (guint8) (1u << (cluster % 8));
        if (*byte & bit)
            return note_fault(
                self, N_("a cluster belongs to two files, one of them with the number {number}"),
                record);
        *byte |= bit;
    }
    return TRUE;
}

static gboolean
own_runs(Checking *self, guint64 record, RubNtfsAttribute *attribute)
{
    guint64 cluster_count = (guint64) self->volume->nr_clusters, found = 0;
    gint64 first, count;
    gboolean is_broken;
    while (rub_ntfs_attribute_next_run(attribute, &first, &count, &is_broken)) {
        found += (guint64) count;
        if (found > attribute->cluster_count)
            break;
        if (first < 0)
            continue;
        if ((guint64) first > cluster_count || (guint64) count > cluster_count - (guint64) first)
            return note_fault(self, N_("file number {number} leads out of the volume"), record);
        if (!own_run(self, record, (guint64) first, (guint64) count))
            return FALSE;
    }
    return (!is_broken && found == attribute->cluster_count) ||
           note_fault(self, N_("the clusters of file number {number} make no sense"), record);
}

/* What counts as free may be anything; the library makes it anew. */
static gboolean
check_record(Checking *self, guint64 number, guint8 *data, gboolean is_taken)
{
    RubNtfsRecord record;
    RubNtfsAttribute attribute;
    gboolean is_broken = FALSE;
    gboolean is_record = rub_ntfs_record_parse(&record, data, self->volume->mft_record_size);
    if (!is_taken)
        return !is_record || !record.is_in_use ||
               note_fault(self, N_("file number {number} counts as free, but is there"), number);
    /* Some are taken so that nobody uses them, and were never written. */
    if (!is_record)
        return (number >= FIRST_RESERVED && number < FILE_first_user) ||
               note_fault(self, N_("the record of file number {number} is damaged"), number);
    if (!record.is_in_use)
        return TRUE;
    while (rub_ntfs_record_next(&record, &attribute, &is_broken))
        if (!attribute.is_resident && !own_runs(self, number, &attribute))
            return FALSE;
    return !is_broken ||
           note_fault(self, N_("the record of file number {number} makes no sense"), number);
}

/* A window of the table of files, and the bits that tell which of its records are taken. */
static gboolean
check_records(Checking *self, guint64 first, guint64 count, guint8 *records, guint8 *taken,
              GError **error)
{
    gsize record_bytes = self->volume->mft_record_size;
    if (!read_table(self, self->volume->mft_na, first * record_bytes, records,
                    (gsize) count * record_bytes, error) ||
        !read_table(self, self->volume->mftbmp_na, first / 8, taken, (gsize) (count + 7) / 8,
                    error))
        return FALSE;
    gboolean is_sound = TRUE;
    for (guint64 i = 0; i < count && is_sound; i++)
        is_sound = check_record(self, first + i, records + i * record_bytes,
                                (taken[i / 8] >> (i % 8)) & 1);
    return TRUE;
}

/* Records are only there up to what was initialised. */
static gboolean
check_table(Checking *self, GError **error)
{
    guint record_bytes = self->volume->mft_record_size;
    guint64 count = (guint64) self->volume->mft_na->initialized_size / record_bytes;
    guint64 step = WINDOW_BYTES / record_bytes * 8;
    g_autofree guint8 *records = g_malloc((gsize) step * record_bytes);
    g_autofree guint8 *taken = g_malloc((gsize) step / 8);
    if (count / 8 > (guint64) self->volume->mftbmp_na->data_size)
        note_fault(self, N_("the table of files is larger than its bitmap"), 0);
    for (guint64 first = 0; first < count && !self->check->fault; first += step)
        if (!check_records(self, first, MIN(step, count - first), records, taken, error))
            return FALSE;
    return TRUE;
}

static gboolean
end_lost(Checking *self)
{
    if (self->lost.count == 0)
        return TRUE;
    if (self->check->lost->len == MAX_LOST_RUNS)
        return note_fault(self, N_("more lost clusters than any sane volume has"), 0);
    g_array_append_val(self->check->lost, self->lost);
    self->lost.count = 0;
    return TRUE;
}

static gboolean
compare_cluster(Checking *self, guint64 cluster, gboolean is_used, gboolean is_owned)
{
    if (is_owned && !is_used)
        return note_fault(self, N_("cluster {number} counts as free, but a file is there"),
                          cluster);
    if (is_used == is_owned)
        return end_lost(self);
    if (self->lost.count++ == 0)
        self->lost.first = cluster;
    return TRUE;
}

static void
compare_window(Checking *self, guint64 first, guint64 count, const guint8 *used)
{
    const guint8 *owned = self->owned + (first - self->pass_first) / 8;
    for (guint64 i = 0; i < count; i++) {
        if (i % 8 == 0 && count - i >= 8 && used[i / 8] == owned[i / 8]) {
            if (!end_lost(self))
                return;
            i += 7;
        } else if (!compare_cluster(self, first + i, (used[i / 8] >> (i % 8)) & 1,
                                    (owned[i / 8] >> (i % 8)) & 1)) {
            return;
        }
    }
}

static gboolean
compare_bitmap(Checking *self, GError **error)
{
    g_autofree guint8 *used = g_malloc(WINDOW_BYTES);
    for (guint64 first = self->pass_first; first < self->pass_end && !self->check->fault;
         first += WINDOW_BYTES * 8) {
        guint64 count = MIN(WINDOW_BYTES * 8, self->pass_end - first);
        if (!read_table(self, self->volume->lcnbmp_na, first / 8, used, (gsize) (count + 7) / 8,
                        error))
            return FALSE;
        compare_window(self, first, count, used);
    }
    return TRUE;
}

static gboolean
check_clusters(Checking *self, GError **error)
{
    guint64 cluster_count = (guint64) self->volume->nr_clusters;
    gsize owned_bytes = (gsize) (MIN(CLUSTERS_PER_PASS, cluster_count) + 7) / 8;
    g_autofree guint8 *owned = g_malloc(owned_bytes);
    self->owned = owned;
    for (guint64 first = 0; first < cluster_count && !self->check->fault;
         first += CLUSTERS_PER_PASS) {
        memset(owned, 0, owned_bytes);
        self->pass_first = first;
        self->pass_end = MIN(first + CLUSTERS_PER_PASS, cluster_count);
        if (!check_table(self, error) || (!self->check->fault && !compare_bitmap(self, error)))
            return FALSE;
    }
    if (!self->check->fault)
        end_lost(self);
    return TRUE;
}

/* Whether the library would write it: not while Windows hibernates on it or left its journal in
 * use. */
static gboolean
check_volume(RubNtfsCheck *self, RubDisk *disk, guint64 start_lba, guint64 sector_count,
             GError **error)
{
    g_autoptr(RubNtfs) ntfs = rub_ntfs_open(disk, start_lba, sector_count, RUB_NTFS_TRY, error);
    if (!ntfs)
        return FALSE;
    Checking checking = {.check = self, .ntfs = ntfs, .volume = rub_ntfs_get_volume(ntfs)};
    self->is_dirty = rub_ntfs_get_state(ntfs)->is_dirty;
    self->was_cut_off = rub_ntfs_was_cut_off(ntfs);
    return check_clusters(&checking, error);
}

RubNtfsCheck *
rub_ntfs_check(RubDisk *disk, guint64 start_lba, guint64 sector_count, RubListing **listing,
               RubNtfsState *state, GError **error)
{
    GError *damage = NULL;
    RubNtfsState found_state = {0};
    g_autoptr(RubListing) found = NULL;
    g_autoptr(RubNtfsCheck) self = g_new0(RubNtfsCheck, 1);
    self->lost = g_array_new(FALSE, FALSE, sizeof(RubNtfsRun));
    if (!check_volume(self, disk, start_lba, sector_count, &damage) &&
        !rub_error_take_damage(damage, &self->fault, error))
        return NULL;
    if (!self->fault) {
        found = rub_ntfs_list(disk, start_lba, sector_count, &found_state, &damage);
        if (!found && !rub_error_take_damage(damage, &self->fault, error))
            return NULL;
    }
    if (listing)
        *listing = g_steal_pointer(&found);
    if (state)
        *state = found_state;
    return g_steal_pointer(&self);
}
