/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rub-cli-help.h"

#include "rub-intl.h"

#define VERSION_LINE "rescue-usb-builder " RUB_VERSION

#define COLUMNS 92
#define DESCRIPTION_COLUMN 24

/* An option as it is typed, and what it does: the one is never translated, the other always. */
typedef struct {
    const char *option;
    const char *description;
} Line;

static const char usage[] =
    "rescue-usb-builder [ISO]\n"
    "       rescue-usb-builder --list-devices\n"
    "       rescue-usb-builder --create -i ISO -d DEVICE [--size SIZE] [OPTION]...\n"
    "       rescue-usb-builder --inspect -i ISO [-d DEVICE] [OPTION]...\n"
    "       rescue-usb-builder --check|--undo|--boot-test -d DEVICE [OPTION]...";

static const Line commands[] = {
    {"-c, --create", N_("build the stick; everything that is on it is erased, unless --keep")},
    {"    --inspect", N_("show what an image is and what it starts on; with -d also what a build "
                         "would do; writes nothing")},
    {"-l, --list-devices", N_("list the USB sticks and memory cards that are plugged in, with the "
                              "numbers by which -d takes them")},
    {"    --check", N_("read a finished stick again and compare it with what was written")},
    {"    --undo", N_("take a build with --keep off again: its files are removed, what it replaced "
                      "is put back")},
    {"    --boot-test",
     N_("start a finished stick in windows of the emulator QEMU, on UEFI and then "
        "on BIOS; writes nothing")},
    {"-h, --help", N_("show this help")},
    {"-V, --version", N_("show the version")},
};

static const Line options[] = {
    {"-i, --iso FILE", N_("the rescue image")},
    {"-d, --device DEVICE",
     N_("the target: a drive, by its number in the list, its node (/dev/sdX) "
        "or its serial number; or a disk-image file")},
    {"    --size SIZE", N_("make the disk-image file, this large: 8G, 512M; K, M, G and T count in "
                           "1024, KB, MB, GB and TB in 1000")},
    {"    --boot WHAT",
     N_("what it shall start on, or be started on: multi (UEFI and BIOS, the default), uefi, bios; "
        "for a drive, uefi needs no administrator's password")},
    {"    --label TEXT", N_("the name of the stick, up to 11 characters")},
    {"    --filesystem FS", N_("fat32; or ntfs, which holds files of any size and starts on BIOS "
                               "only; auto is fat32, unless --keep --boot bios finds NTFS")},
    {"    --files",
     N_("copy the files of the image; images of Windows are written so unless --raw, those of "
        "Linux only if they were not made to be written as they are")},
    {"    --raw", N_("write the image as it is, byte by byte; images of Linux that were made for "
                     "it are written so unless --files or --keep")},
    {"    --keep", N_("keep what is on the stick: the files are added to a FAT32 partition that "
                      "has room, or to a new one in free space; for BIOS alone also to NTFS")},
    {"    --no-verify", N_("do not read everything back")},
    {"    --log FILE", N_("where the log goes, instead of the folder "
                          "~/.local/state/rescue-usb-builder")},
    {"    --json", N_("tell programs: one JSON object a line on standard output")},
    {"-f, --force", N_("do not ask; also so when standard output is no terminal")},
    {"-q, --quiet", N_("no progress; also so when standard output is no terminal")},
};

static const char examples[] =
    "  rescue-usb-builder --inspect -i rescue.iso\n"
    "  rescue-usb-builder --create -i rescue.iso -d 1\n"
    "  rescue-usb-builder --create --boot uefi -i rescue.iso -d /dev/sdX\n"
    "  rescue-usb-builder --create -i rescue.iso -d stick.img --size 8G\n"
    "  rescue-usb-builder --create --keep -i rescue.iso -d holiday.img\n"
    "  rescue-usb-builder --check -d holiday.img\n";

/* Appends a text in lines that fit; those after the first begin at the given column. */
static void
append_wrapped(GString *out, const char *text, guint column)
{
    g_auto(GStrv) words = g_strsplit(text, " ", -1);
    guint at = column;
    for (char **word = words; *word; word++) {
        guint width = (guint) g_utf8_strlen(*word, -1);
        gboolean is_first = word == words;
        if (!is_first && at + 1 + width > COLUMNS) {
            g_string_append_printf(out, "\n%*s", (int) column, "");
            at = column;
        } else if (!is_first) {
            g_string_append_c(out, ' ');
            at++;
        }
        g_string_append(out, *word);
        at += width;
    }
    g_string_append_c(out, '\n');
}

static void
append_paragraph(GString *out, const char *text)
{
    append_wrapped(out, text, 0);
    g_string_append_c(out, '\n');
}

static void
append_lines(GString *out, const char *heading, const Line *lines, gsize count)
{
    g_string_append_printf(out, "%s\n", heading);
    for (gsize i = 0; i < count; i++) {
        g_string_append_printf(out, "  %-*s", DESCRIPTION_COLUMN - 2, lines[i].option);
        append_wrapped(out, _(lines[i].description), DESCRIPTION_COLUMN);
    }
    g_string_append_c(out, '\n');
}

char *
rub_cli_help_make(void)
{
    GString *out = g_string_new(NULL);
    g_string_append_printf(out, "%s %s\n\n", _("Usage:"), usage);
    append_paragraph(out, _("Turns a rescue image (an ISO file) into a stick that starts a broken "
                            "computer, on UEFI and on BIOS. Without a command it opens the "
                            "wizard."));
    append_lines(out, _("Commands:"), commands, G_N_ELEMENTS(commands));
    append_lines(out, _("Options:"), options, G_N_ELEMENTS(options));
    g_string_append_printf(out, "%s\n%s\n", _("Examples:"), examples);
    append_paragraph(out, _("Exit status: 0 when all went well, 64 when the command cannot be "
                            "understood, otherwise the code of what stands in the way. The manual "
                            "lists the codes: man rescue-usb-builder"));
    g_string_append(out, VERSION_LINE "\n");
    g_string_append_printf(out, "%s\n", _("Copyright The Rescue USB Builder authors"));
    append_wrapped(out,
                   _("Licence GPL-3.0-or-later: free software, without any warranty; see "
                     "<https://www.gnu.org/licenses/gpl-3.0.html>"),
                   0);
    g_string_truncate(out, out->len - 1);
    return g_string_free(out, FALSE);
}

const char *
rub_cli_help_get_version(void)
{
    return VERSION_LINE;
}
