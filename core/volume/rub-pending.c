/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "volume/rub-pending.h"

#include <string.h>

#include "volume/rub-fat-path.h"
#include "volume/rub-pending-private.h"

/* How a sector is divided: the mark, then a piece of the text. */
#define TEXT_BYTES (RUB_PENDING_SECTOR_BYTES - RUB_PENDING_MARK_BYTES)

/* The text in front, of fixed size, and the longest line and the most lines of it. */
#define CLAIMS_TEXT_BYTES (RUB_PENDING_CLAIMS_BYTES / RUB_PENDING_SECTOR_BYTES * TEXT_BYTES)
#define CLAIM_LINE_BYTES (sizeof "4294967295 4294967295\n" - 1)
#define MAX_CLAIMS ((CLAIMS_TEXT_BYTES - HEAD_BYTES) / CLAIM_LINE_BYTES)

/* Each of the two texts begins with its digest. */
#define HEAD_BYTES (sizeof "digest \n" - 1 + RUB_DIGEST_TEXT_BYTES - 1)

/* A line beside its paths: a word, three numbers, a digest, a number of a saved file. */
#define LINE_BYTES 128

/* Lines that are one word, and how long they are together. */
#define KEEPS "keeps"
#define MADE_TABLE "made-table"
#define MADE_PARTITION "made-partition"
#define MOUNTED "mounted"
#define WORDS_BYTES sizeof KEEPS MADE_TABLE MADE_PARTITION MOUNTED "\n\n\n\n"

static void
file_free(gpointer data)
{
    RubPendingFile *self = data;
    g_free(self->path);
    g_free(self);
}

static void
saved_free(gpointer data)
{
    RubPendingSaved *self = data;
    g_free(self->path);
    g_free(self->saved_as);
    g_free(self);
}

RubPending *
rub_pending_new(void)
{
    RubPending *self = g_new0(RubPending, 1);
    self->is_whole = TRUE;
    self->folders = g_ptr_array_new_with_free_func(g_free);
    self->files = g_ptr_array_new_with_free_func(file_free);
    self->saved = g_ptr_array_new_with_free_func(saved_free);
    self->claims = g_array_new(FALSE, FALSE, sizeof(RubFatRun));
    return self;
}

void
rub_pending_free(RubPending *self)
{
    g_ptr_array_unref(self->folders);
    g_ptr_array_unref(self->files);
    g_ptr_array_unref(self->saved);
    g_array_unref(self->claims);
    g_free(self);
}

void
rub_pending_add_folder(RubPending *self, const char *path)
{
    g_ptr_array_add(self->folders, g_strdup(path));
}

void
rub_pending_add_file(RubPending *self, const char *path, guint64 size_bytes)
{
    RubPendingFile *file = g_new0(RubPendingFile, 1);
    file->path = g_strdup(path);
    file->size_bytes = size_bytes;
    g_ptr_array_add(self->files, file);
}

void
rub_pending_add_saved(RubPending *self, const RubPendingSaved *saved)
{
    RubPendingSaved *copy = g_memdup2(saved, sizeof *saved);
    copy->path = g_strdup(saved->path);
    copy->saved_as = g_strdup(saved->saved_as);
    /* What NTFS has from before 1970 counts as not known. */
    copy->mtime_unix = MAX(saved->mtime_unix, 0);
    g_ptr_array_add(self->saved, copy);
}

static int
compare_runs(gconstpointer a, gconstpointer b)
{
    const RubFatRun *one = a;
    const RubFatRun *other = b;
    return (one->first > other->first) - (one->first < other->first);
}

static int
compare_numbers(gconstpointer a, gconstpointer b)
{
    guint32 one = *(const guint32 *) a;
    guint32 other = *(const guint32 *) b;
    return (one > other) - (one < other);
}

/* Joins sorted runs that are no further than this apart. */
static void
join_runs(GArray *runs, guint32 max_gap)
{
    guint kept = 0;
    for (guint i = 1; i < runs->len; i++) {
        RubFatRun *last = &g_array_index(runs, RubFatRun, kept);
        const RubFatRun *run = &g_array_index(runs, RubFatRun, i);
        guint64 last_end = (guint64) last->first + last->count;
        guint64 end = (guint64) run->first + run->count;
        if (run->first <= last_end + max_gap)
            last->count = (guint32) (MAX(end, last_end) - last->first);
        else
            g_array_index(runs, RubFatRun, ++kept) = *run;
    }
    g_array_set_size(runs, MIN(runs->len, kept + 1));
}

/* The gap that must be bridged, with all smaller ones, to have no more than so many runs. */
static guint32
find_gap(const GArray *runs, guint max_runs)
{
    g_autoptr(GArray) gaps = g_array_new(FALSE, FALSE, sizeof(guint32));
    for (guint i = 1; i < runs->len; i++) {
        const RubFatRun *last = &g_array_index(runs, RubFatRun, i - 1);
        guint32 gap = g_array_index(runs, RubFatRun, i).first - last->first - last->count;
        g_array_append_val(gaps, gap);
    }
    g_array_sort(gaps, compare_numbers);
    return g_array_index(gaps, guint32, runs->len - max_runs - 1);
}

void
rub_pending_add_claims(RubPending *self, const GArray *runs)
{
    g_array_append_vals(self->claims, runs->data, runs->len);
    g_array_sort(self->claims, compare_runs);
    join_runs(self->claims, 0);
    if (self->claims->len > MAX_CLAIMS)
        join_runs(self->claims, find_gap(self->claims, MAX_CLAIMS));
}

static guint64
frame_bytes(guint64 text_bytes)
{
    return (text_bytes + TEXT_BYTES - 1) / TEXT_BYTES * RUB_PENDING_SECTOR_BYTES;
}

guint64
rub_pending_get_max_bytes(guint64 item_count, guint64 path_bytes)
{
    return RUB_PENDING_CLAIMS_BYTES +
           frame_bytes(HEAD_BYTES + WORDS_BYTES + item_count * LINE_BYTES + path_bytes);
}

/* Fills the text up to whole sectors and puts its digest in front. */
static void
seal(GString *text, gsize min_bytes)
{
    gsize wanted = MAX(min_bytes, text->len + HEAD_BYTES);
    gsize padded = (wanted + TEXT_BYTES - 1) / TEXT_BYTES * TEXT_BYTES;
    while (text->len < padded - HEAD_BYTES)
        g_string_append_c(text, '\n');
    char digest_text[RUB_DIGEST_TEXT_BYTES];
    g_autoptr(RubDigest) digest = rub_digest_new();
    rub_digest_add(digest, text->str, text->len);
    rub_digest_get_text(digest, digest_text);
    g_string_prepend(text, "\n");
    g_string_prepend(text, digest_text);
    g_string_prepend(text, "digest ");
}

static GString *
make_claims_text(const RubPending *self)
{
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < self->claims->len; i++) {
        const RubFatRun *run = &g_array_index(self->claims, RubFatRun, i);
        g_string_append_printf(text, "%u %u\n", run->first, run->count);
    }
    seal(text, CLAIMS_TEXT_BYTES);
    return text;
}

static GString *
make_lists_text(const RubPending *self)
{
    GString *text = g_string_new(NULL);
    g_string_append_printf(
        text, "%s%s%s%s", self->keeps ? KEEPS "\n" : "", self->made_table ? MADE_TABLE "\n" : "",
        self->made_partition ? MADE_PARTITION "\n" : "", self->is_mounted ? MOUNTED "\n" : "");
    for (guint i = 0; i < self->folders->len; i++)
        g_string_append_printf(text, "folder %s\n", (char *) g_ptr_array_index(self->folders, i));
    for (guint i = 0; i < self->files->len; i++) {
        const RubPendingFile *file = g_ptr_array_index(self->files, i);
        g_string_append_printf(text, "file %" G_GUINT64_FORMAT " %s\n", file->size_bytes,
                               file->path);
    }
    for (guint i = 0; i < self->saved->len; i++) {
        const RubPendingSaved *saved = g_ptr_array_index(self->saved, i);
        /* A path of FAT has no "|". */
        g_string_append_printf(text,
                               "saved %" G_GUINT64_FORMAT " %u %" G_GINT64_FORMAT " %s %s|%s\n",
                               saved->size_bytes, saved->first_cluster, saved->mtime_unix,
                               saved->digest, saved->saved_as, saved->path);
    }
    seal(text, 0);
    return text;
}

static void
append_framed(GByteArray *bytes, const GString *text)
{
    for (gsize at = 0; at < text->len; at += TEXT_BYTES) {
        g_byte_array_append(bytes, (const guint8 *) RUB_PENDING_MARK, RUB_PENDING_MARK_BYTES);
        g_byte_array_append(bytes, (const guint8 *) text->str + at, TEXT_BYTES);
    }
}

GBytes *
rub_pending_to_bytes(const RubPending *self)
{
    GByteArray *bytes = g_byte_array_new();
    g_autoptr(GString) claims = make_claims_text(self);
    g_autoptr(GString) lists = make_lists_text(self);
    append_framed(bytes, claims);
    append_framed(bytes, lists);
    return g_byte_array_free_to_bytes(bytes);
}

/* Takes the text out of its sectors; NULL if it is not as it was written. */
static char *
unframe(const guint8 *data, gsize size_bytes)
{
    g_autoptr(GString) text = g_string_sized_new(size_bytes);
    for (gsize at = 0; at + RUB_PENDING_SECTOR_BYTES <= size_bytes;
         at += RUB_PENDING_SECTOR_BYTES) {
        if (!rub_pending_is_marked(data + at))
            return NULL;
        g_string_append_len(text, (const char *) data + at + RUB_PENDING_MARK_BYTES, TEXT_BYTES);
    }
    char digest_text[RUB_DIGEST_TEXT_BYTES];
    g_autoptr(RubDigest) digest = rub_digest_new();
    if (text->len < HEAD_BYTES)
        return NULL;
    rub_digest_add(digest, text->str + HEAD_BYTES, text->len - HEAD_BYTES);
    rub_digest_get_text(digest, digest_text);
    g_autofree char *head = g_strdup_printf("digest %s\n", digest_text);
    const char *body = text->str + HEAD_BYTES;
    if (!g_str_has_prefix(text->str, head) || !g_utf8_validate(body, -1, NULL))
        return NULL;
    return g_strdup(body);
}

/* Reads a number and the blank behind it. */
static gboolean
take_number(const char **at, guint64 max, guint64 *number)
{
    char *end = NULL;
    if (!g_ascii_isdigit(**at))
        return FALSE;
    *number = g_ascii_strtoull(*at, &end, 10);
    if (*end != ' ' && *end != '\0')
        return FALSE;
    *at = *end == ' ' ? end + 1 : end;
    return *number <= max;
}

static gboolean
read_claim(RubPending *self, const char *line)
{
    guint64 first, count;
    if (!take_number(&line, G_MAXUINT32, &first) || !take_number(&line, G_MAXUINT32, &count) ||
        first + count > G_MAXUINT32)
        return FALSE;
    RubFatRun run = {(guint32) first, (guint32) count};
    g_array_append_val(self->claims, run);
    return TRUE;
}

static gboolean
read_saved(RubPending *self, const char *at)
{
    guint64 size_bytes, first_cluster, mtime_unix;
    if (!take_number(&at, RUB_RECORDS_MAX_FILE_BYTES, &size_bytes) ||
        !take_number(&at, G_MAXUINT32, &first_cluster) ||
        !take_number(&at, G_MAXINT64, &mtime_unix) || strlen(at) < RUB_DIGEST_TEXT_BYTES)
        return FALSE;
    RubPendingSaved saved = {.size_bytes = size_bytes,
                             .first_cluster = (guint32) first_cluster,
                             .mtime_unix = (gint64) mtime_unix};
    memcpy(saved.digest, at, RUB_DIGEST_TEXT_BYTES - 1);
    g_auto(GStrv) paths = g_strsplit(at + RUB_DIGEST_TEXT_BYTES, "|", -1);
    if (g_strv_length(paths) != 2 || !rub_fat_path_is_safe(paths[0]) ||
        !rub_fat_path_is_safe(paths[1]))
        return FALSE;
    saved.saved_as = paths[0];
    saved.path = paths[1];
    rub_pending_add_saved(self, &saved);
    return TRUE;
}

static gboolean
read_word(RubPending *self, const char *word)
{
    gboolean keeps = g_str_equal(word, KEEPS);
    gboolean made_table = g_str_equal(word, MADE_TABLE);
    gboolean made_partition = g_str_equal(word, MADE_PARTITION);
    gboolean is_mounted = g_str_equal(word, MOUNTED);
    self->keeps |= keeps;
    self->made_table |= made_table;
    self->made_partition |= made_partition;
    self->is_mounted |= is_mounted;
    return keeps || made_table || made_partition || is_mounted;
}

static gboolean
read_item(RubPending *self, const char *line)
{
    guint64 size_bytes;
    if (g_str_has_prefix(line, "saved "))
        return read_saved(self, line + strlen("saved "));
    const char *at = strchr(line, ' ');
    if (!at)
        return read_word(self, line);
    at++;
    if (g_str_has_prefix(line, "folder ") && rub_fat_path_is_safe(at)) {
        rub_pending_add_folder(self, at);
        return TRUE;
    }
    if (!g_str_has_prefix(line, "file ") ||
        !take_number(&at, RUB_RECORDS_MAX_FILE_BYTES, &size_bytes) || !rub_fat_path_is_safe(at))
        return FALSE;
    rub_pending_add_file(self, at, size_bytes);
    return TRUE;
}

static gboolean
for_each_line(RubPending *self, char *text, gboolean (*read_line)(RubPending *, const char *))
{
    char *line = text;
    for (char *end = strchr(line, '\n'); end; end = strchr(line, '\n')) {
        *end = '\0';
        if (*line && !read_line(self, line))
            return FALSE;
        line = end + 1;
    }
    return TRUE;
}

RubPending *
rub_pending_parse(GBytes *bytes)
{
    RubPending *self = rub_pending_new();
    gsize size_bytes;
    const guint8 *data = g_bytes_get_data(bytes, &size_bytes);
    self->is_whole = FALSE;
    if (size_bytes <= RUB_PENDING_CLAIMS_BYTES)
        return self;
    g_autofree char *claims = unframe(data, RUB_PENDING_CLAIMS_BYTES);
    g_autofree char *lists =
        unframe(data + RUB_PENDING_CLAIMS_BYTES, size_bytes - RUB_PENDING_CLAIMS_BYTES);
    if (!claims || !for_each_line(self, claims, read_claim))
        g_array_set_size(self->claims, 0);
    g_array_sort(self->claims, compare_runs);
    join_runs(self->claims, 0);
    self->is_whole = lists && for_each_line(self, lists, read_item);
    if (!self->is_whole) {
        self->keeps = self->made_table = self->made_partition = self->is_mounted = FALSE;
        g_ptr_array_set_size(self->folders, 0);
        g_ptr_array_set_size(self->files, 0);
        g_ptr_array_set_size(self->saved, 0);
    }
    return self;
}
