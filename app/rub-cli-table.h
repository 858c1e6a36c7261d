/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * RubCliTable:
 *
 * Rows of texts, set in columns that are as wide as what is in them.
 */
typedef struct _RubCliTable RubCliTable;

/**
 * rub_cli_table_new:
 * @column_count: how many columns it has
 *
 * Returns: (transfer full): a table without rows
 */
RubCliTable *rub_cli_table_new(guint column_count);

/** rub_cli_table_free: frees it */
void rub_cli_table_free(RubCliTable *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RubCliTable, rub_cli_table_free)

/**
 * rub_cli_table_add_row:
 * @self: a table
 * @cells: (array zero-terminated=1): a text for each column, printable
 */
void rub_cli_table_add_row(RubCliTable *self, const char *const *cells);

/**
 * rub_cli_table_add_heading:
 * @self: a table
 * @text: what the rows after it are
 *
 * Adds a line that goes over all columns.
 */
void rub_cli_table_add_heading(RubCliTable *self, const char *text);

/**
 * rub_cli_table_format:
 * @self: a table
 *
 * Sets it: the first column to the right, as numbers are, all others to the left.
 *
 * Returns: (transfer full): its lines
 */
char *rub_cli_table_format(const RubCliTable *self);

/** rub_cli_count_columns: Returns: how many columns of a terminal @text takes: those of East Asia
 * take two each, combining marks none */
guint rub_cli_count_columns(const char *text);

G_END_DECLS
