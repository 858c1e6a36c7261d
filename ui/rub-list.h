/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "plan/rub-finding.h"

G_BEGIN_DECLS

/** rub_list_clear: removes all rows of @list */
void rub_list_clear(GtkListBox *list);

/** rub_list_add_fact: adds a row that says what @name is; neither text is markup */
void rub_list_add_fact(GtkListBox *list, const char *name, const char *fact);

/** rub_list_add_line: adds a row with a text, which is no markup, behind the icon @icon_name
 * (nullable) or the number @number (0 for none) */
void rub_list_add_line(GtkListBox *list, const char *icon_name, guint number, const char *text);

/** rub_list_add_findings: adds a row for each of @findings (element-type RubFinding) */
void rub_list_add_findings(GtkListBox *list, const GPtrArray *findings);

/** rub_list_fix_button_name: gives @button the name of its label for screen readers; GTK 4.8 would
 * read the mnemonic's underscore, and the label twice */
void rub_list_fix_button_name(GtkWidget *button, const char *label);

G_END_DECLS
