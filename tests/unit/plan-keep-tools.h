/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <string.h>

#include "plan-tools.h"

/* What the tests share of plans that keep everything which is on the stick. */

#define UEFI RUB_FIRMWARE_UEFI
#define BIOS RUB_FIRMWARE_BIOS
#define MULTI RUB_FIRMWARE_MULTI

/* A disk image of 8 GiB with an empty MBR table, and an image of 300 MiB. */
static inline void
keep_scene_init(Scene *scene)
{
    scene_init(scene);
    scene_keep(scene);
    scene->layout->is_file = TRUE;
    scene_add_file(scene, "boot.wim", 300 * MIB);
}

static inline void
assert_volume(const RubPlan *plan, RubPlanMode mode, guint number, guint64 start_bytes,
              guint64 size_bytes)
{
    g_assert_cmpint(plan->mode, ==, mode);
    g_assert_cmpuint(plan->volume.number, ==, number);
    g_assert_cmpuint(plan->volume.start_lba * 512, ==, start_bytes);
    g_assert_cmpuint(plan->volume.sector_count * 512, ==, size_bytes);
    g_assert_cmpuint(plan->lost->len, ==, 0);
}

/* Refused plans have nothing to do, and are never ones that erase. */
static inline void
assert_refused(const Scene *scene, const char *codes, const char *meaning)
{
    g_autoptr(RubPlan) plan = scene_plan(scene);
    assert_owned_string(list_codes(plan), codes);
    if (meaning)
        assert_owned_string(get_meaning(plan, 0), meaning);
    g_assert_cmpint(plan->mode, !=, RUB_PLAN_ERASE);
    g_assert_cmpuint(plan->steps->len, ==, 0);
    g_assert_cmpuint(plan->volume.sector_count, ==, 0);
}

static inline void
assert_kept_number(const Scene *scene, guint number)
{
    g_autoptr(RubPlan) plan = scene_plan(scene);
    g_assert_null(rub_plan_get_obstacle(plan));
    g_assert_cmpint(plan->mode, ==, RUB_PLAN_KEEP_VOLUME);
    g_assert_cmpuint(plan->volume.number, ==, number);
}

static inline void
assert_remedy_has(const RubPlan *plan, const char *words, gboolean is_wanted)
{
    const RubFinding *finding = g_ptr_array_index(plan->findings, 0);
    g_autofree char *remedy = format_text(finding->remedy);
    g_assert_cmpint(strstr(remedy, words) != NULL, ==, is_wanted);
}
