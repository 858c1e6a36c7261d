/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rub-cli-preview.h"

#include "plan/rub-catalogue.h"
/* As large as an MBR can describe. */
#define ROOMIEST_STICK_BYTES (G_GUINT64_CONSTANT(2) << 40)

typedef struct {
    const RubCliOptions *options;
    RubCliPreview *preview;
} Looking;

static guint32
make_random_number(void)
{
    guint32 number = 0;
    while (number == 0)
        number = g_random_int();
    return number;
}

static void
make_plan(RubCliPreview *self, const RubCliOptions *options)
{
    const RubPlanOptions plan_options = {
        .firmware = options->firmware,
        .label = options->label,
        .skip_verify = options->skip_verify,
        .disk_signature = make_random_number(),
        .volume_id = make_random_number(),
    };
    g_autoptr(RubLayout) roomiest = rub_layout_new("", ROOMIEST_STICK_BYTES);
    self->plan = rub_plan_new(self->info, rub_source_get_listing(self->source),
                              self->layout ? self->layout : roomiest, &plan_options);
}

static gboolean
look_at_image(RubCliPreview *self, const char *path, GCancellable *cancellable, GError **error)
{
    self->source = rub_source_open(path, cancellable, error);
    if (self->source)
        self->info = rub_image_info_new(self->source, cancellable, error);
    return self->info != NULL;
}

/* A target that cannot be read does not hide what is wrong with the image: the plan is made all the
 * same. */
static gboolean
look(RubCliPreview *self, const RubCliOptions *options, GCancellable *cancellable, GError **error)
{
    g_autoptr(GError) failure = NULL;
    if (look_at_image(self, options->image_path, cancellable, &failure)) {
        if (self->target)
            self->layout = rub_target_read_layout(self->target, cancellable, &failure);
        make_plan(self, options);
    }
    if (g_error_matches(failure, RUB_ERROR, RUB_CODE_USAGE)) {
        g_propagate_error(error, g_steal_pointer(&failure));
        return FALSE;
    }
    if (failure)
        self->failure = rub_finding_new_from_error(failure);
    return TRUE;
}

static void
look_in_thread(GTask *task, gpointer source_object, gpointer task_data, GCancellable *cancellable)
{
    Looking *looking = task_data;
    GError *error = NULL;
    if (look(looking->preview, looking->options, cancellable, &error))
        g_task_return_boolean(task, TRUE);
    else
        g_task_return_error(task, error);
}

RubCliPreview *
rub_cli_preview_new(const RubCliOptions *options, RubTarget *target, GCancellable *cancellable,
                    GError **error)
{
    g_autoptr(RubCliPreview) self = g_new0(RubCliPreview, 1);
    self->target = target;
    Looking looking = {options, self};
    g_autoptr(GTask) task = g_task_new(NULL, cancellable, NULL, NULL);
    g_task_set_return_on_cancel(task, FALSE);
    g_task_set_check_cancellable(task, FALSE);
    g_task_set_task_data(task, &looking, NULL);
    g_task_run_in_thread(task, look_in_thread);
    while (!g_task_get_completed(task))
        g_main_context_iteration(NULL, TRUE);
    if (!g_task_propagate_boolean(task, error))
        return NULL;
    return g_steal_pointer(&self);
}

void
rub_cli_preview_free(RubCliPreview *self)
{
    g_clear_pointer(&self->failure, rub_finding_free);
    g_clear_pointer(&self->plan, rub_plan_free);
    g_clear_pointer(&self->layout, rub_layout_free);
    g_clear_pointer(&self->target, rub_target_free);
    g_clear_pointer(&self->info, rub_image_info_unref);
    g_clear_pointer(&self->source, rub_source_unref);
    g_free(self);
}

static gboolean
is_graver(const RubFinding *finding, const RubFinding *other)
{
    return !other || rub_catalogue_get_rank(finding->code) < rub_catalogue_get_rank(other->code);
}

const RubFinding *
rub_cli_preview_get_obstacle(const RubCliPreview *self)
{
    const RubFinding *obstacle = self->plan ? rub_plan_get_obstacle(self->plan) : NULL;
    if (self->failure && is_graver(self->failure, obstacle))
        return self->failure;
    return obstacle;
}

GPtrArray *
rub_cli_preview_get_findings(const RubCliPreview *self)
{
    GPtrArray *findings = g_ptr_array_new();
    if (self->plan)
        g_ptr_array_extend(findings, self->plan->findings, NULL, NULL);
    if (!self->failure)
        return findings;
    gboolean is_first = rub_cli_preview_get_obstacle(self) == self->failure;
    g_ptr_array_insert(findings, is_first ? 0 : 1, self->failure);
    return findings;
}
