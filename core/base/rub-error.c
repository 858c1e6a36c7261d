/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/rub-error.h"

G_DEFINE_QUARK(rub_error_quark, rub_error)

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
rub_error_set_cancelled(GError **error)
{
    g_set_error_literal(error, RUB_ERROR, RUB_CODE_CANCELLED, "stopped on request");
}
