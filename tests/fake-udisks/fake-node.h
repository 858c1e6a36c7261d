/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fake-world.h"

void fake_disk_refresh(FakeDisk *disk);
FakeNode *fake_disk_find_partition(FakeDisk *disk, guint number);
FakeNode *fake_node_new(FakeDisk *disk, const char *disk_name, guint number);
void fake_node_free(gpointer data);
void fake_node_flush(FakeNode *node);
void fake_node_set_mount_points(FakeNode *node);
gboolean fake_property_set(FakeNode *node, JsonObject *change, GError **error);
