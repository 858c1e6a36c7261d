/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "source/rub-udf-private.h"

/* ECMA-167 1/7.3.1: the upper 4 bits are the type of time, the lower 12 minutes east of UTC */
enum {
    TIME_TYPE_SHIFT = 12,
    TIME_TYPE_LOCAL = 1,
    MINUTES_MAX = 24 * 60, /* -2047 means that the time zone is not known */
};

/* A time zone that is not known counts as UTC. */
static gint64
get_minutes_east(guint16 type_and_zone)
{
    if (type_and_zone >> TIME_TYPE_SHIFT != TIME_TYPE_LOCAL)
        return 0;
    gint64 minutes = type_and_zone & 0xfff;
    if (minutes >= 0x800)
        minutes -= 0x1000;
    return ABS(minutes) <= MINUTES_MAX ? minutes : 0;
}

gint64
rub_udf_time_decode(RubBytes timestamp)
{
    g_autoptr(GDateTime) time = g_date_time_new_utc(
        rub_bytes_u16le(&timestamp, RUB_UDF_TIME_YEAR),
        rub_bytes_u8(&timestamp, RUB_UDF_TIME_MONTH), rub_bytes_u8(&timestamp, RUB_UDF_TIME_DAY),
        rub_bytes_u8(&timestamp, RUB_UDF_TIME_HOUR), rub_bytes_u8(&timestamp, RUB_UDF_TIME_MINUTE),
        rub_bytes_u8(&timestamp, RUB_UDF_TIME_SECOND));
    if (!time)
        return 0;
    guint16 type_and_zone = rub_bytes_u16le(&timestamp, RUB_UDF_TIME_ZONE);
    return g_date_time_to_unix(time) - 60 * get_minutes_east(type_and_zone);
}
