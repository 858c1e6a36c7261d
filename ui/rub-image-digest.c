/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rub-image-digest.h"

#include <string.h>

#include "base/rub-estimate.h"
#include "rub-errand.h"
#include "source/rub-image-file.h"

#define CHUNK_BYTES ((gsize) 1024 * 1024)
#define SHA256_DIGITS 64

/* Shared with the thread that reads. */
typedef struct {
    char *path;
    guint chunk_count;
    guint done_chunks; /* atomic */
} Reading;

typedef struct {
    char *text;
    GError *error;
} Result;

struct _RubImageDigest {
    GObject parent_instance;
    char *path;
    char *expected;
    Reading *reading;
    GCancellable *errand;
    Result *result;
    guint timer;
};

static guint changed_signal;

G_DEFINE_FINAL_TYPE(RubImageDigest, rub_image_digest, G_TYPE_OBJECT)

static void
clear_reading(gpointer data)
{
    Reading *reading = data;
    g_free(reading->path);
}

static void
unref_reading(gpointer data)
{
    g_atomic_rc_box_release_full(data, clear_reading);
}

static void
free_result(gpointer data)
{
    Result *result = data;
    g_free(result->text);
    g_clear_error(&result->error);
    g_free(result);
}

static gboolean
read_all(Reading *reading, GChecksum *checksum, GCancellable *cancellable, GError **error)
{
    g_autoptr(RubImageFile) file = rub_image_file_open(reading->path, error);
    g_autofree guint8 *buffer = g_malloc(CHUNK_BYTES);
    guint64 size_bytes = file ? rub_image_file_get_size_bytes(file) : 0;
    for (guint64 at = 0; at < size_bytes; at += CHUNK_BYTES) {
        gsize length = MIN(CHUNK_BYTES, size_bytes - at);
        if (g_cancellable_set_error_if_cancelled(cancellable, error) ||
            !rub_image_file_read(file, at, buffer, length, error))
            return FALSE;
        g_checksum_update(checksum, buffer, (gssize) length);
        g_atomic_int_inc(&reading->done_chunks);
    }
    return file != NULL;
}

static gpointer
work_out(gpointer data, GCancellable *cancellable)
{
    g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_SHA256);
    Result *result = g_new0(Result, 1);
    if (read_all(data, checksum, cancellable, &result->error))
        result->text = g_strdup(g_checksum_get_string(checksum));
    return result;
}

static void
emit_changed(RubImageDigest *self)
{
    g_signal_emit(self, changed_signal, 0);
}

static gboolean
on_interval_cb(gpointer user_data)
{
    emit_changed(user_data);
    return G_SOURCE_CONTINUE;
}

static void
forget(RubImageDigest *self)
{
    rub_errand_drop(&self->errand);
    g_clear_handle_id(&self->timer, g_source_remove);
    g_clear_pointer(&self->reading, unref_reading);
    g_clear_pointer(&self->result, free_result);
}

static void
on_worked_out(GObject *owner, gpointer data)
{
    RubImageDigest *self = RUB_IMAGE_DIGEST(owner);
    forget(self);
    self->result = data;
    emit_changed(self);
}

RubImageDigest *
rub_image_digest_new(void)
{
    return g_object_new(RUB_TYPE_IMAGE_DIGEST, NULL);
}

void
rub_image_digest_set_path(RubImageDigest *self, const char *path)
{
    forget(self);
    g_free(self->path);
    self->path = g_strdup(path);
    emit_changed(self);
}

/* Download pages break a digest into groups and add the name of the file behind it. */
static char *
normalise(const char *expected)
{
    GString *out = g_string_new(NULL);
    for (; *expected && out->len < SHA256_DIGITS; expected++) {
        if (g_ascii_isxdigit(*expected))
            g_string_append_c(out, g_ascii_tolower(*expected));
        else if (!g_ascii_isspace(*expected))
            break;
    }
    return g_string_free(out, FALSE);
}

void
rub_image_digest_set_expected(RubImageDigest *self, const char *expected)
{
    g_free(self->expected);
    self->expected = g_strstrip(g_strdup(expected));
    emit_changed(self);
}

void
rub_image_digest_start(RubImageDigest *self)
{
    static const RubErrandKind kind = {work_out, unref_reading, free_result, on_worked_out};
    if (!self->path || self->errand || (self->result && self->result->text))
        return;
    forget(self);
    g_autoptr(RubImageFile) file = rub_image_file_open(self->path, NULL);
    self->reading = g_atomic_rc_box_new0(Reading);
    self->reading->path = g_strdup(self->path);
    guint64 size_bytes = file ? rub_image_file_get_size_bytes(file) : 0;
    self->reading->chunk_count = (guint) (size_bytes / CHUNK_BYTES + 1);
    self->timer = g_timeout_add(RUB_ESTIMATE_INTERVAL_MS, on_interval_cb, self);
    rub_errand_start(&self->errand, G_OBJECT(self), &kind, g_atomic_rc_box_acquire(self->reading));
    emit_changed(self);
}

gboolean
rub_image_digest_is_busy(RubImageDigest *self)
{
    return self->errand != NULL;
}

double
rub_image_digest_get_fraction(RubImageDigest *self)
{
    if (!self->reading)
        return 0;
    guint done_chunks = (guint) g_atomic_int_get(&self->reading->done_chunks);
    return MIN((double) done_chunks / self->reading->chunk_count, 1);
}

const char *
rub_image_digest_get_text(RubImageDigest *self)
{
    return self->result ? self->result->text : NULL;
}

const GError *
rub_image_digest_get_error(RubImageDigest *self)
{
    return self->result ? self->result->error : NULL;
}

RubDigestMatch
rub_image_digest_get_match(RubImageDigest *self)
{
    if (!self->expected || !*self->expected)
        return RUB_DIGEST_MATCH_UNKNOWN;
    g_autofree char *expected = normalise(self->expected);
    if (strlen(expected) != SHA256_DIGITS)
        return RUB_DIGEST_MATCH_INVALID;
    const char *text = rub_image_digest_get_text(self);
    if (!text)
        return RUB_DIGEST_MATCH_UNKNOWN;
    return g_str_equal(text, expected) ? RUB_DIGEST_MATCH_YES : RUB_DIGEST_MATCH_NO;
}

static void
rub_image_digest_dispose(GObject *object)
{
    RubImageDigest *self = RUB_IMAGE_DIGEST(object);
    forget(self);
    g_clear_pointer(&self->path, g_free);
    g_clear_pointer(&self->expected, g_free);
    G_OBJECT_CLASS(rub_image_digest_parent_class)->dispose(object);
}

static void
rub_image_digest_class_init(RubImageDigestClass *klass)
{
    G_OBJECT_CLASS(klass)->dispose = rub_image_digest_dispose;
    changed_signal = g_signal_new("changed", RUB_TYPE_IMAGE_DIGEST, G_SIGNAL_RUN_LAST, 0, NULL,
                                  NULL, NULL, G_TYPE_NONE, 0);
}

static void
rub_image_digest_init(RubImageDigest *self)
{
}
