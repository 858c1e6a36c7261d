/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fake-world.h"

typedef enum {
    FAKE_VERDICT_YES,
    FAKE_VERDICT_NO,        /* also after a wrong password */
    FAKE_VERDICT_CHALLENGE, /* a password is needed and nobody may be asked */
    FAKE_VERDICT_DISMISSED,
} FakeVerdict;

FakeVerdict fake_policy_check(FakeWorld *world, guint32 pid, const char *action, gboolean may_ask);
guint32 fake_policy_get_pid(FakeWorld *world, const char *bus_name);
void fake_policy_set_defaults(FakeWorld *world);
gboolean fake_policy_serve(FakeWorld *world, GError **error);
