/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/rub-bytes.h"
#include "ntfs-tools.h"
#include "volume/rub-ntfs-check.h"
#include "volume/rub-ntfs-journal.h"

#define VOLUME_BYTES ((guint64) 16 * 1024 * 1024)
#define FILES 30
#define FILE_BYTES 6000

/* The head of the journal, and its fields. */
#define HEAD_BLOCK (NTFS_START_BYTES + 4096)
#define HEAD (NTFS_START_BYTES + 15 * 512)
#define COUNT_AT 32
#define RUN_COUNT_AT 36
#define BODY_BYTES_AT 40
#define BODY_DIGEST_AT 48
#define RUNS_AT 112
#define DIGEST_AT 448

static void
set_up(NtfsImage *self, gconstpointer unused)
{
    if (!ntfs_image_has_tools())
        return;
    ntfs_image_open(self, VOLUME_BYTES, "4096");
    g_autoptr(RubVolume) volume = ntfs_image_write(self);
    put_file(volume, "old", 1, FILE_BYTES, RUB_VOLUME_NONE);
}

static void
tear_down(NtfsImage *self, gconstpointer unused)
{
    if (self->disk)
        ntfs_image_close(self);
}

/* The power fails after some writes behind that of the head. */
typedef struct {
    gboolean has_head;
    guint writes_left;
} Cut;

static int
cut_behind_head(guint64 offset_bytes, const void *data, gsize size_bytes, gpointer user_data)
{
    Cut *cut = user_data;
    if (cut->has_head && cut->writes_left-- == 0) {
        cut->writes_left = 0;
        return EIO;
    }
    cut->has_head |= offset_bytes == HEAD_BLOCK;
    return 0;
}

static void
write_and_cut_off(NtfsImage *self, guint writes)
{
    Cut cut = {FALSE, writes};
    guint ids[FILES];
    g_autoptr(RubVolume) volume = ntfs_image_write(self);
    for (guint i = 0; i < FILES; i++) {
        g_autofree char *path = g_strdup_printf("new %u", i);
        ids[i] = declare_file(volume, path, FILE_BYTES, RUB_VOLUME_NONE);
    }
    prepare_round(volume);
    for (guint i = 0; i < FILES; i++)
        write_bytes(volume, ids[i], 10 + i, FILE_BYTES);
    rub_disk_set_write_hook(self->disk, cut_behind_head, &cut);
    g_assert_false(rub_volume_commit(volume, NULL));
    g_assert_true(cut.has_head);
    rub_disk_set_write_hook(self->disk, NULL, NULL);
}

static RubNtfsCheck *
check(NtfsImage *self)
{
    g_autoptr(GError) error = NULL;
    RubNtfsCheck *found = rub_ntfs_check(self->disk, NTFS_START_LBA, ntfs_image_get_sectors(self),
                                         NULL, NULL, &error);
    g_assert_no_error(error);
    return found;
}

static void
assert_whole_round(NtfsImage *self)
{
    g_autoptr(RubListing) listing = ntfs_image_list(self, NULL);
    g_assert_cmpuint(listing->entries->len, ==, 1 + FILES);
    assert_bytes(self, listing, "old", 1, FILE_BYTES);
    for (guint i = 0; i < FILES; i++) {
        g_autofree char *path = g_strdup_printf("new %u", i);
        assert_bytes(self, listing, path, 10 + i, FILE_BYTES);
    }
}

static void
test_a_round_that_was_cut_off_is_completed(NtfsImage *self, gconstpointer unused)
{
    if (!self->disk)
        return;
    write_and_cut_off(self, 1);
    guint64 writes = rub_disk_get_stats(self->disk)->writes;
    assert_whole_round(self);
    RubNtfsCheck *found = check(self);
    g_assert_true(found->was_cut_off);
    g_assert_false(found->is_dirty);
    g_assert_null(found->fault);
    rub_ntfs_check_free(found);
    g_assert_cmpuint(rub_disk_get_stats(self->disk)->writes, ==, writes);
    ntfs_image_recover(self);
    ntfs_image_judge(self);
    found = check(self);
    g_assert_false(found->was_cut_off);
    rub_ntfs_check_free(found);
    assert_whole_round(self);
    writes = rub_disk_get_stats(self->disk)->writes;
    ntfs_image_recover(self);
    g_assert_cmpuint(rub_disk_get_stats(self->disk)->writes, ==, writes);
}

static void
test_opening_for_writing_completes_it_too(NtfsImage *self, gconstpointer unused)
{
    if (!self->disk)
        return;
    write_and_cut_off(self, 2);
    RubVolume *volume = ntfs_image_write(self);
    put_file(volume, "new 0", 10, FILE_BYTES, RUB_VOLUME_REPLACE);
    rub_volume_free(volume);
    assert_whole_round(self);
    ntfs_image_judge(self);
}

/* What was in the sector that leads to the journal is back afterwards. */
static void
test_boot_code_comes_back(NtfsImage *self, gconstpointer unused)
{
    guint8 found[512];
    g_autofree guint8 *code = make_bytes(77, sizeof found);
    if (!self->disk)
        return;
    g_assert_true(rub_disk_write(self->disk, HEAD, code, sizeof found, NULL));
    write_and_cut_off(self, 1);
    g_assert_true(rub_disk_read(self->disk, HEAD, found, sizeof found, NULL));
    g_assert_cmpint(memcmp(found, code, sizeof found), !=, 0);
    ntfs_image_recover(self);
    g_assert_true(rub_disk_read(self->disk, HEAD, found, sizeof found, NULL));
    g_assert_cmpmem(found, sizeof found, code, sizeof found);
}

static void
assert_void(NtfsImage *self)
{
    g_autoptr(RubNtfsCheck) found = check(self);
    guint64 writes = rub_disk_get_stats(self->disk)->writes;
    g_assert_false(found->was_cut_off);
    ntfs_image_recover(self);
    g_assert_cmpuint(rub_disk_get_stats(self->disk)->writes, ==, writes);
}

/* Somebody else has written the volume since. */
static void
test_what_others_changed_is_not_overwritten(NtfsImage *self, gconstpointer unused)
{
    guint8 sector[512];
    if (!self->disk)
        return;
    write_and_cut_off(self, 1);
    g_autoptr(RubNtfs) ntfs = rub_ntfs_open(self->disk, NTFS_START_LBA,
                                            ntfs_image_get_sectors(self), RUB_NTFS_READ, NULL);
    const runlist_element *run = rub_ntfs_get_volume(ntfs)->lcnbmp_na->rl;
    guint64 at = NTFS_START_BYTES + (guint64) run->lcn * 4096;
    g_assert_true(rub_disk_read(self->disk, at, sector, sizeof sector, NULL));
    sector[sizeof sector - 1] ^= 0x80;
    g_assert_true(rub_disk_write(self->disk, at, sector, sizeof sector, NULL));
    assert_void(self);
    /* Another round may follow if the volume is in order otherwise. */
    sector[sizeof sector - 1] ^= 0x80;
    g_assert_true(rub_disk_write(self->disk, at, sector, sizeof sector, NULL));
    g_autoptr(RubNtfsCheck) found = check(self);
    g_assert_true(found->was_cut_off);
}

/* What was free when the journal was written belongs to a file by now. */
static void
test_a_journal_that_was_overwritten_is_void(NtfsImage *self, gconstpointer unused)
{
    guint8 head[512];
    if (!self->disk)
        return;
    write_and_cut_off(self, 0);
    g_assert_true(rub_disk_read(self->disk, HEAD, head, sizeof head, NULL));
    RubBytes bytes = rub_bytes(head, sizeof head);
    guint64 body = NTFS_START_BYTES + rub_bytes_u64le(&bytes, RUNS_AT);
    g_assert_true(rub_disk_write(self->disk, body + 5000, "changed", 7, NULL));
    assert_void(self);
    /* Nothing but the journal is there yet: the volume is as it was, and can be written. */
    RubVolume *volume = ntfs_image_write(self);
    put_file(volume, "other", 2, 100, RUB_VOLUME_NONE);
    rub_volume_free(volume);
    ntfs_image_judge(self);
    g_assert_true(rub_disk_read(self->disk, HEAD, head, sizeof head, NULL));
    for (guint i = 0; i < sizeof head; i++)
        g_assert_cmpuint(head[i], ==, 0);
}

/* Not a cluster is free in the end: nothing has changed. */
static void
test_without_room_nothing_happens(NtfsImage *self, gconstpointer unused)
{
    g_autoptr(GError) error = NULL;
    ntfschar name[] = {GUINT16_TO_LE('x')};
    if (!self->disk)
        return;
    gsize size_bytes = (gsize) rub_disk_get_size_bytes(self->disk);
    g_autofree guint8 *before = g_malloc(size_bytes), *after = g_malloc(size_bytes);
    g_assert_true(rub_disk_read(self->disk, 0, before, size_bytes, NULL));
    g_autoptr(RubNtfs) ntfs = rub_ntfs_open(self->disk, NTFS_START_LBA,
                                            ntfs_image_get_sectors(self), RUB_NTFS_WRITE, NULL);
    g_assert_true(rub_ntfs_begin(ntfs, NULL));
    ntfs_volume *volume = rub_ntfs_get_volume(ntfs);
    ntfs_inode *root = ntfs_inode_open(volume, FILE_root);
    ntfs_inode *inode = ntfs_create(root, const_cpu_to_le32(0), name, 1, S_IFREG);
    ntfs_attr *data = ntfs_attr_open(inode, AT_DATA, AT_UNNAMED, 0);
    while (volume->free_clusters > 0)
        g_assert_cmpint(ntfs_attr_truncate_solid(data, data->data_size + 4096), ==, 0);
    ntfs_attr_close(data);
    ntfs_inode_close(inode);
    ntfs_inode_close(root);
    g_assert_false(rub_ntfs_check_round(ntfs, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_DISK_TOO_SMALL);
    g_clear_error(&error);
    g_assert_false(rub_ntfs_commit(ntfs, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_DISK_TOO_SMALL);
    g_assert_true(rub_disk_read(self->disk, 0, after, size_bytes, NULL));
    g_assert_cmpmem(before, size_bytes, after, size_bytes);
}

static void
put_digest(guint8 *to, const guint8 *bytes, gsize size_bytes)
{
    char text[RUB_DIGEST_TEXT_BYTES];
    g_autoptr(RubDigest) digest = rub_digest_new();
    rub_digest_add(digest, bytes, size_bytes);
    rub_digest_get_text(digest, text);
    memcpy(to, text, RUB_DIGEST_TEXT_BYTES - 1);
}

/* Heads that somebody made up, with the right digest. */
static void
test_heads_that_lie_are_void(NtfsImage *self, gconstpointer unused)
{
    static const struct {
        guint at;
        guint64 value;
        guint size;
    } lies[] = {
        {COUNT_AT, 0xffffffff, 4},     {COUNT_AT, 0, 4},
        {COUNT_AT, 32769, 4},          {RUN_COUNT_AT, 0, 4},
        {RUN_COUNT_AT, 0xffffffff, 4}, {BODY_BYTES_AT, G_MAXUINT64, 8},
        {BODY_BYTES_AT, 0, 8},         {BODY_BYTES_AT, VOLUME_BYTES, 8},
        {RUNS_AT, G_MAXUINT64, 8},     {RUNS_AT, VOLUME_BYTES - 512, 8},
        {RUNS_AT + 8, 0, 8},           {RUNS_AT + 8, 512, 8},
        {BODY_DIGEST_AT, 0, 8},
    };
    guint8 head[512];
    if (!self->disk)
        return;
    write_and_cut_off(self, 0);
    g_assert_true(rub_disk_read(self->disk, HEAD, head, sizeof head, NULL));
    for (guint i = 0; i < G_N_ELEMENTS(lies); i++) {
        guint8 lie[512];
        memcpy(lie, head, sizeof head);
        if (lies[i].size == 4)
            rub_put_u32le(lie + lies[i].at, (guint32) lies[i].value);
        else
            rub_put_u64le(lie + lies[i].at, lies[i].value);
        put_digest(lie + DIGEST_AT, lie, DIGEST_AT);
        g_assert_true(rub_disk_write(self->disk, HEAD, lie, sizeof lie, NULL));
        if (lies[i].at == RUN_COUNT_AT && lies[i].value != 0)
            continue;
        assert_void(self);
    }
    g_assert_true(rub_disk_write(self->disk, HEAD, head, sizeof head, NULL));
    assert_whole_round(self);
}

/* Changes that somebody made up, with the right digests: outside of the volume, and of the sector
 * that leads to them. */
static void
test_changes_that_lie_are_void(NtfsImage *self, gconstpointer unused)
{
    static const guint64 lies[] = {VOLUME_BYTES, G_MAXUINT64 - 4095, 4096, 20481};
    guint8 head[512];
    if (!self->disk)
        return;
    write_and_cut_off(self, 0);
    g_assert_true(rub_disk_read(self->disk, HEAD, head, sizeof head, NULL));
    RubBytes bytes = rub_bytes(head, sizeof head);
    guint64 at = NTFS_START_BYTES + rub_bytes_u64le(&bytes, RUNS_AT);
    gsize size_bytes = (gsize) rub_bytes_u64le(&bytes, BODY_BYTES_AT);
    g_autofree guint8 *body = g_malloc(size_bytes);
    g_assert_true(rub_disk_read(self->disk, at, body, size_bytes, NULL));
    for (guint i = 0; i < G_N_ELEMENTS(lies); i++) {
        rub_put_u64le(body + 512 + 80, lies[i]);
        put_digest(head + BODY_DIGEST_AT, body, size_bytes);
        put_digest(head + DIGEST_AT, head, DIGEST_AT);
        g_assert_true(rub_disk_write(self->disk, at, body, size_bytes, NULL));
        g_assert_true(rub_disk_write(self->disk, HEAD, head, sizeof head, NULL));
        assert_void(self);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(path, function)                                                                        \
    g_test_add("/ntfs-journal/" path, NtfsImage, NULL, set_up, function, tear_down)
    ADD("completed", test_a_round_that_was_cut_off_is_completed);
    ADD("written", test_opening_for_writing_completes_it_too);
    ADD("boot-code", test_boot_code_comes_back);
    ADD("others", test_what_others_changed_is_not_overwritten);
    ADD("overwritten", test_a_journal_that_was_overwritten_is_void);
    ADD("no-room", test_without_room_nothing_happens);
    ADD("heads", test_heads_that_lie_are_void);
    ADD("changes", test_changes_that_lie_are_void);
    return g_test_run();
}
