/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "plan/rub-finding.h"

G_BEGIN_DECLS

/** rub_list_clear: removes all rows of @list */
void rub_list_clear(GtkListBox *list);

/** rub_list_make_row: Returns: (transfer floating): a row with two texts that are no markup and
 * take as many lines as they need */
AdwActionRow *rub_list_make_row(const char *title, const char *subtitle);

/** rub_list_make_fact: Returns: (transfer floating): such a row that says what @name is */
AdwActionRow *rub_list_make_fact(const char *name, const char *fact);

/** rub_list_add_fact: adds rub_list_make_fact() to @list */
void rub_list_add_fact(GtkListBox *list, const char *name, const char *fact);

/**
 * rub_list_add_line:
 * @list: a list
 * @icon_name: (nullable): the icon before the text
 * @number: the number before the text; 0 for none
 * @text: a text, which is no markup
 *
 * Adds a row.
 *
 * Returns: (transfer none): the row, which has room for a second text
 */
AdwActionRow *rub_list_add_line(GtkListBox *list, const char *icon_name, guint number,
                                const char *text);

/** rub_list_add_findings: adds a row for each of @findings (element-type RubFinding) */
void rub_list_add_findings(GtkListBox *list, const GPtrArray *findings);

/**
 * rub_list_set_choosable:
 * @row: a row
 * @button: the round button in it, which has an action
 * @is_choosable: whether it can be chosen
 *
 * Makes a row sensitive or not. For screen readers of GTK 4.8 that says nothing of the button in
 * it, and the action makes it sensitive whenever the row comes on the screen: to be called then,
 * too.
 */
void rub_list_set_choosable(GtkWidget *row, GtkWidget *button, gboolean is_choosable);

/** rub_list_fix_button_name: has the name of @button, which has a mnemonic, be that of its label
 * for screen readers; in GTK 4.8 it would be that and, before it, the same with the underscore */
void rub_list_fix_button_name(GtkWidget *button);

/** rub_list_wrap_button: lets the label of @button take several lines; in large text it would make
 * a small window wider than the screen */
void rub_list_wrap_button(GtkWidget *button);

G_END_DECLS
