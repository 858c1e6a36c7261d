/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rub-cli-preview.h"

#include "boot/rub-grub.h"
#include "plan/rub-catalogue.h"
#include "rub-cli-thread.h"

/* As large as an MBR can describe. */
#define ROOMIEST_STICK_BYTES (G_GUINT64_CONSTANT(2) << 40)

typedef struct {
    const RubCliOptions *options;
    RubCliPreview *preview;
    GError *error;
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
        .method = options->method,
        .filesystem = options->filesystem,
        .keep = options->keep,
        .label = options->label,
        .skip_verify = options->skip_verify,
        .grub = self->grub,
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

/* What was stopped is not known; it is not missing. A layout is there to be planned for. */
static void
forget_target(RubCliPreview *self, GError **failure)
{
    g_clear_pointer(&self->layout, rub_layout_free);
    if (!*failure)
        rub_error_set_cancelled(failure);
}

/* A target that cannot be read does not hide what is wrong with the image: the plan is made all the
 * same. */
static void
look(RubCliPreview *self, const RubCliOptions *options, GCancellable *cancellable, GError **error)
{
    g_autoptr(GError) failure = NULL;
    if (look_at_image(self, options->image_path, cancellable, &failure)) {
        if (self->device)
            self->layout = rub_target_read_layout(self->device->target, cancellable, &failure);
        if (!options->keep && options->method != RUB_METHOD_RAW)
            self->grub = rub_grub_new(self->info, cancellable);
        if (!g_cancellable_is_cancelled(cancellable))
            make_plan(self, options);
        else
            forget_target(self, &failure);
    }
    if (g_error_matches(failure, RUB_ERROR, RUB_CODE_USAGE))
        g_propagate_error(error, g_steal_pointer(&failure));
    else if (failure)
        self->failure = rub_finding_new_from_error(failure);
}

static void
look_in_thread(gpointer data, GCancellable *cancellable)
{
    Looking *looking = data;
    look(looking->preview, looking->options, cancellable, &looking->error);
}

RubCliPreview *
rub_cli_preview_new(const RubCliOptions *options, RubCliDevice *device, GCancellable *cancellable,
                    GError **error)
{
    g_autoptr(RubCliPreview) self = g_new0(RubCliPreview, 1);
    self->device = device;
    Looking looking = {options, self, NULL};
    rub_cli_thread_run(look_in_thread, &looking, cancellable);
    if (!looking.error)
        return g_steal_pointer(&self);
    g_propagate_error(error, looking.error);
    return NULL;
}

void
rub_cli_preview_free(RubCliPreview *self)
{
    g_clear_pointer(&self->failure, rub_finding_free);
    g_clear_pointer(&self->plan, rub_plan_free);
    g_clear_pointer(&self->grub, rub_entry_free);
    g_clear_pointer(&self->layout, rub_layout_free);
    g_clear_pointer(&self->device, rub_cli_device_free);
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
