/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/rub-text.h"

#include <string.h>

struct _RubText {
    char *name;   /* comes before the sentence; NULL for none */
    char *reason; /* comes after it; NULL for none */
    const char *singular;
    const char *plural;
    guint64 count;
    GPtrArray *arguments; /* name, value, name, value … */
    GHashTable *texts;    /* (element-type utf8 RubText): gaps filled with texts; NULL for none */
    GPtrArray *parts;     /* (element-type RubText): a list, instead of a sentence; NULL for none */
    char *separator;      /* between them */
    gboolean is_made_sentence;
};

static RubText *
make_text(const char *singular, const char *plural, guint64 count, va_list pairs)
{
    RubText *self = g_atomic_rc_box_new0(RubText);
    self->singular = singular;
    self->plural = plural;
    self->count = count;
    self->arguments = g_ptr_array_new_with_free_func(g_free);
    for (const char *name = va_arg(pairs, const char *); name; name = va_arg(pairs, const char *)) {
        g_ptr_array_add(self->arguments, g_strdup(name));
        g_ptr_array_add(self->arguments, g_strdup(va_arg(pairs, const char *)));
    }
    return self;
}

RubText *
rub_text_new(const char *sentence, ...)
{
    va_list pairs;
    va_start(pairs, sentence);
    RubText *self = rub_text_new_valist(sentence, pairs);
    va_end(pairs);
    return self;
}

RubText *
rub_text_new_valist(const char *sentence, va_list pairs)
{
    return make_text(sentence, NULL, 1, pairs);
}

RubText *
rub_text_new_plural(const char *singular, const char *plural, guint64 count, ...)
{
    va_list pairs;
    va_start(pairs, count);
    RubText *self = make_text(singular, plural, count, pairs);
    va_end(pairs);
    g_ptr_array_add(self->arguments, g_strdup("count"));
    g_ptr_array_add(self->arguments, g_strdup_printf("%" G_GUINT64_FORMAT, count));
    return self;
}

static RubText *
copy_text(const RubText *text)
{
    RubText *self = g_atomic_rc_box_new0(RubText);
    *self = *text;
    self->name = g_strdup(text->name);
    self->reason = g_strdup(text->reason);
    self->arguments = g_ptr_array_ref(text->arguments);
    self->texts = text->texts ? g_hash_table_ref(text->texts) : NULL;
    self->parts = text->parts ? g_ptr_array_ref(text->parts) : NULL;
    self->separator = g_strdup(text->separator);
    return self;
}

static GHashTable *
copy_texts(GHashTable *texts)
{
    GHashTable *copy =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify) rub_text_unref);
    GHashTableIter iter;
    gpointer name, value;
    if (!texts)
        return copy;
    g_hash_table_iter_init(&iter, texts);
    while (g_hash_table_iter_next(&iter, &name, &value))
        g_hash_table_insert(copy, g_strdup(name), rub_text_ref(value));
    return copy;
}

RubText *
rub_text_new_filled(RubText *text, const char *name, RubText *value)
{
    g_autoptr(RubText) unfilled = text;
    RubText *self = copy_text(unfilled);
    g_clear_pointer(&self->texts, g_hash_table_unref);
    self->texts = copy_texts(unfilled->texts);
    g_hash_table_insert(self->texts, g_strdup(name), value);
    return self;
}

RubText *
rub_text_new_list(GPtrArray *parts, const char *separator)
{
    RubText *self = rub_text_new("", NULL);
    self->parts = parts;
    self->separator = g_strdup(separator);
    return self;
}

RubText *
rub_text_new_sentence(const RubText *message)
{
    RubText *self = copy_text(message);
    self->is_made_sentence = TRUE;
    return self;
}

RubText *
rub_text_new_named(const char *name, const RubText *text)
{
    RubText *self = copy_text(text);
    g_free(self->name);
    self->name = text->name ? g_strdup_printf("%s: %s", name, text->name) : g_strdup(name);
    return self;
}

RubText *
rub_text_ref(RubText *self)
{
    return g_atomic_rc_box_acquire(self);
}

static void
rub_text_clear(gpointer data)
{
    RubText *self = data;
    g_free(self->name);
    g_free(self->reason);
    g_ptr_array_unref(self->arguments);
    g_clear_pointer(&self->texts, g_hash_table_unref);
    g_clear_pointer(&self->parts, g_ptr_array_unref);
    g_free(self->separator);
}

void
rub_text_unref(RubText *self)
{
    g_atomic_rc_box_release_full(self, rub_text_clear);
}

RubText *
rub_text_new_explained(const RubText *text, const char *reason)
{
    RubText *self = copy_text(text);
    g_free(self->reason);
    self->reason =
        text->reason ? g_strdup_printf("%s: %s", text->reason, reason) : g_strdup(reason);
    return self;
}

/* What goes into a gap; NULL where nothing is known of it. */
static char *
make_argument(const RubText *self, const char *name, gsize length, RubTranslate translate)
{
    g_autofree char *key = g_strndup(name, length);
    const RubText *text = self->texts ? g_hash_table_lookup(self->texts, key) : NULL;
    if (text)
        return rub_text_format(text, translate);
    for (guint i = 0; i + 1 < self->arguments->len; i += 2) {
        const char *candidate = g_ptr_array_index(self->arguments, i);
        if (g_str_equal(candidate, key))
            return g_strdup(g_ptr_array_index(self->arguments, i + 1));
    }
    return NULL;
}

/* A gap that has no argument stays as it is: visible, and harmless. */
static char *
fill_gaps(const RubText *self, const char *sentence, RubTranslate translate)
{
    GString *out = g_string_new(NULL);
    const char *at = sentence;
    while (*at) {
        const char *end = *at == '{' ? strchr(at, '}') : NULL;
        g_autofree char *value =
            end ? make_argument(self, at + 1, (gsize) (end - at - 1), translate) : NULL;
        if (value) {
            g_string_append(out, value);
            at = end + 1;
        } else {
            g_string_append_c(out, *at++);
        }
    }
    return g_string_free(out, FALSE);
}

/* Error messages begin in lower case so that context can be put before them, and have no full stop.
 * One that begins with the name of a file, which is not a plain word, keeps it as it is; one that
 * ends with another program's words may have a full stop and a line's end already. */
static char *
make_sentence(const char *message)
{
    char *sentence = g_utf8_make_valid(message, -1);
    g_strchomp(sentence);
    gsize word_length = strspn(sentence, "abcdefghijklmnopqrstuvwxyz");
    if (word_length > 0 && sentence[word_length] == ' ')
        *sentence = g_ascii_toupper(*sentence);
    if (*sentence == '\0' || g_str_has_suffix(sentence, "."))
        return sentence;
    char *ended = g_strconcat(sentence, ".", NULL);
    g_free(sentence);
    return ended;
}

/* What stands before and after a sentence is put there by a sentence, too: where, and with which
 * punctuation, is up to the translation. */
static char *
join(const char *sentence, const char *gap, const char *value, char *text, RubTranslate translate)
{
    g_autofree char *own_text = text;
    g_autoptr(RubText) whole = rub_text_new(sentence, gap, value, "text", own_text, NULL);
    return rub_text_format(whole, translate);
}

static char *
join_parts(const RubText *self, RubTranslate translate)
{
    GString *out = g_string_new(NULL);
    for (guint i = 0; i < self->parts->len; i++) {
        g_autofree char *part = rub_text_format(g_ptr_array_index(self->parts, i), translate);
        g_string_append_printf(out, "%s%s", i > 0 ? self->separator : "", part);
    }
    return g_string_free(out, FALSE);
}

char *
rub_text_format(const RubText *self, RubTranslate translate)
{
    const char *sentence = self->plural && self->count != 1 ? self->plural : self->singular;
    if (translate && *sentence)
        sentence = translate(self->singular, self->plural, (gulong) self->count);
    g_autofree char *whole =
        self->parts ? join_parts(self, translate) : fill_gaps(self, sentence, translate);
    if (self->reason)
        whole = join(N_("{text}: {reason}"), "reason", self->reason, whole, translate);
    if (self->name)
        whole = join(N_("{name}: {text}"), "name", self->name, whole, translate);
    return self->is_made_sentence ? make_sentence(whole) : g_steal_pointer(&whole);
}
