/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "job/rub-copy.h"

#include <string.h>

#include "base/rub-digest.h"
#include "job-tools.h"

/* A volume that remembers what is asked of it, and fails where a test wants it to. */
typedef struct {
    RubVolume parent;
    GString *calls;
    GPtrArray *paths;    /* of the files, by their ids */
    GPtrArray *contents; /* (element-type GByteArray): the same */
    const char *failing; /* the call that fails, and all calls that begin alike */
    GCancellable *cancelled_by_write;
} FakeVolume;

static gboolean
call(FakeVolume *self, const char *what, const char *path, GError **error)
{
    g_autofree char *line = path ? g_strdup_printf("%s %s", what, path) : g_strdup(what);
    g_string_append_printf(self->calls, "%s\n", line);
    if (!self->failing || !g_str_has_prefix(line, self->failing))
        return TRUE;
    g_set_error(error, RUB_ERROR, RUB_CODE_WRITE_FAILED, "made to fail");
    return FALSE;
}

static gboolean
add_folder(RubVolume *volume, const char *path, gint64 mtime_unix, RubVolumeFlags flags,
           GError **error)
{
    g_assert_cmpint(flags, ==, RUB_VOLUME_NONE);
    return call((FakeVolume *) volume, "folder", path, error);
}

static gboolean
add_file(RubVolume *volume, const char *path, guint64 size_bytes, gint64 mtime_unix,
         RubVolumeFlags flags, guint *file_id, GError **error)
{
    FakeVolume *self = (FakeVolume *) volume;
    g_assert_cmpint(mtime_unix, ==, 1700000000);
    *file_id = self->paths->len;
    g_ptr_array_add(self->paths, g_strdup(path));
    g_ptr_array_add(self->contents, g_byte_array_new());
    return call(self, "file", path, error);
}

static gboolean
prepare(RubVolume *volume, GError **error)
{
    return call((FakeVolume *) volume, "prepare", NULL, error);
}

static gboolean
write_file(RubVolume *volume, guint file_id, const void *data, gsize size_bytes, GError **error)
{
    FakeVolume *self = (FakeVolume *) volume;
    g_byte_array_append(g_ptr_array_index(self->contents, file_id), data, (guint) size_bytes);
    if (self->cancelled_by_write)
        g_cancellable_cancel(self->cancelled_by_write);
    return call(self, "write", g_ptr_array_index(self->paths, file_id), error);
}

static gboolean
commit(RubVolume *volume, GError **error)
{
    return call((FakeVolume *) volume, "commit", NULL, error);
}

static const RubVolumeOps fake_ops = {
    .add_folder = add_folder,
    .add_file = add_file,
    .prepare = prepare,
    .write = write_file,
    .commit = commit,
};

typedef struct {
    Build build;
    FakeVolume volume;
    RubManifest *manifest;
    RubProgress *progress;
    GError *error;
    gboolean is_copied;
} Fixture;

static void
set_up(Fixture *fixture, gconstpointer user_data)
{
    build_init(&fixture->build);
    build_plan(&fixture->build);
    fixture->volume = (FakeVolume){
        .parent.ops = &fake_ops,
        .calls = g_string_new(NULL),
        .paths = g_ptr_array_new_with_free_func(g_free),
        .contents = g_ptr_array_new_with_free_func((GDestroyNotify) g_byte_array_unref),
    };
    fixture->manifest = rub_manifest_new();
    fixture->progress = rub_progress_new();
    rub_progress_add_step(fixture->progress, 1, fixture->build.plan->copy_bytes);
}

static void
copy(Fixture *fixture)
{
    Build *build = &fixture->build;
    fixture->is_copied = copy_in_one_round(build, &fixture->volume.parent, fixture->manifest,
                                           fixture->progress, &fixture->error);
}

static void
tear_down(Fixture *fixture, gconstpointer user_data)
{
    g_string_free(fixture->volume.calls, TRUE);
    g_ptr_array_unref(fixture->volume.paths);
    g_ptr_array_unref(fixture->volume.contents);
    rub_manifest_free(fixture->manifest);
    rub_progress_unref(fixture->progress);
    g_clear_error(&fixture->error);
    build_clear(&fixture->build);
}

static void
test_every_byte_arrives(Fixture *fixture, gconstpointer user_data)
{
    copy(fixture);
    g_assert_no_error(fixture->error);
    g_assert_true(fixture->is_copied);
    g_assert_cmpuint(fixture->volume.paths->len, ==, G_N_ELEMENTS(job_files));
    for (gsize i = 0; i < G_N_ELEMENTS(job_files); i++) {
        guint id;
        g_assert_true(g_ptr_array_find_with_equal_func(fixture->volume.paths, job_files[i].path,
                                                       g_str_equal, &id));
        const GByteArray *found = g_ptr_array_index(fixture->volume.contents, id);
        g_autofree guint8 *wanted = make_content(job_files[i].path, job_files[i].size_bytes);
        g_assert_cmpmem(found->data, found->len, wanted, job_files[i].size_bytes);
    }
}

static void
test_the_round_keeps_its_order(Fixture *fixture, gconstpointer user_data)
{
    copy(fixture);
    GString *expected = g_string_new(NULL);
    const RubPlan *plan = fixture->build.plan;
    for (guint i = 0; i < plan->folders->len; i++)
        g_string_append_printf(expected, "folder %s\n",
                               ((const RubPlanItem *) plan->folders->pdata[i])->path);
    for (guint i = 0; i < plan->files->len; i++)
        g_string_append_printf(expected, "file %s\n",
                               ((const RubPlanItem *) plan->files->pdata[i])->path);
    g_string_append(expected, "prepare\n");
    for (guint i = 0; i < plan->files->len; i++) {
        const RubPlanItem *item = plan->files->pdata[i];
        for (guint64 offset = 0; offset < item->content->size_bytes; offset += 4 * MIB)
            g_string_append_printf(expected, "write %s\n", item->path);
    }
    g_string_append(expected, "commit\n");
    g_assert_cmpstr(fixture->volume.calls->str, ==, expected->str);
    g_string_free(expected, TRUE);
}

static void
test_the_manifest_gets_what_was_read(Fixture *fixture, gconstpointer user_data)
{
    copy(fixture);
    const RubManifest *manifest = fixture->manifest;
    g_assert_cmpuint(strlen(manifest->image_digest), ==, RUB_DIGEST_TEXT_BYTES - 1);
    g_assert_cmpuint(manifest->files->len, ==, fixture->build.plan->files->len);
    g_autoptr(RubDigest) digest = rub_digest_new();
    for (guint i = 0; i < manifest->files->len; i++) {
        const RubManifestFile *file = g_ptr_array_index(manifest->files, i);
        const RubPlanItem *item = g_ptr_array_index(fixture->build.plan->files, i);
        g_assert_cmpstr(file->path, ==, item->path);
        g_autofree guint8 *content = make_content(file->path, (gsize) file->size_bytes);
        char wanted[RUB_DIGEST_TEXT_BYTES];
        rub_digest_reset(digest);
        rub_digest_add(digest, content, (gsize) file->size_bytes);
        rub_digest_get_text(digest, wanted);
        g_assert_cmpstr(file->digest, ==, wanted);
    }
}

static void
test_progress_counts_every_byte(Fixture *fixture, gconstpointer user_data)
{
    copy(fixture);
    g_auto(RubProgressSnapshot) snapshot = {0};
    rub_progress_take_snapshot(fixture->progress, &snapshot);
    g_assert_cmpuint(snapshot.done_bytes, ==, fixture->build.plan->copy_bytes);
}

static void
test_it_stops_between_pieces(Fixture *fixture, gconstpointer user_data)
{
    fixture->volume.cancelled_by_write = fixture->build.cancellable;
    copy(fixture);
    g_assert_error(fixture->error, RUB_ERROR, RUB_CODE_CANCELLED);
    g_assert_false(fixture->is_copied);
    const char *first_write = strstr(fixture->volume.calls->str, "write ");
    g_assert_null(strstr(first_write + 1, "write "));
    g_assert_null(strstr(first_write, "commit"));
}

static void
test_each_call_that_fails_ends_it(Fixture *fixture, gconstpointer user_data)
{
    const char *const failing = user_data;
    fixture->volume.failing = failing;
    copy(fixture);
    g_assert_error(fixture->error, RUB_ERROR, RUB_CODE_WRITE_FAILED);
    g_assert_false(fixture->is_copied);
    /* The call that failed was the last one. */
    g_auto(GStrv) calls = g_strsplit(fixture->volume.calls->str, "\n", -1);
    g_assert_true(g_str_has_prefix(calls[g_strv_length(calls) - 2], failing));
    if (g_str_has_prefix(failing, "write "))
        g_assert_true(g_str_has_prefix(fixture->error->message, failing + strlen("write ")));
}

static void
test_a_file_that_cannot_be_read_is_named(Fixture *fixture, gconstpointer user_data)
{
    g_assert_cmpint(truncate(fixture->build.iso_path, 65536), ==, 0);
    copy(fixture);
    g_assert_error(fixture->error, RUB_ERROR, RUB_CODE_IMAGE_INCOMPLETE);
    const RubPlanItem *item = NULL;
    for (guint i = 0; i < fixture->build.plan->files->len && !item; i++) {
        const RubPlanItem *candidate = g_ptr_array_index(fixture->build.plan->files, i);
        if (g_str_has_prefix(fixture->error->message, candidate->path))
            item = candidate;
    }
    g_assert_nonnull(item);
    g_assert_null(strstr(fixture->volume.calls->str, "commit"));
}

#define ADD(path, data, function)                                                                  \
    g_test_add("/copy/" path, Fixture, data, set_up, function, tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("every-byte", NULL, test_every_byte_arrives);
    ADD("order", NULL, test_the_round_keeps_its_order);
    ADD("manifest", NULL, test_the_manifest_gets_what_was_read);
    ADD("progress", NULL, test_progress_counts_every_byte);
    ADD("stopped", NULL, test_it_stops_between_pieces);
    ADD("folder-fails", "folder EFI/BOOT", test_each_call_that_fails_ends_it);
    ADD("file-fails", "file sources/boot.wim", test_each_call_that_fails_ends_it);
    ADD("prepare-fails", "prepare", test_each_call_that_fails_ends_it);
    ADD("write-fails", "write sources/boot.wim", test_each_call_that_fails_ends_it);
    ADD("commit-fails", "commit", test_each_call_that_fails_ends_it);
    ADD("unreadable", NULL, test_a_file_that_cannot_be_read_is_named);
    return g_test_run();
}
