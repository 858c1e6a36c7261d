/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/rub-error.h"

/* What a GError of this domain carries besides its message. */
typedef struct {
    RubText *text;
    RubText *remedy;
} RubErrorPrivate;

static void
rub_error_private_init(RubErrorPrivate *self)
{
}

static void
rub_error_private_copy(const RubErrorPrivate *source, RubErrorPrivate *self)
{
    self->text = source->text ? rub_text_ref(source->text) : NULL;
    self->remedy = source->remedy ? rub_text_ref(source->remedy) : NULL;
}

static void
rub_error_private_clear(RubErrorPrivate *self)
{
    g_clear_pointer(&self->text, rub_text_unref);
    g_clear_pointer(&self->remedy, rub_text_unref);
}

G_DEFINE_EXTENDED_ERROR(RubError, rub_error)

void
rub_error_take_text(GError **error, RubCode code, RubText *text)
{
    g_autofree char *message = rub_text_format(text, NULL);
    GError *made = g_error_new_literal(RUB_ERROR, code, message);
    rub_error_get_private(made)->text = text;
    g_propagate_error(error, made);
}

void
rub_error_set_text(GError **error, RubCode code, const char *sentence, ...)
{
    va_list pairs;
    va_start(pairs, sentence);
    rub_error_take_text(error, code, rub_text_new_valist(sentence, pairs));
    va_end(pairs);
}

void
rub_error_set_errno(GError **error, RubCode code, int errnum, const char *sentence, ...)
{
    va_list pairs;
    va_start(pairs, sentence);
    g_autoptr(RubText) action = rub_text_new_valist(sentence, pairs);
    va_end(pairs);
    rub_error_take_text(error, code, rub_text_new_explained(action, g_strerror(errnum)));
}

void
rub_error_prefix_name(GError **error, const char *name)
{
    if (!error || !*error)
        return;
    g_autoptr(RubText) text = NULL;
    if (rub_error_get_text(*error))
        text = rub_text_new_named(name, rub_error_get_text(*error));
    g_prefix_error(error, "%s: ", name);
    if (text) {
        RubErrorPrivate *private = rub_error_get_private(*error);
        rub_text_unref(private->text);
        private->text = g_steal_pointer(&text);
    }
}

const RubText *
rub_error_get_text(const GError *error)
{
    const RubText *text = error->domain == RUB_ERROR ? rub_error_get_private(error)->text : NULL;
    g_autofree char *english = text ? rub_text_format(text, NULL) : NULL;
    return g_strcmp0(english, error->message) == 0 ? text : NULL;
}

void
rub_error_put_into(GError **error, const char *sentence, const char *name)
{
    if (!error || !*error)
        return;
    const RubText *known = rub_error_get_text(*error);
    g_autoptr(RubText) inner = rub_error_make_text(*error);
    g_autoptr(RubText) whole = rub_text_new_filled(rub_text_new(sentence, "name", name, NULL),
                                                   "text", g_steal_pointer(&inner));
    g_free((*error)->message);
    (*error)->message = rub_text_format(whole, NULL);
    if (known) {
        RubErrorPrivate *private = rub_error_get_private(*error);
        rub_text_unref(private->text);
        private->text = g_steal_pointer(&whole);
    }
}

RubText *
rub_error_make_text(const GError *error)
{
    const RubText *text = rub_error_get_text(error);
    return text ? rub_text_ref((RubText *) text)
                : rub_text_new("{details}", "details", error->message, NULL);
}

gboolean
rub_error_take_damage(GError *failure, RubText **damage, GError **error)
{
    if (!g_error_matches(failure, RUB_ERROR, RUB_CODE_VOLUME_DAMAGED)) {
        g_propagate_error(error, failure);
        return FALSE;
    }
    *damage = rub_error_make_text(failure);
    g_error_free(failure);
    return TRUE;
}

void
rub_error_take_remedy(GError **error, RubText *remedy)
{
    g_autoptr(RubText) owned = remedy;
    if (!error || !*error)
        return;
    RubErrorPrivate *private = rub_error_get_private(*error);
    g_clear_pointer(&private->remedy, rub_text_unref);
    private->remedy = g_steal_pointer(&owned);
}

const RubText *
rub_error_get_remedy(const GError *error)
{
    return error->domain == RUB_ERROR ? rub_error_get_private(error)->remedy : NULL;
}

void
rub_error_set_cancelled(GError **error)
{
    rub_error_take_text(error, RUB_CODE_CANCELLED, rub_text_new(N_("stopped on request"), NULL));
}
