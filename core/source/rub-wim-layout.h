/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the fields of a WIM are: Microsoft's "Windows Imaging File Format (WIM)" white paper,
 * header and resource entries. */
#pragma once

#include "base/rub-bytes.h"

#define RUB_WIM_MAGIC "MSWIM\0\0"
#define RUB_WIM_VERSION_SOLID 0xe00

/* The header. */
#define RUB_WIM_VERSION_AT 12
#define RUB_WIM_FLAGS_AT 16
#define RUB_WIM_PART_NUMBER_AT 40
#define RUB_WIM_PART_COUNT_AT 42
#define RUB_WIM_IMAGE_COUNT_AT 44
#define RUB_WIM_LOOKUP_TABLE_AT 48
#define RUB_WIM_XML_AT 72
#define RUB_WIM_BOOT_METADATA_AT 96
#define RUB_WIM_BOOT_INDEX_AT 120
#define RUB_WIM_INTEGRITY_AT 124

#define RUB_WIM_FLAG_COMPRESSED 0x2
#define RUB_WIM_FLAG_SPANNED 0x8
#define RUB_WIM_FLAG_WRITE_IN_PROGRESS 0x40

/* A resource: seven bytes of size, one of flags, then where it lies and its size when unpacked. */
#define RUB_WIM_RESOURCE_BYTES 24
#define RUB_WIM_RESOURCE_FLAGS_AT 7
#define RUB_WIM_RESOURCE_OFFSET_AT 8

#define RUB_WIM_RESOURCE_METADATA 0x2
#define RUB_WIM_RESOURCE_COMPRESSED 0x4
#define RUB_WIM_RESOURCE_SOLID 0x10

/* An entry of the lookup table: a resource, the part it is in, how often it is used, its SHA-1. */
#define RUB_WIM_LOOKUP_BYTES 50
#define RUB_WIM_LOOKUP_PART_AT 24

/* RubWimResource: where a resource lies in its WIM. */
typedef struct {
    guint64 stored_bytes;
    guint8 flags;
    guint64 offset_bytes;
} RubWimResource;

static inline RubWimResource
rub_wim_resource_parse(RubBytes *bytes, gsize at)
{
    guint64 first = rub_bytes_u64le(bytes, at);
    return (RubWimResource){
        .stored_bytes = first & G_GUINT64_CONSTANT(0x00ffffffffffffff),
        .flags = first >> 56,
        .offset_bytes = rub_bytes_u64le(bytes, at + RUB_WIM_RESOURCE_OFFSET_AT),
    };
}

/* Whether it lies within a file of that size. */
static inline gboolean
rub_wim_resource_is_inside(const RubWimResource *self, guint64 file_size_bytes)
{
    return self->offset_bytes <= file_size_bytes &&
           self->stored_bytes <= file_size_bytes - self->offset_bytes;
}

/* Whether its bytes can be taken as they are. */
static inline gboolean
rub_wim_resource_is_plain(const RubWimResource *self)
{
    return !(self->flags & (RUB_WIM_RESOURCE_COMPRESSED | RUB_WIM_RESOURCE_SOLID));
}
