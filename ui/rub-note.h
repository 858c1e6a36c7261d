/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/**
 * RubNote:
 *
 * Says within a page that there is nothing yet, or why. Like an AdwStatusPage, but it keeps its
 * height in a page that scrolls. Writable properties: "icon-name", "title", "description"; none of
 * them is markup.
 */
#define RUB_TYPE_NOTE (rub_note_get_type())
G_DECLARE_FINAL_TYPE(RubNote, rub_note, RUB, NOTE, GtkBox)

/** rub_note_set_description: sets the smaller text */
void rub_note_set_description(RubNote *self, const char *description);

G_END_DECLS
