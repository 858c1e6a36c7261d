/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * rub_file_holder_find_loop:
 * @fd: an open file
 * @root: where to look for sys and proc: "/", or the folder of a test
 *
 * Finds a loop device that shows the file as a drive.
 *
 * Returns: (transfer full) (nullable): a text such as "loop0, which is mounted at /mnt", or %NULL
 *   if there is none
 */
char *rub_file_holder_find_loop(int fd, const char *root);

/**
 * rub_file_holder_find_locker:
 * @fd: an open file that another program has locked
 *
 * Finds the process that holds a lock on the file. Only processes that the user may look into can
 * be found.
 *
 * Returns: (transfer full): a text such as "qemu-system-x86 (process 4711)", or "another program"
 */
char *rub_file_holder_find_locker(int fd);

/**
 * rub_file_holder_find_user:
 * @folder: where a volume is mounted
 * @root: where to look for proc: "/", or the folder of a test
 *
 * Finds a process that works in a folder or has a file below it open. Only processes that the user
 * may look into can be found.
 *
 * Returns: (transfer full): a text as of rub_file_holder_find_locker()
 */
char *rub_file_holder_find_user(const char *folder, const char *root);

G_END_DECLS
