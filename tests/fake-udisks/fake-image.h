/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fake-world.h"

gboolean fake_image_wipe(FakeNode *node, GError **error);
gboolean fake_image_make_table(FakeDisk *disk, const char *type, GError **error);
gboolean fake_image_make_vfat(FakeNode *node, const char *label, GError **error);
gboolean fake_image_add_partition(FakeDisk *disk, guint number, guint64 offset, guint64 size_bytes,
                                  const char *type, GError **error);
gboolean fake_image_edit_table(FakeNode *node, const char *option, const char *value,
                               GError **error);
gboolean fake_image_set_flags(FakeNode *node, guint8 flags, GError **error);
gboolean fake_image_extract_ntfs(FakeNode *node, const char *folder, GError **error);
gboolean fake_image_check(FakeNode *node, const char *fsck_option, int *out_status,
                          char **out_output, GError **error);
