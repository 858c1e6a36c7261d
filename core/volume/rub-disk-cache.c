/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "volume/rub-disk-cache.h"

/* What is read at once, and what is known to be changed. */
#define CHUNK_BYTES 65536
#define BLOCK_BYTES 4096
#define BLOCKS_PER_CHUNK (CHUNK_BYTES / BLOCK_BYTES)
#define ALL_BLOCKS ((1u << BLOCKS_PER_CHUNK) - 1)

/* Reads and writes of this size gain nothing from being held. */
#define LARGE_BYTES (4 * CHUNK_BYTES)
/* Held bytes go out in pieces of at most this size. */
#define OUTPUT_BYTES (1024 * 1024)
#define MEMORY_ALIGNMENT 4096

typedef struct {
    guint64 number;
    guint valid; /* a bit for each block: its bytes are those of the disk or newer */
    guint dirty; /* its bytes are not on the disk yet */
    guint8 data[CHUNK_BYTES];
} Chunk;

struct _RubDiskCache {
    RubDisk *disk;
    guint64 start_bytes;
    guint64 size_bytes;
    guint max_chunks;
    guint max_chunks_now; /* more than that while bytes are held that may not go */
    GHashTable *chunks;   /* (element-type guint64 Chunk), by number */
    guint8 *output;
    gboolean is_holding;
    guint rank_count;
    RubDiskCacheRank rank;
    gpointer rank_data;
};

/* A run of held bytes on its way out. */
typedef struct {
    guint64 offset_bytes;
    gsize size_bytes;
} Output;

RubDiskCache *
rub_disk_cache_new(RubDisk *disk, guint64 start_bytes, guint64 size_bytes, gsize max_bytes)
{
    RubDiskCache *self = g_new0(RubDiskCache, 1);
    self->disk = rub_disk_ref(disk);
    self->start_bytes = start_bytes;
    self->size_bytes = size_bytes;
    self->max_chunks = self->max_chunks_now = (guint) (max_bytes / CHUNK_BYTES);
    self->chunks = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, g_free);
    self->rank_count = 1;
    self->output = g_aligned_alloc(1, OUTPUT_BYTES, MEMORY_ALIGNMENT);
    return self;
}

void
rub_disk_cache_set_ranks(RubDiskCache *self, guint count, RubDiskCacheRank rank, gpointer user_data)
{
    self->rank_count = rank ? count : 1;
    self->rank = rank;
    self->rank_data = user_data;
}

void
rub_disk_cache_set_holding(RubDiskCache *self, gboolean is_on)
{
    self->is_holding = is_on;
    self->max_chunks_now = self->max_chunks;
}

void
rub_disk_cache_free(RubDiskCache *self)
{
    g_hash_table_unref(self->chunks);
    g_aligned_free(self->output);
    rub_disk_unref(self->disk);
    g_free(self);
}

/* The part may end within a chunk, and within a block. */
static gsize
get_chunk_size(const RubDiskCache *self, guint64 number)
{
    return (gsize) MIN(CHUNK_BYTES, self->size_bytes - number * CHUNK_BYTES);
}

/* The blocks that lie between two places of a chunk, @from rounded down and @to up. */
static guint
get_blocks(gsize from, gsize to)
{
    guint first = (guint) (from / BLOCK_BYTES);
    guint end = (guint) ((to + BLOCK_BYTES - 1) / BLOCK_BYTES);
    return (ALL_BLOCKS >> (BLOCKS_PER_CHUNK - end)) & (ALL_BLOCKS << first);
}

static int
compare_chunks(gconstpointer a, gconstpointer b)
{
    const Chunk *one = *(Chunk *const *) a, *other = *(Chunk *const *) b;
    return (one->number > other->number) - (one->number < other->number);
}

static gboolean
put_out(RubDiskCache *self, Output *output, GError **error)
{
    gsize size_bytes = output->size_bytes;
    output->size_bytes = 0;
    return size_bytes == 0 || rub_disk_write(self->disk, self->start_bytes + output->offset_bytes,
                                             self->output, size_bytes, error);
}

static gboolean
put_block(RubDiskCache *self, Output *output, const RubDiskCacheBlock *block, GError **error)
{
    if ((output->offset_bytes + output->size_bytes != block->offset_bytes ||
         output->size_bytes + block->size_bytes > OUTPUT_BYTES) &&
        !put_out(self, output, error))
        return FALSE;
    if (output->size_bytes == 0)
        output->offset_bytes = block->offset_bytes;
    memcpy(self->output + output->size_bytes, block->data, block->size_bytes);
    output->size_bytes += block->size_bytes;
    return TRUE;
}

static GPtrArray *
sort_chunks(const RubDiskCache *self)
{
    GPtrArray *sorted = g_ptr_array_new();
    GHashTableIter iter;
    gpointer chunk;
    g_hash_table_iter_init(&iter, self->chunks);
    while (g_hash_table_iter_next(&iter, NULL, &chunk))
        g_ptr_array_add(sorted, chunk);
    g_ptr_array_sort(sorted, compare_chunks);
    return sorted;
}

static guint
get_rank(const RubDiskCache *self, const Chunk *chunk, guint block)
{
    guint64 offset_bytes = chunk->number * CHUNK_BYTES + (guint64) block * BLOCK_BYTES;
    return self->rank ? self->rank(offset_bytes, self->rank_data) : 0;
}

/* What may be written is found out once, since ranks may be costly to tell. */
static GArray *
list_blocks(const RubDiskCache *self, const GPtrArray *sorted, guint rank)
{
    GArray *blocks = g_array_new(FALSE, FALSE, sizeof(RubDiskCacheBlock));
    for (guint i = 0; i < sorted->len; i++) {
        const Chunk *chunk = g_ptr_array_index(sorted, i);
        for (guint block = 0; block < BLOCKS_PER_CHUNK; block++) {
            gsize at = (gsize) block * BLOCK_BYTES;
            if (!(chunk->dirty & (1u << block)) || get_rank(self, chunk, block) != rank)
                continue;
            RubDiskCacheBlock found = {chunk->number * CHUNK_BYTES + at,
                                       MIN(BLOCK_BYTES, get_chunk_size(self, chunk->number) - at),
                                       chunk->data + at};
            g_array_append_val(blocks, found);
        }
    }
    return blocks;
}

static Chunk *
find_chunk(const RubDiskCache *self, guint64 number)
{
    return g_hash_table_lookup(self->chunks, &number);
}

static void
clean_blocks(RubDiskCache *self, const GArray *blocks)
{
    for (guint i = 0; i < blocks->len; i++) {
        guint64 at = g_array_index(blocks, RubDiskCacheBlock, i).offset_bytes;
        find_chunk(self, at / CHUNK_BYTES)->dirty &= ~(1u << (at % CHUNK_BYTES / BLOCK_BYTES));
    }
}

static gboolean
flush_blocks(RubDiskCache *self, const GArray *blocks, GError **error)
{
    Output output = {0};
    for (guint i = 0; i < blocks->len; i++)
        if (!put_block(self, &output, &g_array_index(blocks, RubDiskCacheBlock, i), error))
            return FALSE;
    return put_out(self, &output, error);
}

gboolean
rub_disk_cache_flush(RubDiskCache *self, GError **error)
{
    guint rank_count = !self->is_holding ? self->rank_count : self->rank ? 1 : 0;
    g_autoptr(GPtrArray) sorted = sort_chunks(self);
    for (guint rank = 0; rank < rank_count; rank++) {
        g_autoptr(GArray) blocks = list_blocks(self, sorted, rank);
        if (!flush_blocks(self, blocks, error))
            return FALSE;
        if (rank + 1 < rank_count && blocks->len > 0 && !rub_disk_sync(self->disk, error))
            return FALSE;
        clean_blocks(self, blocks);
    }
    return TRUE;
}

GArray *
rub_disk_cache_list_held(RubDiskCache *self)
{
    g_autoptr(GPtrArray) sorted = sort_chunks(self);
    GArray *held = g_array_new(FALSE, FALSE, sizeof(RubDiskCacheBlock));
    for (guint rank = 0; rank < self->rank_count; rank++) {
        g_autoptr(GArray) blocks = list_blocks(self, sorted, rank);
        g_array_append_vals(held, blocks->data, blocks->len);
    }
    return held;
}

void
rub_disk_cache_let_go(RubDiskCache *self)
{
    GHashTableIter iter;
    gpointer chunk;
    g_hash_table_iter_init(&iter, self->chunks);
    while (g_hash_table_iter_next(&iter, NULL, &chunk))
        ((Chunk *) chunk)->dirty = 0;
}

static gboolean
is_clean(gpointer number, gpointer chunk, gpointer unused)
{
    return ((const Chunk *) chunk)->dirty == 0;
}

/* When the memory is used up everything goes that may: what is needed again comes back in large
 * pieces. */
static gboolean
make_room(RubDiskCache *self, GError **error)
{
    if (!rub_disk_cache_flush(self, error))
        return FALSE;
    g_hash_table_foreach_remove(self->chunks, is_clean, NULL);
    self->max_chunks_now = MAX(self->max_chunks, 2 * g_hash_table_size(self->chunks));
    return TRUE;
}

static Chunk *
ensure_chunk(RubDiskCache *self, guint64 number, GError **error)
{
    Chunk *chunk = find_chunk(self, number);
    if (chunk)
        return chunk;
    if (g_hash_table_size(self->chunks) >= self->max_chunks_now && !make_room(self, error))
        return NULL;
    chunk = g_new(Chunk, 1);
    chunk->number = number;
    chunk->valid = chunk->dirty = 0;
    g_hash_table_insert(self->chunks, &chunk->number, chunk);
    return chunk;
}

/* Has blocks of a chunk hold what is on the disk, unless they hold something newer. */
static gboolean
load_blocks(RubDiskCache *self, Chunk *chunk, guint blocks, GError **error)
{
    if ((chunk->valid & blocks) == blocks)
        return TRUE;
    guint8 *data = self->output;
    gsize size_bytes = get_chunk_size(self, chunk->number);
    if (!rub_disk_read(self->disk, self->start_bytes + chunk->number * CHUNK_BYTES, data,
                       size_bytes, error))
        return FALSE;
    for (guint block = 0; block < BLOCKS_PER_CHUNK; block++)
        if (!(chunk->valid & (1u << block)))
            memcpy(chunk->data + block * BLOCK_BYTES, data + block * BLOCK_BYTES, BLOCK_BYTES);
    chunk->valid = ALL_BLOCKS;
    return TRUE;
}

static gboolean
read_chunk(RubDiskCache *self, guint64 number, gsize at, guint8 *buffer, gsize size_bytes,
           GError **error)
{
    Chunk *chunk = ensure_chunk(self, number, error);
    if (!chunk || !load_blocks(self, chunk, get_blocks(at, at + size_bytes), error))
        return FALSE;
    memcpy(buffer, chunk->data + at, size_bytes);
    return TRUE;
}

/* Of the first and the last block only a part may be written. */
static gboolean
write_chunk(RubDiskCache *self, guint64 number, gsize at, const guint8 *data, gsize size_bytes,
            GError **error)
{
    gsize end = at + size_bytes;
    guint blocks = get_blocks(at, end), partial = 0;
    if (at % BLOCK_BYTES != 0)
        partial |= get_blocks(at, at + 1);
    if (end % BLOCK_BYTES != 0 && end != get_chunk_size(self, number))
        partial |= get_blocks(end - 1, end);
    Chunk *chunk = ensure_chunk(self, number, error);
    if (!chunk || !load_blocks(self, chunk, partial, error))
        return FALSE;
    memcpy(chunk->data + at, data, size_bytes);
    chunk->valid |= blocks;
    chunk->dirty |= blocks;
    return TRUE;
}

/* Reads from the disk, then what was held back. */
static gboolean
read_large(RubDiskCache *self, guint64 offset_bytes, guint8 *buffer, gsize size_bytes,
           GError **error)
{
    guint64 end_bytes = offset_bytes + size_bytes;
    if (!rub_disk_read(self->disk, self->start_bytes + offset_bytes, buffer, size_bytes, error))
        return FALSE;
    for (guint64 at = offset_bytes / BLOCK_BYTES * BLOCK_BYTES; at < end_bytes; at += BLOCK_BYTES) {
        const Chunk *chunk = find_chunk(self, at / CHUNK_BYTES);
        gsize in_chunk = (gsize) (at % CHUNK_BYTES);
        if (!chunk || !(chunk->dirty & get_blocks(in_chunk, in_chunk + 1)))
            continue;
        guint64 from = MAX(at, offset_bytes), to = MIN(at + BLOCK_BYTES, end_bytes);
        memcpy(buffer + (from - offset_bytes), chunk->data + from % CHUNK_BYTES, to - from);
    }
    return TRUE;
}

/* Whole blocks. What was held for them is older. */
static gboolean
write_large(RubDiskCache *self, guint64 offset_bytes, const guint8 *data, gsize size_bytes,
            GError **error)
{
    for (guint64 at = offset_bytes; at < offset_bytes + size_bytes; at += BLOCK_BYTES) {
        Chunk *chunk = find_chunk(self, at / CHUNK_BYTES);
        guint block = get_blocks((gsize) (at % CHUNK_BYTES), (gsize) (at % CHUNK_BYTES) + 1);
        if (!chunk)
            continue;
        chunk->valid &= ~block;
        chunk->dirty &= ~block;
    }
    return rub_disk_write(self->disk, self->start_bytes + offset_bytes, data, size_bytes, error);
}

gboolean
rub_disk_cache_read(RubDiskCache *self, guint64 offset_bytes, void *buffer, gsize size_bytes,
                    GError **error)
{
    guint8 *to = buffer;
    if (size_bytes >= LARGE_BYTES)
        return read_large(self, offset_bytes, to, size_bytes, error);
    while (size_bytes > 0) {
        gsize at = (gsize) (offset_bytes % CHUNK_BYTES);
        gsize n = MIN(size_bytes, CHUNK_BYTES - at);
        if (!read_chunk(self, offset_bytes / CHUNK_BYTES, at, to, n, error))
            return FALSE;
        offset_bytes += n;
        to += n;
        size_bytes -= n;
    }
    return TRUE;
}

static gboolean
write_small(RubDiskCache *self, guint64 offset_bytes, const guint8 *data, gsize size_bytes,
            GError **error)
{
    while (size_bytes > 0) {
        gsize at = (gsize) (offset_bytes % CHUNK_BYTES);
        gsize n = MIN(size_bytes, CHUNK_BYTES - at);
        if (!write_chunk(self, offset_bytes / CHUNK_BYTES, at, data, n, error))
            return FALSE;
        offset_bytes += n;
        data += n;
        size_bytes -= n;
    }
    return TRUE;
}

/* Whether all of the blocks may be written now. */
static gboolean
may_pass(const RubDiskCache *self, guint64 offset_bytes, gsize size_bytes)
{
    if (!self->is_holding)
        return TRUE;
    for (guint64 at = 0; self->rank && at < size_bytes; at += BLOCK_BYTES)
        if (self->rank((offset_bytes + at) / BLOCK_BYTES * BLOCK_BYTES, self->rank_data) != 0)
            return FALSE;
    return self->rank != NULL;
}

gboolean
rub_disk_cache_write(RubDiskCache *self, guint64 offset_bytes, const void *data, gsize size_bytes,
                     GError **error)
{
    const guint8 *from = data;
    if (size_bytes < LARGE_BYTES || !may_pass(self, offset_bytes, size_bytes))
        return write_small(self, offset_bytes, from, size_bytes, error);
    gsize head = (gsize) ((BLOCK_BYTES - offset_bytes % BLOCK_BYTES) % BLOCK_BYTES);
    gsize middle = (size_bytes - head) / BLOCK_BYTES * BLOCK_BYTES;
    return write_small(self, offset_bytes, from, head, error) &&
           write_large(self, offset_bytes + head, from + head, middle, error) &&
           write_small(self, offset_bytes + head + middle, from + head + middle,
                       size_bytes - head - middle, error);
}
