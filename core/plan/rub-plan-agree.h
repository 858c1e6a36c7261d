/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "plan/rub-plan.h"

G_BEGIN_DECLS

/**
 * rub_plan_agrees:
 * @reviewed: the plan that the user agreed to
 * @actual: the plan for what is really there, made with the same options
 * @error: return location
 *
 * Compares a plan that was made from an outline with the one that was made once the disk could be
 * read: whether it does to the user's files what was shown. Errors: the code of @actual's obstacle
 * where it has one; %RUB_CODE_DEVICE_CHANGED where mode, access, place, steps, what it starts on or
 * the changed boot menus differ, or files would be replaced that were not shown. Labels do not
 * count as such: whoever reads them spells them as they like.
 *
 * Returns: whether @actual may be carried out
 */
gboolean rub_plan_agrees(const RubPlan *reviewed, const RubPlan *actual, GError **error);

G_END_DECLS
