/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rub-cli-help.h"

#include "rub-cli-intl.h"

#define VERSION_LINE "rescue-usb-builder " RUB_VERSION

static const char help[] =
    "Usage: rescue-usb-builder [ISO]\n"
    "       rescue-usb-builder --create -i ISO -d FILE [--size SIZE] [OPTION]...\n"
    "       rescue-usb-builder --inspect -i ISO [-d FILE] [OPTION]...\n"
    "       rescue-usb-builder --check|--undo -d FILE [OPTION]...\n"
    "\n"
    "Turns a rescue image (an ISO file) into a stick that starts a broken computer, on UEFI and "
    "on\n"
    "BIOS. Without a command it opens the wizard.\n"
    "\n"
    "Commands:\n"
    "  -c, --create          build the stick; everything that is on it is erased, unless --keep\n"
    "      --inspect         show what an image is and what it starts on; with -d also what a\n"
    "                        build would do; writes nothing\n"
    "  -l, --list-devices    list the drives that can be written\n"
    "      --check           read a finished stick again and compare it with what was written\n"
    "      --undo            take a build with --keep off again: its files are removed, what it\n"
    "                        replaced is put back\n"
    "      --boot-test       start a finished stick in an emulator (not available yet)\n"
    "  -h, --help            show this help\n"
    "  -V, --version         show the version\n"
    "\n"
    "Options:\n"
    "  -i, --iso FILE        the rescue image\n"
    "  -d, --device FILE     the target: a disk-image file (real drives are not available yet)\n"
    "      --size SIZE       make the disk-image file, this large: 8G, 512M; K, M, G and T count\n"
    "                        in 1024, KB, MB, GB and TB in 1000\n"
    "      --boot WHAT       what it shall start on: multi (UEFI and BIOS, the default), uefi, "
    "bios\n"
    "      --label TEXT      the name of the stick, up to 11 characters\n"
    "      --filesystem FS   auto or fat32, which are the same for now (ntfs is not available "
    "yet)\n"
    "      --files           copy the files of the image, which is what is done for now\n"
    "      --raw             write the image byte by byte (not available yet)\n"
    "      --keep            keep what is on the stick: the files are added to a FAT32 partition\n"
    "                        that has room, or to a new one in free space\n"
    "      --no-verify       do not read everything back\n"
    "      --log FILE        where the log of a build goes, instead of the folder\n"
    "                        ~/.local/state/rescue-usb-builder\n"
    "      --json            tell programs: one JSON object a line on standard output\n"
    "  -f, --force           do not ask; also so when standard output is no terminal\n"
    "  -q, --quiet           no progress; also so when standard output is no terminal\n"
    "\n"
    "Examples:\n"
    "  rescue-usb-builder --inspect -i rescue.iso\n"
    "  rescue-usb-builder --create -i rescue.iso -d stick.img --size 8G\n"
    "  rescue-usb-builder --create --keep -i rescue.iso -d holiday.img\n"
    "  rescue-usb-builder --check -d holiday.img\n"
    "\n"
    "Exit status: 0 when all went well, 64 when the command cannot be understood, otherwise the\n"
    "code of what stands in the way. The manual lists the codes: man rescue-usb-builder\n"
    "\n" VERSION_LINE "\n"
    "Copyright The Rescue USB Builder authors\n"
    "Licence GPL-3.0-or-later: free software, without any warranty; see\n"
    "<https://www.gnu.org/licenses/gpl-3.0.html>";

const char *
rub_cli_help_get(void)
{
    return _(help);
}

const char *
rub_cli_help_get_version(void)
{
    return VERSION_LINE;
}
