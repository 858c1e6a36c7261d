/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/rub-error.h"

/* What a GError of this domain carries besides its message. */
typedef struct {
    RubText *text;
} RubErrorPrivate;

static void
rub_error_private_init(RubErrorPrivate *self)
{
}

static void
rub_error_private_copy(const RubErrorPrivate *source, RubErrorPrivate *self)
{
    self->text = source->text ? rub_text_ref(source->text) : NULL;
}

static void
rub_error_private_clear(RubErrorPrivate *self)
{
    g_clear_pointer(&self->text, rub_text_unref);
}

G_DEFINE_EXTENDED_ERROR(RubError, rub_error)

void
rub_error_set_errno(GError **error, RubCode code, int errnum, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_autofree char *action = g_strdup_vprintf(format, args);
    va_end(args);
    g_set_error(error, RUB_ERROR, code, "%s: %s", action, g_strerror(errnum));
}

void
rub_error_take_text(GError **error, RubCode code, RubText *text)
{
    g_autofree char *message = rub_text_format(text, NULL);
    GError *made = g_error_new_literal(RUB_ERROR, code, message);
    rub_error_get_private(made)->text = text;
    g_propagate_error(error, made);
}

const RubText *
rub_error_get_text(const GError *error)
{
    const RubText *text = error->domain == RUB_ERROR ? rub_error_get_private(error)->text : NULL;
    g_autofree char *english = text ? rub_text_format(text, NULL) : NULL;
    return g_strcmp0(english, error->message) == 0 ? text : NULL;
}

void
rub_error_set_cancelled(GError **error)
{
    rub_error_take_text(error, RUB_CODE_CANCELLED, rub_text_new(N_("stopped on request"), NULL));
}
