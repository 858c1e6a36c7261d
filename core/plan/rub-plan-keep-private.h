/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "plan/rub-plan-kept-volume-private.h"

/* What there is to choose from where files are kept. */
typedef struct {
    RubPlanning *planning;
    RubPlanNeed *need;        /* on a new volume beside others */
    RubPlanNeed *erased_need; /* on one that has all of the stick */
    GArray *choices;          /* (element-type RubKeptChoice): the partitions */
} RubPlanPlaces;

/* How many partitions the stick may have, and how many count. */
gboolean rub_plan_is_table_full(const RubLayout *layout);

/* The sectors of a gap that a partition would take: whole MiB, up to where partitions may end. */
RubGap rub_plan_trim_gap(const RubLayout *layout, const RubGap *gap);

/* Says why there is no place for the image on a stick with an MBR table. */
void rub_plan_refuse_mbr(const RubPlanPlaces *places);

/* Says that there is no NTFS partition: code 6. */
void rub_plan_refuse_no_ntfs(const RubPlanPlaces *places);

/* Says why nothing can be added to a stick with another table, or none. */
void rub_plan_refuse_table(const RubPlanPlaces *places);

/* Refuses a table that contradicts itself: code 3. Returns whether it is sound. */
gboolean rub_plan_check_partitions(RubPlanning *planning);
