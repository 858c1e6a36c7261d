/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fake-world.h"

gboolean fake_watch_writes(FakeDisk *disk, guint64 size_bytes, JsonArray *commands, GError **error);
