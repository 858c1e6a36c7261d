/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "target/rub-layout.h"

G_BEGIN_DECLS

/**
 * rub_contents_look_into_folder:
 * @self: what is known of a FAT or an NTFS volume so far
 * @folder: where it is mounted
 * @cancellable: (nullable): to stop it
 *
 * Fills in the counts and #RubContents.kept from what the kernel's driver shows of a volume; of its
 * boot record and its damage nothing is known then. Where it cannot be read, all that stays empty.
 */
void rub_contents_look_into_folder(RubContents *self, const char *folder,
                                   GCancellable *cancellable);

G_END_DECLS
