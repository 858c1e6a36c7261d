/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * RubLog:
 *
 * The record of one run, a text file with a time on each line: for people who help other people.
 * May be written from several threads. Reference counted.
 */
typedef struct _RubLog RubLog;

/**
 * rub_log_open:
 * @path: the file to write
 * @error: return location
 *
 * Starts a log in a given file, replacing what was in it. Errors: %RUB_CODE_USAGE where it cannot
 * be written.
 *
 * Returns: (transfer full) (nullable): a log
 */
RubLog *rub_log_open(const char *path, GError **error);

/**
 * rub_log_open_default:
 * @folder: where logs are kept; it is made if need be
 * @keep_count: how many logs stay, this one among them; the oldest ones beyond that are removed
 * @error: return location
 *
 * Starts a log named after the time. Errors: %RUB_CODE_USAGE where it cannot be written.
 *
 * Returns: (transfer full) (nullable): a log
 */
RubLog *rub_log_open_default(const char *folder, guint keep_count, GError **error);

/** rub_log_ref: Returns: (transfer full): @self with one reference more */
RubLog *rub_log_ref(RubLog *self);

/** rub_log_unref: drops a reference; the last one closes the file */
void rub_log_unref(RubLog *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RubLog, rub_log_unref)

/** rub_log_get_path: Returns: (transfer none): where the log is written */
const char *rub_log_get_path(const RubLog *self);

/**
 * rub_log_write:
 * @self: (nullable): a log; with %NULL nothing happens
 * @format: a line, in printf style
 *
 * Adds a line.
 */
void rub_log_write(RubLog *self, const char *format, ...) G_GNUC_PRINTF(2, 3);

G_END_DECLS
