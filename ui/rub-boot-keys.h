/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/** rub_boot_keys_fill: adds a row to @row for each maker of computers whose boot menu's key is
 * known */
void rub_boot_keys_fill(AdwExpanderRow *row);

G_END_DECLS
