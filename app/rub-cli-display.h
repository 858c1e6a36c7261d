/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/** rub_cli_has_display: Returns: whether windows can be opened here */
gboolean rub_cli_has_display(void);

G_END_DECLS
