/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "plan/rub-plan.h"

/* Where a partition ends at the latest: an MBR counts 2^32 sectors of 512 bytes, and FAT32 with
 * clusters of 32 KiB does not reach much further on larger sectors either. */
#define RUB_MAX_PARTITION_END_BYTES (G_GUINT64_CONSTANT(1) << 41)

/* What the parts of the plan work on: the inputs, and the plan as far as it is made. */
typedef struct {
    const RubImageInfo *info;
    const RubListing *listing;
    const RubLayout *layout;
    const RubPlanOptions *options;
    RubPlan *plan;
} RubPlanning;

/* Adds a finding; takes meaning and remedy. Returns it, for its list of files. */
RubFinding *rub_planning_add_finding(RubPlanning *self, RubCode code, RubSeverity severity,
                                     RubText *meaning, RubText *remedy);

/* Decides what the stick starts on and whether it gets our boot code: codes 12 and 23. */
void rub_planning_choose_firmware(RubPlanning *self);

/* Decides which folders and files the stick will have and their names: codes 20 and 21. */
void rub_planning_choose_items(RubPlanning *self);

/* Decides the partition, its clusters and its label, and whether everything fits: codes 1 and 4. */
void rub_planning_choose_volume(RubPlanning *self);

/* Lists what the target holds now and will lose. */
void rub_planning_list_lost(RubPlanning *self);

/* Writes down the steps that follow from all that. */
void rub_planning_list_steps(RubPlanning *self);
