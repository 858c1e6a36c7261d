/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fake-world.h"

gboolean fake_block_is_claimed(const FakeDisk *disk);
gboolean fake_block_format(FakeNode *node, const char *type, const char *label, GError **error);
