/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/rub-error.h"

GQuark
rub_error_quark(void)
{
    return g_quark_from_static_string("rub-error-quark");
}

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
