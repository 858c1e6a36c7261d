/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/** rub_recent_add: remembers the image at @path for all programs that show recent files */
void rub_recent_add(const char *path);

/** rub_recent_fill: puts a row into @list for each image that was used lately and is still there */
void rub_recent_fill(GtkListBox *list);

G_END_DECLS
