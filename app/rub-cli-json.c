/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rub-cli-json.h"

#include <stdio.h>

#include "rub-cli-drives.h"
#include "rub-cli-json-facts.h"
#include "rub-cli-json-result.h"
#include "rub-cli-question.h"
#include "rub-intl.h"

typedef struct {
    RubCliOutput parent;
    RubCliCommand command;
    gboolean is_quiet;
    GString *notes;
} RubCliJson;

static JsonObject *
new_event(const char *name)
{
    JsonObject *object = json_object_new();
    json_object_set_string_member(object, "event", name);
    return object;
}

/* Takes event. A line goes out at once: whoever reads it acts on it. */
static void
emit(JsonObject *event)
{
    g_autoptr(JsonNode) node = json_node_new(JSON_NODE_OBJECT);
    json_node_take_object(node, event);
    g_autofree char *line = json_to_string(node, FALSE);
    puts(line);
    fflush(stdout);
}

/* Texts that have no event of their own go into the result. */
static void
note(RubCliOutput *output, const char *text)
{
    RubCliJson *self = (RubCliJson *) output;
    if (self->notes->len > 0)
        g_string_append_c(self->notes, '\n');
    g_string_append(self->notes, text);
}

static void
show_step(RubCliOutput *output, const RubPlan *plan, guint number, RubCliStepState state)
{
    static const char *const states[] = {
        [RUB_CLI_STEP_PLANNED] = "planned",
        [RUB_CLI_STEP_STARTED] = "started",
        [RUB_CLI_STEP_DONE] = "done",
    };
    const RubStep *step = g_ptr_array_index(plan->steps, number);
    g_autofree char *text = rub_text_format(step->text, rub_intl_translate);
    JsonObject *event = new_event("step");
    json_object_set_int_member(event, "number", number + 1);
    rub_cli_json_set_text(event, "id", rub_step_kind_get_id(step->kind));
    rub_cli_json_set_text(event, "text", text);
    json_object_set_int_member(event, "size", (gint64) step->size_bytes);
    rub_cli_json_set_text(event, "state", states[state]);
    emit(event);
}

static void
show_finding(RubCliOutput *output, const RubFinding *finding)
{
    JsonObject *event = new_event("finding");
    rub_cli_json_fill_finding(event, finding);
    emit(event);
}

static void
show_image(const RubImageInfo *info)
{
    JsonObject *event = new_event("image");
    rub_cli_json_fill_image(event, info);
    emit(event);
}

static void
show_device(const RubCliDevice *device, const RubLayout *layout, const RubPlan *plan)
{
    JsonObject *event = new_event("device");
    rub_cli_json_fill_device(event, device, layout, plan);
    emit(event);
}

static void
show_preview(RubCliOutput *output, const RubCliPreview *preview)
{
    if (preview->info)
        show_image(preview->info);
    if (preview->layout)
        show_device(preview->device, preview->layout, preview->plan);
    for (guint i = 0; preview->layout && i < preview->plan->steps->len; i++)
        show_step(output, preview->plan, i, RUB_CLI_STEP_PLANNED);
    g_autoptr(GPtrArray) findings = rub_cli_preview_get_findings(preview);
    for (guint i = 0; i < findings->len; i++)
        show_finding(output, g_ptr_array_index(findings, i));
}

static void
show_drives(RubCliOutput *output, RubDriveList *drives)
{
    for (guint i = 0; i < g_list_model_get_n_items(G_LIST_MODEL(drives)); i++) {
        g_autoptr(RubDrive) drive = g_list_model_get_item(G_LIST_MODEL(drives), i);
        JsonObject *event = new_event("device");
        rub_cli_json_fill_drive(event, drive, rub_cli_drives_get_number(drives, drive));
        emit(event);
    }
}

static void
show_target(RubCliOutput *output, const RubCliDevice *device, const RubLayout *layout)
{
    show_device(device, layout, NULL);
}

/* Standard output is for the program that reads it; the question is for a person. */
static gboolean
ask(RubCliOutput *output, const char *text, const char *prompt, GCancellable *cancellable)
{
    return rub_cli_question_ask(stderr, text, prompt, cancellable);
}

static void
set_number_if(JsonObject *object, const char *key, gboolean is_known, double number)
{
    if (is_known)
        json_object_set_int_member(object, key, (gint64) (number + 0.5));
    else
        json_object_set_null_member(object, key);
}

static void
show_progress(RubCliOutput *output, const RubCliProgress *progress)
{
    RubCliJson *self = (RubCliJson *) output;
    if (self->is_quiet)
        return;
    JsonObject *event = new_event("progress");
    json_object_set_int_member(event, "step", progress->step + 1);
    rub_cli_json_set_text(event, "id", progress->id);
    rub_cli_json_set_text(event, "stage", progress->stage);
    json_object_set_double_member(event, "fraction", progress->fraction);
    json_object_set_int_member(event, "done", (gint64) progress->done_bytes);
    json_object_set_int_member(event, "total", (gint64) progress->total_bytes);
    rub_cli_json_set_text(event, "item", progress->item);
    set_number_if(event, "speed", progress->bytes_per_second > 0, progress->bytes_per_second);
    set_number_if(event, "seconds_left", progress->seconds_left >= 0, progress->seconds_left);
    emit(event);
}

/* The last line says it. */
static void
show_stopping(RubCliOutput *output)
{
}

static void
show_check(RubCliOutput *output, const RubCheckReport *report)
{
}

static void
show_undo(RubCliOutput *output, const RubUndoReport *report)
{
}

static void
finish(RubCliOutput *output, const RubCliResult *result)
{
    RubCliJson *self = (RubCliJson *) output;
    JsonObject *event = new_event("result");
    rub_cli_json_fill_result(event, self->command, result);
    rub_cli_json_set_text(event, "note", self->notes->len > 0 ? self->notes->str : NULL);
    emit(event);
}

static void
free_json(RubCliOutput *output)
{
    RubCliJson *self = (RubCliJson *) output;
    g_string_free(self->notes, TRUE);
    g_free(self);
}

static const RubCliOutputOps json_ops = {
    .say = note,
    .warn = note,
    .show_preview = show_preview,
    .show_drives = show_drives,
    .show_target = show_target,
    .ask = ask,
    .show_step = show_step,
    .show_progress = show_progress,
    .show_stopping = show_stopping,
    .show_check = show_check,
    .show_undo = show_undo,
    .show_finding = show_finding,
    .finish = finish,
    .free = free_json,
};

RubCliOutput *
rub_cli_json_new(RubCliCommand command, gboolean is_quiet)
{
    RubCliJson *self = g_new0(RubCliJson, 1);
    self->parent.ops = &json_ops;
    self->command = command;
    self->is_quiet = is_quiet;
    self->notes = g_string_new(NULL);
    return &self->parent;
}
