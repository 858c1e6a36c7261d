/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "plan/rub-plan-need.h"

/* The old boot sectors, for undo. */
#define RUB_PLAN_BOOT_SECTORS_BYTES 65536

/* How many clusters all of it takes on NTFS. */
guint64 rub_plan_need_count_ntfs_clusters(const RubPlanNeed *self, guint cluster_bytes);

/* Whether all of it fits a new NTFS volume. */
gboolean rub_plan_need_fits_new_ntfs(RubPlanNeed *self, guint64 volume_bytes);
