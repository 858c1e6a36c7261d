/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "target/rub-drive-facts.h"

/* Facts of drives as tests write them. */

static inline void
set_text(char **field, const char *value)
{
    g_free(*field);
    *field = g_strdup(value);
}

/* A stick of 64 MiB with an MBR and one FAT32 partition from 1 MiB to the end. */
static inline RubDriveFacts *
make_stick(void)
{
    RubDriveFacts *facts = rub_drive_facts_new("/block_devices/sdb", "/dev/sdb");
    set_text(&facts->bus, "usb");
    set_text(&facts->vendor, "Kingston");
    set_text(&facts->model, "DataTraveler 3.0");
    set_text(&facts->serial, "AB12");
    set_text(&facts->table, "dos");
    facts->has_medium = TRUE;
    facts->is_removable = TRUE;
    facts->size_bytes = 64 << 20;
    RubVolumeFacts *volume = rub_drive_facts_add_partition(facts, "/block_devices/sdb1", 1);
    set_text(&volume->type, "0x0c");
    set_text(&volume->usage, "filesystem");
    set_text(&volume->filesystem, "vfat");
    set_text(&volume->version, "FAT32");
    set_text(&volume->label, "HOLIDAY");
    volume->offset_bytes = 1 << 20;
    volume->size_bytes = 63 << 20;
    volume->flags = 0x80;
    return facts;
}

/* Its partition. */
static inline RubVolumeFacts *
get_partition(const RubDriveFacts *facts)
{
    return g_ptr_array_index(facts->partitions, 0);
}
