/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

/* What an area of an image holds; empty strings where there is nothing. */
typedef struct {
    char *usage;
    char *type;
    char *version;
    char *label;
    char *uuid;
} FakeContents;

/* A partition as the table has it. */
typedef struct {
    guint number;
    guint64 offset;
    guint64 size_bytes;
    guint64 flags;
    char *type;
    char *uuid;
    char *name;
    gboolean is_container;
    gboolean is_contained;
} FakeSlot;

FakeContents *fake_contents_probe(const char *image, guint64 offset, guint64 size_bytes);
void fake_contents_free(FakeContents *contents);
GPtrArray *fake_slots_probe(const char *image, char **out_table_type);
gboolean fake_probe_wipe(const char *image, guint64 offset, guint64 size_bytes);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(FakeContents, fake_contents_free)
