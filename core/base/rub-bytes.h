/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include <string.h>

G_BEGIN_DECLS

/**
 * RubBytes:
 * @data: the bytes; borrowed
 * @size: how many
 * @overrun: set once a read went past the end, and never cleared
 *
 * A view of bytes that came from outside. Every read checks the bounds; one that does not fit
 * yields zero and sets @overrun, so that a parser can read all the fields of a structure and
 * check once whether the structure was whole.
 */
typedef struct {
    const guint8 *data;
    gsize size;
    gboolean overrun;
} RubBytes;

/**
 * rub_bytes:
 * @data: the bytes; must outlive the view
 * @size: how many
 *
 * Returns: a view of @data
 */
static inline RubBytes
rub_bytes(const void *data, gsize size)
{
    return (RubBytes){.data = data, .size = size};
}

/**
 * rub_bytes_at:
 * @self: a view
 * @offset: where to start
 * @size: how many bytes are wanted
 *
 * Returns: (nullable): the bytes at @offset, or %NULL (and @self is overrun) if they are not all
 *   inside the view
 */
static inline const guint8 *
rub_bytes_at(RubBytes *self, gsize offset, gsize size)
{
    if (offset > self->size || size > self->size - offset) {
        self->overrun = TRUE;
        return NULL;
    }
    /* An empty view may have no data, and adding even 0 to NULL is undefined. */
    return offset > 0 ? self->data + offset : self->data;
}

/**
 * rub_bytes_slice:
 * @self: a view
 * @offset: where to start
 * @size: how many bytes are wanted
 *
 * Returns: a view of a part of @self; empty and overrun (as is @self then) if it does not fit
 */
static inline RubBytes
rub_bytes_slice(RubBytes *self, gsize offset, gsize size)
{
    const guint8 *at = rub_bytes_at(self, offset, size);
    return (RubBytes){.data = at, .size = at ? size : 0, .overrun = at == NULL};
}

/** rub_bytes_u8: Returns: the byte at @offset, 0 past the end */
static inline guint8
rub_bytes_u8(RubBytes *self, gsize offset)
{
    const guint8 *p = rub_bytes_at(self, offset, 1);
    return p ? p[0] : 0;
}

/** rub_bytes_u16le: Returns: the little-endian 16-bit number at @offset, 0 past the end */
static inline guint16
rub_bytes_u16le(RubBytes *self, gsize offset)
{
    const guint8 *p = rub_bytes_at(self, offset, 2);
    return p ? (guint16) (p[0] | p[1] << 8) : 0;
}

/** rub_bytes_u32le: Returns: the little-endian 32-bit number at @offset, 0 past the end */
static inline guint32
rub_bytes_u32le(RubBytes *self, gsize offset)
{
    const guint8 *p = rub_bytes_at(self, offset, 4);
    return p ? p[0] | p[1] << 8 | p[2] << 16 | (guint32) p[3] << 24 : 0;
}

/** rub_bytes_u64le: Returns: the little-endian 64-bit number at @offset, 0 past the end */
static inline guint64
rub_bytes_u64le(RubBytes *self, gsize offset)
{
    return rub_bytes_u32le(self, offset) | (guint64) rub_bytes_u32le(self, offset + 4) << 32;
}

/** rub_put_u16le: stores @value at @p in little-endian order */
static inline void
rub_put_u16le(guint8 *p, guint16 value)
{
    p[0] = value & 0xff;
    p[1] = value >> 8;
}

/** rub_put_u32le: stores @value at @p in little-endian order */
static inline void
rub_put_u32le(guint8 *p, guint32 value)
{
    rub_put_u16le(p, value & 0xffff);
    rub_put_u16le(p + 2, value >> 16);
}

/** rub_put_u64le: stores @value at @p in little-endian order */
static inline void
rub_put_u64le(guint8 *p, guint64 value)
{
    rub_put_u32le(p, value & 0xffffffff);
    rub_put_u32le(p + 4, value >> 32);
}

G_END_DECLS
