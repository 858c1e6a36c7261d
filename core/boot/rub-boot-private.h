/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "target/rub-disk.h"

G_BEGIN_DECLS

/* What the installers of the records have in common. */

/* Whether a BIOS could start a volume there at all: our code wants small sectors, and the fields
 * for the start of a partition have 32 bits. */
gboolean rub_boot_check_place(RubDisk *disk, guint64 start_lba, GError **error);

/* Compares what was read with what must be there. */
gboolean rub_boot_compare(const char *record, const guint8 *found, const guint8 *expected,
                          gsize size_bytes, GError **error);

/* Reads the code of the master boot record and compares it. */
gboolean rub_boot_verify_mbr(RubDisk *disk, GError **error);

G_END_DECLS
