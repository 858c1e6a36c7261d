/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "target/rub-fdisk.h"

#include <errno.h>

/* Every number is given explicitly, so there is nothing to ask: a question means that something
 * went wrong, and is refused. What libfdisk has to say besides its return values is dropped. */
static int
on_ask_cb(struct fdisk_context *context, struct fdisk_ask *ask, void *user_data)
{
    switch (fdisk_ask_get_type(ask)) {
    case FDISK_ASKTYPE_INFO:
    case FDISK_ASKTYPE_WARN:
    case FDISK_ASKTYPE_WARNX:
        return 0;
    case FDISK_ASKTYPE_YESNO:
        fdisk_ask_yesno_set_result(ask, 0);
        return 0;
    default:
        return -EINVAL;
    }
}

RubFdisk *
rub_fdisk_new(int fd, guint sector_size, RubFdiskAccess access)
{
    g_autoptr(RubFdisk) context = fdisk_new_context();
    fdisk_set_ask(context, on_ask_cb, NULL);
    fdisk_save_user_sector_size(context, sector_size, sector_size);
    /* The name is only for messages. */
    int rc = fdisk_assign_device_by_fd(context, fd, "disk", access == RUB_FDISK_READ);
    if (rc != 0) {
        errno = -rc;
        return NULL;
    }
    return g_steal_pointer(&context);
}
