/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "base/rub-bytes.h"

G_BEGIN_DECLS

/* Records of the table of files of NTFS ($MFT), read without libntfs-3g and without trust: for
 * looking at all of them in turn. Structures: the layout header of libntfs-3g (ntfs-3g/layout.h).
 */

/**
 * RubNtfsRecord:
 * @bytes: the record, as far as it is in use
 * @is_in_use: whether it belongs to a file
 * @next_attribute: where the next attribute begins
 *
 * One record. The fields but @is_in_use are its own.
 */
typedef struct {
    RubBytes bytes;
    gboolean is_in_use;
    gsize next_attribute;
} RubNtfsRecord;

/**
 * RubNtfsAttribute:
 * @type: what it is
 * @is_resident: whether its bytes are in the record; then all that follows is empty
 * @cluster_count: how many clusters its runs here should lead to, holes included
 * @pairs: its runs, to be given to rub_ntfs_attribute_next_run()
 *
 * An attribute, or the part of one that a record holds.
 */
typedef struct {
    guint32 type;
    gboolean is_resident;
    guint64 cluster_count;
    RubBytes pairs;
    gsize next_pair;
    gint64 cluster;
} RubNtfsAttribute;

/**
 * rub_ntfs_record_parse:
 * @self: (out): the record
 * @data: its bytes, in which the ends of sectors are put right; borrowed
 * @size_bytes: how large records are on the volume
 *
 * Returns: whether it is a record, and whole
 */
gboolean rub_ntfs_record_parse(RubNtfsRecord *self, guint8 *data, gsize size_bytes);

/**
 * rub_ntfs_record_next:
 * @self: a record
 * @attribute: (out): its next attribute
 * @is_broken: (out): whether what follows makes no sense
 *
 * Returns: whether there is another one
 */
gboolean rub_ntfs_record_next(RubNtfsRecord *self, RubNtfsAttribute *attribute,
                              gboolean *is_broken);

/**
 * rub_ntfs_attribute_next_run:
 * @self: an attribute that is not resident
 * @first: (out): its next clusters; below 0 for a hole
 * @count: (out): how many; above 0
 * @is_broken: (out): whether what follows makes no sense
 *
 * Returns: whether there is another run
 */
gboolean rub_ntfs_attribute_next_run(RubNtfsAttribute *self, gint64 *first, gint64 *count,
                                     gboolean *is_broken);

G_END_DECLS
