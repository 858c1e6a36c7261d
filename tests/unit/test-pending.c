/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "volume/rub-pending.h"

#define DIGEST "00112233445566778899aabbccddeeff"
#define MANY 100000

static RubPending *
make_note(void)
{
    RubPending *note = rub_pending_new();
    RubPendingSaved saved = {(char *) "EFI/BOOT/BOOTX64.EFI",
                             (char *) RUB_RECORDS_FOLDER "/undo/0001",
                             G_MAXUINT32,
                             17,
                             1700000002,
                             DIGEST};
    RubFatRun run = {5, 7};
    g_autoptr(GArray) runs = g_array_new(FALSE, FALSE, sizeof(RubFatRun));
    g_array_append_val(runs, run);
    note->keeps = TRUE;
    note->made_partition = TRUE;
    rub_pending_add_folder(note, "EFI");
    rub_pending_add_folder(note, "EFI/a b");
    rub_pending_add_file(note, "EFI/a b/\xe2\x98\x83", 12345);
    rub_pending_add_saved(note, &saved);
    rub_pending_add_claims(note, runs);
    return note;
}

static RubPending *
reread(const RubPending *note)
{
    g_autoptr(GBytes) bytes = rub_pending_to_bytes(note);
    return rub_pending_parse(bytes);
}

/* The note with some of its bytes made different. */
static RubPending *
reread_damaged(const RubPending *note, gsize offset)
{
    g_autoptr(GBytes) bytes = rub_pending_to_bytes(note);
    gsize size_bytes;
    g_autofree guint8 *data = g_bytes_unref_to_data(g_steal_pointer(&bytes), &size_bytes);
    data[offset] ^= 1;
    g_autoptr(GBytes) damaged = g_bytes_new(data, size_bytes);
    return rub_pending_parse(damaged);
}

static void
assert_run(const RubPending *note, guint index, guint32 first, guint32 count)
{
    const RubFatRun *run = &g_array_index(note->claims, RubFatRun, index);
    g_assert_cmpuint(run->first, ==, first);
    g_assert_cmpuint(run->count, ==, count);
}

static void
test_a_note_is_read_as_it_was_written(void)
{
    g_autoptr(RubPending) written = make_note();
    g_autoptr(RubPending) note = reread(written);
    g_assert_true(note->is_whole);
    g_assert_true(note->keeps);
    g_assert_false(note->made_table);
    g_assert_true(note->made_partition);
    g_assert_cmpuint(note->folders->len, ==, 2);
    g_assert_cmpstr(g_ptr_array_index(note->folders, 1), ==, "EFI/a b");
    g_assert_cmpuint(note->files->len, ==, 1);
    const RubPendingFile *file = g_ptr_array_index(note->files, 0);
    g_assert_cmpstr(file->path, ==, "EFI/a b/\xe2\x98\x83");
    g_assert_cmpuint(file->size_bytes, ==, 12345);
    g_assert_cmpuint(note->saved->len, ==, 1);
    const RubPendingSaved *saved = g_ptr_array_index(note->saved, 0);
    g_assert_cmpstr(saved->path, ==, "EFI/BOOT/BOOTX64.EFI");
    g_assert_cmpstr(saved->saved_as, ==, RUB_RECORDS_FOLDER "/undo/0001");
    g_assert_cmpuint(saved->size_bytes, ==, G_MAXUINT32);
    g_assert_cmpuint(saved->first_cluster, ==, 17);
    g_assert_cmpint(saved->mtime_unix, ==, 1700000002);
    g_assert_cmpstr(saved->digest, ==, DIGEST);
    g_assert_cmpuint(note->claims->len, ==, 1);
    assert_run(note, 0, 5, 7);
}

/* On NTFS they may be larger than FAT could hold. */
static void
test_large_files_are_read_as_they_were_written(void)
{
    g_autoptr(RubPending) written = rub_pending_new();
    RubPendingSaved saved = {
        (char *) "a film", (char *) RUB_UNDO_FOLDER "/0001", (guint64) 6 << 30, 0, 0, DIGEST};
    rub_pending_add_file(written, "sources/install.wim", (guint64) 5 << 30);
    rub_pending_add_saved(written, &saved);
    g_autoptr(RubPending) note = reread(written);
    g_assert_true(note->is_whole);
    const RubPendingFile *file = g_ptr_array_index(note->files, 0);
    g_assert_cmpuint(file->size_bytes, ==, (guint64) 5 << 30);
    const RubPendingSaved *found = g_ptr_array_index(note->saved, 0);
    g_assert_cmpuint(found->size_bytes, ==, (guint64) 6 << 30);
}

static void
test_new_claims_change_the_front_only(void)
{
    g_autoptr(RubPending) note = make_note();
    g_autoptr(GBytes) before = rub_pending_to_bytes(note);
    g_autoptr(GArray) runs = g_array_new(FALSE, FALSE, sizeof(RubFatRun));
    RubFatRun run = {100, 1};
    g_array_append_val(runs, run);
    rub_pending_add_claims(note, runs);
    g_autoptr(GBytes) after = rub_pending_to_bytes(note);
    gsize size_bytes;
    const guint8 *one = g_bytes_get_data(before, &size_bytes);
    const guint8 *other = g_bytes_get_data(after, NULL);
    g_assert_cmpuint(g_bytes_get_size(after), ==, size_bytes);
    g_assert_true(memcmp(one, other, RUB_PENDING_CLAIMS_BYTES) != 0);
    g_assert_true(memcmp(one + RUB_PENDING_CLAIMS_BYTES, other + RUB_PENDING_CLAIMS_BYTES,
                         size_bytes - RUB_PENDING_CLAIMS_BYTES) == 0);
}

static void
test_torn_claims_leave_the_lists(void)
{
    g_autoptr(RubPending) written = make_note();
    for (gsize offset = 0; offset < RUB_PENDING_CLAIMS_BYTES; offset += 97) {
        g_autoptr(RubPending) note = reread_damaged(written, offset);
        g_assert_true(note->is_whole);
        g_assert_cmpuint(note->claims->len, ==, 0);
        g_assert_cmpuint(note->files->len, ==, 1);
    }
}

static void
test_damaged_lists_leave_the_claims(void)
{
    g_autoptr(RubPending) written = make_note();
    g_autoptr(GBytes) bytes = rub_pending_to_bytes(written);
    for (gsize offset = RUB_PENDING_CLAIMS_BYTES; offset < g_bytes_get_size(bytes); offset += 7) {
        g_autoptr(RubPending) note = reread_damaged(written, offset);
        g_assert_false(note->is_whole);
        g_assert_false(note->keeps);
        g_assert_cmpuint(note->claims->len, ==, 1);
        g_assert_cmpuint(note->folders->len + note->files->len + note->saved->len, ==, 0);
    }
}

static void
test_every_length_can_be_read(void)
{
    g_autoptr(RubPending) written = make_note();
    g_autoptr(GBytes) bytes = rub_pending_to_bytes(written);
    for (gsize size_bytes = 0; size_bytes < g_bytes_get_size(bytes); size_bytes += 31) {
        g_autoptr(GBytes) part = g_bytes_new_from_bytes(bytes, 0, size_bytes);
        g_autoptr(RubPending) note = rub_pending_parse(part);
        g_assert_false(note->is_whole);
    }
}

static void
test_claims_that_touch_become_one(void)
{
    g_autoptr(RubPending) note = rub_pending_new();
    g_autoptr(GArray) runs = g_array_new(FALSE, FALSE, sizeof(RubFatRun));
    const RubFatRun some[] = {{20, 5}, {10, 3}, {13, 7}, {22, 1}, {40, 2}};
    g_array_append_vals(runs, some, G_N_ELEMENTS(some));
    rub_pending_add_claims(note, runs);
    g_assert_cmpuint(note->claims->len, ==, 2);
    assert_run(note, 0, 10, 15);
    assert_run(note, 1, 40, 2);
}

static gboolean
covers(const RubPending *note, guint32 cluster)
{
    for (guint i = 0; i < note->claims->len; i++) {
        const RubFatRun *run = &g_array_index(note->claims, RubFatRun, i);
        if (cluster >= run->first && cluster - run->first < run->count)
            return TRUE;
    }
    return FALSE;
}

static void
test_too_many_claims_are_widened_but_never_lost(void)
{
    g_autoptr(RubPending) note = rub_pending_new();
    g_autoptr(GArray) runs = g_array_new(FALSE, FALSE, sizeof(RubFatRun));
    for (guint32 i = 0; i < 20000; i++) {
        RubFatRun run = {1000000 + i * 1000 + i * i % 777, 1 + i % 3};
        g_array_append_val(runs, run);
    }
    rub_pending_add_claims(note, runs);
    g_autoptr(RubPending) again = reread(note);
    g_assert_cmpuint(again->claims->len, >, 500);
    for (guint i = 0; i < runs->len; i++)
        g_assert_true(covers(again, g_array_index(runs, RubFatRun, i).first));
    g_assert_false(covers(again, 999999));
}

static void
test_a_note_is_never_larger_than_planned(void)
{
    g_autoptr(RubPending) note = rub_pending_new();
    guint64 path_bytes = 0;
    for (guint i = 0; i < MANY; i++) {
        g_autofree char *path = g_strdup_printf("folder/%u", i);
        g_autofree char *saved_as = g_strdup_printf("undo/%u", i);
        RubPendingSaved saved = {path, saved_as, G_MAXUINT32, G_MAXUINT32, 4354819198, DIGEST};
        rub_pending_add_file(note, path, G_MAXUINT32);
        rub_pending_add_saved(note, &saved);
        path_bytes += 2 * strlen(path) + strlen(saved_as);
    }
    g_autoptr(GBytes) bytes = rub_pending_to_bytes(note);
    g_assert_cmpuint(g_bytes_get_size(bytes), <=, rub_pending_get_max_bytes(2 * MANY, path_bytes));
    g_autoptr(RubPending) again = rub_pending_parse(bytes);
    g_assert_true(again->is_whole);
    g_assert_cmpuint(again->saved->len, ==, MANY);
}

static void
test_paths_that_lead_elsewhere_are_refused(void)
{
    static const char *const paths[] = {"../etc/passwd", "/etc", "a//b", "a/..", "a\\b", "", "."};
    for (gsize i = 0; i < G_N_ELEMENTS(paths); i++) {
        g_autoptr(RubPending) written = rub_pending_new();
        rub_pending_add_file(written, paths[i], 1);
        g_autoptr(RubPending) note = reread(written);
        g_assert_false(note->is_whole);
        g_assert_cmpuint(note->files->len, ==, 0);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/pending/reread", test_a_note_is_read_as_it_was_written);
    g_test_add_func("/pending/large-files", test_large_files_are_read_as_they_were_written);
    g_test_add_func("/pending/new-claims", test_new_claims_change_the_front_only);
    g_test_add_func("/pending/torn-claims", test_torn_claims_leave_the_lists);
    g_test_add_func("/pending/damaged-lists", test_damaged_lists_leave_the_claims);
    g_test_add_func("/pending/every-length", test_every_length_can_be_read);
    g_test_add_func("/pending/claims-touch", test_claims_that_touch_become_one);
    g_test_add_func("/pending/many-claims", test_too_many_claims_are_widened_but_never_lost);
    g_test_add_func("/pending/size", test_a_note_is_never_larger_than_planned);
    g_test_add_func("/pending/paths", test_paths_that_lead_elsewhere_are_refused);
    return g_test_run();
}
