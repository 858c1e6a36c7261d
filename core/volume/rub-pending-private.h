/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <string.h>

#include "volume/rub-pending.h"

/* What every sector of a note begins with. */
#define RUB_PENDING_SECTOR_BYTES 512
#define RUB_PENDING_MARK "rescue-usb-builder: pending/1..\n"
#define RUB_PENDING_MARK_BYTES (sizeof RUB_PENDING_MARK - 1)

static inline gboolean
rub_pending_is_marked(const guint8 *sector)
{
    return memcmp(sector, RUB_PENDING_MARK, RUB_PENDING_MARK_BYTES) == 0;
}
