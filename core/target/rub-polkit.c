/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "target/rub-polkit.h"

#include <unistd.h>

#define TIMEOUT_MS (25 * 1000)

/* PolicyKit finds the process behind the name on the bus, and its session. */
static GVariant *
make_arguments(GDBusConnection *bus, const char *action)
{
    GVariantBuilder subject, details;
    g_variant_builder_init(&subject, G_VARIANT_TYPE_VARDICT);
    g_variant_builder_add(&subject, "{sv}", "name",
                          g_variant_new_string(g_dbus_connection_get_unique_name(bus)));
    g_variant_builder_init(&details, G_VARIANT_TYPE("a{ss}"));
    /* No flags: nobody is asked. */
    return g_variant_new("((sa{sv})sa{ss}us)", "system-bus-name", &subject, action, &details, 0,
                         "");
}

RubPasswordNeed
rub_polkit_check(GDBusConnection *bus, const char *action, GCancellable *cancellable)
{
    g_autoptr(GVariant) answer = g_dbus_connection_call_sync(
        bus, "org.freedesktop.PolicyKit1", "/org/freedesktop/PolicyKit1/Authority",
        "org.freedesktop.PolicyKit1.Authority", "CheckAuthorization", make_arguments(bus, action),
        G_VARIANT_TYPE("((bba{ss}))"), G_DBUS_CALL_FLAGS_NONE, TIMEOUT_MS, cancellable, NULL);
    if (!answer)
        return geteuid() == 0 ? RUB_PASSWORD_NOT_NEEDED : RUB_PASSWORD_NEEDED;
    gboolean is_authorized = FALSE;
    gboolean is_challenge = FALSE;
    g_variant_get(answer, "((bba{ss}))", &is_authorized, &is_challenge, NULL);
    if (is_authorized)
        return RUB_PASSWORD_NOT_NEEDED;
    return is_challenge ? RUB_PASSWORD_NEEDED : RUB_PASSWORD_REFUSED;
}
