/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "volume/rub-fat-slot.h"

#include <string.h>
#include <time.h>

#include "base/rub-bytes.h"

/* Offsets in a slot: Microsoft FAT specification, "Directory Structure" and "Long File Name
 * Implementation". */
#define DIR_ATTRIBUTES 11
#define DIR_CASE_BITS 12
#define DIR_CREATE_TENTHS 13
#define DIR_CREATE_TIME 14
#define DIR_CREATE_DATE 16
#define DIR_ACCESS_DATE 18
#define DIR_CLUSTER_HIGH 20
#define DIR_WRITE_TIME 22
#define DIR_WRITE_DATE 24
#define DIR_CLUSTER_LOW 26
#define DIR_SIZE 28
#define LFN_CHECKSUM 13

#define ATTR_LONG_NAME 0x0f
#define ATTR_MASK 0x3f
#define LFN_LAST 0x40
#define LFN_MAX_ORDINAL 20
#define DELETED 0xe5
#define MIN_YEAR 1980
#define MAX_YEAR 2107

static const guint8 unit_offsets[RUB_FAT_NAME_UNITS_PER_SLOT] = {1,  3,  5,  7,  9,  14, 16,
                                                                 18, 20, 22, 24, 28, 30};

typedef struct {
    guint16 date;
    guint16 time;
    guint8 tenths;
} DosTime;

static DosTime
encode_time(gint64 unix_time)
{
    time_t seconds = (time_t) unix_time;
    struct tm tm = {0};
    if (!localtime_r(&seconds, &tm) || tm.tm_year + 1900 < MIN_YEAR)
        tm = (struct tm){.tm_year = MIN_YEAR - 1900, .tm_mday = 1};
    if (tm.tm_year + 1900 > MAX_YEAR)
        tm = (struct tm){.tm_year = MAX_YEAR - 1900,
                         .tm_mon = 11,
                         .tm_mday = 31,
                         .tm_hour = 23,
                         .tm_min = 59,
                         .tm_sec = 59};
    return (DosTime){
        .date = (guint16) ((tm.tm_year + 1900 - MIN_YEAR) << 9 | (tm.tm_mon + 1) << 5 | tm.tm_mday),
        .time = (guint16) (tm.tm_hour << 11 | tm.tm_min << 5 | MIN(tm.tm_sec, 59) / 2),
        .tenths = (guint8) (tm.tm_sec % 2 * 100),
    };
}

/* Returns 0 for a date that does not exist, as many tools leave for "unknown". */
static gint64
decode_time(guint16 date, guint16 time_of_day)
{
    struct tm tm = {
        .tm_year = MIN_YEAR - 1900 + (date >> 9),
        .tm_mon = (date >> 5 & 0x0f) - 1,
        .tm_mday = date & 0x1f,
        .tm_hour = time_of_day >> 11,
        .tm_min = time_of_day >> 5 & 0x3f,
        .tm_sec = (time_of_day & 0x1f) * 2,
        .tm_isdst = -1,
    };
    if (tm.tm_mon < 0 || tm.tm_mon > 11 || tm.tm_mday == 0)
        return 0;
    time_t seconds = mktime(&tm);
    return seconds > 0 ? (gint64) seconds : 0;
}

void
rub_fat_slot_redirect(const RubFatSlot *self, guint8 *slot)
{
    DosTime time = encode_time(self->mtime_unix);
    slot[DIR_ATTRIBUTES] = self->attributes;
    rub_put_u16le(slot + DIR_ACCESS_DATE, time.date);
    rub_put_u16le(slot + DIR_CLUSTER_HIGH, self->first_cluster >> 16);
    rub_put_u16le(slot + DIR_WRITE_TIME, time.time);
    rub_put_u16le(slot + DIR_WRITE_DATE, time.date);
    rub_put_u16le(slot + DIR_CLUSTER_LOW, self->first_cluster & 0xffff);
    rub_put_u32le(slot + DIR_SIZE, self->size_bytes);
}

void
rub_fat_slot_encode(const RubFatSlot *self, guint8 *to)
{
    DosTime time = encode_time(self->mtime_unix);
    memcpy(to, self->short_name, sizeof self->short_name);
    to[DIR_CASE_BITS] = self->case_bits;
    to[DIR_CREATE_TENTHS] = time.tenths;
    rub_put_u16le(to + DIR_CREATE_TIME, time.time);
    rub_put_u16le(to + DIR_CREATE_DATE, time.date);
    rub_fat_slot_redirect(self, to);
}

void
rub_fat_slot_delete(guint8 *slot)
{
    slot[0] = DELETED;
}

gboolean
rub_fat_slot_is_end(const guint8 *slot)
{
    return slot[0] == 0;
}

void
rub_fat_slot_encode_long_name(const RubFatSlot *self, const char *name, guint8 *to)
{
    glong length = 0;
    g_autofree gunichar2 *units = g_utf8_to_utf16(name, -1, NULL, &length, NULL);
    guint slots = ((guint) length + RUB_FAT_NAME_UNITS_PER_SLOT - 1) / RUB_FAT_NAME_UNITS_PER_SLOT;
    guint8 checksum = rub_fat_name_get_checksum(self->short_name);

    for (guint ordinal = slots; ordinal > 0; ordinal--, to += RUB_FAT_SLOT_BYTES) {
        memset(to, 0, RUB_FAT_SLOT_BYTES);
        to[0] = (guint8) (ordinal == slots ? ordinal | LFN_LAST : ordinal);
        to[DIR_ATTRIBUTES] = ATTR_LONG_NAME;
        to[LFN_CHECKSUM] = checksum;
        for (guint i = 0; i < RUB_FAT_NAME_UNITS_PER_SLOT; i++) {
            glong unit = (glong) (ordinal - 1) * RUB_FAT_NAME_UNITS_PER_SLOT + i;
            /* A 0 ends the name, and 0xffff fills the rest. */
            rub_put_u16le(to + unit_offsets[i], unit < length    ? units[unit]
                                                : unit == length ? 0
                                                                 : 0xffff);
        }
    }
}

/* The long name as far as its slots have been seen. */
typedef struct {
    gunichar2 units[LFN_MAX_ORDINAL * RUB_FAT_NAME_UNITS_PER_SLOT];
    guint next_ordinal;
    guint unit_count;
    guint8 checksum;
    gboolean is_valid;
} LongName;

static void
add_long_name_slot(LongName *name, const guint8 *slot)
{
    guint ordinal = slot[0] & ~LFN_LAST;
    if (slot[0] & LFN_LAST) {
        name->is_valid = ordinal >= 1 && ordinal <= LFN_MAX_ORDINAL;
        name->next_ordinal = ordinal;
        name->unit_count = ordinal * RUB_FAT_NAME_UNITS_PER_SLOT;
        name->checksum = slot[LFN_CHECKSUM];
    }
    if (!name->is_valid || ordinal == 0 || ordinal != name->next_ordinal ||
        slot[LFN_CHECKSUM] != name->checksum) {
        name->is_valid = FALSE;
        return;
    }
    name->next_ordinal--;
    gunichar2 *to = name->units + (ordinal - 1) * RUB_FAT_NAME_UNITS_PER_SLOT;
    RubBytes bytes = rub_bytes(slot, RUB_FAT_SLOT_BYTES);
    for (guint i = 0; i < RUB_FAT_NAME_UNITS_PER_SLOT; i++)
        to[i] = rub_bytes_u16le(&bytes, unit_offsets[i]);
}

static gboolean
belongs_to(const LongName *name, const RubFatSlot *slot)
{
    return name->is_valid && name->next_ordinal == 0 &&
           name->checksum == rub_fat_name_get_checksum(slot->short_name);
}

/* A name that could not be one part of a path is as bad as a broken chain. */
static char *
finish_long_name(const LongName *name)
{
    glong length = 0;
    while (length < (glong) name->unit_count && name->units[length] != 0)
        length++;
    g_autofree char *utf8 = g_utf16_to_utf8(name->units, length, NULL, NULL, NULL);
    if (!utf8 || length == 0 || length > RUB_FAT_MAX_NAME_UNITS || strchr(utf8, '/') ||
        strcmp(utf8, ".") == 0 || strcmp(utf8, "..") == 0)
        return NULL;
    for (const char *p = utf8; *p; p++)
        if ((guchar) *p < 0x20)
            return NULL;
    return g_steal_pointer(&utf8);
}

static void
decode(RubFatSlot *self, const guint8 *from)
{
    RubBytes bytes = rub_bytes(from, RUB_FAT_SLOT_BYTES);
    memcpy(self->short_name, from, sizeof self->short_name);
    self->attributes = from[DIR_ATTRIBUTES];
    self->case_bits = from[DIR_CASE_BITS];
    self->first_cluster = (guint32) rub_bytes_u16le(&bytes, DIR_CLUSTER_HIGH) << 16 |
                          rub_bytes_u16le(&bytes, DIR_CLUSTER_LOW);
    self->size_bytes = rub_bytes_u32le(&bytes, DIR_SIZE);
    self->mtime_unix = decode_time(rub_bytes_u16le(&bytes, DIR_WRITE_DATE),
                                   rub_bytes_u16le(&bytes, DIR_WRITE_TIME));
}

gboolean
rub_fat_slot_iter_next(RubFatSlotIter *self, RubFatSlot *slot, char **long_name)
{
    LongName name = {.is_valid = FALSE};
    *long_name = NULL;
    for (guint i = self->next_slot; i < self->slot_count; i++) {
        const guint8 *at = self->data + (gsize) i * RUB_FAT_SLOT_BYTES;
        if (rub_fat_slot_is_end(at))
            return FALSE;
        if (at[0] == DELETED) {
            name.is_valid = FALSE;
            continue;
        }
        if ((at[DIR_ATTRIBUTES] & ATTR_MASK) == ATTR_LONG_NAME) {
            add_long_name_slot(&name, at);
            continue;
        }
        self->next_slot = i + 1;
        decode(slot, at);
        self->entry_slots = 1;
        if (belongs_to(&name, slot)) {
            self->entry_slots += name.unit_count / RUB_FAT_NAME_UNITS_PER_SLOT;
            *long_name = finish_long_name(&name);
        }
        return TRUE;
    }
    return FALSE;
}

gboolean
rub_fat_slot_is_dot(const RubFatSlot *self)
{
    return memcmp(self->short_name, ".          ", sizeof self->short_name) == 0 ||
           memcmp(self->short_name, "..         ", sizeof self->short_name) == 0;
}
