/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Builds and undos beside a user's files on NTFS are cut off at every sector that they write, and
 * between two syncs in any order. What is there afterwards is exactly what was there after one of
 * the rounds, and the next rounds complete. */

#include <string.h>

#include "../unit/ntfs-tools.h"
#include "base/rub-bytes.h"
#include "crash-disk.h"
#include "volume/rub-ntfs-check.h"

/* How many cuts lie between two after which the rounds go on, between two of those that ntfsfix
 * judges, and between two that it judges before we have looked; primes. */
#define RESUME_STEP 11
#define JUDGE_STEP 61
#define FOREIGN_STEP 101
#define SHUFFLES_PER_EPOCH 20

#define OURS ".rescue-usb-builder"
/* Of $Volume: VOLUME_INFORMATION and VOLUME_IS_DIRTY of ntfs-3g/layout.h. */
#define VOLUME_INFORMATION 0x70
#define MARK_AT 10
#define MARKED 1

#define BLOCK_BYTES 4096
#define RECORD_BYTES 1024

typedef struct {
    const char *name;
    const char *cluster_bytes;
    guint volume_kib;
    guint many;  /* names in a folder of the user's */
    guint added; /* files that the build adds */
    gboolean is_fragmented;
} Layout;

typedef struct {
    gboolean is_folder;
    guint seed;
    gsize size_bytes;
} Content;

typedef enum { FOLDER, ADD, MOVE, REMOVE } Kind;

typedef struct {
    Kind kind;
    char *path;
    char *to;
    Content content;
    guint id;
} Op;

typedef struct {
    const Layout *layout;
    NtfsImage image;
    CrashDisk *crash;
    GPtrArray *rounds; /* (element-type GPtrArray (element-type Op)) */
    GPtrArray
        *states; /* (element-type GHashTable (element-type utf8 Content)): before each round */
    GHashTable *bytes; /* what the content of a seed is; long enough for all sizes */
    guint8 *before;    /* the volume before the tables began to change */
    gboolean has_journal;
    gsize mark_at;       /* where the table of files says that the volume is dirty */
    gsize may_differ[3]; /* blocks that change before that mark is there, or with it */
} Volume;

static guint total_cuts;
static guint total_shuffles;
static guint total_resumed;
static guint total_judged;
static guint total_foreign;
static guint total_foreign_sound;

static void
op_free(gpointer data)
{
    Op *self = data;
    g_free(self->path);
    g_free(self->to);
    g_free(self);
}

static void
begin_round(Volume *self)
{
    g_ptr_array_add(self->rounds, g_ptr_array_new_with_free_func(op_free));
}

static void
add_op(Volume *self, Kind kind, guint seed, gsize size_bytes, const char *to, const char *path)
{
    Op *op = g_new0(Op, 1);
    op->kind = kind;
    op->path = g_strdup(path);
    op->to = g_strdup(to);
    op->content = (Content){kind == FOLDER, seed, size_bytes};
    g_ptr_array_add(g_ptr_array_index(self->rounds, self->rounds->len - 1), op);
}

/* What the user has. */
static void
describe_user(Volume *self)
{
    begin_round(self);
    add_op(self, FOLDER, 0, 0, NULL, "Documents");
    add_op(self, FOLDER, 0, 0, NULL, "Many");
    add_op(self, ADD, 1, 20000, NULL, "Documents/A letter to the bank.odt");
    add_op(self, ADD, 2, 0, NULL, "Documents/empty");
    add_op(self, ADD, 3, 333, NULL, "Notes.txt");
    add_op(self, ADD, 4, 30000, NULL, "bootmgr");
    add_op(self, ADD, 5, 100, NULL, "autorun.inf");
    add_op(self, ADD, 6, 5000, NULL, "Documents/Moved away.dat");
    add_op(self, ADD, 7, 70000, NULL, "Picture.jpeg");
    for (guint i = 0; i < self->layout->many; i++) {
        g_autofree char *path =
            g_strdup_printf("Many/A name of many in this folder %u", i * 7 % 9973);
        add_op(self, ADD, 100 + i % 16, i % 23 == 0 ? 1500 : i % 300, NULL, path);
    }
    if (!self->layout->is_fragmented)
        return;
    for (guint i = 0; i < 120; i++) {
        g_autofree char *path = g_strdup_printf("Documents/Piece %u", i);
        add_op(self, ADD, 200 + i % 16, 4500, NULL, path);
    }
    begin_round(self);
    for (guint i = 0; i < 120; i += 2) {
        g_autofree char *path = g_strdup_printf("Documents/Piece %u", i);
        add_op(self, REMOVE, 0, 0, NULL, path);
    }
}

static char *
make_added_path(guint i)
{
    static const char *const parents[] = {"", "sources/", "Many/", "boot/fonts/", "Many/"};
    return g_strdup_printf("%sAn added file with the number %u.dll",
                           parents[i % G_N_ELEMENTS(parents)], i * 11 % 997);
}

static void
describe_build(Volume *self)
{
    begin_round(self);
    add_op(self, FOLDER, 0, 0, NULL, OURS);
    add_op(self, ADD, 20, 6000, NULL, OURS "/pending");
    begin_round(self);
    add_op(self, FOLDER, 0, 0, NULL, OURS "/undo");
    add_op(self, FOLDER, 0, 0, NULL, "sources");
    add_op(self, FOLDER, 0, 0, NULL, "boot");
    add_op(self, FOLDER, 0, 0, NULL, "boot/fonts");
    add_op(self, MOVE, 0, 0, OURS "/undo/0001", "bootmgr");
    add_op(self, MOVE, 0, 0, OURS "/undo/0002", "autorun.inf");
    add_op(self, MOVE, 0, 0, "Many/Moved here.dat", "Documents/Moved away.dat");
    add_op(self, ADD, 21, 50000, NULL, "bootmgr");
    add_op(self, ADD, 22, 5000, NULL, "autorun.inf");
    add_op(self, ADD, 23, 40, NULL, "Picture.jpeg");
    for (guint i = 0; i < self->layout->added; i++) {
        g_autofree char *path = make_added_path(i);
        add_op(self, ADD, 300 + i % 16, i * 449 % 3000, NULL, path);
    }
    begin_round(self);
    add_op(self, ADD, 24, 9000, NULL, OURS "/manifest.json");
    add_op(self, REMOVE, 0, 0, NULL, OURS "/pending");
}

static void
describe_undo(Volume *self)
{
    begin_round(self);
    add_op(self, REMOVE, 0, 0, NULL, OURS "/manifest.json");
    for (guint i = 0; i < self->layout->added; i++) {
        g_autofree char *path = make_added_path(i);
        add_op(self, REMOVE, 0, 0, NULL, path);
    }
    add_op(self, MOVE, 0, 0, "bootmgr", OURS "/undo/0001");
    add_op(self, MOVE, 0, 0, "autorun.inf", OURS "/undo/0002");
    add_op(self, REMOVE, 0, 0, NULL, OURS "/undo");
    add_op(self, REMOVE, 0, 0, NULL, OURS);
    add_op(self, REMOVE, 0, 0, NULL, "boot/fonts");
    add_op(self, REMOVE, 0, 0, NULL, "boot");
    add_op(self, REMOVE, 0, 0, NULL, "sources");
}

/* What a round makes of what was there. */
static GHashTable *
apply_round(GHashTable *before, const GPtrArray *round)
{
    GHashTable *after = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    GHashTableIter iter;
    gpointer path, content;
    g_hash_table_iter_init(&iter, before);
    while (g_hash_table_iter_next(&iter, &path, &content))
        g_hash_table_insert(after, g_strdup(path), g_memdup2(content, sizeof(Content)));
    for (guint i = 0; i < round->len; i++) {
        const Op *op = g_ptr_array_index(round, i);
        const Content *old = g_hash_table_lookup(after, op->path);
        if (op->kind == MOVE)
            g_hash_table_insert(after, g_strdup(op->to), g_memdup2(old, sizeof *old));
        if (op->kind == MOVE || op->kind == REMOVE)
            g_assert_true(g_hash_table_remove(after, op->path));
        else
            g_hash_table_insert(after, g_strdup(op->path),
                                g_memdup2(&op->content, sizeof op->content));
    }
    return after;
}

static const guint8 *
get_bytes(Volume *self, guint seed)
{
    guint8 *bytes = g_hash_table_lookup(self->bytes, GUINT_TO_POINTER(seed));
    if (!bytes) {
        bytes = make_bytes(seed, 80000);
        g_hash_table_insert(self->bytes, GUINT_TO_POINTER(seed), bytes);
    }
    return bytes;
}

static void
declare(RubVolume *volume, Op *op)
{
    g_autoptr(GError) error = NULL;
    RubVolumeFlags flags = strcmp(op->path, OURS) == 0 ? RUB_VOLUME_HIDDEN : RUB_VOLUME_NONE;
    switch (op->kind) {
    case FOLDER:
        rub_volume_add_folder(volume, op->path, 1234567890, flags, &error);
        break;
    case ADD:
        rub_volume_add_file(volume, op->path, op->content.size_bytes, 1234567890,
                            RUB_VOLUME_REPLACE, &op->id, &error);
        break;
    case MOVE:
        rub_volume_move(volume, op->path, op->to, RUB_VOLUME_REPLACE, &error);
        break;
    case REMOVE:
        rub_volume_remove(volume, op->path, &error);
        break;
    }
    g_assert_no_error(error);
}

static void
write_round(Volume *self, RubVolume *volume, const GPtrArray *round)
{
    g_autoptr(GError) error = NULL;
    for (guint i = 0; i < round->len; i++)
        declare(volume, g_ptr_array_index(round, i));
    prepare_round(volume);
    for (guint i = 0; i < round->len; i++) {
        const Op *op = g_ptr_array_index(round, i);
        if (op->kind == ADD && op->content.size_bytes > 0)
            rub_volume_write(volume, op->id, get_bytes(self, op->content.seed),
                             op->content.size_bytes, &error);
        g_assert_no_error(error);
    }
    commit_round(volume);
}

static void
write_rounds(Volume *self, guint first, guint end)
{
    g_autoptr(RubVolume) volume = ntfs_image_write(&self->image);
    for (guint i = first; i < end; i++)
        write_round(self, volume, g_ptr_array_index(self->rounds, i));
}

static gboolean
holds(Volume *self, const RubEntry *entry, const Content *content)
{
    if (!content || (entry->kind == RUB_ENTRY_FOLDER) != content->is_folder)
        return FALSE;
    if (content->is_folder)
        return TRUE;
    if (entry->size_bytes != content->size_bytes)
        return FALSE;
    g_autofree char *found = ntfs_image_read(&self->image, entry);
    return memcmp(found, get_bytes(self, content->seed), content->size_bytes) == 0;
}

/* Whether what is there is what was there before round @state, no more, no less. */
static gboolean
is_state(Volume *self, const RubListing *listing, guint state)
{
    GHashTable *expected = g_ptr_array_index(self->states, state);
    if (g_hash_table_size(expected) != listing->entries->len)
        return FALSE;
    for (guint i = 0; i < listing->entries->len; i++) {
        const RubEntry *entry = g_ptr_array_index(listing->entries, i);
        if (!holds(self, entry, g_hash_table_lookup(expected, entry->path)))
            return FALSE;
    }
    return TRUE;
}

static const guint8 *
get_volume(const Volume *self)
{
    return crash_disk_get_data(self->crash) + NTFS_START_BYTES;
}

/* The volume has no fault, and is in one of the states from @from on. */
static guint
judge(Volume *self, guint from)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(RubListing) listing = NULL;
    g_autoptr(RubNtfsCheck) check =
        rub_ntfs_check(self->image.disk, NTFS_START_LBA, ntfs_image_get_sectors(&self->image),
                       &listing, NULL, &error);
    g_assert_no_error(error);
    g_autoptr(RubText) damage = rub_ntfs_check_describe(check);
    g_assert_null(damage);
    self->has_journal = check->was_cut_off;
    for (guint i = from; i < self->states->len; i++)
        if (is_state(self, listing, i))
            return i;
    g_error("the volume is in none of the states from %u on", from);
}

/* Where $Volume says in its record whether it is dirty. */
static void
find_mark(Volume *self)
{
    RubBytes bytes = rub_bytes(get_volume(self), self->image.volume_bytes);
    gsize cluster_bytes = rub_bytes_u8(&bytes, 13) * 512u;
    gsize table = rub_bytes_u64le(&bytes, 48) * cluster_bytes;
    gsize copy = rub_bytes_u64le(&bytes, 56) * cluster_bytes;
    gsize record = FILE_Volume * RECORD_BYTES;
    gsize at = table + record + rub_bytes_u16le(&bytes, table + record + 20);
    while (rub_bytes_u32le(&bytes, at) != VOLUME_INFORMATION)
        at += rub_bytes_u32le(&bytes, at + 4);
    self->mark_at = at + rub_bytes_u16le(&bytes, at + 20) + MARK_AT;
    self->may_differ[0] = BLOCK_BYTES; /* the end of $Boot, which leads to the journal */
    self->may_differ[1] = (table + record) / BLOCK_BYTES * BLOCK_BYTES;
    self->may_differ[2] = (copy + record) / BLOCK_BYTES * BLOCK_BYTES;
}

static gboolean
may_differ(const Volume *self, gsize at)
{
    return at == self->may_differ[0] || at == self->may_differ[1] || at == self->may_differ[2];
}

static gboolean
differs(const Volume *self, const guint8 *other)
{
    const guint8 *now = get_volume(self);
    for (gsize at = 0; at < self->image.volume_bytes; at += BLOCK_BYTES)
        if (!may_differ(self, at) &&
            memcmp(now + at, other + at, MIN(BLOCK_BYTES, self->image.volume_bytes - at)) != 0)
            return TRUE;
    return FALSE;
}

static void
note_before(Volume *self)
{
    memcpy(self->before, get_volume(self), self->image.volume_bytes);
}

/* What others see: once the tables have begun to change, and until they are done, the volume is
 * marked as dirty. In a trial. */
static void
judge_mark(Volume *self)
{
    if (!self->has_journal || get_volume(self)[self->mark_at] & MARKED ||
        !differs(self, self->before))
        return;
    g_autofree guint8 *found = g_memdup2(get_volume(self), self->image.volume_bytes);
    ntfs_image_recover(&self->image);
    g_assert_false(differs(self, found));
}

/* What others make of it before we have completed the round. */
static void
judge_foreign(Volume *self)
{
    ntfs_image_extract(&self->image);
    g_autofree char *command =
        g_strdup_printf("ntfsfix -n '%s' >/dev/null 2>&1; echo $?", self->image.volume_path);
    g_autofree char *status = run_tool(NULL, "sh", "-c", command, NULL);
    total_foreign++;
    total_foreign_sound += status[0] == '0';
}

/* The next rounds follow, and all is as if nothing had happened. */
static void
resume(Volume *self, guint state, gboolean is_judged)
{
    crash_disk_begin_trial(self->crash);
    write_rounds(self, state, self->rounds->len);
    g_assert_cmpuint(judge(self, self->rounds->len), ==, self->rounds->len);
    if (is_judged) {
        ntfs_image_judge(&self->image);
        total_judged++;
    }
    crash_disk_end_trial(self->crash);
    total_resumed++;
}

/* Opening for writing completes what was cut off, for everyone. */
static void
complete(Volume *self, guint state)
{
    crash_disk_begin_trial(self->crash);
    ntfs_image_recover(&self->image);
    ntfs_image_judge(&self->image);
    g_assert_cmpuint(judge(self, state), ==, state);
    crash_disk_end_trial(self->crash);
    total_judged++;
}

static void
cut_everywhere(Volume *self, guint first)
{
    guint state = first;
    self->has_journal = FALSE;
    while (crash_disk_next_cut(self->crash)) {
        gboolean had_journal = self->has_journal;
        total_cuts++;
        state = judge(self, state);
        if (!had_journal && self->has_journal)
            note_before(self);
        crash_disk_begin_trial(self->crash);
        judge_mark(self);
        crash_disk_end_trial(self->crash);
        if (total_cuts % RESUME_STEP == 0)
            resume(self, state, total_cuts % JUDGE_STEP == 0);
        if (total_cuts % JUDGE_STEP == 0)
            complete(self, state);
        if (total_cuts % FOREIGN_STEP == 0)
            judge_foreign(self);
    }
    g_assert_cmpuint(state, ==, self->rounds->len);
    ntfs_image_judge(&self->image);
    crash_disk_rewind(self->crash);
}

static void
cut_in_any_order(Volume *self, guint first)
{
    g_autoptr(GRand) random = g_rand_new_with_seed(1);
    gboolean had_journal = FALSE;
    guint state = first;
    do {
        state = judge(self, state);
        if (!self->has_journal || !had_journal)
            note_before(self);
        had_journal = self->has_journal;
        for (guint i = 0; i < SHUFFLES_PER_EPOCH; i++) {
            crash_disk_begin_trial(self->crash);
            crash_disk_apply_some(self->crash, random);
            judge(self, state);
            if (had_journal)
                judge_mark(self);
            crash_disk_end_trial(self->crash);
            total_shuffles++;
        }
    } while (crash_disk_next_epoch(self->crash));
    crash_disk_rewind(self->crash);
}

static void
make_states(Volume *self)
{
    GHashTable *state = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    g_ptr_array_add(self->states, state);
    for (guint i = 0; i < self->rounds->len; i++) {
        state = apply_round(state, g_ptr_array_index(self->rounds, i));
        g_ptr_array_add(self->states, state);
    }
}

static void
set_up(Volume *self, gconstpointer layout)
{
    self->layout = layout;
    if (!ntfs_image_has_tools())
        return;
    ntfs_image_open(&self->image, self->layout->volume_kib * G_GUINT64_CONSTANT(1024),
                    self->layout->cluster_bytes);
    g_autofree char *path = g_build_filename(self->image.folder, "disk", NULL);
    self->crash = crash_disk_new(path, 512);
    crash_disk_watch(self->crash, self->image.disk);
    self->rounds = g_ptr_array_new_with_free_func((GDestroyNotify) g_ptr_array_unref);
    self->states = g_ptr_array_new_with_free_func((GDestroyNotify) g_hash_table_unref);
    self->bytes = g_hash_table_new_full(NULL, NULL, NULL, g_free);
}

static void
tear_down(Volume *self, gconstpointer unused)
{
    if (!self->crash)
        return;
    g_free(self->before);
    g_hash_table_unref(self->bytes);
    g_ptr_array_unref(self->states);
    g_ptr_array_unref(self->rounds);
    crash_disk_free(self->crash);
    ntfs_image_close(&self->image);
}

static void
test_a_round_is_there_or_not(Volume *self, gconstpointer unused)
{
    guint cuts = total_cuts;
    if (!self->crash)
        return;
    describe_user(self);
    guint first = self->rounds->len;
    describe_build(self);
    describe_undo(self);
    make_states(self);
    write_rounds(self, 0, first);
    self->before = g_malloc(self->image.volume_bytes);
    find_mark(self);
    g_assert_cmpuint(judge(self, first), ==, first);
    crash_disk_start(self->crash);
    write_rounds(self, first, self->rounds->len);
    guint syncs = crash_disk_get_sync_count(self->crash);
    crash_disk_stop(self->crash);
    cut_everywhere(self, first);
    cut_in_any_order(self, first);
    g_test_message("%u cuts, %u syncs", total_cuts - cuts, syncs);
}

static void
test_there_were_enough(void)
{
    if (!ntfs_image_has_tools())
        return;
    g_test_message("%u cuts and %u in other orders: each left a state between two rounds; %u times "
                   "the next rounds completed, ntfsfix judged %u; of %u before we had looked it "
                   "found %u sound",
                   total_cuts, total_shuffles, total_resumed, total_judged, total_foreign,
                   total_foreign_sound);
    g_assert_cmpuint(total_cuts, >=, 5000);
    g_assert_cmpuint(total_judged, >=, 100);
}

static const Layout layouts[] = {
    {"4096", "4096", 16384, 150, 60, FALSE},  {"4096-fragmented", "4096", 16384, 40, 50, TRUE},
    {"512", "512", 12288, 60, 50, FALSE},     {"512-fragmented", "512", 12288, 90, 50, TRUE},
    {"65536", "65536", 24576, 20, 12, FALSE}, {"many-names", "4096", 16384, 2000, 40, FALSE},
};

int
main(int argc, char **argv)
{
    g_setenv("LC_ALL", "C.UTF-8", TRUE);
    g_test_init(&argc, &argv, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(layouts); i++) {
        g_autofree char *name = g_strconcat("/crash/ntfs/", layouts[i].name, NULL);
        g_test_add(name, Volume, &layouts[i], set_up, test_a_round_is_there_or_not, tear_down);
    }
    g_test_add_func("/crash/ntfs/total", test_there_were_enough);
    return g_test_run();
}
