/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/** rub_cli_help_make: Returns: (transfer full): what --help shows */
char *rub_cli_help_make(void);

/** rub_cli_help_get_version: Returns: (transfer none): what --version shows */
const char *rub_cli_help_get_version(void);

G_END_DECLS
