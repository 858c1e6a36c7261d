/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/rub-text.h"

G_BEGIN_DECLS

/**
 * RubPathList:
 * @paths: (element-type utf8): paths of files
 * @notes: (element-type RubText): what is the matter with each, to follow it after a blank, such as
 *   "→ docs/name_.txt"; %NULL where there is nothing to say
 * @has_notes: whether there is a note that says something
 *
 * The files that a finding is about.
 */
typedef struct {
    GPtrArray *paths;
    GPtrArray *notes;
    gboolean has_notes;
} RubPathList;

/** rub_path_list_new: Returns: (transfer full): an empty list */
RubPathList *rub_path_list_new(void);

/** rub_path_list_free: frees a list */
void rub_path_list_free(RubPathList *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RubPathList, rub_path_list_free)

/**
 * rub_path_list_add:
 * @self: a list
 * @path: a path, any bytes
 * @note: (transfer full) (nullable): what is the matter with it
 *
 * Adds a path; what is no UTF-8 in it is made valid.
 */
void rub_path_list_add(RubPathList *self, const char *path, RubText *note);

/** rub_path_list_append: adds everything in @other, with its notes */
void rub_path_list_append(RubPathList *self, const RubPathList *other);

/**
 * rub_path_list_describe:
 * @self: a list
 * @max_count: how many to name
 *
 * Returns: (transfer full): "a: → a_; b: → b_; …", for a gap of a sentence
 */
RubText *rub_path_list_describe(const RubPathList *self, guint max_count);

G_END_DECLS
