/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fake-world.h"

gboolean fake_fat_extract(FakeNode *node, FakeMount *mount, GError **error);
gboolean fake_fat_write_back(FakeNode *node, FakeMount *mount, GError **error);
gboolean fake_fat_set_label(FakeNode *node, const char *label, GError **error);
