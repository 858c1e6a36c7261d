/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "plan/rub-plan-private.h"

/* Whether files can be added to a partition, and if not, why. */
typedef enum {
    RUB_KEPT_UNUSABLE,  /* not a primary partition of that kind, or one that never holds it all */
    RUB_KEPT_GOOD,      /* suitable */
    RUB_KEPT_FULL,      /* would be suitable if there were more room */
    RUB_KEPT_SMALL_FAT, /* has room, but is FAT12 or FAT16 */
    RUB_KEPT_NO_BOOT_SPACE, /* has room, but none for our boot record */
    RUB_KEPT_DAMAGED,       /* would be suitable if it were sound */
} RubKeptState;

typedef struct {
    const RubPartition *partition;
    RubKeptState state;
    guint preference;     /* the highest of those that are good is taken */
    guint64 needed_bytes; /* what everything takes on it */
    guint64 free_bytes;   /* what is free on it */
} RubKeptChoice;

/* Judges a partition. */
RubKeptChoice rub_kept_choice_new(const RubPlanning *planning, const RubPartition *partition);

/* Returns the folders that would have more entries than FAT can hold. @index is the
 * rub_path_index_new() of the volume's listing. */
RubPathList *rub_planning_find_overfull_folders(const RubPlanning *self, GHashTable *index);

/* "HOLIDAY" where there is a label, else what kind of filesystem it is. */
char *rub_plan_name_contents(const RubContents *contents);

/* The files that the plan's files would replace: borrowed entries of the volume's listing, of which
 * @index is the rub_path_index_new(). */
GPtrArray *rub_plan_find_replaced(const RubPlan *plan, GHashTable *index);
