/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rub-cli-json.h"

#include <stdio.h>

#include "rub-cli-json-facts.h"
#include "rub-cli-question.h"

typedef struct {
    RubCliOutput parent;
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
    g_autofree char *text = rub_text_format(step->text, NULL);
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
show_device(const RubCliPreview *preview)
{
    JsonObject *event = new_event("device");
    rub_cli_json_fill_device(event, preview);
    emit(event);
}

static void
show_preview(RubCliOutput *output, const RubCliPreview *preview)
{
    if (preview->info)
        show_image(preview->info);
    if (preview->layout)
        show_device(preview);
    for (guint i = 0; preview->layout && i < preview->plan->steps->len; i++)
        show_step(output, preview->plan, i, RUB_CLI_STEP_PLANNED);
    g_autoptr(GPtrArray) findings = rub_cli_preview_get_findings(preview);
    for (guint i = 0; i < findings->len; i++)
        show_finding(output, g_ptr_array_index(findings, i));
}

/* Standard output is for the program that reads it; the question is for a person. */
static gboolean
ask(RubCliOutput *output, const RubCliPreview *preview, GCancellable *cancellable)
{
    return rub_cli_question_ask(stderr, preview, cancellable);
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
show_progress(RubCliOutput *output, const RubPlan *plan, const RubCliProgress *progress)
{
    RubCliJson *self = (RubCliJson *) output;
    if (self->is_quiet || progress->step >= plan->steps->len)
        return;
    const RubStep *step = g_ptr_array_index(plan->steps, progress->step);
    g_autofree char *stage = rub_text_format(step->stage, NULL);
    JsonObject *event = new_event("progress");
    json_object_set_int_member(event, "step", progress->step + 1);
    rub_cli_json_set_text(event, "id", rub_step_kind_get_id(step->kind));
    rub_cli_json_set_text(event, "stage", stage);
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
set_finding(JsonObject *object, const RubFinding *finding)
{
    if (!finding) {
        json_object_set_null_member(object, "finding");
        return;
    }
    JsonObject *member = json_object_new();
    rub_cli_json_fill_finding(member, finding);
    json_object_set_object_member(object, "finding", member);
}

static void
set_report(JsonObject *object, const RubReport *report)
{
    static const char *const keys[] = {"files", "bytes", "seconds", "verified"};
    for (gsize i = 0; !report && i < G_N_ELEMENTS(keys); i++)
        json_object_set_null_member(object, keys[i]);
    if (!report)
        return;
    json_object_set_int_member(object, "files", report->file_count);
    json_object_set_int_member(object, "bytes", (gint64) report->copied_bytes);
    json_object_set_double_member(object, "seconds", report->seconds);
    json_object_set_boolean_member(object, "verified", report->is_verified);
}

static void
set_starts_on(JsonObject *object, const RubCliResult *result)
{
    const RubPlan *plan = result->failure || !result->preview ? NULL : result->preview->plan;
    if (!plan) {
        json_object_set_null_member(object, "starts_on");
        return;
    }
    gboolean starts_bios = (plan->starts_on & RUB_FIRMWARE_BIOS) != 0;
    json_object_set_array_member(object, "starts_on",
                                 rub_cli_json_make_firmware(plan->starts_on_machines, starts_bios));
}

static void
finish(RubCliOutput *output, const RubCliResult *result)
{
    RubCliJson *self = (RubCliJson *) output;
    g_autofree char *left_behind =
        result->left_behind ? rub_text_format(result->left_behind, NULL) : NULL;
    JsonObject *event = new_event("result");
    json_object_set_boolean_member(event, "ok", result->failure == NULL);
    json_object_set_int_member(event, "code", result->failure ? (int) result->failure->code : 0);
    set_finding(event, result->failure);
    set_report(event, result->report);
    set_starts_on(event, result);
    rub_cli_json_set_text(event, "left_behind", left_behind);
    rub_cli_json_set_text(event, "log", result->log_path);
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
    .ask = ask,
    .show_step = show_step,
    .show_progress = show_progress,
    .show_stopping = show_stopping,
    .show_finding = show_finding,
    .finish = finish,
    .free = free_json,
};

RubCliOutput *
rub_cli_json_new(gboolean is_quiet)
{
    RubCliJson *self = g_new0(RubCliJson, 1);
    self->parent.ops = &json_ops;
    self->is_quiet = is_quiet;
    self->notes = g_string_new(NULL);
    return &self->parent;
}
