/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fake-world.h"

FakeDisk *fake_drive_plug(FakeWorld *world, JsonObject *stick, GError **error);
gboolean fake_drive_unplug(FakeWorld *world, const char *name, GError **error);
void fake_disk_free(gpointer data);
