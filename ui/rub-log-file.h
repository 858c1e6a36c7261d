/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/** rub_log_file_read: Returns: (transfer full): the record at @path (nullable) as valid UTF-8; ""
 * where there is none */
char *rub_log_file_read(const char *path);

/** rub_log_file_read_tail: Returns: (transfer full): its last @line_count lines */
char *rub_log_file_read_tail(const char *path, guint line_count);

G_END_DECLS
