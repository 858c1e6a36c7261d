/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fake-world.h"

gboolean fake_mount(FakeNode *node, gboolean read_only, GError **error);
void fake_mount_free(FakeMount *mount);
void fake_mount_automatically(FakeDisk *disk);
