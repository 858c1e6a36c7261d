/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rub-cli-text.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "plan/rub-catalogue.h"
#include "rub-cli-question.h"
#include "rub-cli-table.h"
#include "rub-cli-text-facts.h"
#include "rub-cli-words.h"
#include "rub-facts.h"
#include "rub-intl.h"

#define DEFAULT_COLUMNS 80
#define MAX_LISTED_FILES 20

typedef struct {
    RubCliOutput parent;
    RubCliCommand command;
    gboolean shows_progress;
    gboolean has_printed;
    gboolean has_bar;
    gboolean has_begun;
    gboolean is_waiting;
    guint bar_columns;
} RubCliText;

static guint
get_columns(void)
{
    struct winsize size;
    gboolean is_known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
    return is_known ? size.ws_col : DEFAULT_COLUMNS;
}

/* Whatever is printed next begins on a line of its own. */
static void
end_bar(RubCliText *self)
{
    if (!self->has_bar)
        return;
    fputc('\n', stderr);
    self->has_bar = FALSE;
}

/* Spaces rather than an escape sequence wipe what a longer line left: every terminal knows them.
 * The last column stays free, so that no terminal begins a new line by itself. */
static void
draw_bar(RubCliText *self, const char *line)
{
    guint columns = rub_cli_count_columns(line);
    guint stale = self->has_bar && self->bar_columns > columns ? self->bar_columns - columns : 0;
    fprintf(stderr, "\r%s%*s", line, (int) stale, "");
    fflush(stderr);
    self->has_bar = TRUE;
    self->bar_columns = columns;
}

static void
say(RubCliOutput *output, const char *text)
{
    RubCliText *self = (RubCliText *) output;
    puts(text);
    fflush(stdout);
    self->has_printed = TRUE;
}

static void
warn(RubCliOutput *output, const char *text)
{
    RubCliText *self = (RubCliText *) output;
    g_autofree char *shown = rub_cli_make_printable(text);
    end_bar(self);
    fprintf(stderr, "%s: %s\n", g_get_prgname(), shown);
}

/* Other programs' words may have several lines. */
static void
print_indented(FILE *stream, const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line; line++) {
        g_autofree char *shown = rub_cli_make_printable(*line);
        fprintf(stream, "  %s\n", shown);
    }
}

/* What a check found is its answer; so is that the user stopped. */
static const char *
get_heading(const RubCliText *self, RubCode code)
{
    if (code == RUB_CODE_CANCELLED)
        return "";
    switch (self->command) {
    case RUB_CLI_CHECK:
        return self->has_begun ? "" : _("Cannot check: ");
    case RUB_CLI_UNDO:
        return self->has_begun && code != RUB_CODE_NOT_OUR_STICK ? _("Undo failed: ")
                                                                 : _("Cannot undo: ");
    case RUB_CLI_BOOT_TEST:
        return _("Cannot start it: ");
    default:
        return self->has_begun ? _("Build failed: ") : _("Cannot build: ");
    }
}

/* A meaning names only the first few. */
static gboolean
names_all(const char *meaning, const RubFinding *finding)
{
    for (guint i = 0; finding->files && finding->files[i]; i++) {
        g_autofree char *line = rub_finding_get_line(finding, i, rub_intl_translate);
        if (!strstr(meaning, line))
            return FALSE;
    }
    return TRUE;
}

static void
print_files(FILE *stream, const RubFinding *finding)
{
    guint count = g_strv_length(finding->files);
    for (guint i = 0; i < MIN(count, MAX_LISTED_FILES); i++) {
        g_autofree char *line = rub_finding_get_line(finding, i, rub_intl_translate);
        g_autofree char *shown = rub_cli_make_printable(line);
        fprintf(stream, "    %s\n", shown);
    }
    if (count > MAX_LISTED_FILES)
        fprintf(stream,
                ngettext("    and %u more; --json lists all\n",
                         "    and %u more; --json lists all\n", count - MAX_LISTED_FILES),
                count - MAX_LISTED_FILES);
}

/* How the command line does what is advised, where that is not plain. */
static const char *
get_hint(const RubCliText *self, const RubFinding *finding)
{
    if (self->command != RUB_CLI_CREATE && self->command != RUB_CLI_INSPECT)
        return "";
    switch (finding->action) {
    case RUB_ACTION_ERASE:
        return _(" To erase, leave out --keep.");
    case RUB_ACTION_UEFI_ONLY:
        return _(" For UEFI only, add --boot uefi.");
    case RUB_ACTION_NTFS:
    case RUB_ACTION_BIOS_ON_NTFS:
        return _(" For NTFS, add --filesystem ntfs.");
    default:
        return "";
    }
}

/* Warnings are part of the answer; an error is why there is none. */
static void
print_finding(RubCliText *self, const RubFinding *finding)
{
    gboolean is_error = finding->severity == RUB_SEVERITY_ERROR;
    FILE *stream = is_error ? stderr : stdout;
    const char *heading = is_error ? get_heading(self, finding->code) : _("Warning: ");
    const char *catalogue_title = _(rub_catalogue_get(finding->code)->title);
    g_autofree char *title =
        *heading ? rub_cli_lower_first(catalogue_title) : g_strdup(catalogue_title);
    g_autofree char *meaning = rub_text_format(finding->meaning, rub_intl_translate);
    g_autofree char *remedy = rub_text_format(finding->remedy, rub_intl_translate);
    g_autofree char *advice = rub_cli_lower_first(remedy);
    g_autofree char *what_to_do =
        g_strdup_printf(_("What to do: %s%s"), advice, get_hint(self, finding));
    end_bar(self);
    if (self->has_printed)
        fputc('\n', stdout);
    fflush(stdout);
    fprintf(stream, _("%s%s (code %d)\n"), heading, title, (int) finding->code);
    print_indented(stream, meaning);
    if (!names_all(meaning, finding))
        print_files(stream, finding);
    print_indented(stream, what_to_do);
    fflush(stream);
    self->has_printed = TRUE;
}

static void
print_usage_error(const RubFinding *finding)
{
    g_autofree char *meaning = rub_text_format(finding->meaning, rub_intl_translate);
    g_autofree char *message = rub_cli_lower_first(meaning);
    g_autofree char *shown = rub_cli_make_printable(message);
    fprintf(stderr, _("%s: %s\nTry '%s --help'.\n"), g_get_prgname(), shown, g_get_prgname());
}

static void
show_finding(RubCliOutput *output, const RubFinding *finding)
{
    if (finding->code == RUB_CODE_USAGE)
        print_usage_error(finding);
    else
        print_finding((RubCliText *) output, finding);
}

static void
show_preview(RubCliOutput *output, const RubCliPreview *preview)
{
    RubCliText *self = (RubCliText *) output;
    g_autoptr(GPtrArray) findings = rub_cli_preview_get_findings(preview);
    rub_cli_text_print_facts(preview);
    self->has_printed = preview->info != NULL;
    for (guint i = 0; i < findings->len; i++)
        print_finding(self, g_ptr_array_index(findings, i));
}

static void
show_drives(RubCliOutput *output, RubDriveList *drives)
{
    rub_cli_text_print_drives(drives);
}

static void
show_target(RubCliOutput *output, const RubCliDevice *device, const RubLayout *layout)
{
    RubCliText *self = (RubCliText *) output;
    rub_cli_text_print_target(layout);
    self->has_printed = TRUE;
}

static gboolean
ask(RubCliOutput *output, const char *text, const char *prompt, GCancellable *cancellable)
{
    return rub_cli_question_ask(stdout, text, prompt, cancellable);
}

static void
show_step(RubCliOutput *output, const RubPlan *plan, guint step, RubCliStepState state)
{
}

/* The question for the password may be on the same terminal, so this is said once. */
static gboolean
tell_waiting(RubCliText *self, const RubCliProgress *progress)
{
    if (progress->is_waiting && !self->is_waiting)
        fprintf(stderr, "%s…\n", progress->stage);
    self->is_waiting = progress->is_waiting;
    return self->is_waiting;
}

static void
show_progress(RubCliOutput *output, const RubCliProgress *progress)
{
    RubCliText *self = (RubCliText *) output;
    if (!self->has_begun && self->shows_progress)
        fputc('\n', stderr);
    self->has_begun = TRUE;
    if (!self->shows_progress || tell_waiting(self, progress))
        return;
    const char *stage = progress->is_done ? _("Done") : progress->stage;
    g_autofree char *line = rub_cli_progress_render(progress, stage, get_columns() - 1);
    g_autofree char *shown = rub_cli_make_printable(line);
    draw_bar(self, shown);
}

static void
show_stopping(RubCliOutput *output)
{
    RubCliText *self = (RubCliText *) output;
    end_bar(self);
    fputs(_("Stopping…\n"), stderr);
    fflush(stderr);
    self->shows_progress = FALSE;
}

static void
show_check(RubCliOutput *output, const RubCheckReport *report)
{
    end_bar((RubCliText *) output);
    rub_cli_text_print_check(report);
}

static void
show_undo(RubCliOutput *output, const RubUndoReport *report)
{
    end_bar((RubCliText *) output);
    rub_cli_text_print_undo(report);
}

static gboolean
can_be_tried(const RubPlan *plan)
{
    return (plan->starts_on & RUB_FIRMWARE_BIOS) != 0;
}

static void
print_hint(const RubCliPreview *preview)
{
    if (!preview->layout->is_file) {
        print_indented(stdout, _("The stick can be taken out now. To start a computer from it: put "
                                 "it in, switch on, and press the key for\nthe boot menu, often "
                                 "F12, F11, F9, F8 or Esc."));
        return;
    }
    if (!can_be_tried(preview->plan))
        return;
    g_autoptr(GString) name = g_string_new(preview->layout->name);
    g_string_replace(name, ",", ",,", 0); /* how QEMU spells a comma in a name */
    g_autofree char *drive = g_strdup_printf("format=raw,file=%s", name->str);
    g_autofree char *quoted = g_shell_quote(drive);
    g_autofree char *hint =
        g_strdup_printf(_("To try it: qemu-system-x86_64 -m 2G -drive %s"), quoted);
    print_indented(stdout, hint);
}

static void
print_success(const RubCliResult *result)
{
    const RubPlan *plan = result->preview->plan;
    const RubReport *report = result->report;
    g_autofree char *starts_on = rub_facts_name_firmware(
        plan->starts_on_machines, (plan->starts_on & RUB_FIRMWARE_BIOS) != 0);
    const RubLayout *layout = result->preview->layout;
    g_autofree char *name = layout->is_file ? g_strdup(layout->name) : rub_cli_name_target(layout);
    g_autofree char *ready = g_strdup_printf(_("Ready: %s starts on %s"), name, starts_on);
    g_autofree char *shown = rub_cli_make_printable(ready);
    g_autofree char *size = g_format_size(report->copied_bytes);
    g_autofree char *files = plan->mode == RUB_PLAN_RAW ? g_strdup(_("the whole image"))
                                                        : rub_facts_count_files(report->file_count);
    g_autofree char *duration = rub_cli_format_duration(report->seconds);
    g_autofree char *work = g_strdup_printf(_("%s, %s, in %s; %s"), files, size, duration,
                                            report->is_verified ? _("read back and found right")
                                                                : _("not checked: --no-verify"));
    printf("\n%s\n", shown);
    print_indented(stdout, work);
    print_hint(result->preview);
}

static void
finish(RubCliOutput *output, const RubCliResult *result)
{
    RubCliText *self = (RubCliText *) output;
    end_bar(self);
    if (result->report && !result->failure)
        print_success(result);
    if (result->failure && result->left_behind) {
        g_autofree char *left_behind = rub_text_format(result->left_behind, rub_intl_translate);
        print_indented(stderr, left_behind);
    }
    if (result->failure && result->log_path) {
        g_autofree char *path = g_filename_display_name(result->log_path);
        g_autofree char *log = g_strdup_printf(_("Log: %s"), path);
        print_indented(stderr, log);
    }
    fflush(stdout);
}

static void
free_text(RubCliOutput *output)
{
    g_free(output);
}

static const RubCliOutputOps text_ops = {
    .say = say,
    .warn = warn,
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
    .free = free_text,
};

RubCliOutput *
rub_cli_text_new(RubCliCommand command, gboolean is_quiet)
{
    RubCliText *self = g_new0(RubCliText, 1);
    self->parent.ops = &text_ops;
    self->command = command;
    self->shows_progress = !is_quiet && isatty(STDOUT_FILENO) && isatty(STDERR_FILENO);
    return &self->parent;
}
