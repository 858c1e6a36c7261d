/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rub-cli-text-facts.h"

#include <stdio.h>

#include "plan/rub-catalogue.h"
#include "rub-cli-table.h"
#include "rub-cli-words.h"
#include "rub-facts.h"
#include "rub-intl.h"

#define NAME_COLUMNS 15

/* printf() would count the bytes of a name and not its columns. */
static void
print_fact(const char *name, const char *fact)
{
    g_autofree char *shown = rub_cli_make_printable(fact);
    int padding = MAX(NAME_COLUMNS - (int) rub_cli_count_columns(name), *name ? 1 : 0);
    printf("%s%*s%s\n", name, padding, "", shown);
}

/* Several facts of one name: the name is printed before the first. */
static void
print_facts(const char *name, const GPtrArray *facts)
{
    for (guint i = 0; i < facts->len; i++)
        print_fact(i == 0 ? name : "", g_ptr_array_index((GPtrArray *) facts, i));
}

static void
print_image(const RubImageInfo *info)
{
    g_autofree char *size = g_format_size(info->size_bytes);
    g_autofree char *files = rub_facts_count_files(info->file_count);
    g_autofree char *volume =
        *info->volume_name ? g_strdup_printf(" \"%s\"", info->volume_name) : g_strdup("");
    g_autofree char *image = g_strdup_printf(rub_intl_mark("%s, %s, %s%s, %s"), info->display_name,
                                             size, info->format, volume, files);
    g_autofree char *kind = rub_image_info_describe(info, rub_intl_translate);
    g_autofree char *starts_on = rub_facts_name_image_firmware(info);
    print_fact(_("Image"), image);
    print_fact(_("Kind"), kind);
    print_fact(_("Starts on"), starts_on);
}

static char *
describe_good_loader(const RubUefiLoader *loader)
{
    const RubPeSignature *signature = loader->signature;
    const char *machine = _(rub_machine_get_name(loader->machine));
    if (!signature)
        return g_strdup_printf(rub_intl_mark("%s: %s"), loader->path, machine);
    if (!signature->is_signed)
        return g_strdup_printf(_("%s: %s, not signed"), loader->path, machine);
    g_autoptr(GString) issuers = g_string_new(NULL);
    for (guint i = 0; i < signature->issuers->len; i++)
        g_string_append_printf(issuers, "%s%s", i > 0 ? ", " : "",
                               (const char *) signature->issuers->pdata[i]);
    return g_strdup_printf(_("%s: %s, signed by %s"), loader->path, machine, issuers->str);
}

static char *
describe_loader(const RubUefiLoader *loader)
{
    switch (loader->state) {
    case RUB_LOADER_EMPTY:
        return g_strdup_printf(_("%s: empty"), loader->path);
    case RUB_LOADER_NOT_A_PROGRAM:
        return g_strdup_printf(_("%s: not a whole UEFI program"), loader->path);
    case RUB_LOADER_WRONG_MACHINE:
        return g_strdup_printf(_("%s: for %s, unlike its name"), loader->path,
                               _(rub_machine_get_name(loader->machine)));
    default:
        return describe_good_loader(loader);
    }
}

static void
print_loaders(const RubImageInfo *info)
{
    g_autoptr(GPtrArray) loaders = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < info->uefi_loaders->len; i++)
        g_ptr_array_add(loaders, describe_loader(g_ptr_array_index(info->uefi_loaders, i)));
    print_facts(_("UEFI loaders"), loaders);
}

static void
add_if(GPtrArray *facts, gboolean is_so, const char *fact)
{
    if (is_so)
        g_ptr_array_add(facts, g_strdup(fact));
}

static void
print_needs(const RubImageInfo *info)
{
    RubImageNeeds needs = info->needs;
    g_autoptr(GPtrArray) facts = g_ptr_array_new_with_free_func(g_free);
    add_if(facts, needs & RUB_IMAGE_NEEDS_SPLIT, _("a WIM file over 4 GiB, in parts"));
    add_if(facts, needs & RUB_IMAGE_NEEDS_LARGE_FILES,
           _("files over 4 GiB, which FAT32 cannot hold"));
    add_if(facts, needs & RUB_IMAGE_NEEDS_SYMLINKS, _("symbolic links, which FAT32 does not have"));
    add_if(facts, needs & RUB_IMAGE_NEEDS_EL_TORITO_EFI,
           _("UEFI loaders from inside the boot image of the disc"));
    add_if(facts, facts->len == 0, _("nothing special"));
    print_facts(_("Needs"), facts);
}

static void
print_missing(const RubImageInfo *info)
{
    gboolean is_windows =
        info->kind == RUB_IMAGE_WINDOWS_PE || info->kind == RUB_IMAGE_WINDOWS_SETUP;
    if (!is_windows)
        return;
    print_facts(_("BIOS lacks"), info->bios_missing);
    print_facts(_("UEFI lacks"), info->uefi_missing);
}

/* What matters only to those who look at an image for its own sake. */
static void
print_image_details(const RubImageInfo *info)
{
    g_autofree char *size = g_format_size(info->files_size_bytes);
    g_autofree char *in_files = g_strdup_printf(_("%s in files"), size);
    g_autofree char *folders = g_strdup_printf(
        ngettext("%u folder", "%u folders", info->folder_count), info->folder_count);
    g_autofree char *links =
        g_strdup_printf(ngettext("%u symbolic link", "%u symbolic links", info->symlink_count),
                        info->symlink_count);
    g_autofree char *contents = g_strdup_printf("%s, %s, %s", in_files, folders, links);
    print_facts("Windows", info->windows_names);
    print_loaders(info);
    print_missing(info);
    print_fact(_("Contents"), contents);
    if (info->largest_file_path) {
        g_autofree char *largest_size = g_format_size(info->largest_file_bytes);
        g_autofree char *largest = g_strdup_printf("%s, %s", info->largest_file_path, largest_size);
        print_fact(_("Largest file"), largest);
    }
    print_needs(info);
    if (info->is_hybrid)
        print_fact(_("Hybrid"), _("yes, made to be written to a stick byte by byte, too"));
}

static char *
describe_drive(const RubLayout *layout)
{
    GString *out = g_string_new(NULL);
    if (layout->model && *layout->model)
        g_string_append_printf(out, rub_intl_mark("%s, "), layout->model);
    if (layout->serial && *layout->serial)
        g_string_append_printf(out, _("serial number %s, "), layout->serial);
    return g_string_free(out, FALSE);
}

void
rub_cli_text_print_target(const RubLayout *layout)
{
    g_autofree char *size = g_format_size(layout->size_bytes);
    g_autofree char *contents = rub_cli_describe_contents(layout);
    g_autofree char *drive = describe_drive(layout);
    g_autofree char *target =
        g_strdup_printf(rub_intl_mark("%s%s, %s, %s"), drive, layout->name, size, contents);
    print_fact(_("Target"), target);
    fflush(stdout);
}

static void
print_password(const RubPlan *plan)
{
    g_autofree char *reason =
        plan->password_reason ? rub_text_format(plan->password_reason, rub_intl_translate) : NULL;
    print_fact(_("Password"), reason ? reason : _("none will be asked for"));
}

static void
print_plan(const RubLayout *layout, const RubPlan *plan)
{
    g_autoptr(GPtrArray) lost = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) steps = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) notes = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < plan->lost->len; i++)
        g_ptr_array_add(lost,
                        rub_text_format(g_ptr_array_index(plan->lost, i), rub_intl_translate));
    if (lost->len == 0)
        g_ptr_array_add(lost, g_strdup(_("nothing")));
    for (guint i = 0; i < plan->steps->len; i++) {
        const RubStep *step = g_ptr_array_index(plan->steps, i);
        g_autofree char *text = rub_text_format(step->text, rub_intl_translate);
        g_ptr_array_add(steps, g_strdup_printf("%u. %s", i + 1, text));
    }
    for (guint i = 0; i < plan->notes->len; i++)
        g_ptr_array_add(notes,
                        rub_text_format(g_ptr_array_index(plan->notes, i), rub_intl_translate));
    g_autofree char *secure_boot =
        plan->secure_boot ? rub_text_format(plan->secure_boot, rub_intl_translate) : NULL;
    g_autofree char *starts_on = rub_facts_name_firmware(
        plan->starts_on_machines, (plan->starts_on & RUB_FIRMWARE_BIOS) != 0);
    print_facts(_("Will be lost"), lost);
    print_facts(_("Will happen"), steps);
    print_facts(_("Note"), notes);
    print_fact(_("Will start on"), starts_on);
    if (secure_boot)
        print_fact(_("Secure Boot"), secure_boot);
    if (!layout->is_file)
        print_password(plan);
}

static void
print_findings(const RubCliPreview *preview)
{
    g_autoptr(GPtrArray) findings = rub_cli_preview_get_findings(preview);
    g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < findings->len; i++) {
        const RubFinding *finding = g_ptr_array_index(findings, i);
        g_autofree char *title = rub_cli_lower_first(_(rub_catalogue_get(finding->code)->title));
        g_ptr_array_add(lines, g_strdup_printf(_("%s (code %d)"), title, (int) finding->code));
    }
    if (lines->len == 0)
        g_ptr_array_add(lines, g_strdup(_("none")));
    print_facts(_("Findings"), lines);
}

/* A build that is refused does nothing, so what it would do is left out. */
void
rub_cli_text_print_facts(const RubCliPreview *preview)
{
    if (!preview->info)
        return;
    print_image(preview->info);
    if (!preview->device)
        print_image_details(preview->info);
    if (preview->layout) {
        rub_cli_text_print_target(preview->layout);
        if (!rub_cli_preview_get_obstacle(preview))
            print_plan(preview->layout, preview->plan);
    }
    print_findings(preview);
    fflush(stdout);
}

void
rub_cli_text_print_check(const RubCheckReport *report)
{
    if (report->image_name) {
        g_autofree char *when = rub_cli_format_time(report->created);
        g_autofree char *origin = when ? g_strdup_printf(_("%s on %s"), report->image_name, when)
                                       : g_strdup(report->image_name);
        print_fact(_("Made from"), origin);
    }
    if (report->file_count > 0) {
        g_autofree char *files = rub_facts_count_files(report->file_count);
        g_autofree char *size = g_format_size(report->checked_bytes);
        g_autofree char *work = g_strdup_printf("%s, %s", files, size);
        print_fact(_("Read again"), work);
    }
    if (report->file_count > 0 && !report->is_boot_code_checked)
        print_fact(_("Boot code"), _("not looked at: only an administrator may read the drive "
                                     "itself"));
    if (rub_cli_knows_state(report))
        print_fact(_("State"), rub_cli_describe_state(report->state));
    fflush(stdout);
}

void
rub_cli_text_print_undo(const RubUndoReport *report)
{
    if (report->removed->len > 0) {
        g_autofree char *files = rub_facts_count_files(report->removed->len);
        print_fact(_("Removed"), files);
    }
    print_facts(_("Put back"), report->restored);
    print_facts(_("Changed, stay"), report->stayed);
    print_facts(_("Not put back"), report->missing);
    if (report->is_boot_code_restored)
        print_fact(_("Boot code"), _("the old one is back"));
    if (report->is_partition_removed)
        print_fact(_("Partition"), _("the one that the build made is gone"));
    fflush(stdout);
}
