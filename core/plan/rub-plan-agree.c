/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plan/rub-plan-agree.h"

#include "volume/rub-fat-name.h"

/* Takes text. */
static gboolean
refuse(GError **error, RubText *text)
{
    rub_error_take_text(error, RUB_CODE_DEVICE_CHANGED, text);
    return FALSE;
}

static gboolean
refuse_for_obstacle(const RubFinding *obstacle, GError **error)
{
    rub_error_take_text(error, obstacle->code, rub_text_ref(obstacle->meaning));
    return FALSE;
}

static gboolean
is_same_place(const RubNewVolume *one, const RubNewVolume *other)
{
    return one->filesystem == other->filesystem && one->number == other->number &&
           one->start_lba == other->start_lba && one->sector_count == other->sector_count;
}

/* Whoever lists a volume may spell its short names in upper or lower case. */
static GHashTable *
make_set(const GPtrArray *paths)
{
    GHashTable *set = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < paths->len; i++)
        g_hash_table_add(set, rub_fat_name_make_key(g_ptr_array_index(paths, i)));
    return set;
}

/* Fewer is what the user agreed to, too: what a build that was cut off left looks like the user's
 * where its clusters do not show. */
static gboolean
replaces_no_others(const RubPlan *reviewed, const RubPlan *actual)
{
    g_autoptr(GHashTable) set = make_set(reviewed->replaced);
    for (guint i = 0; i < actual->replaced->len; i++) {
        g_autofree char *key = rub_fat_name_make_key(g_ptr_array_index(actual->replaced, i));
        if (!g_hash_table_contains(set, key))
            return FALSE;
    }
    return TRUE;
}

static gboolean
have_same_steps(const RubPlan *one, const RubPlan *other)
{
    if (one->steps->len != other->steps->len)
        return FALSE;
    for (guint i = 0; i < one->steps->len; i++) {
        const RubStep *step = g_ptr_array_index(one->steps, i);
        const RubStep *other_step = g_ptr_array_index(other->steps, i);
        if (step->kind != other_step->kind || step->size_bytes != other_step->size_bytes)
            return FALSE;
    }
    return one->starts_on == other->starts_on &&
           one->starts_on_machines == other->starts_on_machines;
}

static gboolean
change_same_menus(const RubPlan *one, const RubPlan *other)
{
    if (one->changed_menus->len != other->changed_menus->len)
        return FALSE;
    for (guint i = 0; i < one->changed_menus->len; i++) {
        const RubMenuChange *change = g_ptr_array_index(one->changed_menus, i);
        const RubMenuChange *other_change = g_ptr_array_index(other->changed_menus, i);
        if (!g_str_equal(change->path, other_change->path) ||
            !g_str_equal(change->old_label, other_change->old_label) ||
            !g_str_equal(change->new_label, other_change->new_label))
            return FALSE;
    }
    return TRUE;
}

gboolean
rub_plan_agrees(const RubPlan *reviewed, const RubPlan *actual, GError **error)
{
    const RubFinding *obstacle = rub_plan_get_obstacle(actual);
    if (obstacle)
        return refuse_for_obstacle(obstacle, error);
    if (reviewed->mode != actual->mode || reviewed->access != actual->access ||
        !is_same_place(&reviewed->volume, &actual->volume))
        return refuse(
            error,
            rub_text_new(
                N_("the stick is not as it was reviewed: the files would go to another place"),
                NULL));
    if (!replaces_no_others(reviewed, actual))
        return refuse(
            error,
            rub_text_new(N_("the stick is not as it was reviewed: other files would be replaced"),
                         NULL));
    if (!change_same_menus(reviewed, actual))
        return refuse(
            error,
            rub_text_new(
                N_("the stick is not as it was reviewed: boot menus would be changed otherwise"),
                NULL));
    if (!have_same_steps(reviewed, actual))
        return refuse(
            error,
            rub_text_new(N_("the stick is not as it was reviewed: other steps would be needed"),
                         NULL));
    return TRUE;
}
