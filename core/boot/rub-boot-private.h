/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "target/rub-disk.h"
#include "target/rub-target.h"

G_BEGIN_DECLS

#define RUB_BOOT_SECTOR_BYTES 512
#define RUB_BOOT_SIGNATURE_OFFSET 510
#define RUB_BOOT_SIGNATURE 0xaa55

/* How large the second stage of a record is at most. */
#define RUB_BOOT_MAX_STAGE2_BYTES 2048

/* How the record for one kind of filesystem lies on its volume, and what of the volume's first
 * sector belongs to it. */
typedef struct {
    const char *description;      /* of the filesystem, in messages */
    const char *copy_description; /* of the copy of the first sector */
    const guint8 *code;           /* the first sector, then the second stage */
    gsize stage2_bytes;
    guint stage2_sector;
    const char *oem_name; /* (nullable): eight characters, where they are the record's */
    guint drive_number_offset;
    guint code_offset;
    /* Insists that the first sector is that of a volume that can carry the record; yields where the
     * copy of that sector is. */
    gboolean (*locate_copy)(RubDisk *disk, const guint8 *sector, guint64 start_lba,
                            guint64 *copy_lba, GError **error);
} RubBootKind;

const RubBootKind *rub_boot_kind_get_fat32(void);
const RubBootKind *rub_boot_kind_get_ntfs(void);
const RubBootKind *rub_boot_kind_get(RubFilesystem filesystem);

/* Turns the first sector of a volume into that of the record. */
void rub_boot_kind_apply(const RubBootKind *kind, guint8 *sector, guint64 start_lba);

/* Takes the record out of a volume's first sector; what else is in the parameter block stays. */
void rub_boot_kind_unapply(const RubBootKind *kind, guint8 *sector, const guint8 *saved);

/* All that a record consists of on a volume. */
typedef struct {
    guint64 start_lba;
    guint64 copy_lba;
    guint64 stage2_lba;
    guint8 first[RUB_BOOT_SECTOR_BYTES];
    guint8 copy[RUB_BOOT_SECTOR_BYTES];
    guint8 stage2[RUB_BOOT_MAX_STAGE2_BYTES];
} RubBootSectors;

/* Reads them from a volume that can carry the record. Errors: those of rub_boot_record_install().
 */
gboolean rub_boot_sectors_read(RubBootSectors *self, const RubBootKind *kind, RubDisk *disk,
                               guint64 start_lba, GError **error);

/* Whether a BIOS could start a volume there at all: our code wants small sectors, and the fields
 * for the start of a partition have 32 bits. */
gboolean rub_boot_check_place(RubDisk *disk, guint64 start_lba, GError **error);

/* Whole sectors, however many. */
gboolean rub_boot_read_sectors(RubDisk *disk, guint64 lba, void *buffer, gsize size_bytes,
                               GError **error);
gboolean rub_boot_write_sectors(RubDisk *disk, guint64 lba, const void *data, gsize size_bytes,
                                GError **error);

/* Compares what was read with what must be there. */
gboolean rub_boot_compare(const char *record, const guint8 *found, const guint8 *expected,
                          gsize size_bytes, GError **error);

/* Reads the code of the master boot record and compares it. */
gboolean rub_boot_verify_mbr(RubDisk *disk, GError **error);

G_END_DECLS
