/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "volume/rub-ntfs-journal.h"

#include <xxhash.h>

#include "base/rub-bytes.h"
#include "base/rub-digest.h"
#include "base/rub-error.h"

#define BLOCK_BYTES RUB_NTFS_JOURNAL_BLOCK_BYTES
#define SECTOR_BYTES 512
#define SECTORS_PER_BLOCK (BLOCK_BYTES / SECTOR_BYTES)
#define PIECE_BYTES (1024 * 1024)
#define MEMORY_ALIGNMENT 4096

/* The last of the 16 sectors of $Boot. It is written as a part of its block, whose other bytes do
 * not change: drives may have sectors of 4096 bytes. */
#define HEAD_BLOCK 4096
#define HEAD_AT (BLOCK_BYTES - SECTOR_BYTES)

/* The head: mark, count of blocks, bytes and digest of the body, runs that hold it, digest. */
#define MARK "Rescue USB Builder NTFS changes\n"
#define MARK_BYTES (sizeof MARK - 1)
#define COUNT_AT 32
#define RUN_COUNT_AT 36
#define BODY_BYTES_AT 40
#define BODY_DIGEST_AT 48
#define RUNS_AT 112
#define RUN_BYTES 16
#define HEAD_DIGEST_AT 448
#define DIGEST_BYTES 32
G_STATIC_ASSERT(MARK_BYTES == COUNT_AT);
G_STATIC_ASSERT(RUNS_AT + RUB_NTFS_JOURNAL_MAX_RUNS * RUN_BYTES <= HEAD_DIGEST_AT);

/* The body: what was in the sector of the head, an entry for each block, the blocks. */
#define ENTRY_BYTES 80
#define ENTRY_FLAGS_AT 8
#define ENTRY_DIGESTS_AT 16
#define FLAG_BARRIER 1

/* What nobody's tables need, and anybody's memory holds. */
#define MAX_BLOCKS 32768

typedef struct {
    guint64 offset_bytes;
    gsize size_bytes;
    gboolean is_behind_barrier;
    guint previous; /* the change before of the same block, counted from 1; 0 if there is none */
    guint64 old_digests[SECTORS_PER_BLOCK];
} Entry;

struct _RubNtfsJournal {
    RubDisk *disk;
    guint64 start_bytes;
    guint64 size_bytes;
    gboolean has_barrier;
    GArray *entries;    /* (element-type Entry) */
    GHashTable *last;   /* the last entry of each block, counted from 1, by the block's number */
    GByteArray *blocks; /* a whole block for each entry */
    guint8 *head_block; /* the block that the head is in, as it is on the disk */
    guint8 original[SECTOR_BYTES];
};

RubNtfsJournal *
rub_ntfs_journal_new(RubDisk *disk, guint64 start_bytes, guint64 size_bytes)
{
    RubNtfsJournal *self = g_new0(RubNtfsJournal, 1);
    self->disk = rub_disk_ref(disk);
    self->start_bytes = start_bytes;
    self->size_bytes = size_bytes;
    self->entries = g_array_new(FALSE, FALSE, sizeof(Entry));
    self->last = g_hash_table_new(NULL, NULL);
    self->blocks = g_byte_array_new();
    self->head_block = g_aligned_alloc(1, BLOCK_BYTES, MEMORY_ALIGNMENT);
    return self;
}

void
rub_ntfs_journal_free(RubNtfsJournal *self)
{
    g_array_unref(self->entries);
    g_hash_table_unref(self->last);
    g_byte_array_unref(self->blocks);
    g_aligned_free(self->head_block);
    rub_disk_unref(self->disk);
    g_free(self);
}

static Entry *
get_entry(const RubNtfsJournal *self, guint i)
{
    return &g_array_index(self->entries, Entry, i);
}

static const guint8 *
get_block(const RubNtfsJournal *self, guint i)
{
    return self->blocks->data + (gsize) i * BLOCK_BYTES;
}

/* Only the last block of a volume may be shorter. */
static gsize
get_block_size(const RubNtfsJournal *self, guint64 offset_bytes)
{
    return (gsize) MIN(BLOCK_BYTES, self->size_bytes - offset_bytes);
}

static gboolean
may_change(const RubNtfsJournal *self, guint64 offset_bytes)
{
    return offset_bytes % BLOCK_BYTES == 0 && offset_bytes < self->size_bytes &&
           offset_bytes != HEAD_BLOCK;
}

static guint
get_last(const RubNtfsJournal *self, guint64 offset_bytes)
{
    gpointer number = GSIZE_TO_POINTER((gsize) (offset_bytes / BLOCK_BYTES));
    return GPOINTER_TO_UINT(g_hash_table_lookup(self->last, number));
}

static void
append_entry(RubNtfsJournal *self, Entry *entry)
{
    gpointer number = GSIZE_TO_POINTER((gsize) (entry->offset_bytes / BLOCK_BYTES));
    entry->previous = get_last(self, entry->offset_bytes);
    g_array_append_vals(self->entries, entry, 1);
    g_hash_table_insert(self->last, number, GUINT_TO_POINTER(self->entries->len));
}

gboolean
rub_ntfs_journal_check_count(guint64 block_count, GError **error)
{
    if (block_count <= MAX_BLOCKS)
        return TRUE;
    rub_error_set_text(error, RUB_CODE_DISK_TOO_SMALL,
                       N_("so many files cannot be added to an NTFS filesystem, or taken off it, "
                          "while others on it stay"),
                       NULL);
    return FALSE;
}

guint
rub_ntfs_journal_get_count(const RubNtfsJournal *self)
{
    return self->entries->len;
}

gboolean
rub_ntfs_journal_add(RubNtfsJournal *self, const RubDiskCacheBlock *block, GError **error)
{
    guint8 old[BLOCK_BYTES];
    Entry entry = {.offset_bytes = block->offset_bytes,
                   .size_bytes = block->size_bytes,
                   .is_behind_barrier = self->has_barrier};
    guint last = get_last(self, block->offset_bytes);
    if (last > 0 && memcmp(get_block(self, last - 1), block->data, block->size_bytes) == 0)
        return TRUE;
    if (!rub_ntfs_journal_check_count((guint64) self->entries->len + 1, error))
        return FALSE;
    if (!may_change(self, block->offset_bytes)) {
        g_set_error(error, RUB_ERROR, RUB_CODE_VOLUME_DAMAGED,
                    "the NTFS filesystem of %s would have to be changed at byte %" G_GUINT64_FORMAT,
                    rub_disk_get_name(self->disk), block->offset_bytes);
        return FALSE;
    }
    if (!rub_disk_read(self->disk, self->start_bytes + entry.offset_bytes, old, entry.size_bytes,
                       error))
        return FALSE;
    for (gsize at = 0; at < entry.size_bytes; at += SECTOR_BYTES)
        entry.old_digests[at / SECTOR_BYTES] = XXH3_64bits(old + at, SECTOR_BYTES);
    guint end = self->blocks->len;
    g_byte_array_set_size(self->blocks, end + BLOCK_BYTES);
    memset(self->blocks->data + end, 0, BLOCK_BYTES);
    memcpy(self->blocks->data + end, block->data, block->size_bytes);
    append_entry(self, &entry);
    self->has_barrier = FALSE;
    return TRUE;
}

void
rub_ntfs_journal_add_barrier(RubNtfsJournal *self)
{
    self->has_barrier = TRUE;
}

guint64
rub_ntfs_journal_count_bytes(guint64 block_count)
{
    guint64 table_bytes = SECTOR_BYTES + block_count * ENTRY_BYTES;
    return (table_bytes + BLOCK_BYTES - 1) / BLOCK_BYTES * BLOCK_BYTES + block_count * BLOCK_BYTES;
}

guint64
rub_ntfs_journal_get_size_bytes(const RubNtfsJournal *self)
{
    return rub_ntfs_journal_count_bytes(self->entries->len);
}

/* The body as it is written; g_aligned_free() it. */
static guint8 *
make_body(const RubNtfsJournal *self, gsize body_bytes)
{
    gsize blocks_at = body_bytes - self->blocks->len;
    guint8 *body = g_aligned_alloc(1, body_bytes, MEMORY_ALIGNMENT);
    memset(body, 0, blocks_at);
    memcpy(body, self->original, SECTOR_BYTES);
    for (guint i = 0; i < self->entries->len; i++) {
        const Entry *entry = get_entry(self, i);
        guint8 *at = body + SECTOR_BYTES + (gsize) i * ENTRY_BYTES;
        rub_put_u64le(at, entry->offset_bytes);
        rub_put_u64le(at + ENTRY_FLAGS_AT, entry->is_behind_barrier ? FLAG_BARRIER : 0);
        for (guint j = 0; j < SECTORS_PER_BLOCK; j++)
            rub_put_u64le(at + ENTRY_DIGESTS_AT + j * 8, entry->old_digests[j]);
    }
    memcpy(body + blocks_at, self->blocks->data, self->blocks->len);
    return body;
}

static void
put_digest(guint8 *to, const guint8 *bytes, gsize size_bytes)
{
    char text[RUB_DIGEST_TEXT_BYTES];
    g_autoptr(RubDigest) digest = rub_digest_new();
    rub_digest_add(digest, bytes, size_bytes);
    rub_digest_get_text(digest, text);
    memcpy(to, text, DIGEST_BYTES);
}

static gboolean
has_digest(const guint8 *expected, const guint8 *bytes, gsize size_bytes)
{
    guint8 found[DIGEST_BYTES];
    put_digest(found, bytes, size_bytes);
    return memcmp(found, expected, DIGEST_BYTES) == 0;
}

static gboolean
is_head(const guint8 *sector)
{
    return memcmp(sector, MARK, MARK_BYTES) == 0 &&
           has_digest(sector + HEAD_DIGEST_AT, sector, HEAD_DIGEST_AT);
}

static gboolean
read_head_block(RubNtfsJournal *self, GError **error)
{
    return rub_disk_read(self->disk, self->start_bytes + HEAD_BLOCK, self->head_block, BLOCK_BYTES,
                         error);
}

static gboolean
write_head_block(RubNtfsJournal *self, GError **error)
{
    return rub_disk_write(self->disk, self->start_bytes + HEAD_BLOCK, self->head_block, BLOCK_BYTES,
                          error) &&
           rub_disk_sync(self->disk, error);
}

static gboolean
write_body(RubNtfsJournal *self, const guint8 *body, gsize body_bytes, const GArray *runs,
           guint cluster_bytes, GError **error)
{
    gsize done = 0;
    for (guint i = 0; i < runs->len && done < body_bytes; i++) {
        const RubNtfsRun *run = &g_array_index(runs, RubNtfsRun, i);
        guint64 at = self->start_bytes + run->first * cluster_bytes;
        gsize end = done + (gsize) MIN(run->count * cluster_bytes, body_bytes - done);
        for (gsize n; done < end; done += n, at += n) {
            n = MIN(PIECE_BYTES, end - done);
            if (!rub_disk_write(self->disk, at, body + done, n, error))
                return FALSE;
        }
    }
    g_assert(done == body_bytes);
    return rub_disk_sync(self->disk, error);
}

static void
make_head(guint8 *head, const RubNtfsJournal *self, const guint8 *body, gsize body_bytes,
          const GArray *runs, guint cluster_bytes)
{
    memset(head, 0, SECTOR_BYTES);
    memcpy(head, MARK, MARK_BYTES);
    rub_put_u32le(head + COUNT_AT, self->entries->len);
    rub_put_u32le(head + RUN_COUNT_AT, runs->len);
    rub_put_u64le(head + BODY_BYTES_AT, body_bytes);
    put_digest(head + BODY_DIGEST_AT, body, body_bytes);
    for (guint i = 0; i < runs->len; i++) {
        const RubNtfsRun *run = &g_array_index(runs, RubNtfsRun, i);
        rub_put_u64le(head + RUNS_AT + i * RUN_BYTES, run->first * cluster_bytes);
        rub_put_u64le(head + RUNS_AT + i * RUN_BYTES + 8, run->count * cluster_bytes);
    }
    put_digest(head + HEAD_DIGEST_AT, head, HEAD_DIGEST_AT);
}

gboolean
rub_ntfs_journal_commit(RubNtfsJournal *self, const GArray *runs, guint cluster_bytes,
                        GError **error)
{
    gsize body_bytes = (gsize) rub_ntfs_journal_get_size_bytes(self);
    guint8 *head = self->head_block + HEAD_AT;
    g_assert(runs->len <= RUB_NTFS_JOURNAL_MAX_RUNS);
    if (!read_head_block(self, error))
        return FALSE;
    /* One that is void has nothing left to bring back. */
    if (!is_head(head))
        memcpy(self->original, head, SECTOR_BYTES);
    guint8 *body = make_body(self, body_bytes);
    make_head(head, self, body, body_bytes, runs, cluster_bytes);
    gboolean is_written = write_body(self, body, body_bytes, runs, cluster_bytes, error) &&
                          write_head_block(self, error);
    g_aligned_free(body);
    return is_written && rub_ntfs_journal_replay(self, error);
}

/* How many blocks from @i on lie behind one another and can be written at once. */
static guint
count_joined(const RubNtfsJournal *self, guint i)
{
    guint n = 1;
    while (i + n < self->entries->len && n < PIECE_BYTES / BLOCK_BYTES &&
           !get_entry(self, i + n)->is_behind_barrier &&
           get_entry(self, i + n)->offset_bytes ==
               get_entry(self, i + n - 1)->offset_bytes + BLOCK_BYTES)
        n++;
    return n;
}

gboolean
rub_ntfs_journal_replay(RubNtfsJournal *self, GError **error)
{
    for (guint i = 0, n; i < self->entries->len; i += n) {
        const Entry *entry = get_entry(self, i);
        n = count_joined(self, i);
        gsize size_bytes = (gsize) (n - 1) * BLOCK_BYTES + get_entry(self, i + n - 1)->size_bytes;
        if (entry->is_behind_barrier && !rub_disk_sync(self->disk, error))
            return FALSE;
        if (!rub_disk_write(self->disk, self->start_bytes + entry->offset_bytes, get_block(self, i),
                            size_bytes, error))
            return FALSE;
    }
    if (!rub_disk_sync(self->disk, error))
        return FALSE;
    memcpy(self->head_block + HEAD_AT, self->original, SECTOR_BYTES);
    return write_head_block(self, error);
}

static gboolean
read_body(RubNtfsJournal *self, guint8 *body, gsize body_bytes, gboolean *is_inside, GError **error)
{
    RubBytes head = rub_bytes(self->head_block + HEAD_AT, SECTOR_BYTES);
    guint run_count = rub_bytes_u32le(&head, RUN_COUNT_AT);
    gsize done = 0;
    *is_inside = FALSE;
    for (guint i = 0; i < MIN(run_count, RUB_NTFS_JOURNAL_MAX_RUNS) && done < body_bytes; i++) {
        guint64 at = rub_bytes_u64le(&head, RUNS_AT + i * RUN_BYTES);
        guint64 n = rub_bytes_u64le(&head, RUNS_AT + i * RUN_BYTES + 8);
        n = MIN(n, body_bytes - done);
        if (at > self->size_bytes || n > self->size_bytes - at)
            return TRUE;
        if (!rub_disk_read(self->disk, self->start_bytes + at, body + done, (gsize) n, error))
            return FALSE;
        done += (gsize) n;
    }
    *is_inside = done == body_bytes;
    return TRUE;
}

static gboolean
parse_body(RubNtfsJournal *self, const guint8 *body, gsize body_bytes, guint count)
{
    RubBytes bytes = rub_bytes(body, body_bytes);
    memcpy(self->original, body, SECTOR_BYTES);
    for (guint i = 0; i < count; i++) {
        RubBytes at = rub_bytes_slice(&bytes, SECTOR_BYTES + (gsize) i * ENTRY_BYTES, ENTRY_BYTES);
        Entry entry = {.offset_bytes = rub_bytes_u64le(&at, 0)};
        if (!may_change(self, entry.offset_bytes))
            return FALSE;
        entry.size_bytes = get_block_size(self, entry.offset_bytes);
        entry.is_behind_barrier = (rub_bytes_u64le(&at, ENTRY_FLAGS_AT) & FLAG_BARRIER) != 0;
        for (guint j = 0; j < SECTORS_PER_BLOCK; j++)
            entry.old_digests[j] = rub_bytes_u64le(&at, ENTRY_DIGESTS_AT + j * 8);
        append_entry(self, &entry);
    }
    gsize blocks_bytes = (gsize) count * BLOCK_BYTES;
    g_byte_array_append(self->blocks, body + body_bytes - blocks_bytes, (guint) blocks_bytes);
    return TRUE;
}

/* Whether a sector of a block holds what it held before, or what one of the changes made of it. */
static gboolean
is_known(const RubNtfsJournal *self, guint last, guint sector, const guint8 *found)
{
    if (XXH3_64bits(found, SECTOR_BYTES) == get_entry(self, last - 1)->old_digests[sector])
        return TRUE;
    for (guint i = last; i > 0; i = get_entry(self, i - 1)->previous)
        if (memcmp(get_block(self, i - 1) + sector * SECTOR_BYTES, found, SECTOR_BYTES) == 0)
            return TRUE;
    return FALSE;
}

static gboolean
check_block(const RubNtfsJournal *self, guint last, gboolean *is_void, GError **error)
{
    guint8 found[BLOCK_BYTES];
    const Entry *entry = get_entry(self, last - 1);
    if (!rub_disk_read(self->disk, self->start_bytes + entry->offset_bytes, found,
                       entry->size_bytes, error))
        return FALSE;
    for (guint i = 0; i < entry->size_bytes / SECTOR_BYTES; i++)
        *is_void |= !is_known(self, last, i, found + i * SECTOR_BYTES);
    return TRUE;
}

/* Somebody else may have used the volume since. */
static gboolean
check_blocks(const RubNtfsJournal *self, gboolean *is_void, GError **error)
{
    GHashTableIter iter;
    gpointer last;
    g_hash_table_iter_init(&iter, self->last);
    while (!*is_void && g_hash_table_iter_next(&iter, NULL, &last))
        if (!check_block(self, GPOINTER_TO_UINT(last), is_void, error))
            return FALSE;
    return TRUE;
}

static gboolean
load_body(RubNtfsJournal *self, gboolean *is_void, GError **error)
{
    RubBytes head = rub_bytes(self->head_block + HEAD_AT, SECTOR_BYTES);
    guint count = rub_bytes_u32le(&head, COUNT_AT);
    guint64 body_bytes = rub_bytes_u64le(&head, BODY_BYTES_AT);
    *is_void = TRUE;
    if (count > MAX_BLOCKS || body_bytes > self->size_bytes ||
        body_bytes != rub_ntfs_journal_count_bytes(count))
        return TRUE;
    gboolean is_inside;
    g_autofree guint8 *body = g_malloc(body_bytes);
    if (!read_body(self, body, (gsize) body_bytes, &is_inside, error))
        return FALSE;
    *is_void = !is_inside ||
               !has_digest(self->head_block + HEAD_AT + BODY_DIGEST_AT, body, (gsize) body_bytes) ||
               !parse_body(self, body, (gsize) body_bytes, count);
    return *is_void || check_blocks(self, is_void, error);
}

gboolean
rub_ntfs_journal_load(RubDisk *disk, guint64 start_bytes, guint64 size_bytes,
                      RubNtfsJournal **journal, GError **error)
{
    gboolean is_void;
    *journal = NULL;
    if (size_bytes < HEAD_BLOCK + BLOCK_BYTES)
        return TRUE;
    g_autoptr(RubNtfsJournal) self = rub_ntfs_journal_new(disk, start_bytes, size_bytes);
    if (!read_head_block(self, error))
        return FALSE;
    if (!is_head(self->head_block + HEAD_AT))
        return TRUE;
    if (!load_body(self, &is_void, error))
        return FALSE;
    if (!is_void)
        *journal = g_steal_pointer(&self);
    return TRUE;
}

gboolean
rub_ntfs_journal_show(const RubNtfsJournal *self, RubDiskCache *cache, GError **error)
{
    for (guint i = 0; i < self->entries->len; i++) {
        const Entry *entry = get_entry(self, i);
        if (!rub_disk_cache_write(cache, entry->offset_bytes, get_block(self, i), entry->size_bytes,
                                  error))
            return FALSE;
    }
    return TRUE;
}
